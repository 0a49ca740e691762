"""Driscoll–Kraay intervals of few periods: critical values that know the bandwidth."""

from scipy import optimize, stats

from digital_clusters.errors import ParameterError

KIEFER_VOGELSANG = (1.9600, 2.9694, 0.4160, -0.5324)
"""97.5 % quantile of t with a Bartlett kernel, a polynomial in b (Kiefer & Vogelsang 2005, table 1)."""


def default_lags(periods: int) -> int:
    """Bandwidth of ``linearmodels`` where none is given: the integer part of 4 (T/100)^(2/9)."""
    return int(4 * (periods / 100) ** (2 / 9))


def fixed_b_critical_value(bandwidth: int, periods: int) -> float:
    """Half-width of a 95 per cent interval in Driscoll–Kraay standard errors, with b = (bandwidth + 1) / T.

    Kernel errors are noisy where the bandwidth is not small beside the number of periods; the limit of t with
    b held fixed has wider quantiles than a normal (Kiefer & Vogelsang 2005), also in panels with fixed
    effects (Vogelsang 2012).

    Parameters
    ----------
    bandwidth : int
        Lags with a positive weight.
    periods : int

    Raises
    ------
    ParameterError
        A bandwidth that is not between 0 and T−1.
    """
    if not 0 <= bandwidth < periods:
        raise ParameterError(f"bandwidth = {bandwidth}: choose between 0 and {periods - 1}")
    b = (bandwidth + 1) / periods
    return sum(weight * b**power for power, weight in enumerate(KIEFER_VOGELSANG))


def fixed_b_degrees(bandwidth: int, periods: int) -> float:
    """Degrees of freedom of Student's t whose 97.5 % quantile is :func:`fixed_b_critical_value`.

    Intervals at other levels are then approximate. Never more than T−1.
    """
    bar = fixed_b_critical_value(bandwidth, periods)
    most = float(periods - 1)
    if stats.t.ppf(0.975, most) >= bar:
        return most
    return float(optimize.brentq(lambda df: stats.t.ppf(0.975, df) - bar, 1.0, most))

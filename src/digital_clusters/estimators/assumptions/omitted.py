"""How strong an omitted variable would have to be, and how strong the observed ones are.

For least squares with fixed effects: robustness values and benchmarks (Cinelli & Hazlett 2020), and
proportional selection (Oster 2019). Effects are removed from everything first, so that an omitted variable is
one that varies within entities and periods.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.panel.arrays import as_matrix
from digital_clusters.estimators.panel.least_squares import WithinPanel, within_panel
from digital_clusters.estimators.units import unit_of

WIDER = 1.3
"""Largest R² that a complete model may have, in that of the model with controls (Oster 2019, section 4.2)."""


@dataclass(frozen=True, eq=False)
class OmittedVariable:
    """What an omitted variable would have to be.

    Attributes
    ----------
    estimate : Estimate
        Treatment, then controls, clustered by entity.
    partial_r2 : float
        Of the treatment with the outcome: a confounder that explains all that is left of the outcome would
        have to explain this share of the treatment to bring the effect to zero.
    robustness_value : float
        Share of what is left of both, treatment and outcome, that a confounder has to explain to bring the
        effect to zero.
    robustness_value_interval : float
        The same to bring zero into the interval of ``estimate``, taking its error as it is.
    benchmarks : pandas.DataFrame, index control
        ``with_treatment``, ``with_outcome``: partial R² of a confounder as strong as that control (times
        ``strength``), and ``adjusted``, the effect that it would leave; NaN where none can be so strong.
    strongest : str
        Control whose like would move the effect most towards zero.
    delta : float
        Selection on unobserved, in that on observed variables, that brings the effect to zero at the largest
        R² of ``1.3 R²`` (Oster 2019); NaN without controls.
    """

    estimate: Estimate
    partial_r2: float
    robustness_value: float
    robustness_value_interval: float
    benchmarks: pd.DataFrame
    strongest: str
    delta: float


def omitted_variable(y, d, x, *, entity, time, terms, strength: float = 1.0, wider: float = WIDER):
    """Sensitivity of a two-way estimate to a variable that is left out.

    Parameters
    ----------
    y, d : array_like, shape (n,)
    x : array_like, shape (n, p)
        Observed controls, at least one.
    entity, time : array_like, shape (n,)
    terms : sequence of str, length 1 + p
    strength : float
        How many times as strong as each control the confounder is.
    wider : float
        Largest R² in that of the regression with controls, at most one.

    Returns
    -------
    OmittedVariable

    Raises
    ------
    ParameterError
        No control, or a strength or width that is not positive.
    DataError
        As :func:`~digital_clusters.estimators.panel.least_squares.within_panel`.
    """
    n = len(np.asarray(y))
    d, x = as_matrix("d", d, n), as_matrix("x", x, n)
    if not x.shape[1] or strength <= 0 or wider < 1:
        raise ParameterError(
            f"{x.shape[1]} controls, strength {strength}, wider {wider}: at least one, above 0, at least 1"
        )
    panel = within_panel(y, np.hstack([d, x]), entity=entity, time=time, terms=tuple(terms))
    equation = panel.fit(panel.y, panel.d, panel.raw.terms)
    estimate = panel.estimate(equation, "two_way_fixed_effects")
    left = _residual(panel.y, panel.d[:, 1:]), _residual(panel.d[:, 0], panel.d[:, 1:])
    squared = float((left[0] @ left[1]) ** 2 / (left[0] @ left[0]) / (left[1] @ left[1]))
    b, error = estimate[terms[0]]
    share = 1 - min(1.0, estimate.critical_value() * error / abs(b))
    benchmarks = _benchmarks(panel, b, strength)
    moved = (benchmarks["adjusted"] / b).fillna(-np.inf)
    return OmittedVariable(
        estimate=estimate,
        partial_r2=squared,
        robustness_value=robustness_value(_cohen(squared)),
        robustness_value_interval=robustness_value(share * _cohen(squared)),
        benchmarks=benchmarks,
        strongest=str(moved.idxmin()),
        delta=_oster(panel, b, wider),
    )


def robustness_value(f: float) -> float:
    """Partial R² with treatment and outcome alike that explains away an effect of partial Cohen's f.

    (√(f⁴ + 4f²) − f²) / 2 (Cinelli & Hazlett 2020, eq. 20); with independent errors f = \\|t\\|/√df.
    """
    return float((np.sqrt(f**4 + 4 * f**2) - f**2) / 2)


def robustness_value_test(t: float, df: float, level: float = 0.05) -> float:
    """Robustness value of a rejection at ``level`` with independent errors (Cinelli & Hazlett 2020, eq. 21).

    Zero where the test does not reject.
    """
    f = abs(t) / np.sqrt(df) - stats.t.ppf(1 - level / 2, df - 1) / np.sqrt(df - 1)
    return robustness_value(max(0.0, float(f)))


def bias_bound(error: float, df: float, with_treatment: float, with_outcome: float) -> float:
    """Largest bias that a confounder of these partial R² can bring (Cinelli & Hazlett 2020, eq. 14).

    Parameters
    ----------
    error, df : float
        Standard error under independent errors, and its degrees of freedom.
    with_treatment, with_outcome : float
        Partial R² of the confounder, given controls, and given treatment and controls.
    """
    return float(error * np.sqrt(df) * np.sqrt(with_outcome * with_treatment / (1 - with_treatment)))


def _cohen(partial_r2: float) -> float:
    return float(np.sqrt(partial_r2 / (1 - partial_r2)))


def _benchmarks(panel: WithinPanel, b: float, k: float) -> pd.DataFrame:
    """Bounds of section 4.4 of Cinelli & Hazlett (2020): a confounder orthogonal to the controls."""
    columns, y = panel.d, panel.y
    d, x = columns[:, 0], columns[:, 1:]
    rest = _residual(np.column_stack([y, d]), x)
    scale = np.linalg.norm(_residual(rest[:, 0], rest[:, 1:])) / np.linalg.norm(rest[:, 1])
    rows = []
    for j in range(x.shape[1]):
        others = np.delete(x, j, axis=1)
        of_d = _partial_r2(d, x[:, j], others)
        of_y = _partial_r2(y, x[:, j], np.column_stack([d, others]))
        with_d = k * of_d / (1 - of_d)
        overlap = k * of_d**2 / ((1 - k * of_d) * (1 - of_d)) if k * of_d < 1 else np.nan
        if not (with_d < 1 and 0 <= overlap < 1):
            rows.append((np.nan, np.nan, np.nan))
            continue
        eta = (np.sqrt(k) + np.sqrt(overlap)) / np.sqrt(1 - overlap)
        with_y = min(1.0, eta**2 * of_y / (1 - of_y))
        rows.append((with_d, with_y, b - np.sign(b) * bias_bound(scale, 1.0, with_d, with_y)))
    names = pd.Index(panel.raw.terms[1:], name="control")
    return pd.DataFrame(rows, names, columns=["with_treatment", "with_outcome", "adjusted"])


def _partial_r2(y: np.ndarray, z: np.ndarray, x: np.ndarray) -> float:
    left = _residual(np.column_stack([y, z]), x)
    return float((left[:, 0] @ left[:, 1]) ** 2 / (left[:, 0] @ left[:, 0]) / (left[:, 1] @ left[:, 1]))


def _oster(panel: WithinPanel, b: float, wider: float) -> float:
    """δ of a zero effect: the exact ratio of Oster (2019), proposition 2 solved for δ."""
    y, d, x = panel.y, panel.d[:, 0], panel.d[:, 1:]
    short = float(d @ y / (d @ d))
    total = float(y @ y)
    if total <= 0:
        raise DataError("the outcome does not vary once effects are removed")
    r_short = 1 - float(np.sum((y - short * d) ** 2)) / total
    r_long = 1 - float(np.sum(_residual(y, panel.d) ** 2)) / total
    r_max = min(1.0, wider * r_long)
    of_d, left = float(d @ d), float(np.sum(_residual(d, x) ** 2))
    gap, gained, missing = short - b, (r_long - r_short) * total, (r_max - r_long) * total
    numerator = b * gained * left + b * of_d * left * gap**2 + 2 * b**2 * left * gap * of_d
    numerator += b**3 * (left * of_d - left**2)
    denominator = missing * gap * of_d + b * missing * (of_d - left) + b**2 * left * gap * of_d
    denominator += b**3 * (left * of_d - left**2)
    return float(numerator / denominator) if denominator else float("nan")


def _residual(columns: np.ndarray, x: np.ndarray) -> np.ndarray:
    if not x.shape[1]:
        return columns
    x = x / unit_of(x)
    return columns - x @ np.linalg.lstsq(x, columns, rcond=None)[0]

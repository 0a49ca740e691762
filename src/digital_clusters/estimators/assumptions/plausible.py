"""An instrument that may have an effect of its own (Conley, Hansen & Rossi 2012)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize

from digital_clusters.errors import ParameterError
from digital_clusters.estimators.panel.instrumental import InstrumentalEstimate

SHARES = (0.0, 0.1, 0.25, 0.5)
"""Own effect of the instrument, in the reduced form."""


@dataclass(frozen=True, eq=False)
class PlausibleExogeneity:
    """Two-stage least squares without the exclusion restriction.

    Attributes
    ----------
    table : pandas.DataFrame
        ``share`` of the reduced form that the instrument's own effect may be, in absolute value; ``low`` and
        ``high``, the union of intervals.
    breakdown : float
        Smallest share at which the union holds zero; zero where the interval under exclusion does.
    """

    table: pd.DataFrame
    breakdown: float


def plausible_exogeneity(
    found: InstrumentalEstimate, *, shares=SHARES, level: float = 0.95
) -> PlausibleExogeneity:
    """Union of the intervals over every own effect up to a share of the reduced form, one instrument.

    With own effect g the estimate is (ρ − g) / π, ρ and π the coefficients of the instrument on outcome and
    treatment; its error follows from their joint covariance (Conley, Hansen & Rossi 2012, section 3.1).

    Parameters
    ----------
    found : InstrumentalEstimate
    shares : sequence of float
        Not negative.
    level : float

    Raises
    ------
    ParameterError
        Several instruments, a negative share, or a level outside (0, 1).
    """
    joint = found.anderson_rubin
    if len(joint.outcome_slopes) != 1:
        raise ParameterError(f"{len(joint.outcome_slopes)} instruments: the bounds are for one")
    if min(shares, default=0) < 0 or not 0 < level < 1:
        raise ParameterError("a share cannot be negative, and a level lies between 0 and 1")
    critical = found.estimate.critical_value(level)

    def union(share: float) -> tuple[float, float]:
        reach = share * abs(joint.outcome_slopes[0])
        ends = [_interval(joint, own, critical) for own in np.linspace(-reach, reach, 41)]
        return min(low for low, _ in ends), max(high for _, high in ends)

    def margin(share: float) -> float:
        low, high = union(share)
        return max(low, -high)

    table = pd.DataFrame([(share, *union(share)) for share in shares], columns=["share", "low", "high"])
    # an own effect of the whole reduced form leaves an estimate of zero
    breakdown = 0.0 if margin(0.0) <= 0 else float(optimize.brentq(margin, 0.0, 1.0, xtol=1e-5))
    return PlausibleExogeneity(table, breakdown)


def _interval(joint, own: float, critical: float) -> tuple[float, float]:
    slope, effect = joint.treatment_slopes[0], (joint.outcome_slopes[0] - own) / joint.treatment_slopes[0]
    direction = np.array([1.0, -effect])
    error = np.sqrt(direction @ joint.covariance @ direction) / abs(slope)
    return effect - critical * error, effect + critical * error

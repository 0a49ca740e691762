"""Effects of adoption where trends may deviate as much after it as before it (Rambachan & Roth 2023)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, special

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.estimate import Estimate

MAGNITUDES = (0.0, 0.5, 1.0, 1.5, 2.0)
"""How large a change of the deviation may be after adoption, in the largest before it."""

_FARTHEST = 100.0
"""Magnitude up to which a breakdown value is looked for."""

_SOLVED = 1e-12
"""Newton step at which a critical value, which is near 2, is found."""


@dataclass(frozen=True, eq=False)
class HonestBounds:
    """What is left of an effect at each relative magnitude.

    Attributes
    ----------
    table : pandas.DataFrame
        magnitude; set_low, set_high (estimated identified set); low, high (confidence set).
    effect : Estimate
        Term ``mean``: the mean effect under parallel trends.
    breakdown : float
        Largest magnitude whose confidence set leaves out zero; zero if even parallel trends do not leave it
        out, infinite if none up to 100 holds it.
    largest_before : float
        Largest change between neighbouring periods before adoption, in absolute value.
    """

    table: pd.DataFrame
    effect: Estimate
    breakdown: float
    largest_before: float


def relative_magnitudes(
    estimate: Estimate,
    *,
    before: int,
    after: int,
    magnitudes: Sequence[float] = MAGNITUDES,
    level: float = 0.95,
) -> HonestBounds:
    """Bounds of the mean effect where the deviation from parallel trends is bounded by what precedes
    adoption.

    With ``δ`` the deviation, Δ^RM(M̄) says |δ(t+1) − δ(t)| ≤ M̄ max |δ(s+1) − δ(s)|, t from adoption on and s
    before it (Rambachan & Roth 2023, section 2.4.1). The mean of the effects over periods 0, …, a − 1 then
    lies within M̄ c max|D| of its estimate, D the changes before adoption and c = (a + 1)/2. The confidence
    set is the union over D and its sign of tests of the two inequalities that this puts on the mean, at the
    least favourable critical value of Andrews, Roth & Pakes (2023): it covers whichever change is the
    largest, in a normal model with known covariance, and is wider than their conditional test.

    Parameters
    ----------
    estimate : Estimate
        Of relative periods as text, the period before adoption omitted:
        :attr:`~digital_clusters.estimators.did.staggered.GroupTimeEffects.relative` with a universal base, or
        an event study without a bin among the periods that are used.
    before : int
        Periods −before, …, −2 are used; at least two.
    after : int
        The mean is over periods 0, …, after − 1.
    magnitudes : sequence of float
        Not negative.
    level : float

    Raises
    ------
    ParameterError
        Fewer than two periods before, none after, a negative magnitude, or a period that is not a term.
    DataError
        A variance of those periods is missing or zero.

    Examples
    --------
    >>> import digital_clusters as dc
    >>> panel = dc.city_panel("twin").complete("misallocation")
    >>> path = dc.group_time(panel, "misallocation", adoption="delta_council_year", base="universal").relative
    >>> found = dc.relative_magnitudes(path, before=5, after=4)
    >>> 0 < found.breakdown < 1
    True
    """
    if before < 2 or after < 1:
        raise ParameterError(f"before = {before}, after = {after}: choose at least 2 and 1")
    if min(magnitudes, default=0) < 0:
        raise ParameterError("a relative magnitude cannot be negative")
    problem = _problem(estimate, before, after)
    rows = []
    for m in magnitudes:
        reach = m * problem.amplifies * float(np.abs(problem.changes).max())
        low, high = problem.interval(m, level)
        rows.append((m, problem.mean - reach, problem.mean + reach, low, high))
    table = pd.DataFrame(rows, columns=["magnitude", "set_low", "set_high", "low", "high"])
    effect = Estimate(
        ("mean",),
        [problem.mean],
        [[problem.covariance[0, 0]]],
        n_observations=estimate.n_observations,
        n_clusters=estimate.n_clusters,
        method=estimate.method,
        errors=estimate.errors,
    )
    largest = float(np.abs(problem.changes).max())
    return HonestBounds(table, effect, _breakdown(problem, level), largest)


@dataclass(frozen=True, eq=False)
class _Problem:
    """Mean effect and the changes before adoption, jointly normal: ``covariance`` is of (mean, changes)."""

    mean: float
    changes: np.ndarray
    covariance: np.ndarray
    amplifies: float

    def interval(self, magnitude: float, level: float) -> tuple[float, float]:
        """Union over the changes and their signs of the intervals of the two-sided tests."""
        k = np.outer([1.0, -1.0], np.full(len(self.changes), magnitude * self.amplifies))
        allowed = k * self.changes
        v, c, w = self.covariance[0, 0], self.covariance[0, 1:], np.diag(self.covariance)[1:]
        above, below = np.sqrt(v + 2 * k * c + k**2 * w), np.sqrt(v - 2 * k * c + k**2 * w)
        critical = _critical_values(np.clip((k**2 * w - v) / (above * below), -1, 1), level)
        low = self.mean - allowed - critical * below
        high = self.mean + allowed + critical * above
        kept = low <= high
        return float(low[kept].min()), float(high[kept].max())


def _problem(estimate: Estimate, before: int, after: int) -> _Problem:
    """The mean and the changes as linear functions of the path; the omitted period −1 is zero."""
    early = [estimate.position(str(-p)) for p in range(before, 1, -1)]
    late = [estimate.position(str(p)) for p in range(after)]
    rows = np.zeros((1 + len(early), len(estimate.terms)))
    rows[0, late] = 1 / after
    for j, place in enumerate(early, start=1):
        rows[j, place] -= 1
        if j < len(early):
            rows[j, early[j]] += 1
    covariance = rows @ estimate.covariance @ rows.T
    if not (np.diag(covariance) > 0).all():
        raise DataError("a variance of the periods that are used is missing or zero: take fewer periods")
    values = rows @ estimate.coefficients
    return _Problem(float(values[0]), values[1:], covariance, (after + 1) / 2)


def _critical_values(correlation: np.ndarray, level: float) -> np.ndarray:
    """c with P(max(Z1, Z2) ≤ c) = level for two standard normals of each correlation.

    The probability is Φ(c) − 2 T(c, √((1 − ρ) / (1 + ρ))), T Owen's function (Owen 1956), and its derivative
    2 φ(c) Φ(c √((1 − ρ) / (1 + ρ))).
    """
    # at a correlation of −1, where the root is infinite, T is the same to the last digit
    slope = np.sqrt((1 - correlation) / np.maximum(1 + correlation, 1e-12))
    c = np.full_like(slope, special.ndtri(0.5 + level / 2))
    step = np.ones_like(c)
    while np.abs(step).max() > _SOLVED:
        missing = special.ndtr(c) - 2 * special.owens_t(c, slope) - level
        step = missing / (2 * np.exp(-(c**2) / 2) / np.sqrt(2 * np.pi) * special.ndtr(c * slope))
        c = c - step
    return c


def _breakdown(problem: _Problem, level: float) -> float:
    def margin(m: float) -> float:
        """Distance of zero from the confidence set; negative inside."""
        low, high = problem.interval(m, level)
        return max(low, -high)

    if margin(0.0) <= 0:
        return 0.0
    if margin(_FARTHEST) > 0:
        return float("inf")
    return float(optimize.brentq(margin, 0.0, _FARTHEST, xtol=1e-4))

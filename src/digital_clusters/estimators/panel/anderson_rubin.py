"""Anderson–Rubin test and its confidence set, in closed form for any number of instruments.

Under a true effect θ the instruments do not enter a regression of y − θd. With their coefficients γ (on
y) and π (on d), g(θ) = γ − θπ and V(θ) its covariance, the test is AR(θ) = g'V⁻¹g (Anderson & Rubin 1949),
and the set holds every θ with AR(θ) ≤ c. By the matrix determinant lemma AR(θ) = c exactly where
det(c V(θ) − g g') = 0, a quadratic eigenvalue problem in θ: the ends of the set are its real roots, without a
grid.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import linalg, stats

from digital_clusters.estimators.wald import WaldTest, quadratic_test

SetShape = Literal["interval", "ray", "complement", "union", "line", "empty"]
"""``complement``: of a bounded interval, two rays. ``union``: other sets of several pieces."""

REAL = 1e-6
"""Imaginary part of a root, relative to its size, below which it is tried as an end of the set."""


@dataclass(frozen=True, eq=False)
class AndersonRubin:
    """Weak-instrument-robust inference on one effect.

    Attributes
    ----------
    zero : WaldTest
        Of no effect.
    level : float
    intervals : tuple of (float, float)
        The confidence set in ascending pieces; ends may be infinite.
    shape : {'interval', 'ray', 'complement', 'union', 'line', 'empty'}
        ``line`` says the data do not bound the effect; ``empty`` (several instruments only) that no effect
        agrees with all instruments.
    outcome_slopes, treatment_slopes : numpy.ndarray, shape (q,)
        γ and π.
    covariance : numpy.ndarray, shape (2q, 2q)
        Of γ, then π.
    degrees_of_freedom : float or None
        Of the F distribution in the denominator; ``None`` means χ².
    """

    zero: WaldTest
    level: float
    intervals: tuple[tuple[float, float], ...]
    shape: SetShape
    outcome_slopes: np.ndarray
    treatment_slopes: np.ndarray
    covariance: np.ndarray
    degrees_of_freedom: float | None

    def test(self, effect: float) -> WaldTest:
        """Test of any value of the effect."""
        gap, covariance = _moments(self.outcome_slopes, self.treatment_slopes, self.covariance, effect)
        return quadratic_test(gap, covariance, self.degrees_of_freedom)

    def contains(self, effect: float) -> bool:
        """Whether a value lies in the confidence set."""
        return any(low <= effect <= high for low, high in self.intervals)


def invert_anderson_rubin(
    outcome_slopes: np.ndarray,
    treatment_slopes: np.ndarray,
    covariance: np.ndarray,
    *,
    degrees_of_freedom: float | None,
    level: float = 0.95,
) -> AndersonRubin:
    """Confidence set from the coefficients of the instruments in the two reduced forms.

    Parameters
    ----------
    outcome_slopes, treatment_slopes : numpy.ndarray, shape (q,)
    covariance : numpy.ndarray, shape (2q, 2q)
        Joint, of outcome slopes, then treatment slopes.
    degrees_of_freedom : float or None
    level : float

    Raises
    ------
    ParameterError
        Instruments whose coefficients have a singular covariance.
    """
    gamma, pi = np.asarray(outcome_slopes, dtype=float), np.asarray(treatment_slopes, dtype=float)
    q = len(gamma)
    bar = _critical_value(q, degrees_of_freedom, level)
    of_gamma, of_pi, unit = _units(gamma, pi, covariance)
    scale = np.concatenate([of_gamma, of_pi])
    scaled = covariance / np.outer(scale, scale)
    roots = _roots(gamma / of_gamma, pi / of_pi, scaled, bar)

    def inside(effect: float) -> bool:
        gap, spread = _moments(gamma / of_gamma, pi / of_pi, scaled, effect)
        return bool(gap @ np.linalg.solve(spread, gap) <= bar)

    intervals = tuple((float(low * unit), float(high * unit)) for low, high in _pieces(roots, inside))
    zero = quadratic_test(gamma, covariance[:q, :q], degrees_of_freedom)
    return AndersonRubin(zero, level, intervals, _shape(intervals), gamma, pi, covariance, degrees_of_freedom)


def _units(gamma, pi, covariance) -> tuple[np.ndarray, np.ndarray, float]:
    """Units of γ, of π and of θ in which slopes and their errors are of one size, and roots of order one.

    Each instrument has its own unit and θ one for all. Slopes are counted beside errors because a treatment
    that instruments itself has a first stage without error.
    """
    q = len(gamma)
    sizes = np.sqrt(np.diag(covariance) + np.concatenate([gamma, pi]) ** 2)
    of_gamma = np.exp2(np.rint(np.log2(sizes[:q])))
    relative = np.sum((sizes[:q] / of_gamma) ** 2) / np.sum((sizes[q:] / of_gamma) ** 2)
    unit = float(np.sqrt(relative))
    return of_gamma, of_gamma / unit, unit


def _moments(gamma, pi, covariance, effect: float) -> tuple[np.ndarray, np.ndarray]:
    """g(θ) and V(θ)."""
    q = len(gamma)
    yy, yd, dd = covariance[:q, :q], covariance[:q, q:], covariance[q:, q:]
    return gamma - effect * pi, yy - effect * (yd + yd.T) + effect**2 * dd


def _critical_value(q: int, degrees_of_freedom: float | None, level: float) -> float:
    if degrees_of_freedom is None:
        return float(stats.chi2.ppf(level, q))
    return float(q * stats.f.ppf(level, q, degrees_of_freedom))


def _roots(gamma, pi, covariance, bar: float) -> np.ndarray:
    """Candidates θ with det(A₀ + θ A₁ + θ² A₂) = 0, ascending, from the companion pencil."""
    q = len(gamma)
    yy, yd, dd = covariance[:q, :q], covariance[:q, q:], covariance[q:, q:]
    a0 = bar * yy - np.outer(gamma, gamma)
    a1 = -bar * (yd + yd.T) + np.outer(gamma, pi) + np.outer(pi, gamma)
    a2 = bar * dd - np.outer(pi, pi)
    zero, one = np.zeros((q, q)), np.eye(q)
    left = np.block([[zero, one], [-a0, -a1]])
    right = np.block([[one, zero], [zero, a2]])
    roots = linalg.eigvals(left, right)
    roots = roots[np.isfinite(roots)]
    return np.sort(roots.real[np.abs(roots.imag) <= REAL * np.maximum(np.abs(roots), 1)])


def _pieces(roots: np.ndarray, inside) -> list[tuple[float, float]]:
    """Maximal intervals between candidate ends on which ``inside`` holds."""
    ends = [-np.inf, *(float(root) for root in np.unique(roots)), np.inf]
    out: list[tuple[float, float]] = []
    for low, high in zip(ends[:-1], ends[1:], strict=True):
        if not inside(_between(low, high)):
            continue
        if out and out[-1][1] == low:
            low = out.pop()[0]
        out.append((low, high))
    return out


def _between(low: float, high: float) -> float:
    if np.isinf(low) and np.isinf(high):
        return 0.0
    if np.isinf(low):
        return high - 1 - abs(high)
    return low + 1 + abs(low) if np.isinf(high) else (low + high) / 2


def _shape(intervals: tuple[tuple[float, float], ...]) -> SetShape:
    if not intervals:
        return "empty"
    open_left, open_right = np.isinf(intervals[0][0]), np.isinf(intervals[-1][1])
    if len(intervals) == 1:
        return {0: "interval", 1: "ray", 2: "line"}[int(open_left) + int(open_right)]
    return "complement" if len(intervals) == 2 and open_left and open_right else "union"

"""Ratios of coefficients, with intervals by the delta method and by Fieller (1954)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.estimate import Estimate

Shape = Literal["bounded", "half_line", "two_rays", "whole_line"]
"""Of a confidence set; ``two_rays`` is everything but an open interval."""


@dataclass(frozen=True)
class ConfidenceSet:
    """A set of values that a test does not reject.

    It holds the estimate of the ratio, so it is never empty. It is bounded only where the denominator
    differs from zero at the level of the test.

    Attributes
    ----------
    shape : {'bounded', 'half_line', 'two_rays', 'whole_line'}
    pieces : tuple of (float, float)
        Closed intervals in ascending order, with infinite ends where the set has none.
    level : float
    """

    shape: Shape
    pieces: tuple[tuple[float, float], ...]
    level: float

    @property
    def interval(self) -> tuple[float, float]:
        """The ends of a bounded set; minus and plus infinity for any other."""
        return self.pieces[0] if self.shape == "bounded" else (-np.inf, np.inf)

    def __contains__(self, value: float) -> bool:
        return any(low <= value <= high for low, high in self.pieces)

    def __str__(self) -> str:
        if self.shape == "bounded":
            return "[{:.4g}, {:.4g}]".format(*self.pieces[0])
        if self.shape == "two_rays":
            return f"up to {self.pieces[0][1]:.4g} and from {self.pieces[1][0]:.4g}"
        if self.shape == "whole_line":
            return "unbounded: every value"
        low, high = self.pieces[0]
        return f"up to {high:.4g}" if np.isinf(low) else f"from {low:.4g}"


@dataclass(frozen=True, eq=False)
class Ratio:
    """A ratio of coefficients with two confidence sets.

    Attributes
    ----------
    value : float
    standard_error : float
        By the delta method.
    delta : (float, float)
        Symmetric interval; too short where the denominator is uncertain.
    fieller : ConfidenceSet
        By inverting the test that numerator − value · denominator is zero; may be unbounded.
    level : float
    """

    value: float
    standard_error: float
    delta: tuple[float, float]
    fieller: ConfidenceSet
    level: float


def ratio_set(
    numerator: float, denominator: float, covariance, *, critical_value: float, level: float
) -> ConfidenceSet:
    """Ratios r for which numerator − r · denominator does not differ from zero.

    The set is the solution of (N − rD)² ≤ c² (V_NN − 2r V_ND + r² V_DD), a quadratic inequality in r.

    Parameters
    ----------
    numerator, denominator : float
        Estimates; the denominator is not zero.
    covariance : array_like, shape (2, 2)
        Of numerator and denominator.
    critical_value : float
        c, of a two-sided interval at ``level``.
    level : float
        Written into the result.

    Raises
    ------
    DataError
        A denominator of zero, or a covariance that is missing or has a negative variance.
    """
    v = np.asarray(covariance, dtype=float)
    if denominator == 0:
        raise DataError("the denominator is exactly zero: the ratio does not exist")
    if not np.isfinite(v).all() or (np.diag(v) < 0).any():
        raise DataError("the covariance of numerator and denominator must be finite, with variances ≥ 0")
    c2 = critical_value**2
    a = 1 - c2 * v[1, 1] / denominator**2
    centre = numerator / denominator
    # with r = centre + s: a s² + 2 b s − e ≤ 0, and e ≥ 0 as the set holds s = 0
    b = c2 * (v[0, 1] - centre * v[1, 1]) / denominator**2
    e = c2 * max(v[0, 0] - 2 * centre * v[0, 1] + centre**2 * v[1, 1], 0.0) / denominator**2
    return ConfidenceSet(*_solve(a, b, e, centre), level)


def coefficient_ratio(estimate: Estimate, parts: np.ndarray, gradients: np.ndarray, level: float) -> Ratio:
    """A ratio of two functions of the coefficients.

    Parameters
    ----------
    estimate : Estimate
    parts : numpy.ndarray, shape (2,)
        Numerator and denominator at the estimate.
    gradients : numpy.ndarray, shape (2, k)
        Of both, in the coefficients. Where the two are linear the Fieller set is exact for normal
        coefficients, elsewhere a first-order approximation.
    level : float

    Raises
    ------
    ParameterError
        A level outside (0, 1).
    DataError
        A denominator of exactly zero.
    """
    if not 0 < level < 1:
        raise ParameterError(f"level = {level}: choose a number between 0 and 1")
    top, bottom = (float(part) for part in parts)
    if bottom == 0:
        raise DataError("the denominator is exactly zero: the ratio does not exist")
    covariance = gradients @ estimate.covariance @ gradients.T
    value = top / bottom
    slope = np.array([1.0, -value]) / bottom
    error = float(np.sqrt(slope @ covariance @ slope))
    critical = estimate.critical_value(level)
    return Ratio(
        value=value,
        standard_error=error,
        delta=(value - critical * error, value + critical * error),
        fieller=ratio_set(top, bottom, covariance, critical_value=critical, level=level),
        level=level,
    )


def combinations(estimate: Estimate, *rows: Sequence[tuple[str, float]]) -> np.ndarray:
    """Weights of linear combinations of the coefficients, shape (rows, k), from pairs of term and weight.

    Raises
    ------
    ParameterError
        A name that is not a term.
    """
    out = np.zeros((len(rows), len(estimate.terms)))
    for weights, row in zip(out, rows, strict=True):
        for term, weight in row:
            (name,) = known_terms(estimate, term)
            weights[estimate.terms.index(name)] += weight
    return out


def known_terms(estimate: Estimate, *names: str) -> tuple[str, ...]:
    """``names``, if every one is a term; else a :class:`ParameterError` that lists the terms."""
    for name in names:
        if name not in estimate.terms:
            raise ParameterError(
                f"'{name}' is not a term of this estimate; it has: {', '.join(estimate.terms)}"
            )
    return names


def _solve(a: float, b: float, e: float, centre: float) -> tuple[Shape, tuple[tuple[float, float], ...]]:
    """Solution of a s² + 2 b s − e ≤ 0 with e ≥ 0, shifted by ``centre``."""
    inside = b**2 + a * e
    if a > 0:
        low, high = _roots(a, b, e, inside)
        return "bounded", ((centre + low, centre + high),)
    if a < 0 and inside > 0:
        low, high = _roots(a, b, e, inside)
        return "two_rays", ((-np.inf, centre + low), (centre + high, np.inf))
    if a == 0 and b != 0:
        edge = centre + e / (2 * b)
        return "half_line", ((-np.inf, edge) if b > 0 else (edge, np.inf),)
    return "whole_line", ((-np.inf, np.inf),)


def _roots(a: float, b: float, e: float, inside: float) -> tuple[float, float]:
    """Both roots in ascending order, without the difference of two near numbers."""
    q = -(b + np.copysign(np.sqrt(inside), b))
    if q == 0:
        return 0.0, 0.0
    return tuple(sorted((float(q / a), float(-e / q))))

"""Turning point of a quadratic effect b1 c + b2 c²: where, and whether within the range.

The scale of c is the one the terms were built with (centred, if they were).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from digital_clusters.errors import ParameterError
from digital_clusters.estimators.curves.ratios import Ratio, coefficient_ratio, combinations
from digital_clusters.estimators.estimate import Estimate

Curve = Literal["u", "inverted_u"]
"""Falling then rising, or rising then falling."""


@dataclass(frozen=True, eq=False)
class UTest:
    """The joint test of a U shape over a range (Sasabuchi 1980; Lind & Mehlum 2010).

    Attributes
    ----------
    curve : {'u', 'inverted_u'}
        By the sign of the estimated curvature: the alternative. The null hypothesis is a monotone or an
        oppositely bent curve over the range.
    ends, slopes, standard_errors, t : (float, float)
        Range of c; slope b1 + 2 b2 c at its two ends, its standard error and its t.
    turning_point : float
    inside : bool
        Whether the turning point is strictly within the range.
    overall_t, overall_p : float or None
        The smaller of the two t without their signs and its one-sided p, which is the larger one; ``None``
        where the turning point is outside the range: one slope then has the wrong sign and no level rejects.
    """

    curve: Curve
    ends: tuple[float, float]
    slopes: tuple[float, float]
    standard_errors: tuple[float, float]
    t: tuple[float, float]
    turning_point: float
    inside: bool
    overall_t: float | None
    overall_p: float | None


def turning_point(estimate: Estimate, *, linear: str, square: str, level: float = 0.95) -> Ratio:
    """−b1 / (2 b2) with a delta-method and a Fieller interval.

    Parameters
    ----------
    estimate : Estimate
    linear, square : str
        Terms of c and c².
    level : float

    Raises
    ------
    ParameterError
        A name that is not a term, or a level outside (0, 1).
    DataError
        The coefficient of the square is exactly zero.

    Examples
    --------
    >>> import digital_clusters as dc
    >>> panel = dc.city_panel("twin").complete("misallocation", "coagglomeration")
    >>> curve = dc.two_way(panel, "misallocation", ["coagglomeration", "coagglomeration^2"])
    >>> names = {"linear": "coagglomeration", "square": "coagglomeration^2"}
    >>> point = dc.turning_point(curve, **names)
    >>> slope, bend = curve.coefficients
    >>> bool(abs(point.value + slope / (2 * bend)) < 1e-6)
    True
    """
    weights = combinations(estimate, [(linear, -1.0)], [(square, 2.0)])
    return coefficient_ratio(estimate, weights @ estimate.coefficients, weights, level)


def u_test(estimate: Estimate, *, linear: str, square: str, low: float, high: float) -> UTest:
    """Whether the curve rises at one end of a range and falls at the other.

    Parameters
    ----------
    estimate : Estimate
    linear, square : str
    low, high : float
        Range of c, usually its smallest and largest value in the sample.

    Raises
    ------
    ParameterError
        A name that is not a term, or ``low`` is not below ``high``.
    DataError
        The coefficient of the square is exactly zero.

    Examples
    --------
    >>> import digital_clusters as dc
    >>> panel = dc.city_panel("twin").complete("misallocation", "coagglomeration")
    >>> curve = dc.two_way(panel, "misallocation", ["coagglomeration", "coagglomeration^2"])
    >>> names = {"linear": "coagglomeration", "square": "coagglomeration^2"}
    >>> dc.u_test(curve, **names, low=1.0, high=4.0).curve
    'u'
    """
    if not low < high:
        raise ParameterError(f"low = {low}, high = {high}: the range must have a length")
    weights = combinations(estimate, *([(linear, 1.0), (square, 2.0 * end)] for end in (low, high)))
    slopes = weights @ estimate.coefficients
    errors = np.sqrt(np.einsum("ij,jk,ik->i", weights, estimate.covariance, weights))
    bend, _ = estimate[square]
    point = turning_point(estimate, linear=linear, square=square).value
    inside = low < point < high
    t = slopes / errors
    overall = float(np.abs(t).min()) if inside else None
    return UTest(
        curve="u" if bend > 0 else "inverted_u",
        ends=(float(low), float(high)),
        slopes=tuple(slopes.tolist()),
        standard_errors=tuple(errors.tolist()),
        t=tuple(t.tolist()),
        turning_point=point,
        inside=inside,
        overall_t=overall,
        overall_p=_upper_tail(overall, estimate.degrees_of_freedom) if inside else None,
    )


def _upper_tail(t: float, degrees_of_freedom: float | None) -> float:
    return float(stats.norm.sf(t) if degrees_of_freedom is None else stats.t.sf(t, degrees_of_freedom))

"""How a moderator moves a turning point: b1 c + b2 c² + b4 c z + b5 c² z (Haans, Pieters & He 2016).

The scales of c and z are those the terms were built with (centred, if they were).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from digital_clusters.errors import DataError
from digital_clusters.estimators.curves.ratios import (
    ConfidenceSet,
    Ratio,
    coefficient_ratio,
    combinations,
    known_terms,
)
from digital_clusters.estimators.curves.turning_points import turning_point
from digital_clusters.estimators.estimate import Estimate


@dataclass(frozen=True, eq=False)
class TurningPath:
    """Turning point at each value of a moderator; arrays have shape (m,), intervals are pointwise.

    Attributes
    ----------
    moderator, value, standard_errors : numpy.ndarray
    delta_lower, delta_upper : numpy.ndarray
    fieller : tuple of ConfidenceSet, length m
    curvature : numpy.ndarray
        b2 + b5 z: where it changes sign the curve turns over and the turning point goes to infinity.
    level : float
    """

    moderator: np.ndarray
    value: np.ndarray
    standard_errors: np.ndarray
    delta_lower: np.ndarray
    delta_upper: np.ndarray
    fieller: tuple[ConfidenceSet, ...]
    curvature: np.ndarray
    level: float


def curve_at(
    estimate: Estimate,
    moderator: float,
    *,
    linear: str,
    square: str,
    interaction: str,
    square_interaction: str | None = None,
) -> Estimate:
    """The curve of c at one value z of the moderator: an estimate with the terms ``linear`` and ``square``.

    Its coefficients are b1 + b4 z and b2 + b5 z, so :func:`turning_point` and :func:`u_test` apply to it.

    Parameters
    ----------
    estimate : Estimate
    moderator : float
        z.
    linear, square, interaction : str
        Terms of c, c² and c z.
    square_interaction : str, optional
        Term of c² z; without it the curvature does not depend on z.
    """
    bend = [] if square_interaction is None else [(square_interaction, moderator)]
    weights = combinations(estimate, [(linear, 1.0), (interaction, moderator)], [(square, 1.0), *bend])
    return replace(
        estimate,
        terms=(linear, square),
        coefficients=weights @ estimate.coefficients,
        covariance=weights @ estimate.covariance @ weights.T,
        repetitions=None if estimate.repetitions is None else estimate.repetitions @ weights.T,
    )


def turning_point_path(
    estimate: Estimate,
    moderator: ArrayLike,
    *,
    linear: str,
    square: str,
    interaction: str,
    square_interaction: str | None = None,
    level: float = 0.95,
) -> TurningPath:
    """c*(z) = −(b1 + b4 z) / (2 (b2 + b5 z)) over the moderator (Haans, Pieters & He 2016).

    Parameters
    ----------
    moderator : array_like, shape (m,)
    estimate, linear, square, interaction, square_interaction
        As :func:`curve_at`.
    level : float

    Raises
    ------
    ParameterError
        A name that is not a term, or a level outside (0, 1).
    DataError
        The curvature is exactly zero at a value of the moderator.
    """
    z = np.atleast_1d(np.asarray(moderator, dtype=float))
    terms = {"interaction": interaction, "square_interaction": square_interaction}
    curves = [curve_at(estimate, value, linear=linear, square=square, **terms) for value in z]
    curvature = np.array([curve.coefficients[1] for curve in curves])
    if (curvature == 0).any():
        raise DataError(f"the curvature is exactly zero at {z[curvature == 0][0]:g}: leave that value out")
    points = [turning_point(curve, linear=linear, square=square, level=level) for curve in curves]
    delta = np.array([point.delta for point in points])
    return TurningPath(
        moderator=z,
        value=np.array([point.value for point in points]),
        standard_errors=np.array([point.standard_error for point in points]),
        delta_lower=delta[:, 0],
        delta_upper=delta[:, 1],
        fieller=tuple(point.fieller for point in points),
        curvature=curvature,
        level=level,
    )


def turning_point_shift(
    estimate: Estimate,
    *,
    at: float = 0.0,
    linear: str,
    square: str,
    interaction: str,
    square_interaction: str | None = None,
    level: float = 0.95,
) -> Ratio:
    """dc*/dz = (b1 b5 − b2 b4) / (2 (b2 + b5 z)²): how far the turning point moves with the moderator.

    Without c² z it is −b4 / (2 b2) whatever z, a ratio of two coefficients, and the Fieller set is exact for
    normal coefficients. With it numerator and denominator are products: the set inverts the test that
    numerator − value · denominator is zero with a delta-method variance, a first-order approximation.

    Parameters
    ----------
    estimate, linear, square, interaction, square_interaction
        As :func:`curve_at`.
    at : float
        z.
    level : float

    Raises
    ------
    ParameterError
        A name that is not a term, or a level outside (0, 1).
    DataError
        The curvature at z is exactly zero.
    """
    if square_interaction is None:
        weights = combinations(estimate, [(interaction, -1.0)], [(square, 2.0)])
        return coefficient_ratio(estimate, weights @ estimate.coefficients, weights, level)
    names = known_terms(estimate, linear, square, interaction, square_interaction)
    b1, b2, b4, b5 = (estimate[name][0] for name in names)
    bend = b2 + b5 * at
    parts = np.array([b1 * b5 - b2 * b4, 2 * bend**2])
    gradients = combinations(
        estimate,
        [(linear, b5), (square, -b4), (interaction, -b2), (square_interaction, b1)],
        [(square, 4 * bend), (square_interaction, 4 * bend * at)],
    )
    return coefficient_ratio(estimate, parts, gradients, level)

"""Marginal effects of a treatment over a moderator."""

from dataclasses import dataclass

import numpy as np

from digital_clusters.errors import ParameterError
from digital_clusters.estimators.estimate import Estimate


@dataclass(frozen=True, eq=False)
class MarginalEffects:
    """Effect of the treatment at each value of the moderator; all arrays have shape (m,).

    Intervals are pointwise: each covers its own effect, not the whole line, with probability ``level``.
    """

    moderator: np.ndarray
    effect: np.ndarray
    standard_errors: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    level: float


def effects_over_moderator(
    estimate: Estimate, moderator, *, treatment: str, interaction: str, level: float = 0.95
) -> MarginalEffects:
    """θ_d + θ_dm · m with its pointwise interval.

    The variance is V_d + m² V_dm + 2 m C(d, dm) (Aiken & West 1991, ch. 2).

    Parameters
    ----------
    estimate : Estimate
        With a term for the treatment and one for treatment × moderator.
    moderator : array_like, shape (m,)
        Values on the scale that the interaction was built with (centred, if it was centred).
    treatment, interaction : str
        Names of the two terms.
    level : float

    Raises
    ------
    ParameterError
        A name that is not among the terms.
    """
    m = np.atleast_1d(np.asarray(moderator, dtype=float))
    weights = np.zeros((len(m), len(estimate.terms)))
    weights[:, _position(estimate, treatment)] = 1
    weights[:, _position(estimate, interaction)] = m
    effect = weights @ estimate.coefficients
    variance = np.einsum("ij,jk,ik->i", weights, estimate.covariance, weights)
    errors = np.sqrt(variance)
    half = estimate.critical_value(level) * errors
    return MarginalEffects(m, effect, errors, effect - half, effect + half, level)


def _position(estimate: Estimate, term: str) -> int:
    if term not in estimate.terms:
        raise ParameterError(f"'{term}' is not a term of this estimate; it has: {', '.join(estimate.terms)}")
    return estimate.terms.index(term)

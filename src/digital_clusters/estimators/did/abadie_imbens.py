"""Errors of matching estimators that count how often a control is used (Abadie & Imbens 2006).

A control that stands for several treated units enters the estimate with its whole weight, and the bootstrap
does not find that (Abadie & Imbens 2008). The variance has a part for how effects differ between treated
units and one for the noise of the controls. Econometrica 74(1) and 76(6).
"""

from typing import Literal

import numpy as np

from digital_clusters.errors import DataError, ParameterError, check_option
from digital_clusters.estimators.did.matching import Matching
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.units import unit_of

Noise = Literal["of_each", "of_all"]
"""``of_each``: a variance a control, from the controls nearest to it. ``of_all``: one variance, half the
mean square of the gaps between a treated unit and its match less the effect, as R's Matching has it."""

_DIGITS = 12
"""Positions that agree to this many decimals are equally near, as in the matching."""


def matched_difference(
    outcome, position, matching: Matching, *, noise: Noise = "of_each", neighbours: int = 1
) -> Estimate:
    """Mean difference of treated units and their matches, with Abadie and Imbens' error.

    With weights w_ij of control j for treated unit i, which sum to one over j, and K_j = Σ_i w_ij, the
    variance is (Σ_i (y_i − Σ_j w_ij y_j − τ)² + Σ_j (K_j² − Σ_i w_ij²) σ̂_j²) / N₁²: that of Abadie & Imbens
    (2006) for the effect on the treated, where every weight is one part in M.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Of every unit, matched or not: the noise of a control is seen beside controls that are not used.
    position : array_like, shape (n,)
        What nearness was measured on: the score, or its logit.
    matching : Matching
        By :func:`~digital_clusters.estimators.did.matching.nearest_neighbours`.
    noise : {'of_each', 'of_all'}
    neighbours : int
        Controls from which σ̂² of a control is estimated by ``of_each``; equally near ones all count.

    Returns
    -------
    Estimate
        Term ``att``; normal intervals. The score is taken as known: where it is estimated, the error can be
        too large or too small (Abadie & Imbens 2016).

    Raises
    ------
    ParameterError
        A matching without pairs, such as a kernel's, lengths that differ, an unknown option, or fewer than
        one neighbour.
    DataError
        A missing outcome or position, or too few controls to see their noise.
    """
    y, at = (np.asarray(column, dtype=float).reshape(-1) for column in (outcome, position))
    check_option("noise", noise, Noise)
    _check(y, at, matching, neighbours)
    unit = unit_of(y)
    y = y / unit
    treated, controls, weight = _links(matching)
    stands_for = np.bincount(treated, weight * y[controls], len(y))
    matched = np.unique(treated)
    gaps = y[matched] - stands_for[matched]
    effect = gaps.mean()
    used = np.bincount(controls, weight, len(y))
    own = np.bincount(controls, weight**2, len(y))
    pool = ~matching.treated
    spread = np.zeros(len(y))
    if noise == "of_each":
        spread[pool] = _noise(y[pool], at[pool], neighbours)
    else:
        spread[pool] = np.average((y[treated] - y[controls] - effect) ** 2, weights=weight) / 2
    variance = (((gaps - effect) ** 2).sum() + ((used**2 - own) * spread).sum()) / len(matched) ** 2
    return Estimate(
        terms=("att",),
        coefficients=np.array([effect]),
        covariance=np.array([[variance]]),
        n_observations=len(matched) + int((used > 0).sum()),
        method=matching.method,
        errors="abadie_imbens",
    ).in_units(unit)


def _check(y: np.ndarray, at: np.ndarray, matching: Matching, neighbours: int) -> None:
    n = len(matching.treated)
    if not len(y) == len(at) == n:
        raise ParameterError(f"{len(y)} outcomes and {len(at)} positions for a matching of {n} units")
    if not len(matching.pairs):
        raise ParameterError(
            f"'{matching.method}' has no pairs: errors of Abadie and Imbens need nearest neighbours"
        )
    if neighbours < 1:
        raise ParameterError(f"neighbours = {neighbours}: choose at least one")
    if not (np.isfinite(y).all() and np.isfinite(at).all()):
        raise DataError("an outcome or a position is missing or infinite: fill it in or leave the unit out")
    if (controls := int((~matching.treated).sum())) <= neighbours:
        raise DataError(f"{controls} controls are too few to see the noise of one among {neighbours} others")


def _links(matching: Matching) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Treated unit, control and weight of every pair; the weights of a treated unit sum to one."""
    treated, controls = matching.pairs.T
    return treated, controls, 1 / np.bincount(treated)[treated]


def _noise(y: np.ndarray, at: np.ndarray, neighbours: int) -> np.ndarray:
    """J/(J+1) times the squared gap to the mean of the J nearest others (Abadie & Imbens 2006)."""
    gap = np.round(np.abs(at[:, None] - at[None, :]), _DIGITS)
    np.fill_diagonal(gap, np.inf)
    reach = np.partition(gap, neighbours - 1, axis=1)[:, neighbours - 1]
    near = gap <= reach[:, None]
    count = near.sum(axis=1)
    return count / (count + 1) * (y - near @ y / count) ** 2

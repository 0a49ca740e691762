"""Staggered adoption where the neighbours of adopters are reached too: a donut, and its ring (Butts 2021)."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.did.adoption import check_adoption
from digital_clusters.estimators.did.robust import RobustMethod, robust_did
from digital_clusters.estimators.estimate import Estimate


@dataclass(frozen=True, eq=False)
class Donut:
    """The effect of adoption without reached controls, and the effect on those.

    Attributes
    ----------
    effect : Estimate
        Term ``att``, without the units that never adopt and have a neighbour that does.
    ring : Estimate or None
        Term ``att``: mean effect on units that never adopt since their first neighbour did, against units
        that never have such a neighbour; ``None`` where no unit is reached within the panel.
    n_reached, n_far : int
        Units that never adopt, with and without a neighbour that does.
    """

    effect: Estimate
    ring: Estimate | None
    n_reached: int
    n_far: int


def donut_did(
    y, *, entity, time, adoption, links: sparse.sparray | np.ndarray, method: RobustMethod = "imputation"
) -> Donut:
    """Drop from the controls whoever has a neighbour that adopted, and estimate what happens to them.

    Units far from every adopter then show what would have been, which they do if effects reach neighbours
    and go no further (Butts 2021). Adopters stay whatever their neighbours did before: of many of them no
    year would be left in which no neighbour had adopted.

    Parameters
    ----------
    y, entity, time, adoption
        As in :func:`~digital_clusters.estimators.did.robust.robust_did`.
    links : array, shape (units, units)
        Row i has nonzero entries for the neighbours of unit i; units in sorted order of their labels.
    method : str
        Of :func:`~digital_clusters.estimators.did.robust.robust_did`, for both.

    Raises
    ------
    ParameterError
        Links of another shape.
    DataError
        No unit is left that never adopts and is far from adopters.
    """
    panel = check_adoption(y, entity=entity, time=time, adoption=adoption)
    n = len(panel.units)
    if links.shape != (n, n):
        raise ParameterError(f"links {links.shape} for {n} units")
    reached = _first_neighbour(panel.adoption, links)
    far, ringed = panel.never & np.isnan(reached), panel.never & ~np.isnan(reached)
    if not far.any():
        raise DataError("every unit that never adopts has a neighbour that does: no control is left")
    labels = {"entity": panel.entity, "time": panel.time}
    kept = ~ringed[panel.entity]
    effect = robust_did(
        panel.y[kept], **_rows(labels | {"adoption": panel.adoption[panel.entity]}, kept), method=method
    )
    ring = None
    if (ringed & (reached > panel.time.min())).any():
        never = panel.never[panel.entity]
        dates = labels | {"adoption": reached[panel.entity]}
        ring = robust_did(panel.y[never], **_rows(dates, never), method=method)
    return Donut(effect, ring, int(ringed.sum()), int(far.sum()))


def _rows(labels: dict, kept: np.ndarray) -> dict:
    return {name: column[kept] for name, column in labels.items()}


def _first_neighbour(adoption: np.ndarray, links) -> np.ndarray:
    """Period in which the first neighbour adopts, NaN for none, shape (units,)."""
    near = np.asarray(links.todense() if sparse.issparse(links) else links) != 0
    dates = np.where(near, np.where(np.isnan(adoption), np.inf, adoption), np.inf).min(axis=1)
    return np.where(np.isfinite(dates), dates, np.nan)

"""Sums of products by entity, from which least squares on any resample of entities follows exactly.

Entity effects are removed within each entity, whatever else is drawn; year effects depend on who is drawn, so
year indicators stay among the nuisance columns and are removed anew in every resample.
"""

from dataclasses import dataclass

import numpy as np

from digital_clusters.estimators.options import Effects
from digital_clusters.estimators.panel.collinearity import LOST
from digital_clusters.estimators.panel.demeaning import demean, group_sums, indicators
from digital_clusters.estimators.units import unit_of

SINGULAR = 1e-10
"""Eigenvalue of the scaled nuisance products below which a direction counts as absent from a resample."""


@dataclass(frozen=True, eq=False)
class EntityDesign:
    """Columns with entity effects removed, and what is still to be partialled out.

    Attributes
    ----------
    columns : numpy.ndarray, shape (n, c)
    nuisance : numpy.ndarray, shape (n, q)
        Controls and, by ``effects``, year indicators or a constant.
    entity : numpy.ndarray of int, shape (n,)
    """

    columns: np.ndarray
    nuisance: np.ndarray
    entity: np.ndarray


def entity_design(
    columns: np.ndarray, controls: np.ndarray, entity: np.ndarray, time: np.ndarray, effects: Effects
) -> EntityDesign:
    """Remove entity effects and build the nuisance columns.

    Parameters
    ----------
    columns : numpy.ndarray, shape (n, c)
    controls : numpy.ndarray, shape (n, p)
    entity, time : numpy.ndarray of int, shape (n,)
        Codes 0, 1, ….
    effects : {'two_way', 'entity', 'time', 'none'}
    """
    extra = {
        "two_way": lambda: indicators(time, drop_first=True),
        "time": lambda: indicators(time),
        "entity": lambda: np.empty((len(time), 0)),
        "none": lambda: np.ones((len(time), 1)),
    }[effects]()
    nuisance = np.hstack([controls, extra])
    if effects in ("two_way", "entity"):
        columns, nuisance = demean(columns, entity), demean(nuisance, entity)
    return EntityDesign(columns, nuisance, entity)


def draw_counts(rng: np.random.Generator, entities: int, draws: int) -> np.ndarray:
    """How often each entity is drawn when as many are drawn with replacement, shape (draws, entities)."""
    return rng.multinomial(entities, np.full(entities, 1 / entities), size=draws)


def resampled_products(design: EntityDesign, counts: np.ndarray) -> np.ndarray:
    """Products of the columns less effects and controls in each resample, shape (draws, c, c).

    Parameters
    ----------
    design : EntityDesign
    counts : numpy.ndarray, shape (draws, entities)
        Times each entity is drawn; each copy has its own effect.
    """
    q = design.nuisance.shape[1]
    everything = np.hstack([design.nuisance, design.columns])
    scale = np.linalg.norm(everything, axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    total = _products(everything / scale, design.entity, counts)
    inner, cross, outer = total[:, :q, :q], total[:, :q, q:], total[:, q:, q:]
    slopes = np.linalg.pinv(inner, rcond=SINGULAR, hermitian=True) @ cross if q else cross
    left = outer - np.swapaxes(cross, 1, 2) @ slopes
    return left * np.outer(scale[q:], scale[q:])


def _products(columns: np.ndarray, entity: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Sums over resampled entities of columns' outer products, shape (draws, m, m)."""
    m = columns.shape[1]
    upper = np.triu_indices(m)
    by_entity = group_sums(columns[:, upper[0]] * columns[:, upper[1]], entity)
    out = np.empty((len(counts), m, m))
    out[:, upper[0], upper[1]] = out[:, upper[1], upper[0]] = counts.astype(float) @ by_entity
    return out


def orthonormal_basis(columns: np.ndarray) -> np.ndarray:
    """Orthonormal columns that span the same space, without directions of rounding size; shape (n, rank)."""
    left, sizes, _ = np.linalg.svd(columns / unit_of(columns), full_matrices=False)
    return left[:, sizes > LOST * sizes.max(initial=0.0)]

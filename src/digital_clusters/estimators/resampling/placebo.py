"""Placebo treatments: the paths of the treatment are dealt anew over the entities.

What is permuted is a whole path, all years of a city together, so that a placebo has the persistence and the
year effects of the treatment and only its place is wrong. For a test of one group against another, whose
labels are permuted, see :func:`differences.permute_slopes`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from digital_clusters.errors import DataError, ParameterError, check_option
from digital_clusters.estimators.options import Effects
from digital_clusters.estimators.panel.arrays import PanelArrays, as_matrix, check_panel, label_codes
from digital_clusters.estimators.panel.collinearity import refuse_absorbed
from digital_clusters.estimators.panel.products import EntityDesign, entity_design, orthonormal_basis
from digital_clusters.estimators.resampling.permutation import PermutationTest, permutation_test

BATCH = 250
"""Placebo treatments held in memory at a time."""


@dataclass(frozen=True, eq=False)
class PlaceboTest(PermutationTest):
    """A coefficient and its distribution over deals of the treatment's paths.

    Attributes
    ----------
    n_entities : int
    n_movable : int
        Entities whose path can be dealt to another one: the fewer there are, the more every placebo resembles
        the treatment itself, and the less the test can find.
    """

    n_entities: int
    n_movable: int


def permute_paths(
    y,
    d,
    x=None,
    *,
    entity,
    time,
    strata: ArrayLike | None = None,
    effects: Effects = "two_way",
    draws: int = 999,
    seed: int | np.random.Generator = 0,
) -> PlaceboTest:
    """Coefficient of ``d`` and its distribution over deals of the treatment's paths.

    Parameters
    ----------
    y, d : array_like, shape (n,)
    x : array_like, shape (n, p), optional
        Controls; they stay with their entity, as the outcome does.
    entity, time : array_like, shape (n,)
        In an unbalanced panel paths are dealt among entities seen in the same periods only.
    strata : array_like, shape (n,), optional
        Paths are dealt within these, such as provinces; constant within an entity.
    effects : {'two_way', 'entity', 'time', 'none'}
    draws : int
    seed : int or numpy.random.Generator

    Returns
    -------
    PlaceboTest
        Its p value tests the sharp hypothesis that the treatment moves the outcome nowhere, and takes paths
        within a stratum as exchangeable given the controls.

    Raises
    ------
    ParameterError
        Unknown option, no draws, or lengths that do not agree.
    DataError
        Missing values, strata that change within an entity, no path that can be dealt, or a treatment
        absorbed by effects and controls.
    """
    check_option("effects", effects, Effects)
    if draws < 1:
        raise ParameterError(f"draws = {draws}: choose at least one")
    n = len(np.asarray(y))
    d = as_matrix("d", d, n)
    if d.shape[1] != 1:
        raise ParameterError(f"one treatment is permuted, {d.shape[1]} were given")
    panel = check_panel(y, d, as_matrix("x", x, n), entity=entity, time=time, terms=["treatment"])
    order = np.lexsort((panel.time, panel.entity))
    codes = _strata(panel, strata)
    design = entity_design(
        np.column_stack([panel.y, panel.d])[order],
        panel.x[order],
        panel.entity[order],
        panel.time[order],
        effects,
    )
    slopes = _Slopes(design)
    rng = np.random.default_rng(seed)
    observed = float(slopes(np.arange(panel.entity.max() + 1)[None, :])[0])
    batches = [slopes(_deal(codes, min(BATCH, draws - start), rng)) for start in range(0, draws, BATCH)]
    test = permutation_test(observed, np.concatenate(batches), exact=False)
    members = np.bincount(codes)
    return PlaceboTest(**vars(test), n_entities=len(codes), n_movable=int(members[members > 1].sum()))


class _Slopes:
    """Coefficients of dealt treatments by the Frisch–Waugh–Lovell theorem."""

    def __init__(self, design: EntityDesign):
        self._basis = orthonormal_basis(design.nuisance)
        y, self._d = design.columns.T
        self._y = y - self._basis @ (self._basis.T @ y)
        self._lengths = np.bincount(design.entity)
        self._starts = np.cumsum(self._lengths) - self._lengths
        self._within = np.arange(len(y)) - self._starts[design.entity]
        self._entity = design.entity
        own = self._d - self._basis @ (self._basis.T @ self._d)
        refuse_absorbed(("treatment",), self._d[:, None], own[:, None])

    def __call__(self, sources: np.ndarray) -> np.ndarray:
        """Slopes where entity j has the path of ``sources[:, j]``, shape (deals,)."""
        dealt = self._d[self._starts[sources][:, self._entity] + self._within]
        explained = ((dealt @ self._basis) ** 2).sum(axis=1)
        return dealt @ self._y / ((dealt**2).sum(axis=1) - explained)


def _strata(panel: PanelArrays, strata: ArrayLike | None) -> np.ndarray:
    """Code of the group within which each entity's path is dealt, shape (entities,)."""
    seen = np.zeros((panel.entity.max() + 1, panel.time.max() + 1), dtype=int)
    seen[panel.entity, panel.time] = 1
    groups = [np.unique(seen, axis=0, return_inverse=True)[1].reshape(-1)]
    if strata is not None:
        labels = label_codes("strata", strata)[1]
        if len(labels) != len(panel.y):
            raise ParameterError(f"strata has {len(labels)} rows, the outcome has {len(panel.y)}")
        first = np.zeros(len(seen), dtype=int)
        first[panel.entity] = labels
        if (first[panel.entity] != labels).any():
            raise DataError("strata change within an entity, so that its path cannot be dealt")
        groups.append(first)
    codes = np.unique(np.column_stack(groups), axis=0, return_inverse=True)[1].reshape(-1)
    if np.bincount(codes).max() < 2:
        raise DataError("no two entities share a stratum and their periods: nothing can be dealt")
    return codes


def _deal(codes: np.ndarray, deals: int, rng: np.random.Generator) -> np.ndarray:
    """Random permutations of the entities within groups, shape (deals, entities)."""
    out = np.tile(np.arange(len(codes)), (deals, 1))
    for code in np.flatnonzero(np.bincount(codes) > 1):
        members = np.flatnonzero(codes == code)
        out[:, members] = rng.permuted(np.tile(members, (deals, 1)), axis=1)
    return out

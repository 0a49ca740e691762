"""Families of hypotheses: Holm, Benjamini–Hochberg, and Romano–Wolf by a wild cluster bootstrap."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.options import Effects
from digital_clusters.estimators.panel.arrays import as_matrix, label_codes
from digital_clusters.estimators.panel.collinearity import LOST
from digital_clusters.estimators.panel.demeaning import group_sums
from digital_clusters.estimators.panel.least_squares import WithinPanel, within_panel
from digital_clusters.estimators.panel.products import EntityDesign, entity_design, orthonormal_basis

TIE = 1e-9
"""Share of a statistic within which a draw ties with it, whatever the rounding."""


@dataclass(frozen=True, eq=False)
class FamilyMember:
    """One regression whose first regressor is tested.

    Attributes
    ----------
    name : str
        Of the hypothesis, such as a split or an outcome.
    y : array_like, shape (n,)
    x : array_like, shape (n, k)
        Tested column, then controls.
    entity, time : array_like, shape (n,)
        Labels shared by the family: a city in several members gets one sign in all of them.
    """

    name: str
    y: ArrayLike
    x: ArrayLike
    entity: ArrayLike
    time: ArrayLike


def adjust(p_values: Mapping[str, float]) -> pd.DataFrame:
    """Holm (1979) and Benjamini & Hochberg (1995) for a family of p values.

    Parameters
    ----------
    p_values : mapping of str to float

    Returns
    -------
    pandas.DataFrame
        Index: the names. Columns ``p``; ``holm``, valid whatever the dependence, for the chance of any false
        rejection; ``benjamini_hochberg``, for the share of false ones among the rejections.

    Raises
    ------
    ParameterError
        No p value, or one outside [0, 1].
    """
    names, values = list(p_values), np.array(list(p_values.values()), dtype=float)
    if not len(values) or not ((values >= 0) & (values <= 1)).all():
        raise ParameterError("a family needs at least one p value, each between 0 and 1")
    return pd.DataFrame(
        {
            "p": values,
            "holm": _holm(values),
            "benjamini_hochberg": stats.false_discovery_control(values),
        },
        index=pd.Index(names, name="hypothesis"),
    )


def family_tests(
    members: Sequence[FamilyMember],
    *,
    effects: Effects = "two_way",
    draws: int = 1999,
    seed: int | np.random.Generator = 0,
) -> pd.DataFrame:
    """Coefficients of a family with every correction; errors are clustered by entity.

    Parameters
    ----------
    members : sequence of FamilyMember
        They may be different samples, outcomes or treatments.
    effects : {'two_way', 'entity', 'time', 'none'}
    draws : int
        Of one random sign per entity, the same in all members, so that their dependence is kept.
    seed : int or numpy.random.Generator

    Returns
    -------
    pandas.DataFrame
        Index: names. Columns ``coefficient``, ``standard_error``, ``n_observations``, ``p`` (t distribution),
        ``p_wild`` (restricted wild cluster bootstrap of the t statistic, Cameron, Gelbach & Miller 2008); of
        ``p``, ``holm`` and ``benjamini_hochberg``; of the bootstrap, ``romano_wolf``.

    Raises
    ------
    ParameterError
        An empty family, a name that occurs twice, or fewer than 99 draws.
    DataError
        As :func:`least_squares.within_panel`; a tested column that the controls explain.
    """
    names = [member.name for member in members]
    if not names or len(set(names)) != len(names):
        raise ParameterError("a family needs at least one member, each with its own name")
    if draws < 99:
        raise ParameterError(f"draws = {draws}: choose at least 99")
    labels = np.unique(np.concatenate([label_codes("entity", member.entity)[0] for member in members]))
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], size=(draws, len(labels)))
    rows, observed, null = {}, [], []
    for member in members:
        panel = _panel(member, effects)
        estimate = panel.estimate(panel.fit(panel.y, panel.d, panel.raw.terms), "two_way_fixed_effects")
        own = signs[:, np.searchsorted(labels, np.unique(member.entity))]
        statistics = wild_statistics(_design(panel, effects), np.vstack([np.ones(own.shape[1]), own]))
        observed.append(statistics[0])
        null.append(statistics[1:])
        rows[member.name] = {
            "coefficient": estimate.coefficients[0],
            "standard_error": estimate.standard_errors[0],
            "n_observations": estimate.n_observations,
            "p": estimate.p_values[0],
            "p_wild": step_down(statistics[:1], statistics[1:, None])[0],
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("hypothesis")
    table = table.astype({"n_observations": int}).join(adjust(table["p"].to_dict()).drop(columns="p"))
    return table.assign(romano_wolf=step_down(observed, np.column_stack(null)))


def wild_statistics(design: EntityDesign, signs: np.ndarray) -> np.ndarray:
    """Clustered t statistics of the second column of ``design`` in the first, shape (draws,).

    In each draw the residuals of the regression without the tested column are multiplied by the entity's sign
    and the full regression is fitted again, exactly: coefficient and scores are linear in the signs. Signs
    that are all one give the statistic of the sample. Small-sample factors, the same in all draws, are left
    out.

    Parameters
    ----------
    design : EntityDesign
        Columns: outcome, tested regressor.
    signs : numpy.ndarray, shape (draws, entities)
    """
    basis = orthonormal_basis(design.nuisance)
    u, v = (design.columns - basis @ (basis.T @ design.columns)).T
    if np.linalg.norm(v) <= LOST * np.linalg.norm(design.columns[:, 1]):
        raise DataError("no variation is left in the tested column once effects and controls are removed")
    products = np.column_stack([v * u, v * v, basis * u[:, None], basis * v[:, None]])
    sums = group_sums(products, design.entity)
    vu, vv, rest = sums[:, 0], sums[:, 1], sums[:, 2:]
    bu, bv = np.split(rest, 2, axis=1)
    slope = signs @ vu / vv.sum()
    scores = signs * vu - (signs @ bu) @ bv.T - slope[:, None] * vv
    return slope * vv.sum() / np.sqrt((scores**2).sum(axis=1))


def _holm(values: np.ndarray) -> np.ndarray:
    order = np.argsort(values)
    out = np.empty(len(values))
    out[order] = np.minimum(np.maximum.accumulate(np.arange(len(values), 0, -1) * values[order]), 1)
    return out


def _panel(member: FamilyMember, effects: Effects) -> WithinPanel:
    x = as_matrix("x", member.x, len(np.asarray(member.y)))
    terms = ["tested", *(f"control {j + 1}" for j in range(x.shape[1] - 1))]
    return within_panel(member.y, x, entity=member.entity, time=member.time, terms=terms, effects=effects)


def _design(panel: WithinPanel, effects: Effects) -> EntityDesign:
    raw = panel.raw
    columns = np.column_stack([raw.y, raw.d[:, 0]])
    return entity_design(columns, raw.d[:, 1:], raw.entity, raw.time, effects)


def step_down(statistics: ArrayLike, null_draws: ArrayLike) -> np.ndarray:
    """Adjusted p values of Romano & Wolf (2005, 2016), shape (k,).

    The largest statistic is compared with the largest of each draw, the next with the largest of those that
    are left, and so on; p values count the sample as one more draw and never fall on the way down.

    Parameters
    ----------
    statistics : array_like, shape (k,)
        Two-sided: absolute values are taken.
    null_draws : array_like, shape (draws, k)
        The same statistics where every hypothesis is true, drawn jointly.
    """
    observed, null = np.abs(np.asarray(statistics, float)), np.abs(np.asarray(null_draws, float))
    order = np.argsort(-observed, kind="stable")
    largest = np.maximum.accumulate(null[:, order][:, ::-1], axis=1)[:, ::-1]
    hits = (largest >= observed[order] * (1 - TIE)).sum(axis=0)
    out = np.empty(len(observed))
    out[order] = np.maximum.accumulate((1 + hits) / (1 + len(null)))
    return out

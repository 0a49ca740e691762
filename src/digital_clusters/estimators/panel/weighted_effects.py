"""Weighted least squares with entity and time effects, by exact absorption."""

import numpy as np
import pandas as pd

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.few_clusters import cluster_warnings, without_vanished
from digital_clusters.estimators.panel.arrays import PanelArrays, check_panel, label_codes
from digital_clusters.estimators.panel.collinearity import refuse_absorbed, refuse_collinear
from digital_clusters.estimators.panel.demeaning import group_sums
from digital_clusters.estimators.units import unit_of


def weighted_two_way(y, x, *, weights, entity, time, terms, clusters=None) -> Estimate:
    """Weighted least squares of ``y`` on ``x`` with entity and time effects, clustered errors.

    With equal weights it is :func:`~digital_clusters.estimators.panel.fixed_effects.two_way_fixed_effects`,
    small
    sample factor and all. Rows of weight zero take no part and are not counted.

    Parameters
    ----------
    y : array_like, shape (n,)
    x : array_like, shape (n, k)
    weights : array_like, shape (n,)
        Nonnegative; their scale does not matter.
    entity, time : array_like, shape (n,)
    terms : sequence of str, length k
    clusters : array_like, shape (n,), optional
        Labels of the clusters of the errors; entities by default. Effects of entities or periods that lie in
        one cluster each count as nested in the small-sample factor, as in Stata and fixest.

    Raises
    ------
    DataError
        A negative or missing weight, a missing cluster or a single one, too few rows, or a term that is
        absorbed or collinear.
    """
    weights = np.asarray(weights, dtype=float).reshape(-1)
    if len(weights) != len(np.asarray(entity)):
        raise ParameterError(f"{len(weights)} weights for {len(np.asarray(entity))} rows")
    if not (np.isfinite(weights) & (weights >= 0)).all():
        raise DataError("a weight is missing, infinite or negative")
    label_codes("entity", entity)
    label_codes("time", time)
    used = weights > 0
    if not used.any():
        raise DataError("no row has a positive weight")
    rows = (np.asarray(column, dtype)[used] for column, dtype in ((y, float), (entity, None), (time, None)))
    y, entity, time = rows
    panel = check_panel(
        y, np.asarray(x, float).reshape(len(used), -1)[used], None, entity=entity, time=time, terms=terms
    )
    codes = panel.entity if clusters is None else _cluster_codes(np.asarray(clusters), used)
    return _estimate(panel, weights[used] / weights[used].mean(), codes)


def _cluster_codes(clusters: np.ndarray, used: np.ndarray) -> np.ndarray:
    """Codes 0, 1, … of the clusters of the rows that are used."""
    if len(clusters) != len(used):
        raise ParameterError(f"{len(clusters)} clusters for {len(used)} rows")
    if pd.isna(clusters[used]).any():
        raise DataError(
            f"{int(pd.isna(clusters[used]).sum())} rows have no cluster: fill them in or leave them out"
        )
    codes, labels = pd.factorize(clusters[used])
    if len(labels) < 2:
        raise DataError(f"one cluster ({labels[0]}) is not enough: errors need several")
    return codes


def _is_nested(groups: np.ndarray, clusters: np.ndarray) -> bool:
    """Whether each group lies in one cluster."""
    return len(np.unique(np.column_stack([groups, clusters]), axis=0)) == groups.max() + 1


def weighted_demean_two_way(columns, weights, entity, time) -> np.ndarray:
    """Residuals of a weighted regression on entity and time indicators.

    Parameters
    ----------
    columns : numpy.ndarray, shape (n, c)
    weights : numpy.ndarray, shape (n,)
        Positive.
    entity, time : numpy.ndarray of int, shape (n,)
        Codes that run 0, 1, ….
    """
    large, small = (entity, time) if entity.max() >= time.max() else (time, entity)
    mass = np.zeros((large.max() + 1, small.max() + 1))
    np.add.at(mass, (large, small), weights)
    total = mass.sum(axis=1, keepdims=True)

    def within(values):
        return values - (group_sums(weights[:, None] * values, large) / total)[large]

    normal = np.diag(mass.sum(axis=0)) - mass.T @ (mass / total)
    right = group_sums(weights[:, None] * within(columns), small)
    effects = np.linalg.lstsq(normal, right, rcond=None)[0]
    return within(columns - effects[small])


def _estimate(panel: PanelArrays, w: np.ndarray, clusters: np.ndarray) -> Estimate:
    unit, units = unit_of(panel.y), unit_of(panel.d)
    both = np.column_stack([panel.y / unit, panel.d / units])
    left = weighted_demean_two_way(both, w, panel.entity, panel.time)
    y, x = left[:, 0], left[:, 1:]
    refuse_absorbed(panel.terms, panel.d / units, x)
    refuse_collinear(panel.terms, np.sqrt(w)[:, None] * x)
    n, k = x.shape
    entities, periods = int(panel.entity.max()) + 1, int(panel.time.max()) + 1
    if n <= k + entities + periods - 1:
        raise DataError(f"{n} rows are too few for {k + entities + periods - 1} parameters")
    bread = np.linalg.inv(x.T @ (w[:, None] * x))
    beta = bread @ (x.T @ (w * y))
    score = group_sums(x * (w * (y - x @ beta))[:, None], clusters)
    groups = int(clusters.max()) + 1
    effects = sum(int(codes.max()) for codes in (panel.entity, panel.time) if not _is_nested(codes, clusters))
    factor = groups / (groups - 1) * (n - 1) / (n - k - 1 - effects)
    projection, residual = (w[:, None] * x) @ bread, y - x @ beta
    independent = np.mean(residual**2) * (projection**2).sum(axis=0)
    covariance = factor * bread @ (score.T @ score) @ bread
    covariance, vanished = without_vanished(panel.terms, covariance, independent)
    return Estimate(
        terms=panel.terms,
        coefficients=beta,
        covariance=covariance,
        warnings=(*vanished, *cluster_warnings(panel.terms, projection, clusters)),
        n_observations=n,
        method="weighted_two_way_fixed_effects",
        errors="clustered",
        n_clusters=groups,
        degrees_of_freedom=float(groups - 1),
    ).in_units(unit / units)

"""What learners see in the panel models of Clarke & Polselli (2025): differences, deviations, means."""

import numpy as np

from digital_clusters.estimators.panel.demeaning import group_means


def panel_columns(y, d, x, *, entity, time, approach: str):
    """Outcome, treatments and covariates as ``DoubleMLPLPR`` transforms them, and the rows that are left.

    Parameters
    ----------
    y, d, x : numpy.ndarray, shapes (n,), (n, k), (n, p)
        Rows in the order of entity and time.
    entity, time : numpy.ndarray of int, shape (n,)
        Codes 0, 1, …
    approach : {'fd_exact', 'wg_approx', 'cre_general'}
        First differences of outcome and treatments on covariates of both years; deviations from entity means;
        entity means among the covariates. Entities with one row are dropped, and in differences rows whose
        predecessor is missing.

    Returns
    -------
    y, d, x : numpy.ndarray
    rows : numpy.ndarray of int
    """
    rows = np.flatnonzero(np.bincount(entity)[entity] > 1)
    y, d, x, time = y[rows], d[rows], x[rows], time[rows]
    entity = np.unique(entity[rows], return_inverse=True)[1]
    if approach == "fd_exact":
        later = 1 + np.flatnonzero((np.diff(entity) == 0) & (np.diff(time) == 1))
        before = later - 1
        return y[later] - y[before], d[later] - d[before], np.hstack([x[later], x[before]]), rows[later]
    if approach == "wg_approx":
        outcome, treatments, covariates = (_deviations(part, entity) for part in (y[:, None], d, x))
        return outcome[:, 0], treatments, covariates, rows
    return y, d, np.hstack([x, group_means(x, entity)]), rows


def add_own_means(predicted, d, entity) -> np.ndarray:
    """Predictions of treatments, moved to have the entity means of the treatments (cre_general)."""
    return predicted + group_means(d - predicted, entity)


def _deviations(columns, entity) -> np.ndarray:
    return columns - group_means(columns, entity) + columns.mean(axis=0)

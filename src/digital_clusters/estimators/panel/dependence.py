"""Sandwiches of scores that depend over time or over space, and of rows that pull their own fit.

Scores are the rows x_i e_i of a regression, effects removed; a sandwich is a sum of their products over pairs
of rows, each pair with a weight: one for the same entity (clusters), falling with the years between them
(Newey & West 1987), or falling with the kilometres between them in the same period (Conley 1999).
"""

import numpy as np
from sklearn.metrics.pairwise import haversine_distances

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.options import Effects
from digital_clusters.estimators.panel.demeaning import demean, group_sums, indicators

_EARTH_RADIUS_KM = 6371.0088  # mean radius of the WGS 84 ellipsoid

_ALONE = (
    1e-9  # 1 − leverage at which a row is fitted by a parameter of its own, rounding of leverages included
)


def bartlett_sum(series: np.ndarray, lags: int) -> np.ndarray:
    """Products over pairs of periods with weights 1 − j/(lags + 1), summed over all series.

    Parameters
    ----------
    series : numpy.ndarray, shape (m, T, k)
        m series of T periods.
    lags : int

    Returns
    -------
    numpy.ndarray, shape (k, k)
        Newey & West (1987), eq. 5; with one series, the sums over the entities of a period, the covariance of
        Driscoll & Kraay (1998).
    """
    total = _products(series, series)
    for lag in range(1, min(lags, series.shape[1] - 1) + 1):
        moved = _products(series[:, lag:], series[:, :-lag])
        total += (1 - lag / (lags + 1)) * (moved + moved.T)
    return total


def by_entity(scores: np.ndarray, entity: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Scores as a series an entity, zero where an entity has no row, shape (m, T, k)."""
    out = np.zeros((int(entity.max()) + 1, int(time.max()) + 1, scores.shape[1]))
    out[entity, time] = scores
    return out


def neighbours_sum(series: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Products over pairs of different entities in the same period, weighted by a kernel (Conley 1999).

    Parameters
    ----------
    series : numpy.ndarray, shape (m, T, k)
    kernel : numpy.ndarray, shape (m, m)
        Symmetric; its diagonal does not count.
    """
    between = kernel - np.diag(np.diag(kernel))
    near = np.tensordot(between, series, axes=1)
    return _products(series, near)


def distance_kernel(points, entity: np.ndarray, cutoff: float) -> np.ndarray:
    """Bartlett weights 1 − d/cutoff of great-circle distances between entities, zero beyond, shape (m, m).

    Parameters
    ----------
    points : array_like, shape (n, 2)
        Longitude and latitude in degrees of each row's entity.
    entity : numpy.ndarray of int, shape (n,)
        Codes 0, 1, ….
    cutoff : float
        Kilometres.

    Raises
    ------
    ParameterError
        A cutoff that is not positive, or points of another shape.
    DataError
        A point is missing or not on the globe, or an entity has two.
    """
    if not (np.isfinite(cutoff) and cutoff > 0):
        raise ParameterError(f"cutoff = {cutoff}: choose a number of kilometres above 0")
    points = np.asarray(points, dtype=float)
    if points.shape != (len(entity), 2):
        raise ParameterError(
            f"points of shape {points.shape}: {len(entity)} rows of longitude and latitude are needed"
        )
    unknown = ~(np.abs(points) <= (180, 90)).all(axis=1)
    if unknown.any():
        raise DataError(
            f"{int(unknown.sum())} rows have no longitude and latitude on the globe: Conley needs them"
        )
    _, first = np.unique(entity, return_index=True)
    own = points[first]
    if (points != own[entity]).any():
        raise DataError("an entity is at two places: give it the same longitude and latitude in every period")
    kilometres = _EARTH_RADIUS_KM * haversine_distances(np.deg2rad(own[:, ::-1]))
    return np.maximum(1 - kilometres / cutoff, 0.0)


def effect_leverage(entity: np.ndarray, time: np.ndarray, effects: Effects, *, intercept: bool) -> np.ndarray:
    """Diagonal of the projection on the indicators that the effects stand for, shape (n,)."""
    n = len(entity)
    if effects == "none":
        return np.full(n, intercept / n)
    codes = time if effects == "time" else entity
    own = 1 / group_sums(np.ones((n, 1)), codes)[codes, 0]
    if effects != "two_way":
        return own
    periods = demean(indicators(time), entity)
    basis, sizes, _ = np.linalg.svd(periods, full_matrices=False)
    kept = sizes > n * np.finfo(float).eps * max(float(sizes.max()), 1.0)
    return own + (basis[:, kept] ** 2).sum(axis=1)


def without_own_pull(residual: np.ndarray, projection: np.ndarray, absorbed: np.ndarray) -> np.ndarray:
    """Residuals divided by one less the leverage of their row, as HC3 takes them (MacKinnon & White 1985).

    Parameters
    ----------
    residual : numpy.ndarray, shape (n,)
    projection : numpy.ndarray, shape (n, k)
        H such that the coefficients are H'y.
    absorbed : numpy.ndarray, shape (n,)
        Leverage of the effects that were removed.

    Raises
    ------
    DataError
        A row is fitted by a slope of its own.

    Notes
    -----
    A row that its effects fit by themselves, as an entity's only row, says nothing about the slopes: its
    score is zero whatever it is divided by.
    """
    own = np.einsum("ij,ij->i", np.linalg.solve(projection.T @ projection, projection.T).T, projection)
    left, gone = 1 - absorbed - own, 1 - absorbed < _ALONE
    if (alone := int((~gone & (left < _ALONE)).sum())) > 0:
        raise DataError(
            f"errors = 'hc3': {alone} rows are each fitted by a slope of their own, as the only row that a "
            "regressor tells from others is, so that they have no residual: leave them out or choose "
            "errors = 'clustered'"
        )
    return np.divide(residual, left, out=np.zeros(len(residual)), where=~gone)


def _products(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Sum over entities and periods of the outer products, shapes (m, T, k) → (k, k)."""
    k = a.shape[-1]
    return a.reshape(-1, k).T @ b.reshape(-1, k)

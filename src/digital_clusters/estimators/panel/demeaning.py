"""Transformations of panel columns: group means, demeaning one and two ways, indicators.

All take a vector (n,) or a matrix (n, c) and codes (n,) that run 0, 1, …; rows may come in any order
and the panel may be unbalanced.
"""

from collections.abc import Callable

import numpy as np


def group_means(columns: np.ndarray, group: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Mean of each column within each group, spread back over the rows; same shape as ``columns``.

    ``weights``, shape (n,), are positive.
    """
    mass = np.bincount(group, weights)
    return _column_by_column(columns, lambda c, _: _means(c, group, mass, weights))


def group_sums(columns: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Sum of each column within each group, shape (number of groups, c)."""
    values = _matrix(columns)
    out = np.empty((group.max() + 1, values.shape[1]))
    for j in range(values.shape[1]):
        out[:, j] = np.bincount(group, weights=values[:, j])
    return out


def demean(columns: np.ndarray, group: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Deviations from the mean of the group, weighted where ``weights``, shape (n,), are given."""
    mass = np.bincount(group, weights)
    return _column_by_column(columns, lambda c, _: c - _means(c, group, mass, weights))


def demean_two_way(
    columns: np.ndarray, entity: np.ndarray, time: np.ndarray, weights: np.ndarray | None = None
) -> np.ndarray:
    """Residuals of a regression on entity and time indicators, exact for unbalanced panels too.

    The effects of the dimension with fewer groups solve the normal equations left after the other
    dimension is demeaned (Baltagi 2021, *Econometric Analysis of Panel Data*, section 9.4), so
    that there is no iteration and no tolerance.

    Parameters
    ----------
    columns : numpy.ndarray, shape (n,) or (n, c)
    entity, time : numpy.ndarray of int, shape (n,)
        Codes that run 0, 1, ….
    weights : numpy.ndarray, shape (n,), optional
        Of the regression; positive.
    """
    large, small = (entity, time) if entity.max() >= time.max() else (time, entity)
    shape = (int(large.max()) + 1, int(small.max()) + 1)
    cells = np.bincount(large * shape[1] + small, weights, minlength=shape[0] * shape[1])
    mass = cells.astype(float).reshape(shape)
    once = _weighted(demean(_matrix(columns), large, weights), weights)
    normal = np.diag(mass.sum(axis=0)) - mass.T @ (mass / mass.sum(axis=1, keepdims=True))
    effects = np.linalg.lstsq(normal, group_sums(once, small), rcond=None)[0]
    whole = np.bincount(large, weights)

    def less_effects(column: np.ndarray, j: int) -> np.ndarray:
        left = column - effects[:, j][small]
        return left - _means(left, large, whole, weights)

    return _column_by_column(columns, less_effects)


def indicators(group: np.ndarray, *, drop_first: bool = False) -> np.ndarray:
    """Indicator columns of a group, shape (n, number of groups), without the first on request."""
    return np.eye(group.max() + 1)[group][:, int(drop_first) :]


def _column_by_column(columns: np.ndarray, change: Callable[[np.ndarray, int], np.ndarray]) -> np.ndarray:
    """What becomes of each column, in the shape of all; one at a time, so that a column stays in cache."""
    values = _matrix(columns)
    out = np.empty(values.shape, order="F")
    for j in range(values.shape[1]):
        out[:, j] = change(values[:, j], j)
    return out.reshape(np.shape(columns))


def _means(column: np.ndarray, group: np.ndarray, mass: np.ndarray, weights: np.ndarray | None) -> np.ndarray:
    """Mean of a column within each group of this ``mass``, spread back over the rows."""
    return (np.bincount(group, column if weights is None else weights * column) / mass)[group]


def _weighted(values: np.ndarray, weights: np.ndarray | None) -> np.ndarray:
    return values if weights is None else weights[:, None] * values


def _matrix(columns: np.ndarray) -> np.ndarray:
    return np.asarray(columns, dtype=float).reshape(len(columns), -1)

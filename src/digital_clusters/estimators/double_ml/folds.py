"""Folds of the cross-fitting: over rows, or keeping whole entities together."""

import numpy as np

from digital_clusters.errors import ParameterError

Splits = list[tuple[np.ndarray, np.ndarray]]
"""Pairs of row indices (training, held out), one pair a fold."""


def draw_folds(
    n: int, folds: int, *, clusters: np.ndarray | None = None, seed: int | np.random.Generator
) -> np.ndarray:
    """Fold number of each row, shape (n,), drawn at random with sizes that differ by at most one.

    Parameters
    ----------
    n : int
        Rows.
    folds : int
    clusters : numpy.ndarray, shape (n,), optional
        Labels; rows of one label get one fold, and the sizes are in clusters. ``None`` draws over rows.
    seed : int or numpy.random.Generator

    Raises
    ------
    ParameterError
        Fewer than two folds, or more folds than rows or clusters.

    Examples
    --------
    >>> np.bincount(draw_folds(10, 5, seed=1)).tolist()
    [2, 2, 2, 2, 2]
    """
    rng = np.random.default_rng(seed)
    codes = np.arange(n) if clusters is None else np.unique(clusters, return_inverse=True)[1]
    units, what = int(codes.max(initial=-1)) + 1, "rows" if clusters is None else "clusters"
    if not 2 <= folds <= units:
        raise ParameterError(f"folds = {folds}: choose between 2 and the number of {what}, {units}")
    return rng.permutation(np.arange(units) % folds)[codes]


def splits(fold_numbers: np.ndarray) -> Splits:
    """Row indices (training, held out) of each fold."""
    return [
        (np.flatnonzero(fold_numbers != fold), np.flatnonzero(fold_numbers == fold))
        for fold in np.unique(fold_numbers)
    ]

"""Gradient boosting of several targets on all folds at once, with covariates in bins.

Friedman (2001), algorithms 1 and 2 with squared loss. Many small fits then cost what their arrays cost, and
not what a library spends on starting each of them.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

BINS = 32
"""Of each covariate, with as many rows in each as ties allow."""

TIE = 1e-10
"""Share of a gain by which another may be smaller and still be taken for equal: they differ by rounding."""

_NONE = -1


@dataclass(frozen=True)
class BinnedBoosting:
    """A learner that predicts all folds of several targets in one pass.

    ``partially_linear`` takes it in place of a scikit-learn regressor. Settings are those of scikit-learn's
    gradient boosting; splits are sought between bins only.

    Attributes
    ----------
    rounds, depth : int
        Trees, and levels of each.
    rate : float
        Share of a tree that is added.
    bins : int
        Of each covariate. With as many as there are rows, splits are exact.
    """

    rounds: int = 100
    depth: int = 3
    rate: float = 0.1
    bins: int = BINS

    def cross_predict(self, x, targets, fold_numbers) -> np.ndarray:
        """Predictions for the rows of each fold, learnt from the rows of the others.

        Parameters
        ----------
        x : numpy.ndarray, shape (n, p)
        targets : numpy.ndarray, shape (n, m)
        fold_numbers : numpy.ndarray of int, shape (n,)
            0, 1, …

        Returns
        -------
        numpy.ndarray, shape (n, m)

        Notes
        -----
        Of splits that gain the same, that of the earlier covariate and the lower threshold is taken.
        """
        folds, (n, m) = int(fold_numbers.max()) + 1, targets.shape
        learnt = np.tile(fold_numbers[:, None] != np.arange(folds), m).astype(float)
        wanted = np.repeat(targets, folds, axis=1)
        fitted = np.tile((wanted * learnt).sum(axis=0) / learnt.sum(axis=0), (n, 1))
        cells = cells_of(x, self.bins)
        incidence = cells.incidence()
        both = np.stack([learnt, learnt], axis=1)
        for _ in range(self.rounds):
            np.multiply(wanted - fitted, learnt, out=both[:, 0])
            fitted += self.rate * _tree(cells, incidence, both, self.depth)
        return fitted.reshape(n, m, folds)[np.arange(n), :, fold_numbers]


@dataclass(frozen=True, eq=False)
class Cells:
    """Covariates as cells that a row falls into.

    Attributes
    ----------
    place : numpy.ndarray of int, shape (n, p)
        Number of the row's cell; −1 where a covariate of two values has its lower one, which needs none.
    feature : numpy.ndarray of int, shape (cells,)
        Column of ``place`` that a cell belongs to; those with an order come first.
    ordered, bins : int
        Columns with an order, and cells of each.
    """

    place: np.ndarray
    feature: np.ndarray
    ordered: int
    bins: int

    def incidence(self) -> csr_array:
        """One where a row is in a cell, shape (cells, n)."""
        rows, columns = np.nonzero(self.place != _NONE)
        entries = np.ones(len(rows)), (self.place[rows, columns], rows)
        return csr_array(entries, shape=(len(self.feature), len(self.place)))


def cells_of(x, bins: int) -> Cells:
    """Bins of each covariate, and one cell for each of two values or fewer.

    Parameters
    ----------
    x : numpy.ndarray, shape (n, p)
    bins : int
    """
    two = np.array([np.all((column == column.min()) | (column == column.max())) for column in x.T])
    many, few = x[:, ~two], x[:, two]
    ordered = [np.searchsorted(cuts(column, bins), column) + j * bins for j, column in enumerate(many.T)]
    first = bins * len(ordered)
    indicators = np.where(few == few.max(axis=0, initial=-np.inf), first + np.arange(few.shape[1]), _NONE)
    feature = np.repeat(np.arange(x.shape[1]), [bins] * len(ordered) + [1] * few.shape[1])
    return Cells(np.column_stack([*ordered, indicators]).astype(np.int32), feature, len(ordered), bins)


def cuts(column, bins: int) -> np.ndarray:
    """At most ``bins`` − 1 thresholds, each half-way between neighbouring values of a column."""
    ranked = np.sort(column)
    values = np.unique(ranked)
    if len(values) > bins:
        starts = np.unique(ranked[np.linspace(0, len(ranked), bins, endpoint=False).astype(int)])[1:]
    else:
        starts = values[1:]
    return (values[np.searchsorted(values, starts) - 1] + starts) / 2


def _tree(cells: Cells, incidence, both, depth: int) -> np.ndarray:
    """What one tree for each column adds to every row, shape (n, columns).

    ``both`` is (n, 2, columns): residuals, and one for the rows that are learnt from, zero for the others.
    Sums over cells are (cells, 2, nodes, columns), totals (2, nodes, columns).
    """
    n, _, columns = both.shape
    inside = np.ones((n, 1, columns))
    sums = (incidence @ both.reshape(n, -1)).reshape(-1, 2, 1, columns)
    totals = both.sum(axis=0)[:, None]
    for _ in range(depth - 1):
        split = _split(cells, sums, totals)
        first = split.goes_left(cells.place) * inside
        parts = incidence @ (first[:, None] * both[:, :, None]).reshape(n, -1)
        parts = parts.reshape(len(sums), *totals.shape)
        inside = np.concatenate([first, inside - first], axis=1)
        sums = np.concatenate([parts, sums - parts], axis=2)
        totals = np.concatenate([split.left, totals - split.left], axis=1)
    split = _split(cells, sums, totals)
    first, left, right = split.goes_left(cells.place) * inside, _mean(split.left), _mean(totals - split.left)
    return np.einsum("nkc,kc->nc", inside, right) + np.einsum("nkc,kc->nc", first, left - right)


def _mean(totals: np.ndarray) -> np.ndarray:
    """Sum over number of rows, zero where there is no row."""
    return totals[0] / np.maximum(totals[1], 1)


@dataclass(frozen=True, eq=False)
class _Split:
    """The best split of every node: the cells that go left, and their sum and number of rows."""

    feature: np.ndarray
    lowest: np.ndarray
    highest: np.ndarray
    left: np.ndarray

    def goes_left(self, place: np.ndarray) -> np.ndarray:
        own = np.take(place, self.feature, axis=1)
        return (own <= self.highest) & (own >= self.lowest)


def _split(cells: Cells, sums, totals) -> _Split:
    """Best split of every node by squared loss."""
    left = np.array(sums)
    first = left[: cells.ordered * cells.bins].reshape(cells.ordered, cells.bins, *totals.shape)
    np.cumsum(first, axis=1, out=first)
    gain = _gain(left) + _gain(totals - left)
    best = (gain >= gain.max(axis=0) * (1 - TIE)).argmax(axis=0)
    nodes, columns = np.indices(best.shape)
    chosen = left[best, :, nodes, columns].transpose(2, 0, 1)
    # a node that no split divides stays whole, also for rows that nothing is learnt from
    empty, whole = chosen[1] == 0, chosen[1] == totals[1]
    lowest = np.where(empty, len(gain), np.where((best < cells.ordered * cells.bins) | whole, _NONE, best))
    highest = np.where(whole, len(gain), best)
    ends = (end.astype(cells.place.dtype) for end in (lowest, highest))
    return _Split(cells.feature[best], *ends, chosen)


def _gain(side: np.ndarray) -> np.ndarray:
    """Squared sum over number of rows on one side of every split; nothing for an empty one."""
    gain = side[:, 0] * side[:, 0]
    gain /= np.maximum(side[:, 1], 1)
    return gain

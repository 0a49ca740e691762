"""Arrays of a panel, checked once at the door of every estimator."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from digital_clusters.errors import DataError, ParameterError

DENSE = 4
"""Whole numbers that span fewer than so many times their count are counted, not sorted."""


@dataclass(frozen=True, eq=False)
class PanelArrays:
    """A panel whose shapes agree and whose values are finite.

    Attributes
    ----------
    y : numpy.ndarray, shape (n,)
    d : numpy.ndarray, shape (n, k)
    x : numpy.ndarray, shape (n, p)
        ``p`` may be zero.
    entity, time : numpy.ndarray of int, shape (n,)
        Codes 0, 1, … in sorted order of the labels that came in.
    terms : tuple of str, length k
    """

    y: np.ndarray
    d: np.ndarray
    x: np.ndarray
    entity: np.ndarray
    time: np.ndarray
    terms: tuple[str, ...]


def check_panel(y, d, x, *, entity, time, terms) -> PanelArrays:
    """Arrays as floats and codes; raise where lengths differ, a value is missing or a key repeats.

    Raises
    ------
    ParameterError
        Lengths or the number of terms do not agree.
    DataError
        A value or a label is missing or infinite, labels mix text and numbers, or an entity has two rows in
        one period.
    """
    y = np.asarray(y, dtype=float).reshape(-1)
    n = len(y)
    d = as_columns(d, n)
    x = np.empty((n, 0)) if x is None else as_columns(x, n)
    (units, entity_codes), (periods, time_codes) = label_codes("entity", entity), label_codes("time", time)
    terms = tuple(terms)
    for name, array in {"d": d, "x": x, "entity": entity_codes, "time": time_codes}.items():
        if len(array) != n:
            raise ParameterError(f"{name} has {len(array)} rows, the outcome has {n}")
    if len(terms) != d.shape[1] or len(set(terms)) != len(terms):
        raise ParameterError(f"{d.shape[1]} columns need as many different names, given: {', '.join(terms)}")
    columns = [("the outcome", y), *((f"term '{term}'", d[:, j]) for j, term in enumerate(terms))]
    columns += [(f"covariate {j + 1}", x[:, j]) for j in range(x.shape[1])]
    for name, column in columns:
        if not np.isfinite(column).all():
            row = int(np.argmin(np.isfinite(column)))
            where = f"{units[entity_codes[row]]}, {periods[time_codes[row]]}"
            raise DataError(f"{name} is missing or infinite in row {row} ({where})")
    _refuse_repeated_keys(entity_codes, time_codes, units, periods)
    return PanelArrays(y, d, x, entity_codes, time_codes, terms)


def as_columns(array, n: int) -> np.ndarray:
    """A float matrix; a vector becomes one column."""
    array = np.asarray(array, dtype=float)
    return array.reshape(n, -1) if array.ndim == 1 and len(array) == n else array


def label_codes(name: str, labels) -> tuple[np.ndarray, np.ndarray]:
    """Distinct labels in sorted order, and the code 0, 1, … of each row's label.

    Parameters
    ----------
    name : str
        What the labels are of, for errors.
    labels : array_like, shape (n,)

    Returns
    -------
    distinct : numpy.ndarray, shape (m,)
    codes : numpy.ndarray of int, shape (n,)

    Raises
    ------
    DataError
        A label is missing, infinite or empty, or text and numbers are mixed.
    ParameterError
        More than one axis.
    """
    array = np.asarray(labels)
    if array.ndim != 1:
        raise ParameterError(f"{name} has {array.ndim} axes: pass one label a row")
    absent = ~np.isfinite(array) if array.dtype.kind == "f" else pd.isna(array)
    if array.dtype.kind in "OUS":
        # numpy writes missing values among texts as the word 'nan'
        loose = np.fromiter(labels, dtype=object, count=len(array))
        absent = pd.isna(loose)
        absent[~absent] = loose[~absent] == ""
        if len({isinstance(label, str) for label in loose[~absent]}) > 1:
            raise DataError(f"{name} mixes text and other labels, such as '1' and 1: make them one type")
    if absent.any():
        raise DataError(
            f"{name} is missing in row {int(np.argmax(absent))} ({int(absent.sum())} rows in all): "
            "fill in the label or leave the row out"
        )
    if array.dtype.kind == "i" and len(array):
        first, last = int(array.min()), int(array.max())
        if last - first < DENSE * len(array):
            return _counted(array, first)
    distinct, codes = np.unique(array, return_inverse=True)
    return distinct, codes


def _counted(whole: np.ndarray, first: int) -> tuple[np.ndarray, np.ndarray]:
    """Distinct whole numbers that lie close together, and codes, without a sort."""
    places = whole.astype(np.int64) - first  # a difference of small types overflows
    there = np.bincount(places) > 0
    distinct = (np.flatnonzero(there) + first).astype(whole.dtype)
    return distinct, (np.cumsum(there) - 1)[places]


def _refuse_repeated_keys(entity_codes, time_codes, units, periods) -> None:
    key = entity_codes * (time_codes.max(initial=0) + 1) + time_codes
    if len(key) and int(key.max()) < DENSE * len(key) and np.bincount(key).max() == 1:
        return
    _, first, count = np.unique(key, return_index=True, return_counts=True)
    if (count > 1).any():
        row = int(first[count > 1][0])
        raise DataError(
            f"entity {units[entity_codes[row]]} has more than one row in period {periods[time_codes[row]]}"
        )


def as_matrix(name: str, array, n: int) -> np.ndarray:
    """A float matrix of ``n`` rows; a vector becomes one column and ``None`` no column.

    Raises
    ------
    ParameterError
        Another number of rows.
    """
    columns = np.empty((n, 0)) if array is None else as_columns(array, n)
    if columns.ndim != 2 or len(columns) != n:
        raise ParameterError(f"{name} has {len(columns)} rows, the outcome has {n}")
    return columns

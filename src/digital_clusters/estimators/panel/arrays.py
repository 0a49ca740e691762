"""Arrays of a panel, checked once at the door of every estimator."""

from dataclasses import dataclass

import numpy as np

from digital_clusters.errors import DataError, ParameterError


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
        A value is missing or infinite, or an entity has two rows in one period.
    """
    y = np.asarray(y, dtype=float).reshape(-1)
    n = len(y)
    d = as_columns(d, n)
    x = np.empty((n, 0)) if x is None else as_columns(x, n)
    entity, time, terms = np.asarray(entity), np.asarray(time), tuple(terms)
    for name, array in {"d": d, "x": x, "entity": entity, "time": time}.items():
        if len(array) != n:
            raise ParameterError(f"{name} has {len(array)} rows, the outcome has {n}")
    if len(terms) != d.shape[1] or len(set(terms)) != len(terms):
        raise ParameterError(f"{d.shape[1]} columns need as many different names, given: {', '.join(terms)}")
    columns = [("the outcome", y), *((f"term '{term}'", d[:, j]) for j, term in enumerate(terms))]
    columns += [(f"covariate {j + 1}", x[:, j]) for j in range(x.shape[1])]
    for name, column in columns:
        if not np.isfinite(column).all():
            row = int(np.argmin(np.isfinite(column)))
            raise DataError(f"{name} is missing or infinite in row {row} ({entity[row]}, {time[row]})")
    entity_codes = np.unique(entity, return_inverse=True)[1]
    time_codes = np.unique(time, return_inverse=True)[1]
    _refuse_repeated_keys(entity_codes, time_codes, entity, time)
    return PanelArrays(y, d, x, entity_codes, time_codes, terms)


def as_columns(array, n: int) -> np.ndarray:
    """A float matrix; a vector becomes one column."""
    array = np.asarray(array, dtype=float)
    return array.reshape(n, -1) if array.ndim == 1 and len(array) == n else array


def _refuse_repeated_keys(entity_codes, time_codes, entity, time) -> None:
    key = entity_codes * (time_codes.max(initial=0) + 1) + time_codes
    _, first, count = np.unique(key, return_index=True, return_counts=True)
    if (count > 1).any():
        row = int(first[count > 1][0])
        raise DataError(f"entity {entity[row]} has more than one row in period {time[row]}")

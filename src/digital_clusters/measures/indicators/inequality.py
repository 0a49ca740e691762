"""Gini coefficient of the lights of a city's urban and township areas (Yu & Zhang, Eq. 1)."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from digital_clusters.errors import DataError, ParameterError

_RADIX_LIMIT = np.iinfo(np.uint16).max
"""numpy sorts integers of 16 bits by radix; group codes up to here are sorted that way."""


def gini(x: ArrayLike, weights: ArrayLike | None = None, unbiased: bool = False) -> float:
    """Gini coefficient, sum over i, j of |x_i − x_j| / (2 n² mean), in sorted form.

    Parameters
    ----------
    x : array_like, shape (n,)
        Non-negative values, e.g. mean radiance in nW/cm²/sr.
    weights : array_like, shape (n,), optional
        Positive weights, e.g. persons or km²; a weight of 2 is the same as the unit twice.
    unbiased : bool
        Multiply by n / (n − 1), which has no meaning with weights.

    Returns
    -------
    float
        In [0, 1); NaN for fewer than two units or when every value is zero.

    Raises
    ------
    DataError
        If a value is negative or missing, or a weight is not positive.
    ParameterError
        If ``unbiased`` is asked for with weights.

    Examples
    --------
    >>> round(gini([20, 50, 20, 10]), 12)
    0.3
    """
    if unbiased and weights is not None:
        raise ParameterError("unbiased = True needs the number of units and has no meaning with weights")
    x = np.asarray(x, dtype=float)
    if x.size == 0:
        return float("nan")
    value = float(gini_by_group(x, np.zeros(x.size, dtype=np.int64), weights)[0])
    return value * x.size / (x.size - 1) if unbiased and x.size > 1 else value


def gini_by_group(
    values: ArrayLike, group_codes: ArrayLike, weights: ArrayLike | None = None, n_groups: int | None = None
) -> np.ndarray:
    """Gini coefficient of every group, with one sort of the codes and one of the values of each.

    Parameters
    ----------
    values : array_like, shape (n,)
        Non-negative.
    group_codes : array_like of int, shape (n,)
        0 … ``n_groups`` − 1, in any order.
    weights : array_like, shape (n,), optional
        Positive.
    n_groups : int, optional
        Default: the largest code plus one.

    Returns
    -------
    numpy.ndarray, shape (n_groups,)
        NaN for a group with fewer than two units, or whose values are all zero.

    Raises
    ------
    DataError
        If a value is negative or missing, a weight is not positive, or the lengths differ.
    """
    x, codes, w = _checked(values, group_codes, weights)
    groups = int(codes.max(initial=-1)) + 1 if n_groups is None else n_groups
    order = _order_of_groups(codes, groups)
    x, codes = x[order], codes[order]
    units = np.bincount(codes, minlength=groups)
    start = np.cumsum(units) - units
    if w is None:
        for part in np.split(x, start[1:]):
            part.sort()
        balance = np.arange(1, 2 * x.size, 2) - np.repeat(2 * start + units, units)
        size, total = units, np.bincount(codes, x, groups)
    else:
        by_value = np.lexsort((x, codes))
        x, w = x[by_value], w[order][by_value]
        size, total = np.bincount(codes, w, groups), np.bincount(codes, w * x, groups)
        running = np.concatenate([[0.0], np.cumsum(w)])
        below = running[:-1] - running[start][codes]
        balance = w * (2 * below + w - size[codes])
    spread = np.bincount(codes, balance * x, groups)
    out = np.full(groups, np.nan)
    np.divide(spread, size * total, out=out, where=(units > 1) & (total > 0))
    return out


def gini_of_units(
    units: pd.DataFrame,
    value: str = "radiance",
    weight: str | None = None,
    by: tuple[str, ...] = ("city", "year"),
) -> pd.DataFrame:
    """Gini coefficient over the rows that share the keys ``by``.

    Parameters
    ----------
    units : pandas.DataFrame
        One row a unit and year: the keys, ``value`` and, if named, ``weight``.

    Returns
    -------
    pandas.DataFrame
        The keys, ``gini`` and ``units`` (how many), sorted by the keys.

    Raises
    ------
    DataError
        As :func:`gini_by_group`; a missing value names its city, unit and year.
    """
    missing = units[value].isna()
    if missing.any():
        where = units.loc[missing].iloc[0].to_dict()
        raise DataError(f"{value} is missing in {missing.sum()} row(s), the first is {where}: leave them out")
    grouped = units.groupby(list(by), sort=True)
    keys = grouped.size().rename("units").reset_index()
    codes = grouped.ngroup().to_numpy()
    weights = None if weight is None else units[weight].to_numpy(float)
    keys["gini"] = gini_by_group(units[value].to_numpy(float), codes, weights, n_groups=len(keys))
    return keys[[*by, "gini", "units"]]


def _order_of_groups(codes: np.ndarray, groups: int) -> np.ndarray:
    """Rows of the first group, then of the second, and so on."""
    keys = codes.astype(np.uint16) if groups <= _RADIX_LIMIT else codes
    return np.argsort(keys, kind="stable")


def _checked(values: ArrayLike, group_codes: ArrayLike, weights: ArrayLike | None):
    x = np.asarray(values, dtype=float)
    codes = np.asarray(group_codes)
    w = None if weights is None else np.asarray(weights, dtype=float)
    if x.ndim != 1 or codes.shape != x.shape or (w is not None and w.shape != x.shape):
        shapes = f"{x.shape}, {codes.shape}" + ("" if w is None else f", {w.shape}")
        raise DataError(f"values, group codes and weights must be of one length, not {shapes}")
    if not np.isfinite(x).all():
        raise DataError(f"{(~np.isfinite(x)).sum()} of {x.size} values are missing or infinite")
    if (x < 0).any():
        raise DataError(
            f"{(x < 0).sum()} of {x.size} values are negative (smallest {x.min():g}): "
            "a Gini coefficient needs values that are not"
        )
    if codes.size and (codes.dtype.kind not in "iu" or codes.min() < 0):
        raise DataError("group codes must be integers from 0")
    if w is not None and not (w > 0).all():
        raise DataError(f"{(~(w > 0)).sum()} of {w.size} weights are missing or not positive")
    return x, codes, w

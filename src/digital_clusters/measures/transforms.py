"""Transformations of one variable over a sample. Missing values stay missing."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from digital_clusters.errors import DataError, ParameterError, check_option

QuantileRule = Literal["averaged", "interpolated"]
"""``averaged``: the inverse of the empirical distribution, averaged where it is flat, as Stata's
``_pctile`` and the commands built on it (``winsor2``) do. ``interpolated``: linear between order
statistics, the default of numpy and of R."""

_INTEGER_TOLERANCE = 1e-9
"""n · p is taken for an integer within this: 0.07 · 100 is 7.000000000000001 in binary."""


def natural_log(x: ArrayLike, nonpositive: Literal["error", "missing"] = "error") -> tuple[np.ndarray, int]:
    """Natural logarithm and the number of values that have none.

    Parameters
    ----------
    x : array_like
    nonpositive : {"error", "missing"}
        What to do with zeros and negative values.

    Returns
    -------
    logs : numpy.ndarray
        NaN where ``x`` is missing or, under ``missing``, not positive.
    refused : int
        How many values were zero or negative.

    Raises
    ------
    DataError
        Under ``error``, if a value is zero or negative.
    """
    x = np.asarray(x, dtype=float)
    bad = x <= 0
    refused = int(bad.sum())
    if refused and nonpositive == "error":
        raise DataError(f"{refused} of {x.size} values are zero or negative and have no logarithm")
    return np.log(np.where(bad, np.nan, x)), refused


def quantile(x: ArrayLike, share: float, rule: QuantileRule = "averaged") -> float:
    """Quantile of the values that are not missing, by one of two rules.

    Raises
    ------
    ParameterError
        For a share outside [0, 1] or an unknown rule.
    DataError
        If every value is missing.
    """
    check_option("rule", rule, QuantileRule)
    if not 0 <= share <= 1:
        raise ParameterError(f"share = {share!r} is not between 0 and 1")
    values = _present(x)
    if rule == "interpolated":
        return float(np.quantile(values, share))
    values.sort()
    position = share * values.size
    whole = round(position)
    if abs(position - whole) < _INTEGER_TOLERANCE and 0 < whole < values.size:
        return float(values[whole - 1 : whole + 1].mean())
    return float(values[min(max(int(np.ceil(position - _INTEGER_TOLERANCE)), 1), values.size) - 1])


def winsorise(x: ArrayLike, share: float, rule: QuantileRule = "averaged") -> np.ndarray:
    """Values beyond the quantiles ``share`` and 1 − ``share`` set to those quantiles.

    Parameters
    ----------
    x : array_like, shape (n,)
    share : float
        In [0, 0.5); 0.01 is "1st and 99th percentile".
    rule : {"averaged", "interpolated"}
        Convention of the quantiles, see :data:`QuantileRule`.

    Examples
    --------
    >>> winsorise([1, 2, 3, 4, 100], 0.25).tolist()
    [2.0, 2.0, 3.0, 4.0, 4.0]
    """
    if not 0 <= share < 0.5:
        raise ParameterError(f"share = {share!r} must be at least 0 and below 0.5")
    x = np.asarray(x, dtype=float)
    return np.clip(x, quantile(x, share, rule), quantile(x, 1 - share, rule))


def centre(x: ArrayLike) -> np.ndarray:
    """Deviations from the mean of the values that are not missing."""
    x = np.asarray(x, dtype=float)
    return x - _present(x).mean()


def min_max(x: ArrayLike) -> np.ndarray:
    """Values moved and scaled to [0, 1].

    Raises
    ------
    DataError
        If all values are the same.
    """
    x = np.asarray(x, dtype=float)
    low, high = _present(x).min(), _present(x).max()
    if low == high:
        raise DataError(f"all values are {low:g}: they cannot be scaled to [0, 1]")
    return (x - low) / (high - low)


def median_split(x: ArrayLike) -> np.ndarray:
    """Whether each value is at or above the median: ties at the median count as above.

    Raises
    ------
    DataError
        If a value is missing: it belongs to neither side.
    """
    x = np.asarray(x, dtype=float)
    if np.isnan(x).any() or not x.size:
        raise DataError(f"a median split needs every value; {np.isnan(x).sum()} of {x.size} are missing")
    return x >= np.median(x)


def _present(x: ArrayLike) -> np.ndarray:
    values = np.asarray(x, dtype=float).ravel()
    values = values[~np.isnan(values)]
    if not values.size:
        raise DataError("there is no value that is not missing")
    return values

"""Index of the structure of industry: primary, secondary and tertiary sector weighted 1, 2 and 3."""

import numpy as np
from numpy.typing import ArrayLike

from digital_clusters.errors import DataError

GDP_TOLERANCE = 0.03
"""Relative gap between GDP and the sum of the sectors that is still taken for rounding or revision."""


def upgrading_index(
    primary: ArrayLike,
    secondary: ArrayLike,
    tertiary: ArrayLike,
    gdp: ArrayLike | None = None,
    tolerance: float = GDP_TOLERANCE,
) -> np.ndarray:
    """Index of industrial upgrading UIL = s₁ + 2 s₂ + 3 s₃ (Yu & Zhang, Eq. 2).

    Parameters
    ----------
    primary, secondary, tertiary : array_like, shape (n,)
        Value added of the sectors, or their shares, in one unit; shares are renormalised to one.
    gdp : array_like, shape (n,), optional
        In the same unit; if given, the sectors must add to it.
    tolerance : float
        Largest relative gap between GDP and the sum of the sectors.

    Returns
    -------
    numpy.ndarray, shape (n,)
        In [1, 3]; NaN where a sector is missing or all are zero.

    Raises
    ------
    DataError
        If value added is negative, or the sectors miss GDP by more than ``tolerance``.

    Examples
    --------
    >>> upgrading_index([7.7], [37.8], [54.5]).round(3).tolist()
    [2.468]
    """
    sectors = np.stack([np.atleast_1d(np.asarray(s, dtype=float)) for s in (primary, secondary, tertiary)])
    if (sectors < 0).any():
        raise DataError(f"{(sectors < 0).sum()} values added are negative (smallest {np.nanmin(sectors):g})")
    if gdp is not None:
        gap = np.abs(sector_gap(*sectors, gdp))
        if (gap > tolerance).any():
            row = int(np.nanargmax(gap))
            raise DataError(
                f"the sectors miss GDP by more than {tolerance:.0%} in {(gap > tolerance).sum()} row(s); "
                f"the largest gap is {gap[row]:.1%}, in row {row}"
            )
    total = sectors.sum(axis=0)
    out = np.full(total.shape, np.nan)
    return np.divide(np.array([1.0, 2.0, 3.0]) @ sectors, total, out=out, where=total > 0)


def sector_gap(primary: ArrayLike, secondary: ArrayLike, tertiary: ArrayLike, gdp: ArrayLike) -> np.ndarray:
    """Sum of the sectors over GDP, minus one; NaN where any of them is missing or GDP is zero."""
    total = sum(np.asarray(sector, dtype=float) for sector in (primary, secondary, tertiary))
    gdp = np.atleast_1d(np.asarray(gdp, dtype=float))
    out = np.full(np.broadcast_shapes(np.shape(total), gdp.shape), np.nan)
    return np.divide(total, gdp, out=out, where=gdp != 0) - 1

"""Co-agglomeration of manufacturing and producer services (Chen, Liu & Zou 2016), and a two-sector proxy."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from digital_clusters.errors import ParameterError
from digital_clusters.measures.frames import Cube, cube, ratio
from digital_clusters.measures.indicators.concentration import location_quotient

MANUFACTURING = ("C",)
PRODUCER_SERVICES = ("G", "I", "J", "L", "M")
"""Sections of GB/T 4754: transport, information, finance, business services, research."""

MISSING = "a part of the city's total is missing"
EMPTY = "the city has neither of the two"
NOWHERE = "no city has one of the two"
EXCESS = "the two exceed the city's total"
"""Why a city and year has no index."""


def coagglomeration_index(m: ArrayLike, s: ArrayLike) -> np.ndarray:
    """Index 1 − |m − s| / (m + s) + (m + s): how alike two location quotients are, and how high.

    Parameters
    ----------
    m, s : array_like
        Location quotients of the two groups.

    Returns
    -------
    numpy.ndarray
        Not negative, without upper bound; 3 where both are 1. NaN where one is missing or both are zero.

    Examples
    --------
    >>> coagglomeration_index([1.0, 1.5], [1.0, 0.5]).tolist()
    [3.0, 2.5]
    """
    m, s = np.asarray(m, dtype=float), np.asarray(s, dtype=float)
    return 1 - ratio(np.abs(m - s), m + s) + (m + s)


def coagglomeration(
    frame: pd.DataFrame,
    manufacturing: Sequence[str] = MANUFACTURING,
    producer_services: Sequence[str] = PRODUCER_SERVICES,
    value: str = "employment",
) -> pd.DataFrame:
    """Co-agglomeration of two groups of industries in every city and year.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns city, industry, year and ``value``; the industries of a city add to its whole economy.
    manufacturing, producer_services : sequence of str
        Codes of the two groups.

    Returns
    -------
    pandas.DataFrame
        city, year, lq_manufacturing, lq_producer_services, coagglomeration, reason. ``reason`` says why the
        index is NaN and is empty elsewhere. A city that lacks an industry in a year has no total: it has no
        index, and the country of that year is the cities that are complete.

    Raises
    ------
    ParameterError
        If a group is empty, or an industry is in both.
    MissingTableError, DataError
        If a column is not there; if a key is repeated, a value negative, an industry unknown.
    """
    both = set(manufacturing) & set(producer_services)
    if both or not manufacturing or not producer_services:
        what = f"{', '.join(sorted(both))} is in both" if both else "one is empty"
        raise ParameterError(f"manufacturing and producer services must be two groups of industries: {what}")
    grid = cube(frame, [value], "co-agglomeration")
    groups = [grid.of_industries(value, codes) for codes in (manufacturing, producer_services)]
    return _indexed(grid, *groups, grid.values[value].sum(axis=2), ("manufacturing", "producer_services"))


def two_sector_coagglomeration(frame: pd.DataFrame) -> pd.DataFrame:
    """Co-agglomeration of the secondary and the tertiary sector by value added: a coarse proxy.

    It cannot tell manufacturing from mining and building, nor producer services from retail and government.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns city, year, value_added_secondary, value_added_tertiary and gdp, in one unit, current prices.

    Returns
    -------
    pandas.DataFrame
        city, year, lq_secondary, lq_tertiary, coagglomeration, reason, as in :func:`coagglomeration`. Where
        the two sectors exceed GDP the index is NaN as well.
    """
    sectors = ["value_added_secondary", "value_added_tertiary"]
    grid = cube(frame, [*sectors, "gdp"], "the two-sector proxy", by_industry=False)
    secondary, tertiary = (grid.values[name] for name in sectors)
    return _indexed(grid, secondary, tertiary, grid.values["gdp"], ("secondary", "tertiary"))


def _indexed(
    grid: Cube, first: np.ndarray, second: np.ndarray, total: np.ndarray, names: tuple[str, str]
) -> pd.DataFrame:
    """Frame of location quotients, index and reasons from amounts of shape (T, N)."""
    rest = total - first - second
    # Sums of the same doubles in another order differ in the last digits.
    excess = rest < -1e-9 * total
    parts = np.stack([first, second, np.where(excess, np.nan, np.maximum(rest, 0))], axis=2)
    quotients = location_quotient(parts)
    m, s = quotients[:, :, 0], quotients[:, :, 1]
    index = coagglomeration_index(m, s)
    reason = np.select(
        [np.isfinite(index), excess, np.isnan(parts).any(axis=2), first + second == 0],
        ["", EXCESS, MISSING, EMPTY],
        NOWHERE,
    )
    columns = {f"lq_{names[0]}": m, f"lq_{names[1]}": s, "coagglomeration": index, "reason": reason}
    return grid.frame(columns)

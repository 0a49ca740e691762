"""Market demand, market potential and internet use of cities."""

import numpy as np
import pandas as pd

from digital_clusters.errors import DataError
from digital_clusters.measures.distance import distances_between
from digital_clusters.measures.frames import cube, ratio

YUAN_PER_HEAD = 1e4
"""100 million yuan over 10,000 persons, in yuan per person."""


def market_demand(frame: pd.DataFrame) -> pd.DataFrame:
    """Retail sales relative to output and per head.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns city, year, retail_sales and gdp (100 million yuan, current prices), population (10,000
        persons).

    Returns
    -------
    pandas.DataFrame
        city, year, log_retail_share (log of retail sales over GDP), log_retail_per_head (log yuan). NaN where
        a part is missing or zero.
    """
    grid = cube(frame, ["retail_sales", "gdp", "population"], "market demand", by_industry=False)
    retail, gdp, population = (grid.values[name] for name in ("retail_sales", "gdp", "population"))
    share, per_head = ratio(retail, gdp), YUAN_PER_HEAD * ratio(retail, population)
    return grid.frame({"log_retail_share": _log(share), "log_retail_per_head": _log(per_head)})


def market_potential(
    frame: pd.DataFrame, cities: pd.DataFrame, value: str = "retail_sales", own_km: float | None = None
) -> pd.DataFrame:
    """Market potential of Harris (1954), the sum over cities of value over distance.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns city, year and ``value``.
    cities : pandas.DataFrame
        Columns city, lon, lat (degrees).
    own_km : float, optional
        Distance of a city from its own market. The default is half the distance to its nearest neighbour, a
        convention in the absence of areas.

    Returns
    -------
    pandas.DataFrame
        city, year, log_market_potential (log of the unit of ``value`` per km), NaN where the city's own value
        is missing. Other cities without a value add nothing.

    Raises
    ------
    MissingTableError
        If a column is not there.
    DataError
        If a city has no coordinates, or two are at the same place.
    """
    grid = cube(frame, [value], "market potential", by_industry=False)
    if len(grid.cities) < 2:
        raise DataError("market potential needs two cities or more")
    distances = distances_between(cities, grid.cities)
    np.fill_diagonal(distances, np.inf)
    nearest = distances.min(axis=1)
    if (nearest == 0).any():
        raise DataError(f"city {grid.cities[nearest == 0][0]} is at the same place as another one")
    np.fill_diagonal(distances, nearest / 2 if own_km is None else own_km)
    amounts = grid.values[value]
    potential = np.nan_to_num(amounts, nan=0.0) @ (1 / distances)
    return grid.frame({"log_market_potential": _log(np.where(np.isnan(amounts), np.nan, potential))})


def internet_penetration(frame: pd.DataFrame) -> pd.DataFrame:
    """Internet users per 100 residents.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns city, year, internet_users and population (both 10,000 persons).

    Returns
    -------
    pandas.DataFrame
        city, year, internet_per_100; above 100 where accounts are counted and some people have several.
    """
    grid = cube(frame, ["internet_users", "population"], "digital infrastructure", by_industry=False)
    users, population = grid.values["internet_users"], grid.values["population"]
    return grid.frame({"internet_per_100": 100 * ratio(users, population)})


def _log(x: np.ndarray) -> np.ndarray:
    return np.log(np.where(x > 0, x, np.nan))

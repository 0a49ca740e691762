"""Market demand and internet use of cities."""

import numpy as np
import pandas as pd

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

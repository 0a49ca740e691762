"""Market demand and real growth: what storefront density does to a city's resilience."""

import numpy as np
import pandas as pd

from digital_clusters.sources.twin.misallocation import delta_member
from digital_clusters.sources.twin.streams import autoregressive, standardised, stream
from digital_clusters.sources.twin.truth import Truth

RETAIL_SHARE = 0.38
"""Median of retail sales over GDP."""


def retail_sales(gdp: np.ndarray, density: np.ndarray, truth: Truth, seed: int) -> np.ndarray:
    """Retail sales (100 million yuan): a share of GDP that rises with storefront density, (cities, years)."""
    rng = stream(seed, "retail")
    city = 0.15 * rng.standard_normal(len(gdp))[:, None]
    shock = 0.04 * autoregressive(rng, gdp.shape, 0.7)
    return gdp * RETAIL_SHARE * np.exp(truth.resilience.demand_on_virtual * density + city + shock)


def strength(
    cities: pd.DataFrame, internet: np.ndarray, manufacturing: np.ndarray, truth: Truth
) -> np.ndarray:
    """How strongly storefront density works in a city and year, one on average, (cities, years)."""
    p = truth.resilience
    old = cities["is_old_industrial_base"].to_numpy()[:, None]
    return (
        1
        + p.old * old
        + p.digital * standardised(internet)
        + p.integrated * delta_member(cities, truth.country.years)
        + p.geographic * standardised(manufacturing)
    )


def relative_growth(
    weighted: np.ndarray, misallocation: np.ndarray, demand: np.ndarray, income: np.ndarray,
    hidden: np.ndarray, truth: Truth, seed: int,
) -> np.ndarray:  # fmt: skip
    """r, a city's real growth over the country's less one, before it is centred; shape (cities, years).

    Parameters
    ----------
    weighted : numpy.ndarray
        Storefront density times :func:`strength`.
    misallocation, demand, income : numpy.ndarray
        Mean log size of the wedges, log retail sales over GDP, log GDP per head.
    hidden : numpy.ndarray
        The factor enterprise.
    """
    p, rng = truth.resilience, stream(seed, "real growth")
    city = p.city * rng.standard_normal(len(weighted))[:, None]
    shock = p.shock * autoregressive(rng, weighted.shape, p.persistence)
    driven = p.direct * weighted - p.by_misallocation * misallocation + p.by_demand * demand
    return driven - p.convergence * income + p.enterprise * hidden + city + shock


def real_gdp(start: np.ndarray, relative: np.ndarray, truth: Truth) -> np.ndarray:
    """GDP at prices of the first year (100 million yuan), shape (cities, years).

    Parameters
    ----------
    start : numpy.ndarray, shape (cities,)
        GDP of the first year.
    relative : numpy.ndarray, shape (cities, years)
        Of :func:`relative_growth`; the first year is not used.
    """
    growth = [truth.resilience.growth[int(year)] for year in truth.country.years[1:]]
    level = [np.asarray(start, dtype=float)]
    for country, own in zip(growth, relative.T[1:], strict=True):
        centred = own - np.average(own, weights=level[-1])
        level.append(level[-1] * (1 + country * (1 + centred)))
    return np.column_stack(level)

"""Real output and market demand: what storefront density does in and after downturns."""

import numpy as np
import pandas as pd

from digital_clusters.sources.twin.economy import Arrays, deflator
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


def weighted_density(
    cities: pd.DataFrame, density: np.ndarray, digital: np.ndarray, manufacturing: np.ndarray, truth: Truth
) -> np.ndarray:
    """Storefront density times the strength of its effect in that city and year, (cities, years)."""
    p = truth.resilience
    old = cities["is_old_industrial_base"].to_numpy()[:, None]
    strength = (
        1
        + p.old * old
        + p.digital * standardised(digital)
        + p.integrated * delta_member(cities, truth.country.years)
        + p.geographic * standardised(manufacturing)
    )
    return strength * density


def real_gdp(
    cities: pd.DataFrame, base: Arrays, weighted: np.ndarray, misallocation: np.ndarray, demand: np.ndarray,
    truth: Truth, seed: int,
) -> np.ndarray:  # fmt: skip
    """GDP at prices of the first year (100 million yuan), shape (cities, years).

    Nominal GDP over the common deflator, times exp(D) with D the city's deviation in and after downturns;
    nominal GDP itself is untouched.

    Parameters
    ----------
    weighted : numpy.ndarray
        Of :func:`weighted_density`.
    misallocation, demand : numpy.ndarray
        Mean log size of the wedges, log retail sales over GDP.
    """
    p, years = truth.resilience, truth.country.years
    gap = deviations(weighted, standardised(misallocation), standardised(demand), truth)
    noise = p.shock * stream(seed, "real growth").standard_normal(gap.shape)
    return base["gdp"] / deflator(years) * np.exp(gap + noise)


def deviations(
    weighted: np.ndarray, misallocation: np.ndarray, demand: np.ndarray, truth: Truth
) -> np.ndarray:
    """D(t) = (1 − recovery)·D(t−1) − depth(t)·exposure, each driver a year earlier, log points."""
    p, years = truth.resilience, truth.country.years
    out = np.zeros(weighted.shape)
    for t in range(1, len(years)):
        before = weighted[:, t - 1]
        exposure = (
            1 - p.direct * before + p.by_wedges * misallocation[:, t - 1] - p.by_demand * demand[:, t - 1]
        )
        recovery = np.clip(p.recovery + p.recovery_virtual * before, 0.1, 0.9)
        depth = p.downturns.get(int(years[t]), 0.0)
        out[:, t] = (1 - recovery) * out[:, t - 1] - depth * np.clip(exposure, 0.1, 2.5)
    return out

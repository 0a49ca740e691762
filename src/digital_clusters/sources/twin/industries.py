"""Employment by industry, and what co-agglomeration the twin's wedges respond to."""

import numpy as np
import pandas as pd

from digital_clusters.sources.twin.digital import INDUSTRIES
from digital_clusters.sources.twin.economy import Arrays
from digital_clusters.sources.twin.streams import autoregressive, stream

SECTOR = np.array([0, 1, 1, 1, 1, *[2] * 14])
"""Sector (primary, secondary, tertiary) of each section."""

WITHIN_SECTOR = np.array([100, 9, 62, 6, 23, 15, 9, 4, 4, 7, 4, 5, 4, 4, 2, 16, 9, 2, 15], dtype=float)
"""Base shares of employment within the sector, per cent."""

MANUFACTURING = ("C",)
PRODUCER_SERVICES = ("G", "I", "J", "L", "M")
"""Transport, information, finance, business services, research."""


def industry_shares(cities: pd.DataFrame, base: Arrays, seed: int) -> np.ndarray:
    """Shares of the industries in a city's employment, shape (cities, industries, years)."""
    rng = stream(seed, "industries")
    n, years = base["gdp"].shape
    sectors = ("value_added_primary", "value_added_secondary", "value_added_tertiary")
    shares = np.stack([base[name] / base["gdp"] for name in sectors])[SECTOR]
    tilt = 0.35 * rng.standard_normal((len(INDUSTRIES), n))
    tilt[INDUSTRIES.index("B")] += 1.2 * cities["is_resource_based"].to_numpy()
    tilt[INDUSTRIES.index("C")] += 0.25 * cities["is_old_industrial_base"].to_numpy()
    services = [INDUSTRIES.index(code) for code in PRODUCER_SERVICES]
    tilt[services] += 0.25 * cities["structure"].to_numpy()
    moves = np.stack([0.12 * autoregressive(rng, (n, years), 0.9) for _ in INDUSTRIES])
    weight = WITHIN_SECTOR[:, None, None] * shares * np.exp(tilt[:, :, None] + moves)
    weight[0] *= 2.0
    return (weight / weight.sum(axis=0)).transpose(1, 0, 2)


def group_quotient(employment: np.ndarray, codes: tuple[str, ...]) -> np.ndarray:
    """Share of ``codes`` in the city's employment over its share in the country's, shape (cities, years)."""
    group = employment[:, [INDUSTRIES.index(code) for code in codes]].sum(axis=1)
    total = employment.sum(axis=1)
    return (group / total) / (group.sum(axis=0) / total.sum(axis=0))


def planted_coagglomeration(employment: np.ndarray) -> np.ndarray:
    """1 − |m − s| / (m + s) + (m + s), of the location quotients of manufacturing and producer services."""
    m = group_quotient(employment, MANUFACTURING)
    s = group_quotient(employment, PRODUCER_SERVICES)
    return 1 - np.abs(m - s) / (m + s) + (m + s)


def industry_table(
    cities: pd.DataFrame, employment: np.ndarray, storefronts: np.ndarray, years: np.ndarray
) -> pd.DataFrame:
    """The raw table ``city_industry_year``, sorted by city, industry, year."""
    n, k, t = employment.shape
    return pd.DataFrame(
        {
            "city": np.repeat(cities["city"].to_numpy(), k * t),
            "industry": np.tile(np.repeat(np.array(INDUSTRIES), t), n),
            "year": np.tile(years, n * k),
            "employment": employment.ravel(),
            "storefronts": storefronts.ravel(),
        }
    )

"""Township lights whose Gini within each city and year is the one intended."""

import numpy as np
import pandas as pd

from digital_clusters.sources.twin.streams import stream
from digital_clusters.sources.twin.truth import Truth

STEPS = 50
"""Halvings of the dispersion: from 16 to 1e-14."""

WIDEST = 16.0
FEWEST, MOST = 20, 320


def township_counts(cities: pd.DataFrame, truth: Truth, seed: int) -> np.ndarray:
    """Townships of each city, between 20 and 320, about ``country.townships`` in all, shape (cities,)."""
    rng = stream(seed, "townships")
    weight = np.exp(0.35 * cities["size"].to_numpy() + 0.35 * rng.standard_normal(len(cities)))
    return np.clip(np.round(weight / weight.sum() * truth.country.townships), FEWEST, MOST).astype(int)


def ranks(counts: np.ndarray, seed: int) -> np.ndarray:
    """Fixed brightness ranks, ascending within each city, flat: standard normal draws."""
    rng = stream(seed, "lights")
    return np.concatenate([np.sort(rng.standard_normal(n)) for n in counts])


def dispersion(z: np.ndarray, counts: np.ndarray, gini: np.ndarray) -> np.ndarray:
    """The σ at which exp(σ z) has the wanted Gini in each city and year, shape (cities, years).

    With the order fixed, Eq. 1 is (2·Σ k·x_k / Σ x_k − n − 1) / n, and rises with σ: bisection finds it.
    """
    starts = np.concatenate([[0], counts.cumsum()[:-1]])
    place = np.arange(len(z)) - np.repeat(starts, counts) + 1.0
    top = np.repeat(np.maximum.reduceat(z, starts), counts)
    out = np.empty(gini.shape)
    for t in range(gini.shape[1]):
        low, high = np.zeros(len(counts)), np.full(len(counts), WIDEST)
        for _ in range(STEPS):
            middle = (low + high) / 2
            x = np.exp(np.repeat(middle, counts) * (z - top))
            ratio = np.add.reduceat(place * x, starts) / np.add.reduceat(x, starts)
            over = (2 * ratio - counts - 1) / counts > gini[:, t]
            low, high = np.where(over, low, middle), np.where(over, middle, high)
        out[:, t] = (low + high) / 2
    return out


def lights_table(
    cities: pd.DataFrame, gini: np.ndarray, gdp: np.ndarray, truth: Truth, seed: int
) -> pd.DataFrame:
    """The raw table ``lights``: mean radiance of each township and year, sorted by city, unit, year.

    The mean over a city's townships is its GDP (100 million yuan) a township to the power 0.7, so that
    total light grows with GDP.
    """
    counts = township_counts(cities, truth, seed)
    z = ranks(counts, seed)
    starts = np.concatenate([[0], counts.cumsum()[:-1]])
    sigma = np.repeat(dispersion(z, counts, gini), counts, axis=0)
    shape = np.exp(sigma * (z - np.repeat(np.maximum.reduceat(z, starts), counts))[:, None])
    mean = np.add.reduceat(shape, starts, axis=0) / counts[:, None]
    level = (gdp / counts[:, None]) ** 0.7 / mean
    radiance = shape * np.repeat(level, counts, axis=0)
    years = truth.country.years
    unit = np.arange(len(z)) - np.repeat(starts, counts) + 1
    code = np.repeat(cities["city"].to_numpy(), counts)
    return pd.DataFrame(
        {
            "city": np.repeat(code, len(years)),
            "unit": np.repeat(code * 1000 + unit, len(years)),
            "year": np.tile(years, len(z)),
            "radiance": radiance.ravel(),
        }
    )

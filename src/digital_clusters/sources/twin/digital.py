"""The digital economy: parts of the finance index, and storefronts on a platform."""

import numpy as np
import pandas as pd

from digital_clusters.sources.twin.economy import Arrays
from digital_clusters.sources.twin.streams import autoregressive, standardised, stream
from digital_clusters.sources.twin.truth import Truth

WEIGHTS = {"coverage": 0.54, "depth": 0.297, "digitisation": 0.163}
"""Weights of the parts in the digital finance index (Guo et al. 2020)."""

INDEX_STARTS = 2011
INDUSTRIES = tuple("ABCDEFGHIJKLMNOPQRS")
"""Sections of GB/T 4754."""

ON_PLATFORM = dict(zip("ACFGHILMOPR", (6, 34, 30, 2, 8, 5, 3, 2, 6, 1, 3), strict=True))
"""Per cent of storefronts by industry; the other sections have none."""


def index_parts(panel: Arrays, truth: Truth, seed: int) -> Arrays:
    """The index and its parts, each (cities, years), NaN before it starts; weighted parts sum to it."""
    rng = stream(seed, "digital index")
    index = panel["difi"]
    coverage = np.maximum(index - 6 + 5 * autoregressive(rng, index.shape, 0.8), 0)
    depth = np.maximum(index + 4 + 9 * autoregressive(rng, index.shape, 0.7), 0)
    rest = index - WEIGHTS["coverage"] * coverage - WEIGHTS["depth"] * depth
    values = {
        "digital_finance_index": index,
        "digital_finance_coverage": coverage,
        "digital_finance_depth": depth,
        "digital_finance_digitisation": rest / WEIGHTS["digitisation"],
    }
    published = truth.country.years >= INDEX_STARTS
    return {name: np.where(published, value, np.nan) for name, value in values.items()}


def internet_users(
    cities: pd.DataFrame, latent: np.ndarray, member: np.ndarray, around: np.ndarray, truth: Truth, seed: int
) -> np.ndarray:
    """Internet users per 100 persons, shape (cities, years).

    Parameters
    ----------
    latent : numpy.ndarray
        Digital index, also where it was not yet published.
    member : numpy.ndarray of bool
        In the delta council.
    around : numpy.ndarray of int, shape (cities, neighbours)
        Positions of the neighbours.
    """
    p = truth.internet
    noise = p.shock * autoregressive(stream(seed, "internet"), latent.shape, p.persistence)
    own = np.maximum(p.base + p.per_index * latent + noise, p.floor)
    lead = standard_level(own[around].mean(axis=1))
    before = np.concatenate([lead[:, :1], lead[:, :-1]], axis=1)
    return np.clip(own + p.diffusion * member * before, p.floor, 99.0)


def telephones(cities: pd.DataFrame, truth: Truth, seed: int) -> np.ndarray:
    """Fixed telephones per 100 persons in 1984, shape (cities,)."""
    p, rng = truth.internet, stream(seed, "telephones")
    own = p.telephones_own * rng.standard_normal(len(cities))
    return np.exp(p.telephones + p.telephones_on_size * cities["size"].to_numpy() + own)


def enterprise(cities: pd.DataFrame, truth: Truth, seed: int) -> np.ndarray:
    """The hidden factor behind storefronts and growth, standard normal, shape (cities, years)."""
    shape = (len(cities), len(truth.country.years))
    return autoregressive(stream(seed, "enterprise"), shape, truth.storefronts.persistence)


def storefront_counts(
    cities: pd.DataFrame, panel: Arrays, population: np.ndarray, truth: Truth, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Storefronts by city, industry, opening year and fate.

    Returns
    -------
    opened : numpy.ndarray of int, shape (cities, industries, years)
    closed : numpy.ndarray of int, shape (cities, industries, years, years)
        Of those opened in a year (third axis), how many closed in a later one (fourth axis).
    """
    p, years, rng = truth.storefronts, truth.country.years, stream(seed, "storefronts")
    taste = p.own * rng.standard_normal(len(cities))[:, None]
    density = p.per_income * standard_level(panel["gdp_per_capita"]) + p.per_digital * standard_level(
        panel["difi"]
    )
    fashions = p.shock * autoregressive(stream(seed, "fashions"), density.shape, p.persistence)
    lines = standardised(np.log(telephones(cities, truth, seed))[:, None])
    country = truth.internet.base + truth.internet.per_index * panel["difi"].mean(axis=0)
    density = density + fashions + p.per_telephone * lines * country / 100
    density = density + p.enterprise * enterprise(cities, truth, seed)
    size = np.log(population)
    mean = p.per_size * standard_level(size) + density + taste + p.growth * (years - p.first_year)
    mix = np.array([ON_PLATFORM.get(code, 0) for code in INDUSTRIES]) / 100
    mix = mix * np.exp(0.4 * rng.standard_normal((len(cities), len(INDUSTRIES))))
    expected = np.exp(mean)[:, None, :] * mix[:, :, None] * (years >= p.first_year)
    opened = rng.poisson(expected * p.total / expected.sum())
    closed = np.zeros((*opened.shape, len(years)), dtype=np.int64)
    for t in range(len(years)):
        still = opened[:, :, t].copy()
        for later in range(t + 1, len(years)):
            closed[:, :, t, later] = rng.binomial(still, p.closing)
            still -= closed[:, :, t, later]
    return opened, closed


def standard_level(values: np.ndarray) -> np.ndarray:
    """Values less their mean over cities in each year, same unit."""
    return values - values.mean(axis=0)


def open_storefronts(opened: np.ndarray, closed: np.ndarray) -> np.ndarray:
    """Storefronts open at the end of each year, shape (cities, industries, years)."""
    return (opened - closed.sum(axis=2)).cumsum(axis=2)


def storefront_density(open_now: np.ndarray, population: np.ndarray, truth: Truth) -> np.ndarray:
    """Log storefronts (plus one) per 10,000 persons, standardised within the year; zero before they exist."""
    density = standardised(np.log((open_now.sum(axis=1) + 1) / population))
    return np.where(truth.country.years >= truth.storefronts.first_year, density, 0.0)


def storefront_table(
    cities: pd.DataFrame, opened: np.ndarray, closed: np.ndarray, years: np.ndarray
) -> pd.DataFrame:
    """The raw table ``storefronts``: one row a shop, sorted by city, industry, opening and closing year."""
    fates = np.concatenate([closed, (opened - closed.sum(axis=3))[..., None]], axis=3)
    repeats = fates.ravel()
    where = np.unravel_index(np.repeat(np.arange(repeats.size), repeats), fates.shape)
    city, industry, opening, fate = where
    ends = pd.array(np.append(years, 0), dtype="Int64")
    ends[-1] = pd.NA
    return pd.DataFrame(
        {
            "storefront": np.arange(1, len(city) + 1),
            "city": cities["city"].to_numpy()[city],
            "industry": np.array(INDUSTRIES)[industry],
            "opened": years[opening],
            "closed": ends.take(fate),
        }
    )

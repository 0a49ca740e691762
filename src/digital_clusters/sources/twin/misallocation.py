"""Wedges on capital and labour: what co-agglomeration, digital technology and integration do to them."""

from functools import partial

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from digital_clusters.sources.twin.economy import DEPRECIATION, Arrays
from digital_clusters.sources.twin.streams import autoregressive, stream
from digital_clusters.sources.twin.truth import Truth


def planted_correction(own: np.ndarray, internet: np.ndarray, member: np.ndarray, truth: Truth) -> np.ndarray:
    """Log points that the city's own co-agglomeration takes away.

    q = rise·c − fall·c² + digital·c·d + integrated·c·i, with c the index less its centre.

    Parameters
    ----------
    own, internet : numpy.ndarray
        Co-agglomeration index, and internet users per 100 persons.
    member : numpy.ndarray of bool
        In the delta council.
    """
    p = truth.misallocation
    c = own - p.centre
    return slope_at_centre(internet, member, truth) * c - p.fall * c**2


def slope_at_centre(internet: np.ndarray, member: np.ndarray, truth: Truth) -> np.ndarray:
    """Derivative of :func:`correction` where the index is at its centre."""
    p = truth.misallocation
    return p.rise + p.digital * np.asarray(internet) / 10 + p.integrated * np.asarray(member)


def planted_turning_point(internet: np.ndarray, member: np.ndarray, truth: Truth) -> np.ndarray:
    """Co-agglomeration at which the correction is largest."""
    p = truth.misallocation
    return p.centre + slope_at_centre(internet, member, truth) / (2 * p.fall)


def nearest_cities(cities: pd.DataFrame, count: int) -> np.ndarray:
    """Positions of the nearest other cities on the sphere, shape (cities, count)."""
    lon, lat = np.radians(cities["lon"].to_numpy()), np.radians(cities["lat"].to_numpy())
    # a longer chord is a longer arc
    points = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    distance = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(distance, np.inf)
    return distance.argsort(axis=1, kind="stable")[:, :count]


def years_since_joining(cities: pd.DataFrame, years: np.ndarray) -> np.ndarray:
    """Years in the delta council, negative before (or for ever), shape (cities, years)."""
    joined = cities["delta_council_year"].to_numpy(dtype=float, na_value=np.inf)
    return years - joined[:, None]


def delta_member(cities: pd.DataFrame, years: np.ndarray) -> np.ndarray:
    """Whether the city is in the delta council, shape (cities, years)."""
    return years_since_joining(cities, years) >= 0


def wedges(
    cities: pd.DataFrame,
    coagglomeration: np.ndarray,
    internet: np.ndarray,
    density: np.ndarray,
    truth: Truth,
    seed: int,
) -> Arrays:
    """Signed wedges in log points, each (cities, years): too much of a factor here, too little there."""
    p = truth.misallocation
    around = nearest_cities(cities, p.neighbours)
    multiplier = np.linalg.inv(np.eye(len(cities)) - p.spatial * mean_of(around))
    taken = _taken(cities, coagglomeration, internet, around, truth) + p.virtual * density
    out = {}
    for name, level in (("capital_wedge", p.capital_level), ("labour_wedge", p.labour_level)):
        rng = stream(seed, name)
        city = p.city * rng.standard_normal(len(cities))
        sign = np.where(rng.random(len(cities)) < 0.5, -1.0, 1.0)
        shock = p.shock * autoregressive(rng, taken.shape, p.persistence)
        size = np.log(level) + multiplier @ (city[:, None] - taken + shock)
        out[name] = sign[:, None] * np.exp(size)
    return out


def mean_of(around: np.ndarray) -> np.ndarray:
    """The matrix that takes the mean over the neighbours, rows sum to one, shape (cities, cities)."""
    matrix = np.zeros((len(around), len(around)))
    np.put_along_axis(matrix, around, 1 / around.shape[1], axis=1)
    return matrix


def _taken(
    cities: pd.DataFrame, own: np.ndarray, internet: np.ndarray, around: np.ndarray, truth: Truth
) -> np.ndarray:
    """Log points that co-agglomeration and membership take off the wedges before they spread."""
    p = truth.misallocation
    since = years_since_joining(cities, truth.country.years)
    member = since >= 0
    q = planted_correction(own, internet, member, truth)
    membership = np.where(member, p.member + p.member_growth * np.maximum(since, 0), 0.0)
    return q + p.spillover * q[around].mean(axis=1) + membership


def balanced(wedge: np.ndarray, real: np.ndarray) -> np.ndarray:
    """Wedges, the positive ones scaled by year so that the output-weighted mean of exp(−w) is one.

    Then a wedge measured from shares of the factor and of output is the wedge itself: without it, every
    measured wedge would be off by a constant of the year, and its size by more in one half of the cities.
    """
    out = wedge.copy()
    share = real / real.sum(axis=0)
    for t in range(wedge.shape[1]):
        positive = wedge[:, t] > 0
        rest = 1 - share[~positive, t] @ np.exp(-wedge[~positive, t])
        gap = partial(_excess, share[positive, t], wedge[positive, t], rest)
        out[positive, t] *= brentq(gap, 0.0, 50.0)
    return out


def _excess(share: np.ndarray, wedge: np.ndarray, rest: float, scale: float) -> float:
    return float(share @ np.exp(-scale * wedge)) - rest


def factors(real: np.ndarray, population: np.ndarray, wedge: Arrays, truth: Truth) -> Arrays:
    """Capital stock, its investment (100 million yuan of the first year) and employment (10,000 persons).

    A city's share of the country's factor is its share of output times exp(−wedge). Investment is what
    the perpetual inventory needs; where it would be negative it is zero and the stock depreciates.
    """
    p, periods = truth.misallocation, real.shape[1]
    ratio = np.linspace(*p.capital_output, periods)
    target = ratio * real.sum(axis=0) * _shares(real, wedge["capital_wedge"])
    capital, investment = target.copy(), np.empty_like(target)
    investment[:, 0] = (DEPRECIATION + 0.05) * target[:, 0]
    for t in range(1, periods):
        left = (1 - DEPRECIATION) * capital[:, t - 1]
        investment[:, t] = np.maximum(target[:, t] - left, 0)
        capital[:, t] = left + investment[:, t]
    workers = p.employment_rate * population.sum(axis=0)
    employment = workers * _shares(real, wedge["labour_wedge"])
    return {"capital_stock": capital, "investment": investment, "employment": employment}


def _shares(real: np.ndarray, wedge: np.ndarray) -> np.ndarray:
    weight = real * np.exp(-wedge)
    return weight / weight.sum(axis=0)

"""Wedges on capital and labour: what co-agglomeration, digital technology and integration do to them."""

import numpy as np
import pandas as pd

from digital_clusters.sources.twin.economy import Arrays
from digital_clusters.sources.twin.streams import autoregressive, stream
from digital_clusters.sources.twin.truth import Truth


def correction(own: np.ndarray, digital: np.ndarray, truth: Truth) -> np.ndarray:
    """q(c, d) = rise·c − fall·c² + digital·c·d, log points that the city's own co-agglomeration takes away.

    Parameters
    ----------
    own, digital : numpy.ndarray
        Co-agglomeration index, and digital index in points.
    """
    p = truth.misallocation
    c = own - p.centre
    return p.rise * c - p.fall * c**2 + p.digital * c * digital / 100


def turning_point(digital: np.ndarray, truth: Truth) -> np.ndarray:
    """Co-agglomeration at which the correction is largest, given the digital index (points)."""
    p = truth.misallocation
    return p.centre + (p.rise + p.digital * np.asarray(digital) / 100) / (2 * p.fall)


def nearest(cities: pd.DataFrame, count: int) -> np.ndarray:
    """Positions of the nearest other cities, shape (cities, count)."""
    points = cities[["lon", "lat"]].to_numpy()
    distance = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(distance, np.inf)
    return distance.argsort(axis=1, kind="stable")[:, :count]


def delta_member(cities: pd.DataFrame, years: np.ndarray) -> np.ndarray:
    """Whether the city was in the delta council, shape (cities, years)."""
    joined = cities["delta_council_year"].to_numpy(dtype=float, na_value=np.inf)
    return joined[:, None] <= years


def wedges(
    cities: pd.DataFrame,
    coagglomeration: np.ndarray,
    digital: np.ndarray,
    density: np.ndarray,
    truth: Truth,
    seed: int,
) -> Arrays:
    """Signed wedges in log points, each (cities, years): too much of a factor here, too little there."""
    p = truth.misallocation
    own = correction(coagglomeration, digital, truth)
    around = own[nearest(cities, p.neighbours)].mean(axis=1)
    stronger = 1 + p.integrated * delta_member(cities, truth.country.years)
    taken = stronger * (own + p.spillover * around) + p.virtual * density
    out = {}
    for name, level in (("capital_wedge", p.capital_level), ("labour_wedge", p.labour_level)):
        rng = stream(seed, name)
        city = p.city * rng.standard_normal(len(cities)) + np.log(level)
        sign = np.where(rng.random(len(cities)) < 0.5, -1.0, 1.0)
        shock = p.shock * autoregressive(rng, taken.shape, p.persistence)
        out[name] = sign[:, None] * np.exp(city[:, None] - taken + shock)
    return out

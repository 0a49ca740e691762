"""The map: provinces, cities, their factors, their names and the lists they are on."""

from itertools import product

import numpy as np
import pandas as pd

from digital_clusters.sources.twin.streams import standardised, stream
from digital_clusters.sources.twin.truth import Truth

FIRST_CODE = 900001
WEST, EAST, SOUTH, NORTH = 100.0, 122.0, 22.0, 42.0
"""Frame of the synthetic map, degrees."""

ONSETS = ("B", "D", "F", "G", "K", "L", "M", "N", "P", "R", "S", "T", "V", "Br", "Dr", "Kr", "Tr", "Vl")
VOWELS = ("a", "e", "i", "o", "u")
MIDDLES = ("l", "m", "r", "v", "d", "st", "nd", "rn")
ENDS = ("al", "em", "is", "ot", "ud", "ek", "av", "im", "os", "elt", "ast", "orm")
"""Syllables of invented names. A syllable of pinyin ends in a vowel, n, ng or r: none of ``ENDS`` does."""


def make_cities(truth: Truth, seed: int) -> pd.DataFrame:
    """One row a city: the raw table ``cities`` and, beside it, what only the generator knows.

    Returns
    -------
    pandas.DataFrame
        The columns of the raw table, and ``size``, ``income``, ``structure``, ``knowledge``,
        ``turn`` (standard normal factors, plus bonuses), ``complete`` (in the study sample).
    """
    country = truth.country
    names = invented_names(country.provinces + country.cities, seed)
    frame = _places(truth, names[: country.provinces], stream(seed, "map"))
    frame[["size", "income", "structure", "knowledge"]] = _factors(truth, stream(seed, "factors"))
    frame["turn"] = standardised(stream(seed, "turn").standard_normal((len(frame), 1)))
    _grow_capitals(frame)
    _add_lists(frame, truth, stream(seed, "lists"))
    _add_bonuses(frame, truth)
    frame["delta_council_year"] = _delta_council(frame, country.delta_cohorts)
    frame["complete"] = _complete(frame, country.complete_cities, stream(seed, "gaps"))
    frame.insert(1, "name", names[country.provinces :])
    return frame


def invented_names(count: int, seed: int) -> list[str]:
    """Distinct names by the syllable rule (onset, vowel, middle, end), e.g. "Brovelt"."""
    every = ["".join(parts) for parts in product(ONSETS, VOWELS, MIDDLES, ENDS)]
    return list(stream(seed, "names").choice(every, size=count, replace=False))


def spread_points(count: int, rng: np.random.Generator, candidates: int = 40) -> np.ndarray:
    """Points that keep their distance: each is the best of some uniform candidates, shape (count, 2)."""
    low, high = np.array([WEST, SOUTH]), np.array([EAST, NORTH])
    points = np.empty((count, 2))
    for k in range(count):
        tries = rng.uniform(low, high, size=(candidates, 2))
        gaps = np.linalg.norm(tries[:, None] - points[None, :k], axis=2)
        points[k] = tries[gaps.min(axis=1).argmax()] if k else tries[0]
    return points


def _places(truth: Truth, names: list[str], rng: np.random.Generator) -> pd.DataFrame:
    """Code, province and position; the first four provinces are municipalities of one city."""
    country = truth.country
    centres = spread_points(country.provinces, rng)
    points = spread_points(country.cities, rng, candidates=12)
    points[:4] = centres[:4]
    ordinary = np.linalg.norm(points[:, None] - centres[None, 4:], axis=2).argmin(axis=1) + 4
    province = np.where(np.arange(country.cities) < 4, np.arange(country.cities), ordinary)
    order = np.lexsort((points[:, 0], province))
    return pd.DataFrame(
        {
            "city": FIRST_CODE + np.arange(country.cities),
            "province": [names[p] for p in province[order]],
            "lon": points[order, 0].round(4),
            "lat": points[order, 1].round(4),
            "is_municipality": order < 4,
        }
    )


def _factors(truth: Truth, rng: np.random.Generator) -> np.ndarray:
    """Correlated standard normal factors, shape (cities, 4): size, income, structure, knowledge."""
    p = truth.factors
    size, income, structure, knowledge = standardised(rng.standard_normal((truth.country.cities, 4))).T
    income = _mix(income, (size, p.income_on_size))
    structure = _mix(structure, (size, p.structure_on_size), (income, p.structure_on_income))
    knowledge = _mix(knowledge, (size, p.knowledge_on_size), (structure, p.knowledge_on_structure))
    return np.column_stack([size, income, structure, knowledge])


def _mix(own: np.ndarray, *parts: tuple[np.ndarray, float]) -> np.ndarray:
    """Weighted parts and as much of ``own`` as keeps the variance near one."""
    rest = max(1 - sum(weight**2 for _, weight in parts), 0.1)
    return sum(weight * part for part, weight in parts) + np.sqrt(rest) * own


def _grow_capitals(frame: pd.DataFrame) -> None:
    """Mark the largest city of each ordinary province as its capital."""
    largest = frame.loc[~frame["is_municipality"]].groupby("province")["size"].idxmax()
    frame["is_provincial_capital"] = frame.index.isin(largest)


def _add_lists(frame: pd.DataFrame, truth: Truth, rng: np.random.Generator) -> None:
    """Resource-based cities and old industrial bases, drawn among ordinary cities."""
    ordinary = ~(frame["is_municipality"] | frame["is_provincial_capital"]).to_numpy()
    for column, count, leaning in (
        ("is_resource_based", truth.country.resource_based, -frame["size"]),
        ("is_old_industrial_base", truth.country.old_industrial, frame["lat"] / 6),
    ):
        weight = np.where(ordinary, np.exp(0.5 * leaning), 0)
        chosen = rng.choice(len(frame), size=count, replace=False, p=weight / weight.sum())
        frame[column] = np.isin(np.arange(len(frame)), chosen)


def _add_bonuses(frame: pd.DataFrame, truth: Truth) -> None:
    p = truth.factors
    frame[["size", "income", "structure"]] += p.municipality_bonus * frame[["is_municipality"]].to_numpy()
    frame[["structure", "knowledge"]] += p.capital_bonus * frame[["is_provincial_capital"]].to_numpy()
    frame["structure"] -= p.resource_penalty * frame["is_resource_based"]


def _delta_council(frame: pd.DataFrame, cohorts: dict[int, int]) -> pd.Series:
    """Year of accession: cohorts in order of distance from a municipality on the eastern side."""
    centre = frame.loc[frame.loc[frame["is_municipality"], "lon"].idxmax(), ["lon", "lat"]]
    order = np.hypot(frame["lon"] - centre["lon"], frame["lat"] - centre["lat"]).argsort().to_numpy()
    years = np.repeat(list(cohorts), list(cohorts.values()))
    out = pd.Series(pd.NA, index=frame.index, dtype="Int64")
    out.iloc[order[: len(years)]] = years
    return out


def _complete(frame: pd.DataFrame, count: int, rng: np.random.Generator) -> np.ndarray:
    """Cities with every variable in every year: all but some of the smaller ordinary ones."""
    free = ~(frame["is_municipality"] | frame["is_provincial_capital"]).to_numpy()
    weight = np.where(free, np.exp(-0.7 * frame["size"]), 0)
    lacking = rng.choice(len(frame), size=len(frame) - count, replace=False, p=weight / weight.sum())
    return ~np.isin(np.arange(len(frame)), lacking)

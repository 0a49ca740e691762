"""What public files say of the paper's data: how its light series moves, and which 253 cities it can have."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from digital_clusters.analysis.published import PublishedStudy
from digital_clusters.errors import DataError
from digital_clusters.measures.indicators.inequality import gini_of_units
from digital_clusters.measures.panel import Panel
from digital_clusters.sources.tables import RawTables

SERIES = {"Eq. (1) over counties": "units", "ready made, weighted by population": "published"}
"""The two public series of inequality of light, and where they come from."""

MATCHED = ("students", "science", "loans_deposits", "uil", "difi", "gdp_per_capita")
"""Variables whose printed means and standard deviations a sample is to have. Not among them: the outcome,
which is over other units, and education, whose printed mean no 253 of the possible cities have."""

HALF_DIGIT = 5e-4
"""Printed extremes have three decimals."""


def light_movements(tables: RawTables) -> pd.DataFrame:
    """How far the Gini of a city moves from one year to the next, by series and year.

    Returns
    -------
    pandas.DataFrame
        Columns ``series``, ``year``, ``cities``, ``mean`` of the Gini, and ``movement``: mean absolute change
        on the year before, over cities that have both (NaN in the first year).
    """
    published = tables.table("city_year")[["city", "year", "lights_gini"]].rename(
        columns={"lights_gini": "gini"}
    )
    units = gini_of_units(tables.table("lights"))[["city", "year", "gini"]]
    rows = []
    for words, frame in zip(SERIES, (units, published), strict=True):
        wide = frame.dropna().pivot(index="city", columns="year", values="gini")
        moved = wide.diff(axis="columns").abs().mean()
        table = pd.DataFrame({"cities": wide.count(), "mean": wide.mean(), "movement": moved})
        rows.append(table.rename_axis("year").reset_index().assign(series=words))
    columns = ["series", "year", "cities", "mean", "movement"]
    return pd.concat(rows, ignore_index=True)[columns]


def sample_bounds(panel: Panel, paper: PublishedStudy) -> dict[str, Any]:
    """Which cities the printed extremes shut out of the sample, and which they force into it.

    A city with a value beyond a printed minimum or maximum cannot be in it; the only city that holds a
    printed extreme must be.

    Returns
    -------
    dict
        ``candidates``, the number of cities of the panel; ``excluded``, ``certain``: code → name and reason.
    """
    frame, excluded, certain = panel.frame, {}, {}
    names = frame.drop_duplicates("city").set_index("city")["name"]
    for row in paper.table1:
        if row.variable not in MATCHED:
            continue
        values, low, high = frame[row.variable], float(row.min), float(row.max)
        beyond = frame.loc[(values < low - HALF_DIGIT) | (values > high + HALF_DIGIT), "city"].unique()
        excluded |= {
            int(city): f"{names[city]}: {row.printed_as} beyond its printed range" for city in beyond
        }
        for end in (low, high):
            holders = frame.loc[(values - end).abs() <= HALF_DIGIT, "city"].unique()
            if len(holders) == 1:
                city = int(holders[0])
                certain[city] = f"{names[city]}: {row.printed_as} of {end:.3f}"
    # a city can hold one printed extreme and lie beyond another
    certain = {city: why for city, why in certain.items() if city not in excluded}
    return {"candidates": panel.n_cities, "excluded": excluded, "certain": certain}


def fitting_samples(
    panel: Panel, paper: PublishedStudy, *, samples: int = 8, seed: int = 1
) -> list[tuple[list[int], float]]:
    """Samples of the paper's size with moments as near to the printed ones as exchanges of cities bring them.

    From a random start that holds the certain cities and none that is excluded, the exchange of one city for
    another that lowers the distance most is made until none lowers it. The distance is the sum over
    :data:`MATCHED` of squared gaps of mean and standard deviation, in printed standard deviations.

    Parameters
    ----------
    samples : int
        Number of random starts.
    seed : int

    Returns
    -------
    list of (codes of cities, distance)

    Raises
    ------
    DataError
        If fewer cities are possible than the paper has.
    """
    bounds = sample_bounds(panel, paper)
    possible = panel.frame[~panel.frame["city"].isin(bounds["excluded"])]
    cities = np.unique(possible["city"])
    if len(cities) < paper.cities:
        raise DataError(f"{len(cities)} cities are possible, {paper.cities} are asked for")
    printed = {row.variable: row for row in paper.table1}
    goal = np.array([[float(printed[name].mean), float(printed[name].sd)] for name in MATCHED]).T
    sums = _sums_by_city(possible, goal)
    fixed = np.isin(cities, list(bounds["certain"]))
    rng, found = np.random.default_rng(seed), []
    for _ in range(samples):
        free = rng.permutation(np.flatnonzero(~fixed))
        inside = fixed.copy()
        inside[free[: paper.cities - fixed.sum()]] = True
        distance = _descend(inside, fixed, sums)
        found.append((cities[inside].tolist(), distance))
    return found


def _sums_by_city(frame: pd.DataFrame, goal: np.ndarray) -> np.ndarray:
    """Number of years, sums and sums of squares in printed units, shape (cities, 1 + 2 variables)."""
    scaled = (frame[list(MATCHED)] - goal[0]) / goal[1]
    table = pd.concat([pd.Series(1.0, frame.index, name="n"), scaled, (scaled**2).add_suffix("²")], axis=1)
    return table.groupby(frame["city"]).sum().to_numpy()


def _distance(totals: np.ndarray) -> np.ndarray:
    """Squared gaps of mean (0 in printed units) and standard deviation (1), over the last axis of sums."""
    n, v = totals[..., :1], (totals.shape[-1] - 1) // 2
    mean = totals[..., 1 : 1 + v] / n
    spread = np.sqrt((totals[..., 1 + v :] - n * mean**2) / (n - 1))
    return (mean**2 + (spread - 1) ** 2).sum(axis=-1)


def _descend(inside: np.ndarray, fixed: np.ndarray, sums: np.ndarray) -> float:
    """Exchange cities in place until no exchange lowers the distance, which is returned."""
    best = float(_distance(sums[inside].sum(axis=0)))
    while True:
        out, into = np.flatnonzero(inside & ~fixed), np.flatnonzero(~inside)
        if not (len(out) and len(into)):
            return best
        totals = sums[inside].sum(axis=0) - sums[out][:, None, :] + sums[into][None, :, :]
        found = _distance(totals)
        k, j = np.unravel_index(found.argmin(), found.shape)
        if found[k, j] >= best:
            return best
        inside[out[k]], inside[into[j]] = False, True
        best = float(found[k, j])


def overlap(samples: Sequence[Sequence[int]]) -> float:
    """Mean share of cities that two of the samples have in common."""
    sets = [set(sample) for sample in samples]
    pairs = [(a, b) for k, a in enumerate(sets) for b in sets[k + 1 :]]
    return float(np.mean([len(a & b) / len(a) for a, b in pairs])) if pairs else 1.0

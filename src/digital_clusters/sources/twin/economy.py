"""The economy of each city and year: the study panel's variables and the accounts they belong to."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from digital_clusters.sources.twin.moments import TailMap, solve_map
from digital_clusters.sources.twin.streams import autoregressive, stream
from digital_clusters.sources.twin.truth import Process, Truth

Arrays = dict[str, np.ndarray]
FACTORS = ("size", "income", "structure", "knowledge")
MIDDLE_YEAR = 2016
DEPRECIATION = 0.096


@dataclass(frozen=True)
class Sample:
    """Which cities and years the moments are met on."""

    cities: np.ndarray
    years: np.ndarray

    def of(self, values: np.ndarray) -> np.ndarray:
        """Values of the sample, flat in the order city, year."""
        return values[np.ix_(self.cities, self.years)].ravel()


def study_sample(cities: pd.DataFrame, truth: Truth) -> Sample:
    """The complete cities in the sample years."""
    years = truth.country.years
    first, last = truth.country.sample
    return Sample(cities["complete"].to_numpy(), (years >= first) & (years <= last))


def panel_variables(cities: pd.DataFrame, truth: Truth, seed: int) -> tuple[Arrays, dict[str, TailMap]]:
    """The study panel's variables except the outcome, each (cities, years), and the maps that made them.

    UIL (index, 1 to 3), logs of education and science expenditure and loans plus deposits (10,000 yuan),
    students (persons) and GDP per head (yuan), and the digital finance index (points).
    """
    made = {name: panel_variable(name, cities, truth, seed) for name in truth.panel}
    arrays = {name: values for name, (values, _) in made.items()}
    maps = {name: tail for name, (_, tail) in made.items()}
    arrays["uil"] = np.clip(arrays["uil"], 1.3, 2.95)
    arrays["difi"] = np.maximum(arrays["difi"], 0.0)
    return arrays, maps


def panel_variable(name: str, cities: pd.DataFrame, truth: Truth, seed: int) -> tuple[np.ndarray, TailMap]:
    """One of :func:`panel_variables`, before it is kept within its bounds, and the map that made it."""
    raw = _process(cities, truth.panel[name], truth.country.years, stream(seed, f"panel {name}"))
    if name == "difi":
        raw = raw + np.array([truth.digital_profile[int(year)] for year in truth.country.years])
    tail = solve_map(study_sample(cities, truth).of(raw), truth.moments[name])
    return tail(raw), tail


def _process(cities: pd.DataFrame, p: Process, years: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """City level by factors, common trend, the city's own drift, autoregressive shocks, outliers."""
    loadings = np.array([getattr(p, factor) for factor in FACTORS])
    level = cities[list(FACTORS)].to_numpy() @ loadings + p.own * rng.standard_normal(len(cities))
    growth = p.trend + p.drift * rng.standard_normal(len(cities))
    shocks = p.shock * autoregressive(rng, (len(cities), len(years)), p.persistence)
    rare = rng.random(shocks.shape) < p.outliers
    shocks = shocks + p.outlier * rare * rng.standard_normal(shocks.shape)
    turn = p.turn * cities["turn"].to_numpy()[:, None] * turned(years)
    return level[:, None] + growth[:, None] * (years - MIDDLE_YEAR) + turn + shocks


def turned(years: np.ndarray) -> np.ndarray:
    """One half from 2016 on, when the digital economy period began, minus one half before."""
    return np.where(years >= MIDDLE_YEAR, 0.5, -0.5)


def accounts(cities: pd.DataFrame, panel: Arrays, truth: Truth, seed: int) -> Arrays:
    """The accounts behind the panel, each (cities, years), in the units of the raw table ``city_year``.

    Identities: value added of the three sectors sums to GDP, and their shares give UIL; GDP per head times
    population is GDP; loans and deposits sum to the panel's.
    """
    rng = stream(seed, "accounts")
    size, income = cities["size"].to_numpy(), cities["income"].to_numpy()
    shape = panel["uil"].shape
    elapsed = np.arange(shape[1])
    growth = 0.003 + 0.004 * income + 0.004 * rng.standard_normal(len(cities))
    population = np.exp(5.75 + 0.55 * size + 0.25 * rng.standard_normal(len(cities)))
    population = population[:, None] * np.exp(np.outer(growth, elapsed))
    gdp = np.exp(panel["gdp_per_capita"]) * population / 1e4
    shares = _sector_shares(panel, rng)
    credit = np.exp(panel["loans_deposits"])
    deposits = credit * (0.58 + 0.03 * np.tanh(autoregressive(rng, shape, 0.9)))
    foreign = gdp * np.exp(
        -4.2 + 0.6 * (income + 0.5 * size)[:, None] + 0.5 * autoregressive(rng, shape, 0.8)
    )
    return {
        "gdp": gdp,
        "gdp_per_capita": np.exp(panel["gdp_per_capita"]),
        "value_added_primary": gdp * shares[0],
        "value_added_secondary": gdp * shares[1],
        "value_added_tertiary": gdp * shares[2],
        "population": population,
        "loans": credit - deposits,
        "deposits": deposits,
        "university_students": np.exp(panel["students"]),
        "education_expenditure": np.exp(panel["education"]),
        "science_expenditure": np.exp(panel["science"]),
        "foreign_direct_investment": foreign * 15.0,
    }


def _sector_shares(panel: Arrays, rng: np.random.Generator) -> np.ndarray:
    """Shares of the three sectors with P1 + 2·P2 + 3·P3 = UIL, shape (3, cities, years).

    UIL leaves one degree of freedom, the primary share, between max(0, 2 − UIL) and (3 − UIL)/2.
    """
    uil = panel["uil"]
    least, most = np.maximum(0, 2 - uil), (3 - uil) / 2
    income = panel["gdp_per_capita"] - panel["gdp_per_capita"].mean()
    leaning = -0.9 - 0.7 * income + 0.25 * autoregressive(rng, uil.shape, 0.95)
    primary = least + (most - least) / (1 + np.exp(-leaning))
    tertiary = primary + uil - 2
    return np.stack([primary, 1 - primary - tertiary, tertiary])

"""Noise of the twin set to that of public data: how much moves within cities, and how long it stays.

Two parameters of each panel variable, the s.d. of its cities' own growth and that of its city-year
deviations, meet two numbers of the public panel: the share of variance left after city and year effects, and
its AR(1).
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache

import numpy as np
import pandas as pd

from digital_clusters.analysis.scorecard.variation import load_variation
from digital_clusters.sources.twin import geography
from digital_clusters.sources.twin.country import TwinCountry
from digital_clusters.sources.twin.economy import panel_variable, study_sample
from digital_clusters.sources.twin.outcome import planted_gini
from digital_clusters.sources.twin.truth import Process, Truth
from digital_clusters.studies.industrial_upgrading.calibration.truths import NOISE
from digital_clusters.studies.industrial_upgrading.specs import STUDY

COUNTRIES = range(1, 4)
"""Seeds that the noise is solved on: within shares hardly differ between countries."""

LIGHT_YEARS = (2013, 2020)
"""Years of which public data have lights of counties; the Gini's targets are of these."""

STEP, ROUNDS, CLOSE = 1e-2, 6, 1e-3
"""Of the search: relative step of the differences, most rounds, and the miss at which it ends."""

MOST_PERSISTENT = 0.98
"""Of the Gini's deviations: beyond it an AR(1) cannot be told from a walk in eight years."""


def spread_within(values: np.ndarray) -> tuple[float, float]:
    """Within share of variance and AR(1) of one variable, shape (cities, years), complete.

    The same numbers as :func:`digital_clusters.analysis.scorecard.variation.variation_of`.
    """
    left = values - values.mean(axis=0) - values.mean(axis=1, keepdims=True) + values.mean()
    now, later = left[:, :-1], left[:, 1:]
    return float(left.var() / values.var()), float((now * later).sum() / (now**2).sum())


@cache
def public_spread() -> dict[str, tuple[float, float, float]]:
    """Column → within share, AR(1) and s.d. in public data, of the frozen record."""
    rows = load_variation(STUDY)["rows"]
    public = {row["column"]: row["public"] for row in rows if row["public"] is not None}
    return {name: (p["within_share"], p["ar1"], p["sd"]) for name, p in public.items()}


def without_extras(truth: Truth) -> Truth:
    """The truth whose panel has no turn around 2016 and no outliers, and whose outcome has default noise."""
    plain = {"turn": 0.0, "outlier": 0.0, "outliers": 0.0}
    panel = {name: process.model_copy(update=plain) for name, process in truth.panel.items()}
    outcome = truth.outcome.model_copy(update=NOISE)
    return truth.model_copy(update={"panel": panel, "outcome": outcome})


def panel_noise(truth: Truth, seeds: Sequence[int] = COUNTRIES) -> Truth:
    """``truth`` with the drift and shock of every panel variable that meet public data."""
    places = {seed: geography.make_cities(truth, seed) for seed in seeds}
    panel = {name: _solved(truth, name, process, places) for name, process in truth.panel.items()}
    return truth.model_copy(update={"panel": panel})


def _solved(truth: Truth, name: str, process: Process, places: Mapping[int, pd.DataFrame]) -> Process:
    share, ar1, _ = public_spread()[name]

    def changed(z: np.ndarray) -> Process:
        return process.model_copy(update={"shock": float(np.exp(z[0])), "drift": float(np.exp(z[1]))})

    def missed(z: np.ndarray) -> np.ndarray:
        one = truth.model_copy(update={"panel": {name: changed(z)}})
        found = []
        for seed, cities in places.items():
            values = panel_variable(name, cities, one, seed)[0]
            sample = study_sample(cities, truth)
            found.append(spread_within(values[np.ix_(sample.cities, sample.years)]))
        got = np.mean(found, axis=0)
        return np.array([np.log(got[0] / share), got[1] - ar1])

    return rounded(changed(_root(missed, np.log([process.shock, process.drift]))))


def gini_noise(truth: Truth, seeds: Sequence[int] = COUNTRIES) -> Truth:
    """``truth`` with the shock and persistence of its Gini that meet public data, given its effects."""
    share, ar1, _ = public_spread()["gini"]
    countries = [TwinCountry(truth, seed) for seed in seeds]
    panels = [(country.places, country.panel, country.seed) for country in countries]
    inside = (truth.country.years >= LIGHT_YEARS[0]) & (truth.country.years <= LIGHT_YEARS[1])

    def changed(z: np.ndarray) -> Truth:
        noise = {"shock": float(np.exp(z[0])), "persistence": float(MOST_PERSISTENT / (1 + np.exp(-z[1])))}
        return truth.model_copy(update={"outcome": truth.outcome.model_copy(update=noise)})

    def missed(z: np.ndarray) -> np.ndarray:
        one, found = changed(z), []
        for places, panel, seed in panels:
            complete = places["complete"].to_numpy()
            found.append(spread_within(planted_gini(places, panel, one, seed)[np.ix_(complete, inside)]))
        got = np.mean(found, axis=0)
        return np.array([np.log(got[0] / share), got[1] - ar1])

    p = truth.outcome
    start = np.array([np.log(p.shock), -np.log(MOST_PERSISTENT / p.persistence - 1)])
    solved = changed(_root(missed, start)).outcome
    return truth.model_copy(update={"outcome": rounded(solved)})


def _root(missed: Callable[[np.ndarray], np.ndarray], start: np.ndarray) -> np.ndarray:
    """Least squares of the two misses, from ``start``."""
    from scipy.optimize import least_squares

    found = least_squares(missed, start, diff_step=STEP, xtol=CLOSE, ftol=CLOSE**2, max_nfev=ROUNDS)
    return found.x


def rounded(block):
    """A block whose numbers are those of its text with four digits: what a file says is what was tried."""
    said = {
        name: float(f"{value:.4g}") if isinstance(value, float) else value
        for name, value in block.model_dump().items()
    }
    return type(block)(**said)

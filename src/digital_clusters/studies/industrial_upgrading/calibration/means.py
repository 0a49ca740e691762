"""Means over countries of the published coefficients, each country's kept as soon as it is known.

What is kept says the truth, the seed and the settings of the stand-in it was made with, so that a run that
was ended goes on where it was, and one of another truth starts anew.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cached_property, lru_cache
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from digital_clusters.kept_lines import KeptLines
from digital_clusters.measures.panel import Panel
from digital_clusters.sources.tables import LABELS
from digital_clusters.sources.twin.country import TwinCountry
from digital_clusters.sources.twin.economy import study_sample
from digital_clusters.sources.twin.outcome import planted_gini
from digital_clusters.sources.twin.truth import PlantedOutcome, Truth
from digital_clusters.studies.industrial_upgrading.calibration import stand_in
from digital_clusters.studies.industrial_upgrading.calibration.columns import all_coefficients, fast_columns
from digital_clusters.studies.industrial_upgrading.calibration.search import printed_targets
from digital_clusters.studies.industrial_upgrading.specs import COLUMNS

KEPT = 220
"""Countries whose treatments, which an outcome does not change, a process holds ready."""

FLAGS = ("is_municipality", "is_provincial_capital", "is_resource_based")
BLOCKS = ("country", "moments", "factors", "panel", "digital_profile", "outcome")
"""Parts of a truth that the study of upgrading depends on."""

_ZERO = dict.fromkeys(PlantedOutcome.model_fields, 0.0)
NO_OUTCOME = PlantedOutcome(**_ZERO | dict.fromkeys(("width", "peak_width", "city", "shock"), 1.0))
"""Stands for the outcome where only the rest of the country is asked for."""


def study_panel(country: TwinCountry, gini: np.ndarray) -> Panel:
    """The study panel of a country, from its arrays: no accounts and no township lights are made.

    Parameters
    ----------
    country : TwinCountry
    gini : numpy.ndarray, shape (cities, years)
        The outcome; the country's own is that of its lights.
    """
    sample, places = study_sample(country.places, country.truth), country.places
    cities = places.loc[sample.cities]
    years = country.truth.country.years[sample.years]
    frame = cities[["city", *FLAGS]].loc[cities.index.repeat(len(years))].reset_index(drop=True)
    values = {name: sample.of(each) for name, each in ({"gini": gini} | country.panel).items()}
    return Panel(frame.assign(year=np.tile(years, len(cities)), **values), "twin", LABELS["twin"], "")


def coefficients_in(truth: Truth, seed: int) -> list[float]:
    """The 18 coefficients in the country of ``seed``, in the order of the printed targets."""
    country, ready = _prepared(truth.model_copy(update={"outcome": NO_OUTCOME}).model_dump_json(), seed)
    gini = planted_gini(country.places, country.panel, truth, seed)
    found = ready.coefficients(study_sample(country.places, truth).of(gini))
    return [found[target.column][target.term] for target in printed_targets()]


def by_the_recipe(truth: Truth, seed: int) -> list[float]:
    """The same with the recipe's trees, but for ties (:mod:`calibration.columns`)."""
    country = TwinCountry(truth, seed)
    panel = study_panel(country, country.gini)
    found = all_coefficients(fast_columns(COLUMNS, panel), panel.frame["gini"].to_numpy())
    return [found[target.column][target.term] for target in printed_targets()]


@lru_cache(maxsize=KEPT)
def _prepared(truth: str, seed: int) -> tuple[TwinCountry, stand_in.StandInColumns]:
    """What an outcome does not change, of a truth (JSON) whose outcome is left out."""
    country = TwinCountry(Truth.model_validate_json(truth), seed)
    panel = study_panel(country, np.zeros(country.panel["uil"].shape))
    return country, stand_in.StandInColumns(COLUMNS, panel)


@dataclass(frozen=True)
class Memory:
    """Coefficients by truth and seed, in a file of one JSON object a line.

    Attributes
    ----------
    path : Path
    workers : int
        Processes that work on countries not yet known.
    """

    path: Path
    workers: int = 1

    def table(self, truth: Truth, seeds: Sequence[int]) -> np.ndarray:
        """Coefficients, shape (countries, 18); what is not known yet is made, and kept at once."""
        keys = {seed: key_of(truth, seed) for seed in seeds}
        lacking = [seed for seed in seeds if keys[seed] not in self._kept]
        for seed, found in self._made(truth, lacking):
            self._kept.keep(keys[seed], found)
        return np.array([self._kept[keys[seed]] for seed in seeds])

    def mean(self, truth: Truth, seeds: Sequence[int]) -> np.ndarray:
        """Mean over countries, shape (18,)."""
        return self.table(truth, seeds).mean(axis=0)

    def recipe(self, truth: Truth, seed: int) -> np.ndarray:
        """Coefficients by the recipe's own trees in one country, shape (18,)."""
        key = f"recipe {key_of(truth, seed)}"
        if key not in self._kept:
            self._kept.keep(key, by_the_recipe(truth, seed))
        return np.array(self._kept[key])

    def _made(self, truth: Truth, seeds: Sequence[int]) -> Iterable[tuple[int, list[float]]]:
        if self.workers == 1:
            yield from ((seed, coefficients_in(truth, seed)) for seed in seeds)
            return
        pools = self._pools
        waiting = [(seed, pools[seed % self.workers].submit(coefficients_in, truth, seed)) for seed in seeds]
        yield from ((seed, future.result()) for seed, future in waiting)

    @cached_property
    def _kept(self) -> KeptLines:
        return KeptLines(self.path)

    @cached_property
    def _pools(self) -> list[ProcessPoolExecutor]:
        """One process each, so that a country comes back to the one that holds its treatments."""
        return [ProcessPoolExecutor(1, mp_context=get_context("spawn")) for _ in range(self.workers)]


def key_of(truth: Truth, seed: int) -> str:
    """sha256 of what the coefficients of a country depend on."""
    said = truth.model_dump(mode="json")
    settings = [stand_in.TREES, stand_in.STEPS, stand_in.ONE_AGAINST_REST]
    text = json.dumps([{name: said[name] for name in BLOCKS}, settings, seed], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()

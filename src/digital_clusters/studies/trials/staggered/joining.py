"""Who joins when and who lies beside them: what is planted in the trial of estimators of accession."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from digital_clusters.estimators.spatial.simulated import near_neighbours
from digital_clusters.studies.trials.neighbours.joiners import clump_of

CITIES, YEARS = 80, 8

CLUMPS = ((2, 4), (3, 5))
"""Years in which the first and the second half of each clump join."""

HALF = 6
"""Cities that join together; a second half lies beside its first and is reached before it joins."""

EFFECT = 0.5
"""Mean of what joining does over members and years."""

PERSISTENCE = 0.5
"""Autocorrelation of the noise of a city, whose variance is one."""

SPILLOVERS = (0.0, 0.25, 0.5, 1.0)
"""What members do to their neighbours, as a share of the mean effect."""

EFFECTS = {"no effect": 0.0, "an effect that grows": 1.0}
"""Multiples of the planted effect by name."""


@dataclass(frozen=True, eq=False)
class WavesMap:
    """Who joins and who is next to whom.

    Attributes
    ----------
    adoption : numpy.ndarray, shape (cities,)
        Year of joining, NaN for never.
    reached : numpy.ndarray of bool, shape (cities, years)
        Not a member, with one among the nearest neighbours.
    """

    adoption: np.ndarray
    reached: np.ndarray

    @property
    def member(self) -> np.ndarray:
        """Whether a city has joined, shape (cities, years)."""
        return np.arange(YEARS) >= self.adoption[:, None]

    @property
    def ringed(self) -> np.ndarray:
        """Never joins and is reached some time: what a donut leaves out, shape (cities,)."""
        return np.isnan(self.adoption) & self.reached.any(axis=1)


@cache
def waves_map() -> WavesMap:
    """Two clumps of cities among points in a square, each of which joins in two waves."""
    near = near_neighbours(np.random.default_rng(CITIES), CITIES).toarray() > 0
    adoption, rng = np.full(CITIES, np.nan), np.random.default_rng(3)
    for years in CLUMPS:
        clump = clump_of(near, np.isnan(adoption), HALF * len(years), rng)
        adoption[clump] = np.repeat(years, HALF)
    member = np.arange(YEARS) >= adoption[:, None]
    return WavesMap(adoption, ~member & (near @ member))


def labels_of(kept: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """``entity``, ``time`` and ``adoption`` of the rows of some cities, or of all."""
    entity, time = np.divmod(np.arange(CITIES * YEARS), YEARS)
    rows = np.ones(len(entity), bool) if kept is None else kept[entity]
    return {"entity": entity[rows], "time": time[rows], "adoption": waves_map().adoption[entity][rows]}


@cache
def on_members() -> np.ndarray:
    """What joining does to members, shape (cities, years): 1, 2, 3, … times a number, with mean
    :data:`EFFECT`."""
    known = waves_map()
    since = np.where(known.member, np.arange(YEARS) - known.adoption[:, None] + 1, 0.0)
    return EFFECT * since / since[known.member].mean()


def on_neighbours() -> np.ndarray:
    """What members do to those beside them, at a spillover of one, shape (cities, years)."""
    return EFFECT * waves_map().reached


def planted(effect: float, spillover: float) -> np.ndarray:
    """The whole change of outcomes, shape (cities, years)."""
    return effect * on_members() + spillover * on_neighbours()


def truth_of(last: int | None = None) -> float:
    """Mean of the planted effect over members and years, or over the years up to ``last`` since joining."""
    known = waves_map()
    counted = known.member & (np.arange(YEARS) - known.adoption[:, None] <= (YEARS if last is None else last))
    return float(on_members()[counted].mean())

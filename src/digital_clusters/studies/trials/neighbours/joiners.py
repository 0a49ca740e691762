"""Accession where it reaches cities that have not joined: estimators with and without a donut."""

from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import pandas as pd
from scipy import sparse

from digital_clusters.errors import DataError
from digital_clusters.estimators.did.psm_did import psm_did
from digital_clusters.estimators.did.robust import RobustMethod, robust_did
from digital_clusters.estimators.did.spillovers import donut_did
from digital_clusters.estimators.did.staggered import two_way_did
from digital_clusters.estimators.resampling.simulated_panels import autocorrelated
from digital_clusters.estimators.spatial.simulated import near_neighbours
from digital_clusters.studies.trials.neighbours.designs import Answer, NeighbourDesign, answer_of

CITIES, YEARS = 120, 10

CLUMPS = ((10, 4), (10, 6), (10, 6))
"""Cities next to each other that join, and the year in which they do."""

EFFECT = 0.5
"""On members, in every year from joining on; errors have variance one."""

PERSISTENCE = 0.5

BEYOND = 0.5
"""Share of a neighbour's spillover that a neighbour's neighbour gets, where it goes on."""

PLAIN: dict[str, RobustMethod] = {
    "Sun–Abraham": "sun_abraham",
    "Callaway–Sant'Anna": "callaway_santanna",
    "de Chaisemartin–D'Haultfœuille": "chaisemartin_dhaultfoeuille",
    "imputation": "imputation",
    "two stages": "two_stage",
}

TWO_WAY, MATCHED = "two-way", "matched difference-in-differences"

DONUT = ", without reached controls"
"""Ending of a method's name where cities that never join and have a member next to them are left out."""

RING = "reached controls, as if they had joined"
"""The effect on reached controls against those that are not, as of their first neighbour's year."""

DRAWS = 500


@dataclass(frozen=True, eq=False)
class JoinersMap:
    """Who joins and who is next to whom, the same in all data sets.

    Attributes
    ----------
    links : scipy.sparse.csr_array, shape (cities, cities)
    adoption : numpy.ndarray, shape (cities,)
        Year of joining, NaN for never.
    reached, beyond : numpy.ndarray of bool, shape (cities, years)
        Not a member, with one among the neighbours; neither, with a reached city or a member's neighbour
        among them.
    """

    links: sparse.csr_array
    adoption: np.ndarray
    reached: np.ndarray
    beyond: np.ndarray


@cache
def joiners_map() -> JoinersMap:
    """Three clumps of cities among points in a square."""
    links = near_neighbours(np.random.default_rng(CITIES), CITIES)
    near, adoption = links.toarray() > 0, np.full(CITIES, np.nan)
    rng = np.random.default_rng(1)
    for size, year in CLUMPS:
        clump = [int(rng.choice(np.flatnonzero(np.isnan(adoption))))]
        while len(clump) < size:
            outside = near[clump].sum(axis=0) * np.isnan(adoption)
            outside[clump] = 0
            clump.append(int(outside.argmax()))
        adoption[clump] = year
    member = np.arange(YEARS) >= adoption[:, None]
    reached = ~member & (near @ member)
    return JoinersMap(links, adoption, reached, ~member & ~reached & (near @ reached))


def planted_change(strength: float, beyond: float) -> np.ndarray:
    """What joining does to every city and year, shape (cities, years)."""
    found = joiners_map()
    member = np.arange(YEARS) >= found.adoption[:, None]
    return EFFECT * (member + strength * (found.reached + beyond * found.beyond))


def joiners_once(rng: np.random.Generator, *, strength: float, beyond: float) -> list[Answer]:
    """Every estimator on one panel of city and year effects, the planted change and errors."""
    noise = autocorrelated(rng, CITIES, YEARS, PERSISTENCE)
    city, year = rng.normal(size=(CITIES, 1)), rng.normal(size=(1, YEARS))
    # cities that join are larger ones on the whole, and size makes no trend
    size = rng.normal(size=CITIES) + np.isfinite(joiners_map().adoption)
    return estimated(planted_change(strength, beyond) + noise + city + year, size, strength)


def estimated(y: np.ndarray, size: np.ndarray, strength: float) -> list[Answer]:
    """Answers of all methods; ``y`` is (cities, years), ``size`` what members are matched by."""
    found = joiners_map()
    entity, time = np.divmod(np.arange(CITIES * YEARS), YEARS)
    rows = pd.DataFrame({"y": y.ravel(), "entity": entity, "time": time})
    rows["adoption"] = found.adoption[entity]
    ever = np.isnan(found.adoption) & found.reached.any(axis=1)
    far = rows[~ever[entity]]
    answers = []
    for part, ending in ((rows, ""), (far, DONUT)):
        columns = {name: part[name].to_numpy() for name in ("y", "entity", "time", "adoption")}
        answers.append(answer_of(TWO_WAY + ending, EFFECT, two_way_did(**columns)))
        answers.append(_matched(MATCHED + ending, columns, size))
    columns = {name: rows[name].to_numpy() for name in ("y", "entity", "time", "adoption")}
    for name, method in PLAIN.items():
        answers.append(answer_of(name, EFFECT, robust_did(**columns, method=method)))
    donut = donut_did(**columns, links=found.links)
    answers.append(answer_of("imputation" + DONUT, EFFECT, donut.effect))
    return [*answers, answer_of(RING, strength * EFFECT, donut.ring)]


def _matched(name: str, columns: dict[str, np.ndarray], size: np.ndarray) -> Answer:
    given = pd.DataFrame({"size": size})
    try:
        did = psm_did(**columns, unit_covariates=given, method="kernel", leads=4).did
    except DataError:
        return Answer(name, "", EFFECT, np.nan, np.nan, np.nan)
    return answer_of(name, EFFECT, did)


SPILLOVERS = {
    "no spillover": (0.0, 0.0),
    "half the effect on neighbours": (0.5, 0.0),
    "the whole effect on neighbours": (1.0, 0.0),
    "the whole effect, and half of it on their neighbours": (1.0, BEYOND),
}
"""Strength on neighbours, and share of it beyond them, by name."""

_JOIN = sum(size for size, _ in CLUMPS)

DESIGNS = tuple(
    NeighbourDesign(
        "joiners",
        name,
        f"{CITIES} cities × {YEARS} years, {_JOIN} join in {len(CLUMPS)} clumps; "
        f"spillover {strength:g} of the effect on neighbours, {strength * beyond:g} beyond",
        DRAWS,
        partial(joiners_once, strength=strength, beyond=beyond),
    )
    for name, (strength, beyond) in SPILLOVERS.items()
)

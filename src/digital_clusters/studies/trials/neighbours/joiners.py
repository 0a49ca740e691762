"""Accession where it reaches cities that have not joined: estimators with and without a donut."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from scipy import sparse

from digital_clusters.estimators.did.robust import RobustMethod, robust_did
from digital_clusters.estimators.did.spillovers import donut_did
from digital_clusters.estimators.did.staggered import two_way_did
from digital_clusters.estimators.spatial.simulated import near_neighbours

CITIES, YEARS = 120, 10

CLUMPS = ((10, 4), (10, 6), (10, 6))
"""Cities next to each other that join, and the year in which they do."""

DIGITS = 10
"""Of a bias: what is left is rounding."""

EFFECT = 0.5
"""On members, in every year from joining on."""

BEYOND = 0.5
"""Share of a neighbour's spillover that a neighbour's neighbour gets, where it goes on."""

PLAIN: dict[str, RobustMethod] = {
    "Sun–Abraham": "sun_abraham",
    "Callaway–Sant'Anna": "callaway_santanna",
    "de Chaisemartin–D'Haultfœuille": "chaisemartin_dhaultfoeuille",
    "imputation": "imputation",
    "two stages": "two_stage",
}

TWO_WAY = "two-way"

DONUT = ", without reached controls"
"""Ending of a method's name where cities that never join and have a member next to them are left out."""

RING = "reached controls, as if they had joined"
"""The effect on reached controls against those that are not, as of their first neighbour's year."""


@dataclass(frozen=True, eq=False)
class JoinersMap:
    """Who joins and who is next to whom.

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
        adoption[clump_of(near, np.isnan(adoption), size, rng)] = year
    member = np.arange(YEARS) >= adoption[:, None]
    reached = ~member & (near @ member)
    return JoinersMap(links, adoption, reached, ~member & ~reached & (near @ reached))


def clump_of(near: np.ndarray, free: np.ndarray, size: int, rng: np.random.Generator) -> list[int]:
    """Free cities next to each other: one at random, then always the one with most neighbours among them.

    Parameters
    ----------
    near : numpy.ndarray of bool, shape (cities, cities)
    free : numpy.ndarray of bool, shape (cities,)
    size : int
    rng : numpy.random.Generator
    """
    clump = [int(rng.choice(np.flatnonzero(free)))]
    while len(clump) < size:
        outside = near[clump].sum(axis=0) * free
        outside[clump] = 0
        clump.append(int(outside.argmax()))
    return clump


def planted_change(strength: float, beyond: float) -> np.ndarray:
    """What joining does to every city and year, shape (cities, years)."""
    found = joiners_map()
    member = np.arange(YEARS) >= found.adoption[:, None]
    return EFFECT * (member + strength * (found.reached + beyond * found.beyond))


def found_of(y: np.ndarray) -> dict[str, float]:
    """What every estimator finds in outcomes of shape (cities, years)."""
    known = joiners_map()
    entity, time = np.divmod(np.arange(CITIES * YEARS), YEARS)
    columns = {"y": y.ravel(), "entity": entity, "time": time, "adoption": known.adoption[entity]}
    ringed = np.isnan(known.adoption) & known.reached.any(axis=1)
    far = {name: column[~ringed[entity]] for name, column in columns.items()}
    donut = donut_did(**columns, links=known.links)
    found = {TWO_WAY: two_way_did(**columns), TWO_WAY + DONUT: two_way_did(**far)}
    found |= {name: robust_did(**columns, method=method) for name, method in PLAIN.items()}
    found |= {"imputation" + DONUT: donut.effect, RING: donut.ring}
    return {name: float(estimate.coefficients[0]) for name, estimate in found.items()}


def exact_biases() -> pd.DataFrame:
    """Bias of every estimator in every design.

    All are linear in the outcome, and who joins and who is next to whom is given: the bias is what an
    estimator finds of the planted change alone, less the effect on members, or for the ring on the reached.

    Returns
    -------
    pandas.DataFrame
        One row a design and method: design, method, truth, bias.
    """
    rows = []
    for design, (strength, beyond) in SPILLOVERS.items():
        for method, value in found_of(planted_change(strength, beyond)).items():
            truth = EFFECT * (strength if method == RING else 1.0)
            # a bias of rounding alone is none
            bias = round(value - truth, DIGITS) + 0.0
            rows.append({"design": design, "method": method, "truth": truth, "bias": bias})
    return pd.DataFrame(rows)


SPILLOVERS = {
    "no spillover": (0.0, 0.0),
    "half the effect on neighbours": (0.5, 0.0),
    "the whole effect on neighbours": (1.0, 0.0),
    "the whole effect, and half of it on their neighbours": (1.0, BEYOND),
}
"""Strength on neighbours, and share of it beyond them, by name."""

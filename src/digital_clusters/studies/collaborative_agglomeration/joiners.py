"""Accession by estimators that stay right where effects differ, without reached controls, and with honest
bounds.

Everything is plain (texts, numbers, lists of records), so that it can be frozen and read by everybody.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from digital_clusters.analysis.adoption import Accession, accession
from digital_clusters.analysis.data import load_city_panel
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.spec import Spec
from digital_clusters.estimators.did.honest import relative_magnitudes
from digital_clusters.estimators.did.robust import RobustMethod, robust_did
from digital_clusters.estimators.did.spillovers import donut_did
from digital_clusters.estimators.did.staggered import group_time_effects, two_way_did
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.resampling.multiple_testing import FamilyMember, family_tests
from digital_clusters.measures.panel import Panel
from digital_clusters.measures.space.weights import SpatialWeights, spatial_weights
from digital_clusters.studies.collaborative_agglomeration.specs import COUNCIL, PUBLIC, STUDY

RECORD = f"{STUDY}.joiners"
"""Name of the frozen file."""

ROBUST: dict[str, RobustMethod] = {
    "Sun–Abraham": "sun_abraham",
    "Callaway–Sant'Anna": "callaway_santanna",
    "de Chaisemartin–D'Haultfœuille": "chaisemartin_dhaultfoeuille",
    "imputation (Borusyak–Jaravel–Spiess)": "imputation",
    "two stages (Gardner)": "two_stage",
}
"""Name in tables → method."""

DONUT, RING = "imputation, neighbours of members dropped", "neighbours of members, as if they had joined"

DEALT = "years of joining dealt anew"
"""What the frozen trial calls the test by years of joining that are drawn at random over cities."""

BEFORE, AFTER = 5, 4
"""Years before joining whose changes bound the deviation, and years from joining on that are averaged."""

DRAWS = 1999
"""Of the wild bootstrap."""


def public_joiners(data: str = "twin") -> Mapping[str, Any]:
    """The record of public data: made now if ``data`` is ``public``, else as frozen."""
    if data == "public":
        return joiners_record(PUBLIC["public, accession"], load_city_panel("public"))
    return load_frozen(RECORD).facts["public"]


def joiners_record(spec: Spec, panel: Panel, *, draws: int = DRAWS, seed: int = 0) -> dict[str, Any]:
    """Every estimate of this page's methods on a panel.

    Returns
    -------
    dict
        ``two_way`` (a row), ``estimates`` (rows: design, value, standard_error, low, high, n, cities),
        ``reached`` and ``far`` (cities), ``wild_p``, ``t_p``, ``honest`` (rows of magnitudes),
        ``honest_effect`` (pair), ``breakdown``, ``largest_before``.
    """
    arrays = accession(spec, panel, COUNCIL)
    y, keys = arrays.outcome, arrays.keys
    static = two_way_did(y, **keys, always_treated="drop")
    donut = donut_did(y, **keys, links=links_of(arrays, panel).matrix)
    found = {name: robust_did(y, **keys, method=method) for name, method in ROBUST.items()}
    found[DONUT] = donut.effect
    if donut.ring is not None:
        found[RING] = donut.ring
    path = group_time_effects(y, **keys, base="universal").relative
    bounds = relative_magnitudes(path, before=BEFORE, after=AFTER)
    return {
        "two_way": row_of("two-way, cohort of the first year dropped", static, "did"),
        "estimates": [row_of(name, estimate, "att") for name, estimate in found.items()],
        "reached": donut.n_reached,
        "far": donut.n_far,
        "t_p": float(static.p_values[0]),
        "wild_p": wild_p(y, keys, draws=draws, seed=seed),
        "honest": bounds.table.to_dict("records"),
        "honest_effect": list(bounds.effect["mean"]),
        "breakdown": bounds.breakdown,
        "largest_before": bounds.largest_before,
    }


def planted_joiners(spec: Spec, panel: Panel) -> dict[str, float]:
    """What each estimate finds of the planted effect alone: ``panel`` has it as the outcome of ``spec``."""
    arrays = accession(spec, panel, COUNCIL)
    y, keys = arrays.outcome, arrays.keys
    found = {name: robust_did(y, **keys, method=method)["att"][0] for name, method in ROBUST.items()}
    donut = donut_did(y, **keys, links=links_of(arrays, panel).matrix)
    found[DONUT] = donut.effect["att"][0]
    return found if donut.ring is None else found | {RING: donut.ring["att"][0]}


def row_of(design: str, estimate: Estimate, term: str) -> dict[str, Any]:
    """One row of a table of designs."""
    number = estimate.term(term)
    return {
        "design": design,
        "value": number.value,
        "standard_error": number.error,
        "low": number.low,
        "high": number.high,
        "n": number.n,
        "cities": estimate.n_clusters,
    }


def wild_p(y, keys: Mapping[str, Any], *, draws: int, seed: int | np.random.Generator = 0) -> float:
    """p of the static effect by the restricted wild cluster bootstrap, members of the first year left out.

    With few joiners it rejects too seldom where the clustered t test rejects too often (MacKinnon & Webb
    2018).
    """
    kept = ~(keys["adoption"] <= keys["time"].min())
    labels = {name: np.asarray(keys[name])[kept] for name in ("entity", "time", "adoption")}
    treated = (labels["time"] >= labels["adoption"]).astype(float)
    member = FamilyMember("joining", np.asarray(y)[kept], treated, labels["entity"], labels["time"])
    return float(family_tests([member], draws=draws, seed=seed)["p_wild"].iloc[0])


def links_of(arrays: Accession, panel: Panel) -> SpatialWeights:
    """Five nearest neighbours among the cities of the design."""
    cities = np.unique(arrays.entity)
    places = panel.frame.loc[panel.frame["city"].isin(cities), ["city", "lon", "lat"]].drop_duplicates("city")
    return spatial_weights(places, "nearest")

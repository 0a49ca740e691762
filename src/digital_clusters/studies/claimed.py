"""The studies whose papers print no number: their panel, their claims on the twin and on public data."""

from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from importlib import import_module
from typing import Any

from digital_clusters.estimators.estimate import Estimate
from digital_clusters.measures.city_panel import build_panel
from digital_clusters.measures.panel import Panel
from digital_clusters.studies.claims import Quantity, load_claims
from digital_clusters.studies.frozen import load_frozen
from digital_clusters.studies.quantities import measure, measure_public
from digital_clusters.studies.replication import estimate_nearest, load_tables
from digital_clusters.studies.spec import Spec

FACTS = (
    "resilience",
    "misallocation",
    "market_demand",
    "coagglomeration",
    "taobao_villages",
    "digital_finance",
)
"""Columns whose coverage on public data is told."""


@cache
def load_city_panel(data: str) -> Panel:
    """The panel of both studies of agglomeration, built once a process: ``twin``, ``public``, ``folder``."""
    return build_panel(load_tables(data))


def specs_of(study: str, group: str = "SPECS") -> Mapping[str, Spec]:
    """A group of specifications of a study's module: ``SPECS``, ``ROBUSTNESS``, ``PUBLIC``, …"""
    return getattr(import_module(f"digital_clusters.studies.{study}"), group)


def twin_claims(study: str, overrides: Mapping[str, Any] | None = None) -> dict[str, Quantity]:
    """Claim → its number on the twin; ``overrides`` change fields of every specification."""
    specs = {key: spec.change(**(overrides or {})) for key, spec in specs_of(study).items()}
    panel = load_city_panel("twin")
    return {claim.key: measure(claim, specs, panel) for claim in load_claims(study).claims}


def public_claims(study: str, data: str = "twin") -> dict[str, Quantity | None]:
    """Claim → its number on public data: made now if ``data`` is ``public``, else as frozen."""
    claims = load_claims(study).claims
    if data == "public":
        panel = load_city_panel("public")
        return {claim.key: measure_public(claim, specs_of(study), panel) for claim in claims}
    frozen = load_frozen(study).facts["claims"]
    return {
        claim.key: None if frozen[claim.key] is None else Quantity(**frozen[claim.key]) for claim in claims
    }


def public_estimates(study: str, data: str = "twin") -> dict[str, tuple[Estimate, str]]:
    """Public specification → estimate and how it differs from what was asked: made now, or as frozen."""
    if data == "public":
        panel = load_city_panel("public")
        return {key: estimate_nearest(spec, panel) for key, spec in specs_of(study, "PUBLIC").items()}
    frozen = load_frozen(study)
    return {key: (frozen.estimates[key], frozen.notes.get(key, "")) for key in specs_of(study, "PUBLIC")}


def coverage(data: str = "twin", study: str = "virtual_agglomeration") -> list[dict[str, Any]]:
    """Column, cities, first and last year of the indicators that public data have; made now or as frozen."""
    if data != "public":
        return list(load_frozen(study).facts["coverage"])
    frame = load_city_panel("public").frame
    rows = []
    for column in FACTS:
        known = frame.loc[frame[column].notna()]
        cities = int(known.groupby("year")["city"].nunique().max())
        years = int(known["year"].min()), int(known["year"].max())
        rows.append({"column": column, "cities": cities, "first_year": years[0], "last_year": years[1]})
    return rows


def public_results(study: str) -> dict[str, Any]:
    """Everything about public data that is frozen: the arguments of ``frozen.freeze``."""
    found = public_estimates(study, "public")
    claims = public_claims(study, "public")
    return {
        "estimates": {key: estimate for key, (estimate, _) in found.items()},
        "notes": {key: note for key, (_, note) in found.items() if note},
        "facts": {
            "claims": {key: None if q is None else asdict(q) for key, q in claims.items()},
            "coverage": coverage("public"),
            "missing": dict(load_city_panel("public").missing),
            "proxies": dict(load_city_panel("public").proxies),
        },
        "inputs": dict(load_tables("public").provenance),
    }

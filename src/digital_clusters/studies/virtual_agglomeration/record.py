"""What public data say of virtual agglomeration, as it is frozen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from digital_clusters.analysis import designs
from digital_clusters.analysis.data import load_city_panel, load_tables
from digital_clusters.analysis.fit import fit
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.measures.panel import Panel
from digital_clusters.studies.virtual_agglomeration.measures import (
    VariantFacts,
    misallocation_variants,
    variant_facts,
    with_variant,
)
from digital_clusters.studies.virtual_agglomeration.resilience import ResilienceFacts, resilience_facts
from digital_clusters.studies.virtual_agglomeration.specs import PUBLIC

NAME = "virtual_measures"
"""Of the frozen file."""


PLACEBOS = ("villages", "digital finance")
"""Public specifications whose treatment is dealt anew."""


DRAWS, SEED = 999, 20080101


def public_variants() -> dict[str, Estimate]:
    """Public specifications on misallocation by each way of measuring it."""
    panel, out = load_city_panel("public"), {}
    for name, (frame, _) in misallocation_variants(load_tables("public")).items():
        for key in ("villages on misallocation", "digital finance on misallocation"):
            out[f"{key}, {name}"] = fit(PUBLIC[key], with_variant(panel, frame)).estimate
    return out


def measures_results() -> dict[str, Any]:
    """Everything about public data that is frozen: the arguments of ``frozen.freeze``."""
    tables, panel = load_tables("public"), load_city_panel("public")
    path = designs.lead_lag(fit(PUBLIC["digital finance"], panel), leads=2, lags=2)
    return {
        "estimates": public_variants() | {"digital finance, leads and lags": path.estimate},
        "facts": {
            "resilience": vars(resilience_facts(tables)),
            "variants": [vars(row) for row in variant_facts(misallocation_variants(tables))],
            "leads": vars(path.leads_test),
            "relative": path.relative.tolist(),
            "placebos": {key: _placebo(key, panel) for key in PLACEBOS},
        },
        "inputs": dict(tables.provenance),
    }


def _placebo(key: str, panel: Panel) -> dict[str, Any]:
    test = designs.placebo(fit(PUBLIC[key], panel), draws=DRAWS, seed=SEED)
    spread = np.quantile(test.draws, [0.025, 0.975])
    return {
        "observed": test.observed,
        "p_value": test.p_value,
        "draws": len(test.draws),
        "low": float(spread[0]),
        "high": float(spread[1]),
        "movable": test.n_movable,
    }


@dataclass(frozen=True)
class PublicMeasures:
    """What is shown about measures on public data.

    Attributes
    ----------
    estimates : mapping of str to Estimate
        Misallocation measured in several ways, and leads and lags of digital finance.
    resilience : ResilienceFacts
    variants : list of VariantFacts
    leads : mapping
        Fields of the joint test of the leads.
    relative : list of int
        Years since the treatment of the leads and lags.
    placebos : mapping of str to mapping
        Specification → observed, p_value, draws, low and high (middle 95 % of placebos), movable (cities).
    """

    estimates: Mapping[str, Estimate]
    resilience: ResilienceFacts
    variants: list[VariantFacts]
    leads: Mapping[str, float]
    relative: list[int]
    placebos: Mapping[str, Mapping[str, Any]]


def public_measures(data: str = "twin") -> PublicMeasures:
    """Measures on public data: made now if ``data`` is ``public``, else as frozen."""
    if data == "public":
        made = measures_results()
        estimates, facts = made["estimates"], made["facts"]
    else:
        frozen = load_frozen(NAME)
        estimates, facts = frozen.estimates, frozen.facts
    return PublicMeasures(
        estimates=estimates,
        resilience=ResilienceFacts(**facts["resilience"]),
        variants=[VariantFacts(**row) for row in facts["variants"]],
        leads=facts["leads"],
        relative=facts["relative"],
        placebos=facts["placebos"],
    )

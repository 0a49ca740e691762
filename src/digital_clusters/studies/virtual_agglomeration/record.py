"""What public data say of virtual agglomeration, as it is frozen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from digital_clusters.analysis import designs
from digital_clusters.analysis.data import load_city_panel, load_tables, multiverse_panels
from digital_clusters.analysis.fit import fit
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.multiverse.declared import multiverse_file, read_multiverse
from digital_clusters.analysis.multiverse.explored import explore, to_facts
from digital_clusters.analysis.study import Study
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


PATHS = {
    "digital finance": ("digital finance", 2),
    "digital finance, controls of the same year": ("digital finance, controls of the same year", 2),
    "digital finance, no lags": ("digital finance", 0),
    "digital finance, no lags, controls of the same year": ("digital finance, controls of the same year", 0),
    "digital finance, no controls": ("digital finance, no controls", 2),
}
"""Words → public specification and number of lags; two leads in each."""


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
    paths = {
        words: designs.lead_lag(fit(PUBLIC[key], panel), leads=2, lags=lags)
        for words, (key, lags) in PATHS.items()
    }
    return {
        "estimates": public_variants()
        | {f"{words}, leads and lags": path.estimate for words, path in paths.items()},
        "facts": {
            "resilience": vars(resilience_facts(tables)),
            "variants": [vars(row) for row in variant_facts(misallocation_variants(tables))],
            "leads": {words: vars(path.leads_test) for words, path in paths.items()},
            "relative": {words: path.relative.tolist() for words, path in paths.items()},
            "first_stage": _first_stage(panel),
            "placebos": {key: _placebo(key, panel) for key in PLACEBOS},
        },
        "inputs": dict(tables.provenance),
    }


def multiverse_results(study: Study) -> dict[str, Any]:
    """The declared multiverse on public data: the arguments of ``frozen.freeze``."""
    explored = explore(read_multiverse(multiverse_file(study.key)), multiverse_panels(study.panel("public")))
    return {
        "estimates": {},
        "facts": to_facts(explored),
        "inputs": dict(load_tables("public").provenance),
    }


def _first_stage(panel: Panel) -> dict[str, float]:
    """F of the excluded instrument, and the value above which it counts as strong."""
    found = fit(PUBLIC["digital finance, telecommunications as instrument"], panel).instrumented
    return {"f": float(found.first_stage_f), "critical": float(found.critical_f)}


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
    leads : mapping of str to mapping
        Words of :data:`PATHS` → fields of the joint test of the leads.
    relative : mapping of str to list of int
        The same words → years since the treatment of the leads and lags.
    first_stage : mapping of str to float
        ``f`` of the public instrument and the ``critical`` value above which it counts as strong.
    placebos : mapping of str to mapping
        Specification → observed, p_value, draws, low and high (middle 95 % of placebos), movable (cities).
    """

    estimates: Mapping[str, Estimate]
    resilience: ResilienceFacts
    variants: list[VariantFacts]
    leads: Mapping[str, Mapping[str, float]]
    relative: Mapping[str, list[int]]
    first_stage: Mapping[str, float]
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
        first_stage=facts["first_stage"],
        placebos=facts["placebos"],
    )

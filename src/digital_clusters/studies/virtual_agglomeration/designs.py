"""Designs around the regressions on virtual agglomeration: timing, placebos, instruments, splits."""

from collections.abc import Mapping, Sequence
from typing import Any

from digital_clusters.analysis.claims import Quantity, load_claims
from digital_clusters.analysis.data import load_city_panel
from digital_clusters.analysis.fit import estimate, instrumented
from digital_clusters.analysis.readings import measure
from digital_clusters.analysis.spec import Spec
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.panel.instrumental import InstrumentalEstimate
from digital_clusters.measures.panel import Panel
from digital_clusters.studies.virtual_agglomeration.planted import HIDDEN, with_hidden_factor
from digital_clusters.studies.virtual_agglomeration.specs import BASELINE, ROBUSTNESS, SPECS, STUDY

KNOWN = "hidden factor as a control (twin only)"
"""The regression that no data set allows."""


YEARS = ("first_year", "last_year")


PUBLIC_BASELINE = (
    "villages",
    "villages, no controls",
    "villages, growth gap",
    "digital finance",
    "digital finance, growth gap",
)


PUBLIC_CHECKS = (
    "villages",
    "villages, winsorised",
    "villages, no controls",
    "digital finance",
    "digital finance, winsorised",
)
"""Public specifications that two chapters show."""


def changed(specs: Mapping[str, Spec], overrides: Mapping[str, Any]) -> dict[str, Spec]:
    """Specifications with fields overridden, but for those that a specification itself sets.

    A year that would leave a specification with years of its own nothing to look at is not taken over.
    """
    out = {}
    for key, spec in specs.items():
        free = {
            name: value for name, value in overrides.items() if getattr(spec, name) == getattr(BASELINE, name)
        }
        first, last = (free.get(name, getattr(spec, name)) for name in YEARS)
        own = any(getattr(spec, name) != getattr(BASELINE, name) for name in YEARS)
        if own and first > last:
            free = {name: value for name, value in free.items() if name not in YEARS}
        out[key] = spec.change(**free)
    return out


def claim_numbers(keys: Sequence[str], overrides: Mapping[str, Any]) -> dict[str, Quantity]:
    """Some claims of the study on the twin, each by its own specification."""
    study, panel = load_claims(STUDY), load_city_panel("twin")
    named = {study.claim(key).spec for key in keys}
    specs = changed({name: SPECS[name] for name in named}, overrides)
    return {key: measure(study.claim(key), specs, panel) for key in keys}


def baseline_ways(overrides: Mapping[str, Any]) -> dict[str, Estimate]:
    """The baseline on the twin without and with controls, by machine learning, and with what is hidden."""
    panel = load_city_panel("twin")
    names = {"two-way fixed effects, no controls": "no controls", "two-way fixed effects": "baseline"}
    specs = changed(ROBUSTNESS, overrides)
    known = specs["baseline"].change(controls=(*BASELINE.controls, HIDDEN))
    out = {words: estimate(specs[name], panel) for words, name in names.items()}
    machine = "double machine learning"
    return out | {machine: estimate(specs[machine], panel), KNOWN: estimate(known, with_hidden_factor(panel))}


def instruments(specs: Mapping[str, Spec], panel: Panel) -> dict[str, InstrumentalEstimate]:
    """The instrument by sample: without controls, in half the years, with the twin's hidden factor known."""
    spec = specs["telephones as instrument"]
    known = spec.change(controls=(*spec.controls, HIDDEN))
    out = {
        "baseline": instrumented(spec, panel),
        "no controls": instrumented(spec.change(controls=()), panel),
    }
    for name in ("to 2013", "from 2014"):
        half = {year: getattr(specs[name], year) for year in ("first_year", "last_year")}
        out[name] = instrumented(spec.change(**half), panel)
    return out | {"hidden factor known": instrumented(known, with_hidden_factor(panel))}


def is_comparable(spec: Spec) -> bool:
    """Whether a specification asks for the baseline's number: same outcome, treatment and timing."""
    asked = ("outcome", "treatment", "lag", "moderator")
    return all(getattr(spec, name) == getattr(BASELINE, name) for name in asked)

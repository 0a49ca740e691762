"""Designs around the regressions on virtual agglomeration: timing, placebos, instruments, splits."""

from collections.abc import Mapping
from typing import Any

from digital_clusters.analysis.data import load_city_panel
from digital_clusters.analysis.fit import fit
from digital_clusters.analysis.spec import Spec, override
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.panel.instrumental import InstrumentalEstimate
from digital_clusters.measures.panel import Panel
from digital_clusters.studies.virtual_agglomeration.planted import HIDDEN, with_hidden_factor
from digital_clusters.studies.virtual_agglomeration.specs import BASELINE, ROBUSTNESS

KNOWN = "hidden factor as a control (twin only)"
"""The regression that no data set allows."""


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


def baseline_ways(overrides: Mapping[str, Any]) -> dict[str, Estimate]:
    """The baseline on the twin without and with controls, by machine learning, and with what is hidden."""
    panel = load_city_panel("twin")
    names = {"two-way fixed effects, no controls": "no controls", "two-way fixed effects": "baseline"}
    specs = override(ROBUSTNESS, BASELINE, overrides)
    known = specs["baseline"].change(exogenous_controls=(HIDDEN,))
    out = {words: fit(specs[name], panel).estimate for words, name in names.items()}
    machine = "double machine learning"
    return out | {
        machine: fit(specs[machine], panel).estimate,
        KNOWN: fit(known, with_hidden_factor(panel)).estimate,
    }


def instruments(specs: Mapping[str, Spec], panel: Panel) -> dict[str, InstrumentalEstimate]:
    """The instrument by sample: without controls, in half the years, with the twin's hidden factor known."""
    spec = specs["telephones as instrument"]
    known = spec.change(exogenous_controls=(HIDDEN,))
    out = {
        "baseline": fit(spec, panel).instrumented,
        "no controls": fit(spec.change(controls=()), panel).instrumented,
    }
    for name in ("to 2013", "from 2014"):
        half = {year: getattr(specs[name], year) for year in ("first_year", "last_year")}
        out[name] = fit(spec.change(**half), panel).instrumented
    return out | {"hidden factor known": fit(known, with_hidden_factor(panel)).instrumented}


def is_comparable(spec: Spec) -> bool:
    """Whether a specification asks for the baseline's number: same outcome, treatment and timing."""
    asked = ("outcome", "treatment", "lag", "moderator")
    return all(getattr(spec, name) == getattr(BASELINE, name) for name in asked)

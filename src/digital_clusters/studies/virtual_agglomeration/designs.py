"""Designs around the regressions on virtual agglomeration: timing, placebos, instruments, splits."""

from collections.abc import Mapping
from typing import Any

from digital_clusters.analysis.data import load_city_panel
from digital_clusters.analysis.fit import fit
from digital_clusters.analysis.spec import Spec, override
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.panel.instrumental import InstrumentalEstimate
from digital_clusters.measures.panel import Panel
from digital_clusters.studies.virtual_agglomeration.planted import (
    HIDDEN,
    with_feedback,
    with_hidden_factor,
)
from digital_clusters.studies.virtual_agglomeration.specs import BASELINE, ROBUSTNESS

KNOWN = "hidden factor as a control (twin only)"
"""The regression that no data set allows."""


TIMINGS = {
    "same_year": "controls of the same year",
    "year_before": "controls of the year before",
    "base_year_by_year": "controls of the base year by year",
}
"""Timing of the controls → words for it."""


PUBLIC_BASELINE = (
    "villages, controls of the same year",
    "villages",
    "villages, controls of the base year by year",
    "villages, no controls",
    "villages, growth gap, controls of the same year",
    "villages, growth gap",
    "digital finance, controls of the same year",
    "digital finance",
    "digital finance, controls of the base year by year",
    "digital finance, no controls",
    "digital finance, growth gap, controls of the same year",
    "digital finance, growth gap",
    "digital finance, resistance",
    "digital finance, recovery",
)


PUBLIC_CHECKS = (
    "villages",
    "villages, winsorised",
    "villages, controls of the same year",
    "villages, no controls",
    "digital finance",
    "digital finance, winsorised",
    "digital finance, controls of the same year",
    "digital finance, no controls",
)
"""Public specifications that two chapters show."""


def baseline_ways(overrides: Mapping[str, Any]) -> dict[str, Estimate]:
    """The baseline on the twin without and with controls, by machine learning, and with what is hidden."""
    panel = load_city_panel("twin")
    names = {"two-way fixed effects, no controls": "no controls", "two-way fixed effects": "baseline"}
    specs = override(ROBUSTNESS, BASELINE, overrides)
    known = specs["baseline"].change(contemporaneous=(HIDDEN,))
    out = {words: fit(specs[name], panel).estimate for words, name in names.items()}
    machine = "double machine learning"
    return out | {
        machine: fit(specs[machine], panel).estimate,
        KNOWN: fit(known, with_hidden_factor(panel)).estimate,
    }


def control_timings(overrides: Mapping[str, Any]) -> dict[str, Estimate]:
    """The baseline by timing of its controls, on the twin as it is and where growth feeds back into them.

    The hidden factor is known throughout, so that what is left beside the planted size is due to controls.
    """
    plain = with_hidden_factor(load_city_panel("twin"))
    spec = BASELINE.change(contemporaneous=(HIDDEN,)).override(BASELINE, overrides)
    panels = {"no feedback": plain, "feedback": with_feedback(plain)}
    return {
        f"{words}, {timed}": fit(spec.change(control_timing=timing), panel).estimate
        for words, panel in panels.items()
        for timing, timed in TIMINGS.items()
    }


def instruments(specs: Mapping[str, Spec], panel: Panel) -> dict[str, InstrumentalEstimate]:
    """The instrument by sample: without controls, in half the years, with the twin's hidden factor known."""
    spec = specs["telephones as instrument"]
    known = spec.change(contemporaneous=(HIDDEN,))
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

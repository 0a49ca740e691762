"""Designs around the regressions on virtual agglomeration: timing, placebos, instruments, splits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from digital_clusters.errors import ParameterError
from digital_clusters.estimators.differences import PermutationTest, permute_slopes
from digital_clusters.estimators.dynamics import LeadLagEstimate, lead_lag_effects
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.instrumental import InstrumentalEstimate
from digital_clusters.estimators.moderation import MarginalEffects, marginal_effects
from digital_clusters.estimators.multiple_testing import FamilyMember, family_tests
from digital_clusters.estimators.placebo import PlaceboTest, permute_paths
from digital_clusters.estimators.within import within_panel
from digital_clusters.measures.panel import Panel
from digital_clusters.studies.claimed import load_city_panel
from digital_clusters.studies.claims import Quantity, load_claims
from digital_clusters.studies.quantities import measure
from digital_clusters.studies.run import estimate, instrumented
from digital_clusters.studies.sample import design, select_sample
from digital_clusters.studies.spec import Spec
from digital_clusters.studies.virtual_agglomeration import BASELINE, ROBUSTNESS, SPECS, STUDY
from digital_clusters.studies.virtual_truth import HIDDEN, with_hidden_factor

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


@dataclass(frozen=True, eq=False)
class EffectsOver:
    """Effect of the treatment over a moderator.

    Attributes
    ----------
    moderator : numpy.ndarray, shape (m,)
        In its own unit.
    effects : MarginalEffects
        Over the centred moderator.
    observed : numpy.ndarray, shape (n,)
        Values in the sample.
    mean : float
        Of ``observed``.
    """

    moderator: np.ndarray
    effects: MarginalEffects
    observed: np.ndarray
    mean: float

    def line(self, at_mean: float, slope: float) -> np.ndarray:
        """A straight line over the moderator, such as a planted effect, shape (m,)."""
        return at_mean + slope * (self.moderator - self.mean)


def lead_lag(spec: Spec, panel: Panel, *, leads: int, lags: int) -> LeadLagEstimate:
    """Outcome on leads and lags of the treatment.

    The sample is extended by ``leads`` years, where the panel has them, so that the last outcome is that of
    the specification's last year.
    """
    sample = select_sample(spec.change(last_year=spec.last_year + leads), panel)
    arrays = design(spec, sample)
    return lead_lag_effects(
        arrays.outcome,
        arrays.treatments[:, 0],
        arrays.controls,
        entity=arrays.entity,
        time=arrays.time,
        leads=leads,
        lags=lags,
        name=spec.treatment,
        controls=spec.controls,
        errors=spec.errors,
    )


def placebo(spec: Spec, panel: Panel, *, draws: int, seed: int) -> PlaceboTest:
    """Coefficient of the treatment where whole paths of it are dealt anew over cities."""
    arrays = design(spec, select_sample(spec, panel))
    return permute_paths(
        arrays.outcome,
        arrays.treatments[:, 0],
        arrays.controls,
        entity=arrays.entity,
        time=arrays.time,
        draws=draws,
        seed=seed,
    )


def relabelled(spec: Spec, panel: Panel, *, draws: int, seed: int) -> PermutationTest:
    """Fisher's permutation of the labels of a binary moderator over whole cities.

    A city whose label changes over the years counts as labelled throughout: a label can be dealt only whole.
    Slopes are those of the outcome's on the treatment's residual.

    Raises
    ------
    ParameterError
        If the moderator is not binary.
    """
    sample = select_sample(spec, panel)
    if sample[spec.moderator].nunique() != 2:
        raise ParameterError(
            f"'{spec.moderator}' does not have two values, so that there is no label to deal"
        )
    arrays = design(spec.change(moderator=None), sample)
    columns = np.column_stack([arrays.treatments, arrays.controls])
    terms = (*arrays.terms, *spec.controls)
    parts = within_panel(arrays.outcome, columns, entity=arrays.entity, time=arrays.time, terms=terms)
    both, controls = np.column_stack([parts.y, parts.d[:, 0]]), parts.d[:, 1:]
    left = both - controls @ np.linalg.lstsq(controls, both, rcond=None)[0]
    ever = sample.groupby("city")[spec.moderator].transform("max").astype(bool)
    return permute_slopes(*left.T, ever, units=arrays.entity, relabellings=draws, seed=seed)


def split_family(specs: Mapping[str, Spec], panel: Panel, *, draws: int, seed: int) -> pd.DataFrame:
    """Every split's interaction with the corrections of :func:`multiple_testing.family_tests`."""
    return family_tests([_member(name, spec, panel) for name, spec in specs.items()], draws=draws, seed=seed)


def _member(name: str, spec: Spec, panel: Panel) -> FamilyMember:
    arrays = design(spec, select_sample(spec, panel))
    tested = arrays.terms.index(f"{spec.treatment}:{spec.moderator}")
    others = np.delete(arrays.treatments, tested, axis=1)
    x = np.column_stack([arrays.treatments[:, tested], others, arrays.controls])
    return FamilyMember(name, arrays.outcome, x, arrays.entity, arrays.time)


def effects_over(spec: Spec, panel: Panel, *, points: int = 61) -> EffectsOver:
    """Effect of the treatment from the 1st to the 99th percentile of the moderator in the sample."""
    observed = select_sample(spec, panel)[spec.moderator].to_numpy(float)
    values = np.linspace(*np.quantile(observed, [0.01, 0.99]), points)
    mean = float(observed.mean())
    product = f"{spec.treatment}:{spec.moderator}"
    found = marginal_effects(
        estimate(spec, panel), values - mean, treatment=spec.treatment, interaction=product
    )
    return EffectsOver(values, found, observed, mean)


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

"""Designs around a regression: timing, placebos, relabelling, splits, effects over a moderator."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from digital_clusters.analysis.fit import estimate
from digital_clusters.analysis.sample import design, select_sample
from digital_clusters.analysis.spec import Spec
from digital_clusters.errors import ParameterError
from digital_clusters.estimators.curves.moderation import MarginalEffects, effects_over_moderator
from digital_clusters.estimators.panel.leads_and_lags import LeadLagEstimate, lead_lag_effects
from digital_clusters.estimators.panel.within import within_panel
from digital_clusters.estimators.resampling.multiple_testing import FamilyMember, family_tests
from digital_clusters.estimators.resampling.permutation import PermutationTest, permute_slopes
from digital_clusters.estimators.resampling.placebo import PlaceboTest, permute_paths
from digital_clusters.measures.panel import Panel


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
    found = effects_over_moderator(
        estimate(spec, panel), values - mean, treatment=spec.treatment, interaction=product
    )
    return EffectsOver(values, found, observed, mean)

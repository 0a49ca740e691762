"""Designs around a regression: timing, placebos, relabelling, splits, effects over a moderator."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from digital_clusters.analysis.fit import Fit
from digital_clusters.analysis.sample import design, select_sample
from digital_clusters.errors import ParameterError
from digital_clusters.estimators.curves.moderation import MarginalEffects, effects_over_moderator
from digital_clusters.estimators.panel.leads_and_lags import (
    LeadLagEstimate,
    lead_lag_columns,
    lead_lag_effects,
)
from digital_clusters.estimators.panel.least_squares import within_panel
from digital_clusters.estimators.resampling.multiple_testing import FamilyMember, family_tests
from digital_clusters.estimators.resampling.permutation import PermutationTest, permute_slopes
from digital_clusters.estimators.resampling.placebo import PlaceboTest, permute_paths


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


def lead_lag(fit: Fit, *, leads: int, lags: int) -> LeadLagEstimate:
    """Outcome on leads and lags of the treatment.

    The sample is extended by ``leads`` years, where the panel has them, so that the last outcome is that of
    the specification's last year.
    """
    spec = fit.spec
    sample = select_sample(spec.change(last_year=spec.last_year + leads), fit.panel)
    arrays = design(spec, sample)
    treatment = arrays.treatments[:, 0]
    whole = lead_lag_columns(treatment, **arrays.keys, leads=leads, lags=lags).complete
    # the years that are left decide which years the controls of a base year are multiplied by
    left = design(spec, sample.loc[whole]) if whole.any() else arrays
    controls = np.zeros((len(sample), len(left.control_names)))
    controls[whole] = left.controls[: whole.sum()]
    return lead_lag_effects(
        arrays.outcome,
        treatment,
        controls,
        **arrays.keys,
        leads=leads,
        lags=lags,
        name=spec.treatment,
        controls=left.control_names,
        errors=spec.errors,
    )


def placebo(fit: Fit, *, draws: int, seed: int) -> PlaceboTest:
    """Coefficient of the treatment where whole paths of it are dealt anew over cities."""
    arrays = fit.design
    return permute_paths(
        arrays.outcome,
        arrays.treatments[:, 0],
        arrays.controls,
        **arrays.keys,
        draws=draws,
        seed=seed,
    )


def relabelled(fit: Fit, *, draws: int, seed: int) -> PermutationTest:
    """Fisher's permutation of the labels of a binary moderator over whole cities.

    A city whose label changes over the years counts as labelled throughout: a label can be dealt only whole.
    Slopes are those of the outcome's on the treatment's residual.

    Raises
    ------
    ParameterError
        If the moderator is not binary.
    """
    spec, sample = fit.spec, fit.sample
    if spec.moderator is None or sample[spec.moderator].nunique() != 2:
        raise ParameterError(
            f"'{spec.moderator}' does not have two values, so that there is no label to deal"
        )
    arrays = design(spec.change(moderator=None), sample)
    parts = within_panel(arrays.outcome, arrays.regressors, **arrays.keys, terms=arrays.names)
    both, controls = np.column_stack([parts.y, parts.d[:, 0]]), parts.d[:, 1:]
    left = both - controls @ np.linalg.lstsq(controls, both, rcond=None)[0]
    ever = sample.groupby("city")[spec.moderator].transform("max").astype(bool)
    outcome, treatment = left.T
    return permute_slopes(outcome, treatment, ever, units=arrays.entity, relabellings=draws, seed=seed)


def split_family(fits: Mapping[str, Fit], *, draws: int, seed: int) -> pd.DataFrame:
    """Every split's interaction with the corrections of :func:`multiple_testing.family_tests`."""
    return family_tests([_member(name, fit) for name, fit in fits.items()], draws=draws, seed=seed)


def _member(name: str, fit: Fit) -> FamilyMember:
    arrays = fit.design
    tested = arrays.terms.index(fit.product)
    others = np.delete(arrays.treatments, tested, axis=1)
    x = np.column_stack([arrays.treatments[:, tested], others, arrays.controls])
    return FamilyMember(name, arrays.outcome, x, arrays.entity, arrays.time)


def effects_over(fit: Fit, *, points: int = 61) -> EffectsOver:
    """Effect of the treatment from the 1st to the 99th percentile of the moderator in the sample."""
    observed = fit.values(fit.spec.moderator)
    low, high = np.quantile(observed, [0.01, 0.99])
    values = np.linspace(low, high, points)
    mean = float(observed.mean())
    found = effects_over_moderator(
        fit.estimate, values - mean, treatment=fit.spec.treatment, interaction=fit.product
    )
    return EffectsOver(values, found, observed, mean)

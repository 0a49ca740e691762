"""Adoption of a policy by every design: matched, two-way, event study, group-time, decomposed, permuted."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from digital_clusters.analysis.fit import fit
from digital_clusters.analysis.spec import Spec
from digital_clusters.errors import DataError
from digital_clusters.estimators.did.decomposition import (
    BaconDecomposition,
    CellWeights,
    goodman_bacon,
    two_way_weights,
)
from digital_clusters.estimators.did.placebo import (
    AdoptionPlacebo,
    PretrendPlacebo,
    placebo_adoption,
    placebo_pretrend,
)
from digital_clusters.estimators.did.psm_did import PsmDid, pre_period_means, psm_did
from digital_clusters.estimators.did.staggered import (
    EventStudy,
    GroupTimeEffects,
    event_study,
    group_time_effects,
    two_way_did,
)
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.measures.panel import Panel


@dataclass(frozen=True)
class Policy:
    """A policy that cities adopt in several years, and what they are matched on.

    Attributes
    ----------
    year : str
        Column with the year of adoption, missing where a city never adopts.
    covariates : tuple of str
        Columns of the propensity score: means over the years before the first adoption in the panel.
    """

    year: str
    covariates: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Accession:
    """Arrays of an adoption design.

    Attributes
    ----------
    outcome, entity, time : numpy.ndarray, shape (n,)
    adoption : numpy.ndarray, shape (n,)
        Year of accession of the row's city, NaN if it does not accede by the last year.
    before : pandas.DataFrame, index city
        Covariates of the policy, means over the years before the first accession.
    """

    outcome: np.ndarray
    entity: np.ndarray
    time: np.ndarray
    adoption: np.ndarray
    before: pd.DataFrame

    @property
    def keys(self) -> dict[str, Any]:
        """What every estimator of adoption designs takes besides the outcome."""
        return {"entity": self.entity, "time": self.time, "adoption": self.adoption}


def accession(spec: Spec, panel: Panel, policy: Policy) -> Accession:
    """Cities complete in the outcome, with adoption years and what they were before the first accession.

    Raises
    ------
    MissingTableError
        If the panel lacks a column of the policy.
    DataError
        If no city adopts within the years of the specification.
    """
    names = list(policy.covariates)
    known = panel.require("city", "year", *names, policy.year)
    sample = fit(spec.change(method="spatial_panel"), panel).sample
    joined = sample[policy.year].to_numpy(float)
    joined = np.where(joined <= spec.last_year, joined, np.nan)
    later = joined[joined > sample["year"].min()]
    if not later.size:
        raise DataError(
            f"no city of {panel.label} adopts after {sample['year'].min()} and by {spec.last_year} "
            f"('{policy.year}'): there is nothing to compare"
        )
    first = int(later.min())
    early = known.loc[known["year"].between(spec.first_year, spec.last_year)]
    before = pre_period_means(
        early[names], entity=early["city"], time=early["year"], before=first, terms=names
    ).dropna()
    kept = sample["city"].isin(before.index).to_numpy()
    return Accession(
        outcome=sample.loc[kept, spec.outcome].to_numpy(float),
        entity=sample.loc[kept, "city"].to_numpy(),
        time=sample.loc[kept, "year"].to_numpy(),
        adoption=joined[kept],
        before=before,
    )


def matched(spec: Spec, panel: Panel, policy: Policy, **options: Any) -> PsmDid:
    """Matched difference-in-differences; ``options`` are those of ``psm_did``."""
    arrays = accession(spec, panel, policy)
    return psm_did(arrays.outcome, **arrays.keys, unit_covariates=arrays.before, **options)


def group_time(spec: Spec, panel: Panel, policy: Policy, **options: Any) -> GroupTimeEffects:
    """Group-time effects; ``options`` are those of ``group_time_effects``."""
    arrays = accession(spec, panel, policy)
    return group_time_effects(arrays.outcome, **arrays.keys, **options)


CALIPER = 0.2
"""Standard deviations of the logit (Austin 2011)."""


PAIRS = "nearest, caliper"
"""The matching that keeps one control for each member."""


MATCHINGS: dict[str, dict[str, Any]] = {
    "kernel": {"method": "kernel"},
    PAIRS: {"method": "nearest", "matching": {"caliper": CALIPER}},
    "two nearest with replacement, caliper": {
        "method": "nearest",
        "matching": {"caliper": CALIPER, "neighbours": 2, "replacement": True, "ties": "all"},
    },
}


LEADS = 5
"""Years before accession that have an indicator of their own; earlier ones share the last."""


@dataclass(frozen=True, eq=False)
class Designs:
    """Every estimate of one effect of accession.

    Attributes
    ----------
    arrays : Accession
    matched : dict of str to PsmDid
        By the names of :data:`MATCHINGS`.
    two_way, two_way_kept : Estimate
        Static, without and with the cities treated from the first year on.
    event_study : EventStudy
        Two-way, without them.
    bacon, bacon_matched : BaconDecomposition
        Of ``two_way_kept``, and of the cities that nearest-neighbour matching keeps.
    weights, weights_kept : CellWeights
        Of the two static estimates.
    group_time : GroupTimeEffects
        Against cities that never join, base in the year before joining.
    placebo : AdoptionPlacebo
        Of ``two_way``.
    pretrend : PretrendPlacebo
    """

    arrays: Accession
    matched: dict[str, PsmDid]
    two_way: Estimate
    two_way_kept: Estimate
    event_study: EventStudy
    bacon: BaconDecomposition
    bacon_matched: BaconDecomposition
    weights: CellWeights
    weights_kept: CellWeights
    group_time: GroupTimeEffects
    placebo: AdoptionPlacebo
    pretrend: PretrendPlacebo


def every_design(spec: Spec, panel: Panel, policy: Policy, *, draws: int, seed: int = 0) -> Designs:
    """All of :class:`Designs` on one panel; ``draws`` are those of the two permutation tests."""
    arrays = accession(spec, panel, policy)
    y, keys, rng = arrays.outcome, arrays.keys, np.random.default_rng(seed)
    matched = {
        name: psm_did(y, **keys, unit_covariates=arrays.before, leads=LEADS, **options)
        for name, options in MATCHINGS.items()
    }
    kept = matched[PAIRS].weights > 0
    return Designs(
        arrays=arrays,
        matched=matched,
        bacon_matched=goodman_bacon(y[kept], **{name: key[kept] for name, key in keys.items()}),
        two_way=two_way_did(y, **keys, always_treated="drop"),
        two_way_kept=two_way_did(y, **keys),
        event_study=event_study(y, **keys, leads=LEADS),
        bacon=goodman_bacon(y, **keys),
        weights=two_way_weights(y, **keys, always_treated="drop"),
        weights_kept=two_way_weights(y, **keys),
        group_time=group_time_effects(y, **keys, base="universal"),
        placebo=placebo_adoption(y, **keys, rng=rng, draws=draws, always_treated="drop"),
        pretrend=placebo_pretrend(y, **keys, rng=rng, draws=draws, leads=LEADS),
    )


def estimates_of(designs: Designs) -> dict[str, tuple[Estimate, str]]:
    """Design in words → estimate and its term."""
    named = {f"matched, {name}": (found.did, "did") for name, found in designs.matched.items()}
    return named | {
        "two-way, cohort of the first year dropped": (designs.two_way, "did"),
        "two-way, that cohort kept as control": (designs.two_way_kept, "did"),
        "group-time, mean over city-years": (designs.group_time.overall, "att"),
        "group-time, mean over years since joining": (designs.group_time.dynamic, "att"),
    }


def cohorts(arrays: Accession) -> pd.DataFrame:
    """``year`` of joining (missing for cities that do not) and number of ``cities``."""
    joined = pd.Series(arrays.adoption, arrays.entity).groupby(level=0).first()
    counts = joined.value_counts(dropna=False).sort_index()
    return counts.rename_axis("year").reset_index(name="cities")

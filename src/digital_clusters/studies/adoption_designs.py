"""Accession by every design: matched, two-way, event study, group-time, decomposed, permuted."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from digital_clusters.estimators.decomposition import (
    BaconDecomposition,
    CellWeights,
    goodman_bacon,
    two_way_weights,
)
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.psm_did import PsmDid, psm_did
from digital_clusters.estimators.staggered import (
    EventStudy,
    GroupTimeEffects,
    event_study,
    group_time_effects,
    two_way_did,
)
from digital_clusters.estimators.staggered_placebo import (
    AdoptionPlacebo,
    PretrendPlacebo,
    placebo_adoption,
    placebo_pretrend,
)
from digital_clusters.measures.panel import Panel
from digital_clusters.studies.accession import Accession, accession
from digital_clusters.studies.planted_curves import with_council_change
from digital_clusters.studies.spec import Spec

CALIPER = 0.2
"""Standard deviations of the logit (Austin 2011)."""

PAIRS = "nearest, caliper"
"""The matching that keeps one control for each member."""

MATCHINGS: dict[str, dict] = {
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


def every_design(spec: Spec, panel: Panel, *, draws: int, seed: int = 0) -> Designs:
    """All of :class:`Designs` on one panel; ``draws`` are those of the two permutation tests."""
    arrays = accession(spec, panel)
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


def planted_estimates(spec: Spec, panel: Panel) -> list[float]:
    """What each design of :func:`estimates_of` finds of the council's planted effect alone, on the twin."""
    alone = every_design(spec.change(outcome="council_change"), with_council_change(panel), draws=1)
    return [estimate[term][0] for estimate, term in estimates_of(alone).values()]

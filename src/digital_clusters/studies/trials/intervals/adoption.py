"""Designs of adoption: static and event-study regressions, group-time effects, placebos, matched samples."""

from functools import partial

import numpy as np
import pandas as pd

from digital_clusters.errors import DataError
from digital_clusters.estimators.did.placebo import placebo_adoption, placebo_pretrend
from digital_clusters.estimators.did.psm_did import psm_did
from digital_clusters.estimators.did.staggered import event_study, group_time_effects, two_way_did
from digital_clusters.studies.trials.intervals.made_panels import PERMUTED, holds, keys, persistent
from digital_clusters.studies.trials.intervals.runner import Check, TrialDesign

UNITS, YEARS = 100, 10

FIRST = (4.0, 6.0)
"""Years of adoption of the two cohorts."""

LEADS = 4
"""Years before adoption from which on they share an indicator."""

EFFECT = 0.5


def adopted(units: np.ndarray, treated: int) -> np.ndarray:
    """Year of adoption of each row: half of the treated units early, half late, NaN for the others."""
    early, late = FIRST
    return np.where(units < treated // 2, early, np.where(units < treated, late, np.nan))


def _adoption(rng, *, treated: int):
    labels = keys(UNITS, YEARS)
    labels["adoption"] = adopted(labels["entity"], treated)
    u = persistent(rng, UNITS, YEARS, 1)[:, 0]
    y = u + EFFECT * (labels["time"] >= labels["adoption"])
    ones = np.ones(len(y))
    static = two_way_did(y, **labels, weights=ones)
    study = event_study(y, **labels, weights=ones, leads=LEADS)
    modern = group_time_effects(y, **labels)
    return [
        holds(static, EFFECT),
        holds(study.estimate, EFFECT, study.estimate.position("0")),
        study.pretrend.p_value,
        holds(modern.overall, EFFECT),
        holds(modern.dynamic, EFFECT),
        modern.pretrend.p_value,
        placebo_adoption(u, **labels, rng=rng, draws=PERMUTED).p_value,
        placebo_pretrend(y, **labels, rng=rng, draws=PERMUTED, leads=LEADS).p_value,
    ]


def _checks() -> tuple[Check, ...]:
    page = "collaborative agglomeration: accession"
    dealt, leads = "placebo_adoption", "placebo_pretrend"
    pretrend = ("did.staggered.event_study", "wald.wald_test")
    return (
        Check("static effect, clustered", page, ("did.staggered.two_way_did",), instead=dealt),
        Check(
            "effect in the year of adoption, clustered", page, ("did.staggered.event_study",), instead=dealt
        ),
        Check("pre-trend, Wald χ²", page, pretrend, "size", leads),
        Check("group-time mean over units", page, ("did.staggered.group_time_effects",), instead=dealt),
        Check("group-time mean over years", page, ("did.staggered.group_time_effects",), instead=dealt),
        Check("group-time pre-trend, χ²", page, ("did.staggered.group_time_effects",), "size", leads),
        Check("placebo adoption", page, ("did.placebo.placebo_adoption",), "size"),
        Check("pre-trend by permutation", page, ("did.placebo.placebo_pretrend",), "size"),
    )


MATCHERS = {
    "one control": {"method": "nearest"},
    "kernel": {"method": "kernel"},
}
"""Options of :func:`psm_did` by name."""


def _matched(rng):
    """Units join the sooner the larger x is, and grow with x: the trend is parallel given x alone."""
    labels = keys(UNITS, YEARS)
    x = rng.normal(size=UNITS)
    joins = rng.random(UNITS) < 1 / (1 + np.exp(1 - x))
    labels["adoption"] = np.where(joins[labels["entity"]], 5.0, np.nan)
    late = labels["time"] >= 5
    u = persistent(rng, UNITS, YEARS, 1)[:, 0]
    y = u + late * (0.3 * x[labels["entity"]] + EFFECT * joins[labels["entity"]])
    given = pd.DataFrame({"x": x})
    return [_found(y, labels, given, options) for options in MATCHERS.values()]


def _found(y, labels, given, options) -> float:
    try:
        return float(holds(psm_did(y, **labels, unit_covariates=given, **options, leads=LEADS).did, EFFECT))
    except DataError:
        return np.nan


def _matching_checks() -> tuple[Check, ...]:
    page = "collaborative agglomeration: accession"
    function = {"one control": "nearest_neighbours", "kernel": "kernel_matching"}
    return tuple(
        Check(
            f"matched difference-in-differences, {words}",
            page,
            ("did.psm_did.psm_did", f"did.matching.{function[words]}"),
            instead="matching within a caliper, or the controls in the regression too",
        )
        for words in MATCHERS
    )


DESIGNS = (
    *(
        TrialDesign(
            f"{treated} adopters of {UNITS}",
            f"{UNITS} cities × {YEARS} years, {treated} adopt in two cohorts, errors autocorrelated",
            _checks(),
            partial(_adoption, treated=treated),
        )
        for treated in (10, 50)
    ),
    TrialDesign(
        "matched adopters",
        f"{UNITS} cities × {YEARS} years, about 30 adopt, more of those with a large x, which grow faster",
        _matching_checks(),
        _matched,
    ),
)

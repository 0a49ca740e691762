"""Interactions, claims, counts and instruments of virtual agglomeration: trials and frozen records."""

import itertools
import json

import numpy as np
import pytest

from digital_clusters.analysis.claims import load_claims
from digital_clusters.analysis.data import load_city_panel
from digital_clusters.analysis.fit import fit
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.inference.moderation import NULL_WORLD, WORLDS
from digital_clusters.analysis.power import truth_hash
from digital_clusters.studies.virtual_agglomeration.inference import counts, instrument_trial
from digital_clusters.studies.virtual_agglomeration.inference.family import VIRTUAL_FAMILY
from digital_clusters.studies.virtual_agglomeration.inference.interactions import (
    TRIED,
    VIRTUAL_INTERACTIONS,
)
from digital_clusters.studies.virtual_agglomeration.specs import STUDY

SAME = 1e-6  # relative; sums of thousands of numbers in another order


def test_counts_with_many_zeros_have_a_log_mean_and_no_log():
    found = fit(counts.TRIED, load_city_panel("twin"))
    rows = counts.try_counts(found, draws=12)
    assert json.loads(json.dumps(rows)) == rows
    few = {row["way"]: row for row in rows if row["mean"] == counts.MEANS[0]}
    log, mean = (few[way] for way in counts.WAYS)
    # the mean of twelve estimates has a standard error below a fifth of the slope
    assert abs(mean["bias"]) < 0.25 < abs(log["bias"])


def test_an_own_effect_moves_the_interval_off_and_the_union_holds_it():
    rows = instrument_trial.try_own_effects(load_city_panel("twin"), draws=20)
    assert [row["own"] for row in rows] == list(instrument_trial.OWN)
    assert rows[0]["excluded"] == rows[0]["allowed"] and rows[0]["width"] == pytest.approx(1)
    widths = [row["width"] for row in rows]
    assert widths == sorted(widths) and all(row["allowed"] >= row["excluded"] for row in rows)


@pytest.mark.parametrize(
    "record",
    [VIRTUAL_INTERACTIONS.record, VIRTUAL_FAMILY.record, counts.RECORD, instrument_trial.RECORD],
)
def test_the_frozen_trials_are_of_this_twin(record):
    assert load_frozen(record).inputs["data/twin.yml"] == truth_hash()


def test_frozen_interactions_are_those_of_the_study():
    study = load_frozen(STUDY)
    for row in load_frozen(VIRTUAL_INTERACTIONS.record).facts["public"]:
        estimate = study.estimates[row["design"]]
        value, error = estimate[next(term for term in estimate.terms if ":" in term)]
        if not row["bins"]:
            assert (row["line"]["value"], row["line"]["error"]) == pytest.approx((value, error), rel=SAME)
        # with bins the moderator's own part is free, which moves the line by less than its error
        assert abs(row["line"]["value"] - value) < error


def test_the_family_has_every_claim_with_its_number():
    public = {row["claim"]: row for row in load_frozen(VIRTUAL_FAMILY.record).facts["public"]}
    claims = load_frozen(STUDY).facts["claims"]
    assert list(public) == [claim.key for claim in load_claims(STUDY).claims]
    for key, row in public.items():
        assert row["value"] == pytest.approx(claims[key]["value"], rel=SAME)
        assert row["p"] <= row["romano_wolf"] <= 1


def test_tried_interactions_are_told_in_every_world():
    trial = load_frozen(VIRTUAL_INTERACTIONS.record).facts["trial"]
    worlds = {row["world"] for row in trial}
    assert NULL_WORLD in worlds and len(worlds) == len(WORLDS) + 1
    told = {(row["design"], row["world"]) for row in trial}
    assert told == set(itertools.product(TRIED, worlds)) and len(trial) == len(told)
    assert np.isfinite([row["line_off"] for row in trial]).all()


def test_the_frozen_trial_of_instruments_is_monotone():
    trial = load_frozen(instrument_trial.RECORD).facts["trial"]
    excluded, allowed = ([row[name] for row in trial] for name in ("excluded", "allowed"))
    assert excluded[0] > excluded[-1] and min(allowed) > 0.85

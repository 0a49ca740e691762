"""Interactions, claims and weights of co-agglomeration: frozen records against those of the study."""

import pytest

from digital_clusters.analysis.claims import load_claims
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.power import truth_hash
from digital_clusters.studies.collaborative_agglomeration.inference import weights
from digital_clusters.studies.collaborative_agglomeration.inference.family import COLLABORATIVE_FAMILY
from digital_clusters.studies.collaborative_agglomeration.inference.interactions import (
    COLLABORATIVE_INTERACTIONS,
)
from digital_clusters.studies.collaborative_agglomeration.record import public_record
from digital_clusters.studies.collaborative_agglomeration.specs import STUDY

SAME = 1e-6  # relative; sums of thousands of numbers in another order


@pytest.mark.parametrize(
    "record", [COLLABORATIVE_INTERACTIONS.record, COLLABORATIVE_FAMILY.record, weights.RECORD]
)
def test_the_frozen_trials_are_of_this_twin(record):
    assert load_frozen(record).inputs["data/twin.yml"] == truth_hash()


def test_the_family_has_every_claim_with_its_number():
    public = {row["claim"]: row for row in load_frozen(COLLABORATIVE_FAMILY.record).facts["public"]}
    claims = load_frozen(STUDY).facts["claims"]
    assert list(public) == [claim.key for claim in load_claims(STUDY).claims]
    for key, row in public.items():
        assert row["value"] == pytest.approx(claims[key]["value"], rel=SAME), key
        assert row["p"] <= row["romano_wolf"] <= 1


def test_the_weights_of_the_baseline_have_its_effects():
    public = load_frozen(weights.RECORD).facts["public"]
    nearest = next(row for row in public["kinds"] if row["kind"] == "nearest")["effects"]
    study = public_record()["variants"]["public"]
    for name, side in (("0.25", "left"), ("0.98", "right")):
        frozen = study[f"direct {side}"]
        assert nearest[f"direct {name}"] == pytest.approx(
            [frozen["effect"], frozen["standard_error"]], rel=SAME
        )
    assert sum(row["posterior_share"] for row in public["kinds"]) == pytest.approx(1)


def test_the_right_weights_win_in_other_countries():
    rows = {row["kind"]: row for row in load_frozen(weights.RECORD).facts["trial"]}
    assert rows["nearest"]["largest"] > 0.9
    assert rows[weights.AVERAGE]["indirect 0.25 coverage"] >= rows["economic"]["indirect 0.25 coverage"]

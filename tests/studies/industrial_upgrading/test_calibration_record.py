"""The frozen calibration: of these truths, true to its own means, refused when stale."""

import numpy as np
import pytest

from digital_clusters.sources import open_source
from digital_clusters.sources.twin.truth import named_truth
from digital_clusters.studies.industrial_upgrading.calibration import ladder, means, record, truths
from digital_clusters.studies.industrial_upgrading.calibration.search import printed_targets

# Means are kept with six digits.
WRITTEN = 1e-4
TARGETS = len(printed_targets())


def test_the_frozen_record_is_of_these_truths_and_says_what_its_means_say():
    found = record.load_calibration()
    assert [one.key for one in found.truths] == ["today", *(rung.key for rung in truths.RUNGS)]
    for one in found.truths:
        missed = ladder.in_errors(np.array(one.mean))
        assert one.met == (np.abs(missed) <= 1 + WRITTEN).tolist()
        assert len(one.met_by_country) == found.countries and len(one.sd) == TARGETS
    outcome = named_truth(record.PUBLIC_NOISE).outcome.model_dump()
    simple = found.of(found.simple)
    rungs = [one for one in found.truths if one.key != "today"]
    most = max(sum(one.met) for one in rungs)
    assert simple.parameters == min(one.parameters for one in rungs if sum(one.met) == most)
    assert simple.values == {name: value for name, value in outcome.items() if value != 0}


@pytest.mark.slow
def test_a_kept_country_comes_out_again(tmp_path):
    """One country of the simple truth, made anew, is no outlier among those that the record sums up."""
    frozen = record.load_calibration()
    found = frozen.of(frozen.simple)
    again = means.Memory(tmp_path / "one.jsonl").table(named_truth(record.PUBLIC_NOISE), [1])[0]
    alone = int((np.abs(ladder.in_errors(again)) <= 1).sum())
    # a coefficient at the edge of its interval may fall on the other side on another processor
    assert abs(alone - found.met_by_country[0]) <= 1


def test_a_named_twin_has_its_file_among_its_inputs():
    twin = open_source("twin", seed=1, twin="public_noise")
    assert twin.source == "twin" and "data/twins/public_noise.yml" in twin.provenance
    assert twin.fingerprint != open_source("twin", seed=1).fingerprint

"""What the estimates rest on: records, frozen numbers, placebo shocks."""

import json

import numpy as np
import pytest

from digital_clusters.analysis.data import load_city_panel
from digital_clusters.analysis.fit import fit
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.power import truth_hash
from digital_clusters.studies.virtual_agglomeration import doubts
from digital_clusters.studies.virtual_agglomeration.specs import BASELINE, INSTRUMENTED, PUBLIC, STUDY

SAME = 1e-6  # relative; sums of thousands of numbers in another order


@pytest.fixture(scope="module")
def twin():
    return load_city_panel("twin")


def test_the_record_is_plain_and_agrees_with_the_fits(twin):
    record = doubts.doubts_record({"baseline": BASELINE}, INSTRUMENTED, twin)
    assert json.loads(json.dumps(record)) == record
    (row,) = record["omitted"]
    assert (row["value"], row["error"]) == pytest.approx(fit(BASELINE, twin).estimate["virtual"], rel=SAME)
    instrumented = fit(INSTRUMENTED, twin).instrumented
    assert record["shocks"]["value"] == pytest.approx(instrumented.estimate["virtual"][0], rel=SAME)
    assert record["plausible"][0]["low"] == pytest.approx(instrumented.estimate.interval()[0][0], rel=SAME)
    assert 1 < record["shocks"]["effective"] < record["shocks"]["shocks"] == 12


def test_exposures_times_a_series_are_nearly_the_instrument(twin):
    """Up to each city's own part in the country, which is small."""
    found = fit(INSTRUMENTED, twin)
    shares = doubts.exposures(found)
    z = found.design.instrument
    left = z - shares @ np.linalg.lstsq(shares, z, rcond=None)[0]
    assert np.linalg.norm(left) < 0.02 * np.linalg.norm(z)
    assert ((shares != 0).sum(axis=1) == 1).all()


def test_the_frozen_trials_are_of_this_twin():
    frozen = load_frozen(doubts.RECORD)
    assert frozen.inputs["data/twin.yml"] == truth_hash()
    assert frozen.facts["omitted_trial"]["countries"] == doubts.COUNTRIES
    for rows in frozen.facts["placebos"].values():
        assert [row["rule"] for row in rows] == list(doubts.RULES)
        clustered, _, null = rows
        assert null["independent"] < clustered["independent"]
    *_, null = frozen.facts["placebos"]["twin"]
    assert null["independent"] < 0.1 < null["persistent"]


def test_frozen_public_estimates_are_those_of_the_study():
    public, study = load_frozen(doubts.RECORD).facts["public"], load_frozen(STUDY)
    for row in public["omitted"]:
        estimate = study.estimates[row["design"]]
        assert (row["value"], row["error"]) == pytest.approx(estimate[estimate.terms[0]], rel=SAME)
    estimate = study.estimates[doubts.BY_TELECOMMUNICATIONS]
    assert public["shocks"]["value"] == pytest.approx(estimate[estimate.terms[0]][0], rel=SAME)


@pytest.mark.slow
@pytest.mark.usefixtures("mirror")
def test_frozen_public_doubts_come_out_again():
    panel = load_city_panel("public")
    specs = {key: PUBLIC[key] for key in doubts.OMITTED}
    made = doubts.doubts_record(specs, PUBLIC[doubts.BY_TELECOMMUNICATIONS], panel)
    frozen = load_frozen(doubts.RECORD).facts["public"]
    for old, new in zip(frozen["omitted"], made["omitted"], strict=True):
        assert new["strongest"] == old["strongest"]
        for name in ("value", "robustness", "adjusted", "delta"):
            assert new[name] == pytest.approx(old[name], rel=SAME)
    assert made["shocks"]["akm"] == pytest.approx(frozen["shocks"]["akm"], rel=SAME)
    assert made["breakdown"] == pytest.approx(frozen["breakdown"])

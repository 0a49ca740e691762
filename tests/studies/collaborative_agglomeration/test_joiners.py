"""Accession by robust estimators: the record, the frozen numbers, and the trial in other countries."""

import json

import numpy as np
import pytest

from digital_clusters.analysis.adoption import accession
from digital_clusters.analysis.data import load_city_panel
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.power import truth_hash
from digital_clusters.estimators.did.robust import robust_did
from digital_clusters.studies.collaborative_agglomeration import (
    joiners,
    joiners_tables,
    joiners_trial,
    planted,
)
from digital_clusters.studies.collaborative_agglomeration.record import public_record
from digital_clusters.studies.collaborative_agglomeration.specs import ACCESSION, COUNCIL, PUBLIC

SAME = 1e-6  # relative; sums of thousands of numbers in another order
SHARED = ("two-way, cohort of the first year dropped", "group-time, mean over city-years")


@pytest.fixture(scope="module")
def twin():
    return load_city_panel("twin")


@pytest.fixture(scope="module")
def record(twin):
    return joiners.joiners_record(ACCESSION, twin, draws=199)


def test_the_record_is_plain_and_has_every_method(record):
    assert json.loads(json.dumps(record)) == record
    designs = [row["design"] for row in record["estimates"]]
    assert designs == [*joiners.ROBUST, joiners.DONUT, joiners.RING]
    assert record["reached"] + record["far"] == 249
    assert record["wild_p"] == pytest.approx(1 / 200)  # beyond every draw


def test_the_wild_p_of_no_effect_is_one_of_many(twin):
    arrays = accession(ACCESSION, twin, COUNCIL)
    noise = np.random.default_rng(2).normal(size=len(arrays.outcome))
    assert joiners.wild_p(noise, arrays.keys, draws=199) > 0.05


def test_each_design_finds_nearly_the_planted_effect_without_noise(twin):
    found = joiners.planted_joiners(
        ACCESSION.change(outcome="council_change"), planted.with_council_change(twin)
    )
    path = planted.accession_path(ACCESSION.first_year, ACCESSION.last_year)
    since = path[path["relative"] >= 0]
    mean = np.average(since["effect"], weights=since["n_units"])
    for name in joiners.ROBUST:
        assert found[name] == pytest.approx(mean, abs=0.02)
    # members lower misallocation next door as well, by less
    assert mean < found[joiners.RING] < 0


def test_an_estimate_less_that_without_a_council_is_that_of_the_planted_effect(twin):
    """All estimators are linear in the outcome: what the trial calls off is exact."""
    panel = planted.with_council_change(twin)
    arrays = accession(ACCESSION, panel, COUNCIL)
    change = accession(ACCESSION.change(outcome="council_change"), panel, COUNCIL).outcome
    for method in joiners.ROBUST.values():
        with_it, without, alone = (
            robust_did(y, **arrays.keys, method=method)["att"][0]
            for y in (arrays.outcome, arrays.outcome - change, change)
        )
        assert with_it - without == pytest.approx(alone, rel=SAME)


@pytest.mark.slow
def test_a_country_is_tried_by_every_method():
    found = joiners_trial.try_countries([3])
    assert found["method"].is_unique and len(found) == 11
    rows = {row["method"]: row for row in joiners_trial.joiners_summary(joiners_trial.try_countries([3, 4]))}
    assert rows[joiners_trial.HONEST]["size"] is None and rows[joiners_trial.WILD]["coverage"] is None
    assert 0 < rows["Sun–Abraham"]["bias"] < 0.1


def test_the_frozen_trial_is_of_this_twin_and_of_all_countries():
    frozen = load_frozen(joiners.RECORD)
    assert frozen.inputs["data/twin.yml"] == truth_hash()
    assert frozen.facts["countries"] == joiners_trial.COUNTRIES
    assert {row["method"] for row in frozen.facts["trial"]} >= {*joiners.ROBUST, joiners_trial.HONEST}


def test_frozen_public_estimates_are_those_that_other_records_have():
    public = load_frozen(joiners.RECORD).facts["public"]
    other = {row["design"]: row for row in public_record()["adoption"]["estimates"]}
    static, group_time = (other[name] for name in SHARED)
    ours = {row["design"]: row for row in public["estimates"]}
    for one, same in ((public["two_way"], static), (ours["Callaway–Sant'Anna"], group_time)):
        for name in ("value", "standard_error", "n", "cities"):
            assert one[name] == pytest.approx(same[name], rel=SAME)


@pytest.mark.slow
@pytest.mark.usefixtures("mirror")
def test_frozen_public_estimates_come_out_again():
    made = joiners.joiners_record(PUBLIC["public, accession"], load_city_panel("public"))
    frozen = load_frozen(joiners.RECORD).facts["public"]
    for old, new in zip(frozen["estimates"], made["estimates"], strict=True):
        assert new["design"] == old["design"]
        assert new["value"] == pytest.approx(old["value"], rel=SAME)
        assert new["standard_error"] == pytest.approx(old["standard_error"], rel=SAME)
    assert made["wild_p"] == frozen["wild_p"] and made["breakdown"] == pytest.approx(frozen["breakdown"])


def test_the_prose_on_the_trial_is_what_was_found():
    rows = {row["method"]: row for row in load_frozen(joiners.RECORD).facts["trial"]}
    sizes = {name: rows[name]["size"] for name in joiners.ROBUST}
    assert min(sizes, key=lambda name: abs(sizes[name] - 0.05)) == "imputation (Borusyak–Jaravel–Spiess)"
    assert rows[joiners_trial.WILD]["size"] > 0.08 and rows[joiners_trial.DEALT]["size"] > 0.08
    assert rows[joiners_trial.HONEST]["coverage"] >= 0.95 > rows[joiners_trial.PARALLEL]["coverage"]
    assert rows[joiners.DONUT]["bias"] > 0.9 * rows["imputation (Borusyak–Jaravel–Spiess)"]["bias"]


def test_the_isolated_bias_is_a_share_of_the_effect(monkeypatch):
    quoted = {}
    monkeypatch.setattr(joiners_tables, "glue", lambda name, value: quoted.update({name: value}))
    keys = dict.fromkeys(joiners_tables.ISOLATED.values())
    rows = [
        {"design": design, "method": method, "bias": -0.1 * place, "truth": 0.5}
        for place, (design, method) in enumerate(keys)
    ]
    joiners_tables.quote_isolated(rows)
    assert list(quoted.values()) == ["0%", "20%", "40%", "60%"]
    joiners_tables.quote_isolated(load_frozen("neighbours").facts["exact"])

"""Effects by group in panel double machine learning: rows, ends, and the frozen trial."""

import json

import numpy as np
import pandas as pd
import pytest

from digital_clusters.analysis.fit import fit
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.power import truth_hash
from digital_clusters.errors import DataError
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects
from digital_clusters.sources.twin.truth import true_effects
from digital_clusters.studies.industrial_upgrading.inference import groups, groups_tables
from digital_clusters.studies.industrial_upgrading.planted import planted_effects
from digital_clusters.studies.industrial_upgrading.replication import load_panel
from digital_clusters.studies.industrial_upgrading.specs import BASELINE

ALGEBRA = 1e-9
LEAST = {"two-way, least squares": groups.APPROACHES["two-way, least squares"]}


@pytest.fixture
def rows(monkeypatch):
    monkeypatch.setattr(groups, "APPROACHES", LEAST)
    return groups.group_rows(load_panel("twin"), {"twin": "gini"})


def test_ends_and_difference_are_one_line(rows):
    assert json.loads(json.dumps(rows)) == rows
    assert [row["claim"] for row in rows] == list(groups.GROUPS)
    for row in rows:
        gap = row["second"]["value"] - row["first"]["value"]
        assert row["difference"]["value"] == pytest.approx(gap, rel=ALGEBRA)


def test_the_two_groups_are_those_of_two_slopes(rows):
    spec = LEAST["two-way, least squares"].change(moderator="late_period")
    found = fit(spec, load_panel("twin"))
    sample = found.sample
    columns = {
        "uil early": sample["uil"] * ~sample["late_period"],
        "uil late": sample["uil"] * sample["late_period"],
    }
    x = [*columns.values(), *found.design.controls.T]
    terms = [*columns, *found.design.control_names]
    by_hand = two_way_fixed_effects(
        found.design.outcome, np.column_stack(x), **found.design.keys, terms=terms
    )
    for name, end in (("uil early", "first"), ("uil late", "second")):
        assert (rows[0][end]["value"], rows[0][end]["error"]) == pytest.approx(by_hand[name], rel=1e-6)


def test_a_country_is_tried_by_every_approach_and_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(groups, "APPROACHES", LEAST)
    found = groups.try_groups([3, 4], tmp_path / "kept.jsonl")
    monkeypatch.setattr(groups, "_one_country", lambda seed: pytest.fail("made again"))
    assert groups.try_groups([3, 4], tmp_path / "kept.jsonl") == found
    assert [row["claim"] for row in found] == list(groups.GROUPS)
    assert all(row["spread"] > 0 and 0 <= row["coverage"] <= 1 for row in found)


def assert_same_rows(rows, others):
    pd.testing.assert_frame_equal(pd.DataFrame(rows), pd.DataFrame(others), rtol=ALGEBRA)


def test_batches_of_countries_are_pooled_as_if_they_had_been_tried_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(groups, "APPROACHES", LEAST)
    path = tmp_path / "kept.jsonl"
    parts = [
        {"first": first, "last": last, "rows": groups.try_groups(range(first, last + 1), path)}
        for first, last in ((1, 2), (3, 5))
    ]
    at_once = groups.try_groups(range(1, 6), path)
    assert_same_rows(groups.pooled(parts), at_once)
    parts[0]["rows"] = parts[0]["rows"][::-1]
    with pytest.raises(DataError, match="different orders"):
        groups.pooled(parts)


def test_a_batch_of_another_twin_or_specification_is_not_kept(monkeypatch):
    assert [batch["last"] for batch in groups.frozen_batches()] == [last for _, last in groups.BATCHES]
    assert all(batch["commit"] for batch in groups.frozen_batches())
    monkeypatch.setattr(groups, "APPROACHES", LEAST)
    assert groups.frozen_batches() == []


def test_the_frozen_record_is_of_this_twin_and_complete():
    frozen = load_frozen(groups.RECORD)
    batches = frozen.facts["batches"]
    assert [(batch["first"], batch["last"]) for batch in batches] == list(groups.BATCHES)
    assert frozen.facts["countries"] == batches[-1]["last"]
    assert_same_rows(frozen.facts["trial"], groups.pooled(batches))
    assert frozen.inputs["data/twin.yml"] == truth_hash()
    assert len(frozen.facts["trial"]) == len(groups.GROUPS) * len(groups.APPROACHES)
    assert len(frozen.facts["public"]) == len(frozen.facts["trial"]) * len(groups.SERIES)


def test_what_is_missed_is_told_as_it_is_and_with_nothing_hidden():
    missed = groups.misses_of_least_squares()
    assert list(missed) == list(groups.GROUPS)
    spec = LEAST["two-way, least squares"].change(moderator="late_period")
    found = fit(spec, load_panel("twin"))
    planted = planted_effects(spec, found.sample)[found.product]
    assert missed["H2"][0] == pytest.approx(found.term(found.product).value - planted, rel=ALGEBRA)
    assert missed["H2"][1] != missed["H2"][0]


@pytest.mark.parametrize(
    ("p_values", "words"),
    [
        (
            [0.2, 0.01, 0.001],
            "1 of 2 differences by a learner is different from zero at 5 per cent, 1 of",
        ),
        ([0.2, 0.4, 0.001], "none of 2 differences by a learner is different from zero at 5 per cent; "),
    ],
)
def test_public_differences_by_a_learner_are_counted_without_least_squares(monkeypatch, p_values, words):
    said = {}
    monkeypatch.setattr(groups_tables, "glue", said.__setitem__)
    monkeypatch.setattr(groups_tables, "misses_of_least_squares", dict)
    approaches = ["first differences", "within, as approximation", "two-way, least squares"]
    rows = [
        {"claim": "H2", "approach": one, "series": "ready made", "difference": {"value": -0.1, "p": p}}
        for one, p in zip(approaches, p_values, strict=True)
    ]
    trial = [
        {"claim": "H2", "approach": one, "coverage": 0.925}
        for one in (*approaches, "correlated random effects")
    ]
    groups_tables.quote_groups(rows, trial)
    assert words in said["groups-public-sentence"]
    assert f"p value is {min(p_values[:2]):.3f} (H2" in said["groups-public-sentence"]
    assert said["groups-cre"] == "92.5% (H2)"


def test_changes_into_the_later_period_hide_the_difference_of_periods():
    found = groups.periods_by_changes()
    frame = fit(BASELINE, load_panel("twin")).sample.sort_values(["city", "year"]).reset_index(drop=True)
    frame["product"] = frame["uil"] * (frame["year"] > 2015)
    names = ["uil", "product", *BASELINE.controls]
    changes = frame.groupby("city")[[*names, "gini"]].diff().dropna()
    years = pd.get_dummies(frame.loc[changes.index, "year"]).astype(float)
    inside = (frame.loc[changes.index, "year"] != 2016).to_numpy()
    for key, rows in (("all", np.ones(len(inside), dtype=bool)), ("without", inside)):
        x = np.column_stack([changes[names], years])[rows]
        slope = np.linalg.lstsq(x, changes["gini"].to_numpy()[rows], rcond=None)[0][1]
        assert found[key] == pytest.approx(slope, rel=1e-6)
    assert abs(found["without"] - found["planted"]) < abs(found["all"] - found["planted"]) / 2
    before, after = (true_effects(frame[frame["year"] == year]).mean() for year in (2015, 2016))
    assert found["step"] == pytest.approx(after - before, rel=ALGEBRA)
    assert abs(found["all"] - found["step"]) < abs(found["all"] - found["planted"]) / 2

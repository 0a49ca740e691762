"""The estimates frozen into data/results, made again from the public files."""

import copy
import os
from dataclasses import replace

import pandas as pd
import pytest

from digital_clusters.analysis.frozen import Tolerance, compare, load_frozen
from digital_clusters.analysis.multiverse.declared import multiverse_file, read_multiverse
from digital_clusters.analysis.multiverse.explored import from_facts
from digital_clusters.analysis.multiverse.points import plan_points
from digital_clusters.report.compare import stars
from digital_clusters.report.words import number
from digital_clusters.sources.upstream import upstream_files
from digital_clusters.studies.industrial_upgrading import record, tables
from digital_clusters.studies.industrial_upgrading.specs import EVERY_SPEC, PUBLIC_SPECS, READY_MADE, STUDY
from digital_clusters.studies.industrial_upgrading.study import INDUSTRIAL_UPGRADING

SAME = Tolerance(
    absolute=2e-3,
    relative=0.01,
    reason="trees break near ties by the last digits of sums, which processors round differently; a sparse "
    "instead of a dense matrix does the same and moved a coefficient of the benchmark panel by 0.0005, a "
    "quarter of what is allowed",
)
SIX_DIGITS = 1e-5
"""Relative; what is kept of a point of a multiverse."""

YEARS_OF_LIGHT = {"gini": (2013, 2020), "gini_ready_made": (2001, 2020)}
"""Of the two public series of inequality of light."""

MOMENTS = 1e-9
"""Relative: sums of three thousand numbers in another order."""

SQUARES = 1e-6
"""Relative: sums of squares a thousand times smaller than the numbers they are differences of."""

LONG = bool(os.environ.get("DIGITAL_CLUSTERS_LONG_CAMPAIGN"))
"""Whether all specifications are estimated again, and not each on one of the two series in turn."""

WITHOUT_TREES = ("two_way_fixed_effects",)
"""Methods whose specifications are estimated on both series, which costs nothing."""


def test_every_specification_is_frozen_with_its_inputs():
    frozen = load_frozen(STUDY)
    assert set(frozen.estimates) == set(PUBLIC_SPECS)
    pinned = {file.sha256 for file in upstream_files().values()}
    assert frozen.inputs and set(frozen.inputs.values()) <= pinned
    assert all(estimate.data == "public data" for estimate in frozen.estimates.values())


def test_a_note_says_where_a_frozen_estimate_differs_from_what_was_asked():
    frozen = load_frozen(STUDY)
    for key, estimate in frozen.estimates.items():
        asked, (first, last) = PUBLIC_SPECS[key], YEARS_OF_LIGHT[PUBLIC_SPECS[key].outcome]
        differs = tuple(estimate.spec["controls"]) != asked.controls
        differs |= asked.first_year < first or asked.last_year > last
        assert bool(frozen.notes.get(key)) == differs, key


def test_every_frozen_estimate_is_on_the_page_of_public_data():
    frozen = load_frozen(STUDY)
    page = tables.both_series(frozen).as_raw_html()
    for key, estimate in frozen.estimates.items():
        b = estimate.term("uil")
        assert f"{number(b.value)}{stars(b.p_value)}" in page and f"({number(b.error)})" in page, key


def test_the_frozen_multiverse_is_the_declared_one():
    explored = from_facts(load_frozen(f"{STUDY}.multiverse").facts)
    declared = read_multiverse(multiverse_file(STUDY))
    assert explored.declared == declared
    assert len(explored.table) == len(plan_points(declared).points)
    assert (explored.table["problem"] == "").all()


def test_a_claim_has_the_words_of_today_where_it_is_decided_as_it_is_today():
    facts = copy.deepcopy(load_frozen(f"{STUDY}.multiverse").facts)
    first, second, *_ = claims = facts["multiverse"]["claims"]
    claims[first] |= {"statement": "Once said so."}
    claims[second] |= {"statement": "Once said so.", "sign": -claims[second]["sign"]}
    read, declared = from_facts(facts).declared.claims, read_multiverse(multiverse_file(STUDY)).claims
    assert read[first] == declared[first]
    assert read[second].statement == "Once said so."


def test_a_point_of_the_multiverse_that_is_a_frozen_specification_is_the_same_number():
    frozen = load_frozen(STUDY).estimates["two-way fixed effects, ready-made lights"].term("uil")
    table = from_facts(load_frozen(f"{STUDY}.multiverse").facts).table
    options = {
        "claim": "H1",
        "series": "ready made, by population",
        "years": "2011–2020",
        "estimator": "two-way fixed effects",
        "controls": "five, same year",
        "sample": "all cities",
        "tails": "as they are",
        "errors": "by city",
    }
    (row,) = table.loc[(table[list(options)] == pd.Series(options)).all(axis=1)].to_dict("records")
    assert row["value"] == pytest.approx(frozen.value, rel=SIX_DIGITS)
    assert row["error"] == pytest.approx(frozen.error, rel=SIX_DIGITS)
    assert row["n"] == frozen.n


@pytest.mark.slow
@pytest.mark.usefixtures("mirror", "learnt_in_builds")
def test_frozen_estimates_come_out_again(monkeypatch):
    """The two series differ in the outcome alone, so every specification is met on one of them."""
    if not LONG:
        monkeypatch.setattr(record, "IN_SAMPLES", record.IN_SAMPLES[1:])
    chosen = _chosen()
    study = replace(INDUSTRIAL_UPGRADING, public={key: PUBLIC_SPECS[key] for key in chosen})
    frozen, made = load_frozen(STUDY), study.records[STUDY](study)
    differences = compare({key: frozen.estimates[key] for key in chosen}, made["estimates"], SAME)
    assert not differences, "\n".join(map(str, differences))
    assert made["inputs"] == frozen.inputs
    for old, new in zip(frozen.facts["moments"], made["facts"]["moments"], strict=True):
        assert old["n"] == new["n"]
        assert old["mean"] == (None if new["mean"] is None else pytest.approx(new["mean"], rel=MOMENTS))
    _same_samples(frozen.facts["sample"], made["facts"]["sample"])


def _chosen() -> list[str]:
    keys = []
    for place, (key, spec) in enumerate(EVERY_SPEC.items()):
        both = LONG or spec.method in WITHOUT_TREES
        keys += [key + ending for turn, ending in enumerate(("", READY_MADE)) if both or place % 2 == turn]
    return keys


def _same_samples(old: dict, new: dict) -> None:
    """Cities that the paper can have, and estimates on samples that fit its moments."""
    assert new["candidates"] == old["candidates"]
    for name in ("excluded", "certain"):  # the keys of a file are text
        assert {str(city): why for city, why in new[name].items()} == old[name]
    assert new["overlap"] == pytest.approx(old["overlap"], rel=MOMENTS)
    asked = {line["spec"] for line in new["estimates"]}
    kept = [line for line in old["estimates"] if line["spec"] in asked]
    for before, after in zip(kept, new["estimates"], strict=True):
        assert [after[name] for name in ("sample", "spec", "n")] == [
            before[name] for name in ("sample", "spec", "n")
        ]
        assert after["distance"] == pytest.approx(before["distance"], rel=SQUARES)
        for name in ("value", "error"):
            allowed = {"abs": SAME.absolute, "rel": SAME.relative} if LONG else {"rel": SQUARES}
            assert after[name] == pytest.approx(before[name], **allowed), after

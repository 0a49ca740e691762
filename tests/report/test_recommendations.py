"""Recommendations of the papers: every piece of evidence is found, sizes are computed, answers follow."""

import html

import pytest
import yaml

from digital_clusters.errors import DataError
from digital_clusters.paths import data_folder, project_root
from digital_clusters.report.recommendations import (
    Advice,
    Chapter,
    Claimed,
    PrintedEvidence,
    advice_table,
    answer,
    load_advice,
    quote_advice,
    size_in_sd,
)

PAPERS = [pytest.param(paper, id=paper.study) for paper in load_advice().papers]


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("which", ["recommendations", "contributions"])
def test_every_entry_is_on_the_table_with_each_piece_of_evidence(paper, which):
    entries = getattr(paper, which)
    if not entries:
        assert "not read" in paper.read
        return
    text = html.unescape(advice_table(paper, which).as_raw_html())
    assert all(entry.statement in text and entry.needs in text for entry in entries)
    assert text.count('class="dc-small"') >= sum(len(entry.evidence) for entry in entries)
    assert len({entry.key for entry in entries}) == len(entries)


def test_one_deviation_of_structure_is_a_tenth_of_a_deviation_of_the_outcome():
    value, share = size_in_sd("industrial_upgrading", "table2.column2", "uil")
    # Table 2 (2) prints −0.099, Table 1 the deviations 0.142 and 0.147
    assert value == pytest.approx(-0.099 * 0.142)
    assert share == pytest.approx(0.099 * 0.142 / 0.147)
    product, _ = size_in_sd("industrial_upgrading", "table6.column1", "uil:difi")
    assert product == pytest.approx(-0.002 * 0.142 * 73.191)


def test_the_answer_follows_from_evidence_and_gap():
    printed, chapter = (
        PrintedEvidence(kind="printed", column="c", term="t"),
        Chapter(kind="chapter", page="p", words="w"),
    )
    untouched = Claimed(kind="claim", claim="complements_geography")
    words = {"key": "k", "statement": "s", "needs": "n"}
    for evidence, gap, expected in (
        ((printed,), None, "yes"),
        ((printed,), "open", "in part"),
        ((printed, chapter), None, "in part"),
        ((chapter,), None, "no"),
        ((), "none", "no"),
    ):
        assert answer(Advice(**words, evidence=evidence, gap=gap), "industrial_upgrading") == expected
    touched = answer(Advice(**words, evidence=(untouched,)), "virtual_agglomeration")
    assert touched in ("yes", "no")


def test_pages_named_are_pages_of_the_book():
    toc = (project_root() / "_toc.yml").read_text(encoding="utf-8")
    named = [
        item.page
        for paper in load_advice().papers
        for advice in (*paper.recommendations, *paper.contributions)
        for item in advice.evidence
        if isinstance(item, Chapter)
    ]
    assert named and all(f"file: {page}\n" in toc for page in named)


def test_counts_add_up(monkeypatch):
    quoted = {}
    monkeypatch.setattr(
        "digital_clusters.report.recommendations.glue", lambda name, value: quoted.update({name: value})
    )
    quote_advice(load_advice())
    assert quoted["recommended"] == sum(value for name, value in quoted.items() if name != "recommended")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"evidence": [{"kind": "rumour"}]}, "papers.0.recommendations.0.evidence.0"),
        ({"evidence": [], "gap": None}, "say why in 'gap'"),
        ({"colour": "red"}, "papers.0.recommendations.0.colour"),
    ],
)
def test_a_damaged_entry_is_named(tmp_path, change, words):
    text = (data_folder() / "published" / "policies.yml").read_text(encoding="utf-8")
    record = yaml.safe_load(text)
    record["papers"][0]["recommendations"][0] |= change
    (tmp_path / "policies.yml").write_text(yaml.safe_dump(record), encoding="utf-8")
    with pytest.raises(DataError, match=words):
        load_advice(tmp_path)


def test_a_difference_that_an_estimate_needs_is_shown_with_its_errors_and_no_key():
    paper = load_advice().paper("industrial_upgrading")
    for which, needs in (("recommendations", "below and above the median"), ("contributions", "each period")):
        (entry,) = (entry for entry in getattr(paper, which) if needs in entry.needs)
        assert "difference" in entry.needs
        assert any(item.kind == "public" and "−" in item.estimate for item in entry.evidence)
        text = html.unescape(advice_table(paper, which).as_raw_html())
        assert "errors clustered by" in text and "errors robust" in text
        assert "public data, the recipe of Table 5 (" in text and "table5" not in text

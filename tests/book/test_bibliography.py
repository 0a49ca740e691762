"""Every entry of the bibliography is cited, every citation has its entry, and both are labelled alike."""

import re
from pathlib import Path

import pytest
from pybtex.database import parse_file

from digital_clusters.pipeline.notebooks import contents
from digital_clusters.report.citations import AuthorYearLabels, citation_label

ROOT = Path(__file__).parents[2]
ENTRIES = parse_file(ROOT / "book" / "references.bib").entries
CITATION = re.compile(r"\{cite(?::\w+)?\}`([^`]+)`")


def cited() -> dict[str, set[str]]:
    """Key → pages that cite it."""
    where: dict[str, set[str]] = {}
    for page in contents(ROOT):
        if page.path is not None:
            for keys in CITATION.findall(page.path.read_text(encoding="utf-8")):
                for key in keys.split(","):
                    where.setdefault(key.strip(), set()).add(page.name)
    return where


def test_every_entry_is_cited_and_every_citation_has_an_entry():
    assert set(cited()) == set(ENTRIES)


@pytest.mark.parametrize("key", list(ENTRIES))
def test_an_entry_has_author_and_year_or_says_why_not(key):
    entry = ENTRIES[key]
    note = entry.fields.get("note", "")
    assert entry.persons or "names no author" in note
    assert entry.fields.get("year", "").isdigit() or "year" in note
    doi = entry.fields.get("doi", "10.1/x")
    assert doi.startswith("10.") and "/" in doi


def test_labels_are_what_the_text_says():
    assert citation_label(ENTRIES["yu_zhang"]) == "Yu and Zhang, n.d."
    assert citation_label(ENTRIES["chernozhukov_2018"]) == "Chernozhukov et al., 2018"
    spaced = citation_label(ENTRIES["montiel_olea_pflueger_2013"])
    assert " ".join(spaced.split()) == "Montiel Olea and Pflueger, 2013"
    assert citation_label(ENTRIES["marshall_1890"]) == "Marshall, 1890"
    assert citation_label(ENTRIES["gini_1912"]) == "Gini, 1912"


def test_labels_tell_entries_apart():
    labels = list(AuthorYearLabels().format_labels(list(ENTRIES.values())))
    twice = {label for label in labels if labels.count(label) > 1}
    assert not twice
    assert not [label for label in labels if re.search(r"[<>{}\\\\]", label)]

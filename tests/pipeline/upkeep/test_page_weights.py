"""What built pages weigh and what is against them: counted by hand on a book of two pages."""

import json
import os
import stat
from dataclasses import replace

import pytest

from digital_clusters.errors import BuildError, FileError
from digital_clusters.pipeline import generated
from digital_clusters.pipeline.upkeep.page_judges import Objection, judge_html, version_of_axe
from digital_clusters.pipeline.upkeep.page_record import (
    JudgedBook,
    PageRecord,
    judged_pages,
    read_page_record,
    write_page_record,
)
from digital_clusters.pipeline.upkeep.page_weights import weigh_pages

FIRST = """<html><head><link rel="stylesheet" href="_static/a.css"><script src="mathjax/m.js"></script></head>
<body><p id="x">one<p>two<img src="_images/a.svg" class="only-light">
<img src="_images/b.svg" class="only-dark">
<a href="study/second.html#there">right</a><a href="study/second.html#nowhere">wrong</a>
<a href="gone.html">gone</a>
<a href="#x">here</a><a href="https://example.org">out</a></body></html>"""
SECOND = """<html><body><b><i id="there">text</b></i><i id="there">again</i></body></html>"""


@pytest.fixture
def html(tmp_path):
    files = {"first.html": FIRST, "study/second.html": SECOND, "_static/a.css": "a" * 100}
    files |= {"mathjax/m.js": "m" * 5000, "_images/a.svg": "s" * 30, "_images/b.svg": "s" * 9000}
    files |= {"_static/part.html": "no page", "index.html": "leads to the first page"}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def record(html):
    axe = [Objection("first", "dark", "contrast", 3, "<p>"), Objection("first", "dark", "name", 2, "<a>")]
    now = JudgedBook("2000-01-02", "abc", "4.1", None, judged_pages(weigh_pages(html), axe, None))
    return PageRecord(now, replace(now, commit="old", pages=now.pages[:1]))


def test_weight_requests_tags_names_and_links_are_those_counted_by_hand(html):
    first, second = weigh_pages(html)
    assert (first.page, second.page) == ("first", "study/second")
    assert first.size == len(FIRST) + 100 + 30
    assert first.requests == 4  # the page, its style, the script of formulas, one picture
    assert (first.wrong_tags, second.wrong_tags) == (0, 2)  # </b> closes the i, and </i> then closes nothing
    assert (first.same_names, second.same_names) == (0, 1)
    assert (first.broken_links, first.links) == (2, 4)


def test_without_a_page_there_is_nothing_to_weigh(tmp_path):
    with pytest.raises(BuildError, match="run make book"):
        weigh_pages(tmp_path)


def test_objections_are_counted_by_page_and_view_and_an_unasked_judge_has_no_count(record):
    first, second = record.now.pages
    assert (first.dark, first.light, second.dark) == (5, 0, 0) and first.html is None
    assert record.now.total("dark") == 5 and record.now.total("html") is None
    assert record.now.total("broken_links") == 2 and record.now.middle("requests") == 2.5


def test_the_record_is_read_as_it_was_written_and_the_status_page_has_it(record, tmp_path):
    assert read_page_record(tmp_path) is None
    write_page_record(tmp_path, record)
    assert read_page_record(tmp_path) == record
    page = generated.status_page(None, [], built=record)
    assert "| first | 0.00 → 0.00 | 4 → 4 | 0 → 0 | 5 → 5 |" in page
    assert "| study: second | 0.00 | 1 | 0 | 0 | 0 | – | 0 |" in page
    assert "| Errors of HTML | not asked | not asked |" in page and "`old`" in page
    assert "weigh" not in generated.status_page(None, [])
    (tmp_path / "data/page_weights.yml").write_text("- 3\n")
    with pytest.raises(FileError, match="not a record of the pages"):
        read_page_record(tmp_path)


def test_errors_of_html_are_told_by_page(html, tmp_path, monkeypatch):
    """A stand-in for Java answers as the checker does: JSON on its error channel."""
    place = (html / "study/second.html").resolve().as_uri().replace("file://", "file:")
    message = {"url": place, "message": "Stray end tag", "extract": " </i> "}
    answer = json.dumps({"version": "26.9 (abc)", "messages": [message, message]})
    java = tmp_path / "bin/java"
    java.parent.mkdir()
    java.write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{answer}\nEND\n")
    java.chmod(java.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(java.parent), prepend=os.pathsep)
    found, version = judge_html(html, ["first", "study/second"], tmp_path / "vnu.jar")
    assert found == [Objection("study/second", "html", "Stray end tag", 1, "</i>")] * 2 and version == "26.9"
    java.write_text("#!/bin/sh\necho Unable to access jarfile >&2\n")
    with pytest.raises(BuildError, match="no answer that can be read: Unable"):
        judge_html(html, ["first"], tmp_path / "vnu.jar")
    java.unlink()
    monkeypatch.setenv("PATH", str(java.parent))
    with pytest.raises(BuildError, match="install a Java runtime"):
        judge_html(html, ["first"], tmp_path / "vnu.jar")


def test_the_version_of_axe_is_that_of_its_first_line(tmp_path):
    axe = tmp_path / "axe.min.js"
    axe.write_text("/*! axe v4.14.1\n * Copyright */ !function(){}")
    assert version_of_axe(axe) == "4.14.1"
    axe.write_text("function(){}")
    assert version_of_axe(axe) == ""

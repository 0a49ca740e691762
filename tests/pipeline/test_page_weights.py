"""What built pages weigh: counted by hand on a book of two pages."""

import pytest

from digital_clusters.errors import BuildError, FileError
from digital_clusters.pipeline import generated
from digital_clusters.pipeline.upkeep.page_weights import read_page_weights, weigh_pages, write_page_weights

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


def test_weight_requests_tags_names_and_links_are_those_counted_by_hand(html):
    found = weigh_pages(html, date="2000-01-01", commit="a")
    assert (found.pages, found.largest_page) == (2, "first")
    assert found.largest == len(FIRST) + 100 + 30
    assert found.most_requests == 4  # the page, its style, the script of formulas, one picture
    assert found.wrong_tags == 2  # </b> closes the i, and </i> then closes nothing
    assert found.same_names == 1
    assert (found.broken_links, found.links) == (2, 4)


def test_without_a_page_there_is_nothing_to_weigh(tmp_path):
    with pytest.raises(BuildError, match="run make book"):
        weigh_pages(tmp_path, date="2000-01-01", commit="a")


def test_the_record_is_read_as_it_was_written_and_the_status_page_has_it(html, tmp_path):
    assert read_page_weights(tmp_path) is None
    found = weigh_pages(html, date="2000-01-01", commit="abc")
    write_page_weights(tmp_path, found)
    assert read_page_weights(tmp_path) == found
    page = generated.status_page(None, [], weights=found)
    assert "2 of 4" in page and "`abc`" in page
    assert "weigh" not in generated.status_page(None, [])
    (tmp_path / "data/page_weights.yml").write_text("- 3\n")
    with pytest.raises(FileError, match="not a record of the pages"):
        read_page_weights(tmp_path)

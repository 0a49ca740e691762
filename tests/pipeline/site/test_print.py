"""The printed book: pages in reading order, links within it, folded code left out, solutions open."""

import pytest
from bs4 import BeautifulSoup

from digital_clusters.errors import BuildError
from digital_clusters.pipeline.site import print as printing
from digital_clusters.pipeline.site.plan import BookPlan
from digital_clusters.pipeline.site.print import one_document, print_book

PLAN = BookPlan("Small book", ("index", "study/first", "study/second"))
HEAD = (
    '<head><link rel="stylesheet" href="{up}_static/a.css?v=1"/><script>window.MathJax = {{}}</script></head>'
)
PAGES = {
    "study/second": HEAD.format(up="../") + "<article><h1>Second</h1><p id='x'>End</p></article>",
    "study/first": HEAD.format(up="../")
    + """<article><h1 id="x">First<a class="headerlink">#</a></h1><img src="../_images/a.svg" loading="lazy"/>
<img class="only-dark" src="../_images/a.dark.svg"/><a href="second.html#x">on</a><a href="#x">up</a>
<a href="https://example.org">out</a><details class="above-input"><pre>folded code</pre></details>
<details class="hide below-input"><pre>a solution</pre></details></article>""",
    "index": HEAD.format(up="") + "<article><h1>Book</h1></article>",
}


@pytest.fixture
def html(tmp_path):
    for name, text in PAGES.items():
        (tmp_path / "html" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "html" / f"{name}.html").write_text(f"<html>{text}</html>", encoding="utf-8")
    return tmp_path / "html"


@pytest.fixture
def document(html):
    return BeautifulSoup(one_document(html, PLAN), "html.parser")


def test_pages_follow_in_reading_order_with_one_style_sheet(document):
    assert [heading.get_text() for heading in document.select("article h1")] == ["Book", "First", "Second"]
    assert [link["href"] for link in document.select("link")] == ["_static/a.css"]
    assert len([script for script in document.select("script") if "MathJax" in script.string]) == 1


def test_links_lead_within_the_document_and_names_are_apart(document):
    names = [tag["id"] for tag in document.select("[id]")]
    assert len(names) == len(set(names))
    inside, own, out = (link["href"] for link in document.select("article a"))
    assert inside.removeprefix("#") in names and own.removeprefix("#") in names
    assert inside != own and out == "https://example.org"


def test_what_only_a_screen_has_is_left_out_and_solutions_are_open(document):
    assert "folded code" not in document.get_text() and "a solution" in document.get_text()
    assert document.details.has_attr("open")
    (picture,) = document.select("img")
    assert picture["src"] == "_images/a.svg" and "loading" not in picture.attrs


def test_without_a_browser_the_command_says_what_is_missing(html, monkeypatch):
    monkeypatch.setattr(printing.shutil, "which", lambda name: None)
    with pytest.raises(BuildError, match="Chromium nor Chrome"):
        print_book(html, PLAN, html.parent / "book.pdf")
    assert not (html.parent / "book.pdf").exists()


@pytest.mark.slow
def test_a_browser_prints_it(html, browser):
    made = print_book(html, PLAN, html.parent / "book.pdf").read_bytes()
    assert made.startswith(b"%PDF") and b"/Outlines" in made
    assert sorted(path.name for path in html.parent.iterdir()) == ["book.pdf", "html"]

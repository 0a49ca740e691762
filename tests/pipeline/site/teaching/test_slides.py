"""Slides hold the figures of a class, in its order, with addresses that lead to the same files."""

import pytest
from bs4 import BeautifulSoup

from digital_clusters.errors import BuildError
from digital_clusters.pipeline.site.plan import BookPlan
from digital_clusters.pipeline.site.teaching.slides import write_slides

FIGURE = """<figure id="{name}"><div class="figure-frame">
<img class="only-light" alt="A &lt; B" src="../_images/{name}.svg"/>
<img class="only-dark" alt="A &lt; B" src="../_images/{name}.dark.svg"/></div>
<figcaption><span class="caption-number">Fig. 1</span>
<span class="caption-text">What {name} shows.</span></figcaption></figure>"""
LINK = """<a class="slides" href="../slides/class-1.html" data-figures="{names}"
data-title="Curves &amp; more">Slides</a>"""
PLAN = BookPlan("Small book", entries=("book/teaching", "study/first"))


@pytest.fixture
def deck(tmp_path):
    """A function from names of figures to the slides of the one class."""

    def make(*names):
        for folder in ("book", "study", "_images"):
            (tmp_path / folder).mkdir(exist_ok=True)
        body = "".join(FIGURE.format(name=name) for name in ("one", "two", "three"))
        (tmp_path / "study/first.html").write_text(f"<article><h1>First page#</h1>{body}</article>")
        (tmp_path / "book/teaching.html").write_text(
            f"<article>{LINK.format(names=' '.join(names))}</article>"
        )
        for name in ("one", "two", "three"):
            for ending in ("svg", "dark.svg"):
                (tmp_path / f"_images/{name}.{ending}").write_text("<svg/>")
        write_slides(tmp_path, PLAN)
        return tmp_path / "slides", BeautifulSoup(
            (tmp_path / "slides/class-1.html").read_text("utf-8"), "html.parser"
        )

    return make


def test_slides_are_the_figures_in_the_order_of_the_class(deck):
    folder, page = deck("three", "one")
    assert page.select_one("h1").get_text() == "Curves & more"
    assert [h.get_text() for h in page.select("h2")] == ["First page"] * 2
    told = [p.get_text() for p in page.select("section p")[1:]]
    assert told == ["What three shows. From the page", "What one shows. From the page"]
    for picture in page.select("img[src], source[srcset]"):
        assert (folder / (picture.get("src") or picture["srcset"])).resolve().is_file()
    assert [image["alt"] for image in page.select("img")] == ["A < B"] * 2
    links = [link["href"] for link in page.select("a")]
    assert links == ["../book/teaching.html", "../study/first.html#three", "../study/first.html#one"]
    assert not page.select("script, link")


def test_a_figure_that_no_page_has_is_refused(deck):
    with pytest.raises(BuildError, match="want the figure four"):
        deck("four")


def test_a_book_without_the_plan_has_no_slides(tmp_path):
    write_slides(tmp_path, PLAN)
    assert not (tmp_path / "slides").exists()

"""Built pages in full: few files, landmarks, words about the page, search that shows prose."""

import pytest
from bs4 import BeautifulSoup

from digital_clusters.errors import BuildError
from digital_clusters.pipeline.site.finish import finish
from digital_clusters.pipeline.site.plan import BookPlan, read_plan
from digital_clusters.pipeline.site.search import INDEX, LEFT_OUT, TOOLS

PAGE = """<!DOCTYPE html><html lang="en"><head>
<meta name="viewport" content="a"/><meta name="viewport" content="b"/>
<title>Baseline</title>
<link rel="stylesheet" href="../_static/deep/one.css?v=1"/><link rel="stylesheet" href="../_static/two.css"/>
<link rel="preload" as="font" href="../_static/fa-brands.woff2"/>
<script src="../_static/vendor/fontawesome/js/all.min.js"></script>
<script src="../_static/a.js"></script><script src="../_static/b.js?v=3"></script>
<script>let toggleHintShow = 'Show';</script>
<script>const THEBE_JS_URL = "https://unpkg.com/thebe"</script>
<script src="../_static/sphinx-thebe.js"></script>
<script>window.MathJax = {}</script><script defer="defer" src="../mathjax/tex.js"></script>
</head><body><main><article class="bd-article"><section><h1>Baseline<a>#</a></h1>
<p>Short.</p><p>Does inequality of light fall in cities whose industrial structure advances?</p>
BODY</section></article></main><script>kept()</script></body></html>"""
CONFIG = "title: Small book\nhtml: {baseurl: 'https://example.org/book/'}\nrepository: {url: ADDRESS}\n"
TOC = "root: index\nparts:\n- caption: A study\n  chapters:\n  - file: study/first\n"


@pytest.fixture
def book(tmp_path):
    """A function that finishes a book of one page, and what became of it."""
    html, stage = tmp_path / "html", tmp_path / "stage"

    def make(body="", repository=""):
        files = {
            "study/first.html": PAGE.replace("BODY", body),
            "_static/deep/one.css": '@charset "utf-8";@import "../base.css"; a { background: url(x.png) }',
            "_static/base.css": "b { background: url('deep/y.png') }",
            "_static/two.css": "c { background: url(data:image/png;base64,AA) }",
            "_static/a.js": "first()",
            "_static/b.js": "second()",
            INDEX: 'Search.setIndex({"docnames":["index","study/first"],"titles":["Book","Baseline"]})',
            TOOLS: f"for (const q of {LEFT_OUT}) remove(q)",
        }
        for name, text in files.items():
            (html / name).parent.mkdir(parents=True, exist_ok=True)
            (html / name).write_text(text, encoding="utf-8")
        stage.mkdir(exist_ok=True)
        (stage / "_config.yml").write_text(CONFIG.replace("ADDRESS", repository or "''"))
        (stage / "_toc.yml").write_text(TOC)
        finish(html, read_plan(stage, {"study/first": "2024-05-31"}))
        return html, BeautifulSoup((html / "study/first.html").read_text(encoding="utf-8"), "html.parser")

    return make


def test_what_no_page_uses_is_not_loaded(book):
    _, page = book()
    left = " ".join(str(tag) for tag in page.select("script, link"))
    assert not [
        word for word in ("fontawesome", "thebe", "THEBE", "MathJax", "toggle", "brands") if word in left
    ]
    assert "kept()" in left


def test_what_a_page_uses_is_loaded(book):
    _, page = book("<span class='math'>x</span>")
    assert page.select('script[src="../mathjax/tex.js"]')


def test_files_are_joined_in_their_order_and_addresses_still_lead_there(book):
    html, page = book()
    (style,) = page.select("link[rel=stylesheet]")
    text = (html / "study" / style["href"]).resolve().read_text()
    assert text.count("@charset") == 1 and "@import" not in text
    assert text.index("b {") < text.index("a {") < text.index("c {")
    assert 'url("deep/y.png")' in text and 'url("deep/x.png")' in text and "url(data:" in text
    (script,) = page.select("script[src]")
    joined = (html / "study" / script["src"]).resolve().read_text()
    assert joined.index("first()\n;") < joined.index("second()")


def test_a_script_of_the_article_stays_where_it_stands(book):
    _, page = book('<script src="../_static/a.js"></script><p id="after">x</p>')
    (script,) = page.select("article script")
    assert script["src"] == "../_static/a.js" and script.find_next("p")["id"] == "after"


def test_a_file_that_is_missing_is_named(book, tmp_path):
    html, _ = book()
    (html / "study/first.html").write_text(PAGE.replace("a.js", "lost.js"))
    with pytest.raises(BuildError, match=r"study/first loads _static/lost\.js"):
        finish(html, BookPlan("Small book"))


def test_the_head_says_what_the_page_is(book):
    _, page = book()
    assert page.title.string == "Baseline — A study — Small book"
    (description,) = page.select("meta[name=description]")
    assert description["content"].startswith("Does inequality of light")
    assert len(page.select("meta[name=viewport]")) == 1
    (icon,) = page.select("link[rel=icon]")
    assert icon["href"] == "../_static/favicon.svg"
    assert page.select_one(".part-of-book").string == "A study"


def test_the_foot_says_version_day_and_how_to_cite(book):
    _, page = book()
    foot = page.select_one("aside.about-page").get_text()
    assert "study/first" in foot and "executed 2024-05-31" in foot and "“Baseline — A study”" in foot
    assert "wrong" not in foot


def test_the_form_for_wrong_numbers_is_linked_where_there_is_a_repository(book):
    _, page = book(repository="https://example.org/r")
    (link,) = page.select("aside.about-page a")
    assert (
        link["href"] == "https://example.org/r/issues/new?template=number_looks_wrong.yml&page=study%2Ffirst"
    )


def test_search_shows_prose_and_a_search_that_is_not_known_is_refused(book):
    html, _ = book()
    assert ".cell_input" in (html / TOOLS).read_text()
    with pytest.raises(BuildError, match=r"searchtools\.js"):
        finish(html, BookPlan("Small book"))


def test_results_of_a_search_name_the_study(book):
    html, _ = book()
    assert '"titles":["Book","Baseline — A study"]' in (html / INDEX).read_text(encoding="utf-8")
    (html / TOOLS).write_text(LEFT_OUT)
    (html / INDEX).write_text("var x = 1")
    with pytest.raises(BuildError, match=r"searchindex\.js"):
        finish(html, BookPlan("Small book"))


def test_a_missing_page_is_whole_in_itself(book):
    html, _ = book()
    page = BeautifulSoup((html / "404.html").read_text(), "html.parser")
    assert not page.select("script, link, img")
    assert page.a["href"] == "https://example.org/book/"


def test_names_of_controls_are_those_that_are_seen(book):
    body = """<summary aria-label="Toggle hidden content"><p>Show code</p></summary>
<div role="list" class="citation-list"><div role="doc-biblioentry">a</div></div>
<button class="primary-toggle" title="Toggle"></button><div class="highlight"><pre>x</pre></div>"""
    _, page = book(body)
    assert "aria-label" not in page.summary.attrs and not page.select("summary p")
    assert not page.select("[role=list], [role=doc-biblioentry]")
    assert page.select_one("button.primary-toggle")["aria-label"] == "Contents of the book"
    assert page.pre["tabindex"] == "0"


def test_a_quoted_sentence_is_told_from_a_quoted_number(book):
    sentence = "On public data none of 2 numbers has the claimed sign and p < 0.05."
    quoted = [f'<span class="pasted-text">{text}</span>' for text in ("−0.021 (0.032)", sentence)]
    _, page = book(f"<p>{quoted[0]} {quoted[1]}</p>")
    marked = [span.get_text() for span in page.select(".pasted-text.dc-sentence")]
    assert marked == [sentence]

"""The shell of the built pages: what they load, what they weigh, whether all can be reached and named.

Rules of accessibility are read from the written pages. Where ``DIGITAL_CLUSTERS_AXE`` names a copy of
``axe.min.js`` (https://github.com/dequelabs/axe-core) and there is a browser, axe judges every page too, in
both themes and at the width of a phone.
"""

import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

from digital_clusters.pipeline.upkeep.page_judges import judge_by_axe

HTML = Path(__file__).parents[2] / "_build" / "html"
LIBRARIES = {"_static", "_sources", "_images", "mathjax", "explorer"}
LARGEST_PAGE = 2_000_000
"""Bytes of a page with its pictures, styles and scripts, MathJax and its fonts left out."""

MOST_SCRIPTS = 5
AXE = "DIGITAL_CLUSTERS_AXE"
pytestmark = pytest.mark.slow


def pages() -> list[str]:
    found = (path.relative_to(HTML) for path in sorted(HTML.rglob("*.html")))
    return [path.as_posix() for path in found if path.parts[0] not in LIBRARIES and path.name != "index.html"]


PAGES = pages() or ["no book"]
each_page = pytest.mark.parametrize("name", PAGES)


@pytest.fixture(autouse=True)
def book():
    if not (HTML / "index.html").is_file():
        if os.environ.get("CI"):
            pytest.fail("there is no book in _build/html; with CI set this is a failure")
        pytest.skip("there is no book in _build/html: run make book")


@cache
def page_of(name: str) -> BeautifulSoup:
    return BeautifulSoup((HTML / name).read_text(encoding="utf-8"), "html.parser")


def loaded(name: str) -> set[Path]:
    """Files that a browser reads for a page when it is scrolled through, in the light theme."""
    tags = page_of(name).select("script[src], link[rel=stylesheet], link[rel=icon], img:not(.only-dark)")
    addresses = {unquote(urlsplit(tag.get("src") or tag.get("href")).path) for tag in tags}
    return {(HTML / name).parent.joinpath(address).resolve() for address in addresses}


@each_page
def test_a_page_loads_few_scripts_and_one_style_sheet(name):
    page = page_of(name)
    assert len(page.select("head link[rel=stylesheet]")) <= 1
    assert len(page.select("script[src]")) <= MOST_SCRIPTS
    text = " ".join(str(script) for script in page.select("script"))
    assert not [word for word in ("thebe", "THEBE", "fontawesome") if word in text]
    if not page.select(".math"):
        assert "mathjax" not in text.lower(), "a page without a formula loads MathJax"


@each_page
def test_a_page_is_light(name):
    files = {file for file in loaded(name) if "mathjax" not in file.parts}
    assert all(file.is_file() for file in files)
    assert sum(file.stat().st_size for file in files) + (HTML / name).stat().st_size < LARGEST_PAGE


@each_page
def test_a_page_says_what_it_is(name):
    page = page_of(name)
    assert page.html["lang"] and page.title.string.strip()
    assert len(page.select("meta[name=viewport]")) == 1 and len(page.select("main")) == 1


@each_page
def test_no_identity_is_given_twice(name):
    names = [tag["id"] for tag in page_of(name).select("[id]")]
    assert not {one for one in names if names.count(one) > 1}


@each_page
def test_headings_go_down_one_step_at_a_time(name):
    levels = [int(tag.name[1]) for tag in page_of(name).select("article :is(h1, h2, h3, h4, h5)")]
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))


@each_page
def test_every_control_and_picture_has_a_name(name):
    page = page_of(name)
    for tag in page.select("button, a[href], summary"):
        told = tag.get_text(strip=True) or tag.get("aria-label") or tag.get("title") or tag.select("img[alt]")
        assert told, str(tag)[:200]
    assert not [tag for tag in page.select("img") if not tag.get("alt")]


@each_page
def test_every_table_has_number_title_scopes_and_a_frame_that_the_keyboard_reaches(name):
    for table in page_of(name).select("article table"):
        caption = table.find("caption")
        assert caption.select_one(".caption-number") and caption.select_one(".caption-text").get_text(
            strip=True
        )
        assert all(heading.get("scope") and heading.get_text(strip=True) for heading in table.select("th"))
        frame = table.find_parent(class_="table-frame")
        assert frame["tabindex"] == "0" and frame["aria-label"]
        assert not table.select("[style]") and not frame.select("style")


def test_tables_are_numbered_once_through_the_book():
    numbers = [cell["id"] for name in PAGES for cell in page_of(name).select("caption[id^=tab-]")]
    assert sorted(int(number.removeprefix("tab-")) for number in numbers) == list(range(1, len(numbers) + 1))


def test_figures_are_drawn_in_two_palettes():
    drawn = [image for name in PAGES for image in page_of(name).select("div.cell_output img")]
    assert drawn and all(urlsplit(image["src"]).path.endswith(".svg") for image in drawn)
    assert len([image for image in drawn if "only-dark" in image["class"]]) * 2 == len(drawn)


def test_the_index_of_words_has_both_languages():
    text = (HTML / "genindex.html").read_text(encoding="utf-8")
    assert all(word in text for word in ("DML", "Fieller", "虚拟集聚"))


def test_downloaded_notebooks_hold_no_markup_of_the_book():
    for file in (HTML / "_sources").rglob("*.ipynb"):
        cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
        prose = [cell["source"] for cell in cells if cell["cell_type"] == "markdown"]
        assert not [text for text in prose if "{glue:" in text or "{doc}" in text or "{cite:" in text], file


def test_axe_finds_nothing_in_either_theme_nor_on_a_phone(browser):
    if not os.environ.get(AXE):
        pytest.skip(f"{AXE} does not name a copy of axe.min.js")
    names = [name.removesuffix(".html") for name in PAGES]
    assert not judge_by_axe(HTML, names, Path(os.environ[AXE]), browser)


TOLERATED = (
    'proprietary attribute "loading"',
    'proprietary attribute "inputmode"',
    "malformed URI reference",
)
"""What tidy of 2017 does not know: two attributes of HTML, and addresses in Chinese letters."""


def test_tidy_finds_no_error_in_either_edition():
    """All pages, and the one that leads to the first; not what axe or the Nu checker would judge further."""
    tidy = shutil.which("tidy")
    if tidy is None and os.environ.get("CI"):
        pytest.fail("tidy is not installed; with CI set this is a failure")
    if tidy is None:
        pytest.skip("tidy is not installed")
    found = []
    for folder in (HTML, HTML.with_name("html-public")):
        for file in sorted(folder.rglob("*.html")):
            if file.relative_to(folder).parts[0] in LIBRARIES:
                continue
            command = [tidy, "-quiet", "-errors", "--drop-empty-elements", "no", str(file)]
            said = subprocess.run(command, capture_output=True, text=True, check=False).stderr.splitlines()
            found += [(file, line) for line in said if not any(known in line for known in TOLERATED)]
    assert not found


def test_no_page_has_style_in_its_body_nor_an_obsolete_attribute():
    for name in PAGES:
        assert not page_of(name).select("body style, [valign], [align], [bgcolor]")

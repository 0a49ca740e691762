"""Figures in two palettes: what is drawn stays, only colours change, and all can be told from the ground."""

import re

import pytest
from bs4 import BeautifulSoup

from digital_clusters.errors import BuildError
from digital_clusters.pipeline.site.pictures import DARK, PAPER, dark_palette, dress_pictures
from digital_clusters.report.style import CYCLE

DRAWING = '<svg xmlns="http://www.w3.org/2000/svg"><path style="fill: {}; stroke: #abc123"/></svg>'
LEAST_CONTRAST = 4.5
"""WCAG 2.1, criterion 1.4.3, for letters of normal size."""


def luminance(colour):
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def darkened(colour):
    return re.search(r"fill: (#\w{6})", dark_palette(DRAWING.format(colour)))[1]


@pytest.mark.parametrize("colour", CYCLE)
def test_house_colours_are_read_on_dark_ground(colour):
    assert contrast(darkened(colour), PAPER) >= LEAST_CONTRAST


def test_house_colours_stay_apart():
    assert len(set(DARK.values())) == len(DARK) - 1  # black of the house and black are one ink


def test_greys_keep_their_order_from_ground_to_ink():
    greys = [
        f"#{level:02x}{level:02x}{level:02x}" for level in range(34, 256, 17)
    ]  # the ink of the house is 34
    found = [luminance(darkened(grey)) for grey in greys]
    assert found == sorted(found, reverse=True)


def test_nothing_but_colours_changes():
    drawing = DRAWING.format("#0072b2")
    dark = dark_palette(drawing)
    without = re.sub(r"#\w{6}", "#", dark).replace(' fill="#"', "")
    assert without == re.sub(r"#\w{6}", "#", drawing)


def test_the_text_alternative_ends_with_the_numbers_of_the_drawing(tmp_path):
    drawing = DRAWING.format("#ffffff").replace("<path", '<g id="described: a &lt; b: 1.5 at 2."/><path')
    (tmp_path / "x.svg").write_text(drawing)
    page = BeautifulSoup(
        '<article><div class="cell_output"><img alt="Two\nlines." src="x.svg"/></div></article>',
        "html.parser",
    )
    dress_pictures(page, "first", tmp_path)
    assert [image["alt"] for image in page.select("img")] == ["Two lines. a < b: 1.5 at 2."] * 2
    assert page.select_one(".figure-frame")["aria-label"] == "Figure: Two lines."


@pytest.mark.parametrize(("suffix", "pictures"), [("svg", 2), ("png", 1)])
def test_a_drawn_figure_gets_its_twin_with_the_same_words(tmp_path, suffix, pictures):
    (tmp_path / "_images").mkdir()
    (tmp_path / f"_images/x.{suffix}").write_text(DRAWING.format("#ffffff"))
    image = f'<img alt="Two lines" src="../_images/x.{suffix}"/>'
    text = f'<article><div class="cell_output">{image}</div></article>'
    page = BeautifulSoup(text, "html.parser")
    dress_pictures(page, "study/first", tmp_path)
    found = page.select("img")
    assert [image["alt"] for image in found] == ["Two lines"] * pictures
    assert all((tmp_path / "study" / image["src"]).resolve().is_file() for image in found)
    assert all(image["loading"] == "lazy" for image in found)


def narrow_page(tmp_path, first):
    for name in "ab":
        (tmp_path / f"{name}.svg").write_text(DRAWING.format("#ffffff"))
    figure = '<div class="cell_output"><figure><img alt="Rows." src="{}.svg"/></figure></div>'
    cells = [
        f'<div class="cell {tags}">{figure.format(name)}</div>'
        for name, tags in (("a", first), ("b", "tag_narrow-figure"))
    ]
    return BeautifulSoup(f"<article>{''.join(cells)}</article>", "html.parser")


def test_a_drawing_for_phones_joins_the_figure_before_it(tmp_path):
    page = narrow_page(tmp_path, "")
    dress_pictures(page, "first", tmp_path)
    assert len(page.select("div.cell")) == len(page.select(".figure-frame")) == 1
    shown = {image["src"]: set(image["class"].split()) for image in page.select("figure .figure-frame img")}
    assert shown == {
        "a.svg": {"only-light", "only-wide"},
        "a.dark.svg": {"only-dark", "only-wide"},
        "b.svg": {"only-light", "only-narrow"},
        "b.dark.svg": {"only-dark", "only-narrow"},
    }


def test_a_drawing_for_phones_without_a_figure_before_it_is_refused(tmp_path):
    page = narrow_page(tmp_path, "tag_narrow-figure")
    with pytest.raises(BuildError, match="must draw the figure of a cell before it"):
        dress_pictures(page, "first", tmp_path)

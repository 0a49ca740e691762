"""Tables of built pages: each has a number, a title, scopes, and no style of its own."""

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from digital_clusters.pipeline.site.tables import dress_tables
from digital_clusters.report.tables import styled

FRAME = pd.DataFrame({"Column": ["one", "two"], "Estimate": [0.1, 0.2], "N": [10, 20]})
MARKDOWN = """<div class="pst-scrollable-table-container"><table class="table"><thead><tr><th><p></p></th>
<th><p>a</p></th></tr></thead><tbody><tr><td><p>x</p></td><td><p>1</p></td></tr></tbody></table></div>"""


def dressed(*outputs, label="Show code cell source", first=1):
    cells = "".join(
        f"<div class='cell'><details><summary><p>{label}</p></summary></details>"
        f"<div class='output text_html'>{output}</div></div>"
        for output in outputs
    )
    text = f"<article><h1>Top#</h1><h2>Estimates<a>#</a></h2>{cells}</article>"
    page = BeautifulSoup(text, "html.parser")
    return page, dress_tables(page, first)


def titles(page):
    return [caption.get_text() for caption in page.select("table > caption")]


def test_a_title_becomes_the_caption():
    page, following = dressed(styled(FRAME, "A title", label="synthetic twin").as_raw_html(), first=7)
    assert titles(page) == ["Tab. 7 A title"] and following == 8
    assert not page.select(".gt_title")


@pytest.mark.parametrize(
    ("label", "title"),
    [
        ("Code of the table: what the learner predicts", "What the learner predicts"),
        ("Show code cell source", "Estimates"),
    ],
)
def test_a_table_without_a_title_is_called_after_what_stands_beside_it(label, title):
    page, _ = dressed(styled(FRAME, label="synthetic twin").as_raw_html(), label=label)
    assert titles(page) == [f"Tab. 1 {title}"]


def test_a_caption_that_sphinx_numbered_has_one_number():
    numbered = (
        '<table><caption><span class="caption-number">Table 1 </span><span class="caption-text">What a file '
        'may hold</span><a class="headerlink" href="#id1">#</a></caption><tr><td>a</td></tr></table>'
    )
    page = BeautifulSoup(f"<article><h2>Files</h2>{numbered}</article>", "html.parser")
    dress_tables(page, 7)
    assert titles(page) == ["Tab. 7 What a file may hold"]


def test_two_tables_below_one_heading_are_told_apart():
    page, following = dressed(FRAME.to_html(), FRAME.to_html(), FRAME.to_html())
    apart = "Estimates: column, estimate, N"
    assert titles(page) == ["Tab. 1 Estimates", f"Tab. 2 {apart}", f"Tab. 3 {apart} (2)"] and following == 4


def test_columns_of_an_index_are_no_table():
    index = "<table style='width: 100%' class='indextable'><tr><td><ul><li>a</li></ul></td></tr></table>"
    page, following = dressed(index)
    assert following == 1 and not page.select("table") and page.select_one(".index-columns > div > ul > li")


def test_a_cell_has_room_for_its_longest_line_and_what_stands_in_a_line_is_one():
    cells = [
        "short<br>a line<br>another",
        "<code>a word</code> <code>a word</code> <code>another</code>",
        "x" * 41,
        "y " * 90,
    ]
    row = "".join(f"<td>{cell}</td>" for cell in cells)
    page, _ = dressed(f"<table><thead><tr><th>a</th></tr></thead><tbody><tr>{row}</tr></tbody></table>")
    given = [cell.get("class") for cell in page.select("tbody td")]
    assert given == [None, "phrase-cell", "sentence-cell", "paragraph-cell"]


def test_keys_of_claims_are_headed_by_words():
    frame = pd.DataFrame({"t": [1.0]}, index=pd.Index(["raises_resilience"], name="claim"))
    page, _ = dressed(frame.to_html())
    (row,) = page.select("tbody th")
    assert row.get_text() == "raises resilience" and row["title"] == "raises_resilience"


@pytest.mark.parametrize(
    "output",
    [
        styled(FRAME, "t", label="synthetic twin", spanners={"Both": ["Estimate", "N"]}).as_raw_html(),
        FRAME.to_html(),
        FRAME._repr_html_(),
        MARKDOWN,
    ],
)
def test_every_heading_says_what_it_heads_and_nothing_brings_its_style(output):
    page, _ = dressed(output)
    assert not page.select("style, [style], [border]")
    for heading in page.select("th"):
        assert heading.get_text(strip=True)
        assert heading["scope"] in {"col", "colgroup", "row"}
    (frame,) = page.select(".table-frame")
    assert (frame["tabindex"], frame["role"]) == ("0", "region") and frame["aria-label"]
    assert frame.find("table")


@pytest.mark.parametrize(("rows", "long"), [(60, False), (61, True)])
def test_a_long_result_scrolls_under_its_headings_and_a_list_of_the_book_does_not(rows, long):
    table = pd.DataFrame({"a": range(rows)}).to_html()
    page, _ = dressed(f"<div class='cell_output'>{table}</div>", table)
    assert [("long-table" in frame["class"]) for frame in page.select(".table-frame")] == [long, False]


def test_what_the_cells_say_stays():
    table = styled(FRAME, "t", "A note.", "synthetic twin").as_raw_html()
    page, _ = dressed(table)
    before = [cell.get_text() for cell in BeautifulSoup(table, "html.parser").select("tbody td")]
    after = [cell.get_text() for cell in page.select("tbody :is(td, th)")]
    assert after == before
    assert [cell.get_text() for cell in page.select("tbody th")] == ["one", "two"]
    assert "A note. Data: synthetic twin." in page.get_text()


RESULTS = pd.DataFrame(
    {"standard_error": [0.1], "p_value": [0.2], "is_municipality": [1]}, index=pd.Index(["uil"], name="term")
)


def test_columns_of_results_are_headed_by_words_in_one_row():
    page, _ = dressed(RESULTS.to_html())
    (row,) = page.select("thead tr")
    assert [cell.get_text() for cell in row.find_all(["th", "td"])] == [
        "Term",
        "Standard error",
        "p",
        "is_municipality",
    ]
    assert row.find("th", string="Standard error")["title"] == "standard_error"
    assert [cell.get_text() for cell in page.select("tbody :is(th, td)")] == ["uil", "0.1", "0.2", "1"]


def test_numbers_of_results_are_written_as_the_book_writes_them():
    found = pd.DataFrame({"coefficient": [-0.5, 2e-9], "p_value": [0.25, 1e-32], "what": ["a-1", "-x"]})
    page, _ = dressed(found.to_html())
    rows = [[cell.get_text() for cell in row.select("td")] for row in page.select("tbody tr")]
    assert rows == [["−0.500000", "0.250000", "a-1"], ["2.00 × 10⁻⁹", "<\xa00.001", "-x"]]


def test_names_of_columns_and_of_their_levels_stay_where_they_are():
    two_levels = pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_product([["a"], ["b", "c"]]))
    page, _ = dressed(two_levels.to_html())
    assert [row.get_text(" ", strip=True) for row in page.select("thead tr")] == ["a", "b c"]


def test_a_note_has_a_box_of_its_own_and_a_sentence_gets_room():
    sentence = "a sentence of more than forty characters, to be read"
    frame = pd.DataFrame({"Word": ["short"], "Meaning": [sentence]})
    page, _ = dressed(styled(frame, "t", "A note.", "synthetic twin").as_raw_html())
    (note,) = page.select("tfoot td > .table-note")
    assert note.get_text(strip=True) == "A note. Data: synthetic twin."
    assert [cell.get_text() for cell in page.select(".sentence-cell")] == [sentence]

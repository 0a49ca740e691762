import numpy as np
import pytest
from bs4 import BeautifulSoup

from digital_clusters.analysis.published import PrintedTerm
from digital_clusters.errors import ParameterError
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.report.compare import GRADES, Row, comparison_table, grade, records, stars

PRINTED = PrintedTerm(term="uil", coefficient="-0.099", standard_error="0.035", stars="***")


def estimate(value, error=0.04, n=2810, terms=("uil",)):
    k = len(terms)
    return Estimate(
        terms, np.full(k, value), np.eye(k) * error**2, n, method="double_machine_learning", errors="robust"
    )


def row(**values):
    defaults = {"column": "Table 2 (2)", "term": "uil", "published": PRINTED, "n": 2783}
    defaults |= {"twin": estimate(-0.1), "public_note": "nobody counted <students>"}
    return Row(**defaults | values)


def cells(table):
    page = BeautifulSoup(table.as_raw_html(), "html.parser")
    body = [[cell.get_text(" ") for cell in line.find_all("td")] for line in page.tbody.find_all("tr")]
    return page, body


@pytest.mark.parametrize(
    ("coefficient", "expected"),
    [
        (-0.099, "within one published s.e."),
        (-0.064, "within one published s.e."),
        (-0.134, "within one published s.e."),
        (-0.0639, "within two published s.e."),
        (-0.029, "within two published s.e."),
        (-0.028, "same sign"),
        (-0.5, "same sign"),
        (0.01, "opposite sign"),
        (0.0, "opposite sign"),
        (None, "not available"),
        (np.nan, "not available"),
    ],
)
def test_grades(coefficient, expected):
    assert grade(coefficient, PRINTED) == expected


def test_nothing_printed_cannot_be_graded():
    assert grade(0.1, None) == "not available" == GRADES[-1]


@pytest.mark.parametrize(
    ("p_value", "expected"), [(0.009, "***"), (0.01, "**"), (0.049, "**"), (0.05, "*"), (0.1, ""), (0.8, "")]
)
def test_stars(p_value, expected):
    assert stars(p_value) == expected


def test_table_shows_three_numbers_side_by_side():
    public = estimate(0.2, 0.1)
    table = comparison_table([row(public=public, public_note="", truth=-0.04, term_label="UIL")], "A title")
    page, [line] = cells(table)
    heads = [head.get_text() for head in page.thead.find_all("th") if "gt_col_heading" in head["class"]]
    assert heads == ["Column", "Published", "Synthetic twin", "Public data", "True effect in the twin"]
    assert line == [
        "Table 2 (2) UIL",
        "−0.099*** (0.035) N = 2,783",
        "−0.100** (0.040) N = 2,810 within one published s.e.",
        "0.200** (0.100) N = 2,810 opposite sign",
        "−0.040",
    ]
    foot = page.tfoot.get_text(" ")
    assert "Data: synthetic twin, public data." in foot and "5, 10 %" in foot
    assert "A title" in page.thead.get_text()


def test_what_is_not_available_says_why_and_no_cell_is_empty():
    page, body = cells(comparison_table([row(), row(column="Table 3 (1)", published=None)]))
    for line in body:
        assert all(cell.strip() for cell in line)
        assert line[3].startswith("not available")
    assert body[1][1] == "not in the paper" and "s.e." not in body[1][2]
    foot = page.tfoot.get_text(" ")
    assert foot.count("not available: nobody counted <students>") == 1
    assert "Data: synthetic twin." in foot


def test_a_missing_estimate_needs_a_reason_and_a_term_must_be_there():
    with pytest.raises(ParameterError, match="no public estimate"):
        row(public_note="")
    with pytest.raises(ParameterError, match="no term 'difi', only uil"):
        row(term="difi")
    with pytest.raises(ParameterError, match="at least one row"):
        comparison_table([])


def test_records_hold_published_value_estimate_and_grade():
    [record] = records([row(truth=-0.04)])
    assert record["published"] == {"coefficient": -0.099, "standard_error": 0.035, "stars": "***", "n": 2783}
    assert (
        record["twin"]["grade"] == "within one published s.e."
        and record["twin"]["estimate"]["uil"][0] == -0.1
    )
    assert record["public"] == {
        "estimate": None,
        "grade": "not available",
        "missing": "nobody counted <students>",
    }
    assert record["truth"] == -0.04

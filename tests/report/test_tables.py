import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from digital_clusters.analysis.published import PrintedMoments
from digital_clusters.errors import ParameterError
from digital_clusters.report.tables import styled
from digital_clusters.report.words import lines, number
from digital_clusters.studies.industrial_upgrading.tables import descriptive_table


def read(table):
    page = BeautifulSoup(table.as_raw_html(), "html.parser")
    return page, [[cell.get_text(" ") for cell in line.find_all("td")] for line in page.tbody.find_all("tr")]


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [(-0.0991, 3, "−0.099"), (2783.0, 0, "2,783"), (np.nan, 2, "–"), (None, 2, "–"), (np.inf, 1, "–")],
)
def test_numbers(value, decimals, expected):
    assert number(value, decimals) == expected


def test_every_kind_of_value_has_its_form():
    frame = pd.DataFrame(
        {
            "name": ["a", "b <x>", None],
            "bias": [-0.12345, np.nan, 1234.5],
            "n": [2783, 12, 5],
            "year": [2011, 2012, 2013],
            "ok": [True, False, True],
        }
    )
    page, body = read(styled(frame, "A <title>", "A note.", "synthetic twin", decimals={"bias": 2}))
    assert body == [
        ["a", "−0.12", "2,783", "2011", "yes"],
        ["b <x>", "–", "12", "2012", "no"],
        ["–", "1,234.50", "5", "2013", "yes"],
    ]
    assert "A <title>" in page.thead.get_text()
    assert page.tfoot.get_text().strip() == "A note. Data: synthetic twin."


def test_a_table_must_name_its_data():
    with pytest.raises(ParameterError, match="label"):
        styled(pd.DataFrame({"a": [1]}))


def test_the_same_table_gives_the_same_page():
    frame = pd.DataFrame({"a": [1.0]})
    pages = [styled(frame, label=label).as_raw_html() for label in ("x", "x", "y")]
    assert pages[0] == pages[1] != pages[2]


def test_texts_in_cells_are_escaped():
    page = styled(pd.DataFrame({"a": [lines("<b>", small=["<i>"])]}), label="x", markup=["a"]).as_raw_html()
    assert "&lt;b&gt;" in page and "&lt;i&gt;" in page and "<i>" not in page


def test_descriptive_table_shows_deviations_and_reasons():
    base = {"n": 2783, "section": "3.1.5", "page": None}
    printed = [
        PrintedMoments(
            variable="gini", printed_as="Gini", mean="0.400", sd="0.100", min="0.000", max="0.8", **base
        ),
        PrintedMoments(variable="students", printed_as="SN", mean="10.7", sd="1", min="6", max="14", **base),
    ]
    computed = pd.DataFrame(
        {
            "column": ["gini", "students"],
            "variable": ["Gini", "SN"],
            "meaning": ["of lights", "log persons"],
            "n": [2810, 0],
            "mean": [0.402, np.nan],
            "sd": [0.099, np.nan],
            "min": [0.01, np.nan],
            "max": [0.84, np.nan],
        }
    )
    page, body = read(descriptive_table(printed, computed, "public data", missing={"students": "in no file"}))
    assert body[0] == [
        "Gini of lights N = 2,810 (paper 2,783)",
        *("0.400", "0.402 +0.5\xa0%"),
        *("0.100", "0.099 −1.0\xa0%"),
        *("0.000", "0.010"),
        *("0.8", "0.8 +5.0\xa0%"),
    ]
    assert body[1][0].startswith("SN log persons not available")
    assert body[1][1:] == ["10.7", "–", "1", "–", "6", "–", "14", "–"]
    foot = page.tfoot.get_text(" ")
    assert "not available: in no file" in foot and "Data: public data." in foot

import re
from typing import get_args

import pytest

from digital_clusters.analysis.data import load_city_panel, load_tables
from digital_clusters.measures.space.weights import Weights
from digital_clusters.sources.columns import (
    column_unit,
    describe_panel_columns,
    did_you_mean,
    meaning_of,
    per_unit,
    weights_words,
    words_of,
    words_of_term,
)
from digital_clusters.sources.schema import codebook
from digital_clusters.studies.industrial_upgrading.panel import build_panel


@pytest.fixture(scope="module")
def panels():
    return [load_city_panel("twin"), build_panel(load_tables("twin"))]


def test_every_column_of_the_panels_has_an_entry(panels):
    known = set(describe_panel_columns()["column"])
    for panel in panels:
        assert {*panel.frame, *panel.missing} <= known


def test_every_entry_says_unit_and_meaning_in_two_languages():
    found = describe_panel_columns()
    assert (found != "").all(axis=None)
    assert found["zh"].map(lambda text: bool(re.search(r"[一-鿿]", text))).all()


def test_the_raw_tables_do_not_hold_the_panel():
    assert "panel" not in codebook() and "weights" not in codebook()


def test_words_of_a_term_are_those_of_its_parts():
    assert words_of_term("coagglomeration^2") == "co-agglomeration, squared"
    assert words_of_term("coagglomeration:delta_member") == "co-agglomeration × member"
    assert words_of_term("rho") == "ρ"


def test_a_column_of_the_reader_keeps_its_name():
    assert words_of("sales") == words_of_term("sales") == "sales"
    assert column_unit("sales") == meaning_of("sales") == ""
    assert per_unit("sales", "coagglomeration") == "sales per unit of co-agglomeration"


def test_every_kind_of_weights_has_words():
    assert all(weights_words(kind) for kind in get_args(Weights))


@pytest.mark.parametrize(
    ("wanted", "offered"),
    [
        ("resiliance", "'resilience'"),
        ("虚拟集聚", "'virtual'"),
        ("Log GDP per head", "'income'"),
        ("zzz", ""),
    ],
)
def test_near_columns_are_offered(wanted, offered):
    hint = did_you_mean(wanted, ["city", "income", "resilience", "virtual"])
    assert offered in hint and bool(hint) == bool(offered)

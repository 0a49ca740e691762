"""Any study is replicated: its printed columns, with a reader's choices, beside the paper in its decimals."""

from dataclasses import replace

import pandas as pd
import pytest

from digital_clusters.analysis.data import load_city_panel
from digital_clusters.analysis.fit import fit
from digital_clusters.analysis.published import PrintedColumn, PrintedTerm
from digital_clusters.analysis.replication import columns
from digital_clusters.analysis.replication.columns import replicate
from digital_clusters.analysis.spec import Spec
from digital_clusters.analysis.study import Study
from digital_clusters.errors import ParameterError
from digital_clusters.report.compare import comparison_table, rows_beside_print

SAID = {"outcome": "growth_gap", "treatment": "internet", "first_year": 2012, "last_year": 2016}
BASE = Spec(method="two_way_fixed_effects", errors="clustered", **SAID)
SPECS = {"baseline": BASE, "earlier": BASE.change(last_year=2015), "moderated": BASE.change(moderator="uil")}


class Paper:
    """What is printed: one column, with five decimals."""

    term = PrintedTerm(term="internet", coefficient="-0.01234", standard_error="0.00100", stars="***")
    columns = (
        PrintedColumn(
            key="baseline", label="Growth", table=4, column=2, section="", page=None, n=9, terms=(term,)
        ),
    )


@pytest.fixture
def study(monkeypatch):
    """A study of which nothing is frozen and nothing planted."""
    monkeypatch.setattr(columns, "load_published", lambda key: Paper)
    return Study(key="fifth_study", specs=SPECS, public=SPECS, base=BASE, panel=load_city_panel)


def test_by_default_the_printed_columns_are_estimated(study):
    (found,) = replicate(study)
    assert found.printed == Paper.columns[0] and found.truth == {}
    direct = fit(BASE, load_city_panel("twin")).estimate
    pd.testing.assert_frame_equal(found.estimates["twin"].to_frame(), direct.to_frame())
    assert found.estimates["public"] is None and "run with data=public" in found.notes["public"]


def test_a_readers_choice_is_taken_but_for_what_the_column_itself_changes(study):
    found = replicate(study, ["baseline", "earlier"], overrides={"errors": "robust", "last_year": 2014})
    assert [row.spec.errors for row in found] == ["robust", "robust"]
    assert [row.spec.last_year for row in found] == [2014, 2015]


def test_an_unknown_column_is_answered_with_the_near_one(study):
    with pytest.raises(ParameterError, match="no specification 'basline'.*did you mean 'baseline'"):
        replicate(study, ["basline"])


def test_planted_effects_are_those_that_the_study_names(study):
    planted = replace(study, planted=lambda spec, sample: {spec.treatment: float(len(sample))})
    (found,) = replicate(planted)
    assert rows_beside_print([found])[0].truth == found.estimates["twin"].n_observations


def test_estimates_have_the_decimals_of_the_print_beside_them(study):
    (row,) = rows_beside_print(replicate(study))
    value = row.twin["internet"][0]
    for asked, decimals in ((None, 5), (2, 2)):
        assert f"{abs(value):.{decimals}f}" in comparison_table([row], decimals=asked).as_raw_html()
    assert f"{abs(value):.5f}" != f"{abs(value):.2f}"


def test_without_print_a_product_is_shown_or_else_the_first_term_with_three_decimals(study):
    rows = rows_beside_print(replicate(study, ["earlier", "moderated"]))
    assert [(row.column, row.term) for row in rows] == [
        ("earlier", "internet"),
        ("moderated", "internet:uil"),
    ]
    page = comparison_table(rows).as_raw_html()
    assert all(f"{abs(row.twin[row.term][0]):.3f}" in page for row in rows)

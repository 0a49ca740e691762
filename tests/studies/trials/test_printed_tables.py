"""Simulated papers are consistent in every way of rounding; changed digits are found at a known rate."""

import os
from collections import Counter
from copy import deepcopy

import numpy as np
import pytest

from digital_clusters.analysis.audit.register import CHECKS
from digital_clusters.analysis.audit.rounding import SCHOOLS, Number, as_printed
from digital_clusters.studies.trials.printed_tables import tables
from digital_clusters.studies.trials.printed_tables.detection import (
    KINDS,
    detection,
    with_one_change,
    wrongly_accused,
    wrongly_accused_in,
)
from digital_clusters.studies.trials.printed_tables.drawn import audited, drawn_paper, fitted

FEW, MANY = 60, 10_000 if os.environ.get("DIGITAL_CLUSTERS_LONG_CAMPAIGN") else 2_000
"""Papers for each way of rounding; ``nearest`` and ``unknown`` allow all that one of the others does. The
long campaign has the first 2,000 among its 10,000."""

OFTEN = 0.6
"""Share of changed digits that are found in full tables; 113 of 150 were, 68 to 82 per cent."""


@pytest.mark.parametrize("school", SCHOOLS)
def test_consistent_papers_are_never_accused(school):
    assert wrongly_accused(FEW, school, seed=1) == []


@pytest.mark.slow
def test_many_consistent_papers_are_never_accused():
    schools = ["half_up", "half_even", "truncated"]
    assert wrongly_accused_in(MANY, schools, seed=2) == {school: [] for school in schools}


@pytest.mark.parametrize("school", SCHOOLS)
def test_a_value_is_among_those_that_are_printed_as_it_is(school):
    random = np.random.default_rng(3)
    values = [*random.normal(size=200) * 10.0 ** random.integers(-4, 4, 200), *np.arange(-20, 21) / 8, 0.0]
    for value in values:
        for decimals in (0, 1, 2, 4):
            low, high = Number(as_printed(value, decimals, school), school).interval
            assert low <= value <= high


def test_a_regression_is_that_of_another_library():
    import statsmodels.api as sm

    random = np.random.default_rng(4)
    x, y = random.normal(size=(2, 60)), random.normal(size=60)
    ours, theirs = fitted(y, *x), sm.OLS(y, sm.add_constant(x.T)).fit()
    assert ours.coefficients == pytest.approx(theirs.params)
    assert ours.errors == pytest.approx(theirs.bse)
    assert (ours.r2, ours.log_likelihood) == pytest.approx((theirs.rsquared, theirs.llf))


def test_simulated_papers_use_nearly_every_check():
    paper = drawn_paper(np.random.default_rng(1))
    asked = {entry["check"] for entry in paper["checks"]}
    in_tables = {"t", "p", "stars", "limits", "f", "adjusted", "aic", "bic", "moments", "extremes", "debit"}
    never_contradict = {"pooled", "difference", "errors", "absorbed", "size_of_effect", "effect_at"}
    drawn_at_times = {"turning_inside", "significant_at"}
    assert asked | in_tables | never_contradict | drawn_at_times == set(CHECKS)
    assert Counter(found.grade for found in audited(paper).findings)["contradicts"] == 0


def test_one_number_changes_and_only_one():
    seen = set()
    for k in range(60):
        random = np.random.default_rng([5, k])
        paper = drawn_paper(random)
        paper.pop("checks")
        before = deepcopy(paper)
        kind, changed = with_one_change(paper, random)
        seen.add(kind)
        assert paper == before and changed != before
        assert len(leaves(before) ^ leaves(changed)) == 2
    assert seen == set(KINDS.values())


def leaves(part, path=()):
    if isinstance(part, dict | list):
        items = part.items() if isinstance(part, dict) else enumerate(part)
        return {leaf for key, value in items for leaf in leaves(value, (*path, key))}
    return {(path, part)}


def test_changed_digits_are_found_more_often_where_more_is_printed(monkeypatch):
    full, lean = detection(150, 1), detection(150, 1, lean=True)
    share = {
        name: frame.set_index("number").loc["any of them"] for name, frame in (("full", full), ("lean", lean))
    }
    assert share["full"]["low"] > OFTEN > share["lean"]["high"]
    assert full["papers"].iloc[:-1].sum() == 150
    found = {}
    monkeypatch.setattr(tables, "glue", found.__setitem__)
    tables.quote_detection(full, lean)
    total = full[full["number"] == "any of them"].iloc[0]
    assert found["audit-found"] == f"{total['share']:.0%}"
    worst = lean.loc[lean["share"].idxmin()]
    assert found["audit-least-lean"].endswith(f"({worst['share']:.0%})")
    html = tables.detection_rates(full, lean).as_raw_html()
    assert all(kind in html for kind in full["number"]) and "nan" not in html.lower()


def test_the_table_of_keys_names_what_a_file_may_hold():
    html = tables.keys().as_raw_html()
    for key in ("paper", "rounding", "standard_error", "adjusted_r2", "kind", "checks"):
        assert f">{key}<" in html
    assert "list of columns" in html and "marks and levels" in html and "must be there" in html
    assert "Annotated" not in html


def test_the_table_of_checks_names_all_of_them():
    html = tables.checks().as_raw_html()
    assert all(f">{name}<" in html for name in CHECKS)
    assert "marks and levels" in html and "list of number" in html

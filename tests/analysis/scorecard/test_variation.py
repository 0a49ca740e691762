"""Within shares, spread and persistence against closed forms and another way to compute them."""

import numpy as np
import pandas as pd
import pytest

from digital_clusters.analysis.scorecard.variation import variation_of, variation_table
from digital_clusters.measures.panel import Panel

ROUNDING = 1e-9
YEARS = (2001, 2012)
STUDIES = ("industrial_upgrading", "virtual_agglomeration", "collaborative_agglomeration")


def _panel(values: np.ndarray) -> Panel:
    cities, years = values.shape
    index = pd.MultiIndex.from_product([range(cities), range(2001, 2001 + years)], names=["city", "year"])
    return Panel.of(pd.DataFrame({"y": values.ravel()}, index=index).reset_index())


def test_two_way_shares_of_a_balanced_panel():
    values = np.random.default_rng(3).normal(size=(40, 12)) + np.arange(40)[:, None] + np.arange(12)
    left = values - values.mean(1, keepdims=True) - values.mean(0) + values.mean()
    found = variation_of(_panel(values), "y", YEARS)
    assert found["within_share"] == pytest.approx(left.var() / values.var(), rel=ROUNDING)
    assert found["within_sd"] == pytest.approx(left.std(ddof=1), rel=ROUNDING)
    slope = (left[:, :-1] * left[:, 1:]).sum() / (left[:, :-1] ** 2).sum()
    assert found["ar1"] == pytest.approx(slope, rel=ROUNDING)


def test_persistence_comes_out_up_to_the_known_bias():
    rng, rho = np.random.default_rng(5), 0.7
    values = np.zeros((2000, 12))
    values[:, 0] = rng.normal(size=2000) / np.sqrt(1 - rho**2)
    for t in range(1, 12):
        values[:, t] = rho * values[:, t - 1] + rng.normal(size=2000)
    # Nickell (1981) to first order, and a quarter of it for the higher orders
    bias = (1 + rho) / 11
    assert variation_of(_panel(values), "y", YEARS)["ar1"] == pytest.approx(
        rho - bias, abs=0.25 * bias + 0.02
    )


def test_units_rows_and_labels_do_not_matter():
    panel = _panel(np.random.default_rng(7).normal(size=(20, 12)))
    frame = panel.frame.sample(frac=1, random_state=1).assign(y=lambda f: 1000 * f["y"] + 5)
    other = Panel.of(frame.assign(city=lambda f: 99 - f["city"]))
    here, there = (variation_of(one, "y", YEARS) for one in (panel, other))
    assert there["within_share"] == pytest.approx(here["within_share"], rel=ROUNDING)
    assert there["ar1"] == pytest.approx(here["ar1"], rel=ROUNDING)
    assert there["within_sd"] == pytest.approx(1000 * here["within_sd"], rel=ROUNDING)


def test_a_constant_or_absent_column_has_no_variation():
    panel = _panel(np.ones((5, 12)))
    assert variation_of(panel, "y", YEARS) is None and variation_of(panel, "z", YEARS) is None


def test_the_frozen_table_has_the_variables_of_every_study_once():
    table = variation_table(STUDIES)
    assert table["column"].is_unique and {"gini", "uil", "resilience", "misallocation"} <= set(
        table["column"]
    )
    known = table.dropna()
    assert len(known) > 20
    assert known["twin_within_share"].between(0, 1).all() and known["public_within_share"].between(0, 1).all()

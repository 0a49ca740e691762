"""Moments, shares of variance and correlations of a panel, against closed forms."""

import numpy as np
import pandas as pd
import pytest

from digital_clusters.measures.descriptive import correlations, describe, variance_shares
from digital_clusters.measures.panel import Panel

ROUNDING = 1e-12
"""Sums of a few hundred numbers of order one."""

BY_TURNS = 1e-8
"""Means are taken out by turns until they move by less than 1e-10 standard deviations."""


def make_panel(**columns) -> Panel:
    keys = pd.MultiIndex.from_product([range(40), range(2011, 2016)], names=["city", "year"])
    frame = keys.to_frame(index=False)
    return Panel(frame.assign(**{name: make(frame) for name, make in columns.items()}), "twin", "test", "0")


def test_moments_and_a_variable_that_is_not_there():
    table = describe(make_panel(gini=lambda f: f["city"] / 40)).set_index("variable")
    assert table.loc["Gini", "n"] == 200
    assert table.loc["Gini", "mean"] == pytest.approx(np.arange(40).mean() / 40)
    assert (table.loc["Gini", "min"], table.loc["Gini", "max"]) == (0, 39 / 40)
    assert table.loc["EI", "n"] == 0


def test_variance_is_where_it_was_put():
    rng = np.random.default_rng(0)
    panel = make_panel(
        gini=lambda f: f["city"].astype(float),
        uil=lambda f: f["year"].astype(float),
        difi=lambda f: rng.normal(size=len(f)),
    )
    shares = variance_shares(panel)
    assert shares.loc["Gini"].tolist() == pytest.approx([1, 0, 0], abs=ROUNDING)
    assert shares.loc["UIL"].tolist() == pytest.approx([0, 1, 0], abs=ROUNDING)
    assert shares.sum(axis=1).tolist() == pytest.approx([1, 1, 1], abs=ROUNDING)
    assert shares.loc["DIFI", "rest"] > 0.6


def test_where_years_are_missing_the_rest_is_what_dummies_of_city_and_year_leave():
    rng = np.random.default_rng(3)
    full = make_panel(
        gini=lambda f: 0.2 * (f["year"] - 2011) * (f["city"] % 2) + rng.normal(size=len(f)),
        uil=lambda f: 3.0 * f["year"] + rng.normal(size=len(f)),
    )
    late = (full.frame["city"] >= 20) & (full.frame["year"] < 2014)
    panel = Panel(full.frame[~late].reset_index(drop=True), "twin", "test", "0")
    assert not panel.is_balanced
    dummies = pd.get_dummies(panel.frame[["city", "year"]].astype(str), dtype=float).to_numpy()
    values = panel.frame[["gini", "uil"]].to_numpy()
    left = values - dummies @ np.linalg.lstsq(dummies, values)[0]
    shares, (_, within) = variance_shares(panel), correlations(panel)
    assert shares["rest"].to_numpy() == pytest.approx(left.var(axis=0) / values.var(axis=0), abs=BY_TURNS)
    assert within.loc["Gini", "UIL"] == pytest.approx(np.corrcoef(left.T)[0, 1], abs=BY_TURNS)


def test_within_correlation_ignores_city_and_year_effects():
    rng = np.random.default_rng(1)
    noise = rng.normal(size=200)
    panel = make_panel(
        gini=lambda f: 5.0 * f["city"] - 3.0 * f["year"] + noise,
        uil=lambda f: -7.0 * f["city"] + 2.0 * f["year"] + 2 * noise,
    )
    overall, within = correlations(panel)
    assert overall.loc["Gini", "UIL"] < -0.9
    assert within.loc["Gini", "UIL"] == pytest.approx(1, abs=1e-9)  # differences of numbers of order 10⁴

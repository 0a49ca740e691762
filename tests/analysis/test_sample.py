"""From a specification to rows and arrays, on a small made-up panel."""

import numpy as np
import pandas as pd
import pytest

from digital_clusters.analysis.diagnostics import between_share
from digital_clusters.analysis.fit import fit
from digital_clusters.analysis.sample import adapt, design, select_sample
from digital_clusters.errors import DataError, MissingTableError, ParameterError
from digital_clusters.measures.panel import Panel
from digital_clusters.studies.industrial_upgrading.specs import NO_CONTROLS

N_CITIES, YEARS = 30, range(2011, 2022)
EFFECT = -0.3
"""Planted coefficient of ``uil`` on ``gini``; no noise, so estimates differ from it by rounding alone."""
ROUNDING = 1e-9


@pytest.fixture(scope="module")
def panel() -> Panel:
    rng = np.random.default_rng(0)
    keys = pd.MultiIndex.from_product([range(N_CITIES), YEARS], names=["city", "year"]).to_frame(index=False)
    city, year = keys["city"].to_numpy(), keys["year"].to_numpy()
    uil = 2 + 0.02 * city + 0.01 * (year - 2011) + rng.normal(scale=0.05, size=len(keys))
    income = rng.normal(size=len(keys))
    gini = EFFECT * uil + 0.1 * income + rng.normal(size=N_CITIES)[city] + 0.02 * (year - 2011)
    frame = keys.assign(
        is_municipality=city < 4,
        gini=gini,
        uil=uil,
        difi=30.0 * (year - 2010) + city,
        gdp_per_capita=income,
    )
    return Panel(frame, "twin", "synthetic twin", "0", missing={"students": "not in this test"})


recipe = NO_CONTROLS.change
TWO_WAY = recipe(method="two_way_fixed_effects", errors="clustered", controls=("gdp_per_capita",))


def test_two_way_fixed_effects_find_the_planted_effect(panel):
    result = fit(TWO_WAY, panel).estimate
    assert result["uil"][0] == pytest.approx(EFFECT, abs=ROUNDING)
    assert (result.n_observations, result.n_clusters) == (N_CITIES * len(YEARS), N_CITIES)
    assert result.data == "synthetic twin"
    assert result.data_hash == panel.hash
    assert result.spec["controls"] == ["gdp_per_capita"]


def test_double_machine_learning_with_a_linear_learner_agrees_with_two_way_fixed_effects(panel):
    result = fit(TWO_WAY.change(method="double_machine_learning", learner="linear"), panel).estimate
    assert result["uil"][0] == pytest.approx(EFFECT, abs=ROUNDING)
    assert result.folds == 5


@pytest.mark.parametrize(
    ("change", "rows"),
    [
        ({}, 330),
        ({"first_year": 2016}, 180),
        ({"exclude_municipalities": True}, 286),
        ({"group": "above_median"}, 165),
        ({"group": "below_median"}, 165),
    ],
)
def test_rows_of_a_sample(panel, change, rows):
    assert len(select_sample(recipe(**change), panel)) == rows


def test_the_two_groups_share_no_city_year_and_leave_none_out(panel):
    halves = [select_sample(recipe(group=group), panel) for group in ("above_median", "below_median")]
    assert halves[0]["uil"].min() >= halves[1]["uil"].max()
    assert sum(map(len, halves)) == len(panel.frame)


def test_winsorising_moves_only_the_tails_of_the_variables_of_the_specification(panel):
    spec = recipe(controls=("gdp_per_capita",), winsorise=0.05)
    before, after = panel.frame, select_sample(spec, panel)
    for name in ("gini", "uil", "gdp_per_capita"):
        moved = before[name] != after[name]
        assert 0.08 < moved.mean() < 0.11, name
    assert (before["difi"] == after["difi"]).all()


def test_normalising_the_moderator_changes_units_and_nothing_else(panel):
    spec = recipe(moderator="difi")
    points = design(spec, select_sample(spec, panel))
    share = design(spec.change(scaling="normalised"), select_sample(spec, panel))
    assert points.terms == share.terms == ("uil", "uil:difi", "difi")
    scale = np.ptp(panel.frame["difi"])
    np.testing.assert_allclose(points.treatments, share.treatments * [1, scale, scale], atol=1e-9)


def test_a_moderator_that_the_year_indicators_hold_has_no_coefficient_of_its_own(panel):
    spec = recipe(moderator="late_period")
    assert design(spec, select_sample(spec, panel)).terms == ("uil", "uil:late_period")


def test_a_missing_control_is_named_with_the_reason_and_can_be_left_out(panel):
    spec = recipe(controls=("students", "gdp_per_capita"))
    with pytest.raises(MissingTableError, match=r"synthetic twin has no 'students': not in this test"):
        fit(spec, panel)
    nearest, omitted = adapt(spec, panel)
    assert (nearest.controls, omitted) == (("gdp_per_capita",), ("students",))


def test_an_empty_sample_says_what_there_is(panel):
    with pytest.raises(DataError, match="covers 2011–2021"):
        select_sample(recipe(first_year=2000, last_year=2005), panel)


def test_errors_that_an_estimator_does_not_have_are_refused(panel):
    with pytest.raises(ParameterError, match="driscoll_kraay"):
        fit(recipe(errors="driscoll_kraay", learner="linear"), panel).term("uil")


def test_between_share_of_noise_of_groups_and_of_a_mixture():
    rng = np.random.default_rng(1)
    groups = np.repeat(np.arange(200), 11)
    noise = rng.normal(size=groups.size)
    assert between_share(noise, groups) == pytest.approx(199 / 2199, abs=0.03)  # three Monte Carlo errors
    assert between_share(groups.astype(float), groups) == pytest.approx(1)
    demeaned = noise - (np.bincount(groups, noise) / 11)[groups]
    assert between_share(demeaned, groups) == pytest.approx(0, abs=ROUNDING)


def test_a_column_of_text_is_refused_in_words(panel):
    text = Panel.of(panel.frame.assign(uil=panel.frame["uil"].map("{:.2f} pt".format)), label="mine")
    with pytest.raises(DataError, match=r"'uil' of mine is not of numbers: it holds '.* pt' in city 0, 2011"):
        fit(TWO_WAY, text)

"""Designs of the chapters on virtual agglomeration: known answers, agreement with plain regressions."""

import numpy as np
import pandas as pd
import pytest

from digital_clusters.analysis import designs
from digital_clusters.analysis.data import load_city_panel
from digital_clusters.analysis.fit import fit
from digital_clusters.analysis.readings import twin_claims
from digital_clusters.analysis.spec import override
from digital_clusters.errors import ParameterError
from digital_clusters.measures.panel import Panel
from digital_clusters.studies.virtual_agglomeration import designs as virtual_agglomeration_designs
from digital_clusters.studies.virtual_agglomeration.specs import BASELINE, HETEROGENEITY, ROBUSTNESS
from digital_clusters.studies.virtual_agglomeration.study import VIRTUAL_AGGLOMERATION

EXACT = 1e-9
"""Two ways through the same least squares differ by rounding only."""
SMALL = 0.05
"""With forty cities the year effects take up a little of a difference between groups."""
SIMPLE = BASELINE.change(controls=())


def made_up(outcome, cities: int = 40, years=range(2006, 2022), seed: int = 5) -> Panel:
    """A panel whose resilience is a function of its frame."""
    rng = np.random.default_rng(seed)
    keys = pd.MultiIndex.from_product([range(cities), years], names=["city", "year"])
    frame = keys.to_frame(index=False)
    frame["virtual"] = rng.standard_normal(len(frame))
    frame["is_old_industrial_base"] = frame["city"] < cities // 3
    frame["late"] = (frame["city"] < cities // 4) & (frame["year"] > 2014)
    frame["is_municipality"] = frame["is_provincial_capital"] = False
    frame["resilience"] = outcome(frame) + frame["city"] / 7 + np.sin(frame["year"])
    return Panel(frame, "twin", "synthetic twin", "")


def noise(frame: pd.DataFrame) -> np.ndarray:
    return 0.01 * np.random.default_rng(11).standard_normal(len(frame))


def test_leads_and_lags_find_an_effect_in_its_own_year_only_and_lose_no_last_year():
    panel = made_up(lambda frame: 2.0 * frame["virtual"])
    path = designs.lead_lag(fit(SIMPLE, panel), leads=2, lags=1)
    values, _ = path.path()
    np.testing.assert_allclose(values, [0, 0, 2, 0], atol=EXACT)
    # outcomes of 2009 to 2019: the lag costs the first year, the leads cost none
    assert path.estimate.n_observations == 40 * 11


def test_the_placebo_observes_the_coefficient_of_the_regression():
    panel = made_up(lambda frame: 0.3 * frame["virtual"] + noise(frame))
    test = designs.placebo(fit(SIMPLE, panel), draws=99, seed=1)
    assert test.observed == pytest.approx(fit(SIMPLE, panel).estimate["virtual"][0], rel=EXACT)
    assert test.p_value == pytest.approx(1 / 100)


def test_relabelling_finds_a_difference_between_groups():
    panel = made_up(lambda f: f["virtual"] * np.where(f["is_old_industrial_base"], 0.2, 0.5) + noise(f))
    spec = SIMPLE.change(moderator="is_old_industrial_base")
    test = designs.relabelled(fit(spec, panel), draws=199, seed=1)
    assert test.observed == pytest.approx(-0.3, abs=SMALL)
    assert test.p_value == pytest.approx(1 / 200)


def test_a_city_that_is_ever_labelled_is_labelled_throughout():
    ever = made_up(lambda f: f["virtual"] * np.where(f["city"] < 10, 0.8, 0.1) + noise(f))
    spec = SIMPLE.change(moderator="late")
    assert designs.relabelled(fit(spec, ever), draws=99, seed=1).observed == pytest.approx(0.7, abs=SMALL)


def test_relabelling_needs_two_groups():
    spec = BASELINE.change(moderator="digital_infrastructure")
    with pytest.raises(ParameterError, match="does not have two values"):
        designs.relabelled(fit(spec, load_city_panel("twin")), draws=99, seed=1)


def test_the_family_holds_the_interactions_of_the_regressions():
    panel = load_city_panel("twin")
    fits = {name: fit(spec, panel) for name, spec in HETEROGENEITY.items()}
    family = designs.split_family(fits, draws=99, seed=1)
    for name, split in fits.items():
        value, error = split.estimate[split.product]
        assert family.loc[name, "coefficient"] == pytest.approx(value, rel=EXACT)
        assert family.loc[name, "standard_error"] == pytest.approx(error, rel=EXACT)


def test_the_effect_over_a_moderator_is_the_line_of_the_regression():
    panel, spec = load_city_panel("twin"), HETEROGENEITY["digital infrastructure"]
    curve, found = designs.effects_over(fit(spec, panel)), fit(spec, panel).estimate
    level, slope = found["virtual"][0], found["virtual:digital_infrastructure"][0]
    np.testing.assert_allclose(curve.effects.effect, curve.line(level, slope), rtol=EXACT)
    low, high = np.quantile(curve.observed, [0.01, 0.99])
    np.testing.assert_allclose(curve.moderator[[0, -1]], [low, high])


def test_a_specification_keeps_what_it_sets_itself():
    specs = override(ROBUSTNESS, BASELINE, {"first_year": 2010, "winsorise": 0.02})
    assert specs["baseline"].first_year == specs["to 2013"].first_year == 2010
    assert (specs["to 2013"].last_year, specs["from 2014"].first_year) == (2013, 2014)
    assert (specs["winsorised at 5 %"].winsorise, specs["no controls"].winsorise) == (0.05, 0.02)


def test_years_that_exclude_each_other_leave_a_specification_alone():
    specs = override(ROBUSTNESS, BASELINE, {"first_year": 2015})
    assert specs["to 2013"] == ROBUSTNESS["to 2013"]
    assert specs["baseline"].first_year == 2015
    with pytest.raises(ParameterError, match="is after last_year"):
        override(ROBUSTNESS, BASELINE, {"first_year": 2015, "last_year": 2014})


def test_only_the_same_question_is_compared_with_the_planted_size():
    other = {
        name for name, spec in ROBUSTNESS.items() if not virtual_agglomeration_designs.is_comparable(spec)
    }
    assert other == {
        "growth gap as outcome",
        "resistance as outcome",
        "recovery as outcome",
        "composite as outcome",
        "location quotient of storefronts",
        "specialisation of storefronts",
        "exposure to storefronts",
        "information industry",
        "treatment a year earlier",
    }


def test_instruments_by_sample_start_with_the_study_s_own():
    panel = load_city_panel("twin")
    found = virtual_agglomeration_designs.instruments(ROBUSTNESS, panel)
    own = fit(ROBUSTNESS["telephones as instrument"], panel).estimate
    assert found["baseline"].estimate["virtual"] == pytest.approx(own["virtual"], rel=EXACT)
    halves = [found[name].estimate.n_observations for name in ("to 2013", "from 2014")]
    assert sum(halves) == own.n_observations


def test_claims_are_measured_by_the_specification_they_name():
    found = twin_claims(VIRTUAL_AGGLOMERATION, {"first_year": 2010}, ["eases_misallocation"])
    value = fit(BASELINE.change(outcome="misallocation", first_year=2010), load_city_panel("twin")).estimate
    assert found["eases_misallocation"].value == pytest.approx(value["virtual"][0], rel=EXACT)

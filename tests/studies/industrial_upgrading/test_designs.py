"""From a specification to arrays: lags, products, squares, gaps, balance, and the way to each estimator."""

import numpy as np
import pandas as pd
import pytest

from digital_clusters.analysis.fit import fit, weights_of
from digital_clusters.analysis.sample import adapt, columns_of, design, select_sample
from digital_clusters.analysis.spec import Spec
from digital_clusters.errors import DataError, MissingTableError, ParameterError
from digital_clusters.measures.panel import Panel

# Float64 arithmetic on a handful of numbers.
EXACT = 1e-12

SPEC = Spec(
    method="two_way_fixed_effects",
    outcome="y",
    treatment="d",
    controls=("x",),
    first_year=2001,
    last_year=2006,
    errors="clustered",
)


@pytest.fixture
def panel():
    rng = np.random.default_rng(5)
    cities, years = np.arange(1, 25), np.arange(2000, 2007)
    keys = pd.MultiIndex.from_product([cities, years], names=["city", "year"]).to_frame(index=False)
    n = len(keys)
    frame = keys.assign(
        y=rng.normal(size=n),
        d=rng.normal(size=n),
        x=rng.normal(size=n),
        z=rng.normal(size=n),
        m=rng.normal(size=n),
        big=keys["city"] > 12,
        income=rng.normal(size=n),
        lon=100 + keys["city"] * 0.7 % 5,
        lat=30 + keys["city"] * 0.3 % 7,
        is_municipality=keys["city"] <= 2,
        is_provincial_capital=keys["city"].isin([3, 4]),
    )
    return Panel(frame, "twin", "synthetic twin", "0" * 64)


def test_a_lag_is_the_value_of_the_year_before_also_from_before_the_sample(panel):
    sample = select_sample(SPEC.change(lag=1), panel)
    raw = panel.frame.set_index(["city", "year"])["d"]
    expected = [raw[city, year - 1] for city, year in zip(sample["city"], sample["year"], strict=True)]
    np.testing.assert_array_equal(sample["d"], expected)
    assert sample["year"].min() == 2001


def test_a_lag_does_not_jump_over_a_gap(panel):
    gap = panel.frame.query("not (city == 5 and year == 2003)")
    sample = select_sample(SPEC.change(lag=1), Panel(gap, "twin", "synthetic twin", "0" * 64))
    assert sample.query("city == 5 and year == 2004").empty


def test_a_product_control_is_the_product_and_needs_both_columns(panel):
    spec = SPEC.change(controls=("x", "z:big"))
    arrays = design(spec, select_sample(spec, panel))
    sample = select_sample(spec, panel)
    np.testing.assert_allclose(arrays.controls[:, 1], sample["z"] * sample["big"], atol=EXACT)
    assert columns_of(spec) == ["y", "d", "x", "z", "big"]
    nearest, omitted = adapt(SPEC.change(controls=("x", "z:nowhere")), panel)
    assert omitted == ("z:nowhere",) and nearest.controls == ("x",)


def test_squares_are_not_centred_and_moderated_lines_are(panel):
    squared = SPEC.change(squared=True, moderator="z")
    sample = select_sample(squared, panel)
    arrays = design(squared, sample)
    assert arrays.terms == ("d", "d^2", "d:z", "z")
    np.testing.assert_allclose(arrays.treatments[:, 1], sample["d"] ** 2, atol=EXACT)
    np.testing.assert_allclose(arrays.treatments[:, 2], sample["d"] * sample["z"], atol=EXACT)
    line = design(SPEC.change(moderator="z"), sample)
    np.testing.assert_allclose(line.treatments[:, 0].mean(), 0, atol=EXACT)


def test_capitals_and_municipalities_can_be_left_out(panel):
    sample = select_sample(SPEC.change(exclude_municipalities=True, exclude_provincial_capitals=True), panel)
    assert set(sample["city"]) == set(range(5, 25))


def test_missing_values_leave_city_years_out_and_whole_cities_of_a_spatial_panel(panel):
    frame = panel.frame.copy()
    frame.loc[(frame["city"] == 7) & (frame["year"] == 2004), "x"] = np.nan
    frame.loc[frame["year"] == 2006, "x"] = np.nan
    holed = Panel(frame, "twin", "synthetic twin", "0" * 64)
    rows = select_sample(SPEC, holed)
    assert len(rows) == 24 * 5 - 1
    spatial = select_sample(SPEC.change(method="spatial_panel"), holed)
    assert 7 not in set(spatial["city"]) and len(spatial) == 23 * 5


def test_nothing_left_and_missing_columns_are_said(panel):
    empty = Panel(panel.frame.assign(x=np.nan), "twin", "synthetic twin", "0" * 64)
    with pytest.raises(DataError, match="no city-year of synthetic twin is left.*x"):
        select_sample(SPEC, empty)
    with pytest.raises(MissingTableError, match="nowhere"):
        select_sample(SPEC.change(treatment="nowhere"), panel)
    with pytest.raises(ParameterError, match="needs an instrument"):
        SPEC.change(method="instrumental_variables")


def test_an_instrument_that_is_the_treatment_gives_least_squares(panel):
    plain = fit(SPEC, panel).estimate
    same = fit(SPEC.change(method="instrumental_variables", instrument="d"), panel).estimate
    np.testing.assert_allclose(same["d"], plain["d"], rtol=1e-9)
    assert same.spec["instrument"] == "d"


def test_mediators_split_the_total(panel):
    found = fit(SPEC.change(mediators=("m", "z")), panel, draws=100).mediated
    direct = found.outcome["d"][0]
    assert direct + found.indirect["indirect"][0] == pytest.approx(found.total["d"][0], abs=1e-10)


def test_a_spatial_panel_takes_the_weights_it_names(panel):
    spec = SPEC.change(method="spatial_panel", weights="inverse_distance")
    sample = select_sample(spec, panel)
    weights = weights_of(spec, sample, "twin")
    assert weights.kind == "inverse_distance" and len(weights.cities) == 24
    model = fit(spec, panel).spatial
    assert model.estimate.terms == ("d", "x", "W·d", "W·x", "rho", "sigma2")
    nested = weights_of(spec.change(weights="nested"), sample, "twin")
    assert nested.kind == "nested"
    clustered = fit(spec, panel).estimate
    assert clustered.errors == "clustered"
    assert fit(spec.change(errors="homoskedastic"), panel).estimate.errors != "clustered"

"""Controls of the outcome's year, of the year before, and of the base year by year."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digital_clusters.analysis.designs import lead_lag
from digital_clusters.analysis.fit import fit
from digital_clusters.analysis.sample import adapt, design, select_sample
from digital_clusters.analysis.spec import Spec, read_spec
from digital_clusters.errors import DataError, MissingTableError
from digital_clusters.measures.panel import Panel
from digital_clusters.paths import data_folder

FIRST, LAST = 2010, 2014
EFFECT = 0.7
ROUNDING = 1e-9
"""Least squares without noise, of a dozen regressors of order one."""

SAID = {"outcome": "y", "treatment": "d", "first_year": FIRST, "last_year": LAST}
SPEC = Spec(method="two_way_fixed_effects", errors="clustered", controls=("x", "x:w"), **SAID)
BEFORE, BASE = (SPEC.change(control_timing=name) for name in ("year_before", "base_year_by_year"))
TIMINGS = ("same_year", "year_before", "base_year_by_year")


def made(seed: int, *, missing: float = 0.0, cities: int = 12) -> pd.DataFrame:
    """A panel from two years before the specification's first to its last, some cells missing."""
    rng = np.random.default_rng(seed)
    years = range(FIRST - 2, LAST + 1)
    keys = pd.MultiIndex.from_product([range(cities), years], names=["city", "year"]).to_frame(index=False)
    columns = {name: rng.normal(size=len(keys)) for name in ("y", "d", "x", "w")}
    frame = keys.assign(**columns, late=keys["year"] >= 2012, member=keys["city"] < cities // 2)
    for name in ("d", "x", "w"):
        frame.loc[rng.random(len(frame)) < missing, name] = np.nan
    return frame


def panel_of(frame: pd.DataFrame) -> Panel:
    return Panel.of(frame)


Cells = dict[tuple[int, int], dict[str, float]]


def cells(frame: pd.DataFrame) -> Cells:
    """City-year → column → value."""
    return {(row["city"], row["year"]): row for row in frame.to_dict("records")}


def value(at: Cells, city: int, year: int, name: str) -> float:
    return float(at.get((city, year), {}).get(name, np.nan))


def base_value(at: Cells, city: int, year: int, name: str) -> float:
    """The first value from the specification's first year to ``year``."""
    for earlier in range(FIRST, year + 1):
        if not np.isnan(found := value(at, city, earlier, name)):
            return found
    return np.nan


def naive(spec: Spec, frame: pd.DataFrame) -> dict[tuple[int, int], list[float]]:
    """City-year → x and x·w at the specification's timing, where everything is known."""
    found, at = {}, cells(frame)
    for city in frame["city"].unique():
        for year in range(FIRST, LAST + 1):
            if spec.control_timing == "base_year_by_year":
                x, w = (base_value(at, city, year, name) for name in ("x", "w"))
            else:
                then = year - (spec.control_timing == "year_before")
                x, w = (value(at, city, then, name) for name in ("x", "w"))
            if not np.isnan([value(at, city, year, "d"), x, w]).any():
                found[int(city), year] = [x, x * w]
    return found


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), missing=st.sampled_from([0.0, 0.2, 0.5]))
@pytest.mark.parametrize("timing", TIMINGS)
def test_controls_are_looked_up_by_city_and_year(timing, seed, missing):
    frame = made(seed, missing=missing, cities=5)
    spec = SPEC.change(control_timing=timing)
    expected = naive(spec, frame)
    if not expected:
        with pytest.raises(DataError, match="no city-year"):
            select_sample(spec, panel_of(frame))
        return
    arrays = design(spec, select_sample(spec, panel_of(frame)))
    keys = list(zip(arrays.entity.tolist(), arrays.time.tolist(), strict=True))
    assert set(keys) == set(expected)
    wanted = np.array([expected[key] for key in keys])
    if timing == "base_year_by_year":
        for name, column in zip(arrays.control_names, arrays.controls.T, strict=True):
            year = int(name.rpartition(":")[2])
            values = wanted[:, int("w" in name.rpartition(":")[0])]
            assert np.array_equal(column, np.where(arrays.time == year, values, 0.0))
    else:
        assert np.array_equal(arrays.controls, wanted)


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), timing=st.sampled_from(TIMINGS))
def test_the_order_of_rows_and_the_names_of_cities_change_nothing(seed, timing):
    frame = made(3, missing=0.1)
    mixed = frame.sample(frac=1, random_state=seed)
    mixed["city"] = 1000 - mixed["city"]
    spec = SPEC.change(control_timing=timing)
    one, other = (fit(spec, panel_of(rows)).term("d") for rows in (frame, mixed))
    assert other.value == pytest.approx(one.value, abs=ROUNDING)
    assert other.n == one.n


def test_controls_of_the_year_before_cost_no_outcome_year_where_the_panel_has_it():
    years = select_sample(BEFORE, panel_of(made(0)))["year"]
    assert (years.min(), years.max()) == (FIRST, LAST)
    short = made(0).query("year >= @FIRST")
    assert select_sample(BEFORE, panel_of(short))["year"].min() == FIRST + 1


def test_a_gap_in_the_years_is_a_gap_and_not_the_year_before():
    frame = made(0).query("year != 2011")
    assert sorted(select_sample(BEFORE, panel_of(frame))["year"].unique()) == [2010, 2013, 2014]


@pytest.mark.parametrize("spec", [SPEC, BEFORE, BASE])
def test_the_planted_effect_is_found_where_the_controls_of_that_year_confound(spec):
    frame = made(1)
    x = {"same_year": frame["x"], "year_before": frame.groupby("city")["x"].shift(1)}
    at_first = frame.loc[frame["year"] == FIRST].set_index("city")["x"]
    x["base_year_by_year"] = frame["city"].map(at_first) * np.sqrt(frame["year"] - 2000)
    confounder = x[spec.control_timing].fillna(0.0)
    frame = frame.assign(d=frame["d"] + confounder)
    frame = frame.assign(y=EFFECT * frame["d"] - 2 * confounder + frame["city"] + frame["year"])
    assert fit(spec, panel_of(frame)).term("d").value == pytest.approx(EFFECT, abs=ROUNDING)
    machine = spec.change(method="double_machine_learning", learner="linear", errors="robust")
    assert fit(machine, panel_of(frame)).term("d").value == pytest.approx(EFFECT, abs=ROUNDING)


def test_base_year_controls_are_those_of_regressions_on_indicators():
    frame = made(2)
    found = fit(BASE.change(controls=("x",)), panel_of(frame))
    sample = frame.query("@FIRST <= year <= @LAST").reset_index(drop=True)
    base = sample["city"].map(frame.loc[frame["year"] == FIRST].set_index("city")["x"])
    city, year = (pd.get_dummies(sample[name], dtype=float) for name in ("city", "year"))
    x = np.column_stack([sample["d"], city, year.iloc[:, 1:], year.iloc[:, 1:].mul(base, axis=0)])
    wanted = np.linalg.lstsq(x, sample["y"], rcond=None)[0][0]
    assert found.term("d").value == pytest.approx(wanted, abs=ROUNDING)
    assert found.estimate.terms == ("d", *(f"x (base year):{year}" for year in range(FIRST + 1, LAST + 1)))


def test_leads_and_lags_with_base_year_controls_are_a_regression_on_the_years_they_leave():
    frame = made(6)
    found = lead_lag(fit(BASE.change(controls=("x",)), panel_of(frame)), leads=1, lags=1).estimate
    by_city = frame.sort_values("year").groupby("city")["d"]
    frame = frame.assign(lead=by_city.shift(-1), lag=by_city.shift(1))
    sample = frame.query("@FIRST < year < @LAST").reset_index(drop=True)
    base = sample["city"].map(frame.loc[frame["year"] == FIRST].set_index("city")["x"])
    city, year = (pd.get_dummies(sample[name], dtype=float) for name in ("city", "year"))
    columns = [sample[["lead", "d", "lag"]], city, year.iloc[:, 1:], year.iloc[:, 1:].mul(base, axis=0)]
    wanted = np.linalg.lstsq(np.column_stack(columns), sample["y"], rcond=None)[0][:3]
    assert found.terms[3:] == tuple(f"x (base year):{year}" for year in range(FIRST + 2, LAST))
    np.testing.assert_allclose(found.coefficients[:3], wanted, atol=ROUNDING)


def test_a_base_that_does_not_vary_over_cities_is_left_to_the_year_effects():
    spec = BASE.change(controls=("member", "late"))
    names = design(spec, select_sample(spec, panel_of(made(0)))).control_names
    assert names == tuple(f"member (base year):{year}" for year in range(FIRST + 1, LAST + 1))
    assert np.isfinite(fit(spec, panel_of(made(0))).term("d").value)


def test_the_treatment_keeps_its_own_year_where_it_is_a_part_of_a_control():
    frame = made(4)
    at = cells(frame)
    spec = BEFORE.change(controls=("d:w",), lag=2)
    sample = select_sample(spec, panel_of(frame))
    row = sample.loc[(sample["city"] == 3) & (sample["year"] == 2012)].iloc[0]
    assert row["d"] == value(at, 3, 2010, "d")
    wanted = value(at, 3, 2011, "d") * value(at, 3, 2011, "w")
    arrays = design(spec, sample)
    place = (arrays.entity == 3) & (arrays.time == 2012)
    assert arrays.controls[place, 0] == pytest.approx(wanted, abs=ROUNDING)


@pytest.mark.parametrize("timing", TIMINGS)
def test_winsorising_cuts_tails_of_continuous_controls_and_leaves_labels(timing):
    frame = made(5, cities=40)
    spec = SPEC.change(controls=("x", "member"), control_timing=timing, winsorise=0.05)
    whole, cut = (select_sample(s, panel_of(frame)) for s in (spec.change(winsorise=0.0), spec))
    x, member = (next(name for name in whole if name.startswith(word)) for word in ("x", "member"))
    if timing != "same_year":
        x, member = (next(name for name in whole if name.startswith(f"{word} (")) for word in ("x", "member"))
    assert 0.08 < (whole[x] != cut[x]).mean() < 0.12
    assert (whole[member] == cut[member]).all()


@pytest.mark.parametrize("timing", TIMINGS)
def test_a_control_the_panel_lacks_is_named_as_it_is_called_there(timing):
    with pytest.raises(MissingTableError, match="has no 'finance'"):
        select_sample(SPEC.change(controls=("finance",), control_timing=timing), panel_of(made(0)))


def test_without_a_word_controls_are_of_the_same_year_and_old_records_read_so():
    assert SPEC.control_timing == "same_year"
    records = [
        json.loads(path.read_text(encoding="utf-8")) for path in (data_folder() / "results").glob("*.json")
    ]
    kept = [found["spec"] for record in records for found in record.get("estimates", {}).values()]
    specs = [values for values in kept if values and "controls" in values]
    assert specs
    for values in specs:
        assert read_spec(values).control_timing == values.get("control_timing", "same_year")


@pytest.mark.parametrize("timing", TIMINGS)
def test_contemporaneous_covariates_stay_of_the_outcomes_year(timing):
    spec = SPEC.change(controls=("x",), contemporaneous=("w", "d:w"), control_timing=timing)
    sample = select_sample(spec, panel_of(made(2)))
    arrays = design(spec, sample)
    assert arrays.control_names[-2:] == ("w", "d:w")
    expected = np.column_stack([sample["w"], sample["d"] * sample["w"]])
    assert arrays.controls[:, -2:] == pytest.approx(expected, abs=ROUNDING)
    assert "with w, d × w" in spec.in_words()


@pytest.mark.parametrize("timing", TIMINGS[:2])
def test_a_square_in_a_control_is_the_square_of_that_years_value(timing):
    spec = SPEC.change(controls=("x^2:w", "x:x"), control_timing=timing)
    sample = select_sample(spec, panel_of(made(2)))
    after = "" if timing == "same_year" else " (year before)"
    x, w = (sample[f"{name}{after}"].to_numpy() for name in ("x", "w"))
    assert design(spec, sample).controls == pytest.approx(np.column_stack([x**2 * w, x**2]), abs=ROUNDING)


def test_covariates_a_panel_lacks_are_left_out_of_both_lists():
    spec = SPEC.change(controls=("x", "none"), contemporaneous=("d^2:nothing", "w^2"))
    kept, omitted = adapt(spec, panel_of(made(1)))
    assert omitted == ("none", "d^2:nothing")
    assert (kept.controls, kept.contemporaneous) == (("x",), ("w^2",))


def test_a_specification_says_the_year_of_its_controls():
    assert "controls x, x × w;" in SPEC.in_words()
    assert "controls x, x × w of the year before;" in BEFORE.in_words()
    assert "controls x, x × w of the base year by year;" in BASE.in_words()
    assert "control_timing='year_before'" in repr(BEFORE)
    assert "control_timing" not in repr(BEFORE.change(controls=()))

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.measures.indicators.resilience import (
    annual_response,
    by_cycle,
    cycles,
    growth_gap,
    national_growth,
    recoverability,
    resistance,
)

ROUNDING = 1e-8
"""Differences of sums of a few dozen doubles, divided by a small growth rate."""

levels = hnp.arrays(float, st.tuples(st.integers(2, 6), st.just(3)), elements=st.floats(1, 100))


def tidy(levels, first_year=2010):
    """Levels of shape (cities, years)."""
    cities, years = levels.shape
    return pd.DataFrame(
        {
            "city": np.repeat(np.arange(1, cities + 1), years),
            "year": np.tile(np.arange(first_year, first_year + years), cities),
            "gdp_real": np.asarray(levels, dtype=float).ravel(),
        }
    )


@pytest.fixture(scope="module")
def states(reference_case):
    case = reference_case("E1")
    frame = pd.read_csv(case["folder"] / case["data"])
    return case, frame.rename(columns={"state": "city"})[["city", "year", "emp"]]


@pytest.mark.parametrize(
    ("window", "measure", "name"),
    [("1981-82", resistance, "resistance"), ("1982-86", recoverability, "recoverability")],
)
def test_american_states(states, window, measure, name):
    case, frame = states
    start, end = int(window[:4]), 1900 + int(window[5:])
    found = measure(frame, start, end, value="emp").set_index("city")[name]
    for state, expected in case["expected"][window].items():
        # An extreme is printed with nine decimals, a state with twelve.
        extreme = state.split(" ", 1)[0] in ("min", "max")
        if extreme:
            kind, state = state.split(" ", 1)
            assert state == (found.idxmin() if kind == "min" else found.idxmax())
        assert found[state] == pytest.approx(expected, abs=case["tolerance"]), state


@pytest.mark.parametrize("window", ["1974-75", "1975-79", "1981-82", "1982-86"])
def test_weighted_mean_is_zero_and_growth_is_the_nations(states, window):
    case, frame = states
    start, end = int(window[:4]), 1900 + int(window[5:])
    found = resistance(frame, start, end, value="emp").set_index("city")
    before = frame[frame["year"] == start].set_index("city")["emp"]
    assert (found["expected"] / before).to_numpy() == pytest.approx(
        np.full(len(before), case["expected"]["g"][window]), abs=case["tolerance"]
    )
    assert np.average(found["resistance"], weights=before) == pytest.approx(0, abs=ROUNDING)


def test_by_hand():
    frame = tidy(np.array([[100, 90], [100, 100]]))  # the country falls by 5 %
    found = resistance(frame, 2010, 2011)
    assert found["expected"].tolist() == pytest.approx([-5, -5])
    assert found["resistance"].tolist() == pytest.approx([-1, 1])


def test_nothing_is_said_without_national_change():
    found = resistance(tidy(np.array([[100, 90], [100, 110]])), 2010, 2011)
    assert found["resistance"].isna().all()


@given(levels)
def test_identity_holds_for_any_country(values):
    found = resistance(tidy(values), 2010, 2012)
    if abs(values[:, 2].sum() - values[:, 0].sum()) > 0.1:
        total = (found["resistance"] * found["expected"].abs()).sum()
        assert total == pytest.approx(0, abs=ROUNDING * values.sum())


def test_industry_mix_changes_what_is_expected():
    frame = pd.DataFrame(
        {
            "city": [1, 1, 2, 2] * 2,
            "industry": list("CI") * 4,
            "year": [2010] * 4 + [2011] * 4,
            "jobs": [80.0, 20, 20, 80, 72, 22, 18, 88],
        }
    )
    plain = resistance(frame.groupby(["city", "year"], as_index=False)["jobs"].sum(), 2010, 2011, "jobs")
    mixed = resistance(frame, 2010, 2011, "jobs", industry="industry")
    # C falls by a tenth and I grows by a tenth everywhere: the mix explains all of it.
    assert mixed["expected"].tolist() == pytest.approx([-6, 6])
    assert mixed["resistance"].tolist() == pytest.approx([0, 0])
    assert plain["expected"].tolist() == pytest.approx([0, 0], abs=ROUNDING)


def test_an_industry_that_was_nowhere_is_not_expected():
    frame = pd.DataFrame(
        {
            "city": [1, 1, 1, 1],
            "industry": list("CICI"),
            "year": [2010, 2010, 2011, 2011],
            "jobs": [10.0, 0, 12, 3],
        }
    )
    found = resistance(frame, 2010, 2011, "jobs", industry="industry")
    assert found[["change", "expected"]].to_numpy()[0] == pytest.approx([5, 2])


def test_a_city_that_lacks_an_industry_is_left_out_whole():
    frame = pd.DataFrame(
        {
            "city": [1, 1, 2, 2] * 2,
            "industry": list("CI") * 4,
            "year": [2010] * 4 + [2011] * 4,
            "jobs": [80.0, 20, 20, 80, 72, 22, 18, np.nan],
        }
    )
    found = resistance(frame, 2010, 2011, "jobs", industry="industry")
    assert found["city"].tolist() == [1]
    assert found[["change", "expected"]].to_numpy()[0] == pytest.approx([-6, -6])


def test_membership_is_fixed_between_two_years():
    values = np.array([[100, 110, 121], [100, 100, np.nan], [np.nan, 500, 550]])
    frame = tidy(values)
    growth = national_growth(frame)
    assert growth.index.tolist() == [2011, 2012]
    assert growth.to_numpy() == pytest.approx([0.05, 0.10])
    assert resistance(frame, 2010, 2011)["city"].tolist() == [1, 2]
    gap = growth_gap(frame)
    assert gap[["city", "year"]].to_numpy().tolist() == [[1, 2011], [1, 2012], [2, 2011], [3, 2012]]
    assert gap["growth_gap"].to_numpy() == pytest.approx(
        [np.log(1.1 / 1.05), 0, np.log(1 / 1.05), 0], abs=ROUNDING
    )


def test_a_gap_in_years_makes_no_growth():
    frame = tidy(np.array([[100, 110, 121], [100, 110, 121]]))
    found = growth_gap(frame[~((frame["city"] == 2) & (frame["year"] == 2011))])
    assert found["city"].tolist() == [1, 1]


@given(levels)
def test_annual_response_is_the_window_of_one_year(values):
    frame = tidy(values)
    found = annual_response(frame).frame.set_index(["year", "city"])["response"]
    growth = national_growth(frame)
    for year in (2011, 2012):
        if abs(growth[year]) < 0.005:
            assert found.loc[year].isna().all()
        else:
            window = resistance(frame, year - 1, year).set_index("city")["resistance"]
            assert found.loc[year].to_numpy() == pytest.approx(window.to_numpy(), abs=ROUNDING)


def test_years_near_zero_are_reported():
    frame = tidy(np.array([[100, 110, 111, 120], [100, 100, 99.5, 104]]))
    found = annual_response(frame)
    assert found.near_zero.years == (2012,)
    assert found.near_zero.share_of_years == pytest.approx(1 / 3)
    assert found.near_zero.share_of_rows == pytest.approx(1 / 3)
    assert found.frame.loc[found.frame["response"].isna(), "year"].unique().tolist() == [2012]
    assert annual_response(frame, threshold=1e-4).near_zero.years == ()
    with pytest.raises(ParameterError, match="positive rate"):
        annual_response(frame, threshold=0)


def series(values, first_year=2000):
    return pd.Series(values, index=range(first_year, first_year + len(values)))


def test_cycles_of_a_zigzag():
    found = cycles(series([5, 8, 6, 3, 4, 7, 6]))
    assert found[["phase", "start", "end", "complete"]].to_numpy().tolist() == [
        ["recovery", 2000, 2001, False],
        ["slowdown", 2001, 2003, True],
        ["recovery", 2003, 2005, True],
        ["slowdown", 2005, 2006, False],
    ]


def test_small_swings_and_plateaus():
    values = series([9, 5, 5.5, 2, 2, 6])
    assert cycles(values)[["start", "end"]].to_numpy().tolist() == [
        [2000, 2001],
        [2001, 2002],
        [2002, 2004],
        [2004, 2005],
    ]
    found = cycles(values, amplitude=1)
    assert found[["phase", "start", "end"]].to_numpy().tolist() == [
        ["slowdown", 2000, 2004],
        ["recovery", 2004, 2005],
    ]
    assert cycles(series([3, 3, 3])).empty
    assert cycles(series([3, 3, 2]))[["start", "end"]].to_numpy().tolist() == [[2000, 2002]]


@given(st.lists(st.integers(-20, 20), min_size=2, max_size=25), st.integers(0, 15))
def test_windows_alternate_touch_and_are_large_enough(values, amplitude):
    found = cycles(series([float(v) for v in values]), amplitude=float(amplitude))
    assert (found["start"].iloc[1:].to_numpy() == found["end"].iloc[:-1].to_numpy()).all()
    assert (found["phase"].iloc[1:].to_numpy() != found["phase"].iloc[:-1].to_numpy()).all()
    swing = found["growth_end"] - found["growth_start"]
    assert (swing.abs() >= max(amplitude, 1)).all()
    assert ((swing < 0) == (found["phase"] == "slowdown")).all()


def test_cycles_need_consecutive_years():
    with pytest.raises(DataError, match="without a gap"):
        cycles(series([1, 2, 3]).drop(2001))
    with pytest.raises(ParameterError, match="not negative"):
        cycles(series([1, 2]), amplitude=-1)


def test_every_window_of_a_frame():
    frame = tidy(np.array([[100, 110, 112, 130], [100, 108, 109, 120]]))
    windows = cycles(national_growth(frame))
    found = by_cycle(frame, windows)
    assert found.groupby("start")["phase"].first().to_dict() == {2011: "slowdown", 2012: "recovery"}
    first = found[found["phase"] == "slowdown"].set_index("city")["response"]
    assert first.to_numpy() == pytest.approx(resistance(frame, 2011, 2012)["resistance"].to_numpy())
    assert by_cycle(frame, windows.iloc[:0]).columns.tolist() == found.columns.tolist()


def test_impossible_input_is_refused():
    frame = tidy(np.array([[100, 90], [100, 100]]))
    with pytest.raises(ParameterError, match="ends before it begins"):
        resistance(frame, 2011, 2011)
    with pytest.raises(DataError, match="no city has gdp_real in both 2010 and 2015"):
        resistance(frame, 2010, 2015)
    with pytest.raises(DataError, match="negative.*'city': 1"):
        growth_gap(tidy(np.array([[-1, 1]])))
    with pytest.raises(DataError, match="repeat a key"):
        growth_gap(pd.concat([frame, frame]))

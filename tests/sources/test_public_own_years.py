"""Rules that set a city against its own years, on series whose slips are planted and whose rest is clean."""

import numpy as np
import pandas as pd
import pytest

from digital_clusters.sources.public.own_years import (
    flat_at_the_ends,
    near_own_years,
    off_own_growth,
    off_own_years,
)
from digital_clusters.sources.refusals import Refusals

YEARS = np.arange(2003, 2022)
LIMIT = 0.25
NOISE = 0.05
"""Standard deviation of yearly growth around 12 %: that of loans of cities, slips aside."""

FALSE_POSITIVES = 0.002
"""Share of clean values that a limit of five standard deviations may refuse."""


def panel(*series) -> pd.DataFrame:
    frames = [
        pd.DataFrame({"city": city, "year": YEARS[: len(values)], "loans": values})
        for city, values in enumerate(series, start=1)
    ]
    return pd.concat(frames, ignore_index=True)


def smooth(growth: float = 0.12, level: float = 100.0) -> np.ndarray:
    return level * np.exp(growth * np.arange(len(YEARS)))


def with_slip(factor: float, *places: int) -> np.ndarray:
    values = smooth()
    values[list(places)] *= factor
    return values


def found(frame: pd.DataFrame, limit: float = LIMIT) -> list[int]:
    return frame.index[off_own_years(frame, "loans", limit)].tolist()


@pytest.mark.parametrize("place", range(len(YEARS)))
@pytest.mark.parametrize("factor", [10, 5, 1 / 3])
def test_one_slip_is_found_alone_wherever_it_is(place, factor):
    assert found(panel(with_slip(factor, place), smooth())) == [place]


def test_two_slips_in_a_row_are_both_found_and_their_neighbours_are_not():
    assert found(panel(with_slip(5, 8, 9))) == [8, 9]


@pytest.mark.parametrize("growth", [-0.2, 0.0, 0.3])
def test_growth_and_a_lasting_change_of_level_are_left_alone(growth):
    steady, step = smooth(growth), smooth(growth)
    step[9:] *= 4
    assert found(panel(steady, step)) == []


def test_neither_unit_nor_order_nor_label_matters():
    frame = panel(with_slip(3, 4), with_slip(0.4, 11), smooth())
    flags = off_own_years(frame, "loans", LIMIT)
    other = frame.assign(city=10 - frame["city"], loans=1e4 * frame["loans"]).sample(frac=1, random_state=0)
    pd.testing.assert_series_equal(off_own_years(other, "loans", LIMIT).sort_index(), flags)


def test_missing_years_zeros_and_short_series_are_no_slips():
    gappy = smooth()
    gappy[[3, 4, 5, 9]] = [np.nan, np.nan, np.nan, 0.0]
    assert found(panel(gappy, np.array([1.0]), np.array([1.0, 100.0]))) == []


def test_false_positives_among_clean_series():
    rng = np.random.default_rng(0)
    walks = 100 * np.exp(np.cumsum(0.12 + NOISE * rng.standard_normal((300, len(YEARS))), axis=1))
    assert len(found(panel(*walks))) <= FALSE_POSITIVES * walks.size


def test_slips_planted_in_noise_are_all_found():
    rng = np.random.default_rng(1)
    walks = 100 * np.exp(np.cumsum(0.12 + NOISE * rng.standard_normal((200, len(YEARS))), axis=1))
    places = rng.integers(len(YEARS), size=200)
    walks[np.arange(200), places] *= np.where(rng.random(200) < 0.5, 2.5, 0.3)
    planted = np.arange(200) * len(YEARS) + places
    assert set(planted) <= set(found(panel(*walks)))


def test_what_is_refused_is_logged_with_its_rule():
    log = Refusals()
    kept = near_own_years(panel(with_slip(5, 7)), {"loans": LIMIT}, "file", log)
    assert kept.index[kept["loans"].isna()].tolist() == [7]
    entry = log.frame().iloc[0]
    assert (entry["year"], entry["column"], entry["action"]) == (2010, "loans", "value set to missing")
    assert entry["rule"] == "off the city's years before and after by more than 0.25 log points"


def test_a_change_of_base_is_one_odd_rate_of_growth():
    rebased, fast = smooth(0.06), smooth(0.25)
    rebased[10:] *= 0.75
    frame = panel(rebased, fast, smooth(-0.05))
    assert frame.index[off_own_growth(frame, "loans", 0.2)].tolist() == [10]
    few = panel(np.array([100.0, 70.0, 71.0]))
    assert not off_own_growth(few, "loans", 0.2).any()


def test_an_edge_filled_flat_is_told_from_a_value():
    values = smooth()[:8]
    values[:3], values[7] = values[3], values[6]
    values[5] = values[4]
    frame = panel(values, np.full(4, 6.0))
    flat = frame.index[flat_at_the_ends(frame, "loans")].tolist()
    # of a city with one number in all years the middle cannot be told from the edge
    assert [i for i in flat if i < 8] == [0, 1, 2, 7]
    assert len([i for i in flat if i >= 8]) == 4

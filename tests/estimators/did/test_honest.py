"""Bounds under deviations from parallel trends: a published event study, linear programs, and coverage."""

import numpy as np
import pytest
from scipy import optimize, stats

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.did.honest import relative_magnitudes
from digital_clusters.estimators.did.staggered import group_time_effects
from digital_clusters.estimators.estimate import Estimate

EXACT = 1e-9  # closed forms
SOLVED = 1e-6  # a linear program's accuracy

TERMS = ("-5", "-4", "-3", "-2", "0", "1", "2", "3")
EFFECTS = (
    0.006696352,
    0.029345034,
    -0.006472972,
    0.073014989,
    0.195961118,
    0.312063903,
    0.239541546,
    0.1260425,
)
FIRST = (0.158775, 0.233147)
"""Benzarti & Carloni (2019), as Rambachan & Roth (2023) use it: the event study, and the interval of the
first effect under parallel trends that R's HonestDiD calls original."""


def restaurants(scale: float = 1.0) -> Estimate:
    """Their effects with the variance of the first one; other covariances as those of a random walk."""
    variance = ((FIRST[1] - FIRST[0]) / 2 / 1.959964) ** 2
    covariance = variance * (0.5 * np.eye(8) + 0.5)
    return Estimate(TERMS, scale * np.array(EFFECTS), scale**2 * covariance, 100, "event study", "clustered")


def set_by_programs(effects, before: int, after: int, magnitude: float) -> tuple[float, float]:
    """Smallest and largest mean effect over all deviations that the restriction allows."""
    early, late = np.array(effects[:before]), np.array(effects[before : before + after])
    largest = np.abs(np.diff([*early, 0.0])).max()
    steps = np.tril(np.ones((after, after)))  # deviation = cumulated changes
    c = steps.sum(axis=0) / after
    worst = optimize.linprog(-c, bounds=[(-magnitude * largest, magnitude * largest)] * after)
    return late.mean() + worst.fun, late.mean() - worst.fun


@pytest.mark.parametrize("after", [1, 2, 4])
def test_the_identified_set_is_that_of_linear_programs(after):
    found = relative_magnitudes(restaurants(), before=5, after=after).table
    for row in found.itertuples():
        expected = set_by_programs(EFFECTS, 4, after, row.magnitude)
        assert (row.set_low, row.set_high) == pytest.approx(expected, rel=SOLVED)


def test_the_identified_set_is_the_librarys():
    from diff_diff.honest_did import _solve_rm_bounds_union

    found = relative_magnitudes(restaurants(), before=5, after=4).table.set_index("magnitude")
    theirs = _solve_rm_bounds_union(np.array(EFFECTS[:4]), np.array(EFFECTS[4:]), np.full(4, 0.25), 4, 1.5)
    assert tuple(found.loc[1.5, ["set_low", "set_high"]]) == pytest.approx(theirs, rel=SOLVED)


def test_parallel_trends_give_the_ordinary_interval():
    found = relative_magnitudes(restaurants(), before=5, after=1)
    row = found.table.set_index("magnitude").loc[0.0]
    assert (row["low"], row["high"]) == pytest.approx(FIRST, abs=2e-6)
    assert found.effect["mean"][0] == EFFECTS[4]
    assert found.largest_before == pytest.approx(0.073014989 + 0.006472972, rel=EXACT)


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_limits_are_at_the_critical_value_of_two_normals(level):
    """With one change D before adoption, here a fall: mean + D and mean − D, the ends, are independent."""
    found = relative_magnitudes(restaurants(), before=2, after=1, magnitudes=[1.0], level=level)
    row, v = found.table.iloc[0], restaurants().covariance[4, 4]
    # mean and D have the variance v and the covariance −v/2
    reach = (row["set_low"] - row["low"]) / np.sqrt(v), (row["high"] - row["set_high"]) / np.sqrt(3 * v)
    assert reach == pytest.approx([stats.norm.ppf(np.sqrt(level))] * 2, rel=EXACT)


def test_sets_grow_and_break_down_where_they_reach_zero():
    found = relative_magnitudes(restaurants(), before=5, after=1, magnitudes=np.linspace(0, 3, 7))
    assert found.table["low"].is_monotonic_decreasing and found.table["high"].is_monotonic_increasing
    at = relative_magnitudes(restaurants(), before=5, after=1, magnitudes=[found.breakdown]).table
    assert at["low"].item() == pytest.approx(0, abs=1e-4)
    assert 0 < found.breakdown < 0.195961118 / found.largest_before
    assert relative_magnitudes(restaurants(-1.0), before=5, after=1).breakdown == pytest.approx(
        found.breakdown, rel=1e-3
    )


def test_an_effect_that_parallel_trends_leave_at_zero_has_no_breakdown():
    weak = Estimate(TERMS, 0.01 * np.array(EFFECTS), restaurants().covariance, 100, "x", "clustered")
    assert relative_magnitudes(weak, before=5, after=1).breakdown == 0


@pytest.mark.slow
def test_sets_cover_a_deviation_that_the_ordinary_interval_misses():
    """The deviation is a line: its change after adoption is its change before. 2,000 draws; the share has a
    standard error of 0.005."""
    rng = np.random.default_rng(3)
    covariance = 0.04 * (0.5 * np.eye(8) + 0.5)
    truth = 0.3 * np.array([-4, -3, -2, -1, 1, 2, 3, 4.0])
    honest, plain = [], []
    for draw in rng.multivariate_normal(truth, covariance, size=2000):
        path = Estimate(TERMS, draw, covariance, 100, "x", "clustered")
        table = relative_magnitudes(path, before=5, after=2, magnitudes=[0.0, 1.0]).table
        inside = (table["low"] <= 0) & (table["high"] >= 0)
        plain.append(inside[0])
        honest.append(inside[1])
    assert np.mean(honest) >= 0.94 and np.mean(plain) < 0.5


def test_group_time_effects_bring_the_covariance():
    rng = np.random.default_rng(0)
    entity, time = np.repeat(np.arange(40), 10), np.tile(np.arange(10), 40)
    adoption = np.where(entity < 15, 6.0, np.nan)
    y = rng.normal(size=400) + 3.0 * (time >= adoption)
    found = group_time_effects(y, entity=entity, time=time, adoption=adoption, base="universal")
    bounds = relative_magnitudes(found.relative, before=4, after=3)
    path = found.event_study.set_index("relative")["effect"]
    assert bounds.effect["mean"][0] == pytest.approx(path.loc[0:2].mean(), rel=EXACT)
    mean = y.reshape(40, 10)[:, 6:9].mean(axis=1) - y.reshape(40, 10)[:, 5]
    squares = sum(((g - g.mean()) ** 2).sum() / len(g) ** 2 for g in (mean[:15], mean[15:]))
    assert bounds.effect["mean"][1] == pytest.approx(np.sqrt(squares), rel=SOLVED)


def test_what_cannot_be_bounded_is_said():
    with pytest.raises(ParameterError, match="at least 2 and 1"):
        relative_magnitudes(restaurants(), before=1, after=1)
    with pytest.raises(ParameterError, match="'-6'"):
        relative_magnitudes(restaurants(), before=6, after=1)
    with pytest.raises(ParameterError, match="negative"):
        relative_magnitudes(restaurants(), before=5, after=1, magnitudes=[-1])
    flat = Estimate(TERMS, EFFECTS, np.zeros((8, 8)), 100, "x", "clustered")
    with pytest.raises(DataError, match="missing or zero"):
        relative_magnitudes(flat, before=5, after=1)

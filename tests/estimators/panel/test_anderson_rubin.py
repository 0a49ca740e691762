import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from digital_clusters.estimators.panel.anderson_rubin import invert_anderson_rubin

ENDS = 1e-6  # relative; roots of a polynomial against a formula
CHI = stats.chi2.ppf(0.95, 1)


def single(gamma, pi, yy=1.0, yd=0.0, dd=1.0, **options):
    covariance = np.array([[yy, yd], [yd, dd]])
    return invert_anderson_rubin([gamma], [pi], covariance, degrees_of_freedom=None, **options)


def test_the_four_shapes_of_one_instrument():
    strong = single(4.0, 10.0)
    assert strong.shape == "interval" and strong.contains(0.4) and not strong.contains(0.0)
    behind = single(4.0, 0.1)
    assert behind.shape == "complement" and behind.contains(40.0) and not behind.contains(0.0)
    assert behind.contains(-10.0)
    nothing = single(0.1, 0.1)
    assert nothing.shape == "line" and nothing.intervals == ((-np.inf, np.inf),)
    edge = single(4.0, np.sqrt(CHI))
    assert edge.shape in ("ray", "interval", "complement")  # the border between two of them
    assert single(0.0, 10.0).contains(0.0)


@settings(max_examples=100)
@given(
    gamma=st.floats(-20, 20),
    pi=st.floats(-20, 20),
    correlation=st.floats(-0.95, 0.95),
    unit=st.sampled_from([1e-4, 1.0, 1e5]),
)
def test_one_instrument_is_a_quadratic_inequality(gamma, pi, correlation, unit):
    yd = correlation / unit
    found = single(gamma, pi / unit, yd=yd, dd=unit**-2)
    a = (pi / unit) ** 2 - CHI * unit**-2
    b = -2 * (gamma * pi / unit - CHI * yd)
    c = gamma**2 - CHI
    disc = b * b - 4 * a * c
    if min(abs(a) * unit**2, abs(disc) * unit**2) < 1e-3:
        return  # on the border between two shapes
    if disc < 0:
        assert found.shape == "line"
        return
    low, high = np.sort((-b + np.array([-1, 1]) * np.sqrt(disc)) / (2 * a))
    if a > 0:
        assert found.shape == "interval"
        assert found.intervals[0] == pytest.approx((low, high), rel=1e-5, abs=ENDS * unit)
    else:
        assert found.shape == "complement"
        assert found.intervals[0][1] == pytest.approx(low, rel=1e-5, abs=ENDS * unit)
        assert found.intervals[1][0] == pytest.approx(high, rel=1e-5, abs=ENDS * unit)


@settings(max_examples=25)
@given(seed=st.integers(0, 100_000), q=st.integers(1, 4), size=st.sampled_from([0.5, 2.0, 6.0]))
def test_the_set_holds_what_the_test_accepts(seed, q, size):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(2 * q, 2 * q)) + 2 * np.eye(2 * q)
    gamma, pi = size * rng.normal(size=(2, q))
    found = invert_anderson_rubin(gamma, pi, root @ root.T, degrees_of_freedom=39.0, level=0.9)
    grid = np.tan(np.linspace(-1.57, 1.57, 301))
    for theta in grid:
        p = found.test(theta).p_value
        if abs(p - 0.1) > 1e-6:
            assert found.contains(theta) == (p > 0.1)
    assert found.zero.p_value == found.test(0.0).p_value


def test_instruments_that_contradict_each_other_leave_nothing():
    covariance = np.eye(4)
    found = invert_anderson_rubin([100.0, -100.0], [10.0, 10.0], covariance, degrees_of_freedom=None)
    assert found.shape == "empty" and found.intervals == ()
    assert not found.contains(0.0)


def test_two_instruments_can_leave_two_intervals():
    covariance = np.diag([0.1, 10.0, 10.0, 0.01])
    found = invert_anderson_rubin([-2.0, 1.0], [2.0, -3.0], covariance, degrees_of_freedom=None)
    assert found.shape == "union" and len(found.intervals) == 2
    for low, high in found.intervals:
        assert found.test(low).p_value == pytest.approx(0.05, abs=1e-6)
        assert found.test(high).p_value == pytest.approx(0.05, abs=1e-6)
        assert found.test((low + high) / 2).p_value > 0.05
    assert found.test(0.0).p_value < 0.05


def test_a_higher_level_gives_a_larger_set():
    for gamma, pi in ((4.0, 10.0), (4.0, 0.1)):
        small, large = (single(gamma, pi, level=level) for level in (0.8, 0.99))
        grid = np.tan(np.linspace(-1.57, 1.57, 301))
        assert all(large.contains(theta) for theta in grid if small.contains(theta))
        assert sum(large.contains(theta) for theta in grid) > sum(small.contains(theta) for theta in grid)

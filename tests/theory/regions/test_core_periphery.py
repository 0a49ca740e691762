"""Krugman's model by numbers against its closed forms, printed points and its own market equations."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digital_clusters.errors import ParameterError
from digital_clusters.theory.regions.core_periphery import CorePeriphery

SETTLED = 1e-10
"""Wages are iterated to 1e-13 in logs; a market repeats that with powers of up to ten."""

DIFFERENCED = 1e-6
"""A root found from a central difference with step 1e-5, relative."""

PRINTED = 0.006
"""Half a unit of the last printed digit, and a little for points printed to two decimals."""

POINTS = {
    (3.0, 0.2): 1.67,
    (3.0, 0.4): 3.05,
    (3.0, 0.6): 8.72,
    (5.0, 0.2): 1.26,
    (5.0, 0.4): 1.63,
    (5.0, 0.6): 2.30,
    (7.0, 0.2): 1.158,
    (7.0, 0.4): 1.36,
    (7.0, 0.6): 1.68,
}
"""Break points by (σ, μ), rounded as textbooks tabulate them."""

tastes = st.builds(CorePeriphery, st.floats(2.5, 8), st.floats(0.1, 0.55))


def test_the_reference_numbers_are_met(reference_case):
    case = reference_case("L1")
    for name, expected in case["expected"].items():
        pair = (4.0, 0.3) if name == "K91" else re.fullmatch(r"FKV_s([\d.]+)_m([\d.]+)", name).groups()
        model = CorePeriphery(*map(float, pair))
        close = {"abs": case["tolerance"], "rel": case["tolerance"]}
        assert model.break_point() == pytest.approx(expected["TB"], **close)
        assert model.sustain_point() == pytest.approx(expected["TS"], **close)
        assert model.break_point_by_numbers() == pytest.approx(expected["TB"], **close)
        assert model.sustain_point_by_numbers() == pytest.approx(expected["TS"], **close)


@pytest.mark.parametrize(("pair", "printed"), POINTS.items())
def test_tabulated_break_points(pair, printed):
    assert CorePeriphery(*pair).break_point_by_numbers() == pytest.approx(printed, abs=PRINTED)


@settings(max_examples=20)
@given(tastes)
def test_the_solved_model_breaks_and_sustains_where_the_closed_forms_say(model):
    assert model.break_point_by_numbers() == pytest.approx(model.break_point(), rel=DIFFERENCED)
    assert model.sustain_point_by_numbers() == pytest.approx(model.sustain_point(), rel=1e-9)
    assert model.break_point() < model.sustain_point()


@settings(max_examples=30)
@given(tastes, st.lists(st.floats(0.02, 1), min_size=2, max_size=5), st.floats(1.0, 3.0))
def test_markets_clear_in_every_region(model, weights, cost):
    shares, s, m = np.array(weights) / sum(weights), model.elasticity, model.mobile_share
    solved, regions = model.short_run(shares, cost), range(len(weights))
    for i in regions:
        sales = 0.0
        for j in regions:
            freeness = (1.0 if i == j else cost) ** (1 - s)
            sales += solved.incomes[j] * freeness * solved.prices[j] ** (s - 1)
        assert solved.wages[i] ** s == pytest.approx(sales, rel=SETTLED)
    assert solved.incomes.sum() == pytest.approx(1, rel=SETTLED)
    assert solved.wages @ shares == pytest.approx(1, rel=SETTLED), (
        "spending on manufactures pays their workers"
    )
    assert solved.real_wages == pytest.approx(solved.wages * solved.prices**-m, rel=SETTLED)


def test_regions_on_a_ring_that_are_alike_pay_alike():
    steps = np.abs(np.subtract.outer(np.arange(6), np.arange(6)))
    solved = CorePeriphery(5.0, 0.4).short_run(np.full(6, 1 / 6), 1.3 ** np.minimum(steps, 6 - steps))
    assert solved.wages == pytest.approx(np.ones(6), rel=SETTLED)


@pytest.mark.parametrize("pair", [(3.0, 0.2), (4.0, 0.3), (5.0, 0.4), (7.0, 0.6)])
def test_the_tomahawk_has_three_five_and_one_equilibria(pair):
    model = CorePeriphery(*pair)
    broken, sustain = model.break_point(), model.sustain_point()
    together, between, apart = (
        [(point.share, point.stable) for point in model.equilibria(cost)]
        for cost in ((1 + broken) / 2, (broken + sustain) / 2, 1.1 * sustain)
    )
    assert together == [(0.0, True), (0.5, False), (1.0, True)]
    assert [stable for _, stable in between] == [True, False, True, False, True]
    assert apart == [(0.5, True)]
    inner = between[1][0]
    real = model.short_run([inner, 1 - inner], (broken + sustain) / 2).real_wages
    assert real[0] == pytest.approx(real[1], rel=1e-9)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: CorePeriphery(0.9, 0.4), "elasticity"),
        (lambda: CorePeriphery(4.0, 0.0), "mobile_share"),
        (lambda: CorePeriphery(2.0, 0.5).break_point(), "no break point"),
        (lambda: CorePeriphery(2.0, 0.6).break_point_by_numbers(), "no break point"),
        (lambda: CorePeriphery(4.0, 0.3).short_run([0.5, 0.5], 0.8), "below one"),
    ],
)
def test_what_the_model_cannot_answer_is_refused(act, words):
    with pytest.raises(ParameterError, match=words):
        act()

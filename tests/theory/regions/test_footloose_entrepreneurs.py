"""Closed forms of the footloose entrepreneurs against the linear wage system they come from."""

import re

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from digital_clusters.errors import ParameterError
from digital_clusters.theory.regions.footloose_entrepreneurs import FootlooseEntrepreneurs
from digital_clusters.theory.regions.long_run import symmetric_slope

ROUNDING = 1e-12
"""Relative error of a well-conditioned linear system of a few unknowns."""

DIFFERENCED = 1e-6
"""A root found from a central difference with step 1e-5, whose truncation is of order 1e-10 over a slope."""

TASTES = [(3.0, 0.3), (5.0, 0.4), (6.0, 0.5), (4.0, 0.3), (2.0, 0.3), (5.0, 0.8)]

elasticities, spending = st.floats(1.5, 10), st.floats(0.05, 0.9)


def test_the_reference_numbers_are_met(reference_case):
    case = reference_case("L2")
    for name, expected in case["expected"].items():
        elasticity, mobile = map(float, re.fullmatch(r"FE_s([\d.]+)_m([\d.]+)", name).groups())
        model, close = FootlooseEntrepreneurs(elasticity, mobile), case["tolerance"]
        assert model.break_point() == pytest.approx(expected["phiB"], abs=close)
        assert model.sustain_point() == pytest.approx(expected["phiS"], abs=close)
        assert model.wages([0.7, 0.3], 0.5) == pytest.approx(expected["w_l07_phi05"], abs=close)
        assert model.utilities([0.7, 0.3], 0.5) == pytest.approx(expected["V"], abs=close)


def test_break_point_by_hand():
    """σ = 5 and μ = 0.4: (4.6 · 3.6)/(5.4 · 4.4) = 23/33."""
    assert FootlooseEntrepreneurs(5.0, 0.4).break_point() == pytest.approx(23 / 33, rel=ROUNDING)


@pytest.mark.parametrize("tastes", TASTES)
def test_dispersion_breaks_where_the_utility_gap_turns(tastes):
    model = FootlooseEntrepreneurs(*tastes)
    found = brentq(lambda phi: symmetric_slope(lambda share: model.log_gap(share, phi)), 0.01, 0.95)
    assert model.break_point() == pytest.approx(found, abs=DIFFERENCED)


@pytest.mark.parametrize("tastes", TASTES)
def test_a_full_core_is_sustained_where_leaving_it_gains_nothing(tastes):
    model = FootlooseEntrepreneurs(*tastes)
    found = brentq(lambda phi: float(model.log_gap(1.0, phi)), 0.01, model.break_point(), xtol=1e-14)
    assert model.sustain_point() == pytest.approx(found, rel=1e-10)


@settings(max_examples=60)
@given(elasticities, spending, st.lists(st.floats(0.01, 1), min_size=2, max_size=5), st.floats(0, 0.99))
def test_wages_solve_the_market_of_every_region(elasticity, mobile, weights, freeness):
    assume(mobile < elasticity - 0.1)
    model, shares = FootlooseEntrepreneurs(elasticity, mobile), np.array(weights) / sum(weights)
    wages, regions = model.wages(shares, freeness), range(len(shares))
    phi = [[1.0 if i == j else freeness for j in regions] for i in regions]
    for i in regions:
        sales = 0.0
        for j in regions:
            crowding = sum(phi[k][j] * shares[k] for k in regions)
            sales += phi[i][j] * (1 / len(shares) + wages[j] * shares[j]) / crowding
        assert wages[i] == pytest.approx(mobile / elasticity * sales, rel=1e-9)
    total = mobile / elasticity / (1 - mobile / elasticity)
    assert wages @ shares == pytest.approx(total, rel=1e-9), "profits are the share μ/σ of all income"


@settings(max_examples=60)
@given(elasticities, spending)
def test_sustain_comes_before_break(elasticity, mobile):
    assume(mobile < 0.95 * (elasticity - 1))
    model = FootlooseEntrepreneurs(elasticity, mobile)
    assert 0 < model.sustain_point() < model.break_point() < 1


@pytest.mark.parametrize("tastes", TASTES)
def test_the_tomahawk_has_one_five_and_three_equilibria(tastes):
    model = FootlooseEntrepreneurs(*tastes)
    sustain, broken = model.sustain_point(), model.break_point()
    apart, between, together = (
        [(point.share, point.stable) for point in model.equilibria(phi)]
        for phi in (0.9 * sustain, (sustain + broken) / 2, (1 + broken) / 2)
    )
    assert apart == [(0.5, True)]
    assert [stable for _, stable in between] == [True, False, True, False, True]
    assert together == [(0.0, True), (0.5, False), (1.0, True)]
    inner = between[1][0]
    utility = model.utilities([inner, 1 - inner], (sustain + broken) / 2)
    assert utility[0] == pytest.approx(utility[1], rel=1e-9)


def test_a_batch_equals_one_by_one():
    model, shares = FootlooseEntrepreneurs(4.0, 0.3), np.array([[0.2, 0.8], [0.6, 0.4]])
    rows = [model.utilities(row, 0.4) for row in shares]
    assert model.utilities(shares, 0.4) == pytest.approx(np.array(rows), rel=ROUNDING)


def test_productivity_acts_like_more_entrepreneurs_of_one_kind():
    """Twice as productive varieties sell what two varieties sold, so each earns twice as much."""
    model = FootlooseEntrepreneurs(4.0, 0.3)
    plain = model.wages([0.5, 0.5], 1.0)
    doubled = model.wages([0.5, 0.5], 1.0, [2.0, 1.0])
    assert doubled[0] / doubled[1] == pytest.approx(2, rel=ROUNDING)
    assert doubled.sum() == pytest.approx(plain.sum(), rel=ROUNDING)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: FootlooseEntrepreneurs(1.0, 0.4), "elasticity"),
        (lambda: FootlooseEntrepreneurs(5.0, 1.0), "mobile_share"),
        (lambda: FootlooseEntrepreneurs(1.5, 0.6).break_point(), "no break point"),
        (lambda: FootlooseEntrepreneurs(5.0, 0.4).wages([0.5, 0.5], 1.2), "freeness"),
    ],
)
def test_what_the_model_cannot_answer_is_refused(act, words):
    with pytest.raises(ParameterError, match=words):
        act()

"""Depth of the division of labour: formula, root, brute force and derivatives against each other."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from digital_clusters.errors import ParameterError
from digital_clusters.theory.clusters.division_of_labour import DivisionOfLabour

SAME = 1e-9
"""Root and formula agree to the root's tolerance of 1e-14 in log depth, times logs and powers."""

FLAT = 1e-6
"""A maximiser by values is exact only to the square root of rounding: the top is flat."""

STEP = 1e-3
"""At most a hundredth of any distance or share drawn, so a difference's error is its term in STEP² alone."""

ROUNDING = 1e-12
"""Relative error of a depth or slope: the root's 1e-14 in log depth, times powers and a cancellation."""

HIGHER_ORDER = 1e-6
"""Relative: what the term in STEP⁴ leaves where the term in STEP² happens to vanish."""

distances = st.floats(0.1, 2.0)
gains = st.floats(5.0, 50.0)
prices = st.floats(0.05, 0.5)
theta = st.floats(0.2, 0.8)
above = st.floats(0.3, 1.5)


@st.composite
def teams(draw, attention=None):
    """Teams whose costs rise faster than their gain."""
    low = draw(theta)
    return DivisionOfLabour(
        gain=draw(gains),
        gain_elasticity=low,
        per_spatial=draw(prices),
        per_psychological=draw(prices),
        cost_elasticity=low + draw(above),
        attention=draw(st.floats(0.001, 0.1)) if attention is None else attention,
        attention_elasticity=low + draw(above),
    )


@st.composite
def quadratic_teams(draw):
    low, extra = draw(theta), draw(above)
    return DivisionOfLabour(
        gain=draw(gains),
        gain_elasticity=low,
        cost_elasticity=low + extra,
        attention=draw(st.floats(1e-12, 0.5)),
        attention_elasticity=low + 2 * extra,
    )


def moderate(team, *places):
    """Leave out teams whose best depth is a corner or so large that differences lose their digits."""
    assume(all(1.05 < team.optimum(*place) < 1e3 for place in places))


def test_the_illustration_has_round_depths():
    team = DivisionOfLabour()
    found = [team.optimum_closed_form(s, p) for s, p in ((1, 1), (0, 1), (0, 0))]
    assert found == pytest.approx([10, 20, math.sqrt(1000)], rel=SAME)


@settings(max_examples=100)
@given(st.one_of(teams(attention=0.0), quadratic_teams()), distances, distances)
def test_formula_and_root_agree(team, spatial, psychological):
    found = team.optimum(spatial, psychological)
    assert team.optimum_closed_form(spatial, psychological) == pytest.approx(found, rel=SAME)


def test_formula_and_root_agree_where_only_attention_costs_and_where_elasticities_are_equal():
    for team in (DivisionOfLabour(), DivisionOfLabour(attention_elasticity=1.5)):
        for place in ((0, 0), (1, 1)):
            assert team.optimum_closed_form(*place) == pytest.approx(team.optimum(*place), rel=SAME)


@settings(max_examples=60)
@given(teams(), distances, distances)
def test_no_other_depth_has_a_larger_product(team, spatial, psychological):
    n = team.optimum(spatial, psychological)
    # log depth, so that the search spans corners and large depths alike
    found = minimize_scalar(
        lambda log_depth: -float(team.product(math.exp(log_depth), spatial, psychological)),
        bounds=(0, math.log(n) + 3),
        method="bounded",
    )
    best = max(-found.fun, float(team.product(1.0, spatial, psychological)))
    assert float(team.product(n, spatial, psychological)) >= best - FLAT * abs(best)


@settings(max_examples=60)
@given(teams(), distances, distances)
def test_marginal_gain_and_cost_meet_inside_and_cost_exceeds_gain_at_the_corner(team, spatial, psychological):
    n = team.optimum(spatial, psychological)
    gain, cost = team.marginal_gain(n), team.marginal_cost(n, spatial, psychological)
    assert cost == pytest.approx(gain, rel=1e-8) if n > 1 else cost >= gain * (1 - SAME)


@pytest.mark.parametrize(("attention", "divided"), [(0.01, True), (0.1, True), (0.13, False)])
def test_a_cost_that_starts_high_and_rises_slowly_leaves_two_candidates(attention, divided):
    """With β < θ < χ the product falls first: the peak beyond must beat not dividing at all."""
    team = DivisionOfLabour(
        gain_elasticity=0.9,
        per_spatial=11.3,
        cost_elasticity=0.8,
        attention=attention,
        attention_elasticity=2.0,
    )
    grid = np.geomspace(1, 1e3, 400_001)
    product = team.product(grid, 1, 0)
    rises = np.diff(product) > 0
    assert not rises[0] and rises.any(), "the case has no peak beyond the first depth"
    assert team.optimum(1, 0) == pytest.approx(grid[product.argmax()], rel=1e-3)
    assert bool(grid[product.argmax()] > 1) is divided


# comparative statics


def derivative(function, at):
    """The derivative there, and how far from it the difference may be.

    Central differences over STEP and half of it: extrapolated, and apart by three quarters of the error that
    extrapolation removes, which far exceeds the error that it leaves.
    """
    values = {h: (function(at + h), function(at - h)) for h in (STEP, STEP / 2)}
    wide, narrow = ((ahead - behind) / (2 * h) for h, (ahead, behind) in values.items())
    found = (4 * narrow - wide) / 3
    rounding = ROUNDING * max(map(abs, values[STEP])) / STEP
    return pytest.approx(found, rel=HIGHER_ORDER, abs=abs(wide - narrow) + rounding)


@settings(max_examples=80)
@given(teams(), distances, distances, st.sampled_from(["spatial", "psychological"]))
def test_slope_is_the_derivative_and_never_positive(team, spatial, psychological, of):
    moderate(team, *((spatial + i * STEP, psychological + i * STEP) for i in (-1, 1)))
    slope = team.slope(spatial, psychological, of)
    if of == "spatial":
        assert slope == derivative(lambda s: team.optimum(s, psychological), spatial)
    else:
        assert slope == derivative(lambda p: team.optimum(spatial, p), psychological)
    assert slope <= 0


@settings(max_examples=80)
@given(teams(), st.floats(0.5, 2), st.floats(0.5, 2))
def test_cross_slope_is_the_mixed_derivative(team, spatial, psychological):
    moderate(team, *((spatial, psychological + i * STEP) for i in (-1, 1)))
    found = derivative(lambda p: team.slope(spatial, p, "spatial"), psychological)
    assert team.cross_slope(spatial, psychological) == found


@settings(max_examples=80)
@given(teams(), st.floats(0.5, 2), st.floats(0.5, 2), st.floats(0.2, 1))
def test_virtual_cross_slope_is_the_mixed_derivative(team, spatial, psychological, remaining):
    moderate(team, *(((remaining + i * STEP) * spatial, psychological) for i in (-1, 1)))
    found = derivative(lambda left: left * team.slope(left * spatial, psychological, "spatial"), remaining)
    assert team.virtual_cross_slope(spatial, psychological, remaining) == found


@settings(max_examples=80)
@given(teams(attention=0.0), distances, distances)
def test_without_attention_the_distances_reinforce_each_other(team, spatial, psychological):
    moderate(team, (spatial, psychological))
    assert team.cross_slope(spatial, psychological) > 0


@settings(max_examples=80)
@given(theta, above, st.floats(0, 1), st.floats(0.001, 0.1), distances, distances)
def test_and_so_they_do_where_attention_rises_by_at_most_one_faster(low, extra, more, kappa, s, p):
    team = DivisionOfLabour(
        gain_elasticity=low,
        cost_elasticity=low + extra,
        attention=kappa,
        attention_elasticity=low + extra + more,
    )
    moderate(team, (s, p))
    assert team.cross_slope(s, p) > 0


@pytest.mark.parametrize("attention_elasticity", [1.0, 5.0])
def test_beyond_that_condition_there_are_cases_of_the_opposite(attention_elasticity):
    team = DivisionOfLabour(attention=0.05, attention_elasticity=attention_elasticity)
    slopes = [team.cross_slope(d, d) for d in np.linspace(0.0, 3, 61) if team.optimum(d, d) > 1]
    expected = attention_elasticity > 2.5
    assert any(slope < 0 for slope in slopes) is expected


@settings(max_examples=100)
@given(teams(), distances, distances)
def test_virtual_and_near_reinforce_each_other_exactly_above_the_share_needed(team, s, p):
    moderate(team, (s, p))
    margin = team.per_spatial * s / team.cost_of_distance(s, p) - team.spatial_share_needed(s, p)
    assume(abs(margin) > 1e-6)
    assert (team.virtual_cross_slope(s, p, 1.0) > 0) is (margin > 0)


@settings(max_examples=60)
@given(teams(attention=0.0), distances, distances)
def test_the_share_needed_has_a_formula_without_attention(team, spatial, psychological):
    moderate(team, (spatial, psychological))
    excess = team.cost_elasticity - team.gain_elasticity
    needed = team.spatial_share_needed(spatial, psychological)
    assert needed == pytest.approx(excess / (1 + excess), rel=SAME)


def test_no_share_is_enough_at_a_corner_or_without_distance():
    assert math.isinf(DivisionOfLabour(gain=0.1).spatial_share_needed(1, 1))
    assert math.isinf(DivisionOfLabour().spatial_share_needed(0, 0))


@settings(max_examples=50)
@given(teams(), distances, distances)
def test_complete_virtualisation_and_nearness_never_reinforce_each_other(team, spatial, psychological):
    assert team.virtual_cross_slope(spatial, psychological, 0.0) <= 0


# bounded or not


@pytest.mark.parametrize(
    ("changes", "place", "bounded"),
    [
        ({}, (0, 0), True),
        ({"attention": 0.0}, (0, 0), False),
        ({"attention": 0.0}, (0, 0.01), True),
        ({"attention": 0.0, "per_psychological": 0.0}, (0, 1), False),
        ({"attention_elasticity": 0.4}, (0, 0), False),
        ({"attention_elasticity": 0.4, "cost_elasticity": 0.3}, (1, 1), False),
        ({"attention_elasticity": 0.5}, (0, 0), False),
        ({"attention_elasticity": 0.5, "attention": 10.0}, (0, 0), True),
        ({"attention_elasticity": 0.5, "attention": 9.0, "cost_elasticity": 0.5}, (1, 1), False),
        ({"attention_elasticity": 0.5, "attention": 9.8, "cost_elasticity": 0.5}, (1, 1), True),
    ],
)
def test_depth_is_finite_under_exactly_the_stated_condition(changes, place, bounded):
    team = DivisionOfLabour(**changes)
    assert team.is_bounded(*place) is bounded
    assert math.isfinite(team.optimum(*place)) is bounded
    depth = np.geomspace(1e6, 1e12, 4)
    product = team.product(depth, *place)
    if bounded:
        assert np.all(product <= team.product(team.optimum(*place), *place) * (1 + SAME))
    else:
        assert np.all(np.diff(product) > 0)


def test_without_attention_depth_grows_beyond_any_bound_as_distance_goes():
    team = DivisionOfLabour(attention=0.0)
    depths = [team.optimum(d, d) for d in 10.0 ** -np.arange(8)]
    assert depths[-1] > 1e7 and np.all(np.diff(depths) > 0)


# what is refused


@pytest.mark.parametrize(
    "change", [{"gain": 0}, {"gain_elasticity": -1}, {"attention": -0.1}, {"per_spatial": math.nan}]
)
def test_an_impossible_team_is_refused_by_name(change):
    with pytest.raises(ParameterError, match=next(iter(change))):
        DivisionOfLabour(**change)


@pytest.mark.parametrize("place", [(-1, 0), (0, math.inf)])
def test_an_impossible_distance_is_refused(place):
    with pytest.raises(ParameterError, match="distance"):
        DivisionOfLabour().optimum(*place)


def test_where_there_is_no_formula_and_where_there_is_no_slope():
    with pytest.raises(ParameterError, match="use optimum"):
        DivisionOfLabour(attention_elasticity=2.0).optimum_closed_form(1, 1)
    with pytest.raises(ParameterError, match="not finite"):
        DivisionOfLabour(attention=0.0).slope(0, 0, "spatial")
    with pytest.raises(ParameterError, match="psychological"):
        DivisionOfLabour().slope(1, 1, "temporal")

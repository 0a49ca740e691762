"""Closed forms of the two-zone city against lights, finite differences and each other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digital_clusters.errors import ParameterError
from digital_clusters.measures.indicators.inequality import gini
from digital_clusters.theory.regions.growth_pole import GrowthPole

STEP = 1e-5
TRUNCATION = 1e-8
"""A central difference errs by STEP² times a third derivative of order one, and by rounding over STEP."""

shares = st.floats(0.05, 0.95)
positive = st.floats(0.1, 2.0)
cities = st.builds(GrowthPole, core=shares, gain=positive, reach=positive, crowding=positive)


@settings(max_examples=50)
@given(st.integers(1, 19), st.floats(0, 1), st.floats(0, 1))
def test_gini_is_that_of_a_list_of_townships(core, structure, digital):
    city = GrowthPole(core=core / 20)
    light = np.r_[np.full(core, np.exp(city.advantage(structure, digital))), np.ones(20 - core)]
    assert city.gini(structure, digital) == pytest.approx(gini(light), abs=1e-12)


@settings(max_examples=100)
@given(cities, st.floats(0, 1), st.floats(0, 1))
def test_marginal_effect_is_the_derivative(city, structure, digital):
    if city.advantage(structure, digital) < 0.01:
        return
    ahead, behind = (city.gini(structure + sign * STEP, digital) for sign in (1, -1))
    found = (ahead - behind) / (2 * STEP)
    assert city.marginal_effect(structure, digital) == pytest.approx(found, abs=TRUNCATION)


@settings(max_examples=100)
@given(cities, st.floats(0, 1), st.floats(0.01, 1))
def test_upgrading_widens_below_the_turning_structure_and_narrows_above(city, digital, distance):
    turn = city.turning_structure(digital)
    assert city.marginal_effect(turn - distance, digital) > 0 > city.marginal_effect(turn + distance, digital)
    assert city.diffusion(turn, digital) == pytest.approx(1)


@given(cities, st.floats(0, 0.9))
def test_digital_reach_brings_the_turn_forward(city, digital):
    assert city.turning_structure(digital + 0.1) < city.turning_structure(digital)


@pytest.mark.parametrize("change", [{"core": 0.0}, {"core": 1.2}, {"gain": 0.0}, {"reach": -1.0}])
def test_an_impossible_city_is_refused_by_name(change):
    with pytest.raises(ParameterError, match=next(iter(change))):
        GrowthPole(**change)

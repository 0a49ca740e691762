"""Regimes, turning point and its shift against grids and finite differences of misallocation itself."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from digital_clusters.errors import ParameterError
from digital_clusters.theory.regions.linked_industries import LinkedIndustries

STEP = 1e-5
TRUNCATION = 1e-5
"""Relative and absolute: differences of a root known to 1e-13 over STEP, and truncation."""

GRID = np.linspace(0, 1, 4001)

economies = st.builds(
    LinkedIndustries,
    elasticity=st.floats(1.5, 7),
    barrier=st.floats(0, 0.6),
    relief=st.floats(0, 0.6),
    linkage=st.floats(0, 0.06),
    congestion=st.floats(0, 0.15),
    digital_reach=st.floats(0, 0.6),
    digital_space=st.floats(0, 1),
    opening=st.floats(0, 0.6),
    diffusion=st.floats(0, 0.6),
)
shares = st.floats(0, 1)

turning = st.builds(
    LinkedIndustries,
    elasticity=st.floats(5, 7),
    barrier=st.floats(0.2, 0.3),
    relief=st.floats(0.4, 0.6),
    linkage=st.floats(0, 0.005),
    congestion=st.floats(0.12, 0.15),
    digital_reach=st.floats(0, 0.4),
    digital_space=st.floats(0, 0.4),
    opening=st.floats(0, 0.3),
    diffusion=st.floats(0, 0.6),
)
"""Economies whose correction is an inverted U at every level of digital technology and integration."""


@settings(max_examples=100)
@given(economies, shares, shares)
def test_the_regime_is_the_shape_seen_on_a_grid(economy, digital, integration):
    first, last = economy.first_step(digital, integration), economy.last_wedge(digital, integration)
    assume(abs(first) > 1e-3 and abs(last) > 6e-3)
    size = economy.misallocation(GRID, digital, integration)
    peak = int(np.argmin(size))
    rises_to_a_peak = 0 < peak < len(GRID) - 1 and (np.diff(size[: peak + 1])[:-1] < 0).all()
    falls_after = (np.diff(size[peak:])[1:] > 0).all()
    regime = economy.regime(digital, integration)
    assert (regime == "inverted U") == bool(rises_to_a_peak and falls_after)
    assert (regime == "still correcting") == bool((np.diff(size) < 0).all())
    assert (regime == "worsens first") == bool(size[1] > size[0])


@settings(max_examples=100)
@given(economies, shares, shares)
def test_the_correction_peaks_at_the_turning_point(economy, digital, integration):
    turn = economy.turning_point(digital, integration)
    if economy.regime(digital, integration) != "inverted U":
        assert np.isnan(turn)
        return
    assert economy.misallocation(turn, digital, integration) == pytest.approx(0, abs=1e-12)
    assert economy.misallocation(GRID, digital, integration).min() >= 0


@settings(max_examples=100)
@given(turning, st.floats(0.1, 0.9), shares)
def test_the_digital_shift_is_the_derivative_of_the_turning_point(economy, digital, integration):
    turns = [economy.turning_point(digital + sign * STEP, integration) for sign in (1, -1)]
    found = (turns[0] - turns[1]) / (2 * STEP)
    shift = economy.digital_shift(digital, integration)
    assert shift == pytest.approx(found, rel=TRUNCATION, abs=TRUNCATION)
    turn = economy.turning_point(digital, integration)
    entry = float(economy.entry_cost(turn, digital, integration))
    room = (economy.elasticity - 1) * economy.congestion * economy.digital_space * turn**2 * np.exp(entry)
    lowered = economy.digital_reach * entry / (1 - economy.digital_reach * digital)
    if abs(room - lowered) > TRUNCATION:
        assert (found > 0) == (room > lowered)


@settings(max_examples=100)
@given(turning, st.floats(0.05, 1))
def test_a_later_turn_means_a_weaker_correction_at_the_old_peak(economy, digital):
    before, after = economy.turning_point(0.0), economy.turning_point(digital)
    assume(after > before + 1e-9)
    correction = [
        economy.misallocation(0.0, level) - economy.misallocation(before, level) for level in (0.0, digital)
    ]
    assert correction[1] < correction[0]


@given(economies, st.floats(0, 0.99))
def test_integration_strengthens_the_first_step_when_the_condition_says_so(economy, integration):
    assume(economy.barrier * economy.relief > 0.01)
    change = economy.first_step(0.0, integration + STEP) - economy.first_step(0.0, integration - STEP)
    margin = economy.diffusion * (1 - 2 * economy.opening * integration) - economy.opening
    assume(abs(margin) > 1e-4)
    assert economy.integration_strengthens(integration) == (change < 0)


def test_without_a_barrier_co_agglomeration_has_nothing_to_correct():
    economy = LinkedIndustries(barrier=0.0)
    assert economy.misallocation(0.0) == 0
    assert economy.regime() == "worsens first"


def test_without_congestion_there_is_no_turn():
    assert LinkedIndustries(congestion=0.0).regime() == "still correcting"


@pytest.mark.parametrize("space", [0.0, 0.5])
def test_digital_technology_moves_the_turn_by_hand(space):
    """With no linkage, half the barrier relieved and σ = 2: 0.2 (1 − c/2) = −ln(1 − 0.4 c²)."""
    economy = LinkedIndustries(2.0, 0.2, 0.5, 0.0, 0.4, 0.5, space, 0.0, 0.0)
    turn = economy.turning_point()
    assert 0.2 * (1 - turn / 2) == pytest.approx(-np.log(1 - 0.4 * turn**2), abs=1e-12)
    assert (economy.digital_shift() > 0) == (space > 0)


@pytest.mark.parametrize(
    "change",
    [
        {"elasticity": 1.0},
        {"barrier": -0.1},
        {"relief": 1.2},
        {"digital_space": -0.5},
        {"congestion": 0.5},
        {"diffusion": 0.9},
    ],
)
def test_an_impossible_economy_is_refused_by_name(change):
    with pytest.raises(ParameterError, match=next(iter(change))):
        LinkedIndustries(**change)

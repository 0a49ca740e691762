"""Solved allocations against closed-form wedges, a maximum found by search, and the returns they equalise."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from digital_clusters.errors import ParameterError
from digital_clusters.theory.regions.footloose_entrepreneurs import FootlooseEntrepreneurs
from digital_clusters.theory.regions.linked_industries import LinkedIndustries
from digital_clusters.theory.regions.linked_regions import LinkedRegions, effects

SOLVED = 1e-8
"""Returns are equalised to 1e-9."""

SEARCHED = 1e-6
"""A maximum is flat: its place is known to the square root of the error of its height."""

FORCES = LinkedIndustries()
PAIR = LinkedRegions(FORCES, 0.4, 0.05, advantage=0.5)
RING = LinkedRegions(FORCES, 0.4, 0.05, (1.0, 0.0, 0.0, 0.0, 0.0, 0.0), 0.5)

levels = st.floats(0, 1)


@settings(max_examples=30)
@given(levels, levels, levels)
def test_two_regions_have_the_misallocation_of_the_closed_form(c, digital, integration):
    (found,) = PAIR.path([c], digital, integration)
    assert found.misallocation == pytest.approx(FORCES.misallocation(c, digital, integration), abs=SOLVED)
    assert found.shares @ found.wedges == pytest.approx(0, abs=SOLVED)
    assert found.shares.sum() == pytest.approx(1) and found.efficient.sum() == pytest.approx(1)


@pytest.mark.parametrize("digital", [0.0, 0.5, 1.0])
def test_the_core_has_too_little_before_the_turn_too_much_after_and_just_enough_at_it(digital):
    turn = FORCES.turning_point(digital)
    before, at, after = PAIR.path([turn - 0.05, turn, turn + 0.05], digital)
    assert before.excess[0] < -1e-3 and after.excess[0] > 1e-3
    assert at.shares == pytest.approx(at.efficient, abs=SOLVED)


def test_with_free_trade_the_efficient_allocation_is_the_cheapest_basket():
    """Where trade is free, real income is highest where Σ a_i h_i is, the same price index for all."""
    economy = replace(PAIR, freeness=1.0, advantage=0.1)
    (found,) = economy.path([1.0])
    power = (FORCES.elasticity - 1) * float(FORCES.externality(1.0, 0.0))

    def cost(h: float) -> float:
        return -(h * np.exp(economy.advantage) * (2 * h) ** power + 1 - h)

    best = minimize_scalar(cost, bounds=(0.01, 0.99), method="bounded", options={"xatol": 1e-9})
    assert found.efficient[0] == pytest.approx(best.x, abs=SEARCHED)


def test_equilibrium_equalises_returns_net_of_entry():
    (found,) = RING.path([0.6], 0.5)
    eta = float(FORCES.externality(0.6, 0.5))
    freeness = RING.freeness ** (RING.steps * FORCES.open_share(0.5, 0.0))
    productivity = np.ones(6)
    productivity[0] = np.exp(0.5) * (6 * found.shares[0]) ** (4 * eta)
    utility = FootlooseEntrepreneurs(5.0, 0.4).utilities(found.shares, freeness, productivity)
    net = np.log(utility) - np.eye(6)[0] * FORCES.entry_cost(0.6, 0.5, 0.0)
    assert np.ptp(net) < SOLVED


def test_without_barrier_and_congestion_nothing_is_misallocated():
    forces = LinkedIndustries(barrier=0.0, linkage=0.0, congestion=0.0)
    (found,) = replace(RING, forces=forces).path([0.7])
    assert found.misallocation == pytest.approx(0, abs=SOLVED)
    assert found.excess == pytest.approx(np.zeros(6), abs=SOLVED)


def test_neighbours_without_barriers_share_the_core_s_improvement_and_its_loss():
    c = np.linspace(0, 1, 101)
    local, neighbour = effects(RING.path(c), c)
    turn = FORCES.turning_point()
    before, after = (c > 0.1) & (c < turn - 0.02), c > turn + 0.02
    assert (local[before] < 0).all() and (neighbour[before] < 0).all()
    assert (local[after] > 0).all() and (neighbour[after] > 0).all()


def test_guarded_neighbours_lose_unless_services_reach_them():
    c = np.linspace(0.1, 0.3, 21)
    guarded = replace(RING, entry=(1.0, 0.5, 0.0, 0.0, 0.0, 0.5))
    within, beyond = (effects(replace(guarded, spillover=s).path(c), c) for s in (1.0, 0.0))
    assert (within[0] < 0).all() and (beyond[0] < 0).all()
    assert (within[1] < 0).all() and (beyond[1] > 0).all()


def test_opposite_regions_of_a_ring_are_three_steps_apart():
    assert RING.steps[0].tolist() == [0, 1, 2, 3, 2, 1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"freeness": 1.1}, "freeness"),
        ({"spillover": -0.1}, "spillover"),
        ({"entry": (1.0,)}, "two regions"),
        ({"entry": (1.0, -0.2)}, "negative"),
    ],
)
def test_an_impossible_economy_is_refused(change, words):
    with pytest.raises(ParameterError, match=words):
        replace(PAIR, **change)


def test_an_allocation_that_agglomeration_would_undo_is_not_reported():
    with pytest.raises(ParameterError, match="no stable allocation"):
        replace(RING, freeness=0.9).path([0.5])

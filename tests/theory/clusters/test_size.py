"""Firms and goods of a cluster: integrals, roots and the conditions under which they are finite."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from digital_clusters.errors import ParameterError
from digital_clusters.theory.clusters.division_of_labour import DivisionOfLabour
from digital_clusters.theory.clusters.size import ClusterSize

INTEGRATION = 1e-7
"""Relative tolerance of the numerical integral."""

ENTRY = 1e-9
"""Relative gap left in the entry condition by the root's tolerance."""

NO_ATTENTION = DivisionOfLabour(attention=0.0)

distances = st.floats(0.05, 2.0)


@settings(max_examples=40)
@given(st.floats(1e-9, 5), st.floats(0.1, 10), st.floats(0.2, 3))
def test_market_is_the_integral_over_the_disc(spatial, world, decay):
    cluster = ClusterSize(world=world, decay=decay)
    found, _ = quad(lambda r: 2 * math.pi * cluster.buyers * r * math.exp(-decay * spatial * r), 0, world)
    assert cluster.market(spatial) == pytest.approx(found, rel=INTEGRATION)


def test_market_at_zero_distance_is_the_whole_world():
    assert ClusterSize(world=3.0, buyers=2.0).market(0.0) == pytest.approx(18 * math.pi)
    assert math.isinf(ClusterSize(world=math.inf).market(0.0))
    assert ClusterSize(world=math.inf, buyers=1.0).market(0.5) == pytest.approx(8 * math.pi)


@settings(max_examples=60)
@given(distances, distances, st.floats(0, 5), st.floats(0.2, 3), st.floats(0.1, 4))
def test_no_further_firm_pays_its_way(spatial, psychological, rent, rent_elasticity, setup):
    cluster = ClusterSize(rent=rent, rent_elasticity=rent_elasticity, setup=setup)
    found = cluster.equilibrium(spatial, psychological)
    product = float(cluster.labour.product(found.depth, spatial, psychological))
    earned = cluster.market(spatial) * product ** (cluster.elasticity - 1) / cluster.elasticity
    spent = found.firms * (setup + rent * found.firms**rent_elasticity)
    assert spent == pytest.approx(earned, rel=ENTRY)
    assert found.goods * found.depth == pytest.approx(found.firms)


@settings(max_examples=60)
@given(distances, distances, st.floats(0.01, 1), st.floats(0, 1))
def test_less_distance_of_either_kind_makes_a_larger_cluster(spatial, psychological, closer, rent):
    cluster = ClusterSize(rent=rent)
    here = cluster.equilibrium(spatial, psychological).firms
    assert cluster.equilibrium(spatial * (1 - closer), psychological).firms > here
    assert cluster.equilibrium(spatial, psychological * (1 - closer)).firms > here


@pytest.mark.parametrize(
    ("changes", "place", "bounded"),
    [
        ({}, (0, 0), True),
        ({"world": math.inf}, (0.1, 0), True),
        ({"world": math.inf}, (0, 1), False),
        ({"world": math.inf, "rent": 1.0}, (0, 1), False),
        ({"labour": NO_ATTENTION}, (0, 1), True),
        ({"labour": NO_ATTENTION}, (0, 0), False),
        ({"labour": DivisionOfLabour(gain=0.05), "world": math.inf}, (0, 1), True),
    ],
)
def test_firms_are_finite_under_exactly_the_stated_condition(changes, place, bounded):
    cluster = ClusterSize(**changes)
    assert cluster.is_bounded(*place) is bounded
    assert math.isfinite(cluster.equilibrium(*place).firms) is bounded


@pytest.mark.parametrize("rent", [0.0, 0.01])
def test_in_an_infinite_world_firms_grow_beyond_any_bound_and_rent_only_slows_them(rent):
    cluster = ClusterSize(world=math.inf, rent=rent)
    firms = [cluster.equilibrium(d, 1.0).firms for d in 10.0 ** -np.arange(1, 8)]
    assert np.all(np.diff(firms) > 0) and firms[-1] > 1e6
    finite = [ClusterSize(rent=rent).equilibrium(d, 1.0).firms for d in (1e-6, 1e-7)]
    assert finite[0] == pytest.approx(finite[1], rel=1e-4)


@settings(max_examples=60)
@given(st.floats(0.2, 0.9), st.floats(1.5, 8), distances, st.floats(0.1, 0.9))
def test_goods_grow_with_depth_under_exactly_the_stated_condition(theta, sigma, psychological, closer):
    assume(abs(theta * (sigma - 1) - 1) > 1e-3)
    labour = DivisionOfLabour(gain_elasticity=theta, attention=0.0)
    assume(labour.optimum(1.0, psychological) > 1.01)
    cluster = ClusterSize(labour=labour, elasticity=sigma)
    far, near = (cluster.equilibrium(1.0, p).goods for p in (psychological, psychological * closer))
    assert (near > far) is cluster.goods_grow_with_depth()


def test_nobody_enters_where_cooperation_costs_more_than_it_brings():
    found = ClusterSize(labour=DivisionOfLabour(gain=0.05)).equilibrium(1, 1)
    assert (found.depth, found.firms, found.goods) == (1.0, 0.0, 0.0)


def test_goods_of_an_endless_cluster():
    assert math.isinf(ClusterSize(world=math.inf).equilibrium(0, 1).goods)
    assert math.isnan(ClusterSize(labour=NO_ATTENTION).equilibrium(0, 0).goods)


@pytest.mark.parametrize("change", [{"buyers": 0}, {"elasticity": 1.0}, {"rent": -1}, {"setup": 0}])
def test_an_impossible_cluster_is_refused_by_name(change):
    with pytest.raises(ParameterError, match=next(iter(change))):
        ClusterSize(**change)

"""External economies of number beside those of division: limits, the fixed point, its elasticity."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digital_clusters.errors import ParameterError
from digital_clusters.theory.clusters.marshall import MarshallianCluster, break_even
from digital_clusters.theory.clusters.size import ClusterSize

# A root found to 1e-13 in logarithms of firms, then raised to powers below ten.
ROOT = 1e-9

# A central difference with steps of 1e-5 in logarithms: error of order 1e-10 over rounding of 1e-11.
DIFFERENCE = 1e-6

distances = st.floats(0.2, 2.0)
externalities = st.floats(0.0, 0.12)


@given(distances, distances)
def test_without_the_term_it_is_the_plain_cluster(spatial, psychological):
    plain = ClusterSize()
    found = MarshallianCluster(plain, 0.0).equilibrium(spatial, psychological)
    assert found == plain.equilibrium(spatial, psychological)


@given(distances, distances, externalities)
def test_firms_that_enter_are_those_that_are_there(spatial, psychological, externality):
    model = MarshallianCluster(externality=externality)
    found = model.equilibrium(spatial, psychological)
    funds = model.cluster.market(spatial) * model.product(found.firms, spatial, psychological) ** 3 / 4
    assert found.firms == pytest.approx(funds, rel=ROOT)
    assert found.firms >= model.cluster.equilibrium(spatial, psychological).firms * (1 - ROOT)


@given(distances, st.floats(0.01, 0.12))
def test_elasticity_is_the_derivative(psychological, externality):
    model = MarshallianCluster(externality=externality)
    firms, step = model.equilibrium(1.0, psychological).firms, 1e-5
    up, down = (model.product(firms * math.exp(s), 1.0, psychological) for s in (step, -step))
    slope = (math.log(up) - math.log(down)) / (2 * step)
    assert model.product_elasticity(1.0, psychological) == pytest.approx(slope, rel=DIFFERENCE)


def test_more_buyers_raise_product_only_where_number_matters():
    small, large = ClusterSize(world=1.0), ClusterSize(world=6.0)
    for externality, raises in ((0.0, False), (0.05, True)):
        few, many = (
            model.product(model.equilibrium(1, 1).firms, 1, 1)
            for model in (MarshallianCluster(size, externality) for size in (small, large))
        )
        assert (many > few * (1 + ROOT)) == raises


def test_a_cluster_without_a_site_is_plain():
    nowhere = MarshallianCluster(externality=0.1, on_site=0.0)
    assert nowhere.equilibrium(1, 1) == ClusterSize().equilibrium(1, 1)
    assert nowhere.product_elasticity(1, 1) == 0


def test_economies_of_number_can_outrun_the_market():
    assert MarshallianCluster(externality=0.5).equilibrium(1, 1).firms == math.inf
    with pytest.raises(ParameterError, match="no elasticity"):
        MarshallianCluster(externality=0.5).product_elasticity(1, 1)


@pytest.mark.parametrize("psychological", [0.3, 1.0, 1.5])
def test_break_even_is_where_going_virtual_gains_nothing(psychological):
    at = break_even(ClusterSize(), psychological)
    for externality, gains in ((at * 0.98, True), (at * 1.02, False)):
        site = MarshallianCluster(externality=externality)
        there = site.product(site.equilibrium(1, psychological).firms, 1, psychological)
        anywhere = replace(site, on_site=0.0).product(1.0, 0.0, psychological)
        assert (anywhere > there) == gains


@pytest.mark.parametrize("change", [{"externality": -0.1}, {"externality": math.inf}, {"on_site": 1.5}])
def test_values_that_make_no_sense_are_refused(change):
    with pytest.raises(ParameterError):
        MarshallianCluster(**change)


@pytest.mark.parametrize(("size", "psychological"), [(ClusterSize(), 120.0), (ClusterSize(buyers=1e-6), 1.0)])
def test_break_even_is_undefined_where_no_site_is_shared(size, psychological):
    assert math.isnan(break_even(size, psychological))

"""What the abstracts of the two papers without tables claim is planted in the twin, with its size."""

import numpy as np
import pytest

from digital_clusters.sources.twin import misallocation, resilience
from digital_clusters.sources.twin.country import TwinCountry
from digital_clusters.sources.twin.streams import standardised
from digital_clusters.sources.twin.truth import project_truth

# Closed forms of float64 arithmetic.
EXACT = 1e-12


@pytest.fixture(scope="module")
def country():
    return TwinCountry(project_truth(), project_truth().seed)


def test_correction_is_an_inverted_u_that_turns_later_with_digital_technology():
    truth = project_truth()
    for digital in (0.0, 150.0, 300.0):
        top = misallocation.turning_point(digital, truth)
        grid = top + np.array([-0.4, -0.2, 0.0, 0.2, 0.4])
        q = misallocation.correction(grid, np.full(5, digital), truth)
        assert q.argmax() == 2
        np.testing.assert_allclose(q[[0, 1]], q[[4, 3]], atol=EXACT)
    assert misallocation.turning_point(300.0, truth) > misallocation.turning_point(0.0, truth)


def test_both_sides_of_the_turning_point_are_populated(country):
    from digital_clusters.sources.twin.industries import coagglomeration

    own = coagglomeration(country.employment)
    beyond = (own > misallocation.turning_point(country.panel["difi"], country.truth)).mean()
    assert 0.03 < beyond < 0.6


def test_wedges_fall_with_the_neighbours_correction_and_with_integration(country):
    truth, places = country.truth, country.places
    together = np.full(country.density.shape, 2.5)
    together[misallocation.nearest(places, 5)[0, 0]] = 2.65
    args = (country.panel["difi"], country.density, truth, 7)
    level = misallocation.wedges(places, np.full(country.density.shape, 2.5), *args)
    raised = misallocation.wedges(places, together, *args)
    assert (np.abs(raised["capital_wedge"][0]) < np.abs(level["capital_wedge"][0])).all()
    joined = places.assign(delta_council_year=2003)
    inside = misallocation.wedges(joined, together, *args)
    row = misallocation.nearest(places, 5)[0, 0]
    assert (np.abs(inside["labour_wedge"][row]) <= np.abs(raised["labour_wedge"][row])).all()


def test_storefront_density_softens_downturns_and_speeds_recovery():
    truth = project_truth()
    shape = (3, len(truth.country.years))
    dense = np.array([-1.0, 0.0, 1.0])[:, None] * np.ones(shape)
    nothing = np.zeros(shape)
    gap = resilience.deviations(dense, nothing, nothing, truth)
    in_2009, in_2011 = 2009 - 2003, 2011 - 2003
    p = truth.resilience
    np.testing.assert_allclose(gap[:, in_2009], -p.downturns[2009] * (1 - p.direct * dense[:, 0]), atol=EXACT)
    closed = 1 - gap[:, in_2011] / gap[:, in_2009]
    assert (np.diff(closed) > 0).all()
    assert (gap[:, :in_2009] == 0).all()


def test_misallocation_deepens_and_demand_softens_downturns():
    truth = project_truth()
    shape = (1, len(truth.country.years))
    zero, one = np.zeros(shape), np.ones(shape)
    base = resilience.deviations(zero, zero, zero, truth)[0, 6]
    assert resilience.deviations(zero, one, zero, truth)[0, 6] < base
    assert resilience.deviations(zero, zero, one, truth)[0, 6] > base


def test_density_works_more_in_integrated_digital_and_agglomerated_cities_less_in_old_bases(country):
    truth, places, years = country.truth, country.places, country.truth.country.years
    ones = np.ones((len(places), len(years)))
    digital, manufacturing = country.panel["difi"], np.log(country.accounts["gdp"])
    weight = resilience.weighted_density(places, ones, digital, manufacturing, truth)
    p, t = truth.resilience, 12
    columns = [
        places["is_old_industrial_base"],
        standardised(digital)[:, t],
        misallocation.delta_member(places, years)[:, t],
        standardised(manufacturing)[:, t],
    ]
    x = np.column_stack([np.ones(len(places)), *columns]).astype(float)
    found = np.linalg.lstsq(x, weight[:, t], rcond=None)[0]
    np.testing.assert_allclose(found, [1, p.old, p.digital, p.integrated, p.geographic], atol=1e-9)
    assert p.old < 0 < min(p.digital, p.integrated, p.geographic)


def test_downturns_show_in_real_gdp_but_not_in_nominal(country):
    real = np.diff(np.log(country.output["gdp_real"]), axis=1).mean(axis=0)
    years = country.truth.country.years[1:]
    assert real[years == 2009] < real[years == 2008] - 0.02
    nominal = np.diff(np.log(country.accounts["gdp"]), axis=1).mean(axis=0)
    assert abs(nominal[years == 2009] - nominal[years == 2008]) < 0.02

"""What the abstracts of the two papers without tables claim is planted in the twin, with its size."""

import numpy as np
import pandas as pd
import pytest

from digital_clusters.sources.twin import digital, industries, misallocation, resilience
from digital_clusters.sources.twin.country import TwinCountry
from digital_clusters.sources.twin.streams import standardised
from digital_clusters.sources.twin.truth import project_truth

# Closed forms of float64 arithmetic.
EXACT = 1e-12
# The same after a linear solve in 290 unknowns or a root found by bisection.
SOLVED = 1e-9

SEED = 7


@pytest.fixture(scope="module")
def country():
    return TwinCountry(project_truth(), project_truth().seed)


def _sizes(wedges):
    return {name: np.log(np.abs(wedge)) for name, wedge in wedges.items()}


def test_correction_is_an_inverted_u_that_turns_later_with_internet_use():
    truth = project_truth()
    for users, member in ((0.0, False), (20.0, True), (45.0, False)):
        top = misallocation.planted_turning_point(users, member, truth)
        grid = top + np.array([-0.4, -0.2, 0.0, 0.2, 0.4])
        q = misallocation.planted_correction(grid, np.full(5, users), member, truth)
        assert q.argmax() == 2
        np.testing.assert_allclose(q[[0, 1]], q[[4, 3]], atol=EXACT)
    tops = [
        misallocation.planted_turning_point(*at, truth) for at in ((0.0, False), (45.0, False), (45.0, True))
    ]
    assert sorted(tops) == tops


def test_both_sides_of_the_turning_point_are_populated(country):
    own = industries.planted_coagglomeration(country.employment)
    beyond = (own > misallocation.planted_turning_point(country.internet, False, country.truth)).mean()
    assert 0.03 < beyond < 0.6


def test_a_change_of_one_citys_density_spreads_by_the_spatial_multiplier(country):
    truth, places = country.truth, country.places
    p = truth.misallocation
    arrays = (country.coagglomeration, country.internet)
    one = np.zeros(country.density.shape)
    one[0] = 1.0
    before = _sizes(misallocation.wedges(places, *arrays, np.zeros_like(one), truth, SEED))
    after = _sizes(misallocation.wedges(places, *arrays, one, truth, SEED))
    around = misallocation.mean_of(misallocation.nearest_cities(places, p.neighbours))
    for name in before:
        moved = after[name] - before[name]
        np.testing.assert_allclose(moved - p.spatial * around @ moved, -p.virtual * one, atol=SOLVED)


def test_membership_takes_off_what_is_planted_and_more_each_year(country):
    truth, places, years = country.truth, country.places, country.truth.country.years
    p = truth.misallocation
    flat = np.full(country.density.shape, p.centre)
    nothing = np.zeros_like(flat)
    never = places.assign(delta_council_year=pd.array([pd.NA] * len(places), dtype="Int64"))
    alone = never.assign(delta_council_year=never["delta_council_year"].where(never.index != 3, 2010))
    outside, inside = (
        _sizes(misallocation.wedges(frame, flat, nothing, nothing, truth, SEED))["labour_wedge"]
        for frame in (never, alone)
    )
    around = misallocation.mean_of(misallocation.nearest_cities(places, p.neighbours))
    moved = inside - outside
    planted = np.where(years >= 2010, p.member + p.member_growth * (years - 2010), 0.0)
    np.testing.assert_allclose((moved - p.spatial * around @ moved)[3], -planted, atol=SOLVED)


def test_wedges_can_be_measured_from_output_capital_and_employment(country):
    real, factors = country.output["gdp_real"], country.factors
    # where investment would be negative the stock is larger than intended
    free = factors["fixed_asset_investment"] > 0
    for name, factor in (("capital_wedge", "capital_stock"), ("labour_wedge", "employment")):
        share = factors[factor] / factors[factor].sum(axis=0)
        found = np.log(real / real.sum(axis=0) / share)
        off = np.abs(found - country.wedges[name])
        assert np.quantile(off[free], 0.95) < 0.01
    np.testing.assert_allclose(found, country.wedges["labour_wedge"], atol=SOLVED)


def test_density_moves_growth_by_the_planted_size(country):
    truth = country.truth
    shape = (4, len(truth.country.years))
    nothing = np.zeros(shape)

    def growth(**changes):
        arrays = dict.fromkeys(("weighted", "misallocation", "demand", "income", "hidden"), nothing) | changes
        return resilience.relative_growth(**arrays, truth=truth, seed=SEED)

    p, base = truth.resilience, growth()
    sizes = {
        "weighted": p.direct,
        "misallocation": -p.by_misallocation,
        "demand": p.by_demand,
        "income": -p.convergence,
        "hidden": p.enterprise,
    }
    for name, size in sizes.items():
        np.testing.assert_allclose(growth(**{name: nothing + 1}) - base, size, atol=EXACT)
    assert p.direct > 0 < p.by_misallocation and p.by_demand > 0 < p.demand_on_virtual


def test_cities_sum_to_the_countrys_growth_and_keep_their_distances(country):
    truth, real = country.truth, country.output["gdp_real"]
    total = real.sum(axis=0)
    planted = [truth.resilience.growth[int(year)] for year in truth.country.years[1:]]
    np.testing.assert_allclose(total[1:] / total[:-1] - 1, planted, atol=EXACT)
    own = np.random.default_rng(SEED).normal(size=(5, len(truth.country.years)))
    grown = resilience.real_gdp(np.ones(5), own, truth)
    relative = (grown[:, 1:] / grown[:, :-1] - 1) / planted
    np.testing.assert_allclose(relative - relative[0], own[:, 1:] - own[0, 1:], atol=SOLVED)


def test_density_works_more_in_integrated_digital_and_agglomerated_cities_less_in_old_bases(country):
    truth, places, years = country.truth, country.places, country.truth.country.years
    weight = resilience.strength(places, country.internet, country.manufacturing, truth)
    p, t = truth.resilience, 12
    columns = [
        places["is_old_industrial_base"],
        standardised(country.internet)[:, t],
        misallocation.delta_member(places, years)[:, t],
        standardised(country.manufacturing)[:, t],
    ]
    x = np.column_stack([np.ones(len(places)), *columns]).astype(float)
    found = np.linalg.lstsq(x, weight[:, t], rcond=None)[0]
    np.testing.assert_allclose(found, [1, p.old, p.digital, p.integrated, p.geographic], atol=SOLVED)
    assert p.old < 0 < min(p.digital, p.integrated, p.geographic)


def test_members_take_over_a_share_of_their_neighbours_lead(country):
    truth, places = country.truth, country.places
    shape = country.panel["difi"].shape
    around = misallocation.nearest_cities(places, 5)
    args = (country.panel["difi"],)
    outside, inside = (
        digital.internet_users(places, *args, np.full(shape, member), around, truth, SEED)
        for member in (False, True)
    )
    lead = outside[around].mean(axis=1)
    lead = lead - lead.mean(axis=0)
    moved = (inside - outside)[:, 1:]
    # users stay above the floor in later years, where the planted share is exact
    np.testing.assert_allclose(moved[:, 9:], truth.internet.diffusion * lead[:, 9:-1], atol=SOLVED)


def test_telephones_move_storefronts_and_not_growth(country):
    truth = country.truth
    fewer = truth.model_copy(
        update={"storefronts": truth.storefronts.model_copy(update={"per_telephone": 0.0})}
    )
    lines = np.log(digital.telephones(country.places, truth, country.seed))
    late = -1
    density = country.density[:, late] - TwinCountry(fewer, country.seed).density[:, late]
    assert np.corrcoef(lines, density)[0, 1] > 0.5
    zero = np.zeros(country.density.shape)
    made = [resilience.relative_growth(zero, zero, zero, zero, zero, t, country.seed) for t in (truth, fewer)]
    np.testing.assert_array_equal(*made)


def test_downturns_show_in_real_gdp_but_not_in_nominal(country):
    real = np.diff(np.log(country.output["gdp_real"]), axis=1).mean(axis=0)
    years = country.truth.country.years[1:]
    assert real[years == 2009] < real[years == 2007] - 0.02
    nominal = np.diff(np.log(country.accounts["gdp"]), axis=1).mean(axis=0)
    assert abs(nominal[years == 2009] - nominal[years == 2008]) < 0.02

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from digital_clusters.errors import DataError
from digital_clusters.measures.indicators.concentration import (
    density,
    ellison_glaeser,
    geographic_agglomeration,
    herfindahl,
    krugman_specialisation,
    location_quotient,
    normalised_herfindahl,
    pairwise_coagglomeration,
)

ROUNDING = 1e-9
"""Ratios of sums of a few dozen doubles, some of them a millionth of others."""
STANDARD_ERRORS = 4.5
"""A mean this far from its expectation has probability 7e-6; the seed is fixed."""

matrices = hnp.arrays(
    float, st.tuples(st.integers(2, 6), st.integers(2, 5)), elements=st.floats(0.01, 1e4, allow_nan=False)
)


def by_loops(e):
    """The formula as it is printed."""
    out = np.empty_like(e)
    for i in range(e.shape[0]):
        for j in range(e.shape[1]):
            out[i, j] = (e[i, j] / e[i].sum()) / (e[:, j].sum() / e.sum())
    return out


def test_location_quotient_of_the_printed_example(reference_case):
    case = reference_case("C1")
    # One city and one industry against the rest of both.
    e_ij, e_j, e_i, e = 1714, 79006, 879213, 15593224
    matrix = [[e_ij, e_i - e_ij], [e_j - e_ij, e - e_i - e_j + e_ij]]
    assert location_quotient(matrix)[0, 0] == pytest.approx(case["expected"]["LQ"], abs=case["tolerance"])


@given(matrices, st.floats(0.1, 10))
def test_location_quotient_averages_to_one_and_has_no_unit(e, scale):
    found = location_quotient(e)
    assert found == pytest.approx(by_loops(e), rel=ROUNDING)
    weights = e.sum(axis=1) / e.sum()
    assert weights @ found == pytest.approx(np.ones(e.shape[1]), rel=ROUNDING)
    shares = e.sum(axis=0) / e.sum()
    assert found @ shares == pytest.approx(np.ones(e.shape[0]), rel=ROUNDING)
    assert location_quotient(scale * e) == pytest.approx(found, rel=ROUNDING)


def test_every_year_is_a_country_of_its_own():
    years = np.random.default_rng(1).gamma(2.0, size=(3, 5, 4))
    found = location_quotient(years)
    for year in range(3):
        assert found[year] == pytest.approx(by_loops(years[year]), rel=ROUNDING)


def test_an_incomplete_city_has_no_quotient_and_is_not_in_the_country():
    e = np.array([[1.0, 2, 3], [4, 5, 6], [np.nan, 8, 9], [0, 0, 0]])
    found = location_quotient(e)
    assert np.isnan(found[2:]).all()
    assert found[:2] == pytest.approx(by_loops(e[:2]))
    nowhere = location_quotient([[1.0, 0], [2, 0]])
    assert nowhere[:, 0] == pytest.approx([1, 1]) and np.isnan(nowhere[:, 1]).all()


def test_herfindahl_closed_forms():
    assert herfindahl([0.25] * 4) == pytest.approx(0.25)
    assert herfindahl([[5, 0, 0], [1, 1, 2]]) == pytest.approx([1, 6 / 16])
    assert np.isnan(herfindahl([0, 0])) and np.isnan(herfindahl([1, np.nan]))
    with pytest.raises(DataError, match="negative"):
        herfindahl([1, -1])


def test_ellison_glaeser_of_the_printed_example(reference_case):
    case = reference_case("C2")
    regions = ["Wien"] * 5 + ["Linz"] * 4 + ["Graz"]
    plants = [200, 650, 12000, 100, 50, 16000, 13000, 1500, 1500, 25000]
    found = ellison_glaeser(plants, regions, {"Wien": 500000, "Linz": 400000, "Graz": 100000})
    for name, value in case["expected"].items():
        assert getattr(found, name) == pytest.approx(value, abs=case["tolerance"]), name
    assert (found.plants, found.regions) == (10, 3)


def test_ellison_glaeser_ends():
    together = ellison_glaeser([1, 1, 1, 1], list("aaaa"), {"a": 1, "b": 1})
    assert (together.gamma, together.G, together.H) == pytest.approx((1, 0.5, 0.25))
    apart = ellison_glaeser([1, 1], ["a", "b"], {"a": 1, "b": 1})
    assert apart.gamma == pytest.approx(-1)  # G = 0 and H = 1/2: -H / (1 - H)
    assert np.isnan(ellison_glaeser([3], ["a"], {"a": 1, "b": 1}).gamma)


def test_plants_thrown_at_random_are_not_concentrated():
    rng = np.random.default_rng(20)
    totals = pd.Series(rng.dirichlet(np.full(12, 2.0)), index=list("abcdefghijkl"))
    plants = rng.lognormal(0, 1.5, 40)
    draws = np.array(
        [
            ellison_glaeser(plants, rng.choice(totals.index, plants.size, p=totals), totals).gamma
            for _ in range(1500)
        ]
    )
    error = draws.std() / np.sqrt(draws.size)
    assert abs(draws.mean()) < STANDARD_ERRORS * error
    # Raw concentration alone would not pass: it is H (1 - Σx²) in expectation.
    assert herfindahl(plants) * (1 - (totals**2).sum()) > 20 * error


def test_ellison_glaeser_refuses_what_it_cannot_place():
    with pytest.raises(DataError, match="region 'c' has a plant and no total"):
        ellison_glaeser([1, 1], ["a", "c"], {"a": 1, "b": 1})
    with pytest.raises(DataError, match="at least two regions"):
        ellison_glaeser([1, 1], ["a", "a"], {"a": 1})
    with pytest.raises(DataError, match="one region"):
        ellison_glaeser([1, 1], ["a"], {"a": 1, "b": 1})
    with pytest.raises(DataError, match="missing or infinite"):
        ellison_glaeser([1, np.nan], ["a", "b"], {"a": 1, "b": 1})


@given(matrices)
def test_pairs_follow_the_printed_formula(e):
    x = e.sum(axis=1) / e.sum()
    found = pairwise_coagglomeration(e)
    s = e / e.sum(axis=0)
    expected = [
        [((s[:, i] - x) * (s[:, j] - x)).sum() / (1 - (x**2).sum()) for j in range(e.shape[1])]
        for i in range(e.shape[1])
    ]
    assert found == pytest.approx(np.array(expected), rel=1e-6, abs=ROUNDING)
    # Deviations weighted by the size of the industries vanish, for x is their mean.
    assert found @ e.sum(axis=0) == pytest.approx(np.zeros(e.shape[1]), abs=ROUNDING * e.sum() * 10)


def test_pairs_of_like_and_opposite_industries():
    found = pairwise_coagglomeration([[1, 1, 0], [0, 0, 1]], totals=[1, 1])
    assert found == pytest.approx(np.array([[1, 1, -1], [1, 1, -1], [-1, -1, 1]]))
    with pytest.raises(DataError, match="not \\(regions, industries\\)"):
        pairwise_coagglomeration([[1, 2], [3, 4]], totals=[1, 2, 3])


def test_density_is_missing_without_area():
    assert density([10, 10, 10], [5, 0, np.nan]) == pytest.approx([2, np.nan, np.nan], nan_ok=True)


def test_agglomeration_of_cities_by_year():
    frame = pd.DataFrame(
        {
            "city": [1, 1, 2, 2, 1, 1, 2],
            "industry": list("CACACAC"),
            "year": [2010] * 4 + [2011] * 3,
            "employment": [3.0, 1, 1, 3, 2, 2, 5],
        }
    )
    found = geographic_agglomeration(frame)
    assert found[["city", "year"]].to_numpy().tolist() == [[1, 2010], [1, 2011], [2, 2010], [2, 2011]]
    assert found["location_quotient"].to_numpy() == pytest.approx([1.5, 1, 0.5, np.nan], nan_ok=True)
    assert found["herfindahl"].to_numpy() == pytest.approx([0.625, 0.5, 0.625, np.nan], nan_ok=True)


def test_normalised_herfindahl_runs_from_nothing_to_one_whatever_the_number():
    for n in (2, 5, 19):
        assert normalised_herfindahl(np.ones(n)) == pytest.approx(0, abs=1e-12)
        assert normalised_herfindahl(np.eye(n)[0]) == pytest.approx(1, rel=1e-12)
    assert normalised_herfindahl([3.0, 1.0]) == pytest.approx(0.25, rel=1e-12)  # (10/16 − 1/2) · 2
    assert np.isnan(normalised_herfindahl([4.0])) and np.isnan(normalised_herfindahl([0.0, 0.0]))
    table = np.array([[3.0, 1.0], [1.0, 1.0]])
    assert normalised_herfindahl(table, axis=0) == pytest.approx([0.25, 0.0], abs=1e-12)


def test_krugmans_index_is_a_sum_over_industries_against_the_rest():
    rng = np.random.default_rng(3)
    jobs = rng.uniform(0, 9, (2, 5, 4))
    found = krugman_specialisation(jobs)
    for t, city in np.ndindex(2, 5):
        rest = np.delete(jobs[t], city, axis=0).sum(axis=0)
        by_hand = sum(
            abs(jobs[t, city, j] / jobs[t, city].sum() - rest[j] / rest.sum()) for j in range(jobs.shape[2])
        )
        assert found[t, city] == pytest.approx(by_hand, rel=1e-12)
    assert krugman_specialisation(1000 * jobs) == pytest.approx(found, rel=1e-12)


def test_krugmans_index_of_like_and_of_unlike_cities_and_of_none():
    assert krugman_specialisation([[1, 2], [10, 20]]) == pytest.approx([0, 0], abs=1e-12)
    assert krugman_specialisation([[4, 0], [0, 1]]) == pytest.approx([2, 2], rel=1e-12)
    assert np.isnan(krugman_specialisation([[1, 2], [0, 0]])).all()  # no employment, and no rest
    with pytest.raises(DataError, match="negative"):
        krugman_specialisation([[1, -2], [1, 1]])

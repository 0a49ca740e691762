from typing import get_args

import numpy as np
import pandas as pd
import pytest

from digital_clusters.errors import DataError, MissingTableError, ParameterError
from digital_clusters.measures.indicators.virtual_agglomeration import (
    DEFAULT,
    Definition,
    virtual_agglomeration,
)
from digital_clusters.measures.space.proximity import distances

ROUNDING = 1e-9
"""A handful of sums and divisions of doubles."""
STANDARD_ERRORS = 4.5
"""A mean this far from its expectation has probability 7e-6; the seed is fixed."""

CITIES = pd.DataFrame({"city": [1, 2, 3], "lon": [110.0, 111.0, 113.0], "lat": [30.0, 30.0, 31.0]})
SHOPS = np.array([[[6, 2, 0], [1, 1, 0], [0, 0, 0]], [[9, 3, 0], [2, 2, 0], [4, 1, 0]]])
JOBS = np.array([[[10, 5, 5], [4, 4, 2], [6, 3, 1]]] * 2)
PEOPLE = np.array([[20.0, 10, 5], [21, 11, 6]])


def frames(shops=SHOPS):
    """Arrays of shape (years, cities, industries) as the two tables."""
    keys = pd.MultiIndex.from_product([[2010, 2011], [1, 2, 3], ["C", "F", "I"]])
    frame = keys.set_names(["year", "city", "industry"]).to_frame(index=False)
    frame = frame.assign(storefronts=shops.ravel().astype(float), employment=JOBS.ravel().astype(float))
    people = frame[["year", "city"]].drop_duplicates().assign(population=PEOPLE.ravel())
    return frame.sample(frac=1, random_state=0), people


def value(definition, shops=SHOPS, **options):
    """Values of shape (years, cities)."""
    frame, people = frames(shops)
    found = virtual_agglomeration(frame, definition, population=people, cities=CITIES, **options)
    assert found.columns.tolist() == ["city", "year", "value"]
    return found.pivot(index="year", columns="city", values="value").to_numpy()


def test_location_quotient_and_its_mean():
    found, jobs = value("location_quotient"), JOBS.sum(axis=2)
    shops = SHOPS.sum(axis=2)
    expected = (shops / jobs) / (shops.sum(axis=1) / jobs.sum(axis=1))[:, None]
    assert found == pytest.approx(expected)
    assert (found * jobs).sum(axis=1) == pytest.approx(jobs.sum(axis=1))


def test_density_is_the_default_and_needs_population():
    frame, people = frames()
    assert DEFAULT == "density"
    assert value("density") == pytest.approx(np.log((SHOPS.sum(axis=2) + 1) / PEOPLE))
    assert virtual_agglomeration(frame, population=people)["value"].iloc[4] == pytest.approx(np.log(1 / 5))
    with pytest.raises(MissingTableError, match="pass population="):
        virtual_agglomeration(frame)


def test_specialisation_is_one_plus_the_squared_distance_from_the_country():
    found = value("specialisation")
    for t in range(2):
        country = SHOPS[t].sum(axis=0) / SHOPS[t].sum()
        for i in range(3):
            if SHOPS[t, i].sum() == 0:
                assert np.isnan(found[t, i])
                continue
            share = SHOPS[t, i] / SHOPS[t, i].sum()
            there = country > 0
            distance = ((share - country)[there] ** 2 / country[there]).sum()
            assert found[t, i] == pytest.approx(1 + distance)


def test_specialisation_of_a_copy_of_the_country_is_one_whatever_its_size():
    shops = np.array([[[4, 2, 2], [8, 4, 4], [40, 20, 20]]] * 2)
    assert value("specialisation", shops) == pytest.approx(np.ones((2, 3)))


def test_few_storefronts_look_specialised_by_chance():
    rng, shares, shops = np.random.default_rng(6), np.array([0.5, 0.3, 0.2]), 5
    small = rng.multinomial(shops, shares, size=3000)
    counts = np.vstack([1e9 * shares, small])  # the first city is nearly the country
    keys = pd.MultiIndex.from_product([range(len(counts)), list("CFI")], names=["city", "industry"])
    frame = keys.to_frame(index=False).assign(year=2010, storefronts=counts.ravel())
    found = virtual_agglomeration(frame, "specialisation")["value"].to_numpy()[1:]
    error = found.std() / np.sqrt(found.size)
    assert abs(found.mean() - (1 + 2 / shops)) < STANDARD_ERRORS * error


def test_exposure_by_loops():
    distance, shops = distances(CITIES["lon"], CITIES["lat"]), SHOPS.sum(axis=2)
    for delta in (0.5, 2.0):
        found = value("exposure", attenuation=delta)
        for t in range(2):
            for i in range(3):
                others = sum(shops[t, k] * np.exp(-delta * distance[i, k] / 100) for k in range(3) if k != i)
                assert found[t, i] == pytest.approx(np.log(shops[t, i] + others))


def test_exposure_ends_at_the_country_and_at_the_city():
    shops = SHOPS.sum(axis=2)
    assert value("exposure", attenuation=0.0) == pytest.approx(np.log(np.tile(shops.sum(axis=1)[:, None], 3)))
    alone = value("exposure", attenuation=1e3)
    assert alone[shops > 0] == pytest.approx(np.log(shops[shops > 0]))


def test_information_industry_needs_no_storefronts():
    frame, _ = frames()
    found = virtual_agglomeration(frame.drop(columns="storefronts"), "information_industry")
    expected = JOBS[0, :, 2] / JOBS[0].sum(axis=1) / (JOBS[0, :, 2].sum() / JOBS[0].sum())
    assert found.loc[found["year"] == 2010, "value"].to_numpy() == pytest.approx(expected)


def test_years_without_a_shop():
    none = np.zeros_like(SHOPS)
    for definition in ("location_quotient", "specialisation", "exposure"):
        assert np.isnan(value(definition, none)).all(), definition
    assert value("density", none) == pytest.approx(-np.log(PEOPLE))


def test_a_missing_count_leaves_its_city_out_and_changes_no_other_level():
    gap = SHOPS.astype(float)
    gap[0, 0, 1] = np.nan
    for definition in ("location_quotient", "density", "specialisation", "exposure"):
        assert np.isnan(value(definition, gap)[0, 0]), definition
    assert value("density", gap)[0, 1:] == pytest.approx(value("density")[0, 1:])
    without = (SHOPS[0, 1:].sum(axis=1) / JOBS[0, 1:].sum(axis=1)) / (SHOPS[0, 1:].sum() / JOBS[0, 1:].sum())
    assert value("location_quotient", gap)[0, 1:] == pytest.approx(without)


def test_only_density_is_free_of_the_country():
    more = SHOPS.copy()
    more[:, 0] *= 10
    for definition in set(get_args(Definition)) - {"information_industry"}:
        unchanged = np.allclose(
            value(definition, more)[1, 1:], value(definition)[1, 1:], rtol=ROUNDING, equal_nan=True
        )
        assert unchanged == (definition == "density"), definition


def test_wrong_requests_are_explained():
    frame, people = frames()
    with pytest.raises(ParameterError, match="location_quotient, density, specialisation"):
        virtual_agglomeration(frame, "gini", population=people)
    with pytest.raises(ParameterError, match="not negative"):
        virtual_agglomeration(frame, "exposure", cities=CITIES, attenuation=-1)
    with pytest.raises(MissingTableError, match="needs 'storefronts'"):
        virtual_agglomeration(frame.drop(columns="storefronts"), population=people)
    with pytest.raises(DataError, match="the first is 3"):
        virtual_agglomeration(frame, "exposure", cities=CITIES.iloc[:2])

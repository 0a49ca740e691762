"""GDP, residents and GDP per head of one city set against each other, with slips whose truth is known."""

import numpy as np
import pandas as pd
import pytest

from digital_clusters.sources.public import _of_the_city
from digital_clusters.sources.public.accounts import (
    BY_REGISTERED,
    FROM_PER_HEAD,
    IMPLIED_OFF,
    MARKED,
    OTHER_TERRITORY,
    RESIDENTS_REGISTERED,
    gdp_per_head,
    residents,
)
from digital_clusters.sources.public.clean import SET_MISSING
from digital_clusters.sources.refusals import Refusals

CITY, YEARS = 320100, np.arange(2008, 2018)
PLACE = 5
"""Of the year with the slip."""

GROWTH = 1.1 ** np.arange(len(YEARS))
EXACT = 1e-9
"""Relative rounding of a quotient."""


def city(population=800.0, registered=600.0, **columns) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "city": CITY,
            "year": YEARS,
            "gdp": 5_000 * GROWTH,
            "population": population,
            "registered": registered,
        }
        | columns
    )


def per_head(frame: pd.DataFrame, population: float = 800.0) -> np.ndarray:
    return (1e4 * frame["gdp"] / population).to_numpy(copy=True)


def published(frame: pd.DataFrame, values: np.ndarray) -> pd.DataFrame:
    return frame[["city", "year", "registered"]].assign(gdp_per_capita=values)


def made(frame: pd.DataFrame, panel: np.ndarray, statistics: np.ndarray) -> tuple[np.ndarray, pd.DataFrame]:
    log = Refusals()
    found = gdp_per_head(
        frame.drop(columns="registered"),
        published(frame, panel),
        published(frame, statistics).drop(columns="registered"),
        log,
    )
    return found.to_numpy(), log.frame()


@pytest.mark.parametrize("both", [False, True])
def test_gdp_over_the_registered_population_is_refused_in_either_publication(both):
    frame = city()
    right, slipped = per_head(frame), per_head(frame)
    slipped[PLACE] = 1e4 * frame["gdp"][PLACE] / (1.005 * 600)
    found, log = made(frame, slipped, slipped if both else right)
    np.testing.assert_allclose(found, right, rtol=EXACT)
    assert log["rule"].tolist() == [BY_REGISTERED] * (2 if both else 1)
    assert set(log["year"]) == {YEARS[PLACE]}


def test_as_many_residents_as_registered_refuse_nothing():
    frame = city(population=620.0)
    values = per_head(frame, 600.0)
    found, log = made(frame, values, values)
    np.testing.assert_allclose(found, values, rtol=EXACT)
    assert log.empty


def test_a_population_that_jumps_for_a_year_is_found_without_the_registered_one():
    frame = city(registered=np.nan)
    right, slipped = per_head(frame), per_head(frame)
    slipped[PLACE] *= 1.25
    found, log = made(frame, slipped, slipped)
    np.testing.assert_allclose(found, right, rtol=EXACT)
    assert log["rule"].tolist() == [IMPLIED_OFF] * 2


def test_residents_of_another_territory_do_not_judge_a_published_value():
    # GDP per head divides by 800, residents are counted within smaller limits: 500
    frame = city(population=500.0, registered=900.0)
    panel, statistics = per_head(frame), per_head(frame)
    panel[PLACE] = 1e4 * frame["gdp"][PLACE] / 900
    found, _ = made(frame, panel, statistics)
    np.testing.assert_allclose(found, per_head(frame), rtol=EXACT)
    log = Refusals()
    kept = residents(frame.assign(gdp_per_capita=found), frame, log)
    assert kept.isna().all() and set(log.frame()["rule"]) == {OTHER_TERRITORY}


def test_without_agreement_gdp_over_residents_judges():
    frame = city()
    found, log = made(frame, 2.0 * per_head(frame), 3.0 * per_head(frame))
    np.testing.assert_allclose(found, per_head(frame), rtol=EXACT)
    assert len(log) == 2 * len(YEARS)


def test_residents_equal_to_the_registered_population_are_replaced_by_what_gdp_per_head_implies():
    registered = np.full(len(YEARS), 600.0)
    population = np.where(YEARS < 2012, registered, 800.0)
    frame = city(population, registered).assign(gdp_per_capita=lambda f: 1e4 * f["gdp"] / 800)
    log = Refusals()
    np.testing.assert_allclose(residents(frame, frame, log), 800.0, rtol=EXACT)
    entries = log.frame()
    assert set(entries["rule"]) == {RESIDENTS_REGISTERED} and set(entries["action"]) == {FROM_PER_HEAD}
    assert entries["year"].tolist() == [2008, 2009, 2010, 2011]


def test_residents_equal_to_the_registered_population_stay_where_gdp_per_head_agrees():
    frame = city(600.0, 600.0).assign(gdp_per_capita=lambda f: 1e4 * f["gdp"] / 610)
    log = Refusals()
    np.testing.assert_array_equal(residents(frame, frame, log), 600.0)
    assert set(log.frame()["action"]) == {MARKED} and len(log.frame()) == len(YEARS)


def test_what_gdp_per_head_implies_is_not_taken_if_it_stands_out():
    population = np.full(len(YEARS), 800.0)
    population[PLACE] = 600.0
    values = 1e4 * 5_000 * GROWTH / 800
    values[PLACE] = 1e4 * 5_000 * GROWTH[PLACE] / 1_100
    frame = city(population, 600.0, gdp_per_capita=values)
    log = Refusals()
    kept = residents(frame, frame, log)
    assert np.flatnonzero(kept.isna()).tolist() == [PLACE]
    assert log.frame()["action"].tolist() == [SET_MISSING]


@pytest.mark.parametrize(
    ("column", "factor"), [("loans", 1.1e5), ("deposits", 1.1e5), ("retail_sales", 2.1), (None, 0.0)]
)
def test_a_row_with_the_figures_of_another_unit(column, factor):
    frame = city(loans=5e7, deposits=6e7, retail_sales=2e3, education_expenditure=1e6)
    if column:
        frame.loc[PLACE, column] = factor * frame["gdp"][PLACE]
    log = Refusals()
    kept = _of_the_city(frame, log)[["loans", "deposits", "retail_sales", "education_expenditure"]]
    gone = np.flatnonzero(kept.isna().all(axis=1)).tolist()
    assert gone == ([PLACE] if column else [])
    assert kept.drop(index=gone).notna().all(axis=None) and len(log.frame()) == 4 * len(gone)

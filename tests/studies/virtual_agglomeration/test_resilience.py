"""Resilience over a source's span: closed forms for three made-up cities."""

import numpy as np
import pandas as pd
import pytest

from digital_clusters.sources.tables import RawTables
from digital_clusters.studies.virtual_agglomeration.resilience import resilience_facts

GROWTH = [0.10, 0.05, 0.0, 0.08, 0.06]
"""Of the country, 2001–2005; the first city grows by half as much again, the second by half."""


def tables() -> RawTables:
    country = np.array(GROWTH)
    rows = []
    for city, factor in ((1, 1.5), (2, 0.5), (3, 1.0)):
        # three cities of equal size in the first year
        level = 100 * np.cumprod([1.0, *(1 + factor * country)])
        rows += [{"city": city, "year": 2000 + t, "gdp_real": y} for t, y in enumerate(level)]
    return RawTables("twin", {"city_year": lambda: pd.DataFrame(rows)})


def test_years_near_zero_growth_have_no_response_and_a_growth_gap():
    facts = resilience_facts(tables())
    assert facts.near_zero == [2003]
    assert (facts.n, facts.cities, len(facts.by_year)) == (3 * 4, 3, 5)
    stalled = facts.by_year[2]
    assert np.isnan(stalled["response_p50"])
    assert stalled["growth_gap_p50"] == pytest.approx(0.0)


def test_the_first_year_in_closed_form():
    first = resilience_facts(tables()).by_year[0]
    assert first["national_growth"] == pytest.approx(0.10)
    # responses are 0.5, −0.5 and 0: quantiles of three points lie on the lines between them
    assert [first[f"response_p{share}"] for share in (10, 50, 90)] == pytest.approx([-0.4, 0.0, 0.4])
    assert first["response_sd"] == pytest.approx(0.5)


def test_windows_follow_the_turning_points():
    facts = resilience_facts(tables())
    spans = [(w["phase"], w["start"], w["end"], w["complete"]) for w in facts.windows]
    assert spans == [
        ("slowdown", 2001, 2003, False),
        ("recovery", 2003, 2004, True),
        ("slowdown", 2004, 2005, False),
    ]
    assert all(w["cities"] == 3 for w in facts.windows)
    merged = resilience_facts(tables(), amplitude=0.03).windows
    assert [(w["start"], w["end"]) for w in merged] == [(2001, 2003), (2003, 2004)]

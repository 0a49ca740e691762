import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.measures.indicators.coagglomeration import (
    EMPTY,
    EXCESS,
    MISSING,
    NOWHERE,
    coagglomeration,
    coagglomeration_index,
    two_sector_coagglomeration,
)

ROUNDING = 1e-9
"""A handful of sums and divisions of doubles."""

quotients = st.floats(0, 50).map(lambda value: round(value, 9))


def tidy(table):
    """{(city, year): {industry: employment}} → a frame."""
    rows = [
        {"city": city, "year": year, "industry": code, "employment": value}
        for (city, year), jobs in table.items()
        for code, value in jobs.items()
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("m", "s", "expected"), [(1, 1, 3.0), (2, 2, 5.0), (1.5, 0.5, 2.5), (2, 0, 2.0), (0.5, 0.5, 2.0)]
)
def test_closed_forms(m, s, expected):
    assert coagglomeration_index(m, s) == pytest.approx(expected)
    assert coagglomeration_index(s, m) == pytest.approx(expected)


@given(quotients, quotients)
def test_bounds_and_what_evenness_adds(m, s):
    value = float(coagglomeration_index(m, s))
    if m + s == 0:
        assert np.isnan(value)
    else:
        assert m + s - ROUNDING <= value <= m + s + 1 + ROUNDING
        assert coagglomeration_index((m + s) / 2, (m + s) / 2) >= value - ROUNDING


def test_from_employment_by_hand():
    frame = tidy(
        {
            (1, 2010): {"A": 40, "C": 40, "G": 10, "I": 10},
            (2, 2010): {"A": 60, "C": 10, "G": 20, "I": 10},
        }
    )
    found = coagglomeration(frame, producer_services=("G", "I"))
    m, s = np.array([0.4 / 0.25, 0.1 / 0.25]), np.array([0.2 / 0.25, 0.3 / 0.25])
    assert found["lq_manufacturing"].to_numpy() == pytest.approx(m)
    assert found["lq_producer_services"].to_numpy() == pytest.approx(s)
    assert found["coagglomeration"].to_numpy() == pytest.approx(1 - abs(m - s) / (m + s) + m + s)
    assert (found["reason"] == "").all()


def test_the_country_is_weighted_by_employment():
    rng = np.random.default_rng(3)
    codes = list("ABCDEFGHIJKLMNOPQRS")
    frame = pd.MultiIndex.from_product([range(1, 8), codes, [2010, 2011]], names=["city", "industry", "year"])
    frame = frame.to_frame(index=False).assign(employment=lambda f: rng.gamma(2.0, size=len(f)))
    found = coagglomeration(frame).set_index(["city", "year"])
    weights = frame.groupby(["city", "year"])["employment"].sum()
    for column in ("lq_manufacturing", "lq_producer_services"):
        sums = (weights * found[column]).groupby("year").sum() / weights.groupby("year").sum()
        assert sums.to_numpy() == pytest.approx([1, 1], rel=ROUNDING)


def test_each_reason_is_given_and_an_incomplete_city_does_not_count():
    whole = {"A": 50, "C": 30, "G": 20}
    frame = tidy(
        {
            (1, 2010): whole,
            (2, 2010): whole,
            (3, 2010): {"A": np.nan, "C": 1000, "G": 10},
            (4, 2010): {"A": 80, "C": 0, "G": 0},
            (1, 2011): {"A": 1, "C": 0, "G": 3},
            (2, 2011): {"A": 1, "C": 0, "G": 1},
        }
    )
    found = coagglomeration(frame, producer_services=("G",)).set_index(["city", "year"])
    assert found["reason"].to_dict() == {
        (1, 2010): "",
        (2, 2010): "",
        (3, 2010): MISSING,
        (4, 2010): EMPTY,
        (1, 2011): NOWHERE,
        (2, 2011): NOWHERE,
    }
    assert found["coagglomeration"].isna().tolist() == (found["reason"] != "").tolist()
    # Employment of 100, 100 and 80 in the country: 60 of 280 in manufacturing.
    assert found.loc[(1, 2010), "lq_manufacturing"] == pytest.approx(0.3 / (60 / 280))


def test_groups_must_not_overlap_and_must_exist():
    frame = tidy({(1, 2010): {"A": 1, "C": 1, "G": 1}})
    with pytest.raises(ParameterError, match="C is in both"):
        coagglomeration(frame, ("C",), ("C", "G"))
    with pytest.raises(ParameterError, match="one is empty"):
        coagglomeration(frame, ("C",), ())
    with pytest.raises(DataError, match="no row of industry I, J, L, M"):
        coagglomeration(frame)


def test_two_sector_proxy():
    frame = pd.DataFrame(
        {
            "city": [1, 2, 3, 4],
            "year": 2010,
            "gdp": [100.0, 200, 100, 100],
            "value_added_secondary": [60.0, 60, 70, np.nan],
            "value_added_tertiary": [30.0, 120, 40, 50],
        }
    )
    found = two_sector_coagglomeration(frame)
    assert found["reason"].tolist() == ["", "", EXCESS, MISSING]
    assert found["lq_secondary"].to_numpy()[:2] == pytest.approx([0.6 / 0.4, 0.3 / 0.4])
    assert found["lq_tertiary"].to_numpy()[:2] == pytest.approx([0.3 / 0.5, 0.6 / 0.5])
    assert found["coagglomeration"].iloc[0] == pytest.approx(coagglomeration_index(1.5, 0.6))
    assert found["coagglomeration"].isna().tolist() == [False, False, True, True]


def test_two_sectors_that_make_up_all_of_gdp_are_let_through():
    frame = pd.DataFrame({"city": [1, 2], "year": 2010, "gdp": [0.3, 1.0]})
    frame = frame.assign(value_added_secondary=[0.1, 0.4], value_added_tertiary=[0.2, 0.5])
    assert (two_sector_coagglomeration(frame)["reason"] == "").all()  # 0.1 + 0.2 > 0.3 in doubles

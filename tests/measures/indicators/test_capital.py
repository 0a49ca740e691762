import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digital_clusters.errors import DataError, MissingTableError, ParameterError
from digital_clusters.measures.indicators.capital import (
    DEPRECIATION,
    cities_without_stock,
    perpetual_inventory,
)

ROUNDING = 1e-9
"""A recursion of at most twenty steps."""


def tidy(*flows, first_year=2003):
    """Investment of each city from the same first year."""
    parts = [
        pd.DataFrame(
            {"city": i + 1, "year": first_year + np.arange(len(flow)), "fixed_asset_investment": flow}
        )
        for i, flow in enumerate(flows)
    ]
    return pd.concat(parts, ignore_index=True)


@given(
    st.lists(st.lists(st.floats(1, 100), min_size=2, max_size=12), min_size=1, max_size=4),
    st.floats(0.02, 0.9),
)
def test_identity_holds_in_every_city_and_year(flows, depreciation):
    growth = [(f[min(5, len(f) - 1)] / f[0]) ** (1 / min(5, len(f) - 1)) - 1 for f in flows]
    frame = tidy(*flows)
    if min(growth) + depreciation <= 0:
        with pytest.raises(DataError, match="no steady state"):
            perpetual_inventory(frame, depreciation=depreciation)
        return
    found = perpetual_inventory(frame, depreciation=depreciation)
    before = found.groupby("city")["capital"].shift()
    gap = (found["capital"] - (1 - depreciation) * before - found["investment"]).dropna()
    assert gap.to_numpy() == pytest.approx(np.zeros(len(gap)), abs=ROUNDING * found["capital"].max())


@pytest.mark.parametrize("growth", [-0.05, 0.0, 0.12])
def test_steady_state_and_the_distance_from_it(growth):
    t = np.arange(15)
    flow = 7 * (1 + growth) ** t
    steady = flow * (1 + growth) / (DEPRECIATION + growth)
    opening = perpetual_inventory(tidy(flow))["capital"].to_numpy()
    assert opening == pytest.approx(steady, rel=ROUNDING)
    closing = perpetual_inventory(tidy(flow), initial="closing")["capital"].to_numpy()
    below = 7 * growth / (DEPRECIATION + growth) * (1 - DEPRECIATION) ** t
    assert closing == pytest.approx(steady - below, rel=ROUNDING)
    assert closing[0] == pytest.approx(7 / (DEPRECIATION + growth))


def test_growth_is_taken_over_the_first_years_only():
    flow = [10.0, 99, 10 * 1.1**2, 1, 1]
    found = perpetual_inventory(tidy(flow), growth_years=2, initial="closing")["capital"]
    assert found.iloc[0] == pytest.approx(10 / (DEPRECIATION + 0.1))


def test_deflated_nominal_investment_is_real_investment():
    prices = 1.05 ** np.arange(6)
    real = tidy(np.linspace(5, 9, 6))
    nominal = real.assign(fixed_asset_investment=real["fixed_asset_investment"] * prices, price=prices)
    found = perpetual_inventory(nominal, deflator="price")
    assert found["investment"].to_numpy() == pytest.approx(real["fixed_asset_investment"].to_numpy())
    assert found["capital"].to_numpy() == pytest.approx(perpetual_inventory(real)["capital"].to_numpy())


def test_years_before_the_first_and_after_the_last_value_are_left_out():
    frame = tidy([np.nan, 4.0, 5, 6, np.nan], [1.0, 2, 3, 4, 5])
    found = perpetual_inventory(frame.sample(frac=1, random_state=1))
    assert found.loc[found["city"] == 1, "year"].tolist() == [2004, 2005, 2006]
    alone = perpetual_inventory(frame[frame["city"] == 1])
    assert found.loc[found["city"] == 1, "capital"].tolist() == pytest.approx(alone["capital"].tolist())


REFUSED = [
    ([1.0, np.nan, 3], 2004, "no investment, with values before and after"),
    ([1.0, -2, 3], 2004, "investment is negative"),
    ([0.0, 2, 3], 2003, "no investment in a year that initial growth"),
    ([1.0, 2, 0], 2005, "no investment in a year that initial growth"),
    ([3.0], 2003, "the only year"),
    ([9.0, 3, 1], 2003, "investment falls by 66.7% a year in the 2 years from then on"),
]


@pytest.mark.parametrize(("flow", "year", "words"), REFUSED)
def test_what_has_no_stock_names_city_and_year(flow, year, words):
    with pytest.raises(
        DataError, match=f"1 cities have no capital stock, the first is city 2, {year}: {words}"
    ):
        perpetual_inventory(tidy([1.0, 2, 3], flow))


def test_refused_cities_are_listed_and_the_rest_have_stocks():
    good, none = [1.0, 2, 3], [np.nan] * 3
    frame = tidy(good, *(flow for flow, *_ in REFUSED), none)
    found = cities_without_stock(frame)
    assert found["city"].tolist() == [2, 3, 4, 5, 6, 7]
    assert found["year"].tolist() == [year for _, year, _ in REFUSED]
    stocks = perpetual_inventory(frame[~frame["city"].isin(found["city"])])
    assert stocks["city"].unique().tolist() == [1]


def test_wrong_requests_are_explained():
    frame = tidy([1.0, 2, 3])
    with pytest.raises(ParameterError, match="opening, closing"):
        perpetual_inventory(frame, initial="first")
    with pytest.raises(ParameterError, match="depreciation = 1"):
        perpetual_inventory(frame, depreciation=1)
    with pytest.raises(ParameterError, match="growth_years = 0"):
        perpetual_inventory(frame, growth_years=0)
    with pytest.raises(MissingTableError, match="'price'"):
        perpetual_inventory(frame, deflator="price")
    with pytest.raises(DataError, match="city 1, 2004: .*deflator missing or not positive"):
        perpetual_inventory(frame.assign(price=[1, 0, 1]), deflator="price")

import numpy as np
import pandas as pd
import pytest

from digital_clusters.errors import DataError
from digital_clusters.measures.indicators import internet_penetration, market_demand, market_potential
from digital_clusters.measures.proximity import distances

CITIES = pd.DataFrame({"city": [1, 2, 3], "lon": [110.0, 111.0, 113.0], "lat": [30.0, 30.0, 31.0]})


def table(**columns):
    return pd.DataFrame({"city": [1, 2, 3], "year": 2010, **columns})


def test_market_demand_and_its_units():
    frame = table(retail_sales=[40.0, 0, 30], gdp=[100.0, 50, np.nan], population=[20.0, 10, 15])
    found = market_demand(frame)
    assert found["log_retail_share"].to_numpy() == pytest.approx([np.log(0.4), np.nan, np.nan], nan_ok=True)
    # 4 billion yuan for 200,000 persons are 20,000 yuan each.
    assert found["log_retail_per_head"].to_numpy() == pytest.approx(
        np.log([20_000, np.nan, 20_000]), nan_ok=True
    )


def test_market_potential_by_loops():
    sales, distance = [40.0, 20, 30], distances(CITIES["lon"], CITIES["lat"])
    for own_km in (None, 25.0):
        found = market_potential(table(retail_sales=sales), CITIES, own_km=own_km)
        for i in range(3):
            others = [k for k in range(3) if k != i]
            inner = min(distance[i, k] for k in others) / 2 if own_km is None else own_km
            total = sales[i] / inner + sum(sales[k] / distance[i, k] for k in others)
            assert found["log_market_potential"].iloc[i] == pytest.approx(np.log(total))


def test_a_city_without_a_value_has_no_potential_and_adds_none():
    found = market_potential(table(retail_sales=[40.0, 20, np.nan]), CITIES)["log_market_potential"]
    zero = market_potential(table(retail_sales=[40.0, 20, 0]), CITIES)["log_market_potential"]
    assert np.isnan(found.iloc[2]) and found.iloc[:2].tolist() == pytest.approx(zero.iloc[:2].tolist())


def test_places_that_cannot_be_told_apart_are_refused():
    with pytest.raises(DataError, match="city 1 is at the same place"):
        market_potential(table(retail_sales=1.0), CITIES.assign(lon=110.0, lat=30.0))
    with pytest.raises(DataError, match="two cities or more"):
        market_potential(table(retail_sales=1.0).iloc[:1], CITIES)


def test_internet_users_per_hundred_residents():
    found = internet_penetration(table(internet_users=[5.0, 24, 1], population=[20.0, 20, 0]))
    assert found["internet_per_100"].to_numpy() == pytest.approx([25, 120, np.nan], nan_ok=True)

import numpy as np
import pandas as pd
import pytest

from digital_clusters.measures.indicators.demand import internet_penetration, market_demand


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


def test_internet_users_per_hundred_residents():
    found = internet_penetration(table(internet_users=[5.0, 24, 1], population=[20.0, 20, 0]))
    assert found["internet_per_100"].to_numpy() == pytest.approx([25, 120, np.nan], nan_ok=True)

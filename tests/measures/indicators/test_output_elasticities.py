import numpy as np
import pandas as pd
import pytest

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.measures.indicators.output_elasticities import output_elasticities

EXACT = 1e-8
"""Orthogonal projections against one regression with all dummies."""
STANDARD_ERRORS = 4.0
"""Distance of an estimate from its truth; the seed is fixed."""


def simulate(noise, *, cities=12, years=9, own=False, constant_returns=False, seed=5):
    """A panel of cities whose inputs follow their productivity, and the true elasticities."""
    rng = np.random.default_rng(seed)
    beta = np.where(own, rng.uniform(0.25, 0.6, cities), 0.4)
    gamma = 1 - beta if constant_returns else np.where(own, rng.uniform(0.2, 0.5, cities), 0.5)
    city, year = np.repeat(np.arange(cities), years), np.tile(np.arange(years), cities)
    level, common = rng.normal(0, 1, cities), np.cumsum(rng.normal(0.05, 0.05, years))
    k = level[city] + common[year] + rng.normal(0, 0.5, city.size)
    n = 0.5 * level[city] + rng.normal(0, 0.5, city.size)
    y = level[city] + common[year] + beta[city] * k + gamma[city] * n + noise * rng.normal(size=city.size)
    frame = pd.DataFrame({"city": city + 100, "year": year + 2003, "gdp_real": np.exp(y)})
    return frame.assign(capital_stock=np.exp(k), employment=np.exp(n)), beta, gamma


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("constant_returns", [False, True])
def test_exact_technology_is_recovered(own, constant_returns):
    frame, beta, gamma = simulate(0.0, own=own, constant_returns=constant_returns)
    slopes = "by_city" if own else "common"
    found = output_elasticities(frame, slopes=slopes, constant_returns=constant_returns)
    assert found.capital.to_numpy() == pytest.approx(beta, abs=EXACT)
    assert found.labour.to_numpy() == pytest.approx(gamma, abs=EXACT)
    assert found.residual_variance == pytest.approx(0, abs=EXACT)
    assert (found.n_observations, found.dropped, found.outside) == (len(frame), 0, ())


def dummy_regression(frame, slopes, effects):
    """Least squares with statsmodels and every dummy: residual variance, slopes of capital and labour."""
    import statsmodels.formula.api as smf

    logs = frame.assign(**{name: np.log(frame[name]) for name in ("gdp_real", "capital_stock", "employment")})
    intercept = {"none": "1", "city": "0 + C(city)", "two_way": "0 + C(city) + C(year)"}[effects]
    inputs = ("capital_stock", "employment")
    terms = inputs if slopes == "common" else [f"C(city):{name}" for name in inputs]
    fit = smf.ols(f"gdp_real ~ {intercept} + {' + '.join(terms)}", logs).fit()
    by_input = [fit.params[[name for name in fit.params.index if name.endswith(x)]] for x in inputs]
    return fit.mse_resid, *(x.to_numpy() for x in by_input)


@pytest.mark.parametrize(
    ("slopes", "effects"),
    [
        ("common", "none"),
        ("common", "city"),
        ("common", "two_way"),
        ("by_city", "city"),
        ("by_city", "two_way"),
    ],
)
def test_is_the_regression_with_all_dummies_on_an_unbalanced_panel(slopes, effects):
    frame, *_ = simulate(0.1, own=True)
    frame = frame.sample(frac=0.85, random_state=2)
    found = output_elasticities(frame, slopes=slopes, effects=effects)
    variance, capital, labour = dummy_regression(frame, slopes, effects)
    assert found.residual_variance == pytest.approx(variance, rel=EXACT)
    assert found.capital.to_numpy() == pytest.approx(np.broadcast_to(capital, 12), rel=EXACT)
    assert found.labour.to_numpy() == pytest.approx(np.broadcast_to(labour, 12), rel=EXACT)


def test_noisy_truth_is_within_its_error_and_pooling_is_not():
    frame, beta, gamma = simulate(0.1, cities=150, years=12)
    found = output_elasticities(frame)
    # Inputs vary by 0.5 within cities and years: standard error 0.1 / (0.5 √n).
    error = 0.1 / (0.5 * np.sqrt(len(frame)))
    assert abs(found.capital.iloc[0] - 0.4) < STANDARD_ERRORS * error
    assert abs(found.labour.iloc[0] - 0.5) < STANDARD_ERRORS * error
    pooled = output_elasticities(frame, effects="none")
    assert pooled.capital.iloc[0] - 0.4 > 10 * error  # inputs follow productivity


def test_a_city_with_too_few_years_has_none():
    frame, *_ = simulate(0.05, own=True)
    short = frame[(frame["city"] != 100) | (frame["year"] < 2006)]  # three years for three coefficients
    found = output_elasticities(short, slopes="by_city")
    assert np.isnan(found.capital[100]) and found.capital.notna().sum() == 11
    assert found.dropped == 3 and found.n_observations == len(short) - 3
    rest = output_elasticities(frame[frame["city"] != 100], slopes="by_city")
    assert found.capital.dropna().to_numpy() == pytest.approx(rest.capital.to_numpy(), rel=EXACT)


def test_impossible_estimates_are_listed():
    frame, *_ = simulate(0.0)
    frame["gdp_real"] = frame["capital_stock"] ** 1.2 * frame["employment"] ** 0.1
    found = output_elasticities(frame, slopes="by_city", effects="city")
    assert found.outside == tuple(range(100, 112))


def test_rows_without_a_logarithm_are_dropped_and_counted():
    frame, *_ = simulate(0.05)
    frame.loc[[0, 20], "employment"] = [0.0, np.nan]
    found = output_elasticities(frame)
    assert found.dropped == 2
    whole = output_elasticities(frame.drop([0, 20]))
    assert found.capital.to_numpy() == pytest.approx(whole.capital.to_numpy())


def test_what_is_not_identified_is_refused():
    frame, *_ = simulate(0.05)
    with pytest.raises(DataError, match="do not vary enough"):
        output_elasticities(frame.assign(employment=frame["capital_stock"] * 2))
    with pytest.raises(DataError, match="no city has enough years"):
        output_elasticities(frame[frame["year"] < 2005], slopes="by_city")
    with pytest.raises(DataError, match="no row has positive"):
        output_elasticities(frame.assign(employment=0.0))
    with pytest.raises(ParameterError, match="an intercept a city"):
        output_elasticities(frame, slopes="by_city", effects="none")
    with pytest.raises(ParameterError, match="common, by_city"):
        output_elasticities(frame, slopes="own")

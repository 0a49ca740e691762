import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects
from digital_clusters.estimators.panel.leads_and_lags import lead_lag_columns, lead_lag_effects
from digital_clusters.estimators.wald import wald_test

SAME = 1e-9  # relative; the same regression twice

EFFECTS = np.array([0.5, 0.3, 0.1])
"""Of this year's treatment and of the two before it."""


def distributed(rng, *, n_units=80, n_years=12, anticipation=0.0):
    paths = rng.normal(size=(n_units, n_years + 4))
    y = sum(effect * paths[:, 2 - lag : n_years + 2 - lag] for lag, effect in enumerate(EFFECTS))
    y = y + anticipation * paths[:, 3 : n_years + 3] + rng.normal(size=(n_units, 1))
    y = y + 0.1 * np.arange(n_years) + 0.5 * rng.normal(size=y.shape)
    entity, time = np.divmod(np.arange(n_units * n_years), n_years)
    d = paths[:, 2 : n_years + 2].ravel()
    return {"y": y.ravel(), "d": d, "entity": entity, "time": 2008 + time}


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000), leads=st.integers(0, 3), lags=st.integers(0, 3))
def test_columns_by_loops(seed, leads, lags):
    rng = np.random.default_rng(seed)
    entity, time = np.divmod(rng.permutation(40)[:28], 8)
    d, names = rng.normal(size=28), np.array(["u", "b", "z", "a", "k"])[entity]
    found = lead_lag_columns(d, entity=names, time=1990 + time, leads=leads, lags=lags)
    seen = {(name, year): value for name, year, value in zip(names, time, d, strict=True)}
    assert found.relative.tolist() == list(range(-leads, lags + 1))
    for j, shift in enumerate(found.relative):
        expected = [seen.get((name, year - shift), np.nan) for name, year in zip(names, time, strict=True)]
        assert found.columns[:, j] == pytest.approx(np.array(expected), nan_ok=True, abs=0)
    assert (found.complete == ~np.isnan(found.columns).any(axis=1)).all()


def test_the_planted_path_is_found():
    data = distributed(np.random.default_rng(1))
    found = lead_lag_effects(**data, leads=2, lags=3, name="v")
    assert found.estimate.terms == ("v, lead 2", "v, lead 1", "v", "v, lag 1", "v, lag 2", "v, lag 3")
    values, intervals = found.path(level=0.9999)
    truth = np.array([0, 0, *EFFECTS, 0])
    assert ((intervals[:, 0] < truth) & (truth < intervals[:, 1])).all()
    assert values == pytest.approx(truth, abs=0.1)  # standard errors are 0.02
    low, high = found.cumulative.interval(0.9999)[0]
    assert low < EFFECTS.sum() < high and found.cumulative.standard_errors[0] < 0.1
    assert found.leads_test.p_value > 0.001
    assert found.n_dropped == 80 * 5 and found.estimate.n_observations == 80 * 7


def test_it_is_the_library_on_shifted_columns():
    data = distributed(np.random.default_rng(2), n_units=20)
    x = np.random.default_rng(3).normal(size=240)
    found = lead_lag_effects(**data, x=x, leads=1, lags=1, name="v", controls=["x"])
    d, inner = data["d"].reshape(20, 12), slice(1, 11)
    columns = [d[:, 2:], d[:, inner], d[:, :10], x.reshape(20, 12)[:, inner]]
    rest = {name: data[name].reshape(20, 12)[:, inner].ravel() for name in ("y", "entity", "time")}
    expected = two_way_fixed_effects(
        x=np.column_stack([column.ravel() for column in columns]), terms=found.estimate.terms, **rest
    )
    assert found.estimate.coefficients == pytest.approx(expected.coefficients, rel=SAME)
    assert found.estimate.covariance == pytest.approx(expected.covariance, rel=SAME, abs=1e-12)
    assert found.leads_test == wald_test(found.estimate, ["v, lead 1"])
    both = found.estimate.covariance[1:3, 1:3]
    assert found.cumulative.standard_errors[0] == pytest.approx(np.sqrt(both.sum()), rel=SAME)
    assert found.cumulative.coefficients[0] == pytest.approx(found.estimate.coefficients[1:3].sum(), rel=SAME)
    assert found.cumulative.degrees_of_freedom == 19


def test_an_outcome_that_moves_first_is_noticed():
    found = lead_lag_effects(
        **distributed(np.random.default_rng(4), anticipation=0.2), leads=2, lags=2, name="v"
    )
    assert found.leads_test.p_value < 1e-6
    assert found.estimate["v, lead 1"][0] == pytest.approx(0.2, abs=0.1)
    assert found.estimate["v, lead 2"][0] == pytest.approx(0.0, abs=0.1)


def test_without_leads_there_is_nothing_to_test():
    found = lead_lag_effects(**distributed(np.random.default_rng(5)), leads=0, lags=0, name="v")
    assert found.leads_test is None and found.n_dropped == 0
    assert found.cumulative["v, sum of lags"] == pytest.approx(found.estimate["v"], rel=SAME)


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"leads": -1}, ParameterError, "leads = -1"),
        ({"leads": 8, "lags": 8}, DataError, "17 periods in a row"),
        ({"time": np.tile(np.arange(12) + 0.5, 80)}, DataError, "whole numbers"),
        ({"time": np.zeros(960)}, DataError, "more than one row"),
        ({"time": [2008]}, ParameterError, "lengths differ"),
        ({"x": [1.0, 2.0], "controls": ["x"]}, ParameterError, "x has 2 rows"),
        ({"errors": "HC1"}, ParameterError, "clustered"),
    ],
)
def test_refusals(changes, error, says):
    data = distributed(np.random.default_rng(0)) | {"leads": 1, "lags": 1, "name": "v"}
    with pytest.raises(error, match=says):
        lead_lag_effects(**data | changes)

"""Random effects against printed results of another program, another library, and their own limits."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from digital_clusters.errors import DataError
from digital_clusters.estimators.panel.random_effects import random_effects
from digital_clusters.estimators.spatial.model_tests import hausman

PRINTED = 1e-5
"""Relative: Croissant & Millo (2008), the vignette of the R package plm, prints six digits."""
ALGEBRA = 1e-8
"""The same sums in another order."""


@pytest.fixture(scope="module")
def firms():
    from statsmodels.datasets import grunfeld

    data = grunfeld.load_pandas().data
    return data[data["firm"] != "American Steel"]  # the ten firms that plm's data set has


def fitted(data, rows=slice(None)):
    data = data.iloc[rows]
    x = data[["value", "capital"]].to_numpy()
    return random_effects(data["invest"], x, entity=data["firm"].to_numpy(), terms=("value", "capital"))


def test_grunfelds_firms_come_out_as_printed(firms):
    found = fitted(firms)
    assert found.estimate.coefficients == pytest.approx([-57.834415, 0.109781, 0.308113], rel=PRINTED)
    assert found.estimate.standard_errors == pytest.approx([28.898935, 0.010493, 0.017180], rel=5e-5)
    assert found.variance == pytest.approx(2784.46, rel=PRINTED)
    assert found.unit_variance == pytest.approx(7089.80, rel=PRINTED)
    assert found.theta == pytest.approx(np.full(10, 0.8612), abs=5e-5)


def test_hausman_has_two_forms_on_grunfelds_firms(firms):
    """2.3304 is printed by phtest; variances of the likelihood, which divide by n T, give another number."""
    plm = fitted(firms).hausman()
    assert (plm.statistic, plm.df, plm.p_value) == (
        pytest.approx(2.3304, abs=5e-5),
        2,
        pytest.approx(0.3119, abs=5e-5),
    )
    keys = {
        "entity": firms["firm"].to_numpy(),
        "time": firms["year"].to_numpy(),
        "terms": ["value", "capital"],
    }
    ring = np.roll(np.eye(10), 1, axis=1)
    x = firms[["value", "capital"]].to_numpy()
    other = hausman(firms["invest"].to_numpy(), x, ring, **keys, model="none", effects="individual")
    assert other.statistic == pytest.approx(3.0340, abs=5e-5)


def test_unbalanced_firms_are_those_of_linearmodels(firms):
    from linearmodels import PanelOLS, RandomEffects

    rows = np.random.default_rng(0).random(len(firms)) < 0.8
    found, data = fitted(firms, rows), firms.iloc[rows].set_index(["firm", "year"])
    x = data[["value", "capital"]].assign(c=1.0)[["c", "value", "capital"]]
    theirs = RandomEffects(data["invest"], x).fit()
    assert found.variance == pytest.approx(theirs.variance_decomposition["Residual"], rel=ALGEBRA)
    assert found.unit_variance == pytest.approx(theirs.variance_decomposition["Effects"], rel=ALGEBRA)
    assert found.estimate.coefficients == pytest.approx(theirs.params.to_numpy(), rel=ALGEBRA)
    assert found.estimate.standard_errors == pytest.approx(theirs.std_errors.to_numpy(), rel=ALGEBRA)
    within = PanelOLS(data["invest"], x[["value", "capital"]], entity_effects=True).fit()
    assert found.fixed.standard_errors == pytest.approx(within.std_errors.to_numpy(), rel=ALGEBRA)


def test_without_unit_effects_it_is_pooled_least_squares():
    rng = np.random.default_rng(1)
    x, entity = rng.normal(size=(200, 1)), np.repeat(np.arange(20), 10)
    noise = rng.normal(size=200).reshape(20, 10)
    noise -= noise.mean(axis=1, keepdims=True)  # units are more alike than chance would have them
    y = 1 + 2 * x[:, 0] + noise.ravel()
    found = random_effects(y, x, entity=entity, terms=["x"])
    assert found.unit_variance == 0 and not found.theta.any()
    pooled = np.linalg.lstsq(np.column_stack([np.ones(200), x]), y)[0]
    assert found.estimate.coefficients == pytest.approx(pooled, rel=ALGEBRA)


def test_a_difference_that_is_no_covariance_is_said():
    """Each estimate has its own variance, so nothing keeps the difference positive."""
    rng = np.random.default_rng(2)
    entity, effects = np.repeat(np.arange(40), 4), np.repeat(rng.normal(size=40), 4)
    x = effects + 3 * rng.normal(size=160)
    y = 2 * x - 20 * effects + 0.1 * rng.normal(size=160)
    found = random_effects(y, x, entity=entity, terms=["x"])
    wider = replace(found, estimate=replace(found.estimate, covariance=found.estimate.covariance * 1e3))
    with pytest.raises(DataError, match="compare within and between"):
        wider.hausman()


def test_units_and_order_do_not_matter(firms):
    found, other = fitted(firms), fitted(firms.assign(invest=firms["invest"] * 1e6), slice(None, None, -1))
    assert other.estimate.coefficients == pytest.approx(1e6 * found.estimate.coefficients, rel=ALGEBRA)
    assert other.theta == pytest.approx(found.theta, rel=ALGEBRA)


@pytest.mark.parametrize(
    ("x", "entity", "says"),
    [
        (pd.Series([1.0, 1, 2, 2, 3, 3, 4, 4]), [1, 1, 2, 2, 3, 3, 4, 4], "does not vary"),
        (pd.Series([1.0, 2, 3, 4, 5, 7, 8, 1]), [1, 1, 1, 1, 2, 2, 2, 2], "2 units"),
    ],
)
def test_what_cannot_be_estimated_is_refused(x, entity, says):
    with pytest.raises(DataError, match=says):
        random_effects(np.arange(8.0), x, entity=entity, terms=["x"])

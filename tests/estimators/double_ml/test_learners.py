import sys

import numpy as np
import pytest
from sklearn.base import clone, is_regressor
from sklearn.ensemble import GradientBoostingRegressor
from xgboost import XGBRegressor

from digital_clusters.errors import ParameterError
from digital_clusters.estimators.double_ml.learners import (
    as_learner,
    learner_label,
    make_learner,
    sparse_if_mostly_zero,
)
from digital_clusters.estimators.options import Learner

SINGLE_PRECISION = 1e-5
"""Of the fitted values: XGBoost sums gradients in single precision, over one hundred trees."""

SPARSE = 1e-9  # a sparse matrix sums the same numbers in another order


@pytest.fixture(scope="module")
def dummies():
    rng = np.random.default_rng(0)
    x = np.hstack([rng.normal(size=(240, 2)), np.eye(30)[np.arange(240) % 30]])
    return x, x[:, 0] ** 2 + x[:, 5] + rng.normal(size=240)


@pytest.mark.parametrize("name", Learner.__args__)
def test_every_learner_is_cloneable_and_predicts_better_than_the_mean(name, dummies):
    x, y = dummies
    learner = clone(make_learner(name, 1))
    assert is_regressor(learner)
    assert np.mean((y - learner.fit(x, y).predict(x)) ** 2) < np.var(y)


@pytest.mark.parametrize("name", ["gradient_boosting", "xgboost", "random_forest", "lasso"])
def test_same_seed_same_predictions_on_one_thread(name, dummies):
    x, y = dummies
    first, second = (make_learner(name, 5).fit(x, y).predict(x) for _ in range(2))
    assert (first == second).all()
    jobs = [v for key, v in make_learner(name, 5).get_params().items() if key.split("__")[-1] == "n_jobs"]
    assert set(jobs) <= {1}


@pytest.mark.parametrize(
    ("name", "library"),
    [
        ("gradient_boosting", lambda: GradientBoostingRegressor(random_state=2)),
        ("xgboost", lambda: XGBRegressor(random_state=2)),
    ],
)
def test_boosting_has_library_defaults_and_sparse_input_changes_nothing(name, library, dummies):
    x, y = dummies
    plain = library().fit(x, y).predict(x)
    assert make_learner(name, 2).fit(x, y).predict(x) == pytest.approx(plain, abs=SPARSE)


def test_only_indicators_become_sparse(dummies):
    x, _ = dummies
    assert hasattr(sparse_if_mostly_zero(x), "tocsr")
    assert isinstance(sparse_if_mostly_zero(x[:, :2]), np.ndarray)


def test_unknown_learner_lists_the_known():
    with pytest.raises(ParameterError, match="gradient_boosting, xgboost, random_forest, lasso, linear"):
        make_learner("boosting", 1)


def test_xgboost_that_does_not_load_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "xgboost", None)
    with pytest.raises(ParameterError, match="brew install libomp"):
        make_learner("xgboost", 1)


def test_a_regressor_passes_through():
    regressor = GradientBoostingRegressor()
    assert as_learner(regressor, 1) is regressor
    assert learner_label(regressor) == "GradientBoostingRegressor"
    assert learner_label("lasso") == "lasso"


def test_the_fast_booster_grows_the_trees_of_scikit_learns():
    """Fitted values agree; elsewhere two splits that part the same rows can differ in their variable."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(400, 4))
    y = np.sin(2 * x[:, 0]) + x[:, 1] * (x[:, 2] > 0) + rng.normal(scale=0.3, size=400)
    names = ("gradient_boosting", "fast_gradient_boosting")
    slow, fast = (make_learner(name, seed=1).fit(x, y).predict(x) for name in names)
    np.testing.assert_allclose(fast, slow, atol=SINGLE_PRECISION)

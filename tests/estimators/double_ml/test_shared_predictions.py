"""Columns that several specifications have in common are learnt once, and nothing else is shared."""

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import LinearRegression

from digital_clusters.estimators.double_ml.cross_fitting import shared_predictions
from digital_clusters.estimators.double_ml.partially_linear import PANEL_APPROACHES, partial_out
from digital_clusters.estimators.resampling.simulated_panels import correlated_effects

APPROACHES = ["none", *PANEL_APPROACHES]
FOLDS = 5


class Counting(LinearRegression):
    """Counts how often it is asked to learn."""

    fits = 0

    def fit(self, x, y):
        type(self).fits += 1
        return super().fit(x, y)


@pytest.fixture(scope="module")
def draw():
    return correlated_effects(np.random.default_rng(2), n_units=20, n_years=5)


def residuals_of(draw, columns, learner, approach, *, x=None, outcome=None):
    d = np.hstack([draw.d, draw.d * draw.x[:, :1]])[:, :columns]
    keys = {"entity": draw.entity, "time": draw.time, "terms": ["d", "d:x"][:columns]}
    how = {"fixed_effects": approach, "learner": learner, "fold_unit": "clusters", "folds": FOLDS, "seed": 3}
    y = draw.y if outcome is None else outcome
    return partial_out(y, d, draw.x if x is None else x, **keys, **how)


@pytest.mark.parametrize("approach", APPROACHES)
def test_a_column_is_learnt_once_for_all_that_share_it(draw, approach):
    Counting.fits = 0
    with shared_predictions():
        residuals_of(draw, 1, Counting(), approach)
        assert Counting.fits == 2 * FOLDS
        residuals_of(draw, 2, Counting(), approach)
        assert Counting.fits == 3 * FOLDS
        with shared_predictions():
            residuals_of(draw, 2, Counting(), approach)
        assert Counting.fits == 3 * FOLDS
        residuals_of(draw, 1, Counting(), approach, x=draw.x[:, :1])
        assert Counting.fits == 5 * FOLDS
    residuals_of(draw, 2, Counting(), approach)
    assert Counting.fits == 8 * FOLDS


def test_approaches_do_not_share_with_each_other(draw):
    Counting.fits = 0
    with shared_predictions():
        for place, approach in enumerate(APPROACHES, start=1):
            residuals_of(draw, 1, Counting(), approach)
            assert Counting.fits == 2 * FOLDS * place


@pytest.mark.parametrize("approach", APPROACHES)
@pytest.mark.parametrize(
    "learner", [LinearRegression(), GradientBoostingRegressor(n_estimators=10, random_state=1)]
)
def test_shared_or_not_residuals_are_the_same_to_the_bit(draw, learner, approach):
    alone = residuals_of(draw, 2, learner, approach)
    with shared_predictions():
        residuals_of(draw, 1, learner, approach)
        # what was a treatment is an outcome here: panel models predict the two in different ways
        residuals_of(draw, 1, learner, approach, outcome=draw.d[:, 0] * draw.x[:, 0])
        shared = residuals_of(draw, 2, learner, approach)
    assert np.array_equal(alone.outcome, shared.outcome)
    assert np.array_equal(alone.treatments, shared.treatments)
    assert alone.nuisance == shared.nuisance

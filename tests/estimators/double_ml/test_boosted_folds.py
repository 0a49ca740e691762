"""Boosting of all folds at once: scikit-learn's trees where bins are exact; panel models of doubleml."""

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingRegressor

from digital_clusters.estimators.double_ml.boosted_folds import BinnedBoosting, cells_of, cuts
from digital_clusters.estimators.double_ml.cross_fitting import cross_fit_panel
from digital_clusters.estimators.double_ml.partially_linear import PANEL_APPROACHES, partially_linear
from digital_clusters.estimators.panel.demeaning import indicators
from digital_clusters.estimators.resampling.simulated_panels import correlated_effects

ROUNDING = 1e-9
"""The same sums in another order, on numbers of order one."""


class LinearFolds:
    """Least squares that predicts all folds of all targets, to compare the two ways."""

    def cross_predict(self, x, targets, fold_numbers):
        predicted = np.empty_like(targets)
        for fold in np.unique(fold_numbers):
            here = fold_numbers == fold
            columns = np.column_stack([np.ones(len(x)), x])
            found = np.linalg.lstsq(columns[~here], targets[~here], rcond=1e-10)[0]
            predicted[here] = columns[here] @ found
        return predicted


@pytest.fixture(scope="module")
def coarse():
    """Covariates of few values, with indicators, and two targets."""
    draw = correlated_effects(np.random.default_rng(4), n_units=20, n_years=6, n_covariates=3)
    x = np.hstack([np.round(2 * draw.x) / 2, indicators(draw.entity), indicators(draw.time)])
    return x, np.column_stack([draw.y, draw.d])


@pytest.mark.parametrize("depth", [1, 3, 4])
def test_rows_of_the_sample_are_predicted_as_scikit_learn_does(coarse, depth):
    """Two copies as two folds: each is learnt from the other, and none lies between two values."""
    x, targets = coarse
    learner = BinnedBoosting(rounds=30, depth=depth, bins=64)
    folds = np.repeat([0, 1], len(x))
    found = learner.cross_predict(np.vstack([x, x]), np.vstack([targets, targets]), folds)
    for place, target in enumerate(targets.T):
        library = GradientBoostingRegressor(n_estimators=30, max_depth=depth, random_state=0)
        expected = library.fit(x, target).predict(x)
        assert found[: len(x), place] == pytest.approx(expected, abs=ROUNDING)


def test_neither_the_order_of_rows_nor_other_targets_matter(coarse):
    x, targets = coarse
    rng = np.random.default_rng(1)
    folds, order = rng.integers(0, 3, len(x)), rng.permutation(len(x))
    learner = BinnedBoosting(rounds=20)
    found = learner.cross_predict(x, targets, folds)
    moved = learner.cross_predict(x[order], targets[order], folds[order])
    assert moved == pytest.approx(found[order], abs=ROUNDING)
    alone = learner.cross_predict(x, targets[:, 1:], folds)
    assert alone[:, 0] == pytest.approx(found[:, 1], abs=ROUNDING)


def test_held_out_targets_are_not_looked_at(coarse):
    x, targets = coarse
    folds = np.arange(len(x)) % 3
    changed = np.where((folds == 1)[:, None], targets + 100.0, targets)
    learner = BinnedBoosting(rounds=10)
    found, after = (learner.cross_predict(x, each, folds)[folds == 1] for each in (targets, changed))
    assert after == pytest.approx(found, abs=ROUNDING)


def test_a_constant_covariate_splits_nothing():
    x, targets, folds = np.ones((12, 1)), np.arange(12.0)[:, None], np.arange(12) % 2
    found = BinnedBoosting().cross_predict(x, targets, folds)[:, 0]
    assert found == pytest.approx(np.where(folds == 0, 6.0, 5.0), abs=ROUNDING)


def test_bins_hold_about_the_same_number_of_rows():
    column = np.random.default_rng(2).normal(size=640)
    counts = np.bincount(np.searchsorted(cuts(column, 32), column))
    assert counts.tolist() == [20] * 32
    cells = cells_of(np.column_stack([column, column > 0]), 32)
    assert cells.feature.tolist() == [0] * 32 + [1]
    assert cells.incidence().sum() == 640 + (column > 0).sum()


@pytest.mark.parametrize(
    "approach", ["none", "dummies", "mundlak", "within", "within_y_d", *PANEL_APPROACHES]
)
def test_a_learner_of_all_folds_goes_the_way_of_the_library(approach):
    draw = correlated_effects(np.random.default_rng(3), n_units=25, n_years=5, n_covariates=3)
    whole = {"fold_unit": "clusters", "errors": "clustered"} if approach != "dummies" else {}
    options = {"entity": draw.entity, "time": draw.time, "terms": ["d"], "fixed_effects": approach, "seed": 2}
    library, at_once = (
        partially_linear(draw.y, draw.d, draw.x, **options, **whole, learner=learner)
        for learner in ("linear", LinearFolds())
    )
    assert at_once.coefficients == pytest.approx(library.coefficients, abs=ROUNDING)
    assert at_once.covariance == pytest.approx(library.covariance, abs=ROUNDING)
    for name, fit in library.nuisance.items():
        assert at_once.nuisance[name] == pytest.approx(fit, abs=ROUNDING)


@pytest.mark.parametrize("approach", PANEL_APPROACHES.values())
def test_gaps_and_single_rows_are_dropped_as_the_library_does(approach):
    from sklearn.linear_model import LinearRegression

    draw = correlated_effects(np.random.default_rng(5), n_units=20, n_years=6, n_covariates=3)
    kept = np.random.default_rng(6).random(len(draw.y)) < 0.7
    kept &= (draw.entity != 3) | (draw.time == 2)
    kept |= (draw.entity == 3) & (draw.time == 2)
    entity, time = draw.entity[kept], draw.time[kept]
    codes = {"entity": np.unique(entity, return_inverse=True)[1], "time": time, "approach": approach}
    folds = (codes["entity"] % 4)[None]
    library, at_once = (
        cross_fit_panel(
            draw.y[kept], draw.d[kept], draw.x[kept], **codes, learner=learner, fold_numbers=folds
        )
        for learner in (LinearRegression(tol=1e-10), LinearFolds())
    )
    assert np.array_equal(at_once.entity, library.entity) and np.array_equal(at_once.time, library.time)
    assert at_once.outcome == pytest.approx(library.outcome, abs=ROUNDING)
    assert at_once.treatments == pytest.approx(library.treatments, abs=ROUNDING)

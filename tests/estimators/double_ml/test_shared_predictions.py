"""Columns that several specifications have in common are learnt once, and nothing else is shared."""

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import LinearRegression

from digital_clusters.estimators.double_ml import shared_predictions as module
from digital_clusters.estimators.double_ml.partially_linear import PANEL_APPROACHES, partial_out
from digital_clusters.estimators.double_ml.shared_predictions import shared_predictions
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


@pytest.mark.parametrize("approach", APPROACHES)
def test_in_a_folder_what_was_learnt_outlives_the_block(draw, approach, tmp_path):
    Counting.fits = 0
    with shared_predictions(tmp_path):
        first = residuals_of(draw, 1, Counting(), approach)
    with shared_predictions(tmp_path):
        again = residuals_of(draw, 1, Counting(), approach)
        assert Counting.fits == 2 * FOLDS
        residuals_of(draw, 2, Counting(), approach)
    assert Counting.fits == 3 * FOLDS
    assert np.array_equal(first.outcome, again.outcome)
    assert np.array_equal(first.treatments, again.treatments)
    residuals_of(draw, 1, Counting(), approach)
    assert Counting.fits == 5 * FOLDS


def test_a_block_in_a_block_with_a_folder_keeps_there(draw, tmp_path):
    Counting.fits = 0
    with shared_predictions(tmp_path), shared_predictions():
        residuals_of(draw, 1, Counting(), "none")
    with shared_predictions(), shared_predictions(tmp_path):
        residuals_of(draw, 1, Counting(), "none")
    assert Counting.fits == 2 * FOLDS


DAMAGES = {
    "empty": lambda text: "",
    "torn": lambda text: text[: len(text) // 2],
    "another shape": lambda text: text.replace('"shape": [100', '"shape": [200'),
    "a digit": lambda text: text[:-20] + ("A" if text[-20] != "A" else "B") + text[-19:],
    "a list": lambda text: "[]",
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_what_is_damaged_is_learnt_anew(draw, damage, tmp_path):
    with shared_predictions(tmp_path):
        sound = residuals_of(draw, 1, Counting(), "none")
    (folder,) = tmp_path.iterdir()
    texts = {file: file.read_text() for file in folder.iterdir()}
    for file, text in texts.items():
        assert damage(text) != text
        file.write_text(damage(text))
    Counting.fits = 0
    with shared_predictions(tmp_path):
        again = residuals_of(draw, 1, Counting(), "none")
    assert Counting.fits == 2 * FOLDS
    assert np.array_equal(again.outcome, sound.outcome)
    assert {file: file.read_text() for file in folder.iterdir()} == texts


def test_what_other_code_left_is_removed(draw, tmp_path):
    (tmp_path / "0123456789abcdef").mkdir()
    (tmp_path / "0123456789abcdef" / "left.json").write_text("{}")
    with shared_predictions(tmp_path):
        residuals_of(draw, 1, Counting(), "none")
    (folder,) = tmp_path.iterdir()
    assert len(list(folder.iterdir())) == 2


def test_a_folder_that_cannot_be_written_costs_nothing_but_the_time(draw, tmp_path):
    (tmp_path / "file").write_text("no folder")
    with shared_predictions(tmp_path / "file"):
        found = residuals_of(draw, 1, Counting(), "none")
    assert np.array_equal(found.outcome, residuals_of(draw, 1, Counting(), "none").outcome)


def test_after_an_edit_of_the_code_a_process_keeps_nothing_and_reads_what_its_own_text_learnt(
    draw, tmp_path, monkeypatch
):
    Counting.fits = 0
    with shared_predictions(tmp_path):
        residuals_of(draw, 1, Counting(), "none")
    kept = sorted(tmp_path.rglob("*.json"))
    monkeypatch.setattr(module, "_text", lambda: "edited")
    with shared_predictions(tmp_path):
        residuals_of(draw, 2, Counting(), "none")
    assert Counting.fits == 3 * FOLDS
    assert sorted(tmp_path.rglob("*.json")) == kept

"""Seconds of one partially linear estimate: ``doubleml`` as its manual shows it, and this package.

Run ``python benchmarks/double_ml.py``. The panel is made up, of the size of the study: 2,783 rows, six
controls and 264 indicators of cities and years. Runs are interleaved, so that a busy
machine slows all of them alike.
"""

import argparse
import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np
from timing import interleave

from digital_clusters.estimators.double_ml.folds import draw_folds, splits
from digital_clusters.estimators.double_ml.partially_linear import partially_linear
from digital_clusters.estimators.double_ml.shared_predictions import shared_predictions
from digital_clusters.estimators.panel.demeaning import indicators
from digital_clusters.estimators.resampling.simulated_panels import PanelDraw, correlated_effects

SEED = 1


def manual(draw: PanelDraw, numbers: np.ndarray, state: int = SEED) -> tuple[float, float]:
    """``DoubleMLPLR`` with scikit-learn's boosting on a dense matrix; ``state`` breaks ties of splits."""
    from doubleml import DoubleMLData, DoubleMLPLR
    from sklearn.ensemble import GradientBoostingRegressor

    x = np.hstack([draw.x, indicators(draw.entity), indicators(draw.time)])
    learner = GradientBoostingRegressor(random_state=state)
    data = DoubleMLData.from_arrays(x, draw.y, draw.d[:, 0])
    model = DoubleMLPLR(data, learner, learner, draw_sample_splitting=False)
    model.set_sample_splitting(splits(numbers))
    model.fit()
    return float(model.coef[0]), float(model.se[0])


def ours(draw: PanelDraw, numbers: np.ndarray, learner) -> tuple[float, float]:
    """:func:`partially_linear` on the same folds."""
    estimate = partially_linear(
        *draw[:3],
        entity=draw.entity,
        time=draw.time,
        terms=["d"],
        learner=learner,
        seed=SEED,
        fold_numbers=numbers,
    )
    return estimate["d"]


def columns(draw: PanelDraw, count: int, repeats: int) -> tuple[float, float]:
    """A model of each of ``count`` treatments on the same covariates and draws of folds: that of ``d``."""
    rng = np.random.default_rng(SEED)
    others = draw.d + rng.normal(size=(len(draw.d), count - 1))
    numbers = np.array([draw_folds(len(draw.y), 5, seed=SEED + number) for number in range(repeats)])
    with shared_predictions():
        found = [
            ours(draw._replace(d=column[:, None]), numbers, "fast_gradient_boosting")
            for column in np.hstack([draw.d, others]).T
        ]
    return found[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    draw = correlated_effects(np.random.default_rng(SEED), n_covariates=6)
    numbers = draw_folds(len(draw.y), 5, seed=SEED)
    tasks = {
        "doubleml, gradient boosting, dense": lambda: manual(draw, numbers),
        "this package, gradient boosting": lambda: ours(draw, numbers, "gradient_boosting"),
        "this package, xgboost matched": lambda: ours(draw, numbers, "fast_gradient_boosting"),
        "this package, xgboost defaults": lambda: ours(draw, numbers, "xgboost"),
    }
    print(f"{len(draw.y)} rows, 270 covariates, 5 folds, true coefficient {draw.theta}, {runs} runs")
    print(f"{'':38}{'seconds':>9}{'estimate':>10}{'s.e.':>8}")
    for name, (seconds, (coefficient, error)) in interleave(tasks, runs).items():
        print(f"{name:38}{seconds:9.2f}{coefficient:10.4f}{error:8.4f}")


if __name__ == "__main__":
    main()

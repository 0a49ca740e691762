"""How far ties between equal splits move an estimate by boosting on indicators, here and in scikit-learn.

Run ``python benchmarks/ties.py``; the record goes to ``data/results/ties.json``. In a small node many columns
cut off the same rows, and all these splits gain the same; rows that were held out then fall on either side.
XGBoost takes the first of such columns, scikit-learn one at random, which ``random_state`` draws. So single
runs on the same folds differ; what can be compared is the mean of this package's estimate over orders of its
columns and that of DoubleML over random states.
"""

import argparse
import os
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np
from double_ml import SEED, manual

from digital_clusters.analysis.frozen import freeze
from digital_clusters.estimators.double_ml.folds import draw_folds
from digital_clusters.estimators.double_ml.partially_linear import partially_linear
from digital_clusters.estimators.panel.demeaning import indicators
from digital_clusters.estimators.resampling.simulated_panels import PanelDraw, correlated_effects
from digital_clusters.pipeline.hashing.files import file_hash
from digital_clusters.pipeline.runs import git_commit
from digital_clusters.studies.trials.speed import TIES

HERE = Path(__file__).resolve().parent
INPUTS = ("double_ml.py", "ties.py")
LEARNER = "fast_gradient_boosting"


def with_columns(draw: PanelDraw, numbers: np.ndarray, order: np.ndarray) -> tuple[float, float]:
    """Coefficient and standard error of this package, covariates and indicators in this order."""
    x = np.hstack([draw.x, indicators(draw.entity), indicators(draw.time)])[:, order]
    keys = {"entity": draw.entity, "time": draw.time, "terms": ["d"], "fixed_effects": "none"}
    found = partially_linear(draw.y, draw.d, x, **keys, learner=LEARNER, seed=SEED, fold_numbers=numbers)
    return found["d"]


def compare(draws: int, orders: int, states: int) -> dict[str, float]:
    """Both on the same draws of the folds, in standard errors of the estimate.

    Returns
    -------
    dict
        ``draws``, ``orders``, ``states``; ``difference`` of the mean over states from the mean over orders,
        averaged over draws, and its Monte Carlo ``error``; ``own`` and ``rival``: standard deviation of a
        single run over orders and over states; ``first``: the package's own order less the mean over orders.
    """
    draw, rng = correlated_effects(np.random.default_rng(SEED), n_covariates=6), np.random.default_rng(SEED)
    columns = draw.x.shape[1] + len(np.unique(draw.entity)) + len(np.unique(draw.time))
    differences, first, spread = [], [], []
    for number in range(draws):
        numbers = draw_folds(len(draw.y), 5, seed=SEED + number)
        value, error = with_columns(draw, numbers, np.arange(columns))
        own = [with_columns(draw, numbers, rng.permutation(columns))[0] / error for _ in range(orders)]
        rival = [manual(draw, numbers, state)[0] / error for state in range(states)]
        differences.append(np.mean(rival) - np.mean(own))
        first.append(value / error - np.mean(own))
        spread.append((np.var(own, ddof=1), np.var(rival, ddof=1)))
    of_own, of_rival = np.mean(spread, axis=0)
    return {
        "draws": draws,
        "orders": orders,
        "states": states,
        "difference": float(np.mean(differences)),
        "error": float(np.sqrt((of_own / orders + of_rival / states) / draws)),
        "own": float(np.sqrt(of_own)),
        "rival": float(np.sqrt(of_rival)),
        "first": float(np.mean(first)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=4, help="of the folds")
    parser.add_argument("--orders", type=int, default=12, help="of the columns, this package")
    parser.add_argument("--states", type=int, default=6, help="random states of scikit-learn's trees")
    options = parser.parse_args()
    facts = compare(options.draws, options.orders, options.states)
    inputs = {f"benchmarks/{name}": file_hash(HERE / name) for name in INPUTS}
    print(freeze(TIES, {}, inputs, commit=git_commit(HERE.parent), facts=facts))


if __name__ == "__main__":
    main()

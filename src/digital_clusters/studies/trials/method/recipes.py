"""What is tried on each panel: the paper's recipe, and ways that absorb city effects."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from digital_clusters.estimators.double_ml.boosted_folds import BinnedBoosting
from digital_clusters.estimators.double_ml.partially_linear import partially_linear
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects
from digital_clusters.estimators.resampling.simulated_panels import PanelDraw

_WHOLE = {"fold_unit": "clusters", "errors": "clustered"}

CHANGES: Mapping[str, Mapping[str, Any]] = {
    "boosting on dummies (the recipe)": {},
    "boosting on dummies, folds of cities": _WHOLE,
    "boosting, Mundlak means": {"fixed_effects": "mundlak", **_WHOLE},
    "boosting, within": {"fixed_effects": "within", **_WHOLE},
    "boosting, y and d within": {"fixed_effects": "within_y_d", **_WHOLE},
    "boosting, first differences": {"fixed_effects": "first_differences", **_WHOLE},
    "boosting, within as approximation": {"fixed_effects": "within_approximate", **_WHOLE},
    "boosting, correlated random effects": {"fixed_effects": "correlated_random_effects", **_WHOLE},
}
"""Double machine learning with gradient boosting in bins and five folds: what each recipe changes."""

PRINTED: Mapping[str, Mapping[str, Any]] = {
    "boosting on dummies, every split": {"learner": "fast_gradient_boosting"},
    "XGBoost on dummies": {"learner": "xgboost"},
}
"""The recipe with learners as papers use them, which seek splits between all values and take longer."""

LEAST_SQUARES = "two-way, least squares"

NAMES = (*CHANGES, LEAST_SQUARES, *PRINTED)

Recipe = Callable[[PanelDraw], Estimate]


def recipes(seed: int, *, printed: bool = True) -> dict[str, Recipe]:
    """All recipes, or all but the slow ones; ``seed``: of folds and learners."""
    changes = CHANGES | PRINTED if printed else CHANGES
    boosted = {name: partial(_boosted, seed=seed, **own) for name, own in changes.items()}
    return {**boosted, LEAST_SQUARES: _least_squares}


def _boosted(draw: PanelDraw, **changes: Any) -> Estimate:
    panel = {"entity": draw.entity, "time": draw.time, "terms": ["d"]}
    options = {"learner": BinnedBoosting(), **changes}
    return partially_linear(draw.y, draw.d, draw.x, **panel, **options)


def _least_squares(draw: PanelDraw) -> Estimate:
    columns = np.column_stack([draw.d, draw.x])
    terms = ["d", *(f"x{j}" for j in range(draw.x.shape[1]))]
    return two_way_fixed_effects(draw.y, columns, entity=draw.entity, time=draw.time, terms=terms)

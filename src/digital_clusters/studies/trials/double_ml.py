"""The recipe and its alternatives on simulated panels whose effect is known."""

from functools import partial

import numpy as np
import pandas as pd

from digital_clusters.estimators.double_ml.partially_linear import partially_linear
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects
from digital_clusters.estimators.resampling.monte_carlo import bias_and_coverage
from digital_clusters.estimators.resampling.simulated_panels import PanelDraw, correlated_effects

THETA = 0.25
"""True coefficient of every simulated panel."""

STRENGTHS = (0.0, 1.0)
"""Standard deviation of the unit effects, in that of the noise."""

_WHOLE = {"fold_unit": "clusters", "errors": "clustered"}

CHANGES = {
    "boosting on dummies (the recipe)": {},
    "boosting, Mundlak means": {"fixed_effects": "mundlak", **_WHOLE},
    "boosting, two-way within": {"fixed_effects": "within", **_WHOLE},
    "boosting, within and raw controls": {"fixed_effects": "within_y_d", **_WHOLE},
    "boosting, first differences": {"fixed_effects": "first_differences", **_WHOLE},
}
"""Double machine learning with gradient boosting and five folds: what each method changes."""


def across_strengths(
    *, replications: int, seed: int, strengths: tuple[float, ...] = STRENGTHS
) -> pd.DataFrame:
    """Bias and coverage of every method at every strength of the unit effects.

    Parameters
    ----------
    replications : int
        Simulated panels for each strength, at least two; methods share them.
    seed : int
        Of panels, folds and learners.
    strengths : tuple of float

    Returns
    -------
    pandas.DataFrame
        One row a method and strength: method, strength, truth, draws, mean, bias, bias_error (Monte Carlo),
        rmse, spread, mean_standard_error, coverage, coverage_error.
    """
    methods = {name: partial(_boosted, seed=seed, **changes) for name, changes in CHANGES.items()}
    methods["two-way fixed effects, least squares"] = _least_squares
    rows = []
    for strength in strengths:
        draw = partial(correlated_effects, strength=strength, theta=THETA)
        for name, result in bias_and_coverage(draw, methods, draws=replications, seed=seed).items():
            numbers = {key: value for key, value in vars(result).items() if isinstance(value, float)}
            rows.append(
                {"method": name, "strength": strength, "truth": THETA, "draws": replications} | numbers
            )
    return pd.DataFrame(rows)


def _boosted(draw: PanelDraw, **changes) -> Estimate:
    panel = {"entity": draw.entity, "time": draw.time, "terms": ["d"], "learner": "fast_gradient_boosting"}
    return partially_linear(draw.y, draw.d, draw.x, **panel, **changes)


def _least_squares(draw: PanelDraw) -> Estimate:
    columns = np.column_stack([draw.d, draw.x])
    terms = ["d", *(f"x{j}" for j in range(draw.x.shape[1]))]
    return two_way_fixed_effects(draw.y, columns, entity=draw.entity, time=draw.time, terms=terms)

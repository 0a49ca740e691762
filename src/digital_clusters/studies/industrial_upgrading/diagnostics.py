"""What stands behind the baseline on the twin: city effects left over, and what coefficients are made of."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from digital_clusters.analysis.diagnostics import between_share, residuals
from digital_clusters.analysis.fit import estimate
from digital_clusters.analysis.spec import Spec
from digital_clusters.errors import ParameterError
from digital_clusters.measures.panel import Panel
from digital_clusters.sources.twin.outcome import causal_part
from digital_clusters.sources.twin.truth import project_truth
from digital_clusters.studies.industrial_upgrading.specs import BASELINE

LEFTOVER = {
    "gradient boosting on dummies": {},
    "XGBoost on dummies": {"learner": "xgboost"},
    "random forest on dummies": {"learner": "random_forest"},
    "linear learner on dummies": {"learner": "linear"},
    "Mundlak means": {"fixed_effects": "mundlak", "fold_unit": "clusters"},
    "two-way within": {"fixed_effects": "within", "fold_unit": "clusters"},
    "first differences": {
        "fixed_effects": "first_differences",
        "fold_unit": "clusters",
        "errors": "clustered",
    },
}
"""Ways to handle city effects → what they change in the baseline."""


def leftover_city_effects(panel: Panel, ways: dict[str, dict] = LEFTOVER) -> pd.DataFrame:
    """Share of the treatment residual's variance that lies between cities, by way of removing them.

    Returns
    -------
    pandas.DataFrame
        Columns ``way``, ``share`` and ``noise``, the share that independent noise would leave: (n − 1) /
        (nT − 1) for n cities of T years.
    """
    rows = []
    for way, changes in ways.items():
        parts = residuals(BASELINE.change(**changes), panel)
        residual, cities = parts.treatments[0, :, 0], parts.entity
        noise = (len(np.unique(cities)) - 1) / (len(cities) - 1)
        rows.append({"way": way, "share": between_share(residual, cities), "noise": noise})
    return pd.DataFrame(rows)


def made_of(panel: Panel, specs: Mapping[str, Spec]) -> pd.DataFrame:
    """What a coefficient on the twin is made of: the planted effect, and everything else.

    The outcome is split into the part that treatment and moderator cause and the rest (controls, city
    effects, confounders, noise), and each is given to the same regression: the two coefficients add to the
    whole. That holds for least squares; what a tree learner predicts for a sum is not the sum of what it
    predicts for the parts.

    Parameters
    ----------
    panel : Panel
        Of the twin.
    specs : mapping of str to Spec
        Of two-way fixed effects.

    Returns
    -------
    pandas.DataFrame
        Columns ``method``, ``coefficient``, ``effect``, ``rest``.

    Raises
    ------
    ParameterError
        If the panel is not the twin's, where alone the effect is known, or a method is not least squares.
    """
    for method, spec in specs.items():
        if spec.method != "two_way_fixed_effects":
            raise ParameterError(f"'{method}' is not least squares: its coefficient does not add up")
    if panel.source != "twin":
        raise ParameterError(f"the planted effect is known on the synthetic twin only, not on {panel.label}")
    frame = panel.frame
    caused = causal_part(frame["uil"].to_numpy(), frame["difi"].to_numpy(), project_truth())
    parts = {"coefficient": frame["gini"], "effect": caused, "rest": frame["gini"] - caused}
    panels = {name: replace(panel, frame=frame.assign(gini=outcome)) for name, outcome in parts.items()}
    rows = []
    for method, spec in specs.items():
        found = {name: estimate(spec, part)[spec.treatment][0] for name, part in panels.items()}
        rows.append({"method": method, **found})
    return pd.DataFrame(rows)

"""What stands behind the baseline on the twin: city effects left over, and the part that is planted."""

from dataclasses import replace

import numpy as np
import pandas as pd

from digital_clusters.analysis.diagnostics import between_share
from digital_clusters.analysis.fit import fit_nearest
from digital_clusters.errors import ParameterError
from digital_clusters.measures.panel import Panel
from digital_clusters.sources.twin.outcome import causal_part
from digital_clusters.sources.twin.truth import project_truth
from digital_clusters.studies.industrial_upgrading.specs import BASELINE

LEFTOVER = {
    "gradient boosting on dummies": {},
    "gradient boosting, six folds": {"folds": 6},
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
        found, _ = fit_nearest(BASELINE.change(**changes), panel)
        parts = found.partialled_out
        residual, cities = parts.treatments[0, :, 0], parts.entity
        noise = (len(np.unique(cities)) - 1) / (len(cities) - 1)
        rows.append({"way": way, "share": between_share(residual, cities), "noise": noise})
    return pd.DataFrame(rows)


PLANTED = "caused"
"""Column with what treatment and moderator cause of the outcome in the twin."""


def with_caused_part(panel: Panel) -> Panel:
    """The twin's panel with :data:`PLANTED`.

    Raises
    ------
    ParameterError
        If the panel is not the twin's, where alone the effect is known.
    """
    if panel.source != "twin":
        raise ParameterError(f"the planted effect is known on the synthetic twin only, not on {panel.label}")
    frame = panel.frame
    caused = causal_part(frame["uil"].to_numpy(), frame["difi"].to_numpy(), project_truth())
    return replace(panel, frame=frame.assign(**{PLANTED: caused}))

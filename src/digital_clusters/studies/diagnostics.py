"""What stands behind one coefficient: residuals, draws of the folds, what was not removed."""

import numpy as np
import pandas as pd

from digital_clusters.estimators.cross_fitting import PartialledOut
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.sensitivity import Sensitivity, sensitivity
from digital_clusters.measures.panel import Panel
from digital_clusters.studies.industrial_upgrading import BASELINE
from digital_clusters.studies.run import estimate, partialled_out
from digital_clusters.studies.sample import adapt
from digital_clusters.studies.spec import Spec

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


def residuals(spec: Spec, panel: Panel) -> PartialledOut:
    """Residuals of outcome and treatment behind the coefficient."""
    nearest, _ = adapt(spec, panel)
    return partialled_out(nearest, panel)


def repeated(spec: Spec, panel: Panel, splits: int) -> Estimate:
    """The same specification over ``splits`` draws of the folds."""
    nearest, _ = adapt(spec, panel)
    return estimate(nearest.change(repeats=splits), panel)


def omitted_confounder(spec: Spec, panel: Panel) -> Sensitivity:
    """How strong an omitted confounder would have to be to overturn the coefficient."""
    return sensitivity(residuals(spec, panel), errors=spec.errors)


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


def between_share(values: np.ndarray, groups: np.ndarray) -> float:
    """Sum of squares between groups over the total sum of squares about the mean.

    Parameters
    ----------
    values : numpy.ndarray, shape (n,)
    groups : numpy.ndarray of int, shape (n,)
        Codes 0, 1, ….

    Examples
    --------
    >>> between_share(np.array([1.0, 1.0, 3.0, 3.0]), np.array([0, 0, 1, 1]))
    1.0
    """
    counts = np.bincount(groups)
    present = counts > 0
    means = np.bincount(groups, values)[present] / counts[present]
    centre = values.mean()
    return float(counts[present] @ (means - centre) ** 2 / np.sum((values - centre) ** 2))

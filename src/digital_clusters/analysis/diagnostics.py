"""What stands behind one coefficient: residuals, draws of the folds, what was not removed."""

import numpy as np

from digital_clusters.analysis.fit import estimate, partialled_out
from digital_clusters.analysis.sample import adapt
from digital_clusters.analysis.spec import Spec
from digital_clusters.estimators.double_ml.cross_fitting import PartialledOut
from digital_clusters.estimators.double_ml.sensitivity import Sensitivity, sensitivity
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.measures.panel import Panel


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

"""What stands behind one coefficient: draws of the folds, what was not removed, what it is made of."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from digital_clusters.analysis.fit import Fit, fit
from digital_clusters.analysis.spec import Spec
from digital_clusters.errors import ParameterError
from digital_clusters.estimators.double_ml.sensitivity import Sensitivity, sensitivity
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.measures.panel import Panel

LEAST_SQUARES = ("two_way_fixed_effects", "instrumental_variables")
"""Methods that are linear in the outcome."""

REST = "outcome less its planted part"
"""Column of what is not known to be caused."""


def repeated(found: Fit, splits: int) -> Estimate:
    """The same specification over ``splits`` draws of the folds."""
    return fit(found.spec.change(repeats=splits), found.panel).estimate


def omitted_confounder(found: Fit) -> Sensitivity:
    """How strong an omitted confounder would have to be to overturn the coefficient."""
    return sensitivity(found.partialled_out, errors=found.spec.errors)


def made_of(specs: Mapping[str, Spec], panel: Panel, planted: str) -> pd.DataFrame:
    """What coefficients are made of: the part of the outcome that is known to be caused, and everything else.

    The coefficient on the column ``planted`` and that on the rest of the outcome (controls, city effects,
    confounders, noise) add to the whole. That holds where an estimator is linear in the outcome; what a tree
    learner predicts for a sum is not the sum of what it predicts for the parts.

    Parameters
    ----------
    specs : mapping of str to Spec
        Words for the method → specification.
    panel : Panel
        With the column ``planted``.

    Returns
    -------
    pandas.DataFrame
        Columns ``method``, ``coefficient``, ``effect``, ``rest``.

    Raises
    ------
    ParameterError
        If a method is not least squares.
    """
    for method, spec in specs.items():
        if spec.method not in LEAST_SQUARES:
            raise ParameterError(f"'{method}' is not least squares: its coefficient does not add up")
    rows = []
    for method, spec in specs.items():
        rest = panel.frame[spec.outcome] - panel.frame[planted]
        split = replace(panel, frame=panel.frame.assign(**{REST: rest}))
        columns = {"coefficient": spec.outcome, "effect": planted, "rest": REST}
        found = {
            part: fit(spec.change(outcome=column), split).term(spec.treatment).value
            for part, column in columns.items()
        }
        rows.append({"method": method} | found)
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

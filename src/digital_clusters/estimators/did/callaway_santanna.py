"""Between this package's arrays and the group-time estimator of ``diff_diff``."""

import warnings

import numpy as np
import pandas as pd

from digital_clusters.errors import DataError
from digital_clusters.estimators.did.adoption import AdoptionPanel
from digital_clusters.estimators.units import unit_of

COLUMNS = {"outcome": "y", "unit": "unit", "time": "time", "first_treat": "first"}
"""What the library's estimators are told of :func:`library_frame`."""


def library_frame(panel: AdoptionPanel) -> pd.DataFrame:
    """The panel as the library takes it: periods counted from 1, zero for units that never adopt."""
    start = panel.time.min() - 1
    first = np.nan_to_num(panel.adoption - start, nan=0.0)[panel.entity].astype(int)
    columns = {"y": panel.y, "unit": panel.entity, "time": panel.time - start, "first": first}
    return pd.DataFrame(columns)


def fit_group_time(panel: AdoptionPanel, x: np.ndarray, weights, *, control_group: str, **options):
    """The library's fit, on periods counted from 1 and with its messages kept inside.

    Parameters
    ----------
    panel : AdoptionPanel
        Without units treated from the first period on.
    x : numpy.ndarray, shape (n, k)
        ``k`` may be zero.
    weights : numpy.ndarray, shape (n,), or None
        Positive and constant within units.
    control_group : {'never_treated', 'not_yet_treated'}
    options
        Of ``CallawaySantAnna``.

    Raises
    ------
    DataError
        No unit can serve as control, a weight changes within a unit, or the library finds no estimable cell.
    """
    from diff_diff import CallawaySantAnna, SurveyDesign

    if control_group == "never_treated" and not panel.never.any():
        raise DataError("no unit is never treated: choose control='not_yet_treated'")
    names = [f"x{j}" for j in range(x.shape[1])]
    frame = library_frame(panel).join(pd.DataFrame(x / unit_of(x), columns=names))
    design = None
    if weights is not None and np.ptp(weights) > 0:
        if (frame.assign(w=weights).groupby("unit")["w"].nunique() > 1).any():
            raise DataError("a weight changes within a unit: group-time effects weight units")
        frame["w"] = weights / weights.mean()
        design = SurveyDesign(weights="w")
    model = CallawaySantAnna(control_group=control_group, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return model.fit(
                frame,
                **COLUMNS,
                covariates=names or None,
                survey_design=design,
            )
        except ValueError as error:
            raise DataError(f"group-time effects cannot be estimated: {error}") from error


def cell_table(found: dict, shift: int) -> pd.DataFrame:
    """One row a cohort and period of the library's cells, with ``shift`` added to both."""
    rows = [
        (
            g + shift,
            t + shift,
            t - g,
            *(cell[key] for key in ("effect", "se", "p_value", "n_treated", "n_control")),
        )
        for (g, t), cell in sorted(found.items())
    ]
    names = ["group", "time", "relative", "effect", "se", "p_value", "n_treated", "n_control"]
    return pd.DataFrame(rows, columns=names).astype({"group": int, "time": int, "relative": int})


def event_covariance(study, estimated: np.ndarray) -> np.ndarray:
    """Covariance of the relative periods that are estimated, in their order."""
    where = [list(study.vcov_index).index(e) for e in study.event_time[estimated]]
    return np.asarray(study.vcov)[np.ix_(where, where)]

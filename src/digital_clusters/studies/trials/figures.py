"""Figures of the pages that try a method on simulated panels."""

from typing import TYPE_CHECKING

import pandas as pd

from digital_clusters.report import figures
from digital_clusters.studies.trials.tables import LABEL, QUANTITIES, _select

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def spatial(results: pd.DataFrame, *, quantity: str, units: int) -> "Figure":
    """Bias and coverage of one quantity at one size, by method.

    Parameters
    ----------
    results : pandas.DataFrame
        From :func:`digital_clusters.studies.trials.spatial.across_sizes`.
    quantity : str
        Key of :data:`QUANTITIES`.
    units : int

    Raises
    ------
    ParameterError
        The trial has no such quantity or size.
    """
    shown = _select(results, quantity, units)
    words = QUANTITIES[quantity]
    label = f"{LABEL}, {units} units"
    return figures.monte_carlo(
        shown, xlabel=f"units of the {words}" if quantity != "rho" else words, label=label
    )

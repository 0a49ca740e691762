"""Tables of the pages that try a method on simulated panels."""

from typing import TYPE_CHECKING

import pandas as pd

from digital_clusters.errors import ParameterError
from digital_clusters.report.tables import styled
from digital_clusters.studies.trials.spatial import SIZES

if TYPE_CHECKING:
    from great_tables import GT

LABEL = "simulated panels"


QUANTITIES = {
    "rho": "ρ",
    "direct": "direct effect",
    "indirect": "indirect effect",
    "total": "total effect",
}


FEW, MANY = SIZES


def spatial(results: pd.DataFrame, *, units: int) -> "GT":
    """Bias and coverage of every quantity at one size, by method."""
    shown = results[results["units"] == units]
    frame = pd.DataFrame(
        {
            "Quantity": shown["quantity"].map(QUANTITIES),
            "Method": shown["method"],
            "Truth": shown["truth"],
            "Bias": shown["bias"],
            "Monte Carlo s.e.": shown["bias_error"],
            "Spread": shown["spread"],
            "Mean s.e.": shown["mean_standard_error"],
            "Coverage of 95 %": shown["coverage"].map("{:.0%}".format),
        }
    )
    order = list(QUANTITIES.values())
    frame = frame.sort_values("Quantity", key=lambda column: column.map(order.index), kind="stable")
    return styled(frame, f"Bias and coverage, {units} units", "", LABEL)


def _select(results: pd.DataFrame, quantity: str, units: int) -> pd.DataFrame:
    shown = results[(results["units"] == units) & (results["quantity"] == quantity)]
    if shown.empty:
        raise ParameterError(f"the trial has no {quantity} at {units} units")
    return shown.reset_index(drop=True)

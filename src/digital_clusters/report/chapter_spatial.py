"""What the page on spatial models shows: the trial of methods on simulated panels."""

from typing import TYPE_CHECKING

import pandas as pd

from digital_clusters.errors import ParameterError
from digital_clusters.report import figures
from digital_clusters.report.glue import glue
from digital_clusters.report.tables import styled
from digital_clusters.studies.spatial_trial import BETA, RHO, SIZES, THETA, YEARS

if TYPE_CHECKING:
    from great_tables import GT
    from matplotlib.figure import Figure

LABEL = "simulated panels"

QUANTITIES = {
    "rho": "ρ",
    "direct": "direct effect",
    "indirect": "indirect effect",
    "total": "total effect",
}

FEW, MANY = SIZES

QUOTED = {
    "individual": ("Durbin, individual effects only", "rho", MANY),
    "two-way-few": ("Durbin, two-way", "rho", FEW),
    "transformed-few": ("Durbin, two-way, transformed", "rho", FEW),
    "none-total": ("no spatial term", "total", MANY),
    "slx-indirect": ("spatial lag of x only", "indirect", MANY),
    "lag-indirect": ("spatial lag of y only", "indirect", MANY),
}
"""Name in the prose → method, quantity, units."""


def trial_figure(results: pd.DataFrame, *, quantity: str, units: int) -> "Figure":
    """Bias and coverage of one quantity at one size, by method.

    Parameters
    ----------
    results : pandas.DataFrame
        From :func:`digital_clusters.studies.spatial_trial.run`.
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


def trial_table(results: pd.DataFrame, *, units: int) -> "GT":
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


def glue_trial(results: pd.DataFrame) -> None:
    """Quote design and results in prose: ``spatial-…``, and for results ``…-bias`` and ``…-coverage``.

    Parameters
    ----------
    results : pandas.DataFrame
        From :func:`digital_clusters.studies.spatial_trial.run`.

    Raises
    ------
    ParameterError
        The trial has not what the prose quotes.
    """
    design = {"years": YEARS, "rho": RHO, "beta": BETA, "theta": THETA, "few": FEW, "many": MANY}
    for name, value in (design | {"replications": int(results["draws"].max())}).items():
        glue(f"spatial-{name}", f"{value:g}")
    for name, (method, quantity, units) in QUOTED.items():
        shown = _select(results, quantity, units)
        shown = shown[shown["method"] == method]
        if shown.empty:
            raise ParameterError(f"the trial has no {quantity} of '{method}' at {units} units")
        glue(f"spatial-{name}-bias", float(shown["bias"].iloc[0]), ".2f")
        glue(f"spatial-{name}-coverage", f"{shown['coverage'].iloc[0]:.0%}")


def _select(results: pd.DataFrame, quantity: str, units: int) -> pd.DataFrame:
    shown = results[(results["units"] == units) & (results["quantity"] == quantity)]
    if shown.empty:
        raise ParameterError(f"the trial has no {quantity} at {units} units")
    return shown.reset_index(drop=True)

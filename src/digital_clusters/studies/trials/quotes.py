"""Numbers that the pages on trials quote."""

import pandas as pd

from digital_clusters.errors import ParameterError
from digital_clusters.report.glue import glue
from digital_clusters.studies.trials.spatial import BETA, RHO, THETA, YEARS
from digital_clusters.studies.trials.tables import FEW, MANY, _select

PROMISED = 0.95
"""Share of intervals that should hold the truth."""

QUOTED = {
    "individual": ("Durbin, individual effects only", "rho", MANY),
    "two-way-few": ("Durbin, two-way", "rho", FEW),
    "transformed-few": ("Durbin, two-way, transformed", "rho", FEW),
    "two-way-few-indirect": ("Durbin, two-way", "indirect", FEW),
    "transformed-few-indirect": ("Durbin, two-way, transformed", "indirect", FEW),
    "none-total": ("no spatial term", "total", MANY),
    "slx-indirect": ("spatial lag of x only", "indirect", MANY),
    "lag-indirect": ("spatial lag of y only", "indirect", MANY),
}
"""Name in the prose → method, quantity, units."""


def spatial(results: pd.DataFrame) -> None:
    """Quote design and results in prose: ``spatial-…``, and for results ``…-bias`` and ``…-coverage``.

    ``spatial-monte-carlo`` is the standard error, in points, of a coverage that is as promised.

    Parameters
    ----------
    results : pandas.DataFrame
        From :func:`digital_clusters.studies.trials.spatial.across_sizes`.

    Raises
    ------
    ParameterError
        The trial has not what the prose quotes.
    """
    design = {"years": YEARS, "rho": RHO, "beta": BETA, "theta": THETA, "few": FEW, "many": MANY}
    for name, value in (design | {"replications": int(results["draws"].max())}).items():
        glue(f"spatial-{name}", f"{value:g}")
    error = (PROMISED * (1 - PROMISED) / int(results["draws"].max())) ** 0.5
    glue("spatial-monte-carlo", f"{100 * error:.1f}")
    for name, (method, quantity, units) in QUOTED.items():
        shown = _select(results, quantity, units)
        shown = shown[shown["method"] == method]
        if shown.empty:
            raise ParameterError(f"the trial has no {quantity} of '{method}' at {units} units")
        glue(f"spatial-{name}-bias", float(shown["bias"].iloc[0]), ".2f")
        glue(f"spatial-{name}-coverage", f"{shown['coverage'].iloc[0]:.0%}")

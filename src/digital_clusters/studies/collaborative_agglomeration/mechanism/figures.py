"""Figures of the chapter on mechanisms."""

from typing import TYPE_CHECKING

import numpy as np

from digital_clusters.analysis.spatial import curves
from digital_clusters.report.figures.multiverse import specification_curve
from digital_clusters.report.figures.turning_points import turning_path
from digital_clusters.report.live import LiveFigure, live_turning
from digital_clusters.report.words import PUBLIC, TWIN
from digital_clusters.studies.collaborative_agglomeration.tables import LOG_SIZE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from digital_clusters.analysis.fit import Fit
    from digital_clusters.analysis.multiverse.explored import Explored
    from digital_clusters.estimators.curves.moving import TurningPath

MODERATOR = "internet users per 10 residents"


def moving_point(path: "TurningPath", planted: np.ndarray) -> "Figure":
    """Turning point over internet use on the twin, beside the planted one."""
    ylabel = "turning point, units of co-agglomeration"
    return turning_path(path, xlabel=MODERATOR, ylabel=ylabel, label=TWIN, truth=planted)


def live_moving_point(curve: "Fit", path: "TurningPath", planted: np.ndarray) -> LiveFigure:
    """The twin's fitted curve at a level of internet use that the reader sets."""
    return live_turning(
        curve.estimate,
        curve.design.names[:3],
        span=curves.inner(curve),
        moderators=path.moderator,
        z=curves.mean_moderator(curve),
        title="Internet use moves the turning point",
        moderator=MODERATOR,
        xlabel="co-agglomeration",
        ylabel="log misallocation, log points",
        label=TWIN,
        planted=planted,
    )


def squares(explored: "Explored") -> "Figure":
    """The square of the index in every public specification with the log size of the wedges as outcome."""
    table = explored.table
    kept = (table["claim"] == "inverted_u") & (table["outcome"] == LOG_SIZE) & (table["problem"] == "")
    ylabel = "square of the index, log points"
    return specification_curve(table[kept], explored.declared.choices, sign=1, ylabel=ylabel, label=PUBLIC)

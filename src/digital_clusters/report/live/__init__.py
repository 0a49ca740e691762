"""Figures that a reader moves, each returning an element that a notebook shows.

They stand beside still figures, which remain where no script runs. The scripts are ``book/live/*.js``.
"""

from digital_clusters.report.live.curves import live_depth, live_lorenz, live_turning
from digital_clusters.report.live.element import Kind, LiveFigure
from digital_clusters.report.live.estimates import Estimates, live_estimates
from digital_clusters.report.live.maps import live_map

__all__ = [
    "Estimates",
    "Kind",
    "LiveFigure",
    "live_depth",
    "live_estimates",
    "live_lorenz",
    "live_map",
    "live_turning",
]

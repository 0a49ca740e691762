"""Figures that chapters share, each returning a stamped matplotlib figure that pyplot does not know.

What only one study draws is in the study's own ``figures``.

Every function takes ``label``, the label of the data, and writes it on the figure
(:func:`digital_clusters.report.style.stamp`). A figure has no title: its caption is in the notebook.
"""

from digital_clusters.report.figures.data import (
    binned_scatter,
    city_map,
    correlations,
    histogram,
    lorenz_curves,
    trend,
)
from digital_clusters.report.figures.diagram import Edge, Node, causal_diagram
from digital_clusters.report.figures.estimates import (
    coefficients,
    forest,
    leftover_bars,
    marginal_effect,
    residual_scatter,
    sensitivity_contour,
    split_spread,
)
from digital_clusters.report.figures.monte_carlo import monte_carlo
from digital_clusters.report.style import stamp

__all__ = [
    "Edge",
    "Node",
    "binned_scatter",
    "causal_diagram",
    "city_map",
    "coefficients",
    "correlations",
    "forest",
    "histogram",
    "leftover_bars",
    "lorenz_curves",
    "marginal_effect",
    "monte_carlo",
    "residual_scatter",
    "sensitivity_contour",
    "split_spread",
    "stamp",
    "trend",
]

"""Figures of models that are solved."""

from typing import TYPE_CHECKING

import numpy as np

from digital_clusters.report.style import BLACK, CYCLE, RED, canvas, house_style, stamp
from digital_clusters.theory.regions.growth_pole import GrowthPole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

REACHES = (0.0, 0.5, 1.0)
"""Digital reach of the three curves: none, half, full."""


@house_style
def growth_pole(city: GrowthPole, *, label: str) -> "Figure":
    """Inequality over structure at three digital reaches, and where upgrading widens or narrows it."""
    fig, (left, right) = canvas(3.6, columns=2)
    structure = np.linspace(0, 1, 201)
    for reach, colour in zip(REACHES, CYCLE, strict=False):
        turn = float(city.turning_structure(reach))
        left.plot(structure, city.gini(structure, reach), color=colour, label=f"digital reach {reach:g}")
        left.plot(turn, city.gini(turn, reach), "o", color=colour, markersize=5)
    left.set(xlabel="industrial structure, 0 to 1", ylabel="Gini of light")
    left.legend()
    reach = np.linspace(0, 1, 101)
    turn = city.turning_structure(reach)
    right.plot(reach, turn, color=BLACK)
    right.fill_between(reach, turn, 1, color=CYCLE[0], alpha=0.15, linewidth=0)
    right.fill_between(reach, 0, turn, color=RED, alpha=0.15, linewidth=0)
    for x, y, words in (
        (0.7, 0.84, "diffusion wins:\ngap narrows"),
        (0.4, 0.2, "polarisation wins:\ngap widens"),
    ):
        right.text(x, y, words, ha="center", va="center", size=9)
    right.set(xlabel="digital reach, 0 to 1", ylabel="industrial structure, 0 to 1", xlim=(0, 1), ylim=(0, 1))
    right.grid(visible=False)
    return stamp(fig, label)

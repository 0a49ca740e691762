"""Figure of the page on the method: bias against the strength of city effects."""

from typing import TYPE_CHECKING

import pandas as pd

from digital_clusters.report.style import BLACK, CYCLE, canvas, house_style, stamp
from digital_clusters.studies.trials.method.designs import DESIGNS
from digital_clusters.studies.trials.method.recipes import CHANGES, LEAST_SQUARES
from digital_clusters.studies.trials.tables import LABEL

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MARKERS = "osD^vP*Xh<"

DODGE = 0.025
"""Distance along the axis that keeps bars of two recipes apart."""


@house_style
def bias_by_strength(table: pd.DataFrame) -> "Figure":
    """Bias of every recipe with its 95 per cent Monte Carlo interval, as city effects grow.

    Parameters
    ----------
    table : pandas.DataFrame
        From :func:`digital_clusters.studies.trials.method.runner.summarised`.
    """
    strengths = {d.name: d.strength for d in DESIGNS if d.says == DESIGNS[0].says}
    shown = table[table["design"].isin(list(strengths))]
    fig, ax = canvas(4.2)
    ax.axhline(0, color=BLACK, linewidth=0.8)
    names = [*CHANGES, LEAST_SQUARES]
    for place, name in enumerate(names):
        part = shown[shown["recipe"] == name]
        x = part["design"].map(strengths) + DODGE * (place - len(names) / 2)
        looks = {"color": CYCLE[place % len(CYCLE)], "marker": MARKERS[place], "markersize": 4}
        dashed = "-" if place < len(CYCLE) else "--"
        ax.errorbar(x, part["bias"], yerr=1.96 * part["bias_error"], linestyle=dashed, label=name, **looks)
    ax.set(xlabel="strength of city effects, λ", ylabel="bias")
    ax.set_xticks(sorted(set(strengths.values())))
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=7.5)
    return stamp(fig, LABEL)

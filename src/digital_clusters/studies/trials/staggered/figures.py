"""Figure of the trial with planted spillovers: bias against their strength."""

from typing import TYPE_CHECKING

import pandas as pd

from digital_clusters.report.style import BLACK, BLUE, RED, canvas, house_style, name_axes_once, stamp
from digital_clusters.studies.trials.staggered.joining import SPILLOVERS
from digital_clusters.studies.trials.staggered.tables import CONTROLS
from digital_clusters.studies.trials.tables import LABEL

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = 4

LOOKS = {False: (RED, "s"), True: (BLUE, "o")}


@house_style
def bias_by_spillover(table: pd.DataFrame) -> "Figure":
    """Bias of every method as the spillover grows, with all controls and without reached ones.

    One small figure a method, on one scale, with 95 per cent Monte Carlo intervals.

    Parameters
    ----------
    table : pandas.DataFrame
        From :func:`digital_clusters.studies.trials.staggered.record.counted`.
    """
    own = table[table["effect"] == 1]
    names = list(own["method"].unique())
    rows = -(-(len(names) + 1) // COLUMNS)
    fig, axes = canvas(1.0 + 1.6 * rows, rows, COLUMNS, sharex=True, sharey=True, squeeze=False)
    cells = list(axes.flat)
    for ax, name in zip(cells, names, strict=False):
        ax.axhline(0, color=BLACK, linewidth=0.8)
        for is_donut, (colour, marker) in LOOKS.items():
            line = own[(own["method"] == name) & (own["donut"] == is_donut)].sort_values("spillover")
            ax.errorbar(
                line["spillover"],
                line["bias"],
                yerr=1.96 * line["bias_error"],
                color=colour,
                marker=marker,
                markersize=4,
                label=f"{name}, {CONTROLS[is_donut]}",
            )
        ax.set_title(name, fontsize=8)
        ax.set_xticks(SPILLOVERS, ["0", "¼", "½", "1"])
    for ax in cells[len(names) :]:
        ax.set_axis_off()
    # the names of methods are titles for the eye, and labels for the text alternative
    handles = cells[0].get_legend_handles_labels()[0]
    words = [CONTROLS[is_donut] for is_donut in LOOKS]
    cells[len(names)].legend(handles, words, loc="center", fontsize=8)
    name_axes_once(axes, "spillover", "bias")
    return stamp(fig, LABEL)

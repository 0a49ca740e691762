"""The figure of a chapter on a reader's own files."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from digital_clusters.analysis.own_data.chapters import OwnFit
from digital_clusters.report.figures.estimates import NORMAL_95
from digital_clusters.report.style import canvas, house_style, series, stamp

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@house_style
def standard_errors_from_zero(fits: Sequence[OwnFit], label: str) -> "Figure":
    """The first coefficient of every regression that ran over its standard error: one scale for all units.

    Without a regression that ran the figure says so.
    """
    ran = [(made.name, made.fit.estimate) for made in fits if made.fit is not None]
    fig, ax = canvas(1.3 + 0.3 * max(len(ran), 1))
    colour, marker = series(label)
    ax.axvline(0, color="#888888", linewidth=1)
    ax.axvspan(-NORMAL_95, NORMAL_95, color="#888888", alpha=0.15, linewidth=0)
    places = range(len(ran))
    ax.plot([e.coefficients[0] / e.standard_errors[0] for _, e in ran], places, marker, color=colour)
    ax.set_yticks(places, [name for name, _ in ran])
    ax.set_ylim(len(ran) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("coefficient over its standard error")
    if not ran:
        ax.text(0, 0, "no regression ran", ha="center", va="center", transform=ax.get_yaxis_transform())
    return stamp(fig, label)

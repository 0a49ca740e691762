"""Figure of the page on the method: bias against the strength of city effects."""

from typing import TYPE_CHECKING

import pandas as pd

from digital_clusters.report.style import BLACK, BLUE, RED, canvas, house_style, name_axes_once, stamp
from digital_clusters.studies.trials.method.designs import DESIGNS
from digital_clusters.studies.trials.method.recipes import NAMES
from digital_clusters.studies.trials.tables import LABEL

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FAR = 0.1
"""Bias from which on, at any strength, a recipe is drawn on the wide scale."""

COLUMNS = 3

_OTHERS = "0.75"


@house_style
def bias_by_strength(table: pd.DataFrame) -> "Figure":
    """Bias of every recipe with its 95 per cent Monte Carlo interval, as city effects grow.

    One small figure a recipe, those that move farthest first. Recipes that are somewhere farther off than
    :data:`FAR` share one scale, the others a narrower one; recipes of the same scale stand behind in grey.

    Parameters
    ----------
    table : pandas.DataFrame
        From :func:`digital_clusters.studies.trials.method.runner.summarised`.
    """
    strengths = {d.name: d.strength for d in DESIGNS if d.says == DESIGNS[0].says}
    shown = table[table["design"].isin(list(strengths))]
    shown = shown.assign(strength=shown["design"].map(strengths)).sort_values("strength")
    lines = {name: shown[shown["recipe"] == name] for name in NAMES}
    largest = {name: line["bias"].abs().max() for name, line in lines.items()}
    ranked = sorted(NAMES, key=lambda name: -largest[name])
    groups = [[n for n in ranked if largest[n] >= FAR], [n for n in ranked if largest[n] < FAR]]
    cells = [name for group in groups for name in _whole_rows(group)]
    rows = len(cells) // COLUMNS
    fig, axes = canvas(1.0 + 1.65 * rows, rows, COLUMNS, sharex=True, squeeze=False)
    for ax, name in zip(axes.flat, cells, strict=True):
        if name is None:
            ax.set_axis_off()
            continue
        group = groups[name in groups[1]]
        _one_recipe(ax, lines, name, group, wide=group is groups[0])
    name_axes_once(axes, "city effects, λ", "bias")
    return stamp(fig, LABEL)


def _whole_rows(names: list[str]) -> list[str | None]:
    """Names, and nothing for the cells that are left in the last row."""
    return [*names, *[None] * (-len(names) % COLUMNS)]


def _one_recipe(ax: "Axes", lines: dict, name: str, group: list[str], *, wide: bool) -> None:
    own = lines[name]
    ax.axhline(0, color=BLACK, linewidth=0.8)
    for other in group:
        ax.plot(lines[other]["strength"], lines[other]["bias"], color=_OTHERS, linewidth=0.8, linestyle="-")
    span = 1.96 * own["bias_error"]
    looks = {"color": RED if wide else BLUE, "marker": "s" if wide else "o", "markersize": 4}
    # the name is for the text alternative
    ax.errorbar(own["strength"], own["bias"], yerr=span, linestyle="-", label=name, **looks)
    ends = [(lines[n]["bias"] + sign * 1.96 * lines[n]["bias_error"]) for n in group for sign in (-1, 1)]
    low, high = min(0.0, *(e.min() for e in ends)), max(0.0, *(e.max() for e in ends))
    room = 0.08 * (high - low)
    ax.set(ylim=(low - room, high + room), xticks=sorted(own["strength"]))
    ax.set_title(name.replace(", ", ",\n").replace(" (", "\n("), fontsize=8)

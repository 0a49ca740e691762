"""The specification curve of a multiverse."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from digital_clusters.errors import ParameterError
from digital_clusters.report.style import BLACK, BLUE, RED, WIDTH, house_style, stamp

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GREY = "#9a9a9a"
STANDINGS = {"as claimed": (BLUE, "o"), "not clear": (GREY, "."), "the other sign": (RED, "^")}
"""Colour and marker by sign and significance at 5 %: colour alone never carries it."""

UNCLAIMED = {"as claimed": "positive", "the other sign": "negative"}
"""What the marks are called where no sign is claimed."""


@house_style
def specification_curve(
    points: pd.DataFrame,
    choices: Sequence[str],
    *,
    sign: int | None,
    ylabel: str,
    label: str,
    printed: float | None = None,
) -> "Figure":
    """Estimates of all specifications of one claim in order of size, and what was chosen in each.

    Parameters
    ----------
    points : pandas.DataFrame
        Of one unit (one estimand, one scale): value, error, p_value and a column for each of ``choices``.
    choices : sequence of str
        Columns drawn below the curve; one with a single option is left out.
    sign : {-1, 1}, optional
        Claimed; ``None`` where nothing is: marks then say positive and negative.
    ylabel : str
        Of the estimates, with the unit.
    label : str
        Of the data.
    printed : float, optional
        The published coefficient, as a dashed line.

    Raises
    ------
    ParameterError
        If there is no specification.
    """
    import matplotlib.pyplot as plt

    if points.empty:
        raise ParameterError("a specification curve needs at least one specification")
    ordered = points.sort_values("value", ignore_index=True)
    varied = [name for name in choices if ordered[name].nunique() > 1]
    rows = [(name, option) for name in varied for option in dict.fromkeys(points[name])]
    heights = (2.6, 0.17 * max(len(rows), 1) + 0.12 * len(varied))
    fig, (above, below) = plt.subplots(
        2, 1, figsize=(WIDTH, sum(heights) + 0.6), height_ratios=heights, sharex=True
    )
    _draw_estimates(above, ordered, sign, printed)
    above.set_ylabel(ylabel)
    _draw_choices(below, ordered, rows)
    below.set_xlabel("specifications, from the lowest to the highest estimate")
    fig.legend(loc="outside upper center", ncols=4)
    return stamp(fig, label)


def standing(points: pd.DataFrame, sign: int) -> pd.Series:
    """``as claimed`` and ``the other sign`` where different from zero at 5 %, else ``not clear``."""
    claimed = points["value"] * sign > 0
    words = np.where(claimed, "as claimed", "the other sign")
    return pd.Series(np.where(points["p_value"] < 0.05, words, "not clear"), index=points.index)


def _draw_estimates(ax: "Axes", ordered: pd.DataFrame, sign: int | None, printed: float | None) -> None:
    place, value, half = np.arange(len(ordered)), ordered["value"], 1.96 * ordered["error"]
    ax.fill_between(place, value - half, value + half, step="mid", color=GREY, alpha=0.3, linewidth=0)
    ax.axhline(0, color=BLACK, linewidth=1)
    groups, named = standing(ordered, sign or 1), UNCLAIMED if sign is None else {}
    for words, (colour, marker) in STANDINGS.items():
        here = (groups == words).to_numpy()
        if here.any():
            name = named.get(words, words)
            shown = f"{name} ({here.sum()})" if words == "not clear" else f"{name}, p < 0.05 ({here.sum()})"
            ax.plot(place[here], value[here], marker, color=colour, markersize=4, label=shown)
    if printed is not None:
        ax.axhline(printed, color=BLACK, linestyle="--", linewidth=1.2, label="printed")


def _draw_choices(ax: "Axes", ordered: pd.DataFrame, rows: Sequence[tuple[str, str]]) -> None:
    for height, (name, option) in enumerate(rows):
        here = np.flatnonzero(ordered[name] == option)
        # one path a row: thousands of marks would each be an element of the drawing
        across = np.repeat(here.astype(float), 3)
        across[2::3] = np.nan
        ax.plot(across, height + np.tile((-0.3, 0.3, np.nan), len(here)), color=BLACK, linewidth=0.8)
        if height and rows[height - 1][0] != name:
            ax.axhline(height - 0.5, color=GREY, linewidth=0.8)
    ax.set_yticks(range(len(rows)), [f"{name}: {option}" for name, option in rows])
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.tick_params(axis="y", labelsize=8, length=0)
    ax.grid(visible=False)

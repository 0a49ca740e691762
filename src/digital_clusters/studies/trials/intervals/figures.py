"""Figure of the page on intervals."""

from typing import TYPE_CHECKING

import pandas as pd

from digital_clusters.errors import ParameterError
from digital_clusters.report.style import BLUE, GREEN, ORANGE, canvas, house_style, stamp
from digital_clusters.studies.trials.intervals.declared import DESIGNS_IN_WORDS
from digital_clusters.studies.trials.intervals.tables import LABEL

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LOOKS = {"holds": (BLUE, "o"), "cautious": (BLUE, "o"), "fails": (ORANGE, "s")}

WORDS = {"coverage": "intervals that hold the truth, %", "size": "true hypotheses rejected, %"}


@house_style
def shares(table: pd.DataFrame, *, promise: str) -> "Figure":
    """Share of every check of one promise with its Wilson interval, beside what is promised.

    Parameters
    ----------
    table : pandas.DataFrame
        From :func:`~digital_clusters.studies.trials.intervals.runner.run_designs`.
    promise : {'coverage', 'size'}

    Raises
    ------
    ParameterError
        The table has no such check.
    """
    shown = table[table["promise"] == promise].reset_index(drop=True)
    if shown.empty:
        raise ParameterError(f"the table has no check of {promise}")
    fig, ax = canvas(1.0 + 0.19 * len(shown))
    ax.axvline(100 * shown["nominal"].iloc[0], color=GREEN, linestyle="--")
    for row in shown.itertuples():
        span = [[100 * (row.share - row.low)], [100 * (row.high - row.share)]]
        colour, marker = LOOKS[row.verdict]
        ax.errorbar(100 * row.share, row.Index, xerr=span, fmt=marker, color=colour, markersize=4, capsize=2)
    ax.set_yticks(
        range(len(shown)), shown["design"].replace(DESIGNS_IN_WORDS) + ": " + shown["check"], fontsize=8
    )
    ax.set_ylim(len(shown) - 0.5, -0.5)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(WORDS[promise])
    return stamp(fig, LABEL)

"""Figure of a method tried on many simulated samples: its bias and the coverage of its intervals."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from digital_clusters.report.figures.estimates import NORMAL_95
from digital_clusters.report.style import GREEN, canvas, house_style, series, stamp

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COVERAGE_TARGET = 0.95


@house_style
def monte_carlo(table: pd.DataFrame, *, xlabel: str, label: str) -> "Figure":
    """Bias and coverage of each method over many draws from the twin.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a method: method, bias, spread (standard deviation of the estimates), coverage (of
        the 95 % intervals, in [0, 1]) and draws.
    xlabel : str
        Unit of the bias.
    """
    places = np.arange(len(table))
    bias_error = NORMAL_95 * table["spread"] / np.sqrt(table["draws"])
    low, high = wilson_limits(table["coverage"], table["draws"])
    colour, marker = series(label)
    fig, (left, right) = canvas(1.2 + 0.36 * len(table), columns=2, sharey=True, width_ratios=(3, 2))
    left.axvline(0, color=GREEN, linestyle="--")
    left.errorbar(
        table["bias"], places, xerr=table["spread"], fmt="none", ecolor=colour, alpha=0.3, elinewidth=5
    )
    left.errorbar(table["bias"], places, xerr=bias_error, fmt=marker, color=colour, markersize=5)
    left.set_yticks(places, table["method"])
    left.set(xlabel=f"bias, {xlabel}\n(wide bar: one s.d. of the estimates)")
    right.axvline(COVERAGE_TARGET, color=GREEN, linestyle="--")
    right.errorbar(
        table["coverage"],
        places,
        xerr=(table["coverage"] - low, high - table["coverage"]),
        fmt=marker,
        color=colour,
        markersize=5,
        clip_on=False,
    )
    right.set(xlabel="coverage of 95 % intervals", xlim=(0, 1.02))
    left.set_ylim(len(table) - 0.5, -0.5)
    for ax in (left, right):
        ax.grid(visible=False, axis="y")
    return stamp(fig, label)


def wilson_limits(share: ArrayLike, count: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """95 per cent limits of a share of ``count`` draws, which never leave [0, 1] (Wilson 1927).

    Examples
    --------
    >>> [round(float(limit), 3) for limit in wilson_limits(1.0, 100)]
    [0.963, 1.0]
    """
    share, count = np.asarray(share, float), np.asarray(count, float)
    shrink = 1 + NORMAL_95**2 / count
    middle = (share + NORMAL_95**2 / (2 * count)) / shrink
    half = NORMAL_95 / shrink * np.sqrt(share * (1 - share) / count + NORMAL_95**2 / (4 * count**2))
    # rounding may leave a hair's breadth beyond the share itself
    return np.minimum(middle - half, share), np.maximum(middle + half, share)

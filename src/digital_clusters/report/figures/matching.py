"""Figures of matched and staggered designs: balance, overlap, cohorts, and what two-way effects average."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from digital_clusters.errors import ParameterError
from digital_clusters.estimators.did.balance import LARGEST_DIFFERENCE
from digital_clusters.estimators.did.decomposition import BaconDecomposition
from digital_clusters.estimators.did.staggered import GroupTimeEffects
from digital_clusters.report.style import BLACK, BLUE, GREEN, ORANGE, RED, canvas, house_style, series, stamp

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = {
    "never": (BLUE, "o", "never treated"),
    "not_yet": (GREEN, "^", "not yet treated"),
    "already": (RED, "s", "already treated"),
    "always": (ORANGE, "D", "treated from the start"),
}
"""Colour, marker and words of each kind of control in a two-by-two comparison."""

NORMAL_95 = 1.959963984540054
"""Standard errors on each side of a group-time effect."""


@house_style
def love_plot(table: pd.DataFrame, *, label: str) -> "Figure":
    """Absolute standardised differences of covariates before and after matching, beside the 10 % line.

    Parameters
    ----------
    table : pandas.DataFrame, index term
        Of :func:`digital_clusters.estimators.did.balance.balance`. The largest difference before is on top.
    """
    if table.empty:
        raise ParameterError("a love plot needs at least one covariate")
    size = 100 * table[["difference_before", "difference_after"]].abs()
    size = size.sort_values("difference_before", ascending=False)
    colour, _ = series(label)
    places = np.arange(len(size))
    fig, ax = canvas(1.1 + 0.32 * len(size))
    ax.axvline(100 * LARGEST_DIFFERENCE, color=BLACK, linestyle="--", linewidth=1, label="10 %")
    ax.hlines(
        places, size["difference_after"], size["difference_before"], color="#bbbbbb", linewidth=1, zorder=1
    )
    ax.plot(size["difference_before"], places, "o", mfc="white", mec=colour, label="before matching")
    ax.plot(size["difference_after"], places, "o", color=colour, label="after matching")
    ax.set_yticks(places, [str(term) for term in size.index])
    ax.set_ylim(len(size) - 0.4, -0.6)
    ax.set_xlim(left=0)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("absolute standardised difference in means, %")
    fig.legend(loc="outside upper center", ncols=3)
    return stamp(fig, label)


@house_style
def propensity_overlap(
    score: ArrayLike, treated: ArrayLike, *, label: str, weights: ArrayLike | None = None, bins: int = 20
) -> "Figure":
    """Propensity scores of treated units above the axis and of untreated units below it.

    Parameters
    ----------
    score, treated : array_like, shape (n,)
    weights : array_like, shape (n,), optional
        Of a matching: what it keeps is drawn in full colour over the whole group in pale.
    """
    score, treated = np.asarray(score, float), np.asarray(treated, bool)
    top = np.ceil(20 * score.max()) / 20
    edges = np.linspace(0, top, bins + 1)
    fig, ax = canvas(3.8)
    for group, sign, colour, name in ((treated, 1, RED, "treated"), (~treated, -1, BLUE, "untreated")):
        share = 100 * np.histogram(score[group], edges)[0] / group.sum()
        ax.stairs(sign * share, edges, color=colour, fill=weights is None, alpha=0.8, label=name)
        if weights is not None:
            mass = np.asarray(weights, float)[group]
            kept = 100 * np.histogram(score[group], edges, weights=mass)[0] / mass.sum()
            ax.stairs(sign * kept, edges, color=colour, fill=True, alpha=0.45, label=f"{name}, weighted")
    ax.axhline(0, color=BLACK, linewidth=0.8)
    ax.yaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
    ax.set(xlabel="propensity score", ylabel="share of the group, %", xlim=(0, top))
    fig.legend(loc="outside upper center", ncols=4)
    return stamp(fig, label)


@house_style
def group_time(effects: GroupTimeEffects, *, ylabel: str, label: str) -> "Figure":
    """Effect of each cohort in each period with 95 % intervals, one panel a cohort.

    Parameters
    ----------
    effects : GroupTimeEffects
    ylabel : str
        The outcome's unit.
    """
    colour, marker = series(label)
    cohorts = list(dict.fromkeys(effects.cells["group"]))
    rows, columns = -(-len(cohorts) // 2), min(2, len(cohorts))
    fig, axes = canvas(0.9 + 2.0 * rows, rows, columns, sharex=True, sharey=True, squeeze=False)
    for ax, cohort in zip(axes.flat, cohorts, strict=False):
        cells = effects.cells[effects.cells["group"] == cohort]
        ax.axhline(0, color="#888888", linewidth=1)
        ax.axvline(cohort - 0.5, color=BLACK, linestyle=":", linewidth=1)
        for since, shade, name in ((False, "#888888", "before adoption"), (True, colour, "since adoption")):
            part = cells[(cells["relative"] >= 0) == since]
            ax.errorbar(
                part["time"],
                part["effect"],
                yerr=NORMAL_95 * part["se"],
                fmt=marker,
                color=shade,
                markersize=3.5,
                elinewidth=1,
                label=name if cohort == cohorts[0] else None,
            )
        words = f"adopts in {cohort} ({cells['n_treated'].max():.0f} units)"
        ax.text(
            0.02,
            0.97,
            words,
            transform=ax.transAxes,
            va="top",
            size=9,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )
        ax.xaxis.get_major_locator().set_params(integer=True)
    for ax in axes.flat[len(cohorts) :]:
        ax.set_visible(False)
    low, high = axes.flat[0].get_ylim()
    axes.flat[0].set_ylim(low, high + 0.15 * (high - low))
    for ax in axes.flat[max(0, len(cohorts) - columns) : len(cohorts)]:
        ax.set_xlabel("period")
        ax.tick_params(labelbottom=True)
    for ax in axes[:, 0]:
        ax.set_ylabel(ylabel)
    fig.legend(loc="outside upper center", ncols=2)
    return stamp(fig, label)


@house_style
def bacon_scatter(decomposition: BaconDecomposition, *, ylabel: str, label: str) -> "Figure":
    """Weight and estimate of every two-by-two comparison behind the two-way estimate, by kind of control.

    Parameters
    ----------
    decomposition : BaconDecomposition
    ylabel : str
        The outcome's unit.
    """
    fig, ax = canvas(3.8)
    ax.axhline(0, color="#888888", linewidth=1)
    value = f"{decomposition.estimate:.3f}".replace("-", "−")
    words = f"two-way estimate {value}"
    ax.axhline(decomposition.estimate, color=BLACK, linestyle="--", linewidth=1, label=words)
    for kind, (colour, marker, name) in KINDS.items():
        part = decomposition.comparisons[decomposition.comparisons["kind"] == kind]
        if part.empty:
            continue
        total = 100 * decomposition.by_kind.loc[kind, "weight"]
        ax.plot(
            100 * part["weight"],
            part["estimate"],
            marker,
            color=colour,
            alpha=0.8,
            label=f"control {name}: {total:.0f} % of the weight",
        )
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.set(xlabel="weight of the comparison, % (log scale)", ylabel=ylabel)
    fig.legend(loc="outside upper center", ncols=2)
    return stamp(fig, label)

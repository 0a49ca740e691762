"""Figures of research designs: event studies, placebos, mediation, weak instruments."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.panel.instrumental import InstrumentalEstimate
from digital_clusters.estimators.panel.mediation import MediationEstimate
from digital_clusters.estimators.resampling.permutation import PermutationTest
from digital_clusters.report.style import BLACK, BLUE, GREEN, ORANGE, RED, canvas, house_style, series, stamp

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@house_style
def event_study(
    relative: ArrayLike,
    estimates: ArrayLike,
    intervals: ArrayLike,
    *,
    xlabel: str,
    ylabel: str,
    label: str,
    base: int | None = None,
    truth: ArrayLike | None = None,
    level: float = 0.95,
) -> "Figure":
    """Effects over periods since the treatment, with intervals; what comes before it is shaded.

    Parameters
    ----------
    relative : array_like of int, shape (k,)
        Negative before the treatment.
    estimates : array_like, shape (k,)
    intervals : array_like, shape (k, 2)
        Pointwise.
    base : int, optional
        Omitted period, drawn at zero without an interval unless it is among ``relative``.
    truth : array_like, shape (k,), optional
        True effects, in the twin.
    level : float
        Of the intervals, for the legend.

    Raises
    ------
    ParameterError
        Arrays whose lengths do not agree.
    """
    periods, values = np.asarray(relative), np.asarray(estimates, dtype=float)
    ends = np.asarray(intervals, dtype=float).reshape(-1, 2)
    if not len(periods) == len(values) == len(ends) or not len(periods):
        counts = f"{len(periods)} periods, {len(values)} estimates, {len(ends)} intervals"
        raise ParameterError(f"{counts}: as many of each are needed, and at least one")
    colour, marker = series(label)
    fig, ax = canvas(3.6)
    ax.axhline(0, color="#888888", linewidth=1)
    first = min(periods.min(), 0 if base is None else base) - 0.5
    if first < -0.5:
        ax.axvspan(first, -0.5, color=BLACK, alpha=0.06, linewidth=0, label="before the treatment")
    spans = [values - ends[:, 0], ends[:, 1] - values]
    named = f"estimate, {100 * level:g} % interval"
    ax.errorbar(periods, values, yerr=spans, fmt=marker, color=colour, markersize=5, capsize=2, label=named)
    if base is not None and base not in periods:
        ax.plot(base, 0, marker, color=colour, markerfacecolor="white", markersize=5, label="base period")
    if truth is not None:
        ax.plot(periods, truth, "D", color=GREEN, markersize=4, label="true effect")
    ax.set(xlabel=xlabel, ylabel=ylabel, xlim=(first, periods.max() + 0.5))
    ax.xaxis.get_major_locator().set_params(integer=True)
    fig.legend(loc="outside upper center", ncols=4)
    return stamp(fig, label)


@house_style
def placebo_histogram(test: PermutationTest, *, xlabel: str, label: str, bins: int = 40) -> "Figure":
    """Distribution of a statistic over placebo treatments, with the observed one marked.

    Raises
    ------
    DataError
        No draw.
    """
    if not len(test.draws):
        raise DataError("there is no placebo to draw")
    colour, _ = series(label)
    fig, ax = canvas(3.4)
    ax.hist(test.draws, bins=bins, color=colour, alpha=0.55, label=f"{len(test.draws):,} placebos")
    shown = f"{test.observed:.3g}".replace("-", "−")
    ax.axvline(test.observed, color=BLACK, label=f"observed, {shown} (p = {test.p_value:.3f})")
    ax.axvline(0, color="#888888", linewidth=1, zorder=0)
    ax.set(xlabel=xlabel, ylabel="placebos")
    fig.legend(loc="outside upper center", ncols=2)
    return stamp(fig, label)


@house_style
def mediation_bars(
    found: MediationEstimate,
    *,
    xlabel: str,
    label: str,
    names: Sequence[str] | None = None,
    truth: Sequence[float] | None = None,
) -> "Figure":
    """Total, direct and indirect effects; intervals of indirect effects are bias-corrected bootstraps.

    Parameters
    ----------
    names : sequence of str, length J, optional
        Of the mediators; default, their terms.
    truth : sequence of float, length J + 3, optional
        True total, direct, each indirect, and their sum, in the twin.

    Raises
    ------
    ParameterError
        Numbers of names or true effects that do not agree with the estimate.
    """
    mediators = len(found.first)
    terms = found.indirect.terms[:-1]
    names = [term.removeprefix("via ") for term in terms] if names is None else list(names)
    if len(names) != mediators or (truth is not None and len(truth) != mediators + 3):
        raise ParameterError(f"{mediators} names and {mediators + 3} true effects are needed")
    rows = ["total", "direct", *(f"via {name}" for name in names), "sum of indirect"]
    values = np.r_[found.total.coefficients[0], found.direct[0], found.indirect.coefficients]
    plain = [estimate.interval(found.level)[0] for estimate in (found.total, found.outcome)]
    ends = np.vstack([*plain, found.bias_corrected])
    colour, _ = series(label)
    shades = [BLACK, colour, *[ORANGE] * (mediators + 1)]
    places = np.arange(len(rows))
    fig, ax = canvas(0.9 + 0.42 * len(rows))
    ax.axvline(0, color="#888888", linewidth=1)
    ax.barh(places, values, height=0.55, color=shades, alpha=0.45)
    spans = np.abs(ends - values[:, None]).T
    ax.errorbar(values, places, xerr=spans, fmt="none", ecolor=BLACK, elinewidth=1.3, capsize=2)
    if truth is not None:
        ax.plot(truth, places, "D", color=GREEN, markersize=5, label="true effect")
        fig.legend(loc="outside upper center")
    ax.set_yticks(places, rows)
    ax.invert_yaxis()
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(xlabel)
    return stamp(fig, label)


@house_style
def robust_sets(
    results: dict[str, InstrumentalEstimate],
    *,
    xlabel: str,
    label: str,
    truth: float | None = None,
    reach: float = 2.0,
) -> "Figure":
    """Wald intervals of two-stage least squares and Anderson–Rubin sets, instrument by instrument.

    Parameters
    ----------
    results : dict of str to InstrumentalEstimate
        By the name of the instruments.
    truth : float, optional
        True effect, in the twin.
    reach : float
        How far beyond the Wald intervals the axis goes, in their spread; sets that go on end in an arrow.

    Raises
    ------
    ParameterError
        No result.
    """
    if not results:
        raise ParameterError("a figure of confidence sets needs at least one result")
    walds = {
        name: (found.estimate.coefficients[0], *found.estimate.interval(found.anderson_rubin.level)[0])
        for name, found in results.items()
    }
    low, high = _window(walds, results, truth, reach)
    fig, ax = canvas(1.1 + 0.62 * len(results))
    for place, (name, found) in enumerate(results.items()):
        value, *wald = walds[name]
        ax.plot(wald, [place - 0.13] * 2, color=BLUE, linewidth=2.2)
        ax.plot(value, place - 0.13, "o", color=BLUE, markersize=5)
        for start, end in found.anderson_rubin.intervals:
            _piece(ax, start, end, place + 0.13, low, high)
        if not found.anderson_rubin.intervals:
            ax.text(value, place + 0.13, "empty set", color=RED, size=9, ha="center", va="center")
    ax.plot([], [], color=BLUE, marker="o", linewidth=2.2, label="two-stage least squares, Wald interval")
    ax.plot([], [], color=RED, linewidth=2.2, label="Anderson–Rubin set")
    if truth is not None:
        ax.axvline(truth, color=GREEN, linestyle="--", label="true effect")
    ax.axvline(0, color="#888888", linewidth=1, zorder=0)
    names = [f"{name}\nF = {found.first_stage_f:.1f}" for name, found in results.items()]
    ax.set_yticks(range(len(results)), names)
    ax.set(xlabel=xlabel, xlim=(low, high), ylim=(len(results) - 0.5, -0.5))
    ax.grid(visible=False, axis="y")
    ax.tick_params(axis="y", pad=9)
    fig.legend(loc="outside upper center", ncols=4)
    return stamp(fig, label)


def _window(walds, results, truth, reach) -> tuple[float, float]:
    """Range of the axis: everything bounded, cut at ``reach`` spreads beyond the Wald intervals."""
    ends = np.array([0.0, *([] if truth is None else [truth]), *(v for wald in walds.values() for v in wald)])
    low, high = ends.min(), ends.max()
    margin = reach * (high - low)
    sets = [found.anderson_rubin.intervals for found in results.values()]
    pieces = np.array([end for intervals in sets for pair in intervals for end in pair])
    bounded = pieces[np.isfinite(pieces)]
    low_set, high_set = bounded.min(initial=low), bounded.max(initial=high)
    low, high = max(low - margin, low_set), min(high + margin, high_set)
    return low - 0.06 * (high - low), high + 0.06 * (high - low)


def _piece(ax, start: float, end: float, place: float, low: float, high: float) -> None:
    """One interval of a set; an arrow where it leaves the axis, or at the edge that it lies behind."""
    left, right = np.clip([start, end], low, high)
    ax.plot([left, right], [place] * 2, color=RED, linewidth=2.2, solid_capstyle="butt")
    if start < low:
        ax.plot(left, place, "<", color=RED, markersize=7, clip_on=False)
    if end > high:
        ax.plot(right, place, ">", color=RED, markersize=7, clip_on=False)

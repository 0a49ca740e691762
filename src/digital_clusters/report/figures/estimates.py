"""Figures of estimates: coefficients, marginal effects, splits, sensitivity, Monte Carlo."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from digital_clusters.errors import ParameterError
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.report.compare import Row
from digital_clusters.report.style import (
    BLACK,
    BLUE,
    GREEN,
    PURPLE,
    RED,
    canvas,
    house_style,
    name_levels,
    series,
    stamp,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@house_style
def differences_figure(
    found: Mapping[str, pd.DataFrame], *, label: str, truth: float | None = None
) -> "Figure":
    """Differences of :func:`differences_table` with intervals, one colour and marker a family.

    Parameters
    ----------
    found : mapping of str to pandas.DataFrame
        Words for the family → its differences, of the same groups.
    """
    names = list(next(iter(found.values()))["words"])
    fig, ax = canvas(1.3 + 0.45 * len(names))
    ax.axvline(0, color="#888888", linewidth=1)
    if truth is not None:
        ax.axvline(truth, color=GREEN, linestyle="--", linewidth=1.4, label="planted")
    looks = ((BLUE, "o"), (RED, "s")) if len(found) > 1 else ((series(label)[0], "o"),)
    shifts = np.linspace(-0.15, 0.15, len(found)) if len(found) > 1 else [0.0]
    for shift, (colour, marker), (words, table) in zip(shifts, looks, found.items(), strict=False):
        spans = np.abs(table[["low", "high"]].to_numpy() - table[["value"]].to_numpy()).T
        places = np.arange(len(names)) + shift
        ax.errorbar(table["value"], places, xerr=spans, fmt=marker, color=colour, markersize=4.5, label=words)
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("difference of the direct effect, log points per unit")
    fig.legend(loc="outside upper center", ncols=3)
    return stamp(fig, label)


NORMAL_95 = 1.959963984540054
"""Standard errors on each side of a printed coefficient: the paper's intervals are not printed."""


@house_style
def coefficients(rows: Sequence[Row], *, xlabel: str, label: str) -> "Figure":
    """Printed, twin and public coefficients with 95 % intervals, one line of the axis a printed column.

    Parameters
    ----------
    rows : sequence of Row
        An estimate that is not available leaves no mark. Draw together only coefficients of like size.
    xlabel : str
        What one unit of the coefficient is.
    label : str
        Of the data, such as ``synthetic twin, public data``.
    """
    if not rows:
        raise ParameterError("a figure of coefficients needs at least one row")
    fig, ax = canvas(0.9 + 0.52 * len(rows))
    ax.axvline(0, color="#888888", linewidth=1)
    marks: dict[str, list[tuple[float, ...]]] = {}
    for place, row in enumerate(rows):
        for name, offset, value, low, high in _marks(row):
            span = (np.nan, np.nan) if low is None else (value - low, high - value)
            marks.setdefault(name, []).append((value, place + offset, *span))
    for name, found in marks.items():
        (colour, marker), (values, places, below, above) = series(name), np.array(found).T
        ax.errorbar(
            values,
            places,
            xerr=[below, above],
            fmt=marker,
            color=colour,
            markersize=5,
            elinewidth=1.4,
            label=name,
        )
    names = [dict.fromkeys([row.column, row.term_label or row.term]) for row in rows]
    ax.set_yticks(range(len(rows)), ["\n".join(parts) for parts in names])
    ax.set_ylim(len(rows) - 0.45, -0.55)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(xlabel)
    fig.legend(loc="outside upper center", ncols=4)
    return stamp(fig, label)


def _marks(row: Row):
    """Name, offset on the axis, value and 95 % interval of every number of a row."""
    if row.published is not None:
        value, half = row.published.value, NORMAL_95 * row.published.error
        yield "published", -0.24, value, value - half, value + half
    for name, offset, estimate in (("synthetic twin", 0.0, row.twin), ("public data", 0.24, row.public)):
        if estimate is not None:
            b = estimate.term(row.term)
            yield name, offset, b.value, b.low, b.high
    if row.truth is not None:
        yield "truth", 0.0, row.truth, None, None


@house_style
def marginal_effect(
    moderator: ArrayLike,
    effect: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    *,
    xlabel: str,
    ylabel: str,
    label: str,
    observed: ArrayLike | None = None,
    truth: ArrayLike | None = None,
) -> "Figure":
    """Effect of the treatment over values of the moderator, with its interval.

    Parameters
    ----------
    moderator, effect, low, high : array_like, shape (m,)
        Values of the moderator in ascending order, the effect there and the ends of its interval.
    observed : array_like, optional
        Values of the moderator in the sample, drawn as a rug: where there are none the line is
        extrapolated.
    truth : array_like, shape (m,), optional
        True effect, in the twin.
    """
    colour, _ = series(label)
    fig, ax = canvas(3.8)
    ax.axhline(0, color="#888888", linewidth=1)
    ax.fill_between(moderator, low, high, color=colour, alpha=0.2, linewidth=0, label="95 % interval")
    ax.plot(moderator, effect, color=colour, label="effect")
    if truth is not None:
        ax.plot(moderator, truth, color=GREEN, linestyle="--", label="true effect")
    if observed is not None:
        ax.plot(
            np.asarray(observed, float),
            np.zeros(np.size(observed)),
            "|",
            rasterized=True,
            color="#888888",  # seen on light and on dark ground: a picture within a drawing keeps its colours
            alpha=0.3,
            markersize=9,
            transform=ax.get_xaxis_transform(),
            clip_on=False,
        )
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.legend()
    return stamp(fig, label)


@house_style
def residual_scatter(
    outcome_residual: ArrayLike,
    treatment_residual: ArrayLike,
    *,
    xlabel: str,
    ylabel: str,
    label: str,
    groups: ArrayLike | None = None,
) -> "Figure":
    """What the nuisance functions leave of outcome and treatment, and the slope through the origin.

    The slope sum(v u) / sum(v²) is the coefficient of the partially linear model.

    Parameters
    ----------
    groups : array_like, shape (n,), optional
        City of each observation. The slope is then taken apart: over the means of cities, which a city's
        constant would have removed, and over deviations from them.
    """
    u, v = np.asarray(outcome_residual, float), np.asarray(treatment_residual, float)
    slopes = {"all city-years": (float(v @ u / (v @ v)), "-")}
    if groups is not None:
        frame = pd.DataFrame({"u": u, "v": v})
        means = frame.groupby(np.asarray(groups)).transform("mean")
        inner = frame - means
        slopes["between means of cities"] = (float(means["v"] @ means["u"] / (means["v"] @ means["v"])), "--")
        slopes["within cities"] = (float(inner["v"] @ inner["u"] / (inner["v"] @ inner["v"])), ":")
    ends = np.array([v.min(), v.max()])
    colour, _ = series(label)
    fig, ax = canvas(4.0)
    ax.scatter(v, u, s=6, color=colour, alpha=0.35, linewidths=0, rasterized=True)
    frame_of = ax.get_xlim(), ax.get_ylim()
    for (name, (slope, line)), ink in zip(slopes.items(), (BLACK, RED, PURPLE), strict=False):
        told = f"slope {slope:.3f}".replace("-", "−")
        words = told if groups is None else f"{name}: {told}"
        ax.plot(ends, slope * ends, line, color=ink, linewidth=2, label=words)
    ax.set(xlabel=xlabel, ylabel=ylabel, xlim=frame_of[0], ylim=frame_of[1])
    fig.legend(loc="outside upper center", ncols=3)
    return stamp(fig, label)


@house_style
def leftover_bars(table: pd.DataFrame, *, label: str) -> "Figure":
    """Share of the treatment residual's variance that lies between cities, by way of removing them.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a way: way, share, noise (what independent noise would leave).
    """
    colour, _ = series(label)
    fig, ax = canvas(1.0 + 0.34 * len(table))
    places = np.arange(len(table))
    ax.barh(places, 100 * table["share"], color=colour, alpha=0.8, height=0.6)
    ax.plot(100 * table["noise"], places, "|", color=BLACK, markersize=16, label="what noise would leave")
    ax.set_yticks(places, table["way"])
    ax.set_ylim(len(table) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("variance of the treatment residual that lies between cities, %")
    fig.legend(loc="outside upper center")
    return stamp(fig, label)


@house_style
def split_spread(
    repetitions: ArrayLike, standard_error: float, *, xlabel: str, label: str, published: float | None = None
) -> "Figure":
    """The same estimate under other random folds, against its standard error.

    Parameters
    ----------
    repetitions : array_like, shape (repeats,)
        Coefficient under each drawing of folds.
    standard_error : float
        Of the median; the band around it is its 95 per cent interval.
    published : float, optional
    """
    theta = np.sort(np.asarray(repetitions, float).ravel())
    middle = float(np.median(theta))
    colour, marker = series(label)
    fig, ax = canvas(3.2)
    ax.axvspan(
        middle - NORMAL_95 * standard_error,
        middle + NORMAL_95 * standard_error,
        color=colour,
        alpha=0.15,
        linewidth=0,
        label="95 % interval of the median",
    )
    ax.axvline(middle, color=colour, label=f"median of {theta.size}")
    height = (np.arange(theta.size) + 0.5) / theta.size
    ax.plot(theta, height, marker, color=colour, markersize=5, label="one drawing of folds")
    if published is not None:
        ax.axvline(published, color=BLACK, linestyle="--", label="published")
    ax.set(xlabel=xlabel, ylabel="share at or below", ylim=(0, 1))
    fig.legend(loc="outside upper center", ncols=4)
    return stamp(fig, label)


@house_style
def forest(
    estimates: Mapping[str, Estimate],
    term: str,
    *,
    xlabel: str,
    label: str,
    published: tuple[float, float] | None = None,
    truth: float | None = None,
) -> "Figure":
    """One coefficient under several learners or specifications, with 95 % intervals.

    Parameters
    ----------
    estimates : mapping of str to Estimate
        Drawn from top to bottom.
    published : (coefficient, standard error), optional
        Drawn as a band.
    truth : float, optional
        True effect, in the twin.
    """
    colour, marker = series(label)
    fig, ax = canvas(0.9 + 0.36 * len(estimates))
    ax.axvline(0, color="#888888", linewidth=1)
    if published is not None:
        value, half = published[0], NORMAL_95 * published[1]
        ax.axvspan(value - half, value + half, color=BLACK, alpha=0.1, linewidth=0, label="published, 95 %")
        ax.axvline(value, color=BLACK, linewidth=1, linestyle=":")
    if truth is not None:
        ax.axvline(truth, color=GREEN, linestyle="--", label="true effect")
    found = [estimate.term(term) for estimate in estimates.values()]
    ax.errorbar(
        [b.value for b in found],
        range(len(found)),
        xerr=[[b.value - b.low for b in found], [b.high - b.value for b in found]],
        fmt=marker,
        color=colour,
        markersize=5,
        label="estimate, 95 %",
    )
    ax.set_yticks(range(len(estimates)), list(estimates))
    ax.set_ylim(len(estimates) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(xlabel)
    fig.legend(loc="outside upper center", ncols=3)
    return stamp(fig, label)


@house_style
def sensitivity_contour(
    coefficient: float,
    scale: float,
    robustness_value: float,
    *,
    label: str,
    benchmarks: Mapping[str, tuple[float, float]] | None = None,
    limit: float = 0.5,
) -> "Figure":
    """The coefficient that is left under an omitted confounder of given strength.

    The bias is at most sqrt(c_y c_d / (1 − c_d)) · S (Chernozhukov et al. 2022, *Long story short*),
    where c_y and c_d are the shares of what is left of outcome and treatment that the confounder
    explains. Contours show the coefficient moved towards zero by that bound.

    Parameters
    ----------
    coefficient, scale : float
        The estimate and its S.
    robustness_value : float
        Strength c_y = c_d at which the contour reaches zero.
    benchmarks : mapping of str to (c_d, c_y), optional
        Strength of observed controls.
    limit : float
        End of both axes, below 1.
    """
    from matplotlib.ticker import MaxNLocator

    shares = np.linspace(0, limit, 201)
    c_d, c_y = np.meshgrid(shares, shares)
    left = coefficient - np.sign(coefficient) * np.sqrt(c_y * c_d / (1 - c_d)) * scale
    fig, ax = canvas(4.6)
    levels = [
        level
        for level in MaxNLocator(9).tick_values(left.min(), left.max())
        if not np.isclose(level, (0, coefficient), atol=1e-12).any()
    ]
    lines = ax.contour(c_d, c_y, left, levels=levels, colors=BLUE, linewidths=0.9, linestyles="solid")
    zero = ax.contour(c_d, c_y, left, levels=[0.0], colors=RED, linewidths=2)
    ax.plot([0, limit], [0, limit], color="#aaaaaa", linewidth=0.8, linestyle=":")
    if robustness_value <= limit:
        ax.plot(
            robustness_value,
            robustness_value,
            "D",
            color=RED,
            label=f"robustness value {robustness_value:.3f}",
        )
    for name, (strength_d, strength_y) in (benchmarks or {}).items():
        ax.plot(strength_d, strength_y, "o", color=BLACK, markersize=4)
        ax.annotate(
            f"as strong as {name}", (strength_d, strength_y), (5, 3), textcoords="offset points", size=8
        )
    ax.set(
        xlabel="share of the treatment's residual variance that is explained, $c_d$",
        ylabel="share of the outcome's residual\nvariance that is explained, $c_y$",
        xlim=(0, limit),
        ylim=(0, limit),
    )
    name_levels(ax, lines, lambda value: f"{value:.3f}".replace("-", "−"))
    name_levels(ax, zero, "zero")
    if ax.get_legend_handles_labels()[0]:
        fig.legend(loc="outside upper center")
    return stamp(fig, label)

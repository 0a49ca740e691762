"""Figures of the chapters on collaborative agglomeration."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from digital_clusters.analysis.adoption import Designs
from digital_clusters.measures.indicators.coagglomeration import coagglomeration_index
from digital_clusters.measures.space.moran import LocalMoran
from digital_clusters.report.estimates import KINDS
from digital_clusters.report.figures.designs import event_study
from digital_clusters.report.figures.matching import love_plot
from digital_clusters.report.figures.space import cluster_map, moran_over_years, value_map
from digital_clusters.report.live import Estimates, LiveFigure, live_estimates
from digital_clusters.report.style import (
    BLACK,
    BLUE,
    GREEN,
    RED,
    canvas,
    house_style,
    name_levels,
    series,
    stamp,
)
from digital_clusters.report.words import PUBLIC, TWIN, number
from digital_clusters.sources.policies import city_facts
from digital_clusters.studies.collaborative_agglomeration.accession.tables import SINCE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

YLABEL = "effect on log misallocation, log points"


COVARIATE_WORDS = {
    "propensity score": "propensity score",
    "income": "log GDP per head",
    "population": "log population",
    "uil": "index of structure",
    "finance": "log credit over GDP",
    "coagglomeration": "co-agglomeration",
}


def balance(balance: pd.DataFrame, label: str) -> "Figure":
    """Standardised differences before and after matching, in words."""
    return love_plot(balance.rename(index=COVARIATE_WORDS), label=label)


def live_paths(
    paths: Mapping[str, Sequence[dict] | pd.DataFrame], label: str, planted: pd.DataFrame
) -> LiveFigure:
    """Event studies by estimator, one at a time on axes that stay, beside the planted path.

    Parameters
    ----------
    paths : mapping
        Name of the estimator → what :func:`path` draws.
    planted : pandas.DataFrame
        Of ``accession_path``.
    """
    tables = {name: pd.DataFrame(found) for name, found in paths.items()}
    shown = sorted({int(year) for table in tables.values() for year in table["relative"]})
    truth = planted[planted["relative"].isin(shown)]
    return live_estimates(
        [_path_of(name, table) for name, table in tables.items()],
        title="Effects of accession by years since joining",
        question="Estimator",
        xlabel=f"{SINCE}; diamonds: planted",
        ylabel=YLABEL,
        label=label,
        truth=_points(truth.rename(columns={"effect": "value"})),
    )


def _path_of(name: str, table: pd.DataFrame) -> Estimates:
    points = _points(table.rename(columns={"effect": "value"}))
    after = points[points["at"] >= 0]
    clear = int(((after["low"] > 0) | (after["high"] < 0)).sum())
    words = (
        f"{name}: {number(float(after['value'].iloc[0]), 2)} in the year of joining, "
        f"{number(float(after['value'].iloc[-1]), 2)} in year {int(after['at'].iloc[-1])} after it; "
        f"{clear} of {len(after)} intervals from the year of joining on leave out zero."
    )
    return Estimates(name, points, words)


def _points(table: pd.DataFrame) -> pd.DataFrame:
    years = table["relative"].astype(int)
    names = [f"{number(year, 0)} years" for year in years]
    kept = [column for column in ("value", "low", "high") if column in table]
    return table[kept].assign(at=years, name=names)


@house_style
def designs(rows: Sequence[dict], *, label: str, planted: float | None = None) -> "Figure":
    """The estimates of :func:`designs` with intervals."""
    colour, marker = series(label)
    values = np.array([[row["value"], row["low"], row["high"]] for row in rows])
    fig, ax = canvas(1.1 + 0.34 * len(rows))
    ax.axvline(0, color="#888888", linewidth=1)
    if planted is not None:
        ax.axvline(planted, color=GREEN, linestyle="--", linewidth=1.4, label="planted, mean over city-years")
        fig.legend(loc="outside upper center")
    spans = np.abs(values[:, 1:] - values[:, :1]).T
    ax.errorbar(values[:, 0], range(len(rows)), xerr=spans, fmt=marker, color=colour, markersize=5)
    ax.set_yticks(range(len(rows)), [row["design"] for row in rows])
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(YLABEL)
    return stamp(fig, label)


def path(path: Sequence[dict] | pd.DataFrame, label: str, planted: pd.DataFrame | None = None) -> "Figure":
    """An event study, with the planted path where there is one.

    Parameters
    ----------
    path : records with ``relative``, ``effect``, ``low`` and ``high``
    planted : pandas.DataFrame, optional
        Of ``accession_path``; the first period of a binned path is left as its own year.
    """
    table = pd.DataFrame(path)
    truth = None
    if planted is not None:
        truth = table["relative"].map(planted.set_index("relative")["effect"]).to_numpy(float)
    return event_study(
        table["relative"],
        table["effect"],
        table[["low", "high"]],
        xlabel=SINCE,
        ylabel=YLABEL,
        label=label,
        base=-1,
        truth=truth,
    )


@house_style
def cell_weights(designs: Designs, *, label: str) -> "Figure":
    """Weight of each treated cohort and year in the two-way estimate that keeps the first year's members.

    A negative weight turns the effect of those cities in that year around.
    """
    cells = designs.weights_kept.cells
    fig, ax = canvas(3.2)
    ax.axhline(0, color="#888888", linewidth=1)
    markers = "osD^vP"
    for marker, (cohort, part) in zip(markers, cells.groupby("adoption"), strict=False):
        each = 100 * part["weight"] / part["n_units"]
        ax.plot(part["time"], each, marker=marker, markersize=4, linewidth=1, label=f"joined {cohort}")
    ax.set(xlabel="year", ylabel="weight of a city-year, %")
    ax.xaxis.get_major_locator().set_params(integer=True)
    fig.legend(loc="outside upper center", ncols=5)
    return stamp(fig, label)


@house_style
def index_contours(frame: pd.DataFrame, *, label: str) -> "Figure":
    """The index over the two location quotients, and where the city-years of a sample lie.

    Parameters
    ----------
    frame : pandas.DataFrame
        ``lq_manufacturing`` and ``lq_producer_services``.
    """
    m, s = (frame[f"lq_{name}"].to_numpy(float) for name in ("manufacturing", "producer_services"))
    reach = 1.05 * np.nanmax(np.concatenate([m, s]))
    grid = np.linspace(0.02, reach, 240)
    values = coagglomeration_index(*np.meshgrid(grid, grid))
    fig, ax = canvas(4.6)
    levels = np.arange(0.5, np.nanmax(values), 0.5)
    drawn = ax.contour(grid, grid, values, levels=levels, cmap="viridis", linewidths=1.1)
    ax.scatter(m, s, s=5, color=BLUE, alpha=0.25, linewidths=0, rasterized=True)
    ax.plot([0, reach], [0, reach], color="#888888", linestyle=":", linewidth=1)
    ax.set(
        xlabel="location quotient of manufacturing",
        ylabel="location quotient of producer services",
        xlim=(0, reach),
        ylim=(0, reach),
    )
    ax.set_aspect("equal")
    name_levels(ax, drawn)
    return stamp(fig, label)


@house_style
def losses(found: Mapping[str, pd.DataFrame]) -> "Figure":
    """Share of productivity lost to misallocation by year, a line a source.

    Parameters
    ----------
    found : mapping of str to pandas.DataFrame
        Label → table of ``efficiency_loss``.
    """
    fig, ax = canvas(3.0)
    for label, table in found.items():
        colour, marker = series(label)
        ax.plot(table["year"], 100 * table["loss"], marker=marker, markersize=4, color=colour, label=label)
    ax.set(xlabel="year", ylabel="productivity lost, %", ylim=(0, None))
    ax.xaxis.get_major_locator().set_params(integer=True)
    fig.legend(loc="outside upper center", ncols=len(found))
    return stamp(fig, ", ".join(found))


@house_style
def trends(records: Mapping[str, Mapping[str, Sequence[dict]]], ylabels: Mapping[str, str]) -> "Figure":
    """Mean, median and middle four fifths of cities by year: a row an indicator, a column a source.

    Parameters
    ----------
    records : mapping of str to mapping of str to list of dict
        Label of the source → column → records of ``trend_record``.
    ylabels : mapping of str to str
        Column → name and unit.
    """
    fig, axes = canvas(2.2 * len(ylabels) + 0.6, len(ylabels), len(records), squeeze=False, sharex="col")
    for j, (label, tables) in enumerate(records.items()):
        colour = RED if label == PUBLIC else BLUE
        for i, (column, ylabel) in enumerate(ylabels.items()):
            ax, table = axes[i, j], pd.DataFrame(tables[column])
            ax.fill_between(table["year"], table["low"], table["high"], color=colour, alpha=0.18, linewidth=0)
            ax.plot(table["year"], table["median"], color=colour, linestyle="--", linewidth=1.1)
            ax.plot(table["year"], table["mean"], color=colour, marker="o", markersize=3.5)
            ax.set_ylabel(ylabel if j == 0 else "")
            ax.xaxis.get_major_locator().set_params(integer=True)
        axes[0, j].set_title(label)
        axes[-1, j].set_xlabel("year")
    return stamp(fig, ", ".join(records))


def twin_map(frame: pd.DataFrame) -> "Figure":
    """Each fictional city's mean co-agglomeration."""
    mean = frame.groupby("city")["coagglomeration"].mean()
    places = frame.groupby("city")[["lon", "lat"]].first().reset_index()
    return value_map(places, mean, value_label="co-agglomeration, mean over years", label=TWIN)


def public_map(record: Mapping[str, Any]) -> "Figure":
    """Each real city's mean index of two sectors, at its centroid."""
    mean = pd.DataFrame(record["patterns"]["mean_index"]).set_index("city")["value"]
    places = _real_places(mean.index)
    words = "two-sector index, mean over years"
    return value_map(places, mean, value_label=words, label=PUBLIC, outlines=True)


def public_clusters(record: Mapping[str, Any], column: str) -> "Figure":
    """Clusters of real cities by local Moran, tested one by one."""
    found = record["patterns"]["clusters"][column]
    table = pd.DataFrame(found["cities"])
    local = LocalMoran(table, found["level"], "none", found["permutations"])
    return cluster_map(_real_places(table["city"]), local, label=PUBLIC, outlines=True)


def twin_clusters(frame: pd.DataFrame, record: Mapping[str, Any]) -> "Figure":
    """Clusters of fictional cities; ``record`` is of ``cluster_record``."""
    local = LocalMoran(pd.DataFrame(record["cities"]), record["level"], "none", record["permutations"])
    places = frame.groupby("city")[["lon", "lat"]].first().reset_index()
    return cluster_map(places, local, label=TWIN)


def moran(tables: Mapping[str, Any], label: str) -> "Figure":
    """Moran's I by year from frames or from records."""
    frames = {name: pd.DataFrame(table) for name, table in tables.items()}
    return moran_over_years(frames, label=label)


def _real_places(codes) -> pd.DataFrame:
    places = city_facts().set_index("city")[["lon", "lat"]]
    return places.loc[list(codes)].reset_index()


SIDE_LOOKS = {"left": (BLUE, "o", "--"), "right": (RED, "s", ":")}
"""Side of the turning point → colour, marker, and style of the line at what is planted."""


WIDE = 6
"""An interval so many times wider than the median one is drawn beyond the axis."""


@house_style
def variants(
    found: Mapping[str, Mapping[str, Any]], *, label: str, planted: Mapping[str, float] | None = None
) -> "Figure":
    """Direct and indirect effects left and right of the turning point, one line a specification.

    Parameters
    ----------
    found : as :func:`variants`
    planted : mapping of str to float, optional
        ``direct left``, … → planted size.
    """
    fig, axes = canvas(1.2 + 0.34 * len(found), columns=2, sharey=True)
    for ax, kind in zip(axes, KINDS[:2], strict=True):
        ax.axvline(0, color="#888888", linewidth=1)
        for shift, (side, (colour, marker, line)) in zip((-0.14, 0.14), SIDE_LOOKS.items(), strict=True):
            name = f"{kind} {side}"
            shown = [(k, row[name]) for k, row in enumerate(found.values()) if name in row]
            places = np.array([k for k, _ in shown]) + shift
            values = np.array([[row["effect"], row["low"], row["high"]] for _, row in shown])
            spans = np.abs(values[:, 1:] - values[:, :1]).T
            words = f"{side} of the turning point" if kind == KINDS[0] else None
            style = {"fmt": marker, "color": colour, "markersize": 4, "elinewidth": 1.2, "label": words}
            ax.errorbar(values[:, 0], places, xerr=spans, **style)
            if planted is not None:
                words = f"planted, {side}" if kind == KINDS[0] else None
                ax.axvline(planted[name], color=colour, linestyle=line, linewidth=1.2, label=words)
        ax.set_xlabel(f"{kind} effect,\nlog points per unit")
        ax.set_xlim(*_window(found, kind))
        ax.grid(visible=False, axis="y")
    axes[0].set_yticks(range(len(found)), list(found))
    axes[0].set_ylim(len(found) - 0.4, -0.6)
    fig.legend(loc="outside upper center", ncols=2)
    return stamp(fig, label)


def _window(found: Mapping[str, Mapping[str, Any]], kind: str) -> tuple[float, float]:
    """Range that holds zero and all intervals but those :data:`WIDE` times as wide as the median one."""
    ends = [
        (row["low"], row["high"])
        for one in found.values()
        for name, row in one.items()
        if name.startswith(kind)
    ]
    ends = np.array(ends)
    width = np.ptp(ends, axis=1)
    kept = ends[width <= WIDE * np.median(width)]
    low, high = min(kept.min(), 0), max(kept.max(), 0)
    return low - 0.06 * (high - low), high + 0.06 * (high - low)


@house_style
def effects(
    grid: pd.DataFrame | Mapping[str, Sequence],
    *,
    label: str,
    planted: np.ndarray | None = None,
    turning: tuple[float, Sequence[Sequence[float]]] | None = None,
    planted_turning: float | None = None,
) -> "Figure":
    """Direct and indirect marginal effect over the treatment with delta bands.

    Parameters
    ----------
    grid : pandas.DataFrame or its columns
        Of ``effects_at``.
    planted : numpy.ndarray, shape (points, 3), optional
        At the same values.
    turning : (float, sequence of pairs), optional
        Turning point and the pieces of its set.
    """
    grid, (colour, _) = pd.DataFrame(grid), series(label)
    fig, axes = canvas(3.6, columns=2, sharex=True)
    for k, (ax, kind) in enumerate(zip(axes, KINDS[:2], strict=True)):
        part = grid[grid["kind"] == kind]
        ax.axhline(0, color="#888888", linewidth=1)
        band = {"color": colour, "alpha": 0.18, "linewidth": 0}
        ax.fill_between(
            part["c"], part["low"], part["high"], label="95 % band, delta" if not k else None, **band
        )
        ax.plot(part["c"], part["effect"], color=colour, label="estimate" if not k else None)
        if planted is not None:
            words = "planted" if not k else None
            ax.plot(part["c"], planted[:, k], color=GREEN, linestyle="--", label=words)
        ax.set(xlabel="co-agglomeration", ylabel=f"{kind} effect, log points per unit")
        ax.set_xlim(part["c"].min(), part["c"].max())
    _mark_turning(axes[0], turning, planted_turning)
    fig.legend(loc="outside upper center", ncols=3)
    return stamp(fig, label)


def _mark_turning(ax: "Axes", turning, planted: float | None) -> None:
    if turning is not None:
        ax.axvline(turning[0], color=BLACK, linewidth=1, label="turning point")
        for low, high in turning[1]:
            ax.axvspan(low, high, color=BLACK, alpha=0.1, linewidth=0, label="its Fieller set")
    if planted is not None:
        ax.axvline(planted, color=GREEN, linewidth=1, linestyle=":", label="planted turning point")

"""Figures of indicators: distributions, trends, maps, Lorenz curves."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.measures.indicators.inequality import gini
from digital_clusters.report.style import BLUE, CYCLE, RED, canvas, colour_bar, house_style, stamp
from digital_clusters.report.words import TWIN

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MAP_ASPECT_LATITUDE = 35.0
"""Degrees: at this latitude a degree of longitude and one of latitude are drawn to scale."""


_DARK_CELL = 0.6
"""Correlation from which a cell is so dark that its number is written in white."""


@house_style
def histogram(
    values: ArrayLike, *, xlabel: str, label: str, bins: int = 40, reference: float | None = None
) -> "Figure":
    """How an indicator is spread over city-years.

    Parameters
    ----------
    values : array_like, shape (n,)
    xlabel : str
        Name and unit.
    label : str
        Of the data.
    reference : float, optional
        A printed mean, drawn as a dashed line beside the mean of the values.
    """
    values = _finite(values)
    fig, ax = canvas(3.4)
    ax.hist(values, bins=bins, color=BLUE, alpha=0.75, edgecolor="white", linewidth=0.4)
    ax.axvline(values.mean(), color=BLUE, label=f"mean here, {values.mean():.3f}")
    if reference is not None:
        ax.axvline(reference, color=RED, linestyle="--", label=f"printed mean, {reference:.3f}")
    ax.set(xlabel=xlabel, ylabel="city-years")
    ax.legend()
    return stamp(fig, label)


@house_style
def trend(
    frame: pd.DataFrame, column: str, *, ylabel: str, label: str, band: tuple[float, float] = (0.1, 0.9)
) -> "Figure":
    """Mean over cities by year, with a band between two quantiles and the median.

    Parameters
    ----------
    frame : pandas.DataFrame
        With ``year`` and ``column``.
    ylabel : str
        Name and unit.
    band : tuple of float
        Quantiles.
    """
    low, high = band
    if not 0 <= low < high <= 1:
        raise ParameterError(f"band = {band!r} must be two quantiles in ascending order")
    by_year = frame.groupby("year")[column]
    fig, ax = canvas(3.4)
    years = np.array(sorted(frame["year"].unique()))
    ax.fill_between(
        years,
        by_year.quantile(low),
        by_year.quantile(high),
        color=BLUE,
        alpha=0.18,
        linewidth=0,
        label=f"middle {high - low:.0%} of cities",
    )
    ax.plot(years, by_year.median(), color=BLUE, linestyle="--", linewidth=1.2, label="median")
    ax.plot(years, by_year.mean(), color=BLUE, marker="o", markersize=4, label="mean")
    ax.set(xlabel="year", ylabel=ylabel, xticks=years if years.size <= 12 else years[::2])
    fig.legend(loc="outside upper center", ncols=3)
    return stamp(fig, label)


@house_style
def binned_scatter(
    x: ArrayLike, y: ArrayLike, *, xlabel: str, ylabel: str, label: str, bins: int = 20
) -> "Figure":
    """Means of the outcome over bins of the treatment with equal counts, behind them every city-year.

    Bars are ±1.96 standard errors of the bin's mean, as if city-years were independent: they describe,
    they do not test.
    """
    frame = pd.DataFrame({"x": np.asarray(x, float), "y": np.asarray(y, float)}).dropna()
    if len(frame) < 2 * bins:
        raise DataError(f"{len(frame)} points are too few for {bins} bins")
    groups = frame.groupby(pd.qcut(frame["x"].rank(method="first"), bins, labels=False))
    means, errors = groups.mean(), groups["y"].sem()
    fig, ax = canvas(4.0)
    ax.scatter(frame["x"], frame["y"], s=4, color="#999999", alpha=0.35, linewidths=0, rasterized=True)
    ax.errorbar(
        means["x"],
        means["y"],
        yerr=1.96 * errors,
        fmt="o",
        color=BLUE,
        markersize=5,
        label=f"mean of {bins} bins",
    )
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.legend()
    return stamp(fig, label)


@house_style
def city_map(
    lon: ArrayLike,
    lat: ArrayLike,
    values: ArrayLike,
    *,
    value_label: str,
    label: str,
    diverging: bool = False,
    size: float = 26,
) -> "Figure":
    """Cities as points, coloured by a value.

    Parameters
    ----------
    lon, lat : array_like, shape (n,)
        Degrees.
    values : array_like, shape (n,)
        Cities without a value are drawn as hollow points.
    value_label : str
        Name and unit.
    diverging : bool
        Centre the colours at zero.
    """
    lon, lat, values = (np.asarray(item, dtype=float) for item in (lon, lat, values))
    known = np.isfinite(values)
    if not known.any():
        raise DataError("no city has a value to draw")
    fig, ax = canvas(5.0, layout="compressed")
    limit = np.abs(values[known]).max() if diverging else None
    scale = {"cmap": "RdBu_r", "vmin": -limit, "vmax": limit} if diverging else {"cmap": "viridis"}
    if not known.all():
        ax.scatter(
            lon[~known],
            lat[~known],
            s=size,
            facecolors="none",
            edgecolors="#999999",
            linewidths=0.6,
            label="no value",
        )
        fig.legend(loc="outside upper center")
    points = ax.scatter(
        lon[known], lat[known], c=values[known], s=size, edgecolors="#444444", linewidths=0.25, **scale
    )
    ax.set_aspect(1 / np.cos(np.deg2rad(_MAP_ASPECT_LATITUDE)))
    name_axes_of_map(ax, label)
    colour_bar(fig, points, ax, value_label, shrink=0.75, pad=0.02)
    return stamp(fig, label)


def name_axes_of_map(ax: "Axes", label: str) -> None:
    """Degrees on a map of real places; none on one of places that do not exist."""
    if label == TWIN:
        ax.set(xticks=[], yticks=[], xlabel="west to east, invented places", ylabel="south to north")
    else:
        ax.set(xlabel="longitude, degrees east", ylabel="latitude, degrees north")


@house_style
def correlations(
    overall: pd.DataFrame, within: pd.DataFrame, *, label: str, below: str = "all city-years"
) -> "Figure":
    """Correlations of the same variables in two forms, in one square: one form on each side of the diagonal.

    Parameters
    ----------
    overall, within : pandas.DataFrame
        Square, names of variables on both axes: over all city-years (below the diagonal), and of deviations
        from the means of city and year (above it).
    below : str
        What the first is over, where it is not all city-years.
    """
    names = list(overall.columns)
    size = len(names)
    values = np.where(
        np.tri(size, k=-1, dtype=bool), overall.to_numpy(float), within.loc[names, names].to_numpy(float)
    )
    fig, ax = canvas(1.9 + 0.52 * size)
    shown = np.where(np.eye(size, dtype=bool), np.nan, values)
    ax.pcolormesh(np.arange(size + 1) - 0.5, np.arange(size + 1) - 0.5, shown, cmap="RdBu_r", vmin=-1, vmax=1)
    ax.set_aspect("equal")
    ax.invert_yaxis()
    for row, column in zip(*np.nonzero(~np.eye(size, dtype=bool)), strict=True):
        value = values[row, column]
        ink = "white" if abs(value) > _DARK_CELL else "#222222"
        text = f"{round(value, 2) + 0.0:.2f}".replace("-", "−")
        ax.text(column, row, text, ha="center", va="center", size=8.5, color=ink)
    ax.set_xticks(range(size), names, rotation=40, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(size), names)
    ax.tick_params(axis="both", length=0)
    ax.grid(visible=False)
    ax.set_title("above the diagonal: within cities and years", loc="right", size=9.5)
    ax.set_xlabel(f"below the diagonal: {below}", size=9.5, loc="left")
    return stamp(fig, label)


@house_style
def lorenz_curves(curves: Mapping[str, ArrayLike], *, label: str, what: str = "light") -> "Figure":
    """Lorenz curves of the units of chosen city-years, with the Gini coefficient of each.

    Parameters
    ----------
    curves : mapping of str to array_like
        Name, such as ``Wuhan 2015`` → non-negative values of its units.
    what : str
        What is shared out.
    """
    fig, ax = canvas(4.4)
    ax.plot([0, 1], [0, 1], color="#888888", linewidth=1, linestyle=":", label="equal shares")
    for number, (name, values) in enumerate(curves.items()):
        values = np.sort(_finite(values))
        if values.sum() <= 0:
            raise DataError(f"{name}: every value is zero, there is nothing to share out")
        share = np.concatenate([[0], np.cumsum(values) / values.sum()])
        ax.plot(
            np.linspace(0, 1, share.size),
            share,
            color=CYCLE[number % len(CYCLE)],
            label=f"{name}: Gini {gini(values):.2f}\n({values.size} units)",
        )
    ax.set(xlabel="share of units, from the darkest", ylabel=f"share of {what}", xlim=(0, 1), ylim=(0, 1))
    ax.set_aspect("equal")
    fig.legend(loc="outside right upper")
    return stamp(fig, label)


def _finite(values: ArrayLike) -> np.ndarray:
    values = np.asarray(values, dtype=float).ravel()
    values = values[np.isfinite(values)]
    if not values.size:
        raise DataError("there is no value to draw")
    return values

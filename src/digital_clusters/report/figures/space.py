"""Figures of spatial patterns: maps with neighbours, Moran's scatter plot, Moran's I over years."""

from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.measures.space.moran import (
    NO_NEIGHBOUR,
    NOT_SIGNIFICANT,
    NULL_BAND,
    QUADRANTS,
    LocalMoran,
)
from digital_clusters.measures.space.weights import SpatialWeights
from digital_clusters.report.figures.data import city_map, name_axes_of_map
from digital_clusters.report.style import BLUE, CYCLE, ORANGE, RED, SKY, canvas, house_style, stamp

if TYPE_CHECKING:
    from geopandas import GeoSeries
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CLUSTER_COLOURS = dict(zip(QUADRANTS, (RED, SKY, BLUE, ORANGE), strict=True))
"""Warm where the city is high, strong where its neighbours are alike."""

LANDMARKS = {
    "Beijing": (116.4, 39.9),
    "Chengdu": (104.1, 30.7),
    "Guangzhou": (113.3, 23.1),
    "Harbin": (126.6, 45.8),
    "Lanzhou": (103.8, 36.1),
    "Shanghai": (121.5, 31.2),
    "Ürümqi": (87.6, 43.8),
    "Wuhan": (114.3, 30.6),
}
"""Degrees east and north of cities that most readers can place."""

COAST = (
    (124.3, 39.9),  # Dandong
    (121.7, 38.9),  # Dalian
    (121.2, 38.8),
    (122.1, 40.6),  # Yingkou
    (121.1, 40.8),  # Jinzhou
    (119.6, 39.9),  # Qinhuangdao
    (117.8, 39.0),  # Tianjin
    (119.2, 37.8),  # mouth of the Yellow River
    (119.1, 37.1),
    (121.4, 37.6),  # Yantai
    (122.6, 37.4),  # Weihai
    (120.3, 36.1),  # Qingdao
    (119.5, 35.4),  # Rizhao
    (119.4, 34.8),  # Lianyungang
    (120.5, 33.8),
    (121.9, 31.7),  # mouth of the Yangtze
    (121.9, 30.9),  # Shanghai
    (120.7, 30.3),  # Hangzhou Bay
    (121.9, 29.9),  # Ningbo
    (121.6, 28.6),  # Taizhou
    (120.9, 27.9),  # Wenzhou
    (119.7, 26.6),  # Ningde
    (119.6, 26.1),  # Fuzhou
    (118.8, 24.8),  # Quanzhou
    (118.1, 24.4),  # Xiamen
    (116.7, 23.3),  # Shantou
    (115.3, 22.7),  # Shanwei
    (114.2, 22.3),  # Hong Kong
    (113.6, 22.1),  # Macau
    (112.0, 21.7),  # Yangjiang
    (110.5, 21.1),  # Zhanjiang
    (110.2, 20.3),
    (109.7, 20.9),
    (109.1, 21.5),  # Beihai
    (108.0, 21.5),  # Dongxing
)
"""Degrees east and north of ports and capes of the mainland from north to south, to a tenth of a degree."""

_MARKS = dict(zip(QUADRANTS, ("o", "v", "o", "^"), strict=True))
_PALE = "#d9d9d9"
_BEHIND = 0.5
"""Drawing order below points and above the grid."""
_MOST_LINKS = 12
"""Links a city that a map can still show."""


@house_style
def cluster_map(
    cities: pd.DataFrame,
    local: LocalMoran,
    *,
    label: str,
    weights: SpatialWeights | None = None,
    outlines: bool = False,
) -> "Figure":
    """Cities as points, coloured by the cluster that local Moran finds.

    Parameters
    ----------
    cities : pandas.DataFrame
        ``city``, ``lon`` and ``lat`` (degrees) of every city of ``local``.
    local : LocalMoran
    label : str
        Of the data.
    weights : SpatialWeights, optional
        Drawn as light lines between neighbours.
    outlines : bool
        Outlines of the provinces, for real cities; see :func:`province_outlines`.
    """
    places = _places(cities, local.table["city"])
    table = local.table.assign(lon=places["lon"].to_numpy(), lat=places["lat"].to_numpy())
    fig, ax = canvas(5.0, layout="compressed")
    for name, part, style in _groups(table):
        ax.scatter(part["lon"], part["lat"], s=26, linewidths=0.3, label=f"{name} ({len(part)})", **style)
    name_axes_of_map(ax, label)
    ax.set_aspect(1 / np.cos(np.deg2rad(table["lat"].mean())))
    _draw_behind(ax, cities, weights, outlines)
    fig.legend(loc="outside right upper", title=_rule(local), title_fontsize=9, alignment="left")
    return stamp(fig, label)


@house_style
def value_map(
    cities: pd.DataFrame,
    values: pd.Series,
    *,
    value_label: str,
    label: str,
    weights: SpatialWeights | None = None,
    outlines: bool = False,
    diverging: bool = False,
) -> "Figure":
    """Cities as points, coloured by a value, over the lines between neighbours.

    Parameters
    ----------
    cities : pandas.DataFrame
        ``city``, ``lon`` and ``lat`` (degrees).
    values : pandas.Series
        Index of city codes; a city without a value is drawn hollow.
    value_label : str
        Name and unit.
    label, weights, outlines
        As :func:`cluster_map`.
    diverging : bool
        Centre the colours at zero.
    """
    shown = values.reindex(cities["city"]).to_numpy(float)
    fig = city_map(
        cities["lon"], cities["lat"], shown, value_label=value_label, label=label, diverging=diverging
    )
    _draw_behind(fig.axes[0], cities, weights, outlines)
    return fig


@house_style
def moran_over_years(tables: Mapping[str, pd.DataFrame], *, label: str) -> "Figure":
    """Moran's I by year, with the band that holds 95 % of the shuffled maps of the first table.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Name of an indicator or of its weights → what
        :func:`digital_clusters.measures.space.moran.moran_by_year` returns.
    label : str
        Of the data.
    """
    if not tables:
        raise DataError("there is no table of Moran's I to draw")
    fig, ax = canvas(3.6)
    first = next(iter(tables.values()))
    words = f"{NULL_BAND[1] - NULL_BAND[0]:.0%} of shuffled maps"
    ax.fill_between(
        first["year"],
        first["null_low"],
        first["null_high"],
        color="#999999",
        alpha=0.3,
        linewidth=0,
        label=words,
    )
    ax.plot(first["year"], first["expected"], color="#666666", linestyle="--", linewidth=1, label="expected")
    for (name, table), colour in zip(tables.items(), CYCLE, strict=False):
        ax.plot(table["year"], table["moran"], color=colour, marker="o", markersize=4, label=name)
    years = np.array(sorted(first["year"].unique()))
    ax.set(xlabel="year", ylabel="Moran's I", xticks=years if years.size <= 12 else years[::2])
    fig.legend(loc="outside upper center", ncols=3)
    return stamp(fig, label)


def province_outlines() -> "GeoSeries | None":
    """Outlines of the provinces in degrees, if the optional package ``cnmaps`` is there; else ``None``."""
    if find_spec("cnmaps") is None:
        return None
    from cnmaps import get_adm_maps

    return get_adm_maps(level="省", engine="geopandas").geometry.boundary


def _draw_behind(ax: "Axes", cities: pd.DataFrame, weights: SpatialWeights | None, outlines: bool) -> None:
    """Outlines and links below the points, without a change of the map's frame.

    Where outlines are wanted and none can be had, a line through :data:`COAST` and names of great cities say
    where the points lie.
    """
    from matplotlib.collections import LineCollection

    frame = ax.get_xlim(), ax.get_ylim()
    drawn = province_outlines() if outlines else None
    if drawn is not None:
        drawn.plot(ax=ax, color="#bbbbbb", linewidth=0.5, zorder=_BEHIND, aspect=None)
    if weights is not None:
        edges = weights.edges()
        if len(edges) > _MOST_LINKS * len(weights.cities):
            raise ParameterError(
                f"{len(edges)} links of {len(weights.cities)} cities would cover the map: "
                "pass weights by contiguity or of the nearest cities"
            )
        points = _places(cities, weights.cities)[["lon", "lat"]].to_numpy(float)
        ax.add_collection(
            LineCollection(points[edges], colors="#cccccc", linewidths=0.6, zorder=_BEHIND), autolim=False
        )
        ax.grid(visible=False)
    ax.set(xlim=frame[0], ylim=frame[1])
    if outlines and drawn is None:
        ax.plot(
            *zip(*COAST, strict=True),
            color="#999999",
            linewidth=0.9,
            zorder=_BEHIND,
            scalex=False,
            scaley=False,
        )
        _name_landmarks(ax, *frame)


def _name_landmarks(ax: "Axes", width: tuple[float, float], height: tuple[float, float]) -> None:
    """Names of a few great cities, by which a map without borders is read."""
    from matplotlib.patheffects import withStroke

    for name, (lon, lat) in LANDMARKS.items():
        if width[0] < lon < width[1] and height[0] < lat < height[1]:
            ax.plot(lon, lat, "+", color="#222222", markersize=7, markeredgewidth=1.2)
            halo = [withStroke(linewidth=2.5, foreground="white")]
            ax.annotate(
                name,
                (lon, lat),
                (4, 4),
                textcoords="offset points",
                size=8,
                color="#222222",
                path_effects=halo,
            )


def _places(cities: pd.DataFrame, codes: ArrayLike) -> pd.DataFrame:
    places = cities.set_index("city")[["lon", "lat"]].reindex(codes)
    if places["lon"].isna().any():
        raise DataError(f"city {places.index[places['lon'].isna()][0]} has no place in the table of cities")
    return places


def _groups(table: pd.DataFrame):
    """Name, rows and marks of each kind of city that there is, the pale ones first."""
    marks = {
        NOT_SIGNIFICANT: {"color": _PALE, "edgecolors": "#999999", "marker": "o"},
        NO_NEIGHBOUR: {"facecolors": "none", "edgecolors": "#999999", "marker": "o"},
    }
    marks |= {
        name: {"color": CLUSTER_COLOURS[name], "edgecolors": "#444444", "marker": _MARKS[name]}
        for name in QUADRANTS
    }
    for name, style in marks.items():
        part = table[table["cluster"] == name]
        if len(part):
            yield name, part, style


def _rule(local: LocalMoran) -> str:
    words = {"fdr": "false discovery rate", "bonferroni": "Bonferroni", "none": "one by one"}
    return f"city and neighbours,\n{local.level:.0%} level, {words[local.multiple_testing]}"

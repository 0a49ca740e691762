"""Maps whose cities show their series."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from digital_clusters.report.live.element import LiveFigure


def live_map(
    frame: pd.DataFrame,
    column: str,
    *,
    title: str,
    unit: str,
    label: str,
    names: Mapping[Any, str] | None = None,
    places: tuple[str, str] | None = None,
) -> LiveFigure:
    """Cities on a map, and the series of the one that is pointed at.

    Parameters
    ----------
    frame : pandas.DataFrame
        ``city``, ``year``, ``lon``, ``lat`` and ``column``.
    unit : str
        What one of the column is.
    names : mapping, optional
        City → name; default, its code.
    places : (str, str), optional
        Names of the axes where degrees mean something; without them the map has no degrees.
    """
    wide = frame.pivot(index="city", columns="year", values=column)
    where = frame.drop_duplicates("city").set_index("city")[["lon", "lat"]].reindex(wide.index)
    cities = [
        {"name": (names or {}).get(city, f"City {city}"), "x": place.lon, "y": place.lat, "values": row}
        for city, place, row in zip(wide.index, where.itertuples(), wide.to_numpy(float), strict=True)
    ]
    xlabel, ylabel = places or ("west to east, invented places", "south to north")
    data = {"years": [int(year) for year in wide.columns], "cities": cities, "unit": unit, "short": unit}
    means = wide.mean().to_numpy(float)
    axes = {"xlabel": xlabel, "ylabel": ylabel, "bare": places is None}
    return LiveFigure("map", title, label, {**data, "means": means, **axes})

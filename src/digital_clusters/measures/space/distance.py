"""Distances between the cities of a table."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from digital_clusters.errors import DataError
from digital_clusters.measures.frames import refuse_repeated, require_columns
from digital_clusters.measures.space.proximity import distances


def distances_between(cities: pd.DataFrame, codes: ArrayLike) -> np.ndarray:
    """Great-circle distances in kilometres.

    Parameters
    ----------
    cities : pandas.DataFrame
        Columns city, lon, lat (degrees).
    codes : array_like, shape (n,)
        Cities, in the order of the result.

    Returns
    -------
    numpy.ndarray, shape (n, n)

    Raises
    ------
    MissingTableError
        If ``cities`` lacks city, lon or lat.
    DataError
        If a city has no row, two rows, or no coordinates on the globe.
    """
    require_columns(cities, ["city", "lon", "lat"], "a distance between cities")
    refuse_repeated(cities, ["city"])
    points = cities.set_index("city")[["lon", "lat"]].reindex(codes)
    lon, lat = (points[name].to_numpy(dtype=float) for name in ("lon", "lat"))
    unknown = points.index[~((np.abs(lon) <= 180) & (np.abs(lat) <= 90))]
    if len(unknown):
        raise DataError(f"{len(unknown)} cities have no coordinates, the first is {unknown[0]}")
    return distances(lon, lat)

"""Distances between places, and who is near whom."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial import Delaunay, KDTree

from digital_clusters.errors import ParameterError, check_option

Metric = Literal["great_circle", "plane"]
"""Kilometres on a sphere, or Euclidean distance in degrees of longitude and latitude."""

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the WGS 84 ellipsoid."""

_ON_THE_CIRCLE = 1e-9  # relative; a point this close to a circle counts as inside it
_FEW = 500  # up to here every pair is tried; a triangulation, which has more conditions, saves time above


def distances(lon: ArrayLike, lat: ArrayLike, metric: Metric = "great_circle") -> np.ndarray:
    """Distances between all points, in km by the haversine formula or in degrees (``plane``).

    Parameters
    ----------
    lon, lat : array_like, shape (n,)
        Degrees.
    metric : {'great_circle', 'plane'}

    Returns
    -------
    numpy.ndarray, shape (n, n)

    Examples
    --------
    >>> distances([0, 3], [0, 4], metric="plane")[0]
    array([0., 5.])
    """
    check_option("metric", metric, Metric)
    lon, lat = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    if metric == "plane":
        return np.hypot(lon[:, None] - lon, lat[:, None] - lat)
    lon, lat = np.deg2rad(lon), np.deg2rad(lat)
    across = np.cos(lat)[:, None] * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
    half_chord = np.sqrt(np.sin((lat[:, None] - lat) / 2) ** 2 + across)
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(half_chord, 1))


def k_nearest(distance: np.ndarray, count: int) -> np.ndarray:
    """Which points are among the nearest others of a row, shape (n, n) of bool; ties go to the first.

    Parameters
    ----------
    distance : numpy.ndarray, shape (n, n)
        With an infinite diagonal.
    count : int

    Raises
    ------
    ParameterError
        ``count`` is not between 1 and n − 1.
    """
    if not 1 <= count < len(distance):
        raise ParameterError(f"neighbours = {count}: choose between 1 and {len(distance) - 1}")
    order = distance.argsort(axis=1, kind="stable")[:, :count]
    linked = np.zeros(distance.shape, dtype=bool)
    np.put_along_axis(linked, order, True, axis=1)
    return linked


def gabriel(lon: ArrayLike, lat: ArrayLike, metric: Metric = "great_circle") -> np.ndarray:
    """Whether no third point lies in or on the circle whose diameter joins two (Gabriel & Sokal 1969).

    Parameters
    ----------
    lon, lat : array_like, shape (n,)
        Degrees; no two points at one place.
    metric : {'great_circle', 'plane'}
        ``great_circle`` draws the circles in an equirectangular projection true at the mean latitude,
        ``plane`` in degrees.

    Returns
    -------
    numpy.ndarray of bool, shape (n, n)
        Symmetric, with a false diagonal. The graph of distinct points in general position is connected,
        as it holds their minimum spanning tree.
    """
    check_option("metric", metric, Metric)
    points = np.column_stack([lon, lat]).astype(float)
    if metric == "great_circle":
        points[:, 0] *= np.cos(np.deg2rad(points[:, 1].mean()))
    first, second = _candidates(points).T
    radius = np.linalg.norm(points[first] - points[second], axis=1) / 2
    centre = (points[first] + points[second]) / 2
    # the two ends of the diameter are on the circle themselves
    third = KDTree(points).query(centre, k=[3])[0][:, 0]
    empty = third > radius * (1 + _ON_THE_CIRCLE)
    linked = np.zeros((len(points), len(points)), dtype=bool)
    linked[first[empty], second[empty]] = True
    return linked | linked.T


def _candidates(points: np.ndarray) -> np.ndarray:
    """Pairs that hold all links of the Gabriel graph, which is part of every Delaunay triangulation."""
    if len(points) <= _FEW:
        return np.column_stack(np.triu_indices(len(points), k=1))
    corners = Delaunay(points).simplices
    sides = np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]])
    return np.unique(np.sort(sides, axis=1), axis=0)

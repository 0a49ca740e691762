import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digital_clusters.errors import DataError
from digital_clusters.measures.space.distance import distances_between
from digital_clusters.measures.space.proximity import EARTH_RADIUS_KM

METRE = 1e-3
"""Kilometres; the haversine loses digits near antipodes only."""


def test_quarters_of_the_globe_in_the_order_asked_for():
    cities = pd.DataFrame({"city": [1, 2, 3], "lon": [0.0, 90.0, 0.0], "lat": [0.0, 0.0, 90.0]})
    quarter = np.pi / 2 * EARTH_RADIUS_KM
    assert distances_between(cities, [3, 1]) == pytest.approx(np.array([[0, quarter], [quarter, 0]]))


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=2, max_size=8))
def test_is_the_distance_of_scikit_learn_and_a_metric(points):
    from sklearn.metrics.pairwise import haversine_distances

    lon, lat = np.array(points).T
    cities = pd.DataFrame({"city": np.arange(len(lon)), "lon": lon, "lat": lat})
    found = distances_between(cities, cities["city"])
    other = EARTH_RADIUS_KM * haversine_distances(np.radians(np.column_stack([lat, lon])))
    assert found == pytest.approx(other, abs=METRE)
    assert (found == found.T).all() and (np.diag(found) == 0).all()
    assert (found[:, None] <= found[:, :, None] + found[None] + METRE).all()


def test_a_city_that_cannot_be_placed_is_named():
    cities = pd.DataFrame({"city": [1, 2, 3], "lon": [0.0, 200.0, np.nan], "lat": [0.0, 0.0, 90.0]})
    for codes, first in (([1, 7], 7), ([1, 2], 2), ([3, 1], 3)):
        with pytest.raises(DataError, match=f"1 cities have no coordinates, the first is {first}"):
            distances_between(cities, codes)
    with pytest.raises(DataError, match="repeat a key"):
        distances_between(pd.concat([cities, cities]), [1])

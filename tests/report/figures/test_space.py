import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.measures.space.moran import LocalMoran, local_moran, moran_by_year
from digital_clusters.measures.space.weights import spatial_weights
from digital_clusters.report.figures import space

LABEL = "synthetic twin"
RANDOM = np.random.default_rng(3)
ROW, COLUMN = np.divmod(np.arange(64), 8)
CITIES = pd.DataFrame({"city": 500 - np.arange(64), "lon": COLUMN + 100.0, "lat": ROW + 30.0})
WEIGHTS = spatial_weights(CITIES, "contiguity", metric="plane")
VALUES = pd.Series(5.0 * (COLUMN < 3) + RANDOM.normal(size=64), index=CITIES["city"])


@pytest.fixture(scope="module")
def local():
    return local_moran(VALUES.reindex(WEIGHTS.cities), WEIGHTS, rng=np.random.default_rng(0))


@pytest.fixture(scope="module")
def years():
    parts = [pd.DataFrame({"city": VALUES.index, "year": y, "x": VALUES.to_numpy()}) for y in (2003, 2004)]
    return moran_by_year(pd.concat(parts), "x", WEIGHTS, permutations=99)


def points_of(fig):
    """Colour → positions of its points, from the first axes."""
    drawn = {}
    for item in fig.axes[0].collections:
        offsets = item.get_offsets().tolist()
        if not hasattr(item, "get_segments"):
            drawn.setdefault(to_hex(item.get_facecolor()[0]), []).extend(map(tuple, offsets))
    return drawn


def lines_between(fig):
    """End points of the light lines behind a map."""
    found = [item for item in fig.axes[0].collections if hasattr(item, "get_segments")]
    return np.array([segment for item in found for segment in item.get_segments()])


def test_clusters_are_where_the_cities_are(local):
    fig = space.cluster_map(CITIES, local, label=LABEL, weights=WEIGHTS)
    high = local.table.loc[local.table["cluster"] == "high-high", "city"]
    places = CITIES.set_index("city").loc[high, ["lon", "lat"]]
    drawn = points_of(fig)[space.CLUSTER_COLOURS["high-high"].lower()]
    assert sorted(drawn) == sorted(map(tuple, places.to_numpy().tolist()))
    assert (places["lon"] < 103).all()


def test_lines_join_neighbours_and_keep_the_frame(local):
    plain = space.cluster_map(CITIES, local, label=LABEL)
    fig = space.cluster_map(CITIES, local, label=LABEL, weights=WEIGHTS)
    assert lines_between(plain).size == 0
    lines = lines_between(fig)
    assert len(lines) == 2 * 8 * 7  # a lattice of 8 × 8
    assert np.abs(lines[:, 0] - lines[:, 1]).sum(axis=1) == pytest.approx(np.ones(len(lines)))
    assert fig.axes[0].get_xlim() == plain.axes[0].get_xlim()


def test_a_city_without_neighbours_is_hollow(local):
    table = local.table.copy()
    table.loc[0, ["p_permutation", "p_adjusted"]] = np.nan
    table.loc[0, "cluster"] = "no neighbour"
    alone = LocalMoran(table, local.level, local.multiple_testing, local.permutations)
    fig = space.cluster_map(CITIES, alone, label=LABEL)
    assert "no neighbour (1)" in [text.get_text() for text in fig.legends[0].get_texts()]
    assert any(not item.get_facecolor().size for item in fig.axes[0].collections)


def test_map_of_a_value_follows_the_codes_and_not_the_order():
    shuffled = VALUES.sample(frac=1, random_state=1).iloc[1:]
    fig = space.value_map(
        CITIES, shuffled, value_label="wedge, log points", label=LABEL, weights=WEIGHTS, diverging=True
    )
    hollow, full = (item for item in fig.axes[0].collections if not hasattr(item, "get_segments"))
    assert len(hollow.get_offsets()) == 1
    expected = VALUES.reindex(CITIES["city"]).drop(set(VALUES.index) - set(shuffled.index))
    assert full.get_array().tolist() == expected.tolist()
    assert len(lines_between(fig)) == 112


def test_years_with_the_band_of_shuffled_maps(years):
    fig = space.moran_over_years({"wedge": years, "other": years.assign(moran=0.1)}, label=LABEL)
    lines = {line.get_label(): line.get_ydata().tolist() for line in fig.axes[0].lines}
    assert lines["wedge"] == years["moran"].tolist() and lines["other"] == [0.1, 0.1]
    assert lines["expected"] == pytest.approx([-1 / 63] * 2)
    band = fig.axes[0].collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == (years["null_low"].min(), years["null_high"].max())
    assert "95% of shuffled maps" in [text.get_text() for text in fig.legends[0].get_texts()]


def test_outlines_need_the_optional_package(monkeypatch, local):
    monkeypatch.setattr(space, "find_spec", lambda name: None)
    assert space.province_outlines() is None
    fig = space.cluster_map(CITIES, local, label=LABEL, outlines=True)
    assert lines_between(fig).size == 0
    coast = [line for line in fig.axes[0].lines if len(line.get_xdata()) == len(space.COAST)]
    assert len(coast) == 1 and coast[0].get_zorder() < 1
    without = space.cluster_map(CITIES, local, label=LABEL)
    assert fig.axes[0].get_xlim() == without.axes[0].get_xlim(), "the coast does not widen the map"
    assert not [line for line in without.axes[0].lines if len(line.get_xdata()) == len(space.COAST)]


def test_the_coast_goes_from_north_to_south_past_the_cities_that_name_it():
    lon, lat = zip(*space.COAST, strict=True)
    assert lat[0] == max(lat[:1] + lat[5:]) and lat[-1] < 22 and all(105 < place < 125 for place in lon)
    for city in ("Shanghai", "Guangzhou"):
        place = np.array(space.LANDMARKS[city])
        assert np.hypot(*(np.array(space.COAST) - place).T).min() < 2


def test_outlines_are_drawn_behind_the_cities(monkeypatch, local):
    """A package of the documented interface, with one square province."""
    import geopandas
    from shapely.geometry import box

    asked = []

    def get_adm_maps(**options):
        asked.append(options)
        return geopandas.GeoDataFrame({"级别": ["省"]}, geometry=[box(90, 20, 120, 50)])

    package = ModuleType("cnmaps")
    package.__spec__ = ModuleSpec("cnmaps", None)
    package.get_adm_maps = get_adm_maps
    monkeypatch.setitem(sys.modules, "cnmaps", package)
    fig = space.cluster_map(CITIES, local, label="public data", outlines=True)
    assert asked == [{"level": "省", "engine": "geopandas"}]
    (outline,) = (item for item in fig.axes[0].collections if hasattr(item, "get_segments"))
    assert {tuple(point) for point in outline.get_segments()[0]} == {(90, 20), (90, 50), (120, 20), (120, 50)}
    assert outline.get_zorder() < 1
    low, high = fig.axes[0].get_xlim()
    assert low > 99 and high < 108


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: space.moran_over_years({}, label=LABEL), DataError, "no table"),
        (lambda x: space.cluster_map(CITIES.iloc[1:], x, label=LABEL), DataError, "city 500 has no place"),
        (
            lambda x: space.cluster_map(
                CITIES, x, label=LABEL, weights=spatial_weights(CITIES, "inverse_distance")
            ),
            ParameterError,
            "2016 links of 64 cities",
        ),
        (lambda x: space.cluster_map(CITIES, x, label=""), ParameterError, "label"),
    ],
)
def test_what_cannot_be_drawn_is_refused(local, call, error, words):
    with pytest.raises(error, match=words):
        call(local)
    assert plt.get_fignums() == []

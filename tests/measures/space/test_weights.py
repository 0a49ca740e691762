import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.measures.space.proximity import EARTH_RADIUS_KM, distances, gabriel, k_nearest
from digital_clusters.measures.space.weights import spatial_weights
from digital_clusters.sources.policies import city_adjacency, city_facts
from digital_clusters.sources.twin.misallocation import nearest_cities as planted_neighbours

EXACT = 1e-12  # the same arithmetic in another order
GELFAND = 1e-4  # the norm of the 2^20th power is that of the projection, to a root of that order
LAPACK = 1e-9  # eigenvalues of a few hundred units


def places(n=40, seed=0):
    rng = np.random.default_rng(seed)
    table = {
        "city": rng.permutation(1000)[:n],
        "lon": rng.uniform(100, 122, n),
        "lat": rng.uniform(22, 42, n),
    }
    return pd.DataFrame(table)


def grid(rows=4, columns=5):
    """Points of a lattice whose codes run along its rows."""
    lat, lon = np.divmod(np.arange(rows * columns), columns)
    return pd.DataFrame({"city": np.arange(rows * columns), "lon": lon + 100.0, "lat": lat + 30.0})


def in_order(table):
    return table.sort_values("city", ignore_index=True)


LINE = pd.DataFrame({"city": [30, 10, 20, 40], "lon": [103.0, 100.0, 101.0, 110.0], "lat": [0.0] * 4})
"""On the equator: cities 10, 20, 30 and 40 at longitudes 100, 101, 103 and 110."""

DEGREE = EARTH_RADIUS_KM * np.pi / 180


def test_great_circle_by_hand_and_by_scikit_learn():
    assert distances([0, 90], [0, 0])[0, 1] == pytest.approx(EARTH_RADIUS_KM * np.pi / 2, rel=EXACT)
    assert distances([100, 100], [20, 21])[0, 1] == pytest.approx(DEGREE, rel=EXACT)
    assert distances([0, 180], [30, -30])[0, 1] == pytest.approx(EARTH_RADIUS_KM * np.pi, rel=EXACT)
    from sklearn.metrics.pairwise import haversine_distances

    table = places()
    radians = np.deg2rad(table[["lat", "lon"]])
    expected = EARTH_RADIUS_KM * haversine_distances(radians)
    assert distances(table["lon"], table["lat"]) == pytest.approx(expected, rel=EXACT, abs=1e-9)


def test_rows_are_in_the_order_of_the_codes():
    weights = spatial_weights(LINE, "inverse_distance", standardise="none")
    assert weights.cities.tolist() == [10, 20, 30, 40]
    expected = np.array([1, 1 / 3, 1 / 10]) / DEGREE
    assert weights.matrix.toarray()[0, 1:] == pytest.approx(expected, rel=1e-9)
    squared = spatial_weights(LINE, "inverse_distance", standardise="none", power=2)
    assert squared.matrix.toarray()[0, 1:] == pytest.approx(expected**2, rel=1e-9)
    rows = spatial_weights(LINE, "inverse_distance").matrix.toarray()
    assert rows[0, 1:] == pytest.approx(np.array([30, 10, 3]) / 43, rel=1e-9)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("contiguity", {}),
        ("inverse_distance", {"cutoff_km": 400, "power": 2}),
        ("nearest", {}),
        ("economic", {}),
        ("nested", {}),
    ],
)
@pytest.mark.parametrize("standardise", ["rows", "eigenvalue", "none"])
def test_what_holds_of_all_kinds(kind, options, standardise):
    table = places()
    values = pd.Series(np.random.default_rng(1).lognormal(10, 0.5, 40), index=table["city"])
    weights = spatial_weights(table, kind, values=values, standardise=standardise, **options)
    dense = weights.matrix.toarray()
    assert (np.diag(dense) == 0).all() and (dense >= 0).all()
    assert not weights.matrix.has_canonical_format or (weights.matrix.data > 0).all()
    assert (weights.cities == np.sort(table["city"])).all()
    assert (dense.sum(axis=1) > 0).all()
    if standardise == "rows":
        assert dense.sum(axis=1) == pytest.approx(np.ones(40), rel=EXACT)
    if standardise == "eigenvalue":
        assert np.abs(np.linalg.eigvals(dense)).max() == pytest.approx(1, rel=LAPACK)
        assert (np.abs(dense - dense.T).max() == 0) == (kind != "nearest")
    shuffled = spatial_weights(table.sample(frac=1, random_state=3), kind, values=values, **options)
    same = spatial_weights(table, kind, values=values, **options)
    assert (shuffled.matrix != same.matrix).nnz == 0


def test_economic_and_nested_by_hand():
    values = pd.Series({40: 9.0, 30: 4.0, 20: 2.0, 10: 1.0, 99: 0.0})
    economic = spatial_weights(LINE, "economic", values=values, standardise="none").matrix.toarray()
    assert economic[0] == pytest.approx([0, 1, 1 / 3, 1 / 8], rel=EXACT)
    nested = spatial_weights(LINE, "nested", values=values, standardise="none").matrix.toarray()
    assert nested[0, 1:] == pytest.approx(np.array([1, 1 / 9, 1 / 80]) / DEGREE, rel=1e-9)


def test_the_planted_matrix_of_the_twin_can_be_had():
    table = in_order(places(60, seed=2))
    weights = spatial_weights(table, "nearest")
    expected = np.zeros((60, 60))
    np.put_along_axis(expected, planted_neighbours(table, 5), 0.2, axis=1)
    assert (weights.matrix.toarray() == expected).all()
    assert weights.note == "5 nearest by great-circle distance; rows sum to one; no islands"


@pytest.mark.parametrize("metric", ["plane", "great_circle"])
def test_nearest_is_that_of_libpysal(metric):
    from libpysal.weights import KNN

    table = in_order(places())
    points = table[["lon", "lat"]].to_numpy()
    radius = EARTH_RADIUS_KM if metric == "great_circle" else None
    expected = KNN.from_array(points, k=4, radius=radius).full()[0]
    found = spatial_weights(table, "nearest", neighbours=4, metric=metric, standardise="none")
    assert (found.matrix.toarray() == expected).all()


@pytest.mark.filterwarnings("ignore:divide by zero encountered in power")
def test_inverse_distance_is_that_of_libpysal():
    from libpysal.weights import DistanceBand

    table = in_order(places())
    points = table[["lon", "lat"]].to_numpy()
    expected = DistanceBand.from_array(
        points, threshold=500.0, binary=False, alpha=-1.5, radius=EARTH_RADIUS_KM, silence_warnings=True
    )
    expected.transform = "r"
    found = spatial_weights(table, "inverse_distance", cutoff_km=500, power=1.5, islands="keep")
    assert found.matrix.toarray() == pytest.approx(expected.full()[0], rel=1e-9)
    assert len(found.islands) == len(expected.islands)


@pytest.mark.filterwarnings("ignore:The numba package")
@pytest.mark.parametrize("seed", range(4))
def test_points_that_touch_are_those_of_libpysal(seed):
    from libpysal.weights import Gabriel

    table = in_order(places(50, seed))
    expected = Gabriel(table[["lon", "lat"]].to_numpy()).full()[0]
    found = spatial_weights(table, "contiguity", metric="plane", standardise="none")
    assert (found.matrix.toarray() == expected).all()


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), n=st.integers(2, 12))
def test_gabriel_graph_by_its_definition(seed, n):
    """No third point within the circle: d²(i,j) < d²(i,k) + d²(j,k) for every k; and it is connected."""
    table = places(n, seed)
    square = distances(table["lon"], table["lat"], "plane") ** 2
    linked = gabriel(table["lon"], table["lat"], "plane")
    for i in range(n):
        for j in range(n):
            others = [k for k in range(n) if k not in (i, j)]
            empty = all(square[i, j] < square[i, k] + square[j, k] for k in others)
            assert linked[i, j] == (i != j and empty)
    assert (np.linalg.matrix_power(np.eye(n) + linked, n) > 0).all()


def test_neighbours_on_a_lattice_are_rooks():
    dense = spatial_weights(grid(), "contiguity", metric="plane", standardise="none").matrix.toarray()
    city = np.arange(20)
    row, column = np.divmod(city, 5)
    steps = np.abs(row[:, None] - row) + np.abs(column[:, None] - column)
    assert (dense == (steps == 1)).all()


def radius(matrix):
    """Spectral radius by Gelfand's formula, the norm of a high power."""
    power, squarings = matrix.toarray(), 20
    for _ in range(squarings):
        power = power @ power
    return np.linalg.norm(power) ** (0.5**squarings)


def test_a_triangulation_is_tried_first_where_points_are_many():
    """All pairs are tried up to 500 points: with one point more, far away, little may change."""
    table = in_order(places(500, seed=9))
    more = pd.concat([table, pd.DataFrame({"city": [2000], "lon": [140.0], "lat": [60.0]})])
    few = spatial_weights(table, "contiguity", metric="plane", standardise="none").matrix.toarray()
    many = spatial_weights(more, "contiguity", metric="plane", standardise="none").matrix.toarray()
    assert (few == many[:500, :500]).all()
    assert many[500].sum() >= 1
    root = spatial_weights(more, "contiguity", metric="plane", standardise="eigenvalue")
    assert radius(root.matrix) == pytest.approx(1, rel=GELFAND)
    unequal = spatial_weights(more, "nearest", standardise="eigenvalue")
    assert radius(unequal.matrix) == pytest.approx(1, rel=GELFAND)


def test_listed_borders_and_islands():
    borders = pd.DataFrame({"city": [10, 77, 20], "neighbour": [20, 10, 10]})  # 20–10 twice, 77 unknown
    kept = spatial_weights(LINE, "contiguity", adjacency=borders, islands="keep", standardise="none")
    assert kept.islands == (30, 40)
    assert kept.matrix.toarray().tolist() == [[0, 1, 0, 0], [1, 0, 0, 0], [0] * 4, [0] * 4]
    assert "2 islands, rows of zeros" in kept.note
    linked = spatial_weights(LINE, "contiguity", adjacency=borders, standardise="none")
    assert linked.islands == (30, 40)
    assert linked.matrix.toarray().tolist() == [[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]]
    assert "linked with the nearest city" in linked.note
    rows = spatial_weights(LINE, "contiguity", adjacency=borders, islands="keep")
    assert rows.matrix.sum(axis=1).tolist() == [1, 1, 0, 0]


def test_an_island_beyond_the_cutoff_gets_the_weight_of_its_distance():
    weights = spatial_weights(LINE, "inverse_distance", cutoff_km=300, standardise="none")
    assert weights.islands == (40,)
    assert weights.matrix.toarray()[3] == pytest.approx([0, 0, 1 / (7 * DEGREE), 0], rel=1e-9)


def test_borders_of_real_cities():
    cities, borders = city_facts(), city_adjacency()
    weights = spatial_weights(cities, "contiguity", adjacency=borders)
    in_list = set(borders["city"]) | set(borders["neighbour"])
    assert set(weights.islands) == set(cities["city"]) - in_list
    assert len(weights.edges()) >= len(borders)
    beijing = np.flatnonzero(weights.cities == 110000)[0]
    neighbours = weights.cities[weights.matrix[[beijing]].indices]
    assert {120000, 130600, 131000} <= set(neighbours.tolist())


def test_lag_and_edges():
    weights = spatial_weights(LINE, "nearest", neighbours=2)
    values = np.array([1.0, 2.0, 4.0, 8.0])
    assert weights.lag(values) == pytest.approx([3, 2.5, 1.5, 3], rel=EXACT)
    both = weights.lag(np.column_stack([values, -values]))
    assert both == pytest.approx(np.column_stack([weights.lag(values), -weights.lag(values)]), rel=EXACT)
    assert sorted(map(tuple, weights.edges().tolist())) == [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)]
    with pytest.raises(DataError, match="3 values for 4 cities"):
        weights.lag(values[:3])


@settings(max_examples=25)
@given(seed=st.integers(0, 1000), data=st.data())
def test_subset_of_pairwise_weights_is_that_of_the_smaller_table(seed, data):
    table = places(12, seed)
    kept = data.draw(st.lists(st.sampled_from(table["city"].tolist()), min_size=2, unique=True))
    part = spatial_weights(table, "inverse_distance", standardise="eigenvalue").subset(kept)
    alone = spatial_weights(table[table["city"].isin(kept)], "inverse_distance", standardise="eigenvalue")
    assert (part.cities == alone.cities).all()
    assert part.matrix.toarray() == pytest.approx(alone.matrix.toarray(), rel=LAPACK)


def test_subset_reports_who_is_left_without_neighbours():
    whole = spatial_weights(LINE, "nearest", neighbours=1)
    part = whole.subset([40, 20, 10])
    assert part.islands == (40,)
    assert part.matrix.toarray().tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    assert part.note.endswith("3 of 4 cities; 1 of them left without neighbours")
    assert whole.islands == ()
    with pytest.raises(DataError, match="city 50 is not among the 4"):
        whole.subset([10, 50])
    with pytest.raises(DataError, match="no city has a neighbour"):
        whole.subset([10, 40])


def changed(column, row, value):
    table = LINE.astype({"city": object})
    table.loc[row, column] = value
    return table


FLAT = pd.Series(1.0, index=LINE["city"])


@pytest.mark.parametrize(
    ("table", "kind", "options", "error", "words"),
    [
        (LINE, "queen", {}, ParameterError, "contiguity, inverse_distance"),
        (LINE, "nearest", {"standardise": "row"}, ParameterError, "rows, eigenvalue, none"),
        (LINE, "nearest", {"islands": "drop"}, ParameterError, "nearest, keep"),
        (LINE, "nearest", {"metric": "road"}, ParameterError, "great_circle, plane"),
        (LINE, "nearest", {"neighbours": 4}, ParameterError, "between 1 and 3"),
        (LINE, "nearest", {"neighbours": 0}, ParameterError, "between 1 and 3"),
        (LINE, "inverse_distance", {"power": 0}, ParameterError, "power = 0"),
        (LINE, "inverse_distance", {"cutoff_km": -1}, ParameterError, "cutoff_km = -1"),
        (LINE, "inverse_distance", {"cutoff_km": 9, "metric": "plane"}, ParameterError, "leave it out"),
        (LINE, "inverse_distance", {"cutoff_km": 9, "islands": "keep"}, DataError, "widen the cutoff"),
        (LINE, "economic", {}, ParameterError, "need values"),
        (LINE, "economic", {"values": FLAT.iloc[1:]}, DataError, "city 30 has no value"),
        (LINE, "nested", {"values": FLAT}, DataError, "cities 10 and 20 have the same value"),
        (changed("city", 1, 30), "nearest", {}, DataError, "city 30 is in the table twice"),
        (changed("lat", 1, np.nan), "nearest", {}, DataError, "city 10 has no coordinates"),
        (changed("lon", 1, 101.0), "nearest", {}, DataError, "cities 10 and 20 are at the same place"),
        (LINE.iloc[:1], "nearest", {}, DataError, "too few"),
    ],
)
def test_what_has_no_weights_is_refused(table, kind, options, error, words):
    with pytest.raises(error, match=words):
        spatial_weights(table, kind, **options)


def test_ties_go_to_the_first():
    distance = distances([0, 1, -1], [0, 0, 0], "plane")
    np.fill_diagonal(distance, np.inf)
    assert k_nearest(distance, 1).tolist() == [
        [False, True, False],
        [True, False, False],
        [True, False, False],
    ]


def test_codes_that_cannot_be_compared_are_refused():
    table = pd.DataFrame({"city": [1, 2, 3], "lon": [110.0, 111, 113], "lat": 30.0})
    with pytest.raises(DataError, match="no border is between cities of the table"):
        spatial_weights(table, "contiguity", adjacency=pd.DataFrame({"city": ["1"], "neighbour": ["2"]}))
    with pytest.raises(DataError, match="no city code"):
        spatial_weights(table.assign(city=[1, None, 3]), "nearest", neighbours=1)
    twice = pd.Series([1.0, 2, 3, 4], index=[1, 2, 3, 3])
    with pytest.raises(DataError, match="city 3 has more than one value"):
        spatial_weights(table, "economic", values=twice)

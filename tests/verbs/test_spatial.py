"""Weights by name and by label, and the errors of those that do not fit."""

import libpysal
import numpy as np
import pandas as pd
import pytest

import digital_clusters as dc
from digital_clusters.errors import DataError, MissingTableError, ParameterError

SAME = 1e-9  # relative; the same sums in another order
N, T = 30, 5


def frame(**columns) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    names = [f"city {k:02d}" for k in range(N)]
    keys = pd.MultiIndex.from_product([names, range(2011, 2011 + T)], names=["city", "year"])
    found = keys.to_frame(index=False)
    places = pd.DataFrame(rng.uniform(0, 10, (N, 2)), index=names, columns=["lon", "lat"])
    found = found.join(places, on="city").assign(x=rng.normal(size=N * T), gdp=rng.uniform(1, 9, N * T))
    return found.assign(y=found["x"] + rng.normal(size=N * T)).assign(**columns)


def panel(**columns) -> dc.Panel:
    return dc.Panel.of(frame(**columns))


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """Weights as a frame, its cities out of order."""
    weights = dc.spatial_weights(panel(), "nearest", neighbours=4)
    found = pd.DataFrame(weights.matrix.toarray(), index=weights.cities, columns=weights.cities)
    order = np.random.default_rng(3).permutation(N)
    return found.iloc[order, order]


def as_w(table: pd.DataFrame) -> libpysal.weights.W:
    neighbours = {city: row.index[row > 0].tolist() for city, row in table.iterrows()}
    amounts = {city: row[row > 0].tolist() for city, row in table.iterrows()}
    return libpysal.weights.W(neighbours, amounts, id_order=table.index.tolist(), silence_warnings=True)


CARRIERS = {
    "frame": lambda table: table,
    "W": as_w,
    "Graph": lambda table: libpysal.graph.Graph.from_W(as_w(table)),
    "SpatialWeights": lambda table: dc.spatial_weights(panel(), "nearest", neighbours=4),
}


@pytest.mark.parametrize("carrier", CARRIERS)
def test_weights_are_read_by_label_whatever_carries_them(carrier, table):
    kind = dc.spatial_panel(panel(), "y", "x", weights=table.sort_index().sort_index(axis=1))
    found = dc.spatial_panel(panel(), "y", "x", weights=CARRIERS[carrier](table))
    assert found.estimate.coefficients == pytest.approx(kind.estimate.coefficients, rel=SAME)


def test_a_bare_matrix_is_refused(table):
    with pytest.raises(ParameterError, match="does not say which city each row is"):
        dc.spatial_panel(panel(), "y", "x", weights=table.to_numpy())


def test_weights_of_other_cities_are_refused(table):
    fewer = table.drop(index="city 03", columns="city 03")
    with pytest.raises(DataError, match=r"1 of the 30 units .* have none \('city 03'\)"):
        dc.spatial_panel(panel(), "y", "x", weights=fewer)
    some = dc.Panel.of(frame().query("city != 'city 03'"))
    with pytest.raises(DataError, match="not in the panel, such as 'city 03'"):
        dc.spatial_panel(some, "y", "x", weights=table)


@pytest.mark.parametrize("kind", ["economic", "nested"])
def test_a_kind_that_compares_cities_needs_a_column(kind):
    with pytest.raises(ParameterError, match=r"name it with values=….*Columns of numbers: gdp, x, y"):
        dc.spatial_panel(panel(), "y", "x", weights=kind)
    with pytest.raises(MissingTableError, match="Did you mean 'gdp'"):
        dc.spatial_panel(panel(), "y", "x", weights=kind, values="gdpp")
    found = dc.spatial_panel(panel(), "y", "x", weights=kind, values="gdp")
    assert np.isfinite(found.estimate.coefficients).all()


def test_economic_weights_compare_means_over_years():
    weights = dc.spatial_weights(panel(), "economic", values="gdp", standardise="none")
    means = frame().groupby("city")["gdp"].mean()
    expected = 1 / abs(means.iloc[0] - means.iloc[7])
    assert weights.matrix[0, 7] == pytest.approx(expected, rel=SAME)


def test_places_must_be_there_and_stay():
    with pytest.raises(MissingTableError, match="has no 'lat'"):
        dc.spatial_weights(dc.Panel.of(frame().drop(columns="lat")), "nearest")
    moving = frame(lon=np.arange(N * T) / 10)
    with pytest.raises(DataError, match="city 00 has more than one place"):
        dc.spatial_weights(dc.Panel.of(moving), "nearest")
    with pytest.raises(ParameterError, match="'close' is not one of: contiguity"):
        dc.spatial_weights(panel(), "close")


def test_a_gap_is_refused():
    gap = dc.Panel.of(frame().iloc[1:])
    with pytest.raises(DataError, match="no row for entity city 00 in period 2011"):
        dc.spatial_panel(gap, "y", "x", weights="nearest")


def test_moran_of_a_trend_in_space_is_seen():
    trend = panel(lie=frame()["lon"])
    found = dc.moran(trend, "lie", permutations=199)
    assert found["year"].tolist() == list(range(2011, 2011 + T))
    assert (found["p_permutation"] < 0.05).all() and found["moran"].nunique() == 1
    local = dc.local_moran(trend, "lie", 2013, permutations=199)
    assert local.slope == pytest.approx(found["moran"].iloc[0], rel=SAME)


def unequal(table: pd.DataFrame) -> pd.DataFrame:
    return table * np.linspace(0.5, 1.0, len(table))[:, None]


@pytest.mark.parametrize(
    ("made", "options", "usual"),
    [
        (lambda table: table, {}, "transformation"),
        (unequal, {}, "bias"),
        (unequal, {"effects": "individual"}, "transformation"),
        (unequal, {"model": "slx"}, "none"),
        (lambda table: table, {"effects": "none"}, "none"),
    ],
)
def test_the_usual_correction_is_the_one_that_covers_where_the_weights_allow_it(table, made, options, usual):
    weights = made(table)
    found = dc.spatial_panel(panel(), "y", "x", weights=weights, **options)
    said = dc.spatial_panel(panel(), "y", "x", weights=weights, correction=usual, **options)
    assert found.correction == usual
    assert found.estimate.coefficients == pytest.approx(said.estimate.coefficients, rel=SAME)

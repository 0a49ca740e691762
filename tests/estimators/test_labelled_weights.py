"""Weights with labels are put in order by them, whatever carries the labels."""

from types import SimpleNamespace

import libpysal
import numpy as np
import pandas as pd
import pytest

from digital_clusters.errors import DataError
from digital_clusters.estimators.spatial.durbin import spatial_panel
from digital_clusters.estimators.spatial.labelled_weights import aligned_weights
from digital_clusters.estimators.spatial.log_determinant import log_determinant
from digital_clusters.estimators.spatial.model_tests import hausman, lm_tests, reduction_tests
from digital_clusters.estimators.spatial.simulated import durbin_panel, near_neighbours

N, T = 20, 6
SAME = 1e-9  # relative; the same sums in another order, and a root found again
NAMES = np.array([f"city {i:02d}" for i in range(N)])


def _frame(w, names):
    return pd.DataFrame(w, index=names, columns=names)


def _pysal(w, names):
    linked = {name: names[row > 0].tolist() for name, row in zip(names.tolist(), w, strict=True)}
    amounts = {name: row[row > 0].tolist() for name, row in zip(names.tolist(), w, strict=True)}
    return libpysal.weights.W(linked, amounts, id_order=names.tolist(), silence_warnings=True)


CARRIERS = {
    "data frame": _frame,
    "W": _pysal,
    "Graph": lambda w, names: libpysal.graph.Graph.from_W(_pysal(w, names)),
    "matrix and cities": lambda w, names: SimpleNamespace(matrix=w, cities=names),
}


@pytest.fixture(scope="module")
def panel():
    rng = np.random.default_rng(3)
    w = near_neighbours(rng, N, neighbours=3)
    draw = durbin_panel(rng, w, n_years=T, rho=0.4, beta=(1.0,), theta=(0.5,))
    keys = {"entity": NAMES[draw.entity], "time": draw.time, "terms": ["x"]}
    return w.toarray(), draw, keys


@pytest.mark.parametrize("carrier", CARRIERS)
def test_the_order_of_labelled_weights_does_not_matter(panel, carrier):
    w, draw, keys = panel
    order = np.random.default_rng(1).permutation(N)
    labelled = CARRIERS[carrier](w[np.ix_(order, order)], NAMES[order])
    bare, aligned = (spatial_panel(draw.y, draw.x, found, **keys) for found in (w, labelled))
    assert aligned.estimate.coefficients == pytest.approx(bare.estimate.coefficients, rel=SAME)
    by_position = spatial_panel(draw.y, draw.x, w[np.ix_(order, order)], **keys)
    assert abs(by_position.rho - bare.rho) > 0.1, "the order would matter if labels were not read"


def test_tests_and_the_log_determinant_read_labels_too(panel):
    w, draw, keys = panel
    order = np.random.default_rng(1).permutation(N)
    labelled = _frame(w[np.ix_(order, order)], NAMES[order])
    assert log_determinant(labelled)(0.3) == pytest.approx(float(log_determinant(w)(0.3)), rel=SAME)
    for test in (lm_tests, reduction_tests):
        right, found = (test(draw.y, draw.x, one, **keys) for one in (w, labelled))
        for name in right:
            assert found[name].statistic == pytest.approx(right[name].statistic, rel=SAME)
    right, found = (hausman(draw.y, draw.x, one, **keys) for one in (w, labelled))
    assert found.statistic == pytest.approx(right.statistic, rel=SAME)


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (
            np.where(NAMES == "city 03", "city 99", NAMES),
            r"1 of the 20 units of the panel have none \('city 03'",
        ),
        (np.arange(N), "20 of the 20 units .* the weights are of units such as 0, 1, 2"),
        (np.where(NAMES == "city 03", "city 04", NAMES), "unit city 04 is there twice"),
    ],
)
def test_labels_of_other_units_are_refused(panel, names, says):
    w, draw, keys = panel
    with pytest.raises(DataError, match=says):
        spatial_panel(draw.y, draw.x, SimpleNamespace(matrix=w, cities=names), **keys)


def test_weights_of_more_units_than_the_panel_are_refused(panel):
    w, draw, keys = panel
    kept = draw.entity < N - 1
    fewer = {name: np.asarray(value)[kept] for name, value in keys.items() if name != "terms"}
    with pytest.raises(DataError, match="1 of their 20 units are not in the panel, such as 'city 19'"):
        spatial_panel(draw.y[kept], draw.x[kept], _frame(w, NAMES), **fewer, terms=["x"])


def test_a_table_whose_sides_differ_is_refused():
    with pytest.raises(DataError, match="do not have the same labels"):
        aligned_weights(
            pd.DataFrame(np.ones((2, 2)), index=["a", "b"], columns=["a", "c"]), np.array(["a", "b"])
        )

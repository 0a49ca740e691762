import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from digital_clusters.errors import DataError, MissingTableError, ParameterError
from digital_clusters.measures.indicators.composite import coupling_coordination, entropy_index

ROUNDING = 1e-9
"""Sums of a few dozen terms of order one."""

tables = hnp.arrays(
    float, st.tuples(st.integers(3, 12), st.just(3)), elements=st.integers(0, 1000).map(float)
).filter(lambda x: (np.ptp(x, axis=0) > 0).all())


def by_loops(x):
    """Weights as the method is printed, one indicator after the other."""
    n, divergence = len(x), []
    for column in x.T:
        z = (column - column.min()) / (column.max() - column.min())
        p = z / z.sum()
        divergence.append(1 + sum(q * np.log(q) for q in p if q > 0) / np.log(n))
    return np.array(divergence) / sum(divergence)


def test_by_hand():
    # One row has all of a, two rows share b evenly: entropies 0 and ln 2 / ln 4 = 1/2.
    frame = pd.DataFrame({"a": [1.0, 0, 0, 0], "b": [5.0, 5, 1, 1]})
    found = entropy_index(frame, {"a": "positive", "b": "positive"})
    assert found.weights.to_dict() == pytest.approx({"a": 2 / 3, "b": 1 / 3})
    assert found.index.tolist() == pytest.approx([1, 1 / 3, 0, 0])


@given(tables, st.floats(0.1, 10), st.floats(-5, 5))
def test_weights_follow_the_method_and_have_no_unit(x, scale, shift):
    frame = pd.DataFrame(x, columns=list("abc"))
    directions = dict.fromkeys("abc", "positive")
    found = entropy_index(frame, directions)
    assert found.weights.to_numpy() == pytest.approx(by_loops(x), abs=ROUNDING)
    assert found.weights.sum() == pytest.approx(1)
    assert found.index.between(-ROUNDING, 1 + ROUNDING).all()
    moved = entropy_index(scale * frame + shift, directions)
    assert moved.index.to_numpy() == pytest.approx(found.index.to_numpy(), abs=1e-6)


@given(tables)
def test_a_negative_indicator_is_its_mirror_image(x):
    frame = pd.DataFrame(x, columns=list("abc"))
    directions = {"a": "negative", "b": "positive", "c": "positive"}
    turned = entropy_index(frame.assign(a=-frame["a"]), dict.fromkeys("abc", "positive"))
    found = entropy_index(frame, directions)
    assert found.index.to_numpy() == pytest.approx(turned.index.to_numpy(), abs=ROUNDING)
    assert found.weights.to_numpy() == pytest.approx(turned.weights.to_numpy(), abs=ROUNDING)


def test_incomplete_rows_have_no_index_and_no_say():
    frame = pd.DataFrame({"a": [1.0, 2, 4, np.nan], "b": [3.0, 1, 2, 900]}, index=[7, 8, 9, 10])
    directions = {"a": "positive", "b": "negative"}
    found, complete = entropy_index(frame, directions), entropy_index(frame.iloc[:3], directions)
    assert found.n_used == 3 and np.isnan(found.index[10])
    assert found.index[[7, 8, 9]].tolist() == pytest.approx(complete.index.tolist())


def test_what_cannot_be_weighed_is_refused():
    frame = pd.DataFrame({"a": [1.0, 2], "b": [3.0, 3]})
    with pytest.raises(DataError, match="indicator 'b': all values are 3"):
        entropy_index(frame, {"a": "positive", "b": "positive"})
    with pytest.raises(ParameterError, match="positive, negative"):
        entropy_index(frame, {"a": "up"})
    with pytest.raises(ParameterError, match="at least one"):
        entropy_index(frame, {})
    with pytest.raises(MissingTableError, match="'c'"):
        entropy_index(frame, {"c": "positive"})
    with pytest.raises(DataError, match="1 of 2 rows"):
        entropy_index(frame.assign(a=[1, np.nan]), {"a": "positive"})


@given(st.floats(0.001, 1), st.floats(0.001, 1))
def test_coordination_is_the_fourth_root_of_the_product(u, v):
    found = coupling_coordination(u, v)
    assert found.degree == pytest.approx((u * v) ** 0.25)
    assert found.coupling <= 1 + ROUNDING and found.level == pytest.approx((u + v) / 2)


def test_coordination_at_the_ends():
    found = coupling_coordination([0.4, 0.0, 0.0, np.nan], [0.4, 0.8, 0.0, 0.5])
    assert found.coupling == pytest.approx([1, 0, np.nan, np.nan], nan_ok=True)
    assert found.degree == pytest.approx([np.sqrt(0.4), 0, 0, np.nan], nan_ok=True)
    with pytest.raises(DataError, match="scale them first"):
        coupling_coordination([1.2], [0.5])

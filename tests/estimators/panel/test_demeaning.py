import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digital_clusters.estimators.panel.demeaning import (
    demean,
    demean_two_way,
    group_means,
    group_sums,
    indicators,
)

PROJECTION = 1e-9  # normal equations against a QR of the dummies


@st.composite
def panels(draw):
    """Codes of an unbalanced panel in any order, and two columns."""
    seed = draw(st.integers(0, 10_000))
    rng = np.random.default_rng(seed)
    units, years = draw(st.integers(2, 8)), draw(st.integers(2, 8))
    full = np.array([(i, t) for i in range(units) for t in range(years)])
    kept = full[rng.permutation(len(full))[: rng.integers(2, len(full) + 1)]]
    entity, time = (np.unique(column, return_inverse=True)[1] for column in kept.T)
    return entity, time, rng.normal(size=(len(kept), 2)) * [1.0, 50.0]


@given(panels())
def test_two_way_demeaning_is_least_squares_on_dummies(panel):
    entity, time, columns = panel
    dummies = np.hstack([indicators(entity), indicators(time)])
    expected = columns - dummies @ np.linalg.lstsq(dummies, columns, rcond=None)[0]
    assert demean_two_way(columns, entity, time) == pytest.approx(expected, abs=PROJECTION * 50)


@given(panels(), st.integers(0, 99))
def test_two_way_demeaning_is_a_projection_that_ignores_row_order_and_effects(panel, seed):
    entity, time, columns = panel
    once = demean_two_way(columns, entity, time)
    assert demean_two_way(once, entity, time) == pytest.approx(once, abs=PROJECTION * 50)
    rng = np.random.default_rng(seed)
    effects = rng.normal(size=(entity.max() + 1, 1))[entity] + rng.normal(size=(time.max() + 1, 1))[time]
    assert demean_two_way(columns + 9 * effects, entity, time) == pytest.approx(once, abs=PROJECTION * 50)
    order = rng.permutation(len(entity))
    assert demean_two_way(columns[order], entity[order], time[order]) == pytest.approx(
        once[order], abs=PROJECTION * 50
    )


def test_balanced_panel_has_the_textbook_formula():
    rng = np.random.default_rng(3)
    y = rng.normal(size=(7, 4))
    entity, time = np.divmod(np.arange(28), 4)
    expected = y - y.mean(axis=1, keepdims=True) - y.mean(axis=0) + y.mean()
    assert demean_two_way(y.ravel(), entity, time) == pytest.approx(expected.ravel(), abs=PROJECTION)


def test_group_means_sums_and_indicators():
    group = np.array([1, 0, 1, 1])
    values = np.array([1.0, 10.0, 2.0, 6.0])
    assert group_means(values, group).tolist() == [3.0, 10.0, 3.0, 3.0]
    assert demean(values, group).tolist() == [-2.0, 0.0, -1.0, 3.0]
    assert group_sums(values, group).tolist() == [[10.0], [9.0]]
    assert indicators(group).tolist() == [[0, 1], [1, 0], [0, 1], [0, 1]]
    assert indicators(group, drop_first=True).tolist() == [[1], [0], [1], [1]]


def test_no_columns_stay_no_columns():
    group = np.array([0, 0, 1, 1])
    assert demean_two_way(np.empty((4, 0)), group, np.array([0, 1, 0, 1])).shape == (4, 0)

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digital_clusters.errors import ParameterError
from digital_clusters.estimators.double_ml.folds import draw_folds, splits


@given(n=st.integers(2, 60), folds=st.integers(2, 60), seed=st.integers(0, 9))
def test_sizes_over_rows_differ_by_at_most_one(n, folds, seed):
    if folds > n:
        with pytest.raises(ParameterError, match=f"number of rows, {n}"):
            draw_folds(n, folds, seed=seed)
        return
    sizes = np.bincount(draw_folds(n, folds, seed=seed), minlength=folds)
    assert len(sizes) == folds and np.ptp(sizes) <= 1 and sizes.min() >= 1


@given(labels=st.lists(st.integers(0, 8), min_size=4, max_size=50), seed=st.integers(0, 9))
def test_clusters_stay_together(labels, seed):
    labels = np.array(labels)
    present = len(np.unique(labels))
    if present < 2:
        with pytest.raises(ParameterError, match="number of clusters, 1"):
            draw_folds(len(labels), 2, clusters=labels, seed=seed)
        return
    numbers = draw_folds(len(labels), 2, clusters=labels, seed=seed)
    pairs = np.unique(np.column_stack([labels, numbers]), axis=0)
    assert len(pairs) == present
    assert np.ptp(np.bincount(pairs[:, 1])) <= 1


def test_splits_partition_the_rows():
    pairs = splits(draw_folds(23, 5, seed=1))
    held_out = np.concatenate([test for _, test in pairs])
    assert sorted(held_out) == list(range(23))
    assert all(
        len(np.union1d(train, test)) == 23 and not np.intersect1d(train, test).size for train, test in pairs
    )


def test_seed_decides_and_a_generator_moves_on():
    assert (draw_folds(50, 5, seed=1) == draw_folds(50, 5, seed=1)).all()
    rng = np.random.default_rng(1)
    assert (draw_folds(50, 5, seed=rng) != draw_folds(50, 5, seed=rng)).any()

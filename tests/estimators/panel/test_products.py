import numpy as np
import pytest

from digital_clusters.estimators.panel.demeaning import indicators
from digital_clusters.estimators.panel.products import (
    draw_counts,
    entity_design,
    orthonormal_basis,
    resampled_products,
)

EXACT = 1e-8  # relative; cross-products against a regression with dummies for every copy of every entity


def copies(counts, entity):
    """Rows of a resample and the label of the copy that each row belongs to."""
    rows, labels = [], []
    for g, times in enumerate(counts):
        for copy in range(times):
            own = np.flatnonzero(entity == g)
            rows.append(own)
            labels.append(np.full(len(own), g * 100 + copy))
    return np.concatenate(rows), np.unique(np.concatenate(labels), return_inverse=True)[1]


@pytest.mark.parametrize("effects", ["two_way", "entity", "time", "none"])
@pytest.mark.parametrize("share", [1.0, 0.6])
def test_a_resample_is_a_regression_on_its_copies(effects, share):
    rng = np.random.default_rng(6)
    entity, time = np.divmod(np.arange(12 * 5), 5)
    kept = rng.permutation(60)[: int(60 * share)]
    entity, time = np.unique(entity[kept], return_inverse=True)[1], time[kept]
    columns, controls = rng.normal(size=(len(kept), 3)), rng.normal(size=(len(kept), 2))
    columns += entity[:, None] + 0.5 * time[:, None]
    counts = draw_counts(rng, entity.max() + 1, 6)
    found = resampled_products(entity_design(columns, controls, entity, time, effects), counts)
    for draw, count in enumerate(counts):
        rows, label = copies(count, entity)
        parts = {
            "two_way": [indicators(label), indicators(time[rows])],
            "entity": [indicators(label)],
            "time": [indicators(time[rows])],
            "none": [np.ones((len(rows), 1))],
        }[effects]
        w = np.hstack([controls[rows], *parts])
        left = columns[rows] - w @ np.linalg.lstsq(w, columns[rows], rcond=None)[0]
        assert found[draw] == pytest.approx(left.T @ left, rel=EXACT, abs=EXACT)


def test_a_year_that_is_not_drawn_is_left_out():
    rng = np.random.default_rng(1)
    entity, time = np.divmod(np.arange(8 * 4), 4)
    kept = (time != 0) | (entity == 7)  # the base year is seen in one entity only
    entity, time = entity[kept], time[kept]
    columns = rng.normal(size=(len(entity), 2)) + time[:, None]
    counts = np.array([[2, 1, 1, 1, 1, 1, 1, 0]])
    found = resampled_products(
        entity_design(columns, np.empty((len(time), 0)), entity, time, "two_way"), counts
    )
    rows, label = copies(counts[0], entity)
    w = np.hstack([indicators(label), indicators(time[rows])])
    left = columns[rows] - w @ np.linalg.lstsq(w, columns[rows], rcond=None)[0]
    assert found[0] == pytest.approx(left.T @ left, rel=EXACT)


def test_counts_are_a_resample():
    counts = draw_counts(np.random.default_rng(0), 50, 4000)
    assert (counts.sum(axis=1) == 50).all()
    # 200,000 counts, each binomial(50, 1/50): three standard errors of their variance are 0.02
    assert counts.var() == pytest.approx(0.98, abs=0.02)


def test_basis_drops_what_is_repeated():
    rng = np.random.default_rng(2)
    columns = rng.normal(size=(20, 3))
    basis = orthonormal_basis(np.hstack([columns, columns[:, :1] + columns[:, 1:2]]))
    assert basis.shape == (20, 3)
    assert basis @ (basis.T @ columns) == pytest.approx(columns, rel=EXACT)
    assert orthonormal_basis(np.empty((20, 0))).shape == (20, 0)

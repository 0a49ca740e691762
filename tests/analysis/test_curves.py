"""Curves of a squared treatment: the range they are drawn and tested over."""

from types import SimpleNamespace

import numpy as np
import pytest

from digital_clusters.analysis.spatial.curves import inner


def fit_of(values):
    """All that the range is read from: the treatment of a fit's sample."""
    return SimpleNamespace(spec=SimpleNamespace(treatment="c"), values=lambda column: {"c": values}[column])


@pytest.mark.parametrize("order", [1, -1])
def test_the_inner_range_leaves_out_one_per_cent_at_either_end(order):
    """Of 0, 1, …, 1000 the first and the last percentile are 10 and 990."""
    assert inner(fit_of(np.arange(1001.0)[::order])) == pytest.approx((10, 990))


def test_values_outside_the_inner_range_do_not_move_it():
    values = np.arange(1001.0)
    values[-5:] = 1e9
    assert inner(fit_of(values)) == pytest.approx((10, 990))

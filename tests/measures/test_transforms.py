import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.measures.transforms import (
    centre,
    median_split,
    min_max,
    natural_log,
    quantile,
    winsorise,
)

samples = hnp.arrays(float, st.integers(3, 60), elements=st.floats(-1e6, 1e6, allow_nan=False))


def stata_percentile(x, p):
    """The rule of the manual entry of ``pctile``: average of two at a whole position, else the next."""
    x, n = sorted(x), len(x)
    position = n * p / 100
    if position == int(position):
        return (x[int(position) - 1] + x[int(position)]) / 2
    return x[int(position)]


@given(samples, st.integers(1, 99))
def test_averaged_quantile_is_that_of_stata(x, percent):
    assert quantile(x, percent / 100) == pytest.approx(stata_percentile(x, percent))


@given(samples, st.integers(1, 99))
def test_interpolated_quantile_is_that_of_numpy(x, percent):
    assert quantile(x, percent / 100, "interpolated") == np.quantile(x, percent / 100)


def test_the_two_rules_differ_by_hand():
    x = np.arange(1.0, 21.0)
    assert (quantile(x, 0.05), quantile(x, 0.05, "interpolated")) == pytest.approx((1.5, 1.95))
    assert quantile(np.arange(1.0, 101.0), 0.07) == 7.5
    assert (quantile(x, 0), quantile(x, 1)) == (1, 20)


@given(samples, st.sampled_from([0.0, 0.01, 0.05, 0.2]))
def test_winsorised_values_stay_within_and_keep_their_order(x, share):
    found = winsorise(x, share)
    low, high = quantile(x, share), quantile(x, 1 - share)
    assert found.min() >= low and found.max() <= high
    inside = (x >= low) & (x <= high)
    assert (found[inside] == x[inside]).all()
    assert (np.diff(found[np.argsort(x)]) >= 0).all()
    assert (winsorise(x, 0) == x).all()


def test_missing_values_stay_missing():
    x = [np.nan, 1.0, 3.0]
    for found, expected in [
        (winsorise(x, 0.4), [np.nan, 1, 3]),
        (centre(x), [np.nan, -1, 1]),
        (min_max(x), [np.nan, 0, 1]),
        (natural_log(x)[0], [np.nan, 0, np.log(3)]),
    ]:
        assert found == pytest.approx(expected, nan_ok=True)


def test_logarithm_counts_what_it_refuses():
    logs, refused = natural_log([np.e, 0.0, -1.0], nonpositive="missing")
    assert refused == 2 and logs == pytest.approx([1, np.nan, np.nan], nan_ok=True)
    with pytest.raises(DataError, match="2 of 3"):
        natural_log([np.e, 0.0, -1.0])


@given(samples)
def test_centre_and_scale(x):
    assert abs(centre(x).mean()) <= 1e-9 * (1 + np.abs(x).max())
    if x.min() < x.max():
        assert (min_max(x).min(), min_max(x).max()) == (0, 1)


def test_ties_at_the_median_count_as_above():
    assert median_split([1, 2, 2, 3]).tolist() == [False, True, True, True]
    assert median_split([1, 2, 3]).tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: min_max([2, 2]), DataError, "all values are 2"),
        (lambda: median_split([1, np.nan]), DataError, "1 of 2"),
        (lambda: centre([np.nan]), DataError, "not missing"),
        (lambda: winsorise([1, 2], 0.5), ParameterError, "below 0.5"),
        (lambda: quantile([1, 2], 1.5), ParameterError, "between 0 and 1"),
        (lambda: quantile([1, 2], 0.5, "nearest"), ParameterError, "averaged, interpolated"),
    ],
)
def test_impossible_requests_are_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.measures.indicators.inequality import gini, gini_by_group, gini_of_units

ROUNDING = 1e-12
"""Sums of at most a few thousand doubles of like magnitude."""
PRINTED = 1e-9
"""Reference values are given to twelve digits."""

GERMAN_STATES = [460.69, 549.19, 124.16, 65.29, 31.59, 109.27, 263.44, 39.87]
GERMAN_STATES += [258.53, 645.59, 131.95, 35.03, 112.66, 56.22, 85.61, 56.81]

lights = hnp.arrays(
    float, st.integers(2, 40), elements=st.floats(0, 1e4, allow_nan=False).map(lambda value: round(value, 6))
)


def pairwise(x, w=None):
    """Eq. 1 as it is printed, with its n × n matrix."""
    x = np.asarray(x, dtype=float)
    w = np.ones(x.size) if w is None else np.asarray(w, dtype=float)
    pairs = (w[:, None] * w * np.abs(x[:, None] - x)).sum()
    return pairs / (2 * w.sum() * (w * x).sum())


@pytest.mark.parametrize(
    ("x", "weights", "unbiased", "expected"),
    [
        ([20, 50, 20, 10], None, False, 0.3),
        ([20, 50, 20, 10], None, True, 0.4),
        ([500, 1500, 2500, 4000, 7500, 15000], [1000, 1200, 1600, 400, 200, 600], False, 0.527826086957),
        (GERMAN_STATES, None, False, 0.500934845831),
        (GERMAN_STATES, None, True, 0.53433050222),
        ([50 / 9] * 9 + [50], None, True, 4 / 9),
        ([2] * 5 + [18] * 5, None, True, 4 / 9),
    ],
)
def test_printed_values(x, weights, unbiased, expected):
    assert gini(x, weights, unbiased) == pytest.approx(expected, abs=PRINTED)


def test_incomes_by_province_agree_with_r(reference_case):
    case = reference_case("A1")
    data = pd.read_csv(case["folder"] / case["data"])
    codes, names = pd.factorize(data["province"])
    by_province = dict(zip(names, gini_by_group(data["income"], codes), strict=True))
    pangasinan = data.loc[data["province"] == "Pangasinan", "income"]
    found = by_province | {
        "all": gini(data["income"]),
        "all_corr": gini(data["income"], unbiased=True),
        "Pangasinan_corr": gini(pangasinan, unbiased=True),
    }
    for name, value in found.items():
        assert value == pytest.approx(case["expected"][name], abs=case["tolerance"]), name


@given(lights)
def test_equals_the_printed_formula(x):
    if x.sum() == 0:
        assert np.isnan(gini(x))
    else:
        assert gini(x) == pytest.approx(pairwise(x), abs=ROUNDING)


@given(lights, st.randoms(use_true_random=False))
def test_weights_equal_the_printed_formula_and_repetition(x, random):
    counts = np.array([random.randint(1, 4) for _ in x])
    if x.sum() > 0:
        assert gini(x, counts) == pytest.approx(pairwise(x, counts), abs=ROUNDING)
        assert gini(x, counts) == pytest.approx(gini(np.repeat(x, counts)), abs=ROUNDING)


@given(lights, st.floats(1e-3, 1e3), st.integers(2, 4))
def test_scale_replication_and_bounds(x, scale, copies):
    if x.sum() > 0:
        value = gini(x)
        assert gini(x * scale) == pytest.approx(value, abs=ROUNDING)
        assert gini(np.tile(x, copies)) == pytest.approx(value, abs=ROUNDING)
        assert -ROUNDING <= value <= 1 - 1 / x.size + ROUNDING


@given(lights, st.floats(0.01, 0.49))
def test_a_transfer_to_a_darker_unit_lowers_it(x, share):
    low, high = np.argmin(x), np.argmax(x)
    gap = x[high] - x[low]
    if gap > 1e-3:
        moved = x.copy()
        moved[high] -= share * gap
        moved[low] += share * gap
        assert gini(moved) < gini(x) + ROUNDING
        if x.size == 2:
            assert gini(moved) == pytest.approx(gini(x) * (1 - 2 * share), abs=ROUNDING)


def test_groups_agree_with_one_at_a_time():
    random = np.random.default_rng(7)
    codes = random.integers(0, 90_000, 200_000)
    x, w = random.gamma(0.5, 3.0, codes.size), random.uniform(0.5, 2.0, codes.size)
    for kept in (codes < 70_000, codes < 500):  # codes beyond 16 bits, and within
        plain = gini_by_group(x[kept], codes[kept])
        weighted = gini_by_group(x[kept], codes[kept], w[kept])
        for code in random.choice(np.unique(codes[kept]), 50, replace=False):
            mine = kept & (codes == code)
            expected = pairwise(x[mine]) if mine.sum() > 1 else np.nan
            assert plain[code] == pytest.approx(expected, abs=ROUNDING, nan_ok=True)
            expected = pairwise(x[mine], w[mine]) if mine.sum() > 1 else np.nan
            # the running sum of weights spans all groups
            assert weighted[code] == pytest.approx(expected, abs=1e-9, nan_ok=True)


def test_groups_without_a_gini_are_missing_not_zero():
    values = [3.0, 0.0, 0.0, 1.0, 1.0, 2.0, 4.0]
    found = gini_by_group(values, [0, 1, 1, 2, 2, 4, 4], n_groups=6)
    expected = [np.nan, np.nan, 0.0, np.nan, pairwise([2, 4]), np.nan]
    assert found == pytest.approx(expected, abs=ROUNDING, nan_ok=True)
    assert np.isnan(gini([5.0])) and np.isnan(gini([]))


@pytest.mark.parametrize(
    ("x", "codes", "weights", "words"),
    [
        ([1.0, -2.0], [0, 0], None, "1 of 2 values are negative"),
        ([1.0, np.nan], [0, 0], None, "missing or infinite"),
        ([1.0, 2.0], [0, 0], [1.0, 0.0], "not positive"),
        ([1.0, 2.0], [0], None, "one length"),
        ([1.0, 2.0], [0, -1], None, "integers from 0"),
    ],
)
def test_impossible_input_is_refused(x, codes, weights, words):
    with pytest.raises(DataError, match=words):
        gini_by_group(x, codes, weights)


def test_unbiased_has_no_meaning_with_weights():
    with pytest.raises(ParameterError, match="unbiased"):
        gini([1, 2], weights=[1, 1], unbiased=True)


def test_frame_of_units_is_sorted_by_city_and_year():
    units = pd.DataFrame(
        {"city": [2, 2, 1, 1, 1], "year": [2012, 2012, 2012, 2011, 2011], "radiance": [1.0, 3, 5, 2, 2]}
    )
    units["weight"] = [3.0, 1, 1, 1, 1]
    plain = gini_of_units(units)
    assert plain[["city", "year", "units"]].to_numpy().tolist() == [[1, 2011, 2], [1, 2012, 1], [2, 2012, 2]]
    assert plain["gini"].to_numpy() == pytest.approx([0.0, np.nan, 0.25], nan_ok=True)
    weighted = gini_of_units(units, weight="weight")["gini"]
    assert weighted.iloc[2] == pytest.approx(pairwise([1, 1, 1, 3]))


def test_missing_light_is_named():
    units = pd.DataFrame({"city": [7], "year": [2011], "unit": ["a"], "radiance": [np.nan]})
    with pytest.raises(DataError, match="'city': 7"):
        gini_of_units(units)

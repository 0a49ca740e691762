from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.resampling.permutation import difference, permute_slopes

REFERENCE = 1e-9  # the tolerance stated with the case
ALGEBRA = 1e-9  # sums of products against a library's slope


def single(coefficient, error, term="uil", errors="robust"):
    return Estimate(
        terms=(term,),
        coefficients=[coefficient],
        covariance=[[error**2]],
        n_observations=10,
        method="m",
        errors=errors,
    )


def test_difference_of_independent_estimates():
    found = difference(single(0.5, 0.3), single(-0.1, 0.4), "uil")
    assert found.coefficients[0] == pytest.approx(0.6, abs=ALGEBRA)
    assert found.standard_errors[0] == pytest.approx(0.5, abs=ALGEBRA)
    assert found.p_values[0] == pytest.approx(2 * stats.norm.sf(1.2), abs=ALGEBRA)
    assert found.n_observations == 20 and found.errors == "robust"
    with pytest.raises(ParameterError, match="'uil' is not a term"):
        difference(single(0.5, 0.3), single(0.1, 0.4, term="difi"), "uil")


@pytest.mark.parametrize(
    ("name", "column", "one", "zero"), [("compreg2", "gender", "F", "M"), ("compreg3_age1_2", "age", 1, 2)]
)
def test_all_relabellings_of_the_reference_case(reference_case, name, column, one, zero):
    case = reference_case("K4")
    expected = case["expected"][name]
    frame = pd.read_csv(case["folder"] / "data" / "K_groups" / f"{name.split('_')[0]}.csv")
    frame = frame[frame[column].isin([one, zero])]
    found = permute_slopes(
        frame["weight"], frame["height"], frame[column] == one, within_groups=False, relabellings=None
    )
    assert len(found.draws) == 184_756 and found.exact
    assert found.observed == pytest.approx(expected["obs"], abs=REFERENCE)
    assert found.p_value == pytest.approx(expected["p_two"], abs=REFERENCE)
    assert found.p_value_one_sided == pytest.approx(expected["p_one"], abs=REFERENCE)
    if "sd" in expected:
        assert found.draws.std() == pytest.approx(expected["sd"], abs=REFERENCE)


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000), within=st.booleans())
def test_enumeration_by_loops(seed, within):
    rng = np.random.default_rng(seed)
    x, y, group = rng.normal(size=8) + 100, rng.normal(size=8), np.arange(8) < 4
    found = permute_slopes(y, x, group, within_groups=within, relabellings=None)
    if within:
        for label in (True, False):
            x[group == label] -= x[group == label].mean()
            y[group == label] -= y[group == label].mean()
    values = []
    for chosen in combinations(range(8), 4):
        inside = np.isin(np.arange(8), chosen)
        values.append(np.polyfit(x[inside], y[inside], 1)[0] - np.polyfit(x[~inside], y[~inside], 1)[0])
    assert np.sort(found.draws) == pytest.approx(np.sort(values), rel=1e-6, abs=1e-6)
    assert found.p_value == np.mean(np.abs(values) >= abs(found.observed) * (1 - 1e-7))


def test_a_level_difference_hides_slopes_unless_demeaned_within():
    rng = np.random.default_rng(5)
    group = np.arange(200) < 100
    x = rng.normal(size=200)
    y = np.where(group, 1.0, -0.5) * x + rng.normal(size=200) + 40 * group
    within = permute_slopes(y, x, group, relabellings=999, seed=1)
    across = permute_slopes(y, x, group, within_groups=False, relabellings=999, seed=1)
    assert within.observed == pytest.approx(across.observed, abs=ALGEBRA)
    assert within.p_value < 0.01 < across.p_value


def test_units_keep_their_rows_together():
    rng = np.random.default_rng(2)
    units = np.repeat(np.arange(6), 4)
    group = units < 3
    x, y = rng.normal(size=24), rng.normal(size=24)
    found = permute_slopes(y, x, group, units=units, relabellings=None)
    assert len(found.draws) == 20
    with pytest.raises(DataError, match="rows in both groups"):
        permute_slopes(y, x, np.arange(24) < 2, units=units)


def test_random_relabellings_are_seeded_and_size_under_the_null_is_right():
    rng = np.random.default_rng(0)
    group = np.arange(40) < 15
    x = rng.normal(size=40)
    y = x + rng.normal(size=40)
    first, again = (permute_slopes(y, x, group, relabellings=500, seed=3) for _ in range(2))
    assert (first.draws == again.draws).all() and not first.exact
    values = [
        permute_slopes(x + rng.normal(size=40), x, group, relabellings=199, seed=s).p_value
        for s in range(200)
    ]
    # 200 tests at 5 %: three binomial standard deviations are 0.046
    assert abs(np.mean(np.array(values) <= 0.05) - 0.05) < 0.046


def test_refusals():
    with pytest.raises(DataError, match="empty"):
        permute_slopes([1.0, 2, 3], [1.0, 2, 4], [True, True, True])
    with pytest.raises(DataError, match="does not vary"):
        permute_slopes([1.0, 2, 3, 4], [1.0, 1, 4, 5], [True, True, False, False])
    with pytest.raises(ParameterError, match="relabellings"):
        permute_slopes(np.arange(60.0), np.arange(60.0) ** 2, np.arange(60) < 30, relabellings=None)

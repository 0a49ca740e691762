from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from digital_clusters.errors import ParameterError
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.wald import quadratic_test, wald_test

ALGEBRA = 1e-9  # relative; small systems solved twice in different ways


def estimate(seed=0, k=4, degrees_of_freedom=None):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(k, k)) + 2 * np.eye(k)
    return Estimate(
        terms=tuple("abcdefgh"[:k]),
        coefficients=rng.normal(size=k),
        covariance=root @ root.T,
        n_observations=100,
        method="m",
        errors="robust",
        degrees_of_freedom=degrees_of_freedom,
    )


@pytest.mark.parametrize("degrees_of_freedom", [None, 17.0])
def test_one_restriction_is_the_square_of_t(degrees_of_freedom):
    found = estimate(degrees_of_freedom=degrees_of_freedom)
    test = wald_test(found, "b")
    value, error = found["b"]
    assert test.statistic == pytest.approx((value / error) ** 2, rel=ALGEBRA)
    assert test.p_value == pytest.approx(found.p_values[1], rel=1e-6)
    assert (test.df, test.df_denominator) == (1, degrees_of_freedom)


def test_f_test_of_a_classical_regression():
    rng = np.random.default_rng(3)
    x = np.column_stack([np.ones(60), rng.normal(size=(60, 3))])
    y = x @ [1, 0.2, 0, -0.1] + rng.normal(size=60)
    beta, rss = np.linalg.lstsq(x, y, rcond=None)[:2]
    covariance = rss[0] / 56 * np.linalg.inv(x.T @ x)
    found = Estimate(tuple("cuvw"), beta, covariance, 60, "m", "homoskedastic", degrees_of_freedom=56)
    restricted = np.sum((y - y.mean()) ** 2)
    f = (restricted - rss[0]) / 3 / (rss[0] / 56)
    test = wald_test(found, ["u", "v", "w"])
    assert test.statistic == pytest.approx(f, rel=ALGEBRA)
    assert test.p_value == pytest.approx(stats.f.sf(f, 3, 56), rel=1e-6)


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000))
def test_the_same_restrictions_written_otherwise(seed):
    rng = np.random.default_rng(seed)
    found = estimate(seed)
    mixing = rng.normal(size=(2, 2)) + 3 * np.eye(2)
    names = wald_test(found, ["a", "c"], [1.0, 2.0])
    rows = np.eye(4)[[0, 2]]
    mixed = wald_test(found, mixing @ rows, mixing @ [1.0, 2.0])
    assert mixed.statistic == pytest.approx(names.statistic, rel=1e-6)
    assert mixed.p_value == pytest.approx(names.p_value, rel=1e-6)


def test_units_of_a_term_do_not_matter():
    covariance = np.array([[1.0, 0.3], [0.3, 2.0]])
    units = np.array([1e-9, 1e9])
    plain = quadratic_test(np.array([1.0, -2.0]), covariance)
    scaled = quadratic_test(units * [1.0, -2.0], covariance * np.outer(units, units))
    assert scaled.statistic == pytest.approx(plain.statistic, rel=ALGEBRA)


@pytest.mark.parametrize(
    ("restrictions", "says"),
    [
        (["a", "z"], "not a term of this estimate: z; it has: a, b, c, d"),
        ([], "at least one"),
        ([[1.0, 0.0]], "2 columns, the estimate 4 terms"),
        ([[1.0, 0, 0, 0], [2.0, 0, 0, 0]], "not independent"),
    ],
)
def test_refusals(restrictions, says):
    with pytest.raises(ParameterError, match=says):
        wald_test(estimate(), restrictions)


# χ² with the rank of the covariance, as event studies test paths before treatment

EXACT = 1e-12  # a handful of multiplications


def diagonal(covariance, coefficients=(2.0, -1.0, 5.0)):
    return Estimate(("a", "b", "c"), np.array(coefficients), np.array(covariance), 100, "m", "clustered")


def chi2(estimate, terms):
    return wald_test(estimate, terms, rank="reduced", reference="chi2")


def test_independent_coefficients_add_their_squared_t():
    found = chi2(diagonal(np.diag([4.0, 1.0, 9.0])), ["a", "b"])
    assert found.statistic == pytest.approx(1 + 1, rel=EXACT)
    assert found.p_value == pytest.approx(np.exp(-1), rel=EXACT), "chi squared with two degrees of freedom"


def test_one_coefficient_is_its_normal_test():
    found = chi2(replace(diagonal(np.diag([4.0, 1.0, 9.0])), degrees_of_freedom=7.0), ["c"])
    assert found.p_value == pytest.approx(2 * stats.norm.sf(5 / 3), rel=EXACT)
    assert found.df_denominator is None


def test_degrees_of_freedom_are_the_rank_where_it_is_allowed_to_be_low():
    repeated = diagonal([[1, 1, 0], [1, 1, 0], [0, 0, 1]], (2, 2, 0))
    found = chi2(repeated, ["a", "b"])
    assert (found.statistic, found.df) == (pytest.approx(4), 1)
    with pytest.raises(ParameterError, match="not independent"):
        wald_test(repeated, ["a", "b"])


@pytest.mark.parametrize("rank", ["full", "reduced"])
@pytest.mark.parametrize("covariance", [np.zeros((3, 3)), np.full((3, 3), np.nan)])
def test_no_covariance_no_test(covariance, rank):
    with pytest.raises(ParameterError, match="zero or not finite"):
        wald_test(diagonal(covariance), ["a", "b"], rank=rank)


def test_a_negative_variance_is_refused():
    with pytest.raises(ParameterError, match="not independent"):
        quadratic_test(np.array([1.0, 1.0]), np.diag([1.0, -1.0]))


@pytest.mark.parametrize(
    ("options", "says"), [({"rank": "low"}, "full, reduced"), ({"reference": "F"}, "f, hotelling, chi2")]
)
def test_wrong_rules_list_the_right_ones(options, says):
    with pytest.raises(ParameterError, match=says):
        wald_test(estimate(), ["a"], **options)


def test_hotelling_is_the_test_of_a_mean_vector():
    """The covariance of a mean, estimated from n rows, has n − 1 degrees of freedom: the test is exact."""
    x = np.random.default_rng(4).normal(size=(12, 3))
    found = Estimate(tuple("abc"), x.mean(axis=0), np.cov(x.T) / 12, 12, "m", "robust", degrees_of_freedom=11)
    test = wald_test(found, ["a", "b", "c"], reference="hotelling")
    t2 = 12 * x.mean(axis=0) @ np.linalg.solve(np.cov(x.T), x.mean(axis=0))
    assert test.statistic == pytest.approx(t2 * (12 - 3) / (3 * 11), rel=ALGEBRA)
    assert (test.df, test.df_denominator, test.warnings) == (3, 9, ())
    assert test.p_value == pytest.approx(stats.f.sf(test.statistic, 3, 9), rel=1e-9)
    assert test.p_value > wald_test(found, ["a", "b", "c"]).p_value


def test_hotelling_of_one_restriction_is_the_t_test():
    found = estimate(degrees_of_freedom=7.0)
    assert wald_test(found, "a", reference="hotelling").p_value == pytest.approx(found.p_values[0], rel=1e-9)


@pytest.mark.parametrize("degrees_of_freedom", [None, 2.0])
def test_hotelling_needs_degrees_of_freedom(degrees_of_freedom):
    with pytest.raises(ParameterError, match="at least as many degrees of freedom as the 3 restrictions"):
        wald_test(estimate(degrees_of_freedom=degrees_of_freedom), ["a", "b", "c"], reference="hotelling")

import numpy as np
import pytest
from scipy import stats

from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.joint_tests import wald_test

EXACT = 1e-12  # a handful of multiplications


def estimate(covariance, coefficients=(2.0, -1.0, 5.0)):
    return Estimate(("a", "b", "c"), np.array(coefficients), np.array(covariance), 100, "m", "clustered")


def test_independent_coefficients_add_their_squared_t():
    found = wald_test(estimate(np.diag([4.0, 1.0, 9.0])), ["a", "b"])
    assert found.statistic == pytest.approx(1 + 1, rel=EXACT)
    assert found.p_value == pytest.approx(np.exp(-1), rel=EXACT), "chi squared with two degrees of freedom"


def test_one_coefficient_is_its_t_test():
    found = wald_test(estimate(np.diag([4.0, 1.0, 9.0])), ["c"])
    assert found.p_value == pytest.approx(2 * stats.norm.sf(5 / 3), rel=EXACT)
    assert wald_test(estimate(np.eye(3)), []) is None


def test_degrees_of_freedom_are_the_rank():
    found = wald_test(estimate([[1, 1, 0], [1, 1, 0], [0, 0, 1]], (2, 2, 0)), ["a", "b"])
    assert (found.statistic, found.degrees_of_freedom) == (pytest.approx(4), 1)


@pytest.mark.parametrize("covariance", [np.zeros((3, 3)), np.full((3, 3), np.nan)])
def test_no_covariance_no_test(covariance):
    assert wald_test(estimate(covariance), ["a", "b"]) is None

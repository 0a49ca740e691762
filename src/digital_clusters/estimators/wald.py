"""Joint tests of linear restrictions on the coefficients of one estimate."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from digital_clusters.errors import ParameterError, check_option
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.few_clusters import joint_warnings

Reference = Literal["f", "hotelling"]
"""Distribution of a joint test with few clusters: F, or Hotelling's."""


@dataclass(frozen=True)
class WaldTest:
    """A joint test.

    Attributes
    ----------
    statistic : float
        χ² where ``df_denominator`` is ``None``, else F = χ²/``df``.
    df : int
        Number of restrictions.
    p_value : float
    df_denominator : float or None
        Degrees of freedom of the estimate's t distribution.
    warnings : tuple of str
        Sentences where the test rejects a true hypothesis more often than its level.
    """

    statistic: float
    df: int
    p_value: float
    df_denominator: float | None = None
    warnings: tuple[str, ...] = ()


def wald_test(
    estimate: Estimate,
    restrictions: Sequence[str] | ArrayLike,
    value: ArrayLike = 0.0,
    *,
    reference: Reference = "f",
) -> WaldTest:
    """Test R β = r by (Rβ − r)' (R V R')⁻¹ (Rβ − r) (Wald 1943).

    Parameters
    ----------
    estimate : Estimate
    restrictions : sequence of str, or array_like of shape (r, k)
        Names of terms that equal ``value``, or the matrix R.
    value : array_like, shape () or (r,)
    reference : {'f', 'hotelling'}
        With v degrees of freedom of the estimate, χ²/r is compared with F(r, v). ``hotelling`` counts that
        the whole covariance is estimated: χ² (v − r + 1)/(v r) is compared with F(r, v − r + 1), which keeps
        its level with few clusters (Hotelling 1931; Pustejovsky & Tipton 2018).

    Raises
    ------
    ParameterError
        A name that is not among the terms, a matrix of the wrong width, restrictions that are not
        independent, an unknown reference, or Hotelling's without degrees of freedom or with fewer than r.

    Examples
    --------
    >>> estimate = Estimate(("a", "b"), [2.0, 0.0], [[1, 0], [0, 1]], 9, method="m", errors="robust")
    >>> wald_test(estimate, ["a", "b"]).statistic
    4.0
    """
    check_option("reference", reference, Reference)
    matrix = _matrix(estimate, restrictions)
    gap = matrix @ estimate.coefficients - np.asarray(value, dtype=float)
    test = quadratic_test(gap, matrix @ estimate.covariance @ matrix.T, estimate.degrees_of_freedom)
    if reference == "hotelling":
        return _hotelling(test, estimate.degrees_of_freedom)
    remedy = "compare reference = 'hotelling', or use the wild bootstrap of family_tests"
    return replace(test, warnings=joint_warnings(len(gap), estimate.n_clusters, remedy))


def _hotelling(test: WaldTest, degrees_of_freedom: float | None) -> WaldTest:
    """An F test with the scale and denominator of Hotelling's T²."""
    if degrees_of_freedom is None or degrees_of_freedom < test.df:
        raise ParameterError(
            f"reference = 'hotelling' needs at least as many degrees of freedom as the {test.df} "
            f"restrictions, the estimate has {degrees_of_freedom or 'none'}: test fewer or use 'f'"
        )
    left = degrees_of_freedom - test.df + 1
    statistic = test.statistic * left / degrees_of_freedom
    return WaldTest(statistic, test.df, float(stats.f.sf(statistic, test.df, left)), left)


def quadratic_test(
    gap: np.ndarray, covariance: np.ndarray, degrees_of_freedom: float | None = None
) -> WaldTest:
    """Test that the vector ``gap``, shape (r,), is zero given its ``covariance``, shape (r, r).

    Raises
    ------
    ParameterError
        The covariance does not have full rank: restrictions repeat each other, or are more than the clusters.
    """
    r = len(gap)
    scale = np.sqrt(np.diag(covariance))
    if not (scale > 0).all() or np.linalg.matrix_rank(covariance / np.outer(scale, scale)) < r:
        raise ParameterError(f"the {r} restrictions are not independent: test fewer")
    chi2 = float((gap / scale) @ np.linalg.solve(covariance / np.outer(scale, scale), gap / scale))
    if degrees_of_freedom is None:
        return WaldTest(chi2, r, float(stats.chi2.sf(chi2, r)))
    return WaldTest(chi2 / r, r, float(stats.f.sf(chi2 / r, r, degrees_of_freedom)), degrees_of_freedom)


def _matrix(estimate: Estimate, restrictions) -> np.ndarray:
    k = len(estimate.terms)
    if isinstance(restrictions, str):
        restrictions = [restrictions]
    if len(restrictions) == 0:
        raise ParameterError("name at least one term to test")
    if isinstance(restrictions[0], str):
        unknown = [term for term in restrictions if term not in estimate.terms]
        if unknown:
            known = ", ".join(estimate.terms)
            raise ParameterError(f"not a term of this estimate: {', '.join(unknown)}; it has: {known}")
        return np.eye(k)[[estimate.terms.index(term) for term in restrictions]]
    matrix = np.atleast_2d(np.asarray(restrictions, dtype=float))
    if matrix.shape[1] != k:
        raise ParameterError(f"the restrictions have {matrix.shape[1]} columns, the estimate {k} terms")
    return matrix

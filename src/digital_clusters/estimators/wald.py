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

Rank = Literal["full", "reduced"]
"""``full``: restrictions that are not independent are refused. ``reduced``: their rank is tested, as where
there are more restrictions than clusters; the inverse is Moore and Penrose's."""

Reference = Literal["f", "hotelling", "chi2"]
"""Distribution of a joint test: F with the estimate's degrees of freedom, where it has any; Hotelling's, for
few clusters; or χ², whatever the degrees of freedom."""

REMEDY = "compare reference = 'hotelling', or use the wild bootstrap of family_tests"
"""What to do where clusters are few, unless a caller knows better."""


@dataclass(frozen=True)
class WaldTest:
    """A joint test.

    Attributes
    ----------
    statistic : float
        χ² where ``df_denominator`` is ``None``, else F = χ²/``df``.
    df : int
        Number of restrictions, or the rank of their covariance.
    p_value : float
    df_denominator : float or None
        Degrees of freedom of the estimate's t distribution.
    terms : tuple of str
        Coefficients that are tested; empty where restrictions came as a matrix.
    warnings : tuple of str
        Sentences where the test rejects a true hypothesis more often than its level.
    """

    statistic: float
    df: int
    p_value: float
    df_denominator: float | None = None
    terms: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def wald_test(
    estimate: Estimate,
    restrictions: Sequence[str] | ArrayLike,
    value: ArrayLike = 0.0,
    *,
    rank: Rank = "full",
    reference: Reference = "f",
    clusters: int | None = None,
    remedy: str = REMEDY,
) -> WaldTest:
    """Test R β = r by (Rβ − r)' (R V R')⁻¹ (Rβ − r) (Wald 1943).

    The covariance is taken as given: where few clusters stand behind a coefficient it is too small, and the
    test rejects too often, which ``warnings`` says.

    Parameters
    ----------
    estimate : Estimate
    restrictions : sequence of str, or array_like of shape (r, k)
        Names of terms that equal ``value``, or the matrix R.
    value : array_like, shape () or (r,)
    rank : {'full', 'reduced'}
        :data:`Rank`.
    reference : {'f', 'hotelling', 'chi2'}
        With v degrees of freedom of the estimate, χ²/r is compared with F(r, v). ``hotelling`` counts that
        the whole covariance is estimated: χ² (v − r + 1)/(v r) is compared with F(r, v − r + 1), which keeps
        its level with few clusters (Hotelling 1931; Pustejovsky & Tipton 2018). ``chi2`` takes no
        account of v.
    clusters : int, optional
        Clusters behind the coefficients, such as treated units, where they are fewer than the estimate's.
    remedy : str
        What to do where there are few.

    Raises
    ------
    ParameterError
        A name that is not among the terms, a matrix of the wrong width, restrictions that are not
        independent (``full``), a covariance that is zero or not finite, an unknown option, or Hotelling's
        without degrees of freedom or with fewer than r.

    Examples
    --------
    >>> estimate = Estimate(("a", "b"), [2.0, 0.0], [[1, 0], [0, 1]], 9, method="m", errors="robust")
    >>> wald_test(estimate, ["a", "b"]).statistic
    4.0
    """
    check_option("rank", rank, Rank)
    check_option("reference", reference, Reference)
    matrix = _matrix(estimate, restrictions)
    gap = matrix @ estimate.coefficients - np.asarray(value, dtype=float)
    freedom = None if reference == "chi2" else estimate.degrees_of_freedom
    test = quadratic_test(gap, matrix @ estimate.covariance @ matrix.T, freedom, rank=rank)
    if reference == "hotelling":
        return replace(_hotelling(test, freedom), terms=_names(restrictions))
    known = [count for count in (clusters, estimate.n_clusters) if count is not None]
    warnings = joint_warnings(len(gap), min(known, default=None), remedy)
    return replace(test, terms=_names(restrictions), warnings=warnings)


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
    gap: np.ndarray,
    covariance: np.ndarray,
    degrees_of_freedom: float | None = None,
    *,
    rank: Rank = "full",
) -> WaldTest:
    """Test that the vector ``gap``, shape (r,), is zero given its ``covariance``, shape (r, r).

    Raises
    ------
    ParameterError
        The covariance is zero or not finite; with ``rank='full'``, it does not have full rank: restrictions
        repeat each other, or are more than the clusters.
    """
    if not np.isfinite(covariance).all() or not covariance.any():
        raise ParameterError("the covariance of the restrictions is zero or not finite: test other terms")
    variances = np.diag(covariance)
    scale = np.sqrt(np.where(variances > 0, variances, 1.0))
    gap, covariance = gap / scale, covariance / np.outer(scale, scale)
    df = int(np.linalg.matrix_rank(covariance, hermitian=True))
    if rank == "reduced":
        chi2 = float(gap @ np.linalg.pinv(covariance, hermitian=True) @ gap)
    elif df < len(gap) or not (variances > 0).all():
        raise ParameterError(f"the {len(gap)} restrictions are not independent: test fewer")
    else:
        chi2 = float(gap @ np.linalg.solve(covariance, gap))
    if degrees_of_freedom is None:
        return WaldTest(chi2, df, float(stats.chi2.sf(chi2, df)))
    return WaldTest(chi2 / df, df, float(stats.f.sf(chi2 / df, df, degrees_of_freedom)), degrees_of_freedom)


def _names(restrictions) -> tuple[str, ...]:
    names = [restrictions] if isinstance(restrictions, str) else restrictions
    return tuple(names) if isinstance(names[0], str) else ()


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

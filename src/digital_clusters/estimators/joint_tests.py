"""Joint hypotheses about coefficients of one estimate."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.few_clusters import joint_warnings

REMEDY = "permute the treatment instead"


@dataclass(frozen=True)
class JointTest:
    """A Wald test that several coefficients are zero.

    Attributes
    ----------
    statistic : float
        Chi squared.
    degrees_of_freedom : int
    p_value : float
    terms : tuple of str
        The coefficients that are tested.
    warnings : tuple of str
        Sentences where the test rejects a true hypothesis more often than its level.
    """

    statistic: float
    degrees_of_freedom: int
    p_value: float
    terms: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def wald_test(
    estimate: Estimate, terms: Sequence[str], *, clusters: int | None = None, remedy: str = REMEDY
) -> JointTest | None:
    """Test that the named coefficients are all zero.

    Degrees of freedom are the rank of their covariance, which clusters may leave below their number. The
    covariance is taken as given: where few clusters stand behind a coefficient it is too small, and the test
    rejects too often, which ``warnings`` says.

    Parameters
    ----------
    estimate : Estimate
    terms : sequence of str
    clusters : int, optional
        Clusters behind the coefficients, such as treated units, where they are fewer than the estimate's.
    remedy : str
        What to do instead.

    Returns
    -------
    JointTest or None
        ``None`` when no coefficient is named, or their covariance is zero or not finite.
    """
    if not terms:
        return None
    where = [estimate.terms.index(term) for term in terms]
    b, v = estimate.coefficients[where], estimate.covariance[np.ix_(where, where)]
    if not np.isfinite(v).all() or not v.any():
        return None
    scale = np.sqrt(np.diag(v))
    scale = np.where(scale > 0, scale, 1.0)
    b, v = b / scale, v / np.outer(scale, scale)
    rank = int(np.linalg.matrix_rank(v, hermitian=True))
    statistic = float(b @ np.linalg.pinv(v, hermitian=True) @ b)
    known = [count for count in (clusters, estimate.n_clusters) if count is not None]
    warnings = joint_warnings(len(terms), min(known, default=None), remedy)
    return JointTest(statistic, rank, float(stats.chi2.sf(statistic, rank)), tuple(terms), warnings)

"""How alike treated and untreated units are, before and after matching."""

from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from digital_clusters.errors import DataError, ParameterError, check_option
from digital_clusters.estimators.did.propensity import check_treated
from digital_clusters.estimators.panel.arrays import as_columns

Denominator = Literal["treated", "pooled"]
"""What standardises a difference: the treated units' standard deviation (the default of R's MatchIt), or
sqrt((s1² + s0²) / 2) (Rosenbaum & Rubin 1985; Stata's pstest). Both before matching, so that a smaller
difference is a nearer mean and not a wider spread."""

LARGEST_DIFFERENCE = 0.1
"""Customary bound on an absolute standardised difference: the 10 % line."""


def balance(covariates, treated, weights, *, terms, denominator: Denominator = "treated") -> pd.DataFrame:
    """Means, standardised differences, variance ratios and t tests of covariates, before and after.

    Parameters
    ----------
    covariates : array_like, shape (n, k)
    treated : array_like, shape (n,)
    weights : array_like, shape (n,)
        Of the matched sample, nonnegative (:class:`~digital_clusters.estimators.did.matching.Matching`).
    terms : sequence of str, length k
    denominator : {'treated', 'pooled'}

    Returns
    -------
    pandas.DataFrame, one row a covariate
        For ``before`` and ``after``: ``mean_treated_*``, ``mean_control_*``, ``difference_*`` (standardised;
        times 100 it is pstest's % bias), ``variance_ratio_*`` (treated over untreated), ``t_*`` and ``p_*``
        of equal means (before: Welch; after: weighted means with robust errors).

    Raises
    ------
    DataError
        A covariate is missing or infinite, a weight is negative, or a group has fewer than two units with
        weight.
    """
    check_option("denominator", denominator, Denominator)
    treated, terms = check_treated(treated), tuple(terms)
    x, w = as_columns(covariates, len(treated)), np.asarray(weights, float)
    if x.shape != (len(treated), len(terms)) or w.shape != treated.shape:
        raise ParameterError(
            f"covariates {x.shape}, weights {w.shape}: {len(treated)} units, {len(terms)} terms"
        )
    if not np.isfinite(x).all() or not (np.isfinite(w) & (w >= 0)).all():
        raise DataError("a covariate or weight is missing or infinite, or a weight is negative")
    if min((w[treated] > 0).sum(), (w[~treated] > 0).sum()) < 2:
        raise DataError("fewer than two treated or untreated units have a positive weight")
    spread = x[treated].var(axis=0, ddof=1)
    if denominator == "pooled":
        spread = (spread + x[~treated].var(axis=0, ddof=1)) / 2
    table = {}
    for name, mass in (("before", np.ones(len(w))), ("after", w)):
        for key, column in _compare(x, treated, mass, np.sqrt(spread)).items():
            table[f"{key}_{name}"] = column
    return pd.DataFrame(table, index=pd.Index(terms, name="term"))


def _compare(x: np.ndarray, treated: np.ndarray, w: np.ndarray, spread: np.ndarray) -> dict[str, np.ndarray]:
    (mean1, var1, error1, n1), (mean0, var0, error0, n0) = (
        _moments(x[group], w[group]) for group in (treated, ~treated)
    )
    gap, error = mean1 - mean0, error1 + error0
    with np.errstate(divide="ignore", invalid="ignore"):
        t = gap / np.sqrt(error)
        freedom = error**2 / (error1**2 / (n1 - 1) + error0**2 / (n0 - 1))
        return {
            "mean_treated": mean1,
            "mean_control": mean0,
            "difference": gap / spread,
            "variance_ratio": var1 / var0,
            "t": t,
            "p": 2 * stats.t.sf(np.abs(t), freedom),
        }


def _moments(x: np.ndarray, w: np.ndarray):
    """Weighted mean and variance, squared error of the mean, units with weight.

    With equal weights these are the usual mean, the variance with n − 1, and variance / n.
    """
    w = w / w.sum()
    n = int((w > 0).sum())
    mean = w @ x
    square = (x - mean) ** 2
    variance = (w @ square) / (1 - (w**2).sum())
    return mean, variance, (w**2) @ square * n / (n - 1), n

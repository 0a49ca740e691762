"""Propensity scores: the probability of treatment given covariates, by a logit, and common support."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import linalg
from scipy.special import expit

from digital_clusters.errors import DataError, ParameterError, check_option
from digital_clusters.estimators.panel.arrays import as_columns
from digital_clusters.estimators.panel.collinearity import refuse_collinear

SupportRule = Literal["none", "min_max", "trim"]
"""``none``: everyone. ``min_max``: scores between the larger of the two groups' minima and the smaller of
their maxima (Dehejia & Wahba 1999). ``trim``: scores between ``trim`` and 1 − ``trim`` (Crump, Hotz,
Imbens & Mitnik 2009)."""

_INFORMATION = 1e-7
"""Mean of p(1 − p) along some combination of covariates below which it counts as nothing: that combination
tells treated from untreated units without error, and its coefficient grows without end."""

_GRADIENT = 1e-10
"""Largest mean score of a column in standard deviations at which a maximum counts as found."""


@dataclass(frozen=True, eq=False)
class Propensity:
    """A fitted logit of treatment on covariates.

    Attributes
    ----------
    treated : numpy.ndarray of bool, shape (n,)
    score : numpy.ndarray, shape (n,)
        Probability of treatment, strictly between 0 and 1.
    logit : numpy.ndarray, shape (n,)
        Log odds of the score.
    terms : tuple of str, length k + 1
        ``intercept`` and the covariates.
    coefficients : numpy.ndarray, shape (k + 1,)
        Log odds per unit of the covariate as it came in.
    log_likelihood : float
    pseudo_r2 : float
        McFadden's: one less the ratio to the log-likelihood of an intercept alone.
    """

    treated: np.ndarray
    score: np.ndarray
    logit: np.ndarray
    terms: tuple[str, ...]
    coefficients: np.ndarray
    log_likelihood: float
    pseudo_r2: float


def propensity_score(treated, covariates, *, terms) -> Propensity:
    """Maximum likelihood logit of treatment on covariates, without a penalty.

    Columns are standardised before scikit-learn's Newton iterations and the coefficients turned back, so that
    the units of a covariate do not decide whether the maximum is found.

    Parameters
    ----------
    treated : array_like, shape (n,)
        Zero or one.
    covariates : array_like, shape (n, k)
    terms : sequence of str, length k

    Raises
    ------
    DataError
        A value is missing, one group is empty, a covariate is constant or collinear, or covariates separate
        the groups so that no maximum exists.
    """
    from sklearn.linear_model import LogisticRegression

    treated = check_treated(treated)
    x = as_columns(covariates, len(treated))
    terms = tuple(terms)
    _check_covariates(x, terms, len(treated))
    centre, spread = x.mean(axis=0), x.std(axis=0)
    z = (x - centre) / spread
    refuse_collinear(terms, z)
    model = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=_GRADIENT, max_iter=200)
    slopes, intercept = _fit(model, z, treated)
    logit = intercept + z @ slopes
    score = expit(logit)
    _refuse_separated(np.column_stack([np.ones(len(z)), z]), treated, score, terms)
    likelihood = float(-np.logaddexp(0, np.where(treated, -logit, logit)).sum())
    share = treated.mean()
    empty = len(treated) * (share * np.log(share) + (1 - share) * np.log(1 - share))
    raw = slopes / spread
    return Propensity(
        treated=treated,
        score=score,
        logit=logit,
        terms=("intercept", *terms),
        coefficients=np.concatenate([[intercept - centre @ raw], raw]),
        log_likelihood=likelihood,
        pseudo_r2=float(1 - likelihood / empty),
    )


def common_support(score, treated, *, rule: SupportRule = "min_max", trim: float = 0.1) -> np.ndarray:
    """Which units have a score where both groups are found.

    Parameters
    ----------
    score : array_like, shape (n,)
    treated : array_like, shape (n,)
    rule : {'none', 'min_max', 'trim'}
    trim : float
        Between 0 and 0.5; for ``rule='trim'``.

    Returns
    -------
    numpy.ndarray of bool, shape (n,)

    Raises
    ------
    DataError
        No treated or no untreated unit is left.
    """
    check_option("rule", rule, SupportRule)
    score, treated = np.asarray(score, float), check_treated(treated)
    low, high = -np.inf, np.inf
    if rule == "min_max":
        low = max(score[treated].min(), score[~treated].min())
        high = min(score[treated].max(), score[~treated].max())
    elif rule == "trim":
        if not 0 <= trim < 0.5:
            raise ParameterError(f"trim = {trim}: choose a share from 0 up to 0.5")
        low, high = trim, 1 - trim
    inside = (score >= low) & (score <= high)
    if not (inside & treated).any() or not (inside & ~treated).any():
        raise DataError(f"no common support under rule '{rule}': one group has no score in [{low}, {high}]")
    return inside


def check_treated(treated) -> np.ndarray:
    """The treatment as booleans; raise unless it is zero or one with both present.

    Raises
    ------
    DataError
        Another value, or a group without units.
    """
    values = np.asarray(treated, dtype=float).reshape(-1)
    if not np.isin(values, (0, 1)).all():
        row = int(np.argmin(np.isin(values, (0, 1))))
        raise DataError(f"the treatment is {values[row]} in row {row}; it must be 0 or 1")
    if not 0 < values.sum() < len(values):
        raise DataError(f"{int(values.sum())} of {len(values)} units are treated: both groups are needed")
    return values.astype(bool)


def _check_covariates(x: np.ndarray, terms: tuple[str, ...], n: int) -> None:
    if x.ndim != 2 or len(x) != n or x.shape[1] != len(terms) or not terms:
        raise ParameterError(f"covariates of shape {x.shape} do not fit {n} units and {len(terms)} terms")
    for name, column in zip(terms, x.T, strict=True):
        if not np.isfinite(column).all():
            raise DataError(
                f"covariate '{name}' is missing or infinite in row {np.argmin(np.isfinite(column))}"
            )
        if np.ptp(column) == 0:
            raise DataError(f"covariate '{name}' is the same for every unit")


def _refuse_separated(z: np.ndarray, treated: np.ndarray, score: np.ndarray, terms: tuple[str, ...]) -> None:
    """Raise where the iterations did not reach a maximum, or reached it only in rounding."""
    gradient = np.abs(z.T @ (treated - score)).max() / len(z)
    information = z.T @ ((score * (1 - score))[:, None] * z)
    if gradient > 100 * _GRADIENT or linalg.eigvalsh(information, z.T @ z)[0] < _INFORMATION:
        raise DataError(
            "the covariates separate treated from untreated units, so the logit has no maximum: use fewer "
            f"covariates than {', '.join(terms)}"
        )


def _fit(model, z: np.ndarray, treated: np.ndarray) -> tuple[np.ndarray, float]:
    """Slopes and intercept; what the library warns of shows in the gradient, which the caller checks."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(z, treated)
    return model.coef_[0], float(model.intercept_[0])

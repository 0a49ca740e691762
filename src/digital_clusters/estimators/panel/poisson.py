"""Poisson pseudo-maximum likelihood with entity and time effects: counts and amounts with zeros."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from digital_clusters.errors import DataError
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.panel.arrays import check_panel
from digital_clusters.estimators.panel.collinearity import refuse_absorbed, refuse_collinear
from digital_clusters.estimators.panel.demeaning import demean_two_way, group_sums
from digital_clusters.estimators.units import unit_of

PRECISION = 1e-10
"""Relative change of the deviance at which steps end; errors of the coefficients are of the size of its
root."""

MOST_STEPS = 100

SEPARATED = 1e-7
"""Fitted mean, in that of the outcome, below which a zero counts as fitted by a slope that runs off: the
deviance stops moving when such means are of the size of :data:`PRECISION`."""


@dataclass(frozen=True, eq=False)
class CountEstimate:
    """Coefficients of a log mean.

    Attributes
    ----------
    estimate : Estimate
        A coefficient is the change of the log of the mean: a semi-elasticity.
    rows, dropped : int
        That are used, and that are not because their entity or period has zeros only: the effects fit them
        exactly and they say nothing.
    zeros : float
        Share of zeros among the rows used.
    """

    estimate: Estimate
    rows: int
    dropped: int
    zeros: float


def poisson_fixed_effects(y, x, *, entity, time, terms) -> CountEstimate:
    """E(y | x) = exp(xβ + entity + time) by Poisson pseudo-maximum likelihood, errors clustered by entity.

    Only the mean has to be right: y may be any amount that is not negative (Gourieroux, Monfort & Trognon
    1984; Santos Silva & Tenreyro 2006). Reweighted least squares with the effects taken out exactly in each
    step (Correia, Guimarães & Zylkin 2020). The covariance is the sandwich times G/(G − 1) for G entities.

    Parameters
    ----------
    y : array_like, shape (n,)
        Not negative.
    x : array_like, shape (n, k)
    entity, time : array_like, shape (n,)
        The panel may be unbalanced.
    terms : sequence of str, length k

    Raises
    ------
    DataError
        Missing or negative values, repeated keys, nothing but zeros, a term that the effects absorb or that
        is collinear, or no maximum: a term that separates zeros from the rest.

    Examples
    --------
    >>> unit, year = np.divmod(np.arange(600), 6)
    >>> x = np.random.default_rng(0).normal(size=600)
    >>> y = np.random.default_rng(1).poisson(np.exp(0.5 * x - 1 + unit / 50))
    >>> round(poisson_fixed_effects(y, x, entity=unit, time=year, terms=["x"]).estimate["x"][0], 1)
    0.5
    """
    panel = check_panel(y, x, None, entity=entity, time=time, terms=terms)
    if (panel.y < 0).any():
        raise DataError(f"{int((panel.y < 0).sum())} rows have a negative outcome: it has no log mean")
    kept = _informative(panel.y, panel.entity, panel.time)
    if not kept.any():
        raise DataError("the outcome is zero in every row: there is nothing to explain")
    entities, codes = np.unique(panel.entity[kept], return_inverse=True)
    times = np.unique(panel.time[kept], return_inverse=True)[1]
    units = unit_of(panel.d[kept])
    outcome, columns = panel.y[kept], panel.d[kept] / units
    refuse_absorbed(panel.terms, columns, demean_two_way(columns, codes, times))
    slopes, mean, left = _fit(outcome / outcome.mean(), columns, codes, times, panel.terms)
    weighted = left * mean[:, None]
    bread = np.linalg.inv(left.T @ weighted)
    scores = group_sums(left * (outcome / outcome.mean() - mean)[:, None], codes)
    groups = len(entities)
    covariance = groups / (groups - 1) * bread @ (scores.T @ scores) @ bread
    estimate = Estimate(
        terms=panel.terms,
        coefficients=slopes,
        covariance=covariance,
        n_observations=len(outcome),
        method="poisson_pseudo_maximum_likelihood",
        errors="clustered",
        n_clusters=groups,
    ).in_units(1 / units)
    return CountEstimate(estimate, len(outcome), int((~kept).sum()), float((outcome == 0).mean()))


def _informative(y: np.ndarray, entity: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Rows left when entities and periods of zeros only are dropped, until none is."""
    kept = np.ones(len(y), dtype=bool)
    while True:
        sums = [np.bincount(codes, weights=y * kept)[codes] for codes in (entity, time)]
        fewer = kept & (sums[0] > 0) & (sums[1] > 0)
        if fewer.sum() == kept.sum():
            return kept
        kept = fewer


def _fit(y, x, entity, time, terms) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Slopes, fitted means and the regressors less their weighted effects."""
    mean = (y + y.mean()) / 2
    log_mean, deviance = np.log(mean), np.inf
    for _ in range(MOST_STEPS):
        working = log_mean + (y - mean) / mean
        left = demean_two_way(np.column_stack([working, x]), entity, time, mean)
        root = np.sqrt(mean)[:, None]
        refuse_collinear(terms, left[:, 1:] * root)
        slopes = np.linalg.lstsq(left[:, 1:] * root, left[:, 0] * root[:, 0], rcond=None)[0]
        log_mean = working - left[:, 0] + left[:, 1:] @ slopes
        mean = np.exp(np.clip(log_mean, -60, 60))
        before, deviance = deviance, 2 * float(np.sum(special.xlogy(y, y / mean) - y + mean))
        if abs(before - deviance) <= PRECISION * (1 + deviance):
            if mean.min() > SEPARATED:
                return slopes, mean, left[:, 1:]
            break
    raise DataError(
        "the likelihood has no maximum: some term, or terms together, separate zeros from the rest; leave "
        "them out or drop the rows that they separate"
    )

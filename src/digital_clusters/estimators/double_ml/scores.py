"""The partialling-out score: coefficients, covariance, and the median over repetitions.

Chernozhukov, Chetverikov, Demirer, Duflo, Hansen, Newey & Robins (2018), *Econometrics Journal* 21,
section 4.1 (score), definition 3.3 (median); Chiang, Kato, Ma & Sasaki (2022) for whole clusters in a
fold; Robinson (1988) for several linear terms.
"""

from typing import Literal

import numpy as np

from digital_clusters.estimators.panel.demeaning import group_sums

Aggregation = Literal["upper_bound", "variance"]
"""Rule for the error of a median over repetitions. ``upper_bound``: the median of θ + 1.96 s.e., less the
median of θ, over 1.96 (the rule of the ``doubleml`` package). ``variance``: the root of the median of
s.e.² + (θ − median θ)² (the 2018 paper)."""

CRITICAL = 1.96
"""As ``doubleml`` rounds it."""


def solve_moments(outcome, treatments, *, units, unit_weights) -> tuple[np.ndarray, np.ndarray]:
    """Least squares of residual on residuals and its sandwich covariance.

    With ψ_u the sum over the rows of unit u of (outcome − treatments'θ)·treatments, J = Σ w_u Σ_i v v' and
    Γ = Σ w_u ψ_u ψ_u', the covariance is J⁻¹ Γ J⁻¹ / (number of units). No small-sample factor.

    Parameters
    ----------
    outcome : numpy.ndarray, shape (n,)
    treatments : numpy.ndarray, shape (n, k)
    units : numpy.ndarray of int, shape (n,)
        Rows, or clusters of rows, that are independent of each other; codes 0, 1, ….
    unit_weights : numpy.ndarray, shape (number of units,)
        Sum to one.

    Returns
    -------
    coefficients, covariance : numpy.ndarray, shapes (k,) and (k, k)
    """
    weighted = treatments * unit_weights[units][:, None]
    bread = np.linalg.inv(weighted.T @ treatments)
    theta = bread @ (weighted.T @ outcome)
    sums = group_sums((outcome - treatments @ theta)[:, None] * treatments, units)
    meat = (sums * unit_weights[:, None]).T @ sums
    return theta, bread @ meat @ bread.T / len(unit_weights)


def weigh_units(units, entity, fold_numbers, *, whole_entities: bool) -> np.ndarray:
    """Weights of rows or clusters in the score, shape (number of units,), summing to one.

    Equal where folds are drawn over rows. Where folds keep entities together each fold counts the same,
    as ``doubleml`` does it: 1 / (folds × entities in the fold) an entity.
    """
    n_units = units.max() + 1
    if not whole_entities:
        return np.full(n_units, 1 / n_units)
    fold_of_entity = np.zeros(entity.max() + 1, dtype=int)
    fold_of_entity[entity] = fold_numbers
    present = np.unique(entity)
    in_fold = np.bincount(fold_of_entity[present])
    weights = np.empty(n_units)
    weights[units] = 1 / in_fold[fold_of_entity[entity]]
    return weights / weights.sum()


def aggregate(coefficients, covariances, rule: Aggregation = "upper_bound"):
    """Median coefficients over repetitions and their covariance.

    Parameters
    ----------
    coefficients : numpy.ndarray, shape (repeats, k)
    covariances : numpy.ndarray, shape (repeats, k, k)
    rule : {'upper_bound', 'variance'}

    Returns
    -------
    coefficients, covariance : numpy.ndarray, shapes (k,) and (k, k)
        Errors follow ``rule``; the correlations are their mean over repetitions.
    """
    theta = np.median(coefficients, axis=0)
    errors = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
    if rule == "variance":
        spread = np.sqrt(np.median(errors**2 + (coefficients - theta) ** 2, axis=0))
    else:
        spread = (np.median(coefficients + CRITICAL * errors, axis=0) - theta) / CRITICAL
    correlations = covariances / (errors[:, :, None] * errors[:, None, :])
    return theta, correlations.mean(axis=0) * np.outer(spread, spread)

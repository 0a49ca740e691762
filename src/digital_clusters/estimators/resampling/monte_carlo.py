"""Bias and coverage of estimators on data whose truth is known."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from digital_clusters.errors import ParameterError
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.resampling.simulated_panels import PanelDraw


@dataclass(frozen=True, eq=False)
class Coverage:
    """What an estimator did over repeated data sets.

    Attributes
    ----------
    estimates, standard_errors, truths : numpy.ndarray, shape (draws,)
    mean, bias, bias_error : float
        Mean estimate, mean of estimate − truth, and the Monte Carlo standard error of that mean.
    rmse : float
        Root mean squared error around the truth.
    spread, mean_standard_error : float
        Standard deviation of the error over draws, and the mean of what the estimator claimed it to be.
    coverage, coverage_error : float
        Share of intervals that hold the truth, and its Monte Carlo standard error √(p(1−p)/draws).
    """

    estimates: np.ndarray
    standard_errors: np.ndarray
    truths: np.ndarray
    mean: float
    bias: float
    bias_error: float
    rmse: float
    spread: float
    mean_standard_error: float
    coverage: float
    coverage_error: float


def bias_and_coverage(
    generate: Callable[[np.random.Generator], PanelDraw],
    estimators: Mapping[str, Callable[[PanelDraw], Estimate]],
    *,
    draws: int,
    seed: int,
    level: float = 0.95,
    n_jobs: int = 1,
) -> dict[str, Coverage]:
    """Run every estimator on the same simulated data sets.

    Parameters
    ----------
    generate : callable
        Takes a ``numpy.random.Generator``, returns y, d, x, entity, time and the true coefficient.
    estimators : mapping of str to callable
        Each takes what ``generate`` returned and gives an Estimate whose first term has that truth.
    draws : int
        Data sets, at least two; each has its own generator spawned from ``seed``, so that the result does not
        depend on ``n_jobs``.
    seed : int
    level : float
        Of the intervals.
    n_jobs : int
        Processes (joblib); the callables must then be importable, or plain functions that can be pickled.

    Raises
    ------
    ParameterError
        Fewer than two draws.
    """
    from joblib import Parallel, delayed

    if draws < 2:
        raise ParameterError(f"draws = {draws}: at least two are needed")
    seeds = np.random.SeedSequence(seed).spawn(draws)
    rows = Parallel(n_jobs=n_jobs)(delayed(_one_draw)(generate, estimators, s, level) for s in seeds)
    table = np.array(rows)
    return {name: coverage_of(*table[:, j].T) for j, name in enumerate(estimators)}


def coverage_of(truths, estimates, standard_errors, lower, upper) -> Coverage:
    """A :class:`Coverage` from the estimates and interval ends of each draw, all of shape (draws,)."""
    error = estimates - truths
    held = float(np.mean((lower <= truths) & (truths <= upper)))
    return Coverage(
        estimates=estimates,
        standard_errors=standard_errors,
        truths=truths,
        mean=float(estimates.mean()),
        bias=float(error.mean()),
        bias_error=float(error.std(ddof=1) / np.sqrt(len(error))),
        rmse=float(np.sqrt(np.mean(error**2))),
        spread=float(error.std(ddof=1)),
        mean_standard_error=float(standard_errors.mean()),
        coverage=held,
        coverage_error=float(np.sqrt(held * (1 - held) / len(error))),
    )


def _one_draw(generate, estimators, seed, level) -> list[tuple[float, ...]]:
    """Truth, estimate, error and interval ends of each estimator on one data set."""
    draw = PanelDraw(*generate(np.random.default_rng(seed)))
    found = [estimator(draw) for estimator in estimators.values()]
    return [(draw.theta, e.coefficients[0], e.standard_errors[0], *e.interval(level)[0]) for e in found]

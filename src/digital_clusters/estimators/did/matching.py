"""Matching on the propensity score: nearest neighbours, kernels, inverse probabilities, and their ATT.

Every matching is a set of weights for the effect on the treated: one for a matched treated unit, and for
untreated units weights that sum to the number of matched treated units.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from digital_clusters.errors import DataError, ParameterError, check_option
from digital_clusters.estimators.did.propensity import check_treated
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.panel.arrays import as_columns
from digital_clusters.estimators.units import unit_of

Order = Literal["largest", "data", "random"]
"""Which treated unit chooses first: the largest score (then first in the data), the first in the data, or as
a generator shuffles them. It matters without replacement only."""

Ties = Literal["first", "all"]
"""Among equally near controls: the first in the data, or all of them with equal parts (Abadie & Imbens 2006;
with replacement only)."""

Scale = Literal["score", "logit"]
"""Scale on which nearness is measured."""

Side = Literal["both", "below"]
"""``both``: the nearest control. ``below``: the control just before the treated unit when all units are
sorted by score and then by row, and one just after it only where none is left before it. That is how R's
MatchIt 4.5.1 matches, which is not always the nearest: it is here to make its numbers again."""

Kernel = Literal["epanechnikov", "gaussian", "uniform"]

_DIGITS = 12
"""Scores and distances that agree to this many decimals are equal: those of units with the same covariates
may differ by rounding, which must not decide who is matched."""


@dataclass(frozen=True, eq=False)
class Matching:
    """Who stands for whom, as weights.

    Attributes
    ----------
    method : str
    treated : numpy.ndarray of bool, shape (n,)
    weights : numpy.ndarray, shape (n,)
        One for a matched treated unit, a part of the matched treated units for an untreated one, else zero.
    pairs : numpy.ndarray of int, shape (m, 2)
        Rows of a treated unit and of an untreated unit matched to it; empty for kernels and inverse
        probabilities, where everyone is matched with everyone near.
    n_treated, n_matched, n_controls : int
        Treated units, those among them that are matched, untreated units with a positive weight.
    """

    method: str
    treated: np.ndarray
    weights: np.ndarray
    pairs: np.ndarray
    n_treated: int
    n_matched: int
    n_controls: int


def nearest_neighbours(
    score,
    treated,
    *,
    neighbours: int = 1,
    replacement: bool = False,
    order: Order = "largest",
    caliper: float | None = None,
    scale: Scale = "score",
    ties: Ties = "first",
    side: Side = "both",
    eligible=None,
    rng: np.random.Generator | None = None,
) -> Matching:
    """Match each treated unit with the nearest untreated units.

    Without replacement the choice is greedy: treated units choose in ``order``, one control each a round, for
    as many rounds as there are neighbours.

    Parameters
    ----------
    score : array_like, shape (n,)
        Propensity scores, strictly between 0 and 1.
    treated : array_like, shape (n,)
    neighbours : int
        Controls per treated unit; fewer where the caliper or the pool leaves fewer.
    replacement : bool
        Whether a control can be matched more than once.
    order : {'largest', 'data', 'random'}
        ``random`` needs ``rng``.
    caliper : float, optional
        Largest distance in logits, in units of their standard deviation sqrt((s1² + s0²) / 2) over the
        treated and untreated units (Rosenbaum & Rubin 1985; Austin 2011 recommends 0.2).
    scale : {'score', 'logit'}
    ties : {'first', 'all'}
    side : {'both', 'below'}
    eligible : array_like of bool, shape (n,), optional
        Units that may be matched, such as those on the common support.

    Raises
    ------
    ParameterError
        An unknown option, ``ties='all'`` without replacement, or a random order without a generator.
    DataError
        Nobody is matched.
    """
    options = (("order", order, Order), ("scale", scale, Scale), ("ties", ties, Ties), ("side", side, Side))
    for name, value, words in options:
        check_option(name, value, words)
    if neighbours < 1:
        raise ParameterError(f"neighbours = {neighbours}: choose at least one")
    if ties == "all" and not replacement:
        raise ParameterError("ties='all' shares controls among treated units: it needs replacement=True")
    score, treated, eligible = _check_score(score, treated, eligible)
    chosen = _queue(score, treated & eligible, order, rng)
    pool = np.flatnonzero(~treated & eligible)
    logit = np.log(score / (1 - score))
    distance = _distance(score if scale == "score" else logit, chosen, pool, side)
    if caliper is not None:
        reach = caliper * _pooled_sd(logit, treated)
        distance[np.abs(logit[chosen][:, None] - logit[pool][None, :]) > reach] = np.inf
    choose = _with_replacement if replacement else _without_replacement
    found = choose(distance, neighbours, ties)
    pairs = np.array([(chosen[i], pool[j]) for i, j in found], dtype=int).reshape(-1, 2)
    return _from_pairs(f"{neighbours} nearest", treated, pairs[np.argsort(pairs[:, 0], kind="stable")])


def kernel_matching(
    score, treated, *, bandwidth: float = 0.06, kernel: Kernel = "epanechnikov", eligible=None
) -> Matching:
    """Match each treated unit with a kernel-weighted mean of untreated units (Heckman, Ichimura & Todd 1997).

    Parameters
    ----------
    score, treated, eligible
        As in :func:`nearest_neighbours`.
    bandwidth : float
        In units of the score.
    kernel : {'epanechnikov', 'gaussian', 'uniform'}
        A treated unit with no control within the bandwidth is not matched (the Gaussian has no end).
    """
    check_option("kernel", kernel, Kernel)
    if bandwidth <= 0:
        raise ParameterError(f"bandwidth = {bandwidth}: choose a positive one")
    score, treated, eligible = _check_score(score, treated, eligible)
    units, pool = np.flatnonzero(treated & eligible), np.flatnonzero(~treated & eligible)
    u = (score[units][:, None] - score[pool][None, :]) / bandwidth
    mass = {
        "epanechnikov": lambda: np.where(np.abs(u) < 1, 1 - u**2, 0.0),
        "gaussian": lambda: np.exp(-(u**2) / 2),
        "uniform": lambda: (np.abs(u) <= 1).astype(float),
    }[kernel]()
    total = mass.sum(axis=1)
    found = total > 0
    weights = np.zeros(len(score))
    weights[units[found]] = 1.0
    weights[pool] = (mass[found] / total[found][:, None]).sum(axis=0)
    return _summarise(f"{kernel} kernel", treated, weights, np.empty((0, 2), dtype=int))


def inverse_probability(score, treated, *, eligible=None) -> Matching:
    """Weights e/(1 − e) of untreated units, scaled to sum to the number of treated ones (Hirano, Imbens &
    Ridder 2003)."""
    score, treated, eligible = _check_score(score, treated, eligible)
    odds = np.where(eligible & ~treated, score / (1 - score), 0.0)
    ones = (eligible & treated).astype(float)
    if not odds.any() or not ones.any():
        raise DataError("nobody is matched: one group has no eligible unit")
    weights = ones + odds * ones.sum() / odds.sum()
    return _summarise("inverse probability", treated, weights, np.empty((0, 2), dtype=int))


def att(outcome, matching: Matching, *, covariates=None) -> Estimate:
    """Effect on the matched treated units: the weighted difference in means, or adjusted by regression.

    Parameters
    ----------
    outcome : array_like, shape (n,)
    matching : Matching
    covariates : array_like, shape (n, k), optional
        Controls of the weighted regression.

    Returns
    -------
    Estimate
        Term ``att``. The errors are robust to heteroskedasticity (HC1) and take the matching as given: they
        do not count that the score is estimated.
    """
    used = matching.weights > 0
    y, w = np.asarray(outcome, float)[used], matching.weights[used]
    columns = [np.ones(used.sum()), matching.treated[used].astype(float)]
    if covariates is not None:
        columns += list(as_columns(covariates, len(matching.weights))[used].T)
    x = np.column_stack(columns)
    if not (np.isfinite(y).all() and np.isfinite(x).all()):
        raise DataError("the outcome or a covariate of a matched unit is missing or infinite")
    unit, units = unit_of(y), unit_of(x)
    y, x = y / unit, x / units
    bread = np.linalg.pinv(x.T @ (w[:, None] * x))
    beta = bread @ (x.T @ (w * y))
    score = x * (w * (y - x @ beta))[:, None]
    n, k = x.shape
    covariance = bread @ (score.T @ score) @ bread * n / (n - k)
    return Estimate(
        terms=("att",),
        coefficients=beta[1:2],
        covariance=covariance[1:2, 1:2],
        n_observations=n,
        method=matching.method,
        errors="robust",
        degrees_of_freedom=float(n - k),
    ).in_units(unit / units[1])


def _check_score(score, treated, eligible):
    treated = check_treated(treated)
    score = np.asarray(score, dtype=float).reshape(-1)
    eligible = np.ones(len(score), bool) if eligible is None else np.asarray(eligible, bool)
    if not len(score) == len(treated) == len(eligible):
        raise ParameterError(
            f"{len(score)} scores, {len(treated)} treatments and {len(eligible)} eligibilities"
        )
    if not ((score > 0) & (score < 1)).all():
        raise DataError("a propensity score is missing or not strictly between 0 and 1")
    return score, treated, eligible


def _pooled_sd(values: np.ndarray, treated: np.ndarray) -> float:
    return float(np.sqrt((values[treated].var(ddof=1) + values[~treated].var(ddof=1)) / 2))


def _distance(position: np.ndarray, chosen: np.ndarray, pool: np.ndarray, side: Side) -> np.ndarray:
    """How far each control is from each treated unit, shape (chosen, pool); ``below`` counts places."""
    if side == "both":
        return np.round(np.abs(position[chosen][:, None] - position[pool][None, :]), _DIGITS)
    place = np.empty(len(position))
    place[np.argsort(np.round(position, _DIGITS), kind="stable")] = np.arange(len(position))
    steps = place[chosen][:, None] - place[pool][None, :]
    return np.where(steps > 0, steps, len(position) - steps)


def _queue(score, units: np.ndarray, order: Order, rng) -> np.ndarray:
    """Rows of treated units in the order in which they choose."""
    rows = np.flatnonzero(units)
    if order == "largest":
        return rows[np.argsort(-np.round(score[rows], _DIGITS), kind="stable")]
    if order == "data":
        return rows
    if rng is None:
        raise ParameterError("order='random' needs rng, a numpy.random.Generator")
    return rng.permutation(rows)


def _with_replacement(distance: np.ndarray, neighbours: int, ties: Ties) -> list[tuple[int, int]]:
    found = []
    for i, row in enumerate(distance):
        near = np.argsort(row, kind="stable")[:neighbours]
        near = near[np.isfinite(row[near])]
        if ties == "all" and len(near):
            near = np.flatnonzero(row <= row[near[-1]])
        found += [(i, int(j)) for j in near]
    return found


def _without_replacement(distance: np.ndarray, neighbours: int, ties: Ties) -> list[tuple[int, int]]:
    free = distance.copy()
    found = []
    for _ in range(neighbours):
        for i in range(len(free)):
            if not free.shape[1]:
                continue
            j = int(np.argmin(free[i]))
            if np.isfinite(free[i, j]):
                found.append((i, j))
                free[:, j] = np.inf
    return found


def _from_pairs(method: str, treated: np.ndarray, pairs: np.ndarray) -> Matching:
    """Each treated unit's weight of one is divided equally among its controls."""
    weights = np.zeros(len(treated))
    if len(pairs):
        partners = np.bincount(pairs[:, 0], minlength=len(treated))
        np.add.at(weights, pairs[:, 1], 1 / partners[pairs[:, 0]])
        weights[np.unique(pairs[:, 0])] = 1.0
    return _summarise(method, treated, weights, pairs)


def _summarise(method: str, treated: np.ndarray, weights: np.ndarray, pairs: np.ndarray) -> Matching:
    matched, controls = int((weights[treated] > 0).sum()), int((weights[~treated] > 0).sum())
    if not matched:
        raise DataError(f"nobody is matched ({method}): widen the caliper or bandwidth, or the support rule")
    return Matching(method, treated, weights, pairs, int(treated.sum()), matched, controls)

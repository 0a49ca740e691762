"""Is a whole curve of specifications more than chance? Joint tests that hold their size in a clustered panel.

The null hypothesis is forced on each specification by itself (its own estimate is taken out of its own
outcome), and the same draw of signs of whole cities goes through all of them, so that the specifications
are as alike under the null as they are in the data. The re-estimate of a draw is linear in what each city
adds, whatever the estimator: two-way regressions and orthogonal scores of double machine learning stand in
one test. Fixed effects are taken out once and not again in each draw. With 250 cities of eight years whose
series are random walks, true null curves are rejected at 5 % in 4 to 6 of 100 panels; with 50 such cities in
5 to 7, and by the largest t ratio in 9.
"""

import numpy as np
import pandas as pd
from scipy import stats

from digital_clusters.analysis.fit import Fit
from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.panel.demeaning import demean_two_way, group_sums

CRITICAL = float(stats.norm.ppf(0.975))
"""Beyond which a specification counts as clear, in the data and in each draw."""

METHODS = ("two_way_fixed_effects", "double_machine_learning")
"""Estimators whose scores are known here."""


def influence(found: Fit, term: str) -> pd.Series | None:
    """By how much the estimate changes with each city: the estimate less that without the city.

    Returns
    -------
    pandas.Series or None
        By code of the city. The sum of squares times (C − 1)/C is the jackknife variance of C clusters (CV3
        of MacKinnon, Nielsen & Webb 2023), which does not take a city of high leverage for a precise one.
        ``None`` for another estimator.

    Notes
    -----
    Effects and controls that are partialled out are those of the whole sample.
    """
    if found.spec.method not in METHODS:
        return None
    if found.spec.method == "two_way_fixed_effects":
        arrays = found.design
        both = np.column_stack([arrays.outcome, arrays.regressors])
        left = demean_two_way(both, *_codes(arrays.entity, arrays.time))
        y, x, names, cities = left[:, 0], left[:, 1:], arrays.names, arrays.entity
    else:
        parts = found.partialled_out
        y, x, names = parts.outcome[0], parts.treatments[0], parts.terms
        cities = np.unique(found.design.entity)[parts.entity]
    labels, codes = np.unique(cities, return_inverse=True)
    return pd.Series(without_each(y, x, codes)[:, names.index(term)], index=labels)


def without_each(y: np.ndarray, x: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Least-squares slopes less those without the rows of each code.

    Parameters
    ----------
    y, x : numpy.ndarray, shapes (n,), (n, k)
    codes : numpy.ndarray of int, shape (n,)
        0 … C − 1, each there.

    Returns
    -------
    numpy.ndarray, shape (C, k)

    Raises
    ------
    DataError
        If the slopes are not determined without some city.
    """
    scale = np.linalg.norm(x, axis=0)
    x = x / scale
    slopes, *_ = np.linalg.lstsq(x, y)
    k, groups = x.shape[1], int(codes.max()) + 1
    products = group_sums((x[:, :, None] * x[:, None, :]).reshape(len(x), -1), codes).reshape(groups, k, k)
    scores = group_sums(x * (y - x @ slopes)[:, None], codes)
    try:
        return np.linalg.solve(x.T @ x - products, scores[:, :, None])[:, :, 0] / scale
    except np.linalg.LinAlgError:
        raise DataError("the slopes are not determined when one of the cities is left out") from None


def _codes(entity: np.ndarray, time: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.unique(entity, return_inverse=True)[1], np.unique(time, return_inverse=True)[1]


def joint_tests(values, errors, effects, *, sign: int, draws: int, seed: int) -> dict[str, float]:
    """P values of a curve of specifications under the null that every one of its effects is zero.

    Parameters
    ----------
    values, errors : array_like, shape (S,)
        Estimates and standard errors.
    effects : array_like, shape (C, S)
        :func:`influence` of the C cities; zero where a city is not in a specification.
    sign : {-1, 1}
        Claimed.
    draws : int
        Random signs of whole cities, the same for all specifications (Rademacher).
    seed : int

    Returns
    -------
    dict
        ``specs``; ``p_median`` (of the size of the median estimate), ``p_share`` (of the share that is clear
        with the claimed sign), ``p_against`` (with the other), ``p_stouffer`` (of the sum of t ratios in the
        claimed direction), ``p_search`` (of the largest t ratio of all): each (1 + draws at least as far
        out) / (1 + draws).

    Raises
    ------
    ParameterError
        Fewer than one draw.
    """
    if draws < 1:
        raise ParameterError(f"draws = {draws}: choose a positive number")
    values, errors = np.asarray(values, dtype=float), np.asarray(errors, dtype=float)
    effects = np.asarray(effects, dtype=float)
    effects = effects * np.sqrt((len(effects) - 1) / len(effects))
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], size=(draws, len(effects)))
    observed = _statistics(values[None, :], errors, sign)
    under_null = _statistics(signs @ effects, errors, sign)
    found = {
        f"p_{name}": (1 + int((under_null[name] >= observed[name][0] - TIE).sum())) / (1 + draws)
        for name in observed
    }
    return {"specs": len(values)} | found


TIE = 1e-12
"""Shares that are equal but for rounding tie."""


def _statistics(values: np.ndarray, errors: np.ndarray, sign: int) -> dict[str, np.ndarray]:
    """Each statistic of estimates of shape (draws, S); larger is further from the null."""
    ratios = sign * values / errors
    return {
        "median": np.abs(np.median(values, axis=1)),
        "share": (ratios > CRITICAL).mean(axis=1),
        "against": (ratios < -CRITICAL).mean(axis=1),
        "stouffer": ratios.sum(axis=1) / np.sqrt(values.shape[1]),
        "search": np.abs(ratios).max(axis=1),
    }

"""Output elasticities of capital and labour from a log-linear production function of cities."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from digital_clusters.errors import DataError, ParameterError, check_option
from digital_clusters.measures.frames import refuse_repeated, require_columns

Slopes = Literal["common", "by_city"]
"""One pair of elasticities for all cities, or one for each (varying slopes)."""

Effects = Literal["none", "city", "two_way"]
"""Intercepts: one; one a city; one a city and one a year."""


@dataclass(frozen=True, eq=False)
class Elasticities:
    """Elasticities of output of every city.

    Attributes
    ----------
    capital, labour : pandas.Series, shape (cities,)
        Indexed by city; all the same with common slopes. NaN where a city has too few years or no variation.
    residual_variance : float
        Sum of squared residuals over rows less parameters.
    n_observations : int
        Rows used: those with positive output, capital and labour, in cities that are not NaN.
    dropped : int
        Rows left out.
    outside : tuple
        Cities with an elasticity outside (0, 1): estimates that no production function allows.
    """

    capital: pd.Series
    labour: pd.Series
    residual_variance: float
    n_observations: int
    dropped: int
    outside: tuple


def output_elasticities(
    frame: pd.DataFrame,
    *,
    slopes: Slopes = "common",
    effects: Effects = "two_way",
    constant_returns: bool = False,
    output: str = "gdp_real",
    capital: str = "capital_stock",
    labour: str = "employment",
) -> Elasticities:
    """Least squares of log Y = a + β_K log K + β_L log L, or of log Y/L on log K/L with constant returns.

    City intercepts and slopes are taken out city by city, which gives the same coefficients as one
    regression with a dummy and two interactions a city. The estimates are as causal as the regression:
    factors that respond to productivity bias them.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns city, year and the three named, at constant prices.
    slopes : {"common", "by_city"}
    effects : {"two_way", "city", "none"}
        ``none`` is pooled least squares and goes with common slopes only.
    constant_returns : bool
        Impose β_K + β_L = 1.

    Raises
    ------
    ParameterError
        For an unknown option, or ``by_city`` with ``none``.
    MissingTableError, DataError
        If a column is not there; if a key is repeated, or the data do not identify the slopes.
    """
    check_option("slopes", slopes, Slopes)
    check_option("effects", effects, Effects)
    if slopes == "by_city" and effects == "none":
        raise ParameterError(
            "slopes = 'by_city' needs an intercept a city: choose effects 'city' or 'two_way'"
        )
    rows = _usable(frame, [output, capital, labour])
    y, k, n = (np.log(rows[name].to_numpy(dtype=float)) for name in (output, capital, labour))
    x = (k - n)[:, None] if constant_returns else np.column_stack([k, n])
    y = y - n if constant_returns else y
    cities, codes = np.unique(rows["city"], return_inverse=True)
    groups = np.zeros_like(codes) if effects == "none" else codes
    years = _dummies(rows["year"]) if effects == "two_way" else np.empty((len(y), 0))
    constant = np.ones((len(y), 1))
    if slopes == "common":
        fit = _fit(y, constant, np.column_stack([x, years]), groups)
        beta = np.tile(fit.shared[: x.shape[1]], (len(cities), 1))
    else:
        fit = _fit(y, np.column_stack([constant, x]), years, groups)
        beta = fit.own[:, 1:]
    beta = np.column_stack([beta, 1 - beta]) if constant_returns else beta
    betas = pd.DataFrame(beta, index=pd.Index(cities, name="city"), columns=["capital", "labour"])
    strange = ((betas <= 0) | (betas >= 1)).any(axis=1)
    return Elasticities(
        capital=betas["capital"],
        labour=betas["labour"],
        residual_variance=fit.variance,
        n_observations=fit.rows,
        dropped=len(frame) - fit.rows,
        outside=tuple(betas.index[strange]),
    )


def _usable(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    require_columns(frame, ["city", "year", *names], "a production function")
    refuse_repeated(frame, ["city", "year"])
    rows = frame[(frame[names] > 0).all(axis=1)]
    if rows.empty:
        raise DataError(f"no row has positive {', '.join(names)}")
    return rows


@dataclass(frozen=True, eq=False)
class _Fit:
    own: np.ndarray  # (groups, own columns), NaN where the group does not identify them
    shared: np.ndarray  # (shared columns,)
    variance: float
    rows: int


def _fit(y: np.ndarray, own: np.ndarray, shared: np.ndarray, groups: np.ndarray) -> _Fit:
    """Least squares of y on ``own`` columns with coefficients a group and ``shared`` with common ones."""
    order = np.argsort(groups, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(groups[order])) + 1)
    usable = [i for i, rows in enumerate(members) if _identified(own[rows])]
    if not usable:
        raise DataError("no city has enough years with varying capital and labour for slopes of its own")
    columns = np.column_stack([y, shared])
    left = np.vstack([_residual(columns[members[i]], own[members[i]]) for i in usable])
    common, _, rank, _ = np.linalg.lstsq(left[:, 1:], left[:, 0], rcond=None)
    if rank < shared.shape[1]:
        raise DataError("capital and labour do not vary enough to tell their elasticities apart")
    coefficients = np.full((len(members), own.shape[1]), np.nan)
    for i in usable:
        rows = members[i]
        coefficients[i] = np.linalg.lstsq(own[rows], y[rows] - shared[rows] @ common, rcond=None)[0]
    freedom = len(left) - len(usable) * own.shape[1] - rank
    error = ((left[:, 0] - left[:, 1:] @ common) ** 2).sum()
    variance = float(error / freedom) if freedom > 0 else float("nan")
    return _Fit(coefficients, common, variance, len(left))


def _residual(columns: np.ndarray, own: np.ndarray) -> np.ndarray:
    q = np.linalg.qr(own)[0]
    return columns - q @ (q.T @ columns)


def _identified(own: np.ndarray) -> bool:
    """Whether a group has more rows than its own coefficients, and columns that are not collinear."""
    return len(own) > own.shape[1] and np.linalg.matrix_rank(own) == own.shape[1]


def _dummies(years: pd.Series) -> np.ndarray:
    labels = np.unique(years)
    return (years.to_numpy()[:, None] == labels[1:]).astype(float)

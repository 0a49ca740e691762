"""Relative distortion of capital and labour between cities (Chen & Hu 2011)."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from digital_clusters.errors import ParameterError, check_option
from digital_clusters.measures.frames import cube, ratio, refuse_negative

Size = Literal["tau", "wedge"]
"""How far a city is from the country: |τ|, or |log(1 + τ)|, which treats too much and too little alike."""

NO_DATA = "output, capital or employment is missing or zero"
NO_ELASTICITY = "the elasticity of a factor is missing or not positive"


@dataclass(frozen=True, eq=False)
class Distortion:
    """Distortion of one factor in every city relative to the country; fields of shape (..., cities).

    Attributes
    ----------
    gamma : numpy.ndarray
        The city's share of the factor over the share that its output and elasticity call for. The mean with
        weights s_i β_i / β is 1.
    tau : numpy.ndarray
        1 / γ − 1: positive where the city has too little of the factor.
    wedge : numpy.ndarray
        log(1 + τ) = −log γ, log points.
    """

    gamma: np.ndarray
    tau: np.ndarray
    wedge: np.ndarray


def relative_distortion(output: ArrayLike, factor: ArrayLike, elasticity: ArrayLike) -> Distortion:
    """Distortion γ_i = (K_i / K) / (s_i β_i / β) of one factor, with s_i = Y_i / Y and β = Σ s_i β_i.

    Parameters
    ----------
    output, factor : array_like, shape (..., cities)
        Every slice along the last axis (a year, say) is a country of its own.
    elasticity : array_like, broadcast to that shape
        Of output with respect to the factor.

    Returns
    -------
    Distortion
        NaN where output, factor or elasticity is missing or not positive; those cities are left out of the
        country.

    Raises
    ------
    DataError
        If output or factor is negative.

    Examples
    --------
    >>> relative_distortion([1, 1], [3, 1], 0.4).gamma.tolist()
    [1.5, 0.5]
    """
    y, k = np.asarray(output, dtype=float), np.asarray(factor, dtype=float)
    refuse_negative(y, "output")
    refuse_negative(k, "factor")
    y, k, beta = np.broadcast_arrays(y, k, np.asarray(elasticity, dtype=float))
    known = (y > 0) & (k > 0) & (beta > 0)
    due, had = (np.where(known, x, np.nan) for x in (y * beta, k))
    gamma = ratio(_share(had), _share(due))
    return Distortion(gamma, 1 / gamma - 1, -np.log(gamma))


def misallocation(
    frame: pd.DataFrame,
    capital_elasticity: float | pd.Series,
    labour_elasticity: float | pd.Series,
    *,
    output: str = "gdp_real",
    capital: str = "capital_stock",
    labour: str = "employment",
    size: Size = "wedge",
) -> pd.DataFrame:
    """Misallocation of capital and labour in every city and year.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns city, year and the three named.
    capital_elasticity, labour_elasticity : float or pandas.Series
        One number for all cities, or one a city, indexed by its code
        (:func:`~digital_clusters.measures.indicators.output_elasticities.output_elasticities`).
    size : {"wedge", "tau"}
        See :data:`Size`.

    Returns
    -------
    pandas.DataFrame
        city, year, tau_capital, tau_labour, wedge_capital, wedge_labour (signed), misallocation_capital,
        misallocation_labour (their size), log_misallocation (:func:`log_size` of the two), reason. ``reason``
        says why a city and year has none; such a city is left out of the country of that year.

    Raises
    ------
    ParameterError
        For an unknown size.
    MissingTableError, DataError
        If a column is not there; if a key is repeated or a value negative.

    Examples
    --------
    >>> frame = pd.DataFrame({"city": [1, 2], "year": 2011, "gdp_real": [1.0, 1.0]})
    >>> frame = frame.assign(capital_stock=[3.0, 1.0], employment=[1.0, 1.0])
    >>> misallocation(frame, 0.5, 0.5)["tau_capital"].round(3).tolist()
    [-0.333, 1.0]
    """
    check_option("size", size, Size)
    grid = cube(frame, [output, capital, labour], "misallocation", by_industry=False)
    y, k, n = (grid.values[name] for name in (output, capital, labour))
    betas = [_of_cities(beta, grid.cities) for beta in (capital_elasticity, labour_elasticity)]
    elastic = (betas[0] > 0) & (betas[1] > 0)
    whole = (y > 0) & (k > 0) & (n > 0)
    y = np.where(whole & elastic, y, np.nan)
    factors = {
        name: relative_distortion(y, factor, beta)
        for name, factor, beta in zip(("capital", "labour"), (k, n), betas, strict=True)
    }
    columns = {f"tau_{name}": found.tau for name, found in factors.items()}
    columns |= {f"wedge_{name}": found.wedge for name, found in factors.items()}
    sizes = {f"misallocation_{name}": np.abs(getattr(found, size)) for name, found in factors.items()}
    reason = np.where(whole, np.where(elastic, "", NO_ELASTICITY), NO_DATA)
    return grid.frame(columns | sizes | {"log_misallocation": log_size(*sizes.values()), "reason": reason})


def log_size(capital: ArrayLike, labour: ArrayLike) -> np.ndarray:
    """Mean of the logs of two absolute wedges; NaN where one is missing or exactly zero."""
    sizes = np.abs(np.stack([np.asarray(capital, dtype=float), np.asarray(labour, dtype=float)]))
    return np.log(np.where(sizes > 0, sizes, np.nan)).mean(axis=0)


SUBSTITUTION = 3.0
"""Elasticity of substitution between cities' goods: the low value that Hsieh & Klenow (2009) take."""


def efficiency_loss(
    frame: pd.DataFrame,
    capital_elasticity: float,
    *,
    substitution: float = SUBSTITUTION,
    output: str = "gdp_real",
    capital: str = "capital_stock",
    labour: str = "employment",
) -> pd.DataFrame:
    """Share of productivity that a country loses because its cities pay factors unequally.

    Cities make different goods, put together with a constant elasticity of substitution σ, from capital and
    labour with constant returns. With shares s, k and l of output, capital and labour, revenue productivity
    relative to the country's is r = s / (k^α l^(1−α)), and the loss against the allocation that equalises
    it is 1 − (Σ s r^(σ−1))^(−1/(σ−1)) (Hsieh & Klenow 2009, equations 15 and 20, one industry).

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns city, year and the three named.
    capital_elasticity : float
        α, between 0 and 1.
    substitution : float
        σ, above 1.

    Returns
    -------
    pandas.DataFrame
        year, ``loss`` (share of productivity, 0 to 1) and ``cities``. A city and year without one of the
        three, or with a zero, is left out of the country of that year.

    Raises
    ------
    ParameterError
        An elasticity outside its range.
    MissingTableError, DataError
        As :func:`misallocation`.

    Examples
    --------
    >>> frame = pd.DataFrame({"city": [1, 2], "year": 2011, "gdp_real": [1.0, 1.0]})
    >>> frame = frame.assign(capital_stock=[3.0, 1.0], employment=[1.0, 1.0])
    >>> efficiency_loss(frame, 0.5)["loss"].round(3).tolist()
    [0.134]
    """
    if not 0 < capital_elasticity < 1:
        raise ParameterError(f"capital_elasticity = {capital_elasticity}: choose a number between 0 and 1")
    if not substitution > 1:
        raise ParameterError(f"substitution = {substitution}: choose a number above 1")
    grid = cube(frame, [output, capital, labour], "efficiency loss", by_industry=False)
    values = [grid.values[name] for name in (output, capital, labour)]
    for name, x in zip((output, capital, labour), values, strict=True):
        refuse_negative(x, name)
    whole = np.all([x > 0 for x in values], axis=0)
    s, k, n = (_share(np.where(whole, x, np.nan)) for x in values)
    revenue = s / (k**capital_elasticity * n ** (1 - capital_elasticity))
    mean = np.nansum(s * revenue ** (substitution - 1), axis=-1)
    known = whole.any(axis=-1)
    loss = 1 - np.where(known, mean, np.nan) ** (-1 / (substitution - 1))
    return pd.DataFrame({"year": grid.years, "loss": loss, "cities": whole.sum(axis=-1)})


def _share(x: np.ndarray) -> np.ndarray:
    return ratio(x, np.nansum(x, axis=-1, keepdims=True))


def _of_cities(elasticity: float | pd.Series, cities: np.ndarray) -> np.ndarray:
    if isinstance(elasticity, pd.Series):
        return elasticity.reindex(cities).to_numpy(dtype=float)
    return np.full(len(cities), float(elasticity))

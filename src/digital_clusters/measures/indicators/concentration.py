"""Where an industry is and how concentrated: location quotient, Herfindahl, Ellison–Glaeser, density."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from digital_clusters.errors import DataError
from digital_clusters.measures.frames import cube, ratio, refuse_negative


def location_quotient(employment: ArrayLike) -> np.ndarray:
    """Share of an industry in a city over its share in all cities, (e_ij / e_i.) / (e_.j / e_..).

    Parameters
    ----------
    employment : array_like, shape (..., cities, industries)
        Persons, firms or value added, in one unit; every matrix of the last two axes (a year, say) is a
        country of its own. The industries must add to the whole economy of the city.

    Returns
    -------
    numpy.ndarray, same shape
        Its mean over cities with weights e_i. is 1. A city with a missing industry has no total: it is NaN
        and left out of the country. NaN too where a city is empty, or an industry is found nowhere.

    Raises
    ------
    DataError
        If a value is negative.

    Examples
    --------
    >>> location_quotient([[1, 1], [1, 3]]).round(3).tolist()
    [[1.5, 0.75], [0.75, 1.125]]
    """
    e = np.asarray(employment, dtype=float)
    refuse_negative(e, "employment")
    known = np.isfinite(e).all(axis=-1, keepdims=True)
    counted = np.where(known, e, 0.0)
    of_city = ratio(e, np.where(known, counted.sum(axis=-1, keepdims=True), np.nan))
    of_country = ratio(counted.sum(axis=-2, keepdims=True), counted.sum(axis=(-2, -1), keepdims=True))
    return ratio(of_city, of_country)


def herfindahl(amounts: ArrayLike, axis: int = -1) -> np.ndarray:
    """Herfindahl index, the sum of squared shares.

    Parameters
    ----------
    amounts : array_like
        Shares, or amounts in one unit, which are divided by their sum along ``axis``.

    Returns
    -------
    numpy.ndarray
        Without ``axis``; between 1/n and 1, NaN where an amount is missing or all are zero.

    Raises
    ------
    DataError
        If an amount is negative.

    Examples
    --------
    >>> float(herfindahl([0.5, 0.25, 0.25]))
    0.375
    """
    x = np.asarray(amounts, dtype=float)
    refuse_negative(x, "amounts")
    return (ratio(x, x.sum(axis=axis, keepdims=True)) ** 2).sum(axis=axis)


def normalised_herfindahl(amounts: ArrayLike, axis: int = -1) -> np.ndarray:
    """Herfindahl index between 0, all amounts alike, and 1, all in one: (H − 1/n) / (1 − 1/n).

    Parameters
    ----------
    amounts : array_like
        As in :func:`herfindahl`.

    Returns
    -------
    numpy.ndarray
        Without ``axis``; NaN also where there is a single amount.

    Raises
    ------
    DataError
        If an amount is negative.

    Examples
    --------
    >>> float(normalised_herfindahl([1.0, 1.0, 1.0, 1.0]))
    0.0
    """
    n = np.asarray(amounts).shape[axis]
    return ratio(n * herfindahl(amounts, axis) - 1, np.asarray(float(n - 1)))


def krugman_specialisation(employment: ArrayLike) -> np.ndarray:
    """How far each city's industries are from those of all other cities together (Krugman 1991, p. 76).

    Parameters
    ----------
    employment : array_like, shape (..., cities, industries)

    Returns
    -------
    numpy.ndarray, shape (..., cities)
        Σ_j |s_ij − s_−i,j| with shares s of industries in the city and in the rest of the country: 0 for the
        same industries, 2 for none in common. NaN for a city with a missing amount, without employment, or
        without a rest; a missing amount of another city makes the rest unknown.

    Raises
    ------
    DataError
        If an amount is negative.

    Examples
    --------
    >>> krugman_specialisation([[1, 0], [0, 1]]).tolist()
    [2.0, 2.0]
    """
    x = np.asarray(employment, dtype=float)
    refuse_negative(x, "employment")
    rest = x.sum(axis=-2, keepdims=True) - x
    own, other = (ratio(part, part.sum(axis=-1, keepdims=True)) for part in (x, rest))
    return np.abs(own - other).sum(axis=-1)


@dataclass(frozen=True)
class EllisonGlaeser:
    """Concentration of one industry beyond the size of its plants (Ellison & Glaeser 1997).

    Attributes
    ----------
    gamma : float
        (G − (1 − Σx²) H) / ((1 − Σx²)(1 − H)); zero in expectation if plants choose regions at random with
        probabilities x. NaN with a single plant.
    G : float
        Raw concentration Σ (s − x)², s the industry's and x all employment's shares by region.
    H : float
        Herfindahl index of the plants.
    plants, regions : int
        How many.
    """

    gamma: float
    G: float
    H: float
    plants: int
    regions: int


def ellison_glaeser(
    plants: ArrayLike, regions: Sequence, totals: Mapping[object, float] | pd.Series
) -> EllisonGlaeser:
    """Ellison–Glaeser index of one industry from its plants.

    Parameters
    ----------
    plants : array_like, shape (n,)
        Employment of each plant.
    regions : sequence, length n
        Region of each plant.
    totals : mapping of region to float
        All employment (or area) of every region, also of those without a plant.

    Raises
    ------
    DataError
        For a missing or negative number, a plant in a region without a total, or fewer than two regions.

    Examples
    --------
    >>> found = ellison_glaeser([4, 4, 2], ["a", "a", "b"], {"a": 50, "b": 50})
    >>> round(found.G, 3), round(found.H, 3), found.plants
    (0.18, 0.36, 3)
    """
    size, labels = np.asarray(plants, dtype=float), pd.Index(regions)
    total = pd.Series(totals, dtype=float)
    if size.shape != (len(labels),):
        raise DataError(f"{size.size} plants have {len(labels)} regions: give each plant one region")
    _refuse_unusable(size, "employment of plants")
    _refuse_unusable(total.to_numpy(), "totals of regions")
    where = total.index.get_indexer(labels)
    if (where < 0).any():
        raise DataError(f"region {labels[where < 0][0]!r} has a plant and no total")
    if len(total) < 2:
        raise DataError("an index of concentration needs at least two regions")
    x = (total / total.sum()).to_numpy()
    s = np.bincount(where, size, len(total)) / size.sum()
    raw, plant, dispersion = float(((s - x) ** 2).sum()), float(herfindahl(size)), 1 - float((x**2).sum())
    gamma = (raw - dispersion * plant) / (dispersion * (1 - plant)) if plant < 1 else float("nan")
    return EllisonGlaeser(gamma, raw, plant, size.size, len(total))


def pairwise_coagglomeration(employment: ArrayLike, totals: ArrayLike | None = None) -> np.ndarray:
    """Co-agglomeration of pairs of industries, Σ (s_i − x)(s_j − x) / (1 − Σx²).

    The index of Ellison, Glaeser & Kerr (2010) for two industries.

    Parameters
    ----------
    employment : array_like, shape (regions, industries)
    totals : array_like, shape (regions,), optional
        Of all employment; the default is the sum over the industries given.

    Returns
    -------
    numpy.ndarray, shape (industries, industries)
        Symmetric; the diagonal is G / (1 − Σx²). NaN for an industry that is found nowhere.

    Raises
    ------
    DataError
        For a missing or negative number, or totals of another length.

    Examples
    --------
    >>> pairwise_coagglomeration([[3, 1], [1, 3]]).round(3).tolist()
    [[0.25, -0.25], [-0.25, 0.25]]
    """
    e = np.asarray(employment, dtype=float)
    total = e.sum(axis=1) if totals is None else np.asarray(totals, dtype=float)
    if e.ndim != 2 or total.shape != e.shape[:1]:
        raise DataError(
            f"employment {e.shape} and totals {total.shape} are not (regions, industries), (regions,)"
        )
    _refuse_unusable(e, "employment")
    _refuse_unusable(total, "totals of regions")
    x = total / total.sum()
    away = ratio(e, e.sum(axis=0)) - x[:, None]
    return away.T @ away / (1 - (x**2).sum())


def density(amount: ArrayLike, per: ArrayLike) -> np.ndarray:
    """Amount per unit of area or per head; NaN where ``per`` is missing or not positive."""
    return ratio(np.asarray(amount, dtype=float), np.asarray(per, dtype=float))


def geographic_agglomeration(
    frame: pd.DataFrame, industries: Sequence[str] = ("C",), value: str = "employment"
) -> pd.DataFrame:
    """Agglomeration of every city and year from its employment by industry.

    Ellison–Glaeser is an index of an industry and needs plants; it has no value for a city.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns city, industry, year and ``value``.
    industries : sequence of str
        Whose location quotient; the default is manufacturing.

    Returns
    -------
    pandas.DataFrame
        city, year, location_quotient, herfindahl (of the city's industries); NaN where an industry of the
        city is missing, which also leaves the city out of the country in that year.
    """
    grid = cube(frame, [value], "geographic agglomeration")
    group, everything = grid.of_industries(value, industries), grid.values[value].sum(axis=2)
    quotient = location_quotient(np.stack([group, everything - group], axis=2))[:, :, 0]
    return grid.frame({"location_quotient": quotient, "herfindahl": herfindahl(grid.values[value])})


def _refuse_unusable(x: np.ndarray, name: str) -> None:
    if not np.isfinite(x).all():
        raise DataError(f"{(~np.isfinite(x)).sum()} of {x.size} {name} are missing or infinite")
    refuse_negative(x, name)
    if not x.sum() > 0:
        raise DataError(f"{name} add to zero")

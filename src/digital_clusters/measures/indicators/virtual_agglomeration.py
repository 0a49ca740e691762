"""Virtual agglomeration of cities from platform storefronts: five definitions behind one function.

The formula of the study this book reads is not public, so none of these is its index. They are the forms
the literature uses; what depends on the choice is for the robustness section to show.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from digital_clusters.errors import MissingTableError, ParameterError, check_option
from digital_clusters.measures.frames import Cube, align, cube, ratio
from digital_clusters.measures.indicators.concentration import location_quotient
from digital_clusters.measures.space.distance import distances_between

Definition = Literal["location_quotient", "density", "specialisation", "exposure", "information_industry"]
"""V1 to V5, see :func:`virtual_agglomeration`."""

DEFAULT: Definition = "density"

INFORMATION = ("I",)
"""Information transmission, software and information technology services, section of GB/T 4754."""

_COLUMNS = {
    "location_quotient": ("storefronts", "employment"),
    "density": ("storefronts",),
    "specialisation": ("storefronts",),
    "exposure": ("storefronts",),
    "information_industry": ("employment",),
}


def virtual_agglomeration(
    frame: pd.DataFrame,
    definition: Definition = DEFAULT,
    *,
    population: pd.DataFrame | None = None,
    cities: pd.DataFrame | None = None,
    attenuation: float = 1.0,
    information: Sequence[str] = INFORMATION,
) -> pd.DataFrame:
    """Virtual agglomeration of every city and year by one of five definitions.

    With A_ij the storefronts of industry j open in city i, A_i and A their sums, F employment:

    ``location_quotient`` (V1)
        (A_i / F_i) / (ΣA / ΣF), a ratio to the country of the year.
    ``density`` (V2)
        log((A_i + 1) / population), log storefronts per 10,000 persons.
    ``specialisation`` (V3)
        Σ_j LQ_ij A_ij / A_i, with LQ_ij = (A_ij / A_i) / (A_j / A); 1 where the city's storefronts are
        spread over industries as the country's, and more otherwise. Chance alone adds (J − 1) / A_i for J
        industries, so that cities with few storefronts look specialised.
    ``exposure`` (V4)
        log(A_i + Σ_{k≠i} A_k exp(−δ d_ik)), d_ik in 100 km on the sphere.
    ``information_industry`` (V5)
        Location quotient of employment in the information industry; needs no storefronts.

    The default is ``density``: it needs the least (counts and population), is defined where there is no
    storefront, and its level does not depend on the country's total, so that changes over years are the
    city's own. V1, V3 and V5 are relative to the country of each year.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns city, industry, year and storefronts (count), employment (10,000 persons) or both. A row that
        is not there is missing, not zero: write zero where there is no shop.
    definition : str
        One of :data:`Definition`.
    population : pandas.DataFrame, optional
        Columns city, year, population (10,000 persons); for ``density``.
    cities : pandas.DataFrame, optional
        Columns city, lon, lat (degrees); for ``exposure``.
    attenuation : float
        δ of ``exposure`` per 100 km, not negative. 1.0 leaves 37 % at 100 km; it is a choice, not an
        estimate.
    information : sequence of str
        Industries of ``information_industry``.

    Returns
    -------
    pandas.DataFrame
        city, year, value. NaN where a part of the city's own sum, its employment or population is missing
        or the denominator zero (V3: no storefront in the city; V4: none anywhere). Cities with missing
        storefronts add nothing to the exposure of others.

    Raises
    ------
    ParameterError
        For an unknown definition, or a negative attenuation.
    MissingTableError
        If the frame lacks a column, or the table that the definition needs is not given.
    DataError
        If a key is repeated, a value negative, or a city has no coordinates.
    """
    check_option("definition", definition, Definition)
    purpose = f"virtual agglomeration by {definition}"
    grid = cube(frame, _COLUMNS[definition], purpose)
    if definition == "density":
        table = _given(population, "population", purpose)
        value = _density(grid, align(table, "population", grid, purpose))
    elif definition == "exposure":
        if not attenuation >= 0:
            raise ParameterError(f"attenuation = {attenuation}: choose a number that is not negative")
        distances = distances_between(_given(cities, "cities", purpose), grid.cities)
        value = _exposure(grid, np.exp(-attenuation * distances / 100))
    elif definition == "information_industry":
        value = _information_industry(grid, information)
    else:
        value = _BY_STOREFRONTS[definition](grid)
    return grid.frame({"value": value})


def _given(table: pd.DataFrame | None, name: str, purpose: str) -> pd.DataFrame:
    if table is None:
        raise MissingTableError(f"{purpose} needs the table of {name}: pass {name}=")
    return table


def _location_quotient(grid: Cube) -> np.ndarray:
    shops, jobs = (grid.values[name].sum(axis=2) for name in ("storefronts", "employment"))
    known = np.isfinite(shops) & np.isfinite(jobs)
    country = ratio(*(np.where(known, x, 0).sum(axis=1, keepdims=True) for x in (shops, jobs)))
    return ratio(ratio(shops, jobs), country)


def _density(grid: Cube, population: np.ndarray) -> np.ndarray:
    return np.log(ratio(grid.values["storefronts"].sum(axis=2) + 1, population))


def _specialisation(grid: Cube) -> np.ndarray:
    shops = grid.values["storefronts"]
    quotient = location_quotient(shops)
    nowhere = np.nansum(shops, axis=1, keepdims=True) == 0
    share = ratio(shops, shops.sum(axis=2, keepdims=True))
    return (share * np.where(nowhere, 0.0, quotient)).sum(axis=2)


def _exposure(grid: Cube, decay: np.ndarray) -> np.ndarray:
    shops = grid.values["storefronts"].sum(axis=2)
    total = np.nan_to_num(shops, nan=0.0) @ decay
    return np.log(np.where(np.isnan(shops) | (total == 0), np.nan, total))


def _information_industry(grid: Cube, information: Sequence[str]) -> np.ndarray:
    group, jobs = grid.of_industries("employment", information), grid.values["employment"].sum(axis=2)
    return location_quotient(np.stack([group, jobs - group], axis=2))[:, :, 0]


_BY_STOREFRONTS: dict[str, Callable[[Cube], np.ndarray]] = {
    "location_quotient": _location_quotient,
    "specialisation": _specialisation,
}

"""Composite indices: entropy weights, and the coupling coordination of two systems."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from digital_clusters.errors import DataError, ParameterError, check_option
from digital_clusters.measures.frames import ratio, require_columns
from digital_clusters.measures.transforms import min_max

Direction = Literal["positive", "negative"]
"""Whether more of an indicator raises or lowers the index."""

ROUNDING = 1e-9
"""A weighted mean of numbers up to 1 may exceed 1 by so much."""


@dataclass(frozen=True, eq=False)
class Composite:
    """A composite index and what it is made of.

    Attributes
    ----------
    index : pandas.Series, shape (n,)
        In [0, 1], on the rows of the indicators; NaN where one is missing.
    weights : pandas.Series, shape (k,)
        Of the indicators; they add to one.
    n_used : int
        Rows without a missing indicator, which alone decide ranges and weights.
    """

    index: pd.Series
    weights: pd.Series
    n_used: int


def entropy_index(frame: pd.DataFrame, directions: Mapping[str, Direction]) -> Composite:
    """Weighted mean of scaled indicators, with weights by the entropy method.

    Each indicator z is scaled to [0, 1] over all rows (the pooled panel, so that years can be compared) and
    turned round if its direction is ``negative``. With p = z / Σz over the n rows, e = −Σ p ln p / ln n and
    the weight is (1 − e) / Σ(1 − e): an indicator that is spread unevenly over rows weighs more.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a city and year.
    directions : mapping of str to {"positive", "negative"}
        The indicators to use.

    Raises
    ------
    ParameterError
        For an unknown direction or no indicator.
    MissingTableError
        If an indicator is not in the frame.
    DataError
        If fewer than two rows are complete, or an indicator is the same everywhere.

    Examples
    --------
    >>> frame = pd.DataFrame({"income": [1.0, 2.0, 3.0], "waste": [3.0, 1.0, 2.0]})
    >>> found = entropy_index(frame, {"income": "positive", "waste": "negative"})
    >>> found.weights.round(3).tolist()
    [0.5, 0.5]
    """
    if not directions:
        raise ParameterError("a composite index needs at least one indicator")
    for name, direction in directions.items():
        check_option(f"direction of {name}", direction, Direction)
    names = list(directions)
    require_columns(frame, names, "the composite index")
    used = frame[names].dropna().astype(float)
    if len(used) < 2:
        raise DataError(f"{len(used)} of {len(frame)} rows have every indicator: two are needed")
    z = pd.DataFrame({name: _scaled(used[name], directions[name]) for name in names}, index=used.index)
    p = (z / z.sum()).to_numpy()
    entropy = -np.where(p > 0, p * np.log(np.where(p > 0, p, 1)), 0).sum(axis=0) / np.log(len(used))
    weights = pd.Series((1 - entropy) / (1 - entropy).sum(), index=names, name="weight")
    return Composite((z @ weights).reindex(frame.index).rename("index"), weights, len(used))


@dataclass(frozen=True, eq=False)
class Coupling:
    """Coupling of two systems; each field has the shape of the input.

    Attributes
    ----------
    coupling : numpy.ndarray
        C = 2 √(u₁ u₂) / (u₁ + u₂), 1 where both are equal.
    level : numpy.ndarray
        T = (u₁ + u₂) / 2.
    degree : numpy.ndarray
        D = √(C T), which is (u₁ u₂)^¼ with these equal weights.
    """

    coupling: np.ndarray
    level: np.ndarray
    degree: np.ndarray


def coupling_coordination(u1: ArrayLike, u2: ArrayLike) -> Coupling:
    """Degree to which two systems are high together.

    Parameters
    ----------
    u1, u2 : array_like
        Indices in [0, 1].

    Returns
    -------
    Coupling
        ``coupling`` is NaN and ``degree`` 0 where both are zero.

    Raises
    ------
    DataError
        If an index is outside [0, 1].
    """
    first, second = np.asarray(u1, dtype=float), np.asarray(u2, dtype=float)
    for u in (first, second):
        if ((u < 0) | (u > 1 + ROUNDING)).any():
            raise DataError("coupling coordination needs indices in [0, 1]: scale them first")
    level = (first + second) / 2
    coupling = ratio(np.sqrt(first * second), level)
    return Coupling(coupling, level, np.sqrt(np.where(level == 0, 0.0, coupling * level)))


def _scaled(values: pd.Series, direction: Direction) -> np.ndarray:
    try:
        z = min_max(values)
    except DataError as error:
        raise DataError(f"indicator {values.name!r}: {error}") from None
    return z if direction == "positive" else 1 - z

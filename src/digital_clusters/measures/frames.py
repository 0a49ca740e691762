"""Tidy frames in and out of arrays: columns checked, keys unique, absent rows missing and not zero."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from digital_clusters.errors import DataError, MissingTableError


def require_columns(frame: pd.DataFrame, columns: Sequence[str], purpose: str) -> None:
    """Raise a :class:`MissingTableError` that names the columns ``purpose`` needs and the frame lacks."""
    absent = [name for name in columns if name not in frame]
    if absent:
        there = ", ".join(map(str, frame.columns)) or "none"
        raise MissingTableError(f"{purpose} needs {', '.join(map(repr, absent))}; columns there: {there}")


def refuse_repeated(frame: pd.DataFrame, keys: Sequence[str]) -> None:
    """Raise a :class:`DataError` that names the first row whose keys were there before."""
    repeated = frame.duplicated(list(keys))
    if repeated.any():
        first = frame.loc[repeated, list(keys)].iloc[0].to_dict()
        raise DataError(f"{repeated.sum()} row(s) repeat a key, the first is {first}: keep one row for each")


def refuse_negative(values: np.ndarray, name: str) -> None:
    """Raise a :class:`DataError` if a value is negative; missing values pass."""
    if (values < 0).any():
        raise DataError(
            f"{(values < 0).sum()} values of {name} are negative (smallest {np.nanmin(values):g})"
        )


def ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Quotient, NaN where the denominator is not positive or either is missing."""
    numerator, denominator = np.broadcast_arrays(
        np.asarray(numerator, dtype=float), np.asarray(denominator, dtype=float)
    )
    out = np.full(numerator.shape, np.nan)
    return np.divide(numerator, denominator, out=out, where=denominator > 0)


@dataclass(frozen=True, eq=False)
class Cube:
    """Columns of a city-industry-year (or city-year) frame as arrays on one grid.

    Attributes
    ----------
    years : numpy.ndarray, shape (T,)
    cities : numpy.ndarray, shape (N,)
    industries : numpy.ndarray, shape (J,)
        Empty for a city-year frame.
    values : mapping of str to numpy.ndarray, shape (T, N, J) or (T, N)
        NaN where the frame has no row or no value.
    present : numpy.ndarray of bool, shape (T, N)
        City-years that have a row in the frame.
    """

    years: np.ndarray
    cities: np.ndarray
    industries: np.ndarray
    values: Mapping[str, np.ndarray]
    present: np.ndarray

    def of_industries(self, column: str, codes: Sequence[str]) -> np.ndarray:
        """Sum of a column over industries, shape (T, N); NaN where one of them is missing.

        Raises
        ------
        DataError
            If an industry is not in the frame at all.
        """
        absent = [code for code in codes if code not in self.industries]
        if absent:
            raise DataError(f"no row of industry {', '.join(absent)}; there are {', '.join(self.industries)}")
        return self.values[column][:, :, np.isin(self.industries, list(codes))].sum(axis=2)

    def frame(self, columns: Mapping[str, np.ndarray]) -> pd.DataFrame:
        """Columns of shape (T, N) as a frame with city and year, sorted by them; present rows only."""
        year, city = np.meshgrid(self.years, self.cities, indexing="ij")
        keep = self.present.T.ravel()
        wide = {"city": city, "year": year, **columns}
        return pd.DataFrame({name: values.T.ravel()[keep] for name, values in wide.items()})


def cube(frame: pd.DataFrame, columns: Sequence[str], purpose: str, *, by_industry: bool = True) -> Cube:
    """Columns of a tidy frame on the grid of its years, cities and (``by_industry``) industries.

    Raises
    ------
    MissingTableError
        If a key or a column is not there.
    DataError
        If a key is repeated or a value negative.
    """
    keys = ["year", "city", "industry"][: 3 if by_industry else 2]
    require_columns(frame, [*keys, *columns], purpose)
    refuse_repeated(frame, keys)
    labels = [np.sort(frame[key].unique()) for key in keys]
    where = tuple(
        np.searchsorted(names, frame[key].to_numpy()) for names, key in zip(labels, keys, strict=True)
    )
    values = {}
    for name in columns:
        column = frame[name].to_numpy(dtype=float, na_value=np.nan)
        refuse_negative(column, name)
        values[name] = np.full([len(names) for names in labels], np.nan)
        values[name][where] = column
    present = np.zeros([len(names) for names in labels[:2]], dtype=bool)
    present[where[:2]] = True
    industries = labels[2] if by_industry else np.array([], dtype=str)
    return Cube(labels[0], labels[1], industries, values, present)


def align(frame: pd.DataFrame, column: str, grid: Cube, purpose: str) -> np.ndarray:
    """A column of a city-year frame on another frame's grid, shape (T, N); NaN where it has no row."""
    other = cube(frame, [column], purpose, by_industry=False)
    wide = pd.DataFrame(other.values[column], index=other.years, columns=other.cities)
    return wide.reindex(index=grid.years, columns=grid.cities).to_numpy()

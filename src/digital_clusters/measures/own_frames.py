"""A reader's own frame checked at the door: keys whole and unique, plain types, sorted rows."""

import numpy as np
import pandas as pd

from digital_clusters.errors import DataError
from digital_clusters.sources.columns import did_you_mean

KEYS = ["city", "year"]

SHOWN = 3
"""Offenders that an error names one by one; the rest are counted."""


def checked_frame(frame: pd.DataFrame, city: str, year: str) -> pd.DataFrame:
    """The frame with its keys as ``city`` and ``year``, sorted by them, all columns of plain types.

    Raises
    ------
    DataError
        As :meth:`digital_clusters.measures.panel.Panel.of` says.
    """
    found = _with_keys(frame, city, year)
    found = found.assign(city=_codes(found["city"], city), year=_years(found["year"], year))
    _refuse_repeated_keys(found)
    found = found.sort_values(KEYS, ignore_index=True)
    return found.assign(**{name: _plain(found[name]) for name in found.columns.difference(KEYS)})


def _with_keys(frame: pd.DataFrame, city: str, year: str) -> pd.DataFrame:
    """The frame with the columns ``city`` and ``year``, of the keys whatever they are called."""
    if not isinstance(frame, pd.DataFrame):
        raise DataError(f"a panel is made of a pandas.DataFrame, not of a {type(frame).__name__}")
    levels = [name for name in frame.index.names if name in (city, year) and name not in frame.columns]
    frame = frame.reset_index(levels) if levels else frame
    names = [str(name) for name in frame.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"two columns are called '{twice[0]}': rename or drop one of them")
    frame = frame.set_axis(names, axis=1)
    for role, name in (("city", city), ("year", year)):
        if name not in names:
            raise DataError(
                f"the frame has no column '{name}' for the {role}: its columns are {', '.join(names)}."
                f"{did_you_mean(name, names)} Name the right one with {role}=…"
            )
        if name != role and role in names:
            raise DataError(
                f"{role}='{name}', but another column is called '{role}': rename or drop that one"
            )
    if frame.empty:
        raise DataError("the frame has no rows")
    return frame.rename(columns={city: "city", year: "year"})


def _codes(column: pd.Series, name: str) -> pd.Series:
    """Labels of cities, all text or all numbers; whole numbers as integers."""
    _refuse_missing(column, name, "city")
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype)
    if pd.api.types.is_numeric_dtype(column.dtype):
        whole = bool((column % 1 == 0).all())
        return column.astype("int64") if whole else column.astype("float64")
    kinds = {isinstance(label, str) for label in column}
    if len(kinds) > 1:
        raise DataError(f"column '{name}' mixes text and numbers, such as '1' and 1: make its codes one type")
    return column.astype("str")


def _years(column: pd.Series, name: str) -> pd.Series:
    _refuse_missing(column, name, "year")
    if not pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype):
        raise DataError(
            f"column '{name}' holds years such as {column.iloc[0]!r}: they must be whole numbers such as "
            f"2011; dates become years with frame['{name}'].dt.year, text with frame['{name}'].astype(int)"
        )
    broken = column[column % 1 != 0]
    if len(broken):
        raise DataError(f"column '{name}' holds {float(broken.iloc[0])}: years are whole numbers")
    return column.astype("int64")


def _refuse_missing(column: pd.Series, name: str, role: str) -> None:
    absent = column.isna() | (column == "")
    if pd.api.types.is_float_dtype(column.dtype):
        absent |= np.isinf(column.astype("float64"))
    if absent.any():
        rows = ", ".join(map(str, column.index[absent][:SHOWN]))
        raise DataError(
            f"column '{name}': {int(absent.sum())} of {len(column)} rows have no {role}, such as row {rows}: "
            "fill it in or leave the rows out"
        )


def _refuse_repeated_keys(frame: pd.DataFrame) -> None:
    again = frame.loc[frame.duplicated(KEYS), KEYS].drop_duplicates()
    if len(again):
        some = "; ".join(f"{row.city}, {row.year}" for row in again.head(SHOWN).itertuples())
        more = f"; and {len(again) - SHOWN} more" if len(again) > SHOWN else ""
        raise DataError(
            f"{len(again)} pairs of city and year have more than one row ({some}{more}): keep one for each"
        )


def _plain(column: pd.Series) -> pd.Series:
    """Numbers of nullable types as floats (NaN where missing) or integers; everything else as it is."""
    kind = column.dtype
    if not (pd.api.types.is_extension_array_dtype(kind) and pd.api.types.is_numeric_dtype(kind)):
        return column
    if column.isna().any() or pd.api.types.is_float_dtype(kind):
        return column.astype("float64")
    return column.astype("bool" if pd.api.types.is_bool_dtype(kind) else "int64")

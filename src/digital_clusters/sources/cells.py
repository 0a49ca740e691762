"""Cells of files that people keep: numbers, years and missing values as they are typed and exported."""

import datetime
import math
import re
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import pandas as pd

MISSING_MARKS = frozenset(
    {"", "-", "--", "—", "——", "–", "－", "/", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "NULL"}
)
"""Text that stands for a missing value in yearbooks, spreadsheets and exports."""

_INVISIBLE = re.compile(r"[\s\u00a0\u200b-\u200f\u2060\ufeff]+")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
"""Full-width forms to ASCII, and no other: NFKC would turn a footnote's ① into the digit 1."""

_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
_YEAR = re.compile(r"(\d{4})(?:\.0*)?年?度?")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ][\d:.]+)?")


def plain_text(cell: object) -> str:
    """A cell as text: whole numbers without a decimal point, full-width forms as ASCII, no stray space."""
    if isinstance(cell, str):
        return _text(cell)
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return ""
    if isinstance(cell, bool | np.bool_):
        return str(cell)
    if isinstance(cell, int | np.integer):
        return str(cell) if abs(int(cell)) < 10**18 else f"{float(cell):g}"
    if isinstance(cell, float | np.floating):
        if not math.isfinite(cell):
            return "" if math.isnan(cell) else str(cell)
        return str(int(cell)) if float(cell).is_integer() and abs(cell) < 1e15 else repr(float(cell))
    return _text(str(cell))


@lru_cache(maxsize=1 << 16)
def _text(cell: str) -> str:
    return _INVISIBLE.sub(" ", cell.translate(_FULL_WIDTH)).strip()


def heading(cell: object) -> str:
    """A heading as it is compared: :func:`plain_text` without any space."""
    return plain_text(cell).replace(" ", "")


def blanks(column: pd.Series, marks: Iterable[str] = ()) -> pd.Series:
    """Whether each cell is blank or one of :data:`MISSING_MARKS` or ``marks``."""
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column):
        return column.isna()
    every = MISSING_MARKS | {plain_text(mark) for mark in marks}
    return column.isna() | column.map(lambda cell: isinstance(cell, str) and plain_text(cell) in every)


def numbers(column: pd.Series, marks: Iterable[str] = ()) -> pd.Series:
    """The column as float64 where every cell is a number or blank; else cells that are neither stay text.

    Full-width digits and thousands separators in groups of three are read; a comma anywhere else is not.
    """
    if pd.api.types.is_bool_dtype(column):
        return column.astype("object")
    if pd.api.types.is_numeric_dtype(column):
        return column
    cells = column.astype("object").mask(blanks(column, marks), np.nan)
    return pd.Series([_number(cell) for cell in cells], index=column.index).infer_objects()


def years(column: pd.Series, marks: Iterable[str] = ()) -> pd.Series:
    """Years as numbers: ``2011年``, text, and dates that are all the first or all the last day of a year.

    Dates may be text, year first.

    Other dates stay as they are, for the schema to refuse them.
    """
    if pd.api.types.is_numeric_dtype(column):
        return column
    there = column[~blanks(column, marks)].map(_dated)
    dates = there.map(lambda cell: isinstance(cell, datetime.date))
    if len(there) and dates.all():
        ends = {(cell.month, cell.day) for cell in there}
        if ends in ({(1, 1)}, {(12, 31)}):
            return there.map(lambda cell: cell.year).astype("Int64").reindex(column.index)
    read = there.map(_year)
    return read.reindex(column.index).infer_objects()


def _dated(cell: object) -> object:
    """The date that a text is; any other cell as it stands."""
    found = _DATE.fullmatch(plain_text(cell)) if isinstance(cell, str) else None
    if found is None:
        return cell
    try:
        return datetime.date(*map(int, found.groups()))
    except ValueError:
        return cell


def _year(cell: object) -> object:
    found = _YEAR.fullmatch(plain_text(cell)) if not isinstance(cell, datetime.date) else None
    return int(found[1]) if found else cell


def _number(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    text = plain_text(cell)
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    if not _PLAIN.fullmatch(text):
        return cell
    value = float(text)
    return int(text) if text.lstrip("+-").isdigit() and abs(value) < 2**53 else value

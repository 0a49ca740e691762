"""A study's panel: one row a city and year, with what was left out and why."""

import hashlib
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from digital_clusters.errors import DataError, MissingTableError
from digital_clusters.measures.own_frames import checked_frame
from digital_clusters.sources.columns import column_unit, did_you_mean, words_of
from digital_clusters.wording import with_caption

DROPPED_COLUMNS = ["city", "year", "column", "reason"]
"""Columns of :attr:`Panel.dropped`; ``city`` is <NA> where a whole year was left out."""


def nothing_dropped() -> pd.DataFrame:
    """A record of left-out city-years with no entry."""
    return dropped_rows([])


def dropped_rows(rows: Sequence[Mapping]) -> pd.DataFrame:
    """Left-out city-years as a frame with the columns :data:`DROPPED_COLUMNS`."""
    frame = pd.DataFrame(list(rows), columns=DROPPED_COLUMNS)
    return frame.astype({"city": "Int64", "year": "Int64", "column": "str", "reason": "str"})


@dataclass(frozen=True, eq=False)
class Panel:
    """The data of one study from one source.

    Attributes
    ----------
    frame : pandas.DataFrame
        Sorted by ``city`` and ``year``. Complete, or NaN where the source has no value and the study selects
        the complete city-years of each specification.
    source, label, fingerprint : str
        Of the raw tables: its kind, the words every figure and table carries, sha256 of its files.
    missing : mapping of str to str
        Column the study wants and the source cannot give → the source's reason.
    dropped : pandas.DataFrame
        City-years that are not in ``frame``: city, year, column, reason.
    proxies : mapping of str to str
        Column of ``frame`` that stands in for what the study wants → what it is, and what it is not.

    Raises
    ------
    DataError
        A row of ``frame`` without a city or year, or a city and year twice.

    Examples
    --------
    >>> frame = pd.DataFrame({"city": [1, 1, 2, 2], "year": [2011, 2012] * 2, "income": [9.1, 9.2, 9.5, 9.4]})
    >>> panel = Panel.of(frame)
    >>> panel.n_cities, panel.years, panel.is_balanced
    (2, (2011, 2012), True)
    """

    frame: pd.DataFrame
    source: str
    label: str
    fingerprint: str
    missing: Mapping[str, str] = field(default_factory=dict)
    dropped: pd.DataFrame = field(default_factory=nothing_dropped)
    proxies: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self):
        if {"city", "year"} <= set(self.frame.columns):
            _refuse_unclear_keys(self.frame[["city", "year"]])

    @classmethod
    def of(
        cls,
        frame: pd.DataFrame,
        *,
        city: str = "city",
        year: str = "year",
        label: str = "your data",
        source: str = "own",
    ) -> "Panel":
        """A panel of a reader's own frame: checked, sorted by city and year, known by its content.

        Parameters
        ----------
        frame : pandas.DataFrame
            One row a city (or firm, county, country) and year, in any order. The two keys may be columns or
            levels of the index.
        city, year : str
            Names of the keys; in the panel they are called ``city`` and ``year``. Codes of cities are all
            numbers or all text, years are whole numbers.
        label : str
            The words that tables and figures carry.
        source : str
            Kind of the data.

        Raises
        ------
        DataError
            A key that is not there, is missing in a row, or occurs twice; years that are not whole numbers;
            codes that mix text and numbers; two columns of one name; no rows.

        Examples
        --------
        >>> frame = pd.DataFrame({"code": [2, 1, 1], "year": [2011, 2012, 2011], "y": [0.3, 0.2, 0.1]})
        >>> Panel.of(frame, city="code")
        your data: 2 cities × 2 years (2011–2012), not balanced: 3 of 4 city-years
        columns: city (code), year, y
        """
        found = checked_frame(frame, city, year)
        content = cls(found[sorted(found.columns)], source, label, "")
        return cls(found, source, label, content.hash)

    @cached_property
    def hash(self) -> str:
        """sha256 of the frame's columns, in order: names, types and values."""
        digest = hashlib.sha256()
        for name in self.frame.columns:
            kind, content = _content(self.frame[name])
            digest.update(f"{name}\t{kind}\t{len(content)}\n".encode())
            digest.update(content)
        return digest.hexdigest()

    @property
    def n_dropped(self) -> int:
        """Number of different city-years in ``dropped``, where one has an entry for each column it lacks."""
        return len(self.dropped.dropna(subset=["city"]).drop_duplicates(["city", "year"]))

    @property
    def n_cities(self) -> int:
        """Number of cities."""
        return int(self.frame["city"].nunique())

    @property
    def years(self) -> tuple[int, int]:
        """First and last year; (0, 0) for an empty panel."""
        if self.frame.empty:
            return 0, 0
        return int(self.frame["year"].min()), int(self.frame["year"].max())

    @property
    def is_balanced(self) -> bool:
        """Whether every city is there in every year."""
        return len(self.frame) == self.n_cities * self.frame["year"].nunique()

    def __repr__(self) -> str:
        units = {name: column_unit(name) for name in self.frame}
        columns = (f"{n} ({unit})" if (unit := units[n]) not in ("", n) else n for n in self.frame)
        return f"{self._size()}\ncolumns: {', '.join(columns)}"

    def _repr_html_(self) -> str:
        rows = [
            (name, words_of(name), column_unit(name), self.frame[name].isna().sum()) for name in self.frame
        ]
        table = pd.DataFrame(rows, columns=["column", "words", "unit", "missing"])
        shown = table.to_html(index=False, border=0, classes="words")
        return (
            f"<p>{html.escape(self._size())}</p>{with_caption(shown, f'Columns of the panel, {self.label}')}"
        )

    def _size(self) -> str:
        """Cities × years, and whether every city is there in every year."""
        years, (first, last) = self.frame["year"].nunique(), self.years
        rows, whole = len(self.frame), self.n_cities * years
        state = "balanced" if self.is_balanced else f"not balanced: {rows:,} of {whole:,} city-years"
        return f"{self.label}: {self.n_cities:,} cities × {years} years ({first}–{last}), {state}"

    def require(self, *columns: str) -> pd.DataFrame:
        """The columns asked for.

        Raises
        ------
        MissingTableError
            If one is not in the panel; the text gives the source's reason.
        """
        for name in columns:
            if name not in self.frame:
                reason = self.missing.get(name) or self._there(name)
                raise MissingTableError(f"the panel of {self.label} has no '{name}': {reason}")
        return self.frame[list(columns)]

    def require_numbers(self, *columns: str) -> pd.DataFrame:
        """The columns asked for, all of numbers or truth values; some may be missing.

        Raises
        ------
        MissingTableError
            If one is not in the panel.
        DataError
            If one is not of numbers; its first cell that is none is named.
        """
        frame = self.require(*columns)
        for name in columns:
            if not pd.api.types.is_numeric_dtype(frame[name].dtype):
                raise DataError(self._not_numbers(name))
        return frame

    def _not_numbers(self, name: str) -> str:
        column = self.frame[name]
        odd = column.index[pd.to_numeric(column, errors="coerce").isna() & column.notna()]
        row = odd[0] if len(odd) else column.index[0]
        city, year = self.frame.loc[row, ["city", "year"]]
        return (
            f"column '{name}' of {self.label} is not of numbers: it holds {str(column[row])!r} in city "
            f"{city}, {year} ({len(odd):,} such cells). Make it numbers before Panel.of, for example with "
            f"pandas.to_numeric(frame['{name}'], errors='coerce')"
        )

    def complete(
        self, *columns: str, years: tuple[int, int] | None = None, balanced: bool = False
    ) -> "Panel":
        """The panel without the city-years that lack a value of one of the columns.

        Parameters
        ----------
        *columns : str
        years : tuple of int, optional
            First and last year to keep; all by default.
        balanced : bool
            Keep only cities that are complete in every year, as spatial models need them.

        Raises
        ------
        MissingTableError
            If a column is not in the panel.
        DataError
            If nothing is left.

        Examples
        --------
        >>> frame = pd.DataFrame({"city": [1, 1, 2, 2], "year": [2011, 2012] * 2, "y": [1, None, 3, 4]})
        >>> Panel.of(frame).complete("y", balanced=True)
        your data: 1 cities × 2 years (2011–2012), balanced
        columns: city (code), year, y
        """
        known = self.require(*columns).notna().all(axis=1)
        wanted = self.frame["year"].between(*(years or self.years))
        kept = known & wanted
        if balanced:
            span = self.frame.loc[kept, "year"].nunique()
            kept &= kept.groupby(self.frame["city"]).transform("sum") == span
        if not kept.any():
            raise DataError(f"no city-year of {self.label} has all of {', '.join(columns)} in these years")
        return replace(self, frame=self.frame.loc[kept].reset_index(drop=True))

    def _there(self, wanted: str) -> str:
        hint = did_you_mean(wanted, self.frame.columns)
        return f"its columns are {', '.join(self.frame.columns)}" + (f".{hint}" if hint else "")


def _refuse_unclear_keys(keys: pd.DataFrame) -> None:
    absent = keys.isna()
    if absent.to_numpy().any():
        name = keys.columns[absent.any()][0]
        raise DataError(
            f"{int(absent[name].sum())} rows of the panel have no {name}: fill it in or leave them out"
        )
    again = keys.duplicated()
    if again.any():
        city, year = keys[again].iloc[0]
        raise DataError(f"the panel has city {city} in {year} more than once: keep one row a city and year")


def _content(column: pd.Series) -> tuple[str, bytes]:
    if pd.api.types.is_bool_dtype(column.dtype):
        return "bool", column.to_numpy(np.uint8).tobytes()
    if pd.api.types.is_integer_dtype(column.dtype):
        return "int", column.to_numpy("<i8").tobytes()
    if pd.api.types.is_float_dtype(column.dtype):
        return "float", column.to_numpy("<f8").tobytes()
    return "text", "\x1f".join(column.astype(str)).encode()

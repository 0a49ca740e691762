"""A study's panel: one row a city and year, with what was left out and why."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from digital_clusters.errors import MissingTableError

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
    """

    frame: pd.DataFrame
    source: str
    label: str
    fingerprint: str
    missing: Mapping[str, str] = field(default_factory=dict)
    dropped: pd.DataFrame = field(default_factory=nothing_dropped)
    proxies: Mapping[str, str] = field(default_factory=dict)

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

    def require(self, *columns: str) -> pd.DataFrame:
        """The columns asked for.

        Raises
        ------
        MissingTableError
            If one is not in the panel; the text gives the source's reason.
        """
        for name in columns:
            if name not in self.frame:
                reason = self.missing.get(name, f"its columns are {', '.join(self.frame.columns)}")
                raise MissingTableError(f"the panel of {self.label} has no '{name}': {reason}")
        return self.frame[list(columns)]


def _content(column: pd.Series) -> tuple[str, bytes]:
    if pd.api.types.is_bool_dtype(column.dtype):
        return "bool", column.to_numpy(np.uint8).tobytes()
    if pd.api.types.is_integer_dtype(column.dtype):
        return "int", column.to_numpy("<i8").tobytes()
    if pd.api.types.is_float_dtype(column.dtype):
        return "float", column.to_numpy("<f8").tobytes()
    return "text", "\x1f".join(column.astype(str)).encode()

"""The raw tables of one source, read when they are asked for."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from digital_clusters.errors import MissingTableError

LOG_COLUMNS = ["file", "table", "rule", "city", "year", "column", "value", "action"]
"""Columns of the log of refused rows and values: where, which rule, what was there, what was done."""

LABELS = {"twin": "synthetic twin", "public": "public data", "folder": "your own data"}


def empty_log() -> pd.DataFrame:
    """A log of refusals with no entry."""
    return pd.DataFrame(columns=LOG_COLUMNS)


@dataclass(frozen=True)
class RawTables:
    """One source's raw tables under the common schema (:mod:`digital_clusters.sources.schema`).

    Attributes
    ----------
    source : str
        ``twin``, ``public`` or ``folder``.
    loaders : mapping of str to callable
        One function a table; called at most once, its frame is validated by the source.
    missing : mapping of str to str
        ``table`` or ``table.column`` → why this source does not have it.
    provenance : mapping of str to str
        File or parameter set the tables were made from → sha256.
    log : pandas.DataFrame
        Rows and values refused on the way in, columns :data:`LOG_COLUMNS`. Complete once the tables
        it concerns were asked for; sources that read everything at once fill it at the start.
    """

    source: str
    loaders: Mapping[str, Callable[[], pd.DataFrame]]
    missing: Mapping[str, str] = field(default_factory=dict)
    provenance: Mapping[str, str] = field(default_factory=dict)
    log: pd.DataFrame = field(default_factory=empty_log)

    @property
    def label(self) -> str:
        """What every figure and table made from these data carries."""
        return LABELS[self.source]

    @cached_property
    def _loaded(self) -> dict[str, pd.DataFrame]:
        return {}

    def table(self, name: str) -> pd.DataFrame:
        """The raw table ``name`` (not a copy: derive new frames from it).

        Raises
        ------
        MissingTableError
            If the source does not have it; the text gives the source's reason.
        """
        if name not in self.loaders:
            reason = self.missing.get(name, "it is not part of this source")
            raise MissingTableError(f"{self.label} has no table '{name}': {reason}")
        if name not in self._loaded:
            self._loaded[name] = self.loaders[name]()
        return self._loaded[name]

    def has(self, table: str, column: str | None = None) -> bool:
        """Whether the source has ``table`` (and in it ``column``)."""
        if table not in self.loaders or table in self.missing:
            return False
        return column is None or (f"{table}.{column}" not in self.missing)

    @property
    def fingerprint(self) -> str:
        """sha256 over :attr:`provenance`: the same files and parameters give the same fingerprint."""
        text = "\n".join(f"{key}\t{value}" for key, value in sorted(self.provenance.items()))
        return hashlib.sha256(text.encode()).hexdigest()

"""What a stranger is told about a panel without being given it: size, moments, what was left out."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from digital_clusters.measures.descriptive import describe
from digital_clusters.measures.panel import Panel
from digital_clusters.sources.tables import RawTables


@dataclass(frozen=True)
class Facts:
    """Aggregates of a study panel and of the way it was made.

    Attributes
    ----------
    label : str
    n, cities : int
    years : tuple of int
        First and last.
    missing : mapping of str to str
        Column the study wants → why the source has none.
    moments : list of dict
        Rows of :func:`digital_clusters.measures.descriptive.describe`.
    dropped : list of dict
        Column, reason, number of city-years left out.
    refused : list of dict
        Table, rule, action, number of rows or values refused on the way in.
    """

    label: str
    n: int
    cities: int
    years: tuple[int, int]
    missing: Mapping[str, str]
    moments: list[dict[str, Any]]
    dropped: list[dict[str, Any]]
    refused: list[dict[str, Any]]

    def to_dict(self) -> dict[str, Any]:
        """Plain values; ``Facts(**values)`` is the inverse."""
        return asdict(self)


def facts(tables: RawTables, panel: Panel) -> Facts:
    """Aggregate a panel and the log of its source."""
    moments = describe(panel).astype(object)
    return Facts(
        label=panel.label,
        n=len(panel.frame),
        cities=panel.n_cities,
        years=panel.years,
        missing=dict(panel.missing),
        moments=moments.where(moments.notna(), None).to_dict("records"),
        dropped=_count(panel.dropped, ["column", "reason"]),
        refused=_count(tables.log, ["table", "rule", "action"]),
    )


def _count(frame: pd.DataFrame, keys: list[str]) -> list[dict[str, Any]]:
    counts = frame.groupby(keys, dropna=False).size().rename("count").reset_index()
    return counts.sort_values("count", ascending=False, kind="stable").to_dict("records")

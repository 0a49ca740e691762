"""Counts of storefronts that can be added up: from partitions to a total."""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Plan:
    """What every partition is counted by.

    Attributes
    ----------
    cities, industries : tuple
        Known codes; they are the first two axes of the counts.
    first_year, last_year : int
        Years counted.
    latest : int
        Last year that a record can carry.
    columns : dict of str to str
        Our column → header in the files.
    memory_limit, threads : str, int
        Of DuckDB, for each partition that is being counted.
    spill : str or None
        Folder in which DuckDB may put what does not fit into memory; the system's by default.
    """

    cities: tuple[int, ...]
    industries: tuple[str, ...]
    first_year: int
    last_year: int
    latest: int
    columns: dict[str, str]
    memory_limit: str
    threads: int
    spill: str | None = None

    @property
    def shape(self) -> tuple[int, int, int]:
        """Cities, industries, and the years with one more in front: everything before the first year."""
        return len(self.cities), len(self.industries), self.last_year - self.first_year + 2


@dataclass(frozen=True)
class PartitionCounts:
    """Counts of one partition or, added up, of several.

    Attributes
    ----------
    opened, closed : numpy.ndarray of int64, shape (cities, industries, 1 + years)
        Openings and closings; the first slot of the last axis holds all years before the first.
    rejected : dict of str to (int, str)
        Kind of bad row → rows and an example.
    repeated : pandas.DataFrame
        Rows (storefront, c, i, opened, closed, example) with an id that another row has too, not yet
        counted; ``c`` and ``i`` are positions on the first two axes.
    rows : int
        Rows read.
    """

    opened: np.ndarray
    closed: np.ndarray
    rejected: dict[str, tuple[int, str]]
    repeated: pd.DataFrame
    rows: int

    def __add__(self, other: "PartitionCounts") -> "PartitionCounts":
        return PartitionCounts(
            self.opened + other.opened,
            self.closed + other.closed,
            merge_rejected(self.rejected, other.rejected),
            pd.concat([self.repeated, other.repeated], ignore_index=True),
            self.rows + other.rows,
        )


def merge_rejected(*parts: dict[str, tuple[int, str]]) -> dict[str, tuple[int, str]]:
    """Rows added up by kind; of the examples the one that sorts first, whatever the order of the parts."""
    merged: dict[str, tuple[int, str]] = {}
    for part in parts:
        for kind, (rows, example) in part.items():
            before, other = merged.get(kind, (0, example))
            merged[kind] = (before + rows, min(other, example))
    return merged


def difference_arrays(rows: pd.DataFrame, plan: Plan) -> tuple[np.ndarray, np.ndarray]:
    """Openings and closings from good rows (columns c, i, opened, closed), one shop a row.

    Years before the first go to slot 0 of the last axis, years after the last and missing ones nowhere.
    """
    arrays = []
    for event in ("opened", "closed"):
        there = rows[rows[event] <= plan.last_year]
        slot = (there[event] - plan.first_year + 1).clip(lower=0)
        counts = np.zeros(plan.shape, dtype=np.int64)
        np.add.at(counts, tuple(axis.to_numpy(dtype=np.int64) for axis in (there["c"], there["i"], slot)), 1)
        arrays.append(counts)
    return arrays[0], arrays[1]

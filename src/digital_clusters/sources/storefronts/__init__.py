"""Storefront records to counts by city, industry and year, out of core.

Records are one row a shop (raw table ``storefronts``) in files of tens of millions of rows. Each file is
a partition: DuckDB reads it in bounded memory and returns two small arrays, openings and closings by city,
industry and year, which are added up over partitions and years. No join of shops on years is made. The same
query runs on Dask, a partition a task, when there is more than one machine.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial, reduce
from operator import add
from pathlib import Path
from typing import Literal

import pandas as pd

from digital_clusters.errors import DataError, ParameterError, check_option
from digital_clusters.sources.schema import codebook
from digital_clusters.sources.storefronts.counts import (
    PartitionCounts,
    Plan,
    difference_arrays,
    merge_rejected,
)
from digital_clusters.sources.storefronts.files import record_files
from digital_clusters.sources.storefronts.query import (
    COLUMNS,
    DUPLICATE,
    KINDS,
    MALFORMED,
    count_partition,
    repeated_ids,
)

Engine = Literal["duckdb", "dask"]
Duplicates = Literal["reject", "ignore"]

MEMORY = re.compile(r"\d+(\.\d+)?\s*([KMGT]i?B)", re.IGNORECASE)
TIMEOUT = 10
"""Seconds that a Dask scheduler has to answer."""


@dataclass(frozen=True)
class StorefrontCounts:
    """What records come to.

    Attributes
    ----------
    counts : pandas.DataFrame
        Columns city, industry, year, open, opened, closed (numbers of shops, int64): every known city ×
        every industry × every year, sorted; ``open`` counts shops open at the end of the year.
    rejected : pandas.DataFrame
        Columns kind, rows, example: bad rows that are in no count, by kind, in the order of the rules.
    rows : int
        Rows read, bad ones included.
    """

    counts: pd.DataFrame
    rejected: pd.DataFrame
    rows: int


def aggregate_storefronts(
    files: str | Path | Sequence[str | Path],
    *,
    cities: Collection[int],
    first_year: int,
    last_year: int,
    latest: int | None = None,
    columns: Mapping[str, str] | None = None,
    duplicates: Duplicates = "reject",
    memory_limit: str = "1GB",
    threads: int = 2,
    spill: Path | None = None,
    engine: Engine = "duckdb",
    workers: int = 2,
    scheduler: str | None = None,
) -> StorefrontCounts:
    """Count the shops of each city and industry that were open, opened and closed in each year.

    A shop is open at the end of year *y* if it opened in *y* or before and did not close in *y* or before.

    A bad row is left out and counted under the first kind that it meets: malformed line (CSV), missing key
    (no storefront, city, industry or opening), not a whole number, unknown city, unknown industry, year
    before 1900, future date (after ``latest``), closed before opened, duplicate storefront. Of rows with the
    same id the one that opened first is counted (of those, the one that closed first).

    Parameters
    ----------
    files : path, pattern, folder, or several of them
        Parquet or CSV (UTF-8, commas, also gzipped) files with columns storefront, city, industry, opened
        and closed (years, or dates of which the year is taken; empty if still open). A folder stands
        for all such files in it and below. A file is a partition.
    cities : collection of int
        Known codes.
    first_year, last_year : int
        Years counted. Shops that opened before are in the stock of the first year.
    latest : int, optional
        Last year that a record can carry; by default the current one.
    columns : mapping of str to str, optional
        Our column → column in the files, where the names differ.
    duplicates : {"reject", "ignore"}
        Whether ids are compared over all files. ``ignore`` takes every row for a shop of its own.
    memory_limit : str
        DuckDB's memory, such as ``500MB``; what does not fit is spilled to disk, and ids that do not fit are
        compared in parts. On Dask, that of each worker. The process itself needs some 200 MB more, and
        comparing ids that are whole numbers as much as the limit while DuckDB needs little.
    threads : int
        DuckDB's threads; on Dask, those of each worker.
    spill : Path, optional
        Where the folder for what is spilled is made, and removed at the end; by default the system's
        temporary folder.
    engine : {"duckdb", "dask"}
        One process, file after file; or a task a file on Dask.
    workers : int
        Dask: processes on this machine, or tasks into which the comparison of ids is split.
    scheduler : str, optional
        Dask: address of a scheduler whose workers see the files under the same paths.

    Raises
    ------
    ParameterError
        For an option, year or limit that cannot be, a memory limit that is too small, or a scheduler
        that does not answer.
    FileError
        If there is no file, or one cannot be read.
    DataError
        If a file lacks a column, there are no rows, or ids are so often repeated that they are no ids.

    Examples
    --------
    >>> found = aggregate_storefronts("records/*.parquet", cities=[110000],
    ...     first_year=2008, last_year=2019)  # doctest: +SKIP
    >>> found.counts.query("industry == 'F' and year == 2019")  # doctest: +SKIP
    """
    check_option("engine", engine, Engine)
    check_option("duplicates", duplicates, Duplicates)
    _check_numbers(first_year, last_year, memory_limit, threads, workers)
    plan = Plan(
        cities=tuple(sorted({int(city) for city in cities})),
        industries=tuple(codebook()["storefronts"]["columns"]["industry"]["values"]),
        first_year=first_year,
        last_year=last_year,
        latest=date.today().year if latest is None else latest,
        columns={ours: (columns or {}).get(ours, ours) for ours in COLUMNS},
        memory_limit=memory_limit,
        threads=threads,
        spill=None if spill is None else str(spill),
    )
    paths = record_files(files)
    compare = duplicates == "reject"
    if engine == "duckdb":
        return _finish(_here(paths, plan, compare), plan)
    return _finish(_on_dask(paths, plan, compare, workers, scheduler), plan)


def rejected_text(found: StorefrontCounts) -> str:
    """The bad rows by kind as lines of text, after how many rows were read."""
    bad = int(found.rejected["rows"].sum())
    head = f"{found.rows:,} rows read, {bad:,} of them bad and in no count"
    if found.rejected.empty:
        return head
    shown = found.rejected.to_string(index=False, formatters={"rows": "{:,}".format}, max_colwidth=None)
    return f"{head}\n{shown}"


def _check_numbers(first_year: int, last_year: int, memory_limit: str, threads: int, workers: int) -> None:
    if last_year < first_year:
        raise ParameterError(f"last_year = {last_year} is before first_year = {first_year}")
    if not MEMORY.fullmatch(memory_limit.strip()):
        raise ParameterError(f"memory_limit = {memory_limit!r} is not a size: write 500MB or 2GB")
    for name, value in {"threads": threads, "workers": workers}.items():
        if value < 1:
            raise ParameterError(f"{name} = {value} is not at least 1")


def _no_ids() -> pd.DataFrame:
    return pd.DataFrame({"storefront": pd.Series(dtype="str")})


def _here(paths: list[str], plan: Plan, compare: bool) -> PartitionCounts:
    repeated = repeated_ids(paths, plan) if compare else _no_ids()
    return reduce(add, (count_partition(path, plan, repeated) for path in paths))


def _on_dask(
    paths: list[str], plan: Plan, compare: bool, workers: int, scheduler: str | None
) -> PartitionCounts:
    """A task a file, added up in a tree; ids are compared first, a task a bucket of their hashes."""
    import dask.bag

    with _cluster(scheduler, workers) as options:
        repeated = _no_ids()
        if compare:
            buckets = dask.bag.from_sequence(range(workers), partition_size=1)
            parts = buckets.map(partial(repeated_ids, paths, plan, buckets=workers)).compute(**options)
            repeated = pd.concat(parts, ignore_index=True)
        partitions = dask.bag.from_sequence(paths, partition_size=1)
        counted = partitions.map(partial(count_partition, plan=plan, repeated=repeated))
        return counted.fold(add, split_every=8).compute(**options)


@contextmanager
def _cluster(scheduler: str | None, workers: int) -> Iterator[dict]:
    """Options of a Dask computation: processes on this machine, or a scheduler's workers."""
    if scheduler is None:
        yield {"scheduler": "processes", "num_workers": workers}
        return
    from distributed import Client

    try:
        client = Client(scheduler, timeout=TIMEOUT)
    except (OSError, ValueError) as error:
        raise ParameterError(f"no Dask scheduler answers at {scheduler}: {error}") from None
    with client:
        yield {"scheduler": client.get}


def _finish(total: PartitionCounts, plan: Plan) -> StorefrontCounts:
    """Resolve repeated ids, turn changes into stocks, and lay both out as tables."""
    if total.rows == 0:
        raise DataError("the storefront records have no rows: check that the right files are named")
    kept, refused = _first_of_each(total.repeated)
    opened, closed = (
        counts + more
        for counts, more in zip((total.opened, total.closed), difference_arrays(kept, plan), strict=True)
    )
    stock = (opened - closed).cumsum(axis=2)
    years = range(plan.first_year, plan.last_year + 1)
    every = pd.MultiIndex.from_product(
        [plan.cities, plan.industries, years], names=["city", "industry", "year"]
    )
    columns = {"open": stock, "opened": opened, "closed": closed}
    counts = pd.DataFrame({name: values[:, :, 1:].ravel() for name, values in columns.items()}, index=every)
    return StorefrontCounts(
        counts.reset_index(), _rejected_table(merge_rejected(total.rejected, refused)), total.rows
    )


def _first_of_each(repeated: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, tuple[int, str]]]:
    """Of rows with one id the first, to be counted; the others as bad rows."""
    order = ["storefront", "opened", "closed", "c", "i", "example"]
    rows = repeated.sort_values(order, na_position="last", ignore_index=True)
    copy = rows.duplicated("storefront")
    refused = {DUPLICATE: (int(copy.sum()), rows.loc[copy, "example"].min())} if copy.any() else {}
    return rows[~copy], refused


def _rejected_table(rejected: dict[str, tuple[int, str]]) -> pd.DataFrame:
    kinds = [kind for kind in (MALFORMED, *KINDS, DUPLICATE) if kind in rejected]
    table = pd.DataFrame([(kind, *rejected[kind]) for kind in kinds], columns=["kind", "rows", "example"])
    return table.astype({"kind": "str", "rows": "int64", "example": "str"})

"""One partition of storefront records: DuckDB reads a file, refuses bad rows and counts the others."""

import glob
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

from digital_clusters.errors import DataError, FileError, ParameterError
from digital_clusters.sources.storefronts.counts import PartitionCounts, Plan, merge_rejected

COLUMNS = ("storefront", "city", "industry", "opened", "closed")
FIRST_POSSIBLE_YEAR = 1900

MALFORMED = "malformed line"
DUPLICATE = "duplicate storefront"
KINDS = {
    "missing key": "id IS NULL OR city_read IS NULL OR section IS NULL OR opened_read IS NULL",
    "not a whole number": "city IS NULL OR opened IS NULL OR (closed IS NULL AND closed_read IS NOT NULL)",
    "unknown city": "c IS NULL",
    "unknown industry": "i IS NULL",
    "year before 1900": "least(opened, closed) < {first}",
    "future date": "greatest(opened, closed) > {latest}",
    "closed before opened": "closed < opened",
}
"""Kind of bad row → condition. A row counts once, under the first kind that it meets."""

AS_READ = dict(zip(COLUMNS, ("id", "city_read", "section", "opened_read", "closed_read"), strict=True))
"""Column → the same in the query, as it stands in the file, NULL where the cell is empty."""

MOST_REPEATED = 2_000_000
"""Rows with an id that is not theirs alone, above which the column is taken for something else than an id."""

VECTORS = 512
"""Vectors of 2,048 rows that Python adds up at a time: faster than a grouping, which has as many groups as
there are pairs of years in every city and industry."""

WHOLE = {f"{sign}{size}INT" for sign in ("", "U") for size in ("TINY", "SMALL", "BIG", "HUGE")} | {
    "INTEGER",
    "UINTEGER",
}
"""DuckDB's types of whole numbers."""

BEYOND_64_BITS = {"UBIGINT", "HUGEINT", "UHUGEINT"}

SPLIT, MOST_BUCKETS = 4, 1024
"""Into how many buckets one is split that does not fit into memory, and the most there may be in all."""


class _OutOfMemory(ParameterError):
    """DuckDB or the comparison of ids cannot do with the memory it is given."""


def count_partition(path: str, plan: Plan, repeated: pd.DataFrame) -> PartitionCounts:
    """Openings, closings and bad rows of one file.

    Parameters
    ----------
    path : str
        A .parquet, .csv or .csv.gz file.
    plan : Plan
        Codes, years and limits.
    repeated : pandas.DataFrame
        Column ``storefront``: ids that occur more than once in all files together.

    Raises
    ------
    FileError
        If the file is empty or cannot be read.
    DataError
        If it lacks a column.
    ParameterError
        If DuckDB cannot do with the memory it is given.
    """
    with _connection(Path(path), plan) as connection:
        records = _records(connection, Path(path), plan, repeated)
        connection.execute(_places(records, plan, Path(path).name))
        opened, closed, rejected, rows = _add_up(connection, plan)
        connection.execute(
            "SELECT CAST(id AS VARCHAR) AS storefront, c, i, opened, closed, "
            f"{_example(Path(path).name)} AS example "
            f"FROM {records} WHERE is_repeated AND {_kind(plan)} IS NULL"
        )
        again = connection.df()
        malformed = _malformed(connection, Path(path))
    rows += sum(lines for lines, _ in malformed.values())
    return PartitionCounts(opened, closed, rejected | malformed, again, rows)


def _add_up(connection, plan: Plan) -> tuple[np.ndarray, np.ndarray, dict[str, tuple[int, str]], int]:
    """Openings, closings, bad rows and rows of the query that runs on ``connection``, chunk by chunk."""
    size, rows, rejected = int(np.prod(plan.shape)), 0, {}
    totals = {event: np.zeros(size + 1, dtype=np.int64) for event in ("opened", "closed")}
    while len(chunk := connection.fetch_df_chunk(VECTORS)):
        rows += len(chunk)
        for event, total in totals.items():
            total += np.bincount(chunk[event].to_numpy() + 1, minlength=size + 1)
        bad = chunk.loc[chunk["kind"] >= 0].groupby("kind")["example"].agg(["size", "min"])
        found = {list(KINDS)[kind]: (int(n), example) for kind, n, example in bad.itertuples()}
        rejected = merge_rejected(rejected, found)
    opened, closed = (total[1:].reshape(plan.shape) for total in totals.values())
    return opened, closed, rejected, rows


def repeated_ids(paths: Sequence[str], plan: Plan, bucket: int = 0, buckets: int = 1) -> pd.DataFrame:
    """Ids (column ``storefront``) that occur more than once in all files, among one bucket of hashes.

    A bucket that does not fit into the plan's memory is split, up to :data:`MOST_BUCKETS`.

    Raises
    ------
    DataError
        If more than :data:`MOST_REPEATED` rows of a bucket share their id with another.
    ParameterError
        If not even the smallest buckets fit.
    """
    try:
        return _repeated_ids(paths, plan, bucket, buckets)
    except _OutOfMemory:
        if buckets * SPLIT > MOST_BUCKETS:
            raise
    # hash % (4 b) of a bucket's ids is its number, or b, 2 b or 3 b more
    parts = (repeated_ids(paths, plan, bucket + k * buckets, buckets * SPLIT) for k in range(SPLIT))
    return pd.concat(list(parts), ignore_index=True)


def _repeated_ids(paths: Sequence[str], plan: Plan, bucket: int, buckets: int) -> pd.DataFrame:
    with _connection(Path(paths[0]), plan) as connection:
        kinds = {path: _types(connection, Path(path), plan)["storefront"] for path in paths}
        # Whole numbers are compared several times faster than their texts.
        native = len(set(kinds.values())) == 1
        name = plan.columns["storefront"]
        columns = {
            path: _as_read(name, kind) if native else _text(name, kind) for path, kind in kinds.items()
        }
        union = " UNION ALL ".join(
            f"SELECT {column} AS id FROM {_relation(Path(path))}" for path, column in columns.items()
        )
        share = f"AND hash(id) % {buckets} = {bucket}" if buckets > 1 else ""
        there = f"FROM ({union}) WHERE id IS NOT NULL {share}"
        if native and set(kinds.values()) <= WHOLE - BEYOND_64_BITS:
            found, rows = _repeated_numbers(connection, there, plan.memory_limit)
        else:
            connection.execute(
                f"CREATE TEMP TABLE repeated AS SELECT id, count(*) AS n {there} "
                "GROUP BY id HAVING count(*) > 1"
            )
            rows = connection.execute("SELECT coalesce(sum(n), 0)::BIGINT FROM repeated").fetchone()[0]
            found = connection.execute("SELECT CAST(id AS VARCHAR) AS storefront FROM repeated").df()
        if rows > MOST_REPEATED:
            raise DataError(
                f"column '{name}' does not tell shops apart: {len(found):,} ids stand in {rows:,} "
                "rows. Remove the copies, name the column that holds the shop, or count every row as a shop "
                "of its own (duplicates='ignore')."
            )
        return found


def _repeated_numbers(connection, there: str, memory_limit: str) -> tuple[pd.DataFrame, int]:
    """Repeated ids that are whole numbers, as text, and how many rows have them.

    A sort takes less than half of the time of DuckDB's grouping, and half of the memory limit at most here.
    """
    connection.execute(f"SELECT CAST(id AS BIGINT) AS id {there}")
    room, chunks = _bytes(memory_limit) // 2, []
    while len(chunk := connection.fetch_df_chunk(VECTORS)):
        chunks.append(chunk["id"].to_numpy(dtype=np.int64))
        room -= chunks[-1].nbytes
        if room < 0:
            raise _OutOfMemory(
                f"memory_limit = '{memory_limit}' is too little to compare the ids of all files"
            )
    ids = np.concatenate(chunks) if chunks else np.empty(0, dtype=np.int64)
    ids.sort()
    again = ids[1:] == ids[:-1]
    found = np.unique(ids[1:][again])
    return pd.DataFrame({"storefront": pd.Series(found.astype(str), dtype="str")}), int(again.sum()) + len(
        found
    )


def _bytes(size: str) -> float:
    """What a size such as ``500MB`` or ``1.5GiB`` is at least."""
    number, unit = re.fullmatch(r"([\d.]+)\s*([a-z]*)", size.strip().lower()).groups()
    return float(number) * 1000 ** "bkmgt".index(unit[:1] or "b")


@contextmanager
def _connection(path: Path, plan: Plan) -> Iterator:
    """A DuckDB connection with the plan's limits; what it spilled is removed in any case."""
    import duckdb

    with tempfile.TemporaryDirectory(prefix="storefronts-", dir=plan.spill) as folder:
        settings = {"memory_limit": plan.memory_limit, "threads": plan.threads, "temp_directory": folder}
        try:
            with duckdb.connect(config=settings | {"preserve_insertion_order": False}) as connection:
                yield connection
        except duckdb.OutOfMemoryException:
            raise _OutOfMemory(
                f"memory_limit = '{plan.memory_limit}' is too little to count {path.name} "
                f"on {plan.threads} threads: give more memory or fewer threads"
            ) from None
        except duckdb.Error as error:
            raise FileError(
                f"{path} cannot be read ({str(error).splitlines()[0]}). Export it again."
            ) from None


def _relation(path: Path) -> str:
    """The file as a DuckDB table function; CSV as text, so that a bad value is a bad row and no error."""
    name = glob.escape(str(path)).replace("'", "''")
    if path.suffix.lower() == ".parquet":
        return f"read_parquet('{name}')"
    return f"read_csv('{name}', header=true, delim=',', quote='\"', all_varchar=true, store_rejects=true)"


def _types(connection, path: Path, plan: Plan) -> dict[str, str]:
    """Our column → DuckDB type of the file's column."""
    if path.stat().st_size == 0:
        raise FileError(f"{path} is empty (0 bytes): export it again")
    described = connection.execute(f"DESCRIBE SELECT * FROM {_relation(path)}").fetchall()
    there = {name: kind for name, kind, *_ in described}
    lacking = [theirs for theirs in plan.columns.values() if theirs not in there]
    if lacking:
        raise DataError(
            f"{path.name}: storefront records need column '{lacking[0]}', which is not in the file. "
            f"Columns there: {', '.join(there)}."
        )
    return {ours: there[theirs] for ours, theirs in plan.columns.items()}


def _records(connection, path: Path, plan: Plan, repeated: pd.DataFrame) -> str:
    """Create the views that the counts are made from; returns the name of the last."""
    types = _types(connection, path, plan)
    connection.register("cities", pd.DataFrame({"city": plan.cities, "c": range(len(plan.cities))}))
    industries = pd.DataFrame({"section": plan.industries, "i": range(len(plan.industries))})
    connection.register("industries", industries)
    connection.register("repeated", repeated.astype({"storefront": "str"}))
    readers = dict.fromkeys(COLUMNS, _as_read) | {"industry": _text}
    texts = ", ".join(
        f"{read(plan.columns[ours], types[ours])} AS {AS_READ[ours]}" for ours, read in readers.items()
    )
    numbers = ", ".join(
        f"{_number(plan.columns[ours], types[ours], ours != 'city')} AS {ours}"
        for ours in ("city", "opened", "closed")
    )
    connection.execute(f"CREATE TEMP VIEW parsed AS SELECT {texts}, {numbers} FROM {_relation(path)}")
    kind = types["storefront"] if types["storefront"] in WHOLE else "VARCHAR"
    ids = f"SELECT id FROM (SELECT TRY_CAST(storefront AS {kind}) AS id FROM repeated) WHERE id IS NOT NULL"
    is_repeated = f"parsed.id IN ({ids})" if len(repeated) else "false"
    connection.execute(
        f"CREATE TEMP VIEW records AS SELECT parsed.*, c, i, {is_repeated} AS is_repeated FROM parsed "
        "LEFT JOIN cities USING (city) LEFT JOIN industries USING (section)"
    )
    return "records"


def _as_read(column: str, kind: str) -> str:
    """The column itself where an empty cell is NULL, else its text: a text of every number takes time."""
    return _text(column, kind) if kind in ("VARCHAR", "FLOAT", "DOUBLE") else _quoted(column)


def _text(column: str, kind: str) -> str:
    name = _quoted(column)
    if kind in ("FLOAT", "DOUBLE"):
        # pandas makes 7 a 7.0 where a cell of the column is empty, and the empty cell a NaN.
        whole = f"CASE WHEN {name} = floor({name}) THEN CAST(TRY_CAST({name} AS HUGEINT) AS VARCHAR) END"
        return f"CASE WHEN NOT isnan({name}) THEN coalesce({whole}, CAST({name} AS VARCHAR)) END"
    return f"nullif(trim(CAST({name} AS VARCHAR)), '')"


def _number(column: str, kind: str, is_year: bool) -> str:
    """The column as a whole number; NULL where it is none. Of a date, the year."""
    name = _quoted(column)
    if kind in WHOLE:
        return f"TRY_CAST({name} AS BIGINT)"
    if is_year and (kind == "DATE" or kind.startswith("TIMESTAMP")):
        return f"year({name})"
    # A cast to an integer would round 2010.5 without a word.
    decimal = f"TRY_CAST({name} AS DOUBLE)"
    number = f"CASE WHEN {decimal} = floor({decimal}) THEN TRY_CAST({decimal} AS BIGINT) END"
    return f"coalesce({number}, year(TRY_CAST({name} AS DATE)))" if is_year and kind == "VARCHAR" else number


def _kind(plan: Plan) -> str:
    """Place of the first kind in :data:`KINDS` that a row meets; NULL for a good row."""
    limits = {"first": FIRST_POSSIBLE_YEAR, "latest": plan.latest}
    cases = " ".join(
        f"WHEN {condition.format(**limits)} THEN {place}" for place, condition in enumerate(KINDS.values())
    )
    return f"(CASE {cases} END)"


def _example(file: str) -> str:
    values = ", ', ', ".join(
        f"'{ours} ', coalesce(CAST({name} AS VARCHAR), '(none)')" for ours, name in AS_READ.items()
    )
    return f"concat('{file.replace(chr(39), chr(39) * 2)}: ', {values})"


def _places(records: str, plan: Plan, file: str) -> str:
    """Each row's place in the flattened counts of openings and closings (−1: in none), and its fault."""
    _, industries, slots = plan.shape
    places = ", ".join(
        f"CASE WHEN kind IS NULL AND NOT is_repeated AND {event} <= {plan.last_year} "
        f"THEN (c * {industries} + i) * {slots} + greatest({event} - {plan.first_year} + 1, 0) "
        f"ELSE -1 END AS {event}"
        for event in ("opened", "closed")
    )
    return (
        f"SELECT coalesce(kind, -1) AS kind, {places}, "
        f"CASE WHEN kind IS NOT NULL THEN {_example(file)} END AS example "
        f"FROM (SELECT *, {_kind(plan)} AS kind FROM {records})"
    )


def _malformed(connection, path: Path) -> dict[str, tuple[int, str]]:
    """Lines of a CSV file that have too few or too many fields, or are not UTF-8."""
    if path.suffix.lower() == ".parquet":
        return {}
    lines, example = connection.execute(
        "SELECT count(DISTINCT line), min('line ' || line || ', ' || csv_line) FROM reject_errors"
    ).fetchone()
    return {MALFORMED: (lines, f"{path.name}: {example}")} if lines else {}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

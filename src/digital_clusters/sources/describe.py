"""What a source of data has: tables, columns, units, years, and what is missing and why."""

from pathlib import Path

import pandas as pd

from digital_clusters.sources import open_source
from digital_clusters.sources.schema import codebook, describe_columns
from digital_clusters.sources.tables import RawTables


def describe_source(source: str, mirror: Path | None = None) -> str:
    """The tables of ``twin`` or ``public`` as text; ``mirror`` is a folder with the public files."""
    return describe_tables(open_source(source, mirror=mirror))


def describe_folder(folder: Path) -> str:
    """The tables of a user's own folder as text, and what was refused on the way in."""
    return describe_tables(open_source("folder", folder=folder))


def describe_tables(tables: RawTables) -> str:
    """One block a table of the codebook, then the reasons for everything that is missing."""
    blocks = [f"{tables.label}, fingerprint {tables.fingerprint[:12]}"]
    for name, entry in codebook().items():
        if tables.has(name):
            blocks.append(_block(name, entry["row"], presence(tables, name)))
    missing = [f"  {name}: {reason}" for name, reason in sorted(tables.missing.items())]
    blocks.append("\n".join(["not in this source:", *missing]) if missing else "nothing is missing")
    if tables.source == "folder" and len(tables.log):
        blocks.append(_refused(tables.log))
    return "\n\n".join(blocks)


def _refused(log: pd.DataFrame) -> str:
    """How many rows and values were refused, by file and rule, with the first of each."""
    kinds = log.groupby(["file", "rule", "column", "action"], sort=False)["value"].agg(["size", "first"])
    lines = [
        f"  {file}{', ' + column if column else ''}: {rule}, {action}: {count:,}, the first in {first}"
        for (file, rule, column, action), (count, first) in kinds.iterrows()
    ]
    return "\n".join(["refused:", *lines])


def presence(tables: RawTables, name: str) -> pd.DataFrame:
    """One row a column of a table: unit, share of rows with a value, first and last year with one."""
    frame = tables.table(name)
    units = describe_columns(name).set_index("column")["unit"]
    rows = []
    for column in frame:
        present = frame[column].notna()
        years = frame.loc[present, "year"] if "year" in frame else pd.Series(dtype="int64")
        span = f"{years.min()}–{years.max()}" if len(years) else ""
        rows.append((column, units.get(column, ""), present.mean(), span))
    return pd.DataFrame(rows, columns=["column", "unit", "present", "years"])


def _block(name: str, row: str, columns: pd.DataFrame) -> str:
    shown = columns.to_string(index=False, justify="left", formatters={"present": "{:.1%}".format})
    return f"{name}: one row is {row}\n{shown}"

"""Storefront records of a user's own folder, counted into ``city_industry_year`` and never loaded whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from digital_clusters.errors import DataError
from digital_clusters.sources.folder.column_map import ColumnMap
from digital_clusters.sources.schema import validate
from digital_clusters.sources.storefronts import aggregate_storefronts
from digital_clusters.sources.storefronts.files import record_files

TABLE = "city_industry_year"
COUNTED = f"its records are counted into {TABLE}.storefronts, file by file"


@dataclass(frozen=True)
class OwnRecords:
    """Files of records and how to count them: our column → theirs, and options of the count."""

    files: tuple[str, ...]
    columns: Mapping[str, str]
    options: Mapping[str, Any]


def own_records(folder: Path, declared: ColumnMap) -> OwnRecords | None:
    """The records that an entry ``storefronts`` with ``files`` names; ``None`` without such an entry.

    Raises
    ------
    DataError
        If there is no table to count into, or if that has the column already.
    FileError
        If there are no such files.
    """
    entry = declared.records
    if entry is None:
        return None
    if TABLE not in declared.tables:
        raise DataError(
            f"{declared.path}: storefront records are counted into '{TABLE}': name that table too"
        )
    if "storefronts" in declared.columns(TABLE):
        raise DataError(
            f"{declared.path}: '{TABLE}' has a column 'storefronts' and there are records: leave one out"
        )
    options = {name: getattr(entry, name) for name in ("memory_limit", "threads")}
    options = {name: value for name, value in options.items() if value is not None}
    return OwnRecords(tuple(record_files([folder / name for name in entry.files])), entry.columns, options)


def with_storefronts(
    table: pd.DataFrame, cities: pd.DataFrame, records: OwnRecords, log: pd.DataFrame
) -> pd.DataFrame:
    """``city_industry_year`` with the shops open at the end of each year.

    Years are those of ``table``. A city and industry with shops that is not in ``table`` in a year gets a row
    without employment. Bad rows go to ``log`` (in place), one entry a kind with their number.
    """
    years = {"first_year": int(table["year"].min()), "last_year": int(table["year"].max())}
    found = aggregate_storefronts(
        records.files, cities=cities["city"], columns=records.columns, **years, **records.options
    )
    for bad in found.rejected.itertuples():
        value = f"{bad.rows:,} in all, such as {bad.example}"
        log.loc[len(log)] = [
            "storefronts",
            TABLE,
            bad.kind,
            pd.NA,
            pd.NA,
            "storefronts",
            value,
            "rows dropped",
        ]
    shops = found.counts.rename(columns={"open": "storefronts"}).drop(columns=["opened", "closed"])
    both = table.merge(shops, on=["city", "industry", "year"], how="outer", indicator="side")
    kept = both[(both["side"] != "right_only") | (both["storefronts"] > 0)]
    return validate(kept.drop(columns="side").reset_index(drop=True), TABLE, "storefront records")

"""Storefront records of a user's own folder, counted into ``city_industry_year`` and never loaded whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from digital_clusters.errors import DataError
from digital_clusters.sources.schema import validate
from digital_clusters.sources.storefronts import aggregate_storefronts
from digital_clusters.sources.storefronts.files import record_files

TABLE = "city_industry_year"
KEYS = {"files", "columns", "memory_limit", "threads"}
"""What an entry ``storefronts`` with ``files`` may have."""

COUNTED = f"its records are counted into {TABLE}.storefronts, file by file"


@dataclass(frozen=True)
class OwnRecords:
    """Files of records and how to count them: our column → theirs, and options of the count."""

    files: tuple[str, ...]
    columns: Mapping[str, str]
    options: Mapping[str, Any]


def own_records(folder: Path, entries: Mapping[str, dict], origin: Path) -> OwnRecords | None:
    """The records that an entry ``storefronts`` with ``files`` names; ``None`` without such an entry.

    Raises
    ------
    DataError
        If the entry has an unknown key or a factor, if there is no table to count into, or if that has
        the column already.
    FileError
        If there are no such files.
    """
    entry = entries.get("storefronts", {})
    if "files" not in entry:
        return None
    unknown = sorted(entry.keys() - KEYS)
    if unknown:
        raise DataError(
            f"{origin}: table 'storefronts' has unknown entry '{unknown[0]}'; "
            f"with 'files' known are: {', '.join(sorted(KEYS))}"
        )
    scaled = [ours for ours, theirs in entry["columns"].items() if not isinstance(theirs, str)]
    if scaled:
        raise DataError(f"{origin}: column '{scaled[0]}' of storefront records takes a name and no factor")
    if TABLE not in entries:
        raise DataError(f"{origin}: storefront records are counted into '{TABLE}': name that table too")
    if "storefronts" in entries[TABLE]["columns"]:
        raise DataError(
            f"{origin}: '{TABLE}' has a column 'storefronts' and there are records: leave one out"
        )
    files = entry["files"] if isinstance(entry["files"], list) else [entry["files"]]
    options = {name: entry[name] for name in ("memory_limit", "threads") if name in entry}
    return OwnRecords(tuple(record_files([folder / name for name in files])), entry["columns"], options)


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

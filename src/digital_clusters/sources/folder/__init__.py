"""A user's own files, with a column map in ``columns.yml``.

Examples
--------
A folder holds ``panel.csv`` and this ``columns.yml``::

    city_year:
      file: panel.csv            # .csv, .xlsx, .xls, .dta or .parquet
      encoding: gb18030          # of a CSV file; utf-8 by default
      columns:                   # our name: name in the file
        city: code
        year: year
        gdp: gdp_100m
        loans: {column: loans_yuan, factor: 0.0001}   # to the unit of the codebook
    lights:
      file: lights.xlsx
      sheet: townships           # the first sheet by default
      columns: {city: code, unit: town, year: year, radiance: mean}
    city_industry_year:
      file: employment.csv
      columns: {city: code, industry: section, year: year, employment: employed}
    storefronts:
      files: records/*.parquet   # a pattern, a folder or a list: .parquet, .csv (UTF-8) or .csv.gz
      memory_limit: 2GB          # 1GB by default
      columns: {storefront: shop, city: code, industry: section, opened: from, closed: to}

With ``file`` storefront records are a table like any other. With ``files`` they may be larger than memory:
``city_industry_year.storefronts`` is counted from them (:mod:`digital_clusters.sources.storefronts`), bad
rows go to the log by kind, and the table ``storefronts`` itself is not offered.

Names and units on the left are those of ``data/codebook.yml``. Without a table ``cities`` the project's own
list of Chinese cities is used.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import pandas as pd
import yaml

from digital_clusters.errors import DataError, FileError
from digital_clusters.sources.folder.records import COUNTED, TABLE, own_records, with_storefronts
from digital_clusters.sources.policies import city_facts
from digital_clusters.sources.schema import check_cities, codebook, validate
from digital_clusters.sources.tables import RawTables, empty_log
from digital_clusters.sources.upstream import sha256

MAP_NAME = "columns.yml"
HEADER_ROWS = 2
"""Row number of the first row of data, counting from 1 with the header: what errors name."""

ENTRY_KEYS = {"file", "sheet", "encoding", "columns"}
USUAL_ENCODINGS = ("utf-8", "gb18030", "latin-1")
NOT_IN_MAP = "it is not in columns.yml"


def open_folder(folder: Path) -> RawTables:
    """Raw tables from the files that ``folder/columns.yml`` names.

    Each file is read when its table is asked for.

    Raises
    ------
    FileError
        If the map or a file is missing, empty, or cannot be read (truncated, wrong encoding).
    DataError
        If the map names an unknown table or column, a file lacks a column, or a table breaks its
        schema.
    """
    origin = Path(folder) / MAP_NAME
    entries = _column_map(origin)
    records = own_records(Path(folder), entries, origin)
    if records is not None:
        entries = {table: entry for table, entry in entries.items() if table != "storefronts"}
    paths = {table: Path(folder) / entry["file"] for table, entry in entries.items()}
    for path in paths.values():
        _check_file(path)
    provenance = {MAP_NAME: sha256(origin)}
    provenance |= {path.name: sha256(path) for path in paths.values()}
    loaders, missing, log = _loaders(entries, paths), _missing(entries), empty_log()
    if records is not None:
        provenance |= {
            os.path.relpath(path, Path(folder).resolve()): sha256(Path(path)) for path in records.files
        }
        table, cities = loaders[TABLE], loaders["cities"]
        loaders[TABLE] = lambda: with_storefronts(table(), cities(), records, log)
        del missing[f"{TABLE}.storefronts"]
        missing["storefronts"] = COUNTED
    return RawTables(source="folder", loaders=loaders, missing=missing, provenance=provenance, log=log)


def _loaders(entries: dict[str, dict], paths: dict[str, Path]) -> dict[str, Callable[[], pd.DataFrame]]:
    def read_cities() -> pd.DataFrame:
        if "cities" not in entries:
            return validate(city_facts(), "cities", "data/policies/cities.csv")
        path = paths["cities"]
        return validate(_read_mapped(path, "cities", entries["cities"]), "cities", path.name)

    def read(table: str) -> pd.DataFrame:
        path = paths[table]
        frame = _read_mapped(path, table, entries[table])
        # Codes are checked while the row numbers of the file are still there.
        number = pd.to_numeric(frame["city"], errors="coerce")
        coded = frame[number.notna()].assign(city=number[number.notna()])
        check_cities(coded, read_cities(), table, path.name)
        return validate(frame, table, path.name)

    others = {table: (lambda table=table: read(table)) for table in entries if table != "cities"}
    return {"cities": read_cities} | others


def _missing(entries: dict[str, dict]) -> dict[str, str]:
    missing = {}
    for table, facts in codebook().items():
        if table in entries:
            absent = facts["columns"].keys() - entries[table]["columns"].keys()
            missing |= {f"{table}.{column}": NOT_IN_MAP for column in sorted(absent)}
        elif table != "cities":
            missing[table] = NOT_IN_MAP
    return missing


def _column_map(path: Path) -> dict[str, dict[str, Any]]:
    if not path.is_file():
        raise FileError(f"{path} is missing: it says which file and column holds what (see data/README.md)")
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise FileError(f"{path} is not YAML in UTF-8: {error}") from None
    if not isinstance(entries, dict) or not entries:
        raise FileError(f"{path} is empty: name at least one table, with its file and columns")
    for table, entry in entries.items():
        _check_entry(path, table, entry)
    return entries


def _check_entry(path: Path, table: str, entry: Any) -> None:
    if table not in codebook():
        raise DataError(f"{path}: unknown table '{table}'; the tables are: {', '.join(codebook())}")
    counted = table == "storefronts" and isinstance(entry, dict) and "files" in entry
    if not isinstance(entry, dict) or not {"files" if counted else "file", "columns"} <= entry.keys():
        raise DataError(f"{path}: table '{table}' needs 'file' and 'columns'")
    unknown = [] if counted else sorted(entry.keys() - ENTRY_KEYS)
    if unknown:
        raise DataError(
            f"{path}: table '{table}' has unknown entry '{unknown[0]}'; "
            f"known are: {', '.join(sorted(ENTRY_KEYS))}"
        )
    if not isinstance(entry["columns"], dict):
        raise DataError(f"{path}: 'columns' of table '{table}' must be a list of `our name: their name`")
    wrong = [column for column in entry["columns"] if column not in codebook()[table]["columns"]]
    if wrong:
        known = ", ".join(codebook()[table]["columns"])
        raise DataError(f"{path}: table '{table}' has no column '{wrong[0]}'. It may have: {known}.")


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise FileError(f"{path} is missing: {MAP_NAME} names it")
    if path.stat().st_size == 0:
        raise FileError(f"{path} is empty (0 bytes): export it again")


def _read_mapped(path: Path, table: str, entry: dict[str, Any]) -> pd.DataFrame:
    """The mapped columns under our names, in our units; the index counts rows as the file does."""
    raw = _read(path, entry)
    frame = {}
    for ours, theirs in entry["columns"].items():
        name, factor = (
            (theirs["column"], theirs.get("factor", 1)) if isinstance(theirs, dict) else (theirs, 1)
        )
        if name not in raw:
            there = ", ".join(map(str, raw.columns)) or "none"
            raise DataError(
                f"{path.name}: table '{table}' needs column '{name}' (for {ours}), which is not in the file. "
                f"Columns there: {there}. Correct {MAP_NAME}."
            )
        frame[ours] = raw[name] if factor == 1 else _scaled(raw[name], factor)
    return pd.DataFrame(frame).set_axis(np.arange(len(raw)) + HEADER_ROWS)


def _scaled(column: pd.Series, factor: float) -> pd.Series:
    """``column`` times ``factor``; text stays, for the schema to name it with its row."""
    number = pd.to_numeric(column, errors="coerce")
    text = number.isna() & column.notna()
    return (number * factor).astype("object").mask(text, column) if text.any() else number * factor


def _read(path: Path, entry: dict[str, Any]) -> pd.DataFrame:
    import pyarrow as pa

    readers = {
        ".csv": _read_csv,
        ".xlsx": _read_excel,
        ".xls": _read_excel,
        ".dta": lambda path, entry: pd.read_stata(path, convert_categoricals=False),
        ".parquet": lambda path, entry: pd.read_parquet(path),
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise FileError(f"{path.name}: files of kind '{path.suffix}' are not read; use {', '.join(readers)}")
    try:
        return reader(path, entry)
    except UnicodeDecodeError as error:
        tried = entry.get("encoding", "utf-8")
        others = ", ".join(e for e in USUAL_ENCODINGS if e != tried)
        raise FileError(
            f"{path.name} is not in encoding '{tried}' (byte {error.start:,}). Put the right one under "
            f"'encoding' in {MAP_NAME}, for example {others}."
        ) from None
    except LookupError:
        raise FileError(f"{path.name}: there is no encoding '{entry.get('encoding')}'") from None
    except pd.errors.EmptyDataError:
        raise FileError(f"{path.name} is empty: export it again") from None
    except (ValueError, OSError, EOFError, BadZipFile, pa.ArrowException, *_excel_errors()) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise FileError(
            f"{path.name} cannot be read ({reason}): it is truncated, or not what "
            "its name says. Export it again."
        ) from None


def _read_csv(path: Path, entry: dict[str, Any]) -> pd.DataFrame:
    return pd.read_csv(path, encoding=entry.get("encoding", "utf-8"), skip_blank_lines=False)


def _read_excel(path: Path, entry: dict[str, Any]) -> pd.DataFrame:
    with pd.ExcelFile(path, engine="calamine") as book:
        sheet = entry.get("sheet", book.sheet_names[0])
        if sheet not in book.sheet_names:
            raise DataError(
                f"{path.name} has no sheet '{sheet}'; its sheets are: {', '.join(map(str, book.sheet_names))}"
            )
        return pd.read_excel(book, sheet_name=sheet)


def _excel_errors() -> tuple[type[Exception], ...]:
    from python_calamine import CalamineError

    return (CalamineError,)

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

A heading with ``{year}`` in it stands for one column a year (``gdp: "GDP{year}"``). Variables of one table
in several files are a list of entries. ``missing`` lists text that stands for no value, ``leave_out`` cities
whose rows are dropped, and ``out_of_range: missing`` sets impossible values to missing; all go to the log.

With ``file`` storefront records are a table like any other. With ``files`` they may be larger than memory:
``city_industry_year.storefronts`` is counted from them (:mod:`digital_clusters.sources.storefronts`), bad
rows go to the log by kind, and the table ``storefronts`` itself is not offered.

Names and units on the left are those of ``data/codebook.yml``. Without a table ``cities`` the project's own
list of Chinese cities is used.
"""

import datetime
import os
from collections.abc import Callable
from functools import reduce
from pathlib import Path

import numpy as np
import pandas as pd

from digital_clusters.errors import DataError, FileError
from digital_clusters.sources.cells import blanks, numbers, plain_text, years
from digital_clusters.sources.city_names import Cities, read_cities
from digital_clusters.sources.folder.column_map import MAP_NAME, YEAR_MARK, ColumnMap, Entry, read_map
from digital_clusters.sources.folder.own_files import Table, lacking, read_table
from digital_clusters.sources.folder.records import COUNTED, TABLE, own_records, with_storefronts
from digital_clusters.sources.listed_file import sha256
from digital_clusters.sources.policies import city_facts
from digital_clusters.sources.schema import SHOWN, check_cities, codebook, validate
from digital_clusters.sources.tables import RawTables, empty_log

NOT_IN_MAP = "it is not in columns.yml"
YES_NO = {"true": 1, "false": 0, "yes": 1, "no": 0, "是": 1, "否": 0}
DROPPED, SET_MISSING = "row dropped", "value set to missing"

LONGEST_LOGGED = 80
"""Characters of a note that the log keeps."""


def open_folder(folder: Path) -> RawTables:
    """Raw tables from the files that ``folder/columns.yml`` names.

    Each file is read when its table is asked for.

    Raises
    ------
    FileError
        If the map or a file is missing, empty, or cannot be read (truncated, wrong encoding, protected).
    DataError
        If the map breaks its schema (:mod:`digital_clusters.sources.folder.column_map`), a file lacks a
        column, or a table breaks its own.
    """
    origin = Path(folder) / MAP_NAME
    declared = read_map(origin)
    records = own_records(Path(folder), declared)
    paths = {entry.file: Path(folder) / entry.file for part in declared.tables.values() for entry in part}
    for path in paths.values():
        _check_file(path)
    provenance = {MAP_NAME: sha256(origin)} | {name: sha256(path) for name, path in paths.items()}
    log = empty_log()
    loaders, missing = _loaders(declared, paths, log), _missing(declared)
    if records is not None:
        provenance |= {
            os.path.relpath(path, Path(folder).resolve()): sha256(Path(path)) for path in records.files
        }
        table, cities = loaders[TABLE], loaders["cities"]
        loaders[TABLE] = lambda: with_storefronts(table(), cities(), records, log)
        del missing[f"{TABLE}.storefronts"]
        missing["storefronts"] = COUNTED
    return RawTables(source="folder", loaders=loaders, missing=missing, provenance=provenance, log=log)


def _loaders(
    declared: ColumnMap, paths: dict[str, Path], log: pd.DataFrame
) -> dict[str, Callable[[], pd.DataFrame]]:
    own_cities = "cities" in declared.tables

    def read_cities_table() -> pd.DataFrame:
        if not own_cities:
            return validate(city_facts(), "cities", "data/policies/cities.csv")
        entries = declared.tables["cities"]
        parts = [read_entry(paths[entry.file], "cities", entry, None, log) for entry in entries]
        return _together("cities", parts)

    def read(table: str) -> pd.DataFrame:
        cities = read_cities_table()
        known = cities if own_cities else None
        parts = [read_entry(paths[entry.file], table, entry, known, log) for entry in declared.tables[table]]
        return _together(table, parts)

    others = {table: (lambda table=table: read(table)) for table in declared.tables if table != "cities"}
    return {"cities": read_cities_table} | others


def _together(table: str, parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Entries of one table side by side, a row for every key that one of them has."""
    if len(parts) == 1:
        return parts[0]
    key = codebook()[table]["key"]
    both = reduce(lambda left, right: left.merge(right, on=key, how="outer"), parts)
    return validate(both, table, ", ".join(f"file {place + 1}" for place in range(len(parts))))


def _missing(declared: ColumnMap) -> dict[str, str]:
    missing = {}
    for table, facts in codebook().items():
        if table in declared.tables:
            absent = facts["columns"].keys() - declared.columns(table)
            missing |= {f"{table}.{column}": NOT_IN_MAP for column in sorted(absent)}
        elif table != "cities":
            missing[table] = NOT_IN_MAP
    return missing


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise FileError(f"{path} is missing: {MAP_NAME} names it")
    if path.stat().st_size == 0:
        raise FileError(f"{path} is empty (0 bytes): export it again")


def read_entry(
    path: Path, table: str, entry: Entry, own_cities: pd.DataFrame | None, log: pd.DataFrame
) -> pd.DataFrame:
    """The columns of one entry under our names and units, validated; what is dropped is in the log."""
    names = [column.column for column in entry.columns.values()]
    if not names:
        raise DataError(f"{path.name}, table '{table}': 'columns' in {MAP_NAME} names no column")
    found = read_table(path, names, sheet=entry.sheet, encoding=entry.encoding)
    frame = _without_notes(_mapped(found, path, table, entry), path, table, entry, own_cities, log)
    if table != "cities" and "city" in frame:
        frame = _with_codes(frame, path, table, entry, own_cities, log)
        # Codes are checked while the row numbers of the file are still there.
        known = city_facts() if own_cities is None else own_cities
        check_cities(frame[frame["city"].notna()], known, table, path.name)
    frame = _typed(frame, path, table, entry)
    if entry.out_of_range == "missing":
        frame = _in_range(frame, path, table, log)
    return validate(frame, table, path.name)


def _mapped(found: Table, path: Path, table: str, entry: Entry) -> pd.DataFrame:
    """Cells under our names; the index says row (and column of the year) as in the file."""
    plain, wide = {}, {}
    for ours, theirs in entry.columns.items():
        try:
            places = found.places(theirs.column)
        except DataError as error:
            raise DataError(f"{path.name}, table '{table}': {error}") from None
        if not places:
            raise DataError(lacking(found, path, theirs.column, f"table '{table}' (for {ours})"))
        if YEAR_MARK in theirs.column:
            wide[ours] = {year: found.rows[place] for year, place in places.items()}
        else:
            plain[ours] = _cells(found, places[""], ours)
    if not wide:
        return pd.DataFrame(plain, index=found.rows.index)
    return _long(plain, wide, found.rows.index)


def _cells(found: Table, place: int, ours: str) -> pd.Series:
    """A column; where numbers stand for labels (Stata), cities and industries are what the labels say."""
    cells = found.rows[place]
    if ours not in ("city", "industry") or place not in found.labels:
        return cells
    labels = found.labels[place].astype("object")
    return cells.astype("object").mask(labels.notna() & read_cities(cells).code.isna(), labels)


def _long(plain: dict[str, pd.Series], wide: dict[str, dict[str, pd.Series]], rows: pd.Index) -> pd.DataFrame:
    parts = []
    for year in sorted({year for columns in wide.values() for year in columns}):
        blank = pd.Series(np.nan, index=rows, dtype="object")
        values = {ours: columns.get(year, blank) for ours, columns in wide.items()}
        part = pd.DataFrame(plain | values | {"year": int(year)}, index=rows)
        parts.append(part.set_axis([f"{row}, column {year}" for row in rows], axis=0))
    return pd.concat(parts)


def _without_notes(
    frame: pd.DataFrame,
    path: Path,
    table: str,
    entry: Entry,
    own_cities: pd.DataFrame | None,
    log: pd.DataFrame,
) -> pd.DataFrame:
    """Without blank rows and without lines of text under (or over) the table, which go to the log.

    A line of text is a row that names no city, lacks another key, and holds no number.
    """
    wide = any(YEAR_MARK in column.column for column in entry.columns.values())
    given = [column for column in frame if not (wide and column == "year")]
    blank = pd.DataFrame({column: blanks(frame[column], entry.missing) for column in given})
    keys = [key for key in codebook()[table]["key"] if key in given]
    values = [column for column in given if column not in keys]
    numeric = {c: pd.to_numeric(numbers(frame[c], entry.missing), errors="coerce").notna() for c in values}
    no_number = ~pd.DataFrame(numeric, index=frame.index).any(axis=1)
    keyed = pd.DataFrame({key: _is_key(frame[key], key, own_cities) for key in keys}, index=frame.index)
    note = no_number & ~keyed.iloc[:, 0] & ~keyed.iloc[:, 1:].any(axis=1) & ~blank.all(axis=1)
    if table != "cities" and wide:
        note &= blank[values].all(axis=1) if values else note
    rows = frame[note]
    texts = rows.apply(lambda row: "; ".join(filter(None, map(plain_text, row[given]))), axis=1)
    _enter(log, path, table, "row without city or year", rows, "", texts if len(rows) else None, DROPPED)
    return frame[~note & ~blank.all(axis=1)]


def _is_key(cells: pd.Series, key: str, own_cities: pd.DataFrame | None) -> pd.Series:
    """Whether each cell can be a key: a known or numeric city, a year, anything that is not blank."""
    if key == "city":
        number = pd.to_numeric(numbers(cells), errors="coerce").notna()
        return number | read_cities(cells, own_cities).code.notna()
    if key == "year":
        return pd.to_numeric(numbers(years(cells)), errors="coerce").notna() | cells.map(_is_date)
    return ~blanks(cells)


def _is_date(cell: object) -> bool:
    return isinstance(cell, datetime.date)


def _with_codes(
    frame: pd.DataFrame,
    path: Path,
    table: str,
    entry: Entry,
    own_cities: pd.DataFrame | None,
    log: pd.DataFrame,
) -> pd.DataFrame:
    """Codes of cities in place of old codes, short codes and names."""
    cells = frame["city"].mask(blanks(frame["city"], entry.missing))
    wanted = {plain_text(name) for name in entry.leave_out}
    left = cells.map(plain_text).isin(wanted) & cells.notna()
    _enter(log, path, table, "city left out by columns.yml", frame[left], "city", cells[left], DROPPED)
    frame, cells = frame[~left], cells[~left]
    read = read_cities(cells, own_cities)
    _check_read(frame, cells, read, path, table)
    frame = frame.assign(city=read.code)
    key = [column for column in codebook()[table]["key"] if column in frame]
    second = read.superseded & frame.duplicated(key, keep=False)
    second &= frame.set_index(key).index.isin(frame[~read.superseded].set_index(key).index)
    _enter(log, path, table, "two codes of one city in a year", frame[second], "city", cells[second], DROPPED)
    return frame[~second]


def _check_read(frame: pd.DataFrame, cells: pd.Series, read: Cities, path: Path, table: str) -> None:
    rows = frame.index[(read.why_not != "").to_numpy()]
    if not len(rows):
        return
    others = [key for key in codebook()[table]["key"] if key in frame and key != "city"]
    places = []
    for row in rows[:SHOWN]:
        names = ", ".join(f"{key} {plain_text(frame.at[row, key])[:40]}" for key in others)
        why = read.why_not[row] if read.why_not[row] != "unknown city code" else ""
        shown = plain_text(cells[row])[:40] + (f" ({why})" if why else "")
        places.append(f"row {row}" + (f" ({names})" if names else "") + f": {shown}")
    more = f"; and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
    raise DataError(
        f"{path.name}, table '{table}', column 'city': unknown city code in {'; '.join(places)}{more}. "
        f"Correct the cell, list it under 'leave_out' in {MAP_NAME}, or add the city to the table 'cities'."
    )


def _typed(frame: pd.DataFrame, path: Path, table: str, entry: Entry) -> pd.DataFrame:
    """Columns as the types of the codebook want them; what cannot be read stays, for the schema to name."""
    return pd.DataFrame(
        {ours: _column(frame[ours], path, table, ours, entry) for ours in frame}, index=frame.index
    )


def _column(cells: pd.Series, path: Path, table: str, ours: str, entry: Entry) -> pd.Series:
    kind = codebook()[table]["columns"][ours]["type"]
    if ours in ("year", "opened", "closed", "delta_council_year"):
        return _years(cells, path, table, ours, entry)
    if "number" in kind or "integer" in kind:
        factor = entry.columns[ours].factor if ours in entry.columns else 1
        return _scaled(numbers(cells, entry.missing), factor)
    cells = cells.astype("object").mask(blanks(cells, entry.missing), np.nan)
    if kind == "yes/no":
        return numbers(cells.map(lambda cell: YES_NO.get(plain_text(cell).lower(), cell)))
    if kind == "identifier":
        return _identifiers(cells)
    return cells.map(plain_text, na_action="ignore") if "text" in kind else cells


def _identifiers(cells: pd.Series) -> pd.Series:
    """Whole numbers where all are such (and none begins with 0), else as they are."""
    text = cells.map(plain_text)
    whole = text.str.fullmatch(r"0|[1-9]\d{0,17}").all()
    return text.astype("int64") if whole and len(cells) else cells


def _years(cells: pd.Series, path: Path, table: str, ours: str, entry: Entry) -> pd.Series:
    read = numbers(years(cells, entry.missing), entry.missing)
    dates = read.index[read.map(_is_date).to_numpy(bool)]
    if len(dates):
        raise DataError(
            f"{path.name}, table '{table}', column '{ours}': row {dates[0]} holds a date, "
            f"{read[dates[0]]:%Y-%m-%d}, not a year. Put the year alone there."
        )
    return read


def _in_range(frame: pd.DataFrame, path: Path, table: str, log: pd.DataFrame) -> pd.DataFrame:
    """Values outside the range of the codebook set to missing, in columns that may have gaps."""
    kept = {}
    for column in frame:
        facts = codebook()[table]["columns"][column]
        number = pd.to_numeric(frame[column], errors="coerce")
        low, high = facts.get("minimum", -np.inf), facts.get("maximum", np.inf)
        outside = (number < low) | (number > high) | (number <= facts.get("above", -np.inf))
        if facts["type"].startswith("optional") and outside.any():
            rule = "value outside its range"
            _enter(log, path, table, rule, frame[outside], column, frame.loc[outside, column], SET_MISSING)
            kept[column] = frame[column].mask(outside)
    return frame.assign(**kept)


def _enter(
    log: pd.DataFrame,
    path: Path,
    table: str,
    rule: str,
    rows: pd.DataFrame,
    column: str,
    values: pd.Series | None,
    action: str,
) -> None:
    """One line of the log for each of ``rows``, in place."""
    for row in rows.index:
        city, year = (_whole(rows.at[row, key]) if key in rows else pd.NA for key in ("city", "year"))
        value = "" if values is None else plain_text(values[row])[:LONGEST_LOGGED]
        log.loc[len(log)] = [path.name, table, rule, city, year, column, f"row {row}: {value}", action]


def _whole(cell: object) -> object:
    text = plain_text(cell)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else pd.NA


def _scaled(column: pd.Series, factor: float) -> pd.Series:
    """``column`` times ``factor``; text stays, for the schema to name it with its row."""
    if factor == 1:
        return column
    number = pd.to_numeric(column, errors="coerce")
    text = number.isna() & column.notna()
    return (number * factor).astype("object").mask(text, column) if text.any() else number * factor

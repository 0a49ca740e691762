"""What every reader of a public file does: headers, numbers, city codes, duplicates, years."""

import numpy as np
import pandas as pd

from digital_clusters.errors import DataError, FileError
from digital_clusters.sources.city_codes import clean_names, codes_of_names, current_codes
from digital_clusters.sources.policies import city_facts, known_errors, units_left_out
from digital_clusters.sources.refusals import Refusals

FIRST_YEAR, LAST_YEAR = 2000, 2023
"""Years of the public city panel: those of the sectoral value added that all studies need."""

TREND_LIMIT = 0.8
"""Distance from the city's own trend, in log points, at which a value is refused."""

SHORTEST_TREND = 5
"""Fewest years from which a city's trend is drawn."""

DROPPED = "row dropped"
SET_MISSING = "value set to missing"
KNOWN_ERROR = "known error at source"


def city_years(
    raw: pd.DataFrame,
    columns: dict[str, str],
    file: str,
    log: Refusals,
    *,
    by: str = "code",
    first_year: int = FIRST_YEAR,
) -> pd.DataFrame:
    """A tidy table, one row a city-year, from a file as it was published.

    Parameters
    ----------
    raw : pandas.DataFrame
        The file's rows.
    columns : dict of str to str
        Our column → header in the file; ``city`` and ``year`` among them.
    file : str
        Key of the file, for the log.
    log : Refusals
        Takes every row and value refused.
    by : str
        ``code`` or ``name``: what the file's city column holds.
    first_year : int
        First year kept.

    Raises
    ------
    FileError
        If the file lacks a column.
    DataError
        If it has a city that is neither in ``data/policies/cities.csv`` nor among the units left out.
    """
    lacking = [header for header in columns.values() if header not in raw]
    if lacking:
        raise FileError(f"public file '{file}' has no column '{lacking[0]}': it is not the version expected")
    frame = pd.DataFrame({ours: raw[theirs] for ours, theirs in columns.items()})
    frame = _with_city_and_year(frame, file, log)
    frame = frame[frame["year"].between(first_year, LAST_YEAR)]
    frame = _with_codes(frame, file, log, by)
    for column in frame.columns.difference(["city", "year"]):
        frame[column] = _numbers(frame, column, file, log)
    return frame.sort_values(["city", "year"], ignore_index=True)


def listed_errors(frame: pd.DataFrame, column: str, file: str) -> pd.Series:
    """Whether each value of ``column`` is on the list of errors at source."""
    errors = known_errors()
    listed = pd.Series(False, frame.index)
    for error in errors[errors["file"] == file].itertuples():
        if error.columns == "all" or column.startswith(tuple(error.columns.split())):
            years = frame["year"].between(error.first_year, error.last_year)
            listed |= (frame["city"] == error.city) & years
    return listed


def without_known_errors(frame: pd.DataFrame, file: str, log: Refusals) -> pd.DataFrame:
    """Values of ``data/policies/known_errors.csv`` set to missing."""
    kept = {
        column: set_missing(frame, column, listed_errors(frame, column, file), file, KNOWN_ERROR, log)
        for column in frame.columns.difference(["city", "year"])
    }
    return frame.assign(**kept)


def zero_means_missing(frame: pd.DataFrame, columns: list[str], file: str, log: Refusals) -> pd.DataFrame:
    """Zeros set to missing, in columns where nothing can be zero."""
    kept = {c: set_missing(frame, c, frame[c] == 0, file, "zero means missing", log) for c in columns}
    return frame.assign(**kept)


def near_own_trend(frame: pd.DataFrame, columns: list[str], file: str, log: Refusals) -> pd.DataFrame:
    """Values set to missing that are more than :data:`TREND_LIMIT` off their city's trend.

    The trend is the least-squares line through the logs of the city's own years.
    """
    rule = f"off own trend by more than {TREND_LIMIT} log points"
    kept = {}
    for column in columns:
        distance = _off_trend(frame["city"], frame["year"], frame[column])
        kept[column] = set_missing(frame, column, distance.abs() > TREND_LIMIT, file, rule, log)
    return frame.assign(**kept)


def set_missing(
    frame: pd.DataFrame, column: str, rows: pd.Series, file: str, rule: str, log: Refusals
) -> pd.Series:
    """``frame[column]`` with ``rows`` set to missing and entered in the log."""
    rows = rows & frame[column].notna()
    log.add(frame[rows], file=file, rule=rule, column=column, action=SET_MISSING)
    return frame[column].mask(rows)


def _off_trend(city: pd.Series, year: pd.Series, level: pd.Series) -> pd.Series:
    """Residual of log ``level`` on ``year``, city by city; 0 where a city has too few years."""
    logs = np.log(level.where(level > 0))
    there = logs.notna()
    x, y = (s.where(there) - s.where(there).groupby(city).transform("mean") for s in (year, logs))
    slope = (x * y).groupby(city).transform("sum") / (x * x).groupby(city).transform("sum")
    enough = there.groupby(city).transform("sum") >= SHORTEST_TREND
    return (y - slope * x).where(enough, 0.0)


def _with_city_and_year(frame: pd.DataFrame, file: str, log: Refusals) -> pd.DataFrame:
    """Notes that publishers put under their tables go; so do rows without a value."""
    year = pd.to_numeric(frame["year"], errors="coerce")
    keyed = frame["city"].notna() & year.notna()
    values = frame.columns.difference(["city", "year"])
    log.add(
        frame.loc[~keyed & frame.notna().any(axis=1)],
        file=file,
        rule="row without city or year",
        action=DROPPED,
    )
    kept = keyed & frame[values].notna().any(axis=1)
    return frame[kept].assign(year=year[kept].astype("int64"))


def _with_codes(frame: pd.DataFrame, file: str, log: Refusals, by: str) -> pd.DataFrame:
    """Current codes; units that are no cities and second rows of a city-year leave."""
    left_out = units_left_out()
    if by == "name":
        names = clean_names(frame["city"])
        code = codes_of_names(names)
        short = left_out["name_zh"].str.removesuffix("市")
        unit = names.str.removesuffix("市").map(dict(zip(short, left_out["code"], strict=True)))
        code = code.fillna(unit.astype("Int64"))
    else:
        code = pd.to_numeric(frame["city"], errors="coerce").astype("Int64")
    rules = code.map(dict(zip(left_out["code"], left_out["rule"], strict=True)))
    for rule, rows in frame.assign(city=code).groupby(rules):
        log.add(rows, file=file, rule=rule, action=DROPPED)
    kept = rules.isna()
    current = current_codes(code[kept])
    unknown = ~current.isin(city_facts()["city"]) | current.isna()
    if unknown.any():
        row = current.index[unknown][0]
        raise DataError(f"public file '{file}': unknown city '{frame.at[row, 'city']}' in row {row}")
    frame = frame[kept].assign(city=current.astype("int64"), old=code[kept] != current)
    frame = frame.sort_values("old", kind="stable")
    second = frame.duplicated(["city", "year"])
    log.add(frame[second], file=file, rule="two codes of one city in a year", action=DROPPED)
    return frame[~second].drop(columns="old").sort_index()


def _numbers(frame: pd.DataFrame, column: str, file: str, log: Refusals) -> pd.Series:
    number = pd.to_numeric(frame[column], errors="coerce")
    text = frame[column].notna() & number.isna()
    log.add(frame[text], file=file, rule="text in a number", column=column, action=SET_MISSING)
    negative = (number < 0) & ~pd.Series(column.startswith("digital_finance"), frame.index)
    log.add(frame[negative], file=file, rule="negative stock", column=column, action=SET_MISSING)
    return number.mask(negative).astype("float64")

"""Value added of three sectors, GDP and GDP per head: two publications set against each other."""

from pathlib import Path

import numpy as np
import pandas as pd

from digital_clusters.sources.public.clean import (
    FIRST_YEAR,
    KNOWN_ERROR,
    SET_MISSING,
    city_years,
    listed_errors,
    set_missing,
    without_known_errors,
)
from digital_clusters.sources.public.own_years import off_own_years
from digital_clusters.sources.refusals import Refusals

SECTORS = ["value_added_primary", "value_added_secondary", "value_added_tertiary"]
ACCOUNTS = ["gdp", *SECTORS]

ADDING_UP_LIMIT = 0.03
"""Share of GDP by which the three sectors may miss it."""

PER_HEAD_LIMIT = 0.3
"""Distance from GDP over residents, in log points, at which a published GDP per head is refused."""

AGREEMENT_LIMIT = 0.1
"""Distance in log points within which two publications of GDP per head agree."""

REGISTERED_TOLERANCE = 0.02
"""Distance from GDP over the registered population, in log points, at which a GDP per head is that ratio;
yearbooks divide by the mean of two years' ends."""

POPULATIONS_APART = 0.05
"""Distance in log points from which residents and registered population are two different numbers."""

IMPLIED_LIMIT = 0.1
"""Distance of a population from the city's years before and after, in log points, at which it is a slip."""

SAME_POPULATION = 0.01
"""Distance in log points below which residents are the registered population, of the year's end or mean."""

INTERPOLATION_TOLERANCE = 1e-6
"""Relative distance from the mean of both neighbouring years below which a value counts as interpolated."""

MISSES_GDP = f"sectors miss GDP by more than {ADDING_UP_LIMIT:.0%}"
INTERPOLATED = "linearly interpolated at source"
REPLACED = "value replaced from city_panel"
IMPLIED_OFF = f"GDP over GDP per head off the city's years by more than {IMPLIED_LIMIT} log points"
BY_REGISTERED = "GDP per head divides by the registered population"
RESIDENTS_REGISTERED = "resident population is the registered one"
OTHER_TERRITORY = "GDP over residents contradicts the GDP per head on which publications agree"
FROM_PER_HEAD = "value replaced by GDP over GDP per head"
MARKED = "value kept, marked"

SECTOR_FILE = {
    "city": "城市代码",
    "year": "年度标识",
    "gdp": "gdp（亿元人民币）",
    "value_added_primary": "第一产业增加值（亿元人民币）",
    "value_added_secondary": "第二产业增加值",
    "value_added_tertiary": "第三产业增加值",
}
PANEL_FILE = {
    "city": "city_code",
    "year": "year",
    "gdp": "gdp_100m",
    "value_added_primary": "gdp_primary_100m",
    "value_added_secondary": "gdp_secondary_100m",
    "value_added_tertiary": "gdp_tertiary_100m",
    "gdp_per_capita": "gdp_per_capita",
    "fixed_asset_investment": "fai_100m",
    "registered": "hukou_pop_10k",
}
STATISTICS_FILE = {"city": "Ctnm_id", "year": "Sgnyea", "gdp_per_capita": "GDP_PerCapita"}

LAST_INVESTMENT_YEAR = 2016
"""Fixed asset investment of later years is its author's imputation, not data."""


def read_sectors(path: Path, log: Refusals) -> pd.DataFrame:
    """GDP and value added by sector, 100 million yuan (338 cities, 2000–2023)."""
    raw = pd.read_excel(path, sheet_name="面板数据2000-2023", engine="calamine")
    return city_years(raw, SECTOR_FILE, "sector_value_added", log)


def read_city_panel(path: Path, log: Refusals) -> pd.DataFrame:
    """The city panel without the values that its author interpolated or imputed."""
    raw = pd.read_csv(path, encoding="utf-8", low_memory=False)
    # One year more than is kept: whether 2000 is interpolated shows against 1999 and 2001.
    frame = city_years(raw, PANEL_FILE, "city_panel", log, first_year=FIRST_YEAR - 1)
    frame = without_known_errors(frame, "city_panel", log)
    for column in frame.columns.difference(["city", "year"]):
        step = 0.5 if column == "gdp_per_capita" else 0.0  # published in whole yuan
        rows = on_the_line(frame, column, step)
        frame[column] = set_missing(frame, column, rows, "city_panel", INTERPOLATED, log)
    imputed = frame["year"] > LAST_INVESTMENT_YEAR
    frame["fixed_asset_investment"] = set_missing(
        frame, "fixed_asset_investment", imputed, "city_panel", "imputed at source from 2017 on", log
    )
    return frame[frame["year"] >= FIRST_YEAR].reset_index(drop=True)


def read_statistics(path: Path, log: Refusals) -> pd.DataFrame:
    """GDP per head, yuan, from the second publication."""
    frame = city_years(pd.read_csv(path, encoding="utf-8"), STATISTICS_FILE, "statistics_gdp", log)
    return without_known_errors(frame, "statistics_gdp", log)


def value_added(sectors: pd.DataFrame, panel: pd.DataFrame, log: Refusals) -> pd.DataFrame:
    """GDP and value added by sector, from the sector file and where that fails from the city panel.

    * Three sectors that add up to the file's GDP within :data:`ADDING_UP_LIMIT` are taken as they are.
    * Where they do not, but add up to the GDP of the city panel, the GDP is refused and the panel's
      taken: sectors and GDP of the file then come from different revisions.
    * Otherwise, and for known errors, all four are refused and the panel's four taken, if those add
      up and were not interpolated.

    City-years that the sector file does not have are not filled in.
    """
    frame, panel = (source.set_index(["city", "year"])[ACCOUNTS] for source in (sectors, panel))
    other = panel.reindex(frame.index)
    usable = other.notna().all(axis=1) & ~_misses(other[SECTORS].sum(axis=1), other["gdp"])
    total = frame[SECTORS].sum(axis=1, skipna=False)
    listed = listed_errors(sectors, "gdp", "sector_value_added").set_axis(frame.index)
    wrong = _misses(total, frame["gdp"]) & ~listed
    other_revision = wrong & ~_misses(total, other["gdp"]) & other["gdp"].notna()

    _log(frame[other_revision], ["gdp"], MISSES_GDP, REPLACED, log)
    for rows, rule in ((wrong & ~other_revision, MISSES_GDP), (listed, KNOWN_ERROR)):
        _log(frame[rows & usable], ACCOUNTS, rule, REPLACED, log)
        _log(frame[rows & ~usable], ACCOUNTS, rule, SET_MISSING, log)
    result = frame.assign(gdp=frame["gdp"].mask(other_revision, other["gdp"]))
    refused = (wrong & ~other_revision) | listed
    return result.mask(refused, other.where(usable)).reset_index()


def gdp_per_head(
    frame: pd.DataFrame, panel: pd.DataFrame, statistics: pd.DataFrame, log: Refusals
) -> pd.Series:
    """GDP per resident, yuan, one value a row of ``frame`` (columns city, year, gdp, population).

    Publications divide by residents in some years and by the registered population in others.

    * A published value that is GDP over the registered population (within :data:`REGISTERED_TOLERANCE`) is
      refused where the residents are another number (by :data:`POPULATIONS_APART`).
    * A published value is refused if the population that it divides by, GDP over GDP per head, is off that of
      the years before and after by more than :data:`IMPLIED_LIMIT`.
    * A published value more than :data:`PER_HEAD_LIMIT` log points from GDP over residents of the
      same year is refused, unless both publications agree within :data:`AGREEMENT_LIMIT`.
    * Of two that are left, the one nearer to GDP over residents is taken; where that ratio cannot
      be had, the city panel's.
    * Where none is left, GDP over residents is taken.

    GDP over residents is no judge where it contradicts both publications while they agree, in the year
    itself or in the year before or after (GDP and residents are then those of two territories): what the
    publications agree on in these years takes its place.
    """
    keys = pd.MultiIndex.from_frame(frame[["city", "year"]])
    registered = _aligned(panel, "registered", keys)
    ratio = 1e4 * frame["gdp"] / frame["population"]
    published = {
        file: _by_residents(
            frame.assign(gdp_per_capita=_aligned(source, "gdp_per_capita", keys)), registered, file, log
        )
        for file, source in (("city_panel", panel), ("statistics_gdp", statistics))
    }
    agree = _apart(*(rows["gdp_per_capita"] for rows in published.values())) <= AGREEMENT_LIMIT
    judge = _judge(frame, ratio, np.log(published["city_panel"]["gdp_per_capita"].where(agree)))
    first, second = (
        set_missing(
            rows,
            "gdp_per_capita",
            (_apart(rows["gdp_per_capita"], judge) > PER_HEAD_LIMIT) & ~agree,
            file,
            f"GDP per head more than {PER_HEAD_LIMIT} log points off GDP over residents",
            log,
        )
        for file, rows in published.items()
    )
    nearer = _apart(second, judge) < _apart(first, judge)
    return first.mask(nearer, second).fillna(second).fillna(judge)


def residents(frame: pd.DataFrame, panel: pd.DataFrame, log: Refusals) -> pd.Series:
    """Resident population, 10,000 persons, where it goes together with GDP per head.

    * Residents that are the registered population (within :data:`SAME_POPULATION`) are replaced by GDP over
      GDP per head where that is another number (by :data:`POPULATIONS_APART`), or refused if this is off the
      city's own years by more than :data:`IMPLIED_LIMIT`. Where the two are the same the residents stay, and
      are marked in the log: they may be as many, or GDP per head may divide by the registered population too.
    * Residents of whom GDP over residents is more than :data:`PER_HEAD_LIMIT` log points off the GDP per head
      that publications agree on are refused: GDP and residents are then of two territories or revisions.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns city, year, gdp, population and gdp_per_capita, the latter from :func:`gdp_per_head`.
    panel : pandas.DataFrame
        The city panel with the column ``registered`` (10,000 persons).
    """
    keys = pd.MultiIndex.from_frame(frame[["city", "year"]])
    population, implied = frame["population"], 1e4 * frame["gdp"] / frame["gdp_per_capita"]
    apart = _apart(implied, population)
    equal = _apart(population, _aligned(panel, "registered", keys)) <= SAME_POPULATION
    wrong, territory = equal & (apart > POPULATIONS_APART), ~equal & (apart > PER_HEAD_LIMIT)
    trial = frame.assign(population=population.mask(wrong, implied).mask(territory))
    slip = wrong & off_own_years(trial, "population", IMPLIED_LIMIT)
    for rows, rule, action in (
        (wrong & ~slip, RESIDENTS_REGISTERED, FROM_PER_HEAD),
        (slip, RESIDENTS_REGISTERED, SET_MISSING),
        (equal & ~wrong, RESIDENTS_REGISTERED, MARKED),
        (territory, OTHER_TERRITORY, SET_MISSING),
    ):
        log.add(frame[rows], file="population", rule=rule, column="population", action=action)
    return trial["population"].mask(slip)


def _aligned(source: pd.DataFrame, column: str, keys: pd.MultiIndex) -> np.ndarray:
    """A column of another table at these cities and years, NaN where it has none."""
    if column not in source:
        return np.full(len(keys), np.nan)
    return source.set_index(["city", "year"])[column].reindex(keys).to_numpy()


def _by_residents(rows: pd.DataFrame, registered: np.ndarray, file: str, log: Refusals) -> pd.DataFrame:
    """GDP per head without what divides by the registered population or by one that is a slip."""
    same = _apart(1e4 * rows["gdp"] / registered, rows["gdp_per_capita"]) <= REGISTERED_TOLERANCE
    other = _apart(rows["population"], registered) > POPULATIONS_APART
    kept = set_missing(rows, "gdp_per_capita", same & other, file, BY_REGISTERED, log)
    rows = rows.assign(gdp_per_capita=kept, implied=rows["gdp"] / kept)
    slip = off_own_years(rows, "implied", IMPLIED_LIMIT)
    kept = set_missing(rows, "gdp_per_capita", slip, file, IMPLIED_OFF, log)
    return rows[["city", "year"]].assign(gdp_per_capita=kept)


def _judge(frame: pd.DataFrame, ratio: pd.Series, agreed: pd.Series) -> pd.Series:
    """GDP over residents, or what publications agree on around the year where they contradict it."""
    around = pd.DataFrame({step: _in_year(frame, agreed, step) for step in (-1, 0, 1)})
    contradicted = (agreed - np.log(ratio)).abs() > PER_HEAD_LIMIT
    doubtful = pd.DataFrame({step: _in_year(frame, contradicted.astype(float), step) for step in (-1, 0, 1)})
    usual = np.exp(agreed.fillna(around.mean(axis=1)))
    return ratio.mask(doubtful.eq(1).any(axis=1) & usual.notna(), usual)


def _in_year(frame: pd.DataFrame, values: pd.Series, step: int) -> np.ndarray:
    """``values`` of the same city ``step`` years later."""
    there = pd.Series(values.to_numpy(), pd.MultiIndex.from_frame(frame[["city", "year"]]))
    return there.reindex(pd.MultiIndex.from_arrays([frame["city"], frame["year"] + step])).to_numpy()


def _apart(one: pd.Series, other: pd.Series) -> pd.Series:
    """Distance in log points."""
    return np.log(one / other).abs()


def _misses(total: pd.Series, gdp: pd.Series) -> pd.Series:
    return (total / gdp - 1).abs() > ADDING_UP_LIMIT


def on_the_line(frame: pd.DataFrame, column: str, step: float) -> pd.Series:
    """Whether a value is the mean of the years before and after while the series moves.

    ``frame`` is sorted by city and year; ``step`` is half the unit in which the values are published.
    """
    city = frame.groupby("city")
    before, after = city[column].shift(1), city[column].shift(-1)
    consecutive = (city["year"].shift(-1) - city["year"].shift(1)) == 2
    tolerance = INTERPOLATION_TOLERANCE * frame[column].abs() + step
    on_line = (frame[column] - (before + after) / 2).abs() <= tolerance
    return consecutive & on_line & (before != after)


def _log(rows: pd.DataFrame, columns: list[str], rule: str, action: str, log: Refusals) -> None:
    rows = rows.reset_index()
    for column in columns:
        log.add(rows, file="sector_value_added", rule=rule, column=column, action=action)

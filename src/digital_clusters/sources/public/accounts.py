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
from digital_clusters.sources.refusals import Refusals

SECTORS = ["value_added_primary", "value_added_secondary", "value_added_tertiary"]
ACCOUNTS = ["gdp", *SECTORS]

ADDING_UP_LIMIT = 0.03
"""Share of GDP by which the three sectors may miss it."""

PER_HEAD_LIMIT = 0.3
"""Distance from GDP over residents, in log points, at which a published GDP per head is refused."""

AGREEMENT_LIMIT = 0.1
"""Distance in log points within which two publications of GDP per head agree."""

INTERPOLATION_TOLERANCE = 1e-6
"""Relative distance from the mean of both neighbouring years below which a value counts as interpolated."""

MISSES_GDP = f"sectors miss GDP by more than {ADDING_UP_LIMIT:.0%}"
INTERPOLATED = "linearly interpolated at source"
REPLACED = "value replaced from city_panel"

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
        rows = _on_the_line(frame, column, step)
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

    * A published value more than :data:`PER_HEAD_LIMIT` log points from GDP over residents of the
      same year is refused, unless both publications agree within :data:`AGREEMENT_LIMIT`.
    * Of two that are left, the one nearer to GDP over residents is taken; where that ratio cannot
      be had, the city panel's.
    * Where none is left, GDP over residents is taken.
    """
    ratio = 1e4 * frame["gdp"] / frame["population"]
    keys = pd.MultiIndex.from_frame(frame[["city", "year"]])
    published = {
        file: frame[["city", "year"]].assign(
            gdp_per_capita=source.set_index(["city", "year"])["gdp_per_capita"].reindex(keys).to_numpy()
        )
        for file, source in (("city_panel", panel), ("statistics_gdp", statistics))
    }
    agree = _apart(*(rows["gdp_per_capita"] for rows in published.values())) <= AGREEMENT_LIMIT
    first, second = (
        set_missing(
            rows,
            "gdp_per_capita",
            (_apart(rows["gdp_per_capita"], ratio) > PER_HEAD_LIMIT) & ~agree,
            file,
            f"GDP per head more than {PER_HEAD_LIMIT} log points off GDP over residents",
            log,
        )
        for file, rows in published.items()
    )
    nearer = _apart(second, ratio) < _apart(first, ratio)
    return first.mask(nearer, second).fillna(second).fillna(ratio)


def _apart(one: pd.Series, other: pd.Series) -> pd.Series:
    """Distance in log points."""
    return np.log(one / other).abs()


def _misses(total: pd.Series, gdp: pd.Series) -> pd.Series:
    return (total / gdp - 1).abs() > ADDING_UP_LIMIT


def _on_the_line(frame: pd.DataFrame, column: str, step: float) -> pd.Series:
    """Whether a value is the mean of the years before and after while the series moves."""
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

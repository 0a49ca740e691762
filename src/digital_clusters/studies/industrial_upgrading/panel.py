"""From raw tables to the panel of Yu & Zhang: one row a city-year, nothing imputed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from digital_clusters.errors import MissingTableError, ParameterError, check_option
from digital_clusters.measures.indicators.inequality import gini_of_units
from digital_clusters.measures.indicators.structure import GDP_TOLERANCE, sector_gap, upgrading_index
from digital_clusters.measures.panel import Panel, dropped_rows
from digital_clusters.measures.transforms import natural_log
from digital_clusters.sources.tables import RawTables

YEARS = (2011, 2021)
"""First and last year of the published sample."""

Lights = Literal["auto", "units", "published"]
"""Where the outcome comes from: computed from the table ``lights``, or ``city_year.lights_gini``;
``auto`` takes the published one where the source has it."""

SECTORS = ("value_added_primary", "value_added_secondary", "value_added_tertiary")
CITY_COLUMNS = (
    "name",
    "province",
    "lon",
    "lat",
    "is_municipality",
    "is_provincial_capital",
    "is_resource_based",
)
BOTH_OUTCOMES = ("gini_counties", "gini_ready_made")
"""Eq. 1 over the units of ``lights``, and ``city_year.lights_gini``; in the panel where a source has both.

In public data the first is over the radiance of counties, unweighted, 2013–2020. The second comes ready made,
over the same counties weighted by population, 2001–2020: up to 2013 it moves from year to year by a mean of
0.030 to 0.047, afterwards by 0.014 to 0.023."""

INDICATORS = ("gini", "uil", "difi", "education", "students", "science", "loans_deposits", "gdp_per_capita")


@dataclass(frozen=True)
class Indicator:
    """An indicator of every city-year with the reasons why some have none.

    Attributes
    ----------
    values : pandas.Series
        NaN where there is none.
    reasons : mapping of str to pandas.Series of bool
        Reason → where it applies; elsewhere a NaN means that the source has no value.
    """

    values: pd.Series
    reasons: Mapping[str, pd.Series]


def build_panel(
    tables: RawTables,
    *,
    years: tuple[int, int] = YEARS,
    balanced: bool = True,
    lights: Lights = "auto",
    weight: str | None = None,
    sector_tolerance: float = GDP_TOLERANCE,
    needed: Sequence[str] = INDICATORS,
) -> Panel:
    """The study panel of one source.

    A column the source does not have is named in ``Panel.missing``. A year for which some needed column has
    no value in any city is left out. Of the rest, city-years complete in every needed column are kept, and
    with ``balanced`` only cities that are complete in every year. ``Panel.dropped`` says of each
    city-year that is gone which column was the cause.

    Parameters
    ----------
    tables : RawTables
    years : tuple of int
        First and last year.
    balanced : bool
        Keep only cities that are complete in all years.
    lights : {"auto", "units", "published"}
        Source of the outcome, see :data:`Lights`.
    weight : str, optional
        Column of ``lights`` to weight the units by; Eq. 1 of the paper has no weights.
    sector_tolerance : float
        Largest relative gap between GDP and the sum of its sectors.
    needed : sequence of str
        Indicators that a city-year must have, those the source lacks aside; the rest may be NaN. Without
        ``gini`` the public panel has 2021, and every city that Eq. 1 can be computed for.

    Returns
    -------
    Panel
        Columns city, year, name, province, lon and lat (degrees), is_municipality, is_provincial_capital,
        is_resource_based, gini (share), uil (1 to 3), difi (index points), and in logs education, science,
        loans_deposits (10,000 yuan), students (persons), gdp_per_capita (yuan); the :data:`BOTH_OUTCOMES`
        where the source has both, NaN where one has no value.

    Raises
    ------
    MissingTableError
        If the source lacks a table, or what the outcome or the treatment is made of.
    ParameterError
        For an unknown option or indicator, or years in the wrong order.
    """
    check_option("lights", lights, Lights)
    unknown = [name for name in needed if name not in INDICATORS]
    if unknown:
        raise ParameterError(f"needed: no indicator '{unknown[0]}'; they are: {', '.join(INDICATORS)}")
    if years[0] > years[1]:
        raise ParameterError(f"years = {years!r}: the first is after the last")
    cities, grid = _grid(tables, years)
    indicators, missing = _indicators(tables, grid, lights, weight, sector_tolerance)
    city_columns = [name for name in CITY_COLUMNS if name in cities and tables.has("cities", name)]
    missing |= {name: _reason(tables, "cities", name) for name in CITY_COLUMNS if name not in city_columns}
    frame = grid[["city", "year"]].merge(cities[["city", *city_columns]], on="city", how="left")
    frame = frame.assign(**{name: indicator.values for name, indicator in indicators.items()})
    frame = frame.assign(**_both_outcomes(tables, grid))
    chosen = {name: indicator for name, indicator in indicators.items() if name in needed}
    keep, dropped = _select(frame, chosen, balanced, in_source=grid["_in_source"])
    frame = frame.loc[keep].sort_values(["city", "year"], ignore_index=True)
    return Panel(frame, tables.source, tables.label, tables.fingerprint, missing, dropped)


def _grid(tables: RawTables, years: tuple[int, int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every city of the source in every year, with the columns of ``city_year`` where it has a row."""
    cities, raw = tables.table("cities"), tables.table("city_year")
    span = np.arange(years[0], years[1] + 1, dtype=np.int64)
    keys = pd.MultiIndex.from_product([np.sort(cities["city"].to_numpy()), span], names=["city", "year"])
    grid = keys.to_frame(index=False).merge(raw, on=["city", "year"], how="left", indicator="_in_source")
    return cities, grid.assign(_in_source=grid["_in_source"] == "both")


def _indicators(
    tables: RawTables, grid: pd.DataFrame, lights: Lights, weight: str | None, tolerance: float
) -> tuple[dict[str, Indicator], dict[str, str]]:
    made, missing = {"gini": _outcome(tables, grid, lights, weight)}, {}
    for name, (columns, make) in _RECIPES.items():
        absent = [column for column in columns if not _there(tables, grid, column)]
        if not absent:
            made[name] = make(grid)
            continue
        missing[name] = "; ".join(_reason(tables, "city_year", column) for column in absent)
        if name == "uil":
            why = "; ".join(dict.fromkeys(_reason(tables, "city_year", column) for column in absent))
            raise MissingTableError(
                f"{tables.label} has no index of structure, which needs {', '.join(absent)}: {why}"
            )
    if _there(tables, grid, "gdp"):
        made["uil"] = _refuse_unbalanced(made["uil"], grid, tolerance)
    return {name: made[name] for name in INDICATORS if name in made}, missing


def _outcome(tables: RawTables, grid: pd.DataFrame, lights: Lights, weight: str | None) -> Indicator:
    published = _there(tables, grid, "lights_gini")
    if lights == "published" and not published:
        raise MissingTableError(f"{tables.label}: {_reason(tables, 'city_year', 'lights_gini')}")
    if lights != "units" and published:
        return Indicator(grid["lights_gini"], {})
    return _of_units(tables, grid, weight)


def _both_outcomes(tables: RawTables, grid: pd.DataFrame) -> dict[str, pd.Series]:
    if not (_there(tables, grid, "lights_gini") and tables.has("lights")):
        return {}
    return dict(zip(BOTH_OUTCOMES, (_of_units(tables, grid).values, grid["lights_gini"]), strict=True))


def _of_units(tables: RawTables, grid: pd.DataFrame, weight: str | None = None) -> Indicator:
    units = tables.table("lights")
    units = units[units["year"].between(grid["year"].min(), grid["year"].max())]
    if weight is not None and weight not in units:
        raise MissingTableError(f"the table 'lights' of {tables.label} has no weight '{weight}'")
    merged = grid[["city", "year"]].merge(
        gini_of_units(units, weight=weight), on=["city", "year"], how="left"
    )
    merged.index = grid.index
    undefined = merged["gini"].isna()
    return Indicator(
        merged["gini"],
        {
            "one unit only: a Gini coefficient needs two": undefined & (merged["units"] == 1),
            "all units are dark": undefined & (merged["units"] > 1),
        },
    )


def _structure(grid: pd.DataFrame) -> Indicator:
    return Indicator(pd.Series(upgrading_index(*(grid[name] for name in SECTORS)), grid.index), {})


def _refuse_unbalanced(structure: Indicator, grid: pd.DataFrame, tolerance: float) -> Indicator:
    gap = pd.Series(sector_gap(*(grid[name] for name in SECTORS), grid["gdp"]), grid.index).abs()
    off = structure.values.notna() & (gap > tolerance)
    reason = f"the sectors miss GDP by more than {tolerance:.0%}"
    return Indicator(structure.values.mask(off), {**structure.reasons, reason: off})


def _as_is(column: str) -> Callable[[pd.DataFrame], Indicator]:
    return lambda grid: Indicator(grid[column], {})


def _log_of_sum(*columns: str) -> Callable[[pd.DataFrame], Indicator]:
    def make(grid: pd.DataFrame) -> Indicator:
        total = grid[list(columns)].sum(axis=1, skipna=False)
        logs, _ = natural_log(total, nonpositive="missing")
        return Indicator(pd.Series(logs, grid.index), {"zero or negative: no logarithm": total <= 0})

    return make


_RECIPES: dict[str, tuple[tuple[str, ...], Callable[[pd.DataFrame], Indicator]]] = {
    "uil": (SECTORS, _structure),
    "difi": (("digital_finance_index",), _as_is("digital_finance_index")),
    "education": (("education_expenditure",), _log_of_sum("education_expenditure")),
    "students": (("university_students",), _log_of_sum("university_students")),
    "science": (("science_expenditure",), _log_of_sum("science_expenditure")),
    "loans_deposits": (("loans", "deposits"), _log_of_sum("loans", "deposits")),
    "gdp_per_capita": (("gdp_per_capita",), _log_of_sum("gdp_per_capita")),
}


def _select(
    frame: pd.DataFrame, indicators: Mapping[str, Indicator], balanced: bool, in_source: pd.Series
) -> tuple[pd.Series, pd.DataFrame]:
    """Which rows stay, and the record of those that go."""
    absent = frame[list(indicators)].isna()
    empty = absent.groupby(frame["year"]).transform("all")
    records = [
        {"city": pd.NA, "year": year, "column": name, "reason": "no city has a value in this year"}
        for name in indicators
        for year in sorted(frame.loc[empty[name], "year"].unique())
    ]
    in_scope = ~empty.any(axis=1)
    complete = in_scope & ~absent.any(axis=1)
    for name, indicator in indicators.items():
        rows = in_scope & absent[name]
        reason = pd.Series("the source has no value", frame.index)
        for text, where in indicator.reasons.items():
            reason = reason.mask(where, text)
        if name in _RECIPES:
            reason = reason.mask(~in_source, "the source has no row of this city and year")
        gone = frame.loc[rows, ["city", "year"]].assign(column=name, reason=reason[rows])
        records += gone.to_dict("records")
    keep = complete
    if balanced:
        keep = complete & (complete | ~in_scope).groupby(frame["city"]).transform("all")
        gone = frame.loc[complete & ~keep, ["city", "year"]]
        gone = gone.assign(column="", reason="another year of this city is incomplete")
        records += gone.to_dict("records")
    return keep, dropped_rows(records)


def _there(tables: RawTables, grid: pd.DataFrame, column: str) -> bool:
    return tables.has("city_year", column) and column in grid


def _reason(tables: RawTables, table: str, column: str) -> str:
    return tables.missing.get(f"{table}.{column}", f"{table}.{column} is not part of this source")

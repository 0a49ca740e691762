"""Public data: files that anyone can download, read as they were published."""

from functools import reduce
from pathlib import Path

import pandas as pd

from digital_clusters.sources.listed_file import sha256
from digital_clusters.sources.policies import city_facts
from digital_clusters.sources.public import accounts, lights, series, villages, yearbook
from digital_clusters.sources.public.clean import set_missing
from digital_clusters.sources.refusals import Refusals
from digital_clusters.sources.schema import check_cities, validate
from digital_clusters.sources.tables import RawTables
from digital_clusters.sources.upstream import locate, upstream_files

NO_YEARBOOK = "the copy of the city yearbooks is not here: run `digital-clusters data fetch`"
YEARBOOK_FILES = ("yearbook_extract", "yearbook")
"""Either will do; the first that is here is read."""

LARGEST_SHARES = {"loans": 10.0, "deposits": 10.0, "retail_sales": 2.0}
"""Largest credible ratio to GDP: Lhasa's deposits come to six times its GDP, no city's retail sales to more
than its GDP. Beyond it a row carries the figures of another unit."""

MISSING = {
    "city_industry_year": "employment by 19 industries is in the whole yearbook file, which is not here: "
    "run `digital-clusters data fetch`",
    "storefronts": "the platform's shop records were never published",
    "lights.weight": "areas and populations of the counties are not among the public files",
    "city_year.capital_stock": "investment can be had to 2016 only; later years are imputed at source",
    "cities.telephones_1984": "no public file gives the telephones of 1984 by city",
    "city_year.capital_wedge": "a wedge is not observed; only the twin knows its own",
    "city_year.labour_wedge": "a wedge is not observed; only the twin knows its own",
}
"""Tables and columns that public data cannot give, and why."""


def public_files(mirror: Path | None = None, cache: Path | None = None) -> dict[str, Path]:
    """Key → path of every file that :func:`open_public` reads; parameters and errors are the same."""
    used = [key for key, entry in upstream_files().items() if entry.tables]
    return locate(used, mirror=mirror, cache=cache)


def open_public(mirror: Path | None = None, cache: Path | None = None) -> RawTables:
    """Public data from a mirror folder or from the user's cache; every file is checked first.

    Parameters
    ----------
    mirror : Path, optional
        Mirror folder; by default the one that ``DIGITAL_CLUSTERS_MIRROR`` names.
    cache : Path, optional
        Folder of the downloads where there is no mirror; by default the user's cache folder.

    Returns
    -------
    RawTables
        Tables ``cities``, ``city_year`` (2000–2023) and ``lights`` (counties, 2013–2020). The log
        is complete: all files are read at once.

    Raises
    ------
    FileError
        If a file is missing, truncated or changed.
    """
    paths = public_files(mirror, cache)
    log = Refusals()
    cities = validate(city_facts(), "cities", "data/policies/cities.csv")
    missing = dict(MISSING)
    read = _yearbook_file(paths)
    if read is None:
        missing |= {f"city_year.{name}": NO_YEARBOOK for name in _ONLY_IN_YEARBOOK}
    city_year = _city_year(paths, read, log)
    county_lights = lights.read_county_lights(paths["county_lights"], log)
    tables, frames = {"cities": cities}, {"city_year": city_year, "lights": county_lights}
    if "yearbook" in paths:
        frames["city_industry_year"] = yearbook.read_industries(paths["yearbook"], "yearbook", log)
        missing["city_industry_year.storefronts"] = missing["storefronts"]
        del missing["city_industry_year"]
    for name, frame in frames.items():
        tables[name] = validate(check_cities(frame, cities, name, "public data"), name, "public data")
    return RawTables(
        source="public",
        loaders={name: (lambda frame=frame: frame) for name, frame in tables.items()},
        missing=missing,
        provenance={upstream_files()[key].local_name: sha256(path) for key, path in paths.items()},
        log=log.frame(),
    )


_ONLY_IN_YEARBOOK = [name for name in yearbook.YEARBOOK if name not in ("city", "year", "retail_sales")]


def _yearbook_file(paths: dict[str, Path]) -> str | None:
    """Key of the yearbook file that is read, the whole one only with the extract's values."""
    if "yearbook" in paths:
        yearbook.check_values(paths["yearbook"], upstream_files()["yearbook"].values_sha256)
    return next((key for key in YEARBOOK_FILES if key in paths), None)


def _city_year(paths: dict[str, Path], read: str | None, log: Refusals) -> pd.DataFrame:
    panel = accounts.read_city_panel(paths["city_panel"], log)
    statistics = accounts.read_statistics(paths["statistics_gdp"], log)
    sectors = accounts.read_sectors(paths["sector_value_added"], log)
    parts = [
        accounts.value_added(sectors, panel, log),
        series.read_population(paths["population"], log),
        series.read_real_gdp(paths["real_gdp"], log),
        series.read_employment(paths["statistics_employment"], log),
        panel[["city", "year", "fixed_asset_investment"]],
        series.read_credit(paths["loans_deposits"], log),
        series.read_retail_sales(paths["retail_sales"], log),
        series.read_foreign_investment(paths["foreign_investment"], log),
        series.read_digital_finance(paths["digital_finance"], log),
        lights.read_lights_inequality(paths["lights_inequality"], log),
        villages.read_taobao_villages(paths, log),
        yearbook.read_students(paths["students"], log),
    ]
    if read is not None:
        parts.append(_public_spending(paths, read, log).rename(columns={"retail_sales": "printed_sales"}))
    frame = reduce(lambda left, right: left.merge(right, on=["city", "year"], how="outer"), parts)
    if read is not None:
        frame["retail_sales"] = frame.pop("printed_sales").fillna(frame["retail_sales"])
    frame = _of_the_city(frame, log)
    frame["gdp_per_capita"] = accounts.gdp_per_head(frame, panel, statistics, log)
    frame["population"] = accounts.residents(frame, panel, log)
    values = frame.columns.difference(["city", "year"])
    return frame.dropna(subset=values, how="all").sort_values(["city", "year"], ignore_index=True)


def _public_spending(paths: dict[str, Path], read: str, log: Refusals) -> pd.DataFrame:
    frame = yearbook.read_yearbook(paths[read], read, log)
    shares = yearbook.read_science_shares(paths["science_shares"], log)
    yearbook.mark_other_shares(frame, shares, read, log)
    return frame


def _of_the_city(frame: pd.DataFrame, log: Refusals) -> pd.DataFrame:
    """Credit and the yearbook's columns set to missing where a ratio to GDP is not credible for a city.

    A ratio beyond :data:`LARGEST_SHARES` says that the row has figures of another unit: all columns of the
    same publication go.
    """
    # credit is in 10,000 yuan, GDP and retail sales in 100 million
    unit = {"loans": 1e4, "deposits": 1e4, "retail_sales": 1.0}
    beyond = [frame[name] > limit * unit[name] * frame["gdp"] for name, limit in LARGEST_SHARES.items()]
    rows = pd.concat(beyond, axis=1).any(axis=1)
    rule = "figures of another unit: credit or retail sales beyond any city's ratio to GDP"
    columns = [name for name in ("loans", "deposits", *yearbook.YEARBOOK) if name in frame]
    kept = {
        name: set_missing(frame, name, rows, "yearbook_extract", rule, log)
        for name in columns
        if name not in ("city", "year")
    }
    return frame.assign(**kept)

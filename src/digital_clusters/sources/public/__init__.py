"""Public data: files that anyone can download, read as they were published."""

from functools import reduce
from pathlib import Path

import pandas as pd

from digital_clusters.sources.policies import city_facts
from digital_clusters.sources.public import accounts, lights, series, villages
from digital_clusters.sources.refusals import Refusals
from digital_clusters.sources.schema import check_cities, validate
from digital_clusters.sources.tables import RawTables
from digital_clusters.sources.upstream import locate, sha256, upstream_files

NO_PUBLIC_SERIES = "no public file has it; the city yearbooks carry it in print"
MISSING = {
    "city_industry_year": "no public file has employment of cities by 19 industries",
    "storefronts": "the platform's shop records were never published",
    "lights.weight": "areas and populations of the counties are not among the public files",
    "city_year.university_students": NO_PUBLIC_SERIES,
    "city_year.education_expenditure": NO_PUBLIC_SERIES,
    "city_year.science_expenditure": NO_PUBLIC_SERIES,
    "city_year.capital_stock": "investment can be had to 2016 only; later years are imputed at source",
    "city_year.internet_users": "no public file gives internet users of cities for these years",
    "cities.telephones_1984": "no public file gives the telephones of 1984 by city",
    "city_year.capital_wedge": "a wedge is not observed; only the twin knows its own",
    "city_year.labour_wedge": "a wedge is not observed; only the twin knows its own",
}
"""Tables and columns that public data cannot give, and why."""


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
    used = [key for key, entry in upstream_files().items() if entry.tables]
    paths = locate(used, mirror=mirror, cache=cache)
    log = Refusals()
    cities = validate(city_facts(), "cities", "data/policies/cities.csv")
    city_year = _city_year(paths, log)
    county_lights = lights.read_county_lights(paths["county_lights"], log)
    tables = {"cities": cities}
    for name, frame in {"city_year": city_year, "lights": county_lights}.items():
        tables[name] = validate(check_cities(frame, cities, name, "public data"), name, "public data")
    return RawTables(
        source="public",
        loaders={name: (lambda frame=frame: frame) for name, frame in tables.items()},
        missing=MISSING,
        provenance={upstream_files()[key].local_name: sha256(path) for key, path in paths.items()},
        log=log.frame(),
    )


def _city_year(paths: dict[str, Path], log: Refusals) -> pd.DataFrame:
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
    ]
    frame = reduce(lambda left, right: left.merge(right, on=["city", "year"], how="outer"), parts)
    frame["gdp_per_capita"] = accounts.gdp_per_head(frame, panel, statistics, log)
    values = frame.columns.difference(["city", "year"])
    return frame.dropna(subset=values, how="all").sort_values(["city", "year"], ignore_index=True)

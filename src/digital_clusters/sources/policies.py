"""Facts that anyone may write down: the tables of ``data/policies/``."""

from functools import cache

import pandas as pd

from digital_clusters.errors import FileError
from digital_clusters.paths import data_folder


@cache
def _read(name: str) -> pd.DataFrame:
    path = data_folder() / "policies" / name
    if not path.is_file():
        raise FileError(f"{path} is missing: restore it from the repository")
    return pd.read_csv(path, encoding="utf-8")


def city_facts() -> pd.DataFrame:
    """The 338 prefecture-level cities: code, names, province, centroid and policy lists.

    Columns are those of the raw table ``cities``. Membership among the old industrial bases is
    confirmed only in its total; see ``data/README.md``.
    """
    frame = _read("cities.csv").rename(
        columns={"is_old_industrial_base_unconfirmed": "is_old_industrial_base"}
    )
    yes_no = {column: bool for column in frame if column.startswith("is_")}
    return frame.drop(columns="province_zh").astype(yes_no | {"delta_council_year": "Int64"})


def province_names() -> pd.Series:
    """Chinese name of the province, by the code of each of its cities."""
    return _read("cities.csv").set_index("city")["province_zh"]


def city_adjacency() -> pd.DataFrame:
    """Pairs of cities that share a border (columns city, neighbour; each pair once)."""
    return _read("city_adjacency.csv").copy()


def code_changes() -> pd.DataFrame:
    """Codes of GB/T 2260 that were replaced (columns old_code, new_code, name_zh, year, change)."""
    return _read("city_code_changes.csv").copy()


def name_changes() -> pd.DataFrame:
    """Old and misspelt names of cities (columns old_name_zh, name_zh, why)."""
    return _read("city_name_changes.csv").copy()


def units_left_out() -> pd.DataFrame:
    """Units of the upstream files that are no cities of the project (columns code, name_zh, rule, reason)."""
    return _read("units_left_out.csv").copy()


def territory_changes() -> pd.DataFrame:
    """Cities that took or gave a county since 2003.

    Columns are city, name_zh, year (the first of the new territory in the yearbooks), change, counties_2020
    (their codes of 2020) and checked_by (independent sources that agree with the row).
    """
    return _read("territory_changes.csv").copy()


def known_errors() -> pd.DataFrame:
    """Errors at source (columns file, city, first_year, last_year, columns, reason)."""
    return _read("known_errors.csv").copy()

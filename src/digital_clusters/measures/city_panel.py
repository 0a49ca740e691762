"""The panel of the two studies of agglomeration: every city in every year with all their indicators.

Nothing is imputed and no row is left out: a city-year without a value is NaN in that column, and a
specification selects the city-years that are complete in its own columns.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from digital_clusters.errors import MissingTableError
from digital_clusters.measures import recipes as indicators
from digital_clusters.measures.panel import Panel
from digital_clusters.sources.tables import RawTables

YEARS = (2000, 2023)
"""First and last year that any source has."""

CITY_COLUMNS = (
    "name",
    "province",
    "lon",
    "lat",
    "is_municipality",
    "is_provincial_capital",
    "is_old_industrial_base",
    "delta_council_year",
)

MEMBERSHIP = ("delta_member", "years_as_member")
"""Made from the year of accession: membership in the year, and its years so far."""

SCARCE = (
    "resilience",
    "misallocation",
    "market_demand",
    "coagglomeration",
    "taobao_villages",
    "digital_finance",
)
"""Columns that public data have for some cities and years: how many is told."""

Recipe = Callable[[RawTables, pd.DataFrame], pd.DataFrame]

RECIPES: tuple[tuple[tuple[str, ...], Recipe], ...] = (
    (("income", "population"), indicators.income_and_size),
    (("uil",), indicators.structure),
    (("finance",), indicators.finance),
    (("openness",), indicators.openness),
    (("resilience", "growth_gap"), indicators.resilience),
    (("resistance", "recoverability"), indicators.by_phase),
    (("market_demand",), indicators.demand),
    (indicators.MISALLOCATION, indicators.misallocation),
    (("internet", "digital_infrastructure"), indicators.internet),
    (("digital_finance",), indicators.digital_finance),
    (("geographic", "diversity"), indicators.geographic),
    (indicators.COAGGLOMERATION, indicators.coagglomeration),
    ((*indicators.VIRTUAL, "storefront_density"), indicators.virtual),
    (("taobao_villages",), indicators.taobao_villages),
    (("neighbours_lead",), indicators.neighbours_lead),
    (("fusion",), indicators.fusion),
    (("telephone_shift",), indicators.telephone_shift),
    (("resilience_composite",), indicators.resilience_composite),
    (("mobile",), indicators.mobile),
    (("telecom_shift",), indicators.telecom_shift),
)
"""Columns and what makes them. A recipe sees the columns of those above it."""


def build_city_panel(tables: RawTables, *, years: tuple[int, int] = YEARS) -> Panel:
    """Every indicator of the two studies that a source allows.

    Parameters
    ----------
    tables : RawTables
    years : tuple of int
        First and last year; years the source does not have are left out.

    Returns
    -------
    Panel
        One row for every city of the source in every year, sorted. What the columns are is said in
        :mod:`digital_clusters.measures.recipes`; ``missing`` names the columns that the source cannot
        give, ``proxies`` those that stand in for something else.
    """
    frame = _grid(tables, years)
    missing, proxies = _absent_city_columns(tables), {}
    for columns, recipe in RECIPES:
        try:
            made = recipe(tables, frame)
        except MissingTableError as error:
            missing |= dict.fromkeys(columns, str(error))
            continue
        proxies |= made.attrs.get("proxies", {})
        missing |= made.attrs.get("missing", {})
        frame = frame.merge(made, on=["city", "year"], how="left", validate="one_to_one")
    frame.attrs = {}
    return Panel(frame, tables.source, tables.label, tables.fingerprint, missing, proxies=proxies)


def _grid(tables: RawTables, years: tuple[int, int]) -> pd.DataFrame:
    cities, raw = tables.table("cities"), tables.table("city_year")
    known = raw.loc[raw["year"].between(*years), ["city", "year"]]
    span = np.arange(known["year"].min(), known["year"].max() + 1)
    keys = pd.MultiIndex.from_product([np.sort(known["city"].unique()), span], names=["city", "year"])
    kept = [name for name in CITY_COLUMNS if tables.has("cities", name) and name in cities]
    frame = keys.to_frame(index=False).merge(cities[["city", *kept]], on="city", how="left")
    if "delta_council_year" not in frame:
        return frame
    joined = frame["delta_council_year"].to_numpy(dtype=float, na_value=np.nan)
    member = frame["year"].to_numpy() >= np.where(np.isnan(joined), np.inf, joined)
    since = np.where(member, frame["year"].to_numpy() - joined, 0.0)
    return frame.assign(delta_council_year=joined, delta_member=member, years_as_member=since)


def _absent_city_columns(tables: RawTables) -> dict[str, str]:
    there = tables.table("cities").columns
    absent = [name for name in CITY_COLUMNS if not tables.has("cities", name) or name not in there]
    missing = {name: tables.missing.get(f"cities.{name}", "not part of this source") for name in absent}
    if "delta_council_year" in missing:
        missing |= dict.fromkeys(MEMBERSHIP, missing["delta_council_year"])
    return missing

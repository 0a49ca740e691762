"""One recipe an indicator: raw tables (and the columns made before) in, city, year and its columns out.

A recipe raises :class:`~digital_clusters.errors.MissingTableError` if the source lacks what it is made of.
A column that stands in for something else says so in ``frame.attrs["proxies"]``.
"""

import numpy as np
import pandas as pd

from digital_clusters.errors import MissingTableError
from digital_clusters.measures.indicators import coagglomeration as together
from digital_clusters.measures.indicators import misallocation as wedges
from digital_clusters.measures.indicators import resilience as cycles
from digital_clusters.measures.indicators.capital import cities_without_stock, perpetual_inventory
from digital_clusters.measures.indicators.composite import coupling_coordination, entropy_index
from digital_clusters.measures.indicators.concentration import geographic_agglomeration
from digital_clusters.measures.indicators.demand import internet_penetration, market_demand
from digital_clusters.measures.indicators.structure import upgrading_index
from digital_clusters.measures.indicators.virtual_agglomeration import virtual_agglomeration
from digital_clusters.measures.space.weights import spatial_weights
from digital_clusters.measures.transforms import min_max
from digital_clusters.sources.tables import RawTables

KEYS = ["city", "year"]
SECTORS = [f"value_added_{name}" for name in ("primary", "secondary", "tertiary")]
AMPLITUDE = 0.01
"""Share a year: the smallest swing of national growth that makes a slowdown or a recovery."""

ELASTICITY = 0.5
"""Of output with respect to each factor; one common number cancels in a relative distortion."""

MISALLOCATION = (
    "misallocation",
    "misallocation_level",
    "capital_misallocation",
    "labour_misallocation",
)
EARLY_TELECOM = (2003, 2005)
"""First and last year of the telecom revenue that counts as an endowment; the yearbooks begin in 2003."""

COAGGLOMERATION = ("coagglomeration", "coagglomeration_before", "lq_manufacturing", "lq_producer_services")
VIRTUAL = {
    "virtual": "density",
    "virtual_quotient": "location_quotient",
    "virtual_specialisation": "specialisation",
    "virtual_exposure": "exposure",
    "virtual_information": "information_industry",
}
"""Column → definition of virtual agglomeration; each standardised within the year."""


def income_and_size(tables: RawTables, frame: pd.DataFrame) -> pd.DataFrame:
    """``income``: log GDP per head (yuan). ``population``: log 10,000 persons."""
    raw = city_year(tables, "gdp_per_capita", "population")
    return raw[KEYS].assign(income=_log(raw["gdp_per_capita"]), population=_log(raw["population"]))


def structure(tables: RawTables, frame: pd.DataFrame) -> pd.DataFrame:
    """``uil``: index of industrial structure, 1 (all primary) to 3 (all tertiary)."""
    raw = city_year(tables, *SECTORS)
    return raw[KEYS].assign(uil=upgrading_index(*(raw[name] for name in SECTORS)))


def finance(tables: RawTables, frame: pd.DataFrame) -> pd.DataFrame:
    """``finance``: log of loans plus deposits over GDP."""
    raw = city_year(tables, "loans", "deposits", "gdp")
    # loans and deposits are in 10,000 yuan, GDP in 100 million
    return raw[KEYS].assign(finance=_log((raw["loans"] + raw["deposits"]) / (1e4 * raw["gdp"])))


def openness(tables: RawTables, frame: pd.DataFrame) -> pd.DataFrame:
    """``openness``: log of foreign direct investment (million USD) over GDP (100 million yuan)."""
    raw = city_year(tables, "foreign_direct_investment", "gdp")
    return raw[KEYS].assign(openness=_log(raw["foreign_direct_investment"] / raw["gdp"]))


def resilience(tables: RawTables, frame: pd.DataFrame) -> pd.DataFrame:
    """``resilience``: annual relative response (g − g_N)/|g_N|. ``growth_gap``: g − g_N in log points."""
    raw = city_year(tables, "gdp_real")
    response = cycles.annual_response(raw).frame.rename(columns={"response": "resilience"})
    gap = cycles.growth_gap(raw)
    return response[[*KEYS, "resilience"]].merge(gap[[*KEYS, "growth_gap"]], on=KEYS, how="outer")


def by_phase(tables: RawTables, frame: pd.DataFrame) -> pd.DataFrame:
    """The annual response by phase: ``resistance`` in years of a slowdown, ``recoverability`` of a recovery.

    Phases run between turning points of national growth (:func:`resilience.cycles`) and are the same for all
    cities; a year in which one ends belongs to it.
    """
    growth = cycles.national_growth(city_year(tables, "gdp_real"))
    windows = cycles.cycles(growth, AMPLITUDE)
    made = _made(frame, "resilience")
    out = made[KEYS]
    for name, phase in (("resistance", "slowdown"), ("recoverability", "recovery")):
        spans = windows.loc[windows["phase"] == phase, ["start", "end"]].itertuples(index=False)
        years = [year for span in spans for year in range(span.start + 1, span.end + 1)]
        out = out.assign(**{name: made["resilience"].where(made["year"].isin(years))})
    return out


def demand(tables: RawTables, frame: pd.DataFrame) -> pd.DataFrame:
    """``market_demand``: log of retail sales over GDP."""
    raw = city_year(tables, "retail_sales", "gdp", "population")
    return market_demand(raw).rename(columns={"log_retail_share": "market_demand"})[[*KEYS, "market_demand"]]


def misallocation(tables: RawTables, frame: pd.DataFrame) -> pd.DataFrame:
    """Chen & Hu (2011) wedges: ``misallocation`` is the mean log size of the capital and labour wedges.

    ``capital_misallocation`` and ``labour_misallocation`` are |τ|, ``misallocation_level`` their mean. A
    source without capital stocks gets them from investment by perpetual inventory.
    """
    raw, proxies = factors(tables), {}
    if not tables.has("city_year", "capital_stock"):
        words = "capital by perpetual inventory from investment, which ends in 2016; urban employment only"
        proxies = dict.fromkeys(MISALLOCATION, words)
    made = wedges.misallocation(raw, ELASTICITY, ELASTICITY)
    out = made[KEYS].assign(
        misallocation=made["log_misallocation"],
        capital_misallocation=made["tau_capital"].abs(),
        labour_misallocation=made["tau_labour"].abs(),
    )
    out["misallocation_level"] = out[["capital_misallocation", "labour_misallocation"]].mean(
        axis=1, skipna=False
    )
    out.attrs["proxies"] = proxies
    return out


def factors(tables: RawTables) -> pd.DataFrame:
    """``gdp_real``, ``capital_stock`` and ``employment`` of the city-years that have all three."""
    raw = city_year(tables, "gdp", "gdp_real", "employment")
    if tables.has("city_year", "capital_stock"):
        raw = raw.merge(city_year(tables, "capital_stock")[[*KEYS, "capital_stock"]], on=KEYS)
    else:
        raw = raw.merge(inventory(tables), on=KEYS)
    return raw.loc[raw[["gdp_real", "employment", "capital_stock"]].gt(0).all(axis=1)]


def inventory(tables: RawTables) -> pd.DataFrame:
    """Capital stock (100 million yuan) from investment over the country's implicit price of output."""
    raw = city_year(tables, "fixed_asset_investment", "gdp", "gdp_real")
    both = raw.dropna(subset=["gdp", "gdp_real"]).groupby("year")[["gdp", "gdp_real"]].sum()
    raw = raw.assign(price=raw["year"].map(both["gdp"] / both["gdp_real"]))
    raw = raw.loc[raw["price"].notna()]
    without = cities_without_stock(raw, deflator="price")["city"]
    stock = perpetual_inventory(raw.loc[~raw["city"].isin(without)], deflator="price")
    return stock[[*KEYS, "capital"]].rename(columns={"capital": "capital_stock"})


def internet(tables: RawTables, frame: pd.DataFrame) -> pd.DataFrame:
    """``internet``: users per 10 residents. ``digital_infrastructure``: standardised within the year."""
    users = internet_penetration(city_year(tables, "internet_users", "population"))
    out = users[KEYS].assign(internet=users["internet_per_100"] / 10)
    return out.assign(digital_infrastructure=within_year(out, "internet"))


def mobile(tables: RawTables, frame: pd.DataFrame) -> pd.DataFrame:
    """``mobile``: mobile telephone subscribers per resident."""
    raw = city_year(tables, "mobile_users", "population")
    return raw[KEYS].assign(mobile=raw["mobile_users"] / raw["population"].where(raw["population"] > 0))


def telecom_shift(tables: RawTables, frame: pd.DataFrame) -> pd.DataFrame:
    """``telecom_shift``: log early telecom revenue per resident times internet users per head elsewhere.

    Early is the mean over :data:`EARLY_TELECOM`, of years that have a value. It stands in for telephones of
    1984 (:func:`telephone_shift`), an endowment of nineteen years later.
    """
    raw = city_year(tables, "telecom_revenue", "internet_users", "population")
    early = raw.loc[raw["year"].between(*EARLY_TELECOM)]
    endowment = _log((early["telecom_revenue"] / early["population"]).groupby(early["city"]).mean())
    elsewhere, lines = _elsewhere(raw), raw["city"].map(endowment)
    return raw[KEYS].assign(telecom_shift=lines * elsewhere["internet_users"] / elsewhere["population"])


def neighbours_lead(tables: RawTables, frame: pd.DataFrame) -> pd.DataFrame:
    """``neighbours_lead``: ``internet`` of the five nearest cities less that of all, a year earlier."""
    wide = _made(frame, "internet").pivot(index="city", columns="year", values="internet")
    cities = tables.table("cities")
    around = spatial_weights(cities.loc[cities["city"].isin(wide.index)], "nearest")
    lead = pd.DataFrame(around.lag(wide.to_numpy()), wide.index, wide.columns + 1)
    lead = (lead - lead.mean()).drop(columns=wide.columns.max() + 1)
    return lead.stack().rename("neighbours_lead").rename_axis(KEYS).reset_index()


def digital_finance(tables: RawTables, frame: pd.DataFrame) -> pd.DataFrame:
    """``digital_finance``: the digital finance index, standardised within the year."""
    raw = city_year(tables, "digital_finance_index")
    return raw[KEYS].assign(digital_finance=within_year(raw, "digital_finance_index"))


def geographic(tables: RawTables, frame: pd.DataFrame) -> pd.DataFrame:
    """``geographic``: log location quotient of manufacturing, standardised within the year.

    ``diversity`` is one less the Herfindahl index of the city's industries.
    """
    made = geographic_agglomeration(_industries(tables))
    made["log_quotient"] = _log(made["location_quotient"])
    return made[KEYS].assign(geographic=within_year(made, "log_quotient"), diversity=1 - made["herfindahl"])


def coagglomeration(tables: RawTables, frame: pd.DataFrame) -> pd.DataFrame:
    """Index of manufacturing and producer services; by sectors where there is no employment by industry.

    ``coagglomeration_before`` is the index two years earlier.
    """
    proxies = {}
    if tables.has("city_industry_year"):
        made = together.coagglomeration(_industries(tables))
    else:
        made = together.two_sector_coagglomeration(city_year(tables, *SECTORS, "gdp"))
        made = made.rename(
            columns={"lq_secondary": "lq_manufacturing", "lq_tertiary": "lq_producer_services"}
        )
        words = "value added of the secondary and tertiary sectors, not manufacturing and producer services"
        proxies = dict.fromkeys(COAGGLOMERATION, words)
    past = made[[*KEYS, "coagglomeration"]].assign(year=made["year"] + 2)
    past = past.rename(columns={"coagglomeration": "coagglomeration_before"})
    out = made[[*KEYS, "coagglomeration", "lq_manufacturing", "lq_producer_services"]]
    out = out.merge(past, on=KEYS, how="left")
    out.attrs["proxies"] = proxies
    return out


def virtual(tables: RawTables, frame: pd.DataFrame) -> pd.DataFrame:
    """Virtual agglomeration by the five definitions (:data:`VIRTUAL`), from the platform's first year.

    ``storefront_density`` is ``virtual``, and zero in the years before there was a platform.
    """
    industries = _industries(tables)
    if not tables.has("city_industry_year", "storefronts") or "storefronts" not in industries:
        return _information_only(tables, industries)
    opened = industries.groupby("year")["storefronts"].sum()
    industries = industries.loc[industries["year"].isin(opened.index[opened > 0])]
    population = city_year(tables, "population")
    out = None
    for column, definition in VIRTUAL.items():
        made = virtual_agglomeration(
            industries, definition, population=population, cities=tables.table("cities")
        ).rename(columns={"value": column})
        made = made[KEYS].assign(**{column: within_year(made, column)})
        out = made if out is None else out.merge(made, on=KEYS, how="outer")
    before = frame.loc[frame["year"] < out["year"].min(), KEYS].assign(storefront_density=0.0)
    return pd.concat([out.assign(storefront_density=out["virtual"]), before], ignore_index=True)


def _information_only(tables: RawTables, industries: pd.DataFrame) -> pd.DataFrame:
    """The definition that needs no storefronts; ``attrs["missing"]`` says why the others are not there."""
    column = "virtual_information"
    made = virtual_agglomeration(industries, VIRTUAL[column]).rename(columns={"value": column})
    out = made[KEYS].assign(**{column: within_year(made, column)})
    reason = tables.missing.get("city_industry_year.storefronts", f"{tables.label} has no storefronts")
    lacking = [name for name in (*VIRTUAL, "storefront_density") if name != column]
    out.attrs["missing"] = dict.fromkeys(lacking, reason)
    return out


def taobao_villages(tables: RawTables, frame: pd.DataFrame) -> pd.DataFrame:
    """``taobao_villages``: log of one plus the number of villages on the published list of the year."""
    raw = city_year(tables, "taobao_villages")
    out = raw[KEYS].assign(taobao_villages=np.log1p(raw["taobao_villages"]))
    words = "rural clusters of shops, most cities have none; not the storefronts of a city"
    out.attrs["proxies"] = {"taobao_villages": words}
    return out


def fusion(tables: RawTables, frame: pd.DataFrame) -> pd.DataFrame:
    """``fusion``: coupling coordination of internet use and structure, standardised within the year."""
    made = _made(frame, "internet", "uil").dropna()
    degree = coupling_coordination(min_max(made["internet"]), min_max(made["uil"])).degree
    made = made[KEYS].assign(degree=degree)
    return made[KEYS].assign(fusion=within_year(made, "degree"))


def telephone_shift(tables: RawTables, frame: pd.DataFrame) -> pd.DataFrame:
    """``telephone_shift``: log telephones of 1984 per 100 persons times internet users per head elsewhere.

    Elsewhere are the other cities in which both users and residents are known.
    """
    cities = tables.table("cities")
    if not tables.has("cities", "telephones_1984") or "telephones_1984" not in cities:
        raise MissingTableError(
            tables.missing.get("cities.telephones_1984", f"{tables.label} has no telephones of 1984")
        )
    raw = city_year(tables, "internet_users", "population")
    lines = raw["city"].map(_log(cities.set_index("city")["telephones_1984"]))
    elsewhere = _elsewhere(raw)
    return raw[KEYS].assign(telephone_shift=lines * elsewhere["internet_users"] / elsewhere["population"])


def resilience_composite(tables: RawTables, frame: pd.DataFrame) -> pd.DataFrame:
    """``resilience_composite``: entropy-weighted resistance, adaptation and transformation, in [0, 1].

    Resistance is the annual relative response, adaptation the diversity of industries, transformation the
    index of industrial structure.
    """
    made = _made(frame, "resilience", "diversity", "uil").dropna()
    parts = made[["resilience", "diversity", "uil"]]
    index = entropy_index(parts, dict.fromkeys(parts, "positive")).index
    return made[KEYS].assign(resilience_composite=index)


def city_year(tables: RawTables, *columns: str) -> pd.DataFrame:
    """Keys and columns of the raw table ``city_year``.

    Raises
    ------
    MissingTableError
        If the source lacks a column, with its reason.
    """
    raw = tables.table("city_year")
    for name in columns:
        if not tables.has("city_year", name) or name not in raw:
            reason = tables.missing.get(f"city_year.{name}", "it is not part of this source")
            raise MissingTableError(f"{tables.label} has no '{name}': {reason}")
    return raw[[*KEYS, *columns]]


def within_year(frame: pd.DataFrame, column: str) -> pd.Series:
    """A column less its mean over the cities of the year, over their standard deviation."""
    groups = frame.groupby("year")[column]
    spread = groups.transform("std", ddof=0)
    return (frame[column] - groups.transform("mean")) / spread.mask(spread == 0)


def _elsewhere(raw: pd.DataFrame) -> pd.DataFrame:
    """Internet users and residents of the year's other cities that have both; NaN where none has users."""
    names = ["internet_users", "population"]
    known = raw[names].where(raw[names].notna().all(axis=1))
    total = known.groupby(raw["year"]).transform("sum")
    return (total - known.fillna(0.0)).where(total["internet_users"] > 0)


def _industries(tables: RawTables) -> pd.DataFrame:
    return tables.table("city_industry_year")


def _made(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    absent = [name for name in columns if name not in frame]
    if absent:
        raise MissingTableError(f"needs {', '.join(absent)}, which this source cannot give")
    return frame[[*KEYS, *columns]]


def _log(x: pd.Series) -> pd.Series:
    return np.log(x.where(x > 0))

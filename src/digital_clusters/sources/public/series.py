"""The city-year files that need one step each."""

from pathlib import Path

import pandas as pd

from digital_clusters.sources.public.clean import city_years, near_own_trend, set_missing, zero_means_missing
from digital_clusters.sources.public.own_years import near_own_years, off_own_growth
from digital_clusters.sources.refusals import Refusals

DIGITAL_FINANCE = {
    "city": "pref_code_year18",
    "year": "year",
    "digital_finance_index": "index_aggregate",
    "digital_finance_coverage": "coverage_breadth",
    "digital_finance_depth": "usage_depth",
    "digital_finance_digitisation": "digitization_level",
}
CREDIT_LIMIT = 0.25
"""Log points off the city's own years at which loans or deposits are refused."""

EMPLOYMENT_LIMIT = 0.5
"""The same for employment, whose definition changes twice."""

GROWTH_LIMIT = 0.2
"""Log points off the city's own growth at which a year's real growth is a change of base."""

CREDIT = {
    "city": "城市代码",
    "year": "年份",
    "loans": "年末金融机构各项贷款余额(万元)",
    "deposits": "年末金融机构存款余额(万元)",
}


def read_digital_finance(path: Path, log: Refusals) -> pd.DataFrame:
    """Digital finance index and its three parts, index points; negative parts are as published."""
    raw = pd.read_stata(path)
    # The file holds the first four digits of the code.
    raw["pref_code_year18"] *= 100
    return city_years(raw, DIGITAL_FINANCE, "digital_finance", log)


def read_credit(path: Path, log: Refusals) -> pd.DataFrame:
    """Loans and deposits at the end of the year, 10,000 yuan."""
    frame = city_years(pd.read_excel(path, engine="calamine"), CREDIT, "loans_deposits", log)
    columns = ["loans", "deposits"]
    frame = zero_means_missing(frame, columns, "loans_deposits", log)
    frame = near_own_trend(frame, columns, "loans_deposits", log)
    return near_own_years(frame, dict.fromkeys(columns, CREDIT_LIMIT), "loans_deposits", log)


def read_population(path: Path, log: Refusals) -> pd.DataFrame:
    """Resident population, 10,000 persons: the published column, not the interpolated one."""
    raw = pd.read_excel(path, sheet_name="面板数据", engine="calamine")
    columns = {"city": "城市代码", "year": "年份", "population": "常住人口（万人）"}
    frame = city_years(raw, columns, "population", log)
    return zero_means_missing(frame, ["population"], "population", log)


def read_employment(path: Path, log: Refusals) -> pd.DataFrame:
    """Employed persons in urban units, 10,000 persons."""
    columns = {"city": "Ctnm_id", "year": "Sgnyea", "employment": "Eect05"}
    frame = city_years(pd.read_csv(path, encoding="utf-8"), columns, "statistics_employment", log)
    return near_own_years(frame, {"employment": EMPLOYMENT_LIMIT}, "statistics_employment", log)


def read_real_gdp(path: Path, log: Refusals) -> pd.DataFrame:
    """GDP at prices of 2000, 100 million yuan.

    A year whose growth is off the city's own by more than :data:`GROWTH_LIMIT` has its level refused: growth
    into that year and out of it is then not computed across a change of base.
    """
    columns = {"city": "城市", "year": "年份", "gdp_real": "实际GDP"}
    raw = pd.read_excel(path, sheet_name="Sheet1", engine="calamine")
    frame = city_years(raw, columns, "real_gdp", log, by="name")
    rule = f"growth off the city's own by more than {GROWTH_LIMIT} log points"
    rows = off_own_growth(frame, "gdp_real", GROWTH_LIMIT)
    return frame.assign(gdp_real=set_missing(frame, "gdp_real", rows, "real_gdp", rule, log))


def read_foreign_investment(path: Path, log: Refusals) -> pd.DataFrame:
    """Foreign direct investment actually used, million USD."""
    columns = {"city": "地级市", "year": "year", "foreign_direct_investment": "外商直接投资"}
    raw = pd.read_excel(path, sheet_name="Sheet1", engine="calamine")
    return city_years(raw, columns, "foreign_investment", log, by="name")


def read_retail_sales(path: Path, log: Refusals) -> pd.DataFrame:
    """Retail sales of consumer goods, 100 million yuan (published in 10,000 yuan)."""
    columns = {"city": "城市", "year": "年份", "retail_sales": "社会消费品零售额_全市_万元"}
    raw = pd.read_excel(path, sheet_name="new", engine="calamine")
    frame = city_years(raw, columns, "retail_sales", log, by="name")
    frame = near_own_trend(frame, ["retail_sales"], "retail_sales", log)
    return frame.assign(retail_sales=frame["retail_sales"] / 1e4)

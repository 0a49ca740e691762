"""Published lists of Taobao villages: the public trace of virtual agglomeration.

A Taobao village is an administrative village with at least 100 active shops, or shops at 10 % of its
households, and ten million yuan of sales a year on the platform (AliResearch). The lists name villages,
not shops, and only those above the threshold: they say where shops crowd together in the countryside.
"""

from pathlib import Path

import pandas as pd

from digital_clusters.errors import FileError
from digital_clusters.sources.city_codes import clean_names, codes_of_names
from digital_clusters.sources.policies import city_facts, province_names, units_left_out
from digital_clusters.sources.public.clean import DROPPED
from digital_clusters.sources.refusals import Refusals

HEADERS = {
    2014: {"province": "省", "city": "市", "county": "区/县", "village": "村"},
    2015: {"province": "省", "city": "市", "county": "县", "village": "村"},
    2016: {"province": "省(市、区)", "city": "市（州）", "county": "县（市、区）", "village": "村"},
}
"""Year of the list → our column → header in the file."""

TITLE_ROWS = {2014: 0, 2015: 0, 2016: 1}
"""Rows above the header."""

DISTRICTS = ("市辖区", "县", "省直辖县级行政区划")
"""What stands for a city where there is none: districts of a municipality, units right under a province."""

NO_VILLAGE = "row without village"
UNKNOWN_CITY = "no city of that name in the province"


def read_taobao_villages(paths: dict[str, Path], log: Refusals) -> pd.DataFrame:
    """Taobao villages of each city on the lists of 2014, 2015 and 2016.

    A village counts for the city that its row names, by the name's current spelling. Where the list has
    "districts of the city" for a city, the city is the municipality that stands as the province. A row
    that names no village, or a city that the province does not have (a county right under the province
    among them), is dropped and logged with the name.

    Parameters
    ----------
    paths : dict of str to Path
        ``taobao_villages_2014`` and so on → file.
    log : Refusals
        Takes the rows that are not counted.

    Returns
    -------
    pandas.DataFrame
        Columns city, year, taobao_villages (count); every city of the project in each of the three
        years, 0 where the list has none.

    Raises
    ------
    FileError
        If a file lacks a column.
    """
    cities = city_facts()["city"]
    cities = cities[~cities.isin(units_left_out()["code"])]
    listed = pd.concat([_listed(paths[f"taobao_villages_{year}"], year, log) for year in HEADERS])
    every = pd.MultiIndex.from_product([cities, HEADERS], names=["city", "year"])
    counts = listed.groupby(["city", "year"]).size().reindex(every, fill_value=0)
    return counts.astype("float64").rename("taobao_villages").reset_index()


def _listed(path: Path, year: int, log: Refusals) -> pd.DataFrame:
    """One row a village that has a city: columns city, year."""
    file = f"taobao_villages_{year}"
    raw = pd.read_excel(path, sheet_name=0, header=TITLE_ROWS[year], engine="calamine")
    lacking = [header for header in HEADERS[year].values() if header not in raw]
    if lacking:
        raise FileError(f"public file '{file}' has no column '{lacking[0]}': it is not the version expected")
    frame = pd.DataFrame({ours: raw[theirs] for ours, theirs in HEADERS[year].items()}).assign(year=year)
    empty = frame["village"].isna()
    log.add(frame[empty].drop(columns="city"), file=file, rule=NO_VILLAGE, column="province", action=DROPPED)
    frame = frame[~empty]
    code = city_codes(frame["province"], frame["city"])
    unknown = code.isna()
    named = frame["province"].str.cat([frame["city"], frame["county"]], sep=" ", na_rep="?")
    refused = pd.DataFrame({"year": year, "county": named[unknown]})
    log.add(refused, file=file, rule=UNKNOWN_CITY, column="county", action=DROPPED)
    return frame[~unknown].assign(city=code[~unknown].astype("int64"))[["city", "year"]]


def city_codes(provinces: pd.Series, cities: pd.Series) -> pd.Series:
    """Code of each city, missing where the province has no city of that name.

    Examples
    --------
    >>> city_codes(pd.Series(["浙江省", "天津市"]), pd.Series(["温州市", "市辖区"])).tolist()
    [330300, 120000]
    """
    provinces, cities = clean_names(provinces), clean_names(cities)
    code = codes_of_names(cities.mask(cities.isin(DISTRICTS), provinces))
    # Two characters tell the provinces apart; lists write 天津 as well as 天津市.
    return code.where(code.map(province_names().str[:2]) == provinces.str[:2])

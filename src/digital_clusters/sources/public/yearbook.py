"""The city yearbooks in a public copy: public spending, credit, retail trade, telephones, the internet.

Two forms are read: an extract of eleven columns, and the whole file of 206 with employment in nineteen
industries, in whole 10,000 persons. Values of the whole file are trusted if its eleven columns are, cell
for cell, those of the extract.
"""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd

from digital_clusters.errors import FileError
from digital_clusters.sources.public.accounts import INTERPOLATED, MARKED, on_the_line
from digital_clusters.sources.public.clean import city_years, set_missing, zero_means_missing
from digital_clusters.sources.public.own_years import flat_at_the_ends, near_own_years
from digital_clusters.sources.refusals import Refusals

KEYS = {"city": "城市代码", "year": "年份"}
YEARBOOK = KEYS | {
    "retail_sales": "社会消费品零售总额(万元)",
    "fiscal_expenditure": "地方财政一般预算内支出(万元)",
    "science_expenditure": "科学支出(万元)",
    "education_expenditure": "教育支出(万元)",
    "telecom_revenue": "电信业务收入(万元)",
    "mobile_users": "移动电话年末用户数(万户)",
    "internet_users": "国际互联网用户数(户)",
}
CREDIT_COLUMNS = ("年末金融机构各项贷款余额(万元)", "年末金融机构存款余额(万元)")
EXTRACT_YEARS = (2003, 2021)

INDUSTRIES = {
    "A": "农林牧渔业从业人员数(万人)",
    "B": "采掘业从业人员数(万人)",
    "C": "制造业从业人员数(万人)",
    "D": "电力煤气及水生产供应业从业人员数(万人)",
    "E": "建筑业从业人员数(万人)",
    "F": "批发零售贸易业从业人员数(万人)",
    "G": "交通仓储邮电业从业人员数(万人)",
    "H": "住宿餐饮业从业人员数(万人)",
    "I": "信息传输、计算机服务和软件业从业人员数(万人)",
    "J": "金融业从业人员数(万人)",
    "K": "房地产业从业人员数(万人)",
    "L": "租赁和商业服务业从业人员数(万人)",
    "M": "科研、技术服务和地质勘查业从业人员数(万人)",
    "N": "水利、环境和公共设施管理业从业人员数(万人)",
    "O": "居民服务和其他服务业从业人员数(万人)",
    "P": "教育业从业人员数(万人)",
    "Q": "卫生、社会保险和社会福利业从业人员数(万人)",
    "R": "文化、体育和娱乐业从业人员数(万人)",
    "S": "公共管理和社会组织从业人员数(万人)",
}
"""Section of GB/T 4754 → header; the nineteen of the classification in force since 2003."""

LIMITS = {
    "retail_sales": 0.3,
    "fiscal_expenditure": 0.4,
    "education_expenditure": 0.4,
    "mobile_users": 0.4,
    "internet_users": 0.7,
    "telecom_revenue": 0.7,
    "science_expenditure": 1.1,
}
"""Log points off the city's own years. Wider where a series moves more from year to year: one project can
double a small city's science expenditure."""

STUDENTS_LIMIT = 0.7
"""The same for students."""

SHARE_LIMIT = 0.01
"""Distance in log points within which two publications of a share agree."""

STUDENTS = {"city": "地级市代码", "year": "年份_final", "university_students": "普通高等学校在校学生数(人)"}
SHARES = {"city": "city", "year": "time", "science_share": "share"}

WITHOUT_TELEPHONES = 2020
"""The year whose telephones and telecom revenue were printed for no city; other copies interpolate it."""

TELEPHONES = ("telecom_revenue", "mobile_users", "internet_users")


def read_yearbook(path: Path, file: str, log: Refusals) -> pd.DataFrame:
    """Spending, retail sales, telephones and internet by city and year, 2003–2021, in the schema's units.

    Parameters
    ----------
    path : Path
        The extract or the whole file, in UTF-8.
    file : str
        Its key in ``data/upstream.yml``.
    log : Refusals

    Returns
    -------
    pandas.DataFrame
        city, year, retail_sales (100 million yuan), fiscal_expenditure, science_expenditure,
        education_expenditure, telecom_revenue (10,000 yuan), mobile_users and internet_users (10,000).
    """
    raw = pd.read_csv(path, encoding="utf-8", usecols=list(YEARBOOK.values()), low_memory=False)
    raw = raw[raw[KEYS["year"]].between(*EXTRACT_YEARS)]
    frame = city_years(raw, YEARBOOK, file, log)
    frame = zero_means_missing(frame, list(YEARBOOK)[2:], file, log)
    rows = frame["year"] == WITHOUT_TELEPHONES
    rule = f"telephones of {WITHOUT_TELEPHONES} were not printed"
    kept = {name: set_missing(frame, name, rows, file, rule, log) for name in TELEPHONES}
    frame = near_own_years(frame.assign(**kept), LIMITS, file, log)
    # published in 10,000 yuan and in subscribers
    return frame.assign(
        retail_sales=frame["retail_sales"] / 1e4, internet_users=frame["internet_users"] / 1e4
    )


def check_values(path: Path, expected: str) -> None:
    """Refuse a whole file whose eleven columns are not those of the extract.

    Raises
    ------
    FileError
        If a column is not there or a value differs.
    """
    try:
        raw = pd.read_csv(
            path, encoding="utf-8", usecols=[*YEARBOOK.values(), *CREDIT_COLUMNS], low_memory=False
        )
    except ValueError as error:
        raise FileError(f"{path.name} is not the yearbook file expected: {error}") from None
    found = values_digest(raw[raw[KEYS["year"]].between(*EXTRACT_YEARS)])
    if found != expected:
        raise FileError(
            f"{path} does not hold the values expected: checksum of {EXTRACT_YEARS[0]}–{EXTRACT_YEARS[1]} is "
            f"{found[:12]}…, not {expected[:12]}…. Delete it and run `digital-clusters data fetch`."
        )


def values_digest(raw: pd.DataFrame) -> str:
    """sha256 over the numbers of a yearbook table, whatever the order of its rows and columns.

    Rows without any value do not count, nor does the way in which a number was written.
    """
    keys, values = list(KEYS.values()), sorted(set(raw.columns) - set(KEYS.values()))
    ordered = raw.dropna(subset=values, how="all").sort_values(keys)[[*keys, *values]]
    numbers = ordered.to_numpy("<f8")
    # one bit pattern for what is missing
    return hashlib.sha256(np.where(np.isnan(numbers), np.nan, numbers).astype("<f8").tobytes()).hexdigest()


def read_industries(path: Path, file: str, log: Refusals) -> pd.DataFrame:
    """Employment by industry from the whole file (raw table ``city_industry_year``).

    Returns
    -------
    pandas.DataFrame
        city, industry, year, employment (10,000 persons, published in whole numbers: below 5,000 persons is
        zero). A city-year in which no industry has a value is not there.
    """
    columns = KEYS | INDUSTRIES
    raw = pd.read_csv(path, encoding="utf-8", usecols=list(columns.values()), low_memory=False)
    raw = raw[raw[KEYS["year"]].between(*EXTRACT_YEARS)]
    wide = city_years(raw, columns, file, log)
    wide = wide.dropna(subset=list(INDUSTRIES), how="all")
    long = wide.melt(["city", "year"], list(INDUSTRIES), "industry", "employment")
    return long.sort_values(["city", "industry", "year"], ignore_index=True)


def read_students(path: Path, log: Refusals) -> pd.DataFrame:
    """Students in regular higher education, persons, without what the file's author interpolated.

    The author filled gaps linearly within cities, at the edges flat, and marked nothing: halves of a person,
    values halfway between both neighbouring years and flat edges are refused.
    """
    file = "students"
    frame = city_years(pd.read_excel(path, engine="calamine"), STUDENTS, file, log)
    students = "university_students"
    frame = zero_means_missing(frame, [students], file, log)
    broken = frame[students] % 1 != 0
    rows = broken | on_the_line(frame, students, step=0.5) | flat_at_the_ends(frame, students)
    frame[students] = set_missing(frame, students, rows, file, INTERPOLATED, log)
    return near_own_years(frame, {students: STUDENTS_LIMIT}, file, log)


def read_science_shares(path: Path, log: Refusals) -> pd.DataFrame:
    """Science expenditure over fiscal expenditure (a share) from a third publication, 2011–2020."""
    raw = pd.read_excel(path, engine="calamine")
    # published as the log of parts in ten thousand
    raw = raw.assign(share=np.exp(raw["ST"]) / 1e4)
    return city_years(raw, SHARES, "science_shares", log, by="name")


def mark_other_shares(frame: pd.DataFrame, shares: pd.DataFrame, file: str, log: Refusals) -> None:
    """Enter science expenditure in the log where a third publication has another share of the budget.

    Nothing is changed: the third publication repeats the yearbook's slips and cannot say who is right.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns city, year, science_expenditure, fiscal_expenditure; one row a city-year.
    shares : pandas.DataFrame
        Columns city, year, science_share.
    """
    both = frame.merge(shares, on=["city", "year"])
    share = both["science_expenditure"] / both["fiscal_expenditure"]
    rows = np.log(share / both["science_share"]).abs() > SHARE_LIMIT
    rule = f"another publication's share of the budget is more than {SHARE_LIMIT} log points away"
    log.add(both[rows], file=file, rule=rule, column="science_expenditure", action=MARKED)

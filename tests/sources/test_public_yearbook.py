"""The copy of the city yearbooks: the whole file in small, in the form that its header documents."""

import numpy as np
import pandas as pd
import pytest

from digital_clusters.errors import FileError
from digital_clusters.measures.city_panel import build_city_panel
from digital_clusters.sources.public import yearbook
from digital_clusters.sources.refusals import Refusals
from digital_clusters.sources.tables import RawTables
from digital_clusters.sources.upstream import locate, upstream_files

NANJING, WUXI, CHAOHU = 320100, 320200, 341400
YEARS = range(2003, 2022)
HEADERS = [
    *("年份", "省份", "城市", "省份代码", "城市代码", "所属地域", "胡焕庸线"),
    *(header for header in yearbook.INDUSTRIES.values()),
    *(header for name, header in yearbook.YEARBOOK.items() if name not in ("city", "year")),
    *yearbook.CREDIT_COLUMNS,
    "",
]


def cell(header: str, city: int, year: int) -> float:
    """Ten per cent growth from a level of its own; employment is whole."""
    level = 50 + HEADERS.index(header) + city % 1000 / 100
    if header in yearbook.INDUSTRIES.values():
        return HEADERS.index(header) - 6 + city % 1000 // 100
    return level * 1.1 ** (year - 2003) * 1e4


@pytest.fixture
def whole() -> pd.DataFrame:
    rows = [
        {
            header: {"年份": year, "城市代码": city}.get(
                header, "" if not header else cell(header, city, year)
            )
            for header in HEADERS
        }
        | {"省份": "江苏省", "城市": "市", "省份代码": 320000, "所属地域": "东部", "胡焕庸线": "东南侧"}
        for city in (NANJING, WUXI, CHAOHU)
        for year in (1990, *YEARS)
    ]
    return pd.DataFrame(rows)


def written(frame: pd.DataFrame, folder):
    path = folder / "whole.csv"
    frame.to_csv(path, index=False, encoding="utf-8")
    return path


def key(frame: pd.DataFrame) -> pd.Series:
    return (frame["城市代码"] == NANJING) & (frame["年份"] == 2010)


def test_columns_in_the_units_of_the_schema(whole, tmp_path):
    frame = yearbook.read_yearbook(written(whole, tmp_path), "yearbook", Refusals())
    row = frame.set_index(["city", "year"]).loc[(NANJING, 2010)]
    assert row["retail_sales"] == pytest.approx(cell("社会消费品零售总额(万元)", NANJING, 2010) / 1e4)
    assert row["internet_users"] == pytest.approx(cell("国际互联网用户数(户)", NANJING, 2010) / 1e4)
    assert row["education_expenditure"] == pytest.approx(cell("教育支出(万元)", NANJING, 2010))
    assert sorted(frame["year"].unique()) == list(YEARS) and set(frame["city"]) == {NANJING, WUXI}


def test_telephones_of_2020_are_refused_whatever_a_copy_has_there(whole, tmp_path):
    log = Refusals()
    frame = yearbook.read_yearbook(written(whole, tmp_path), "yearbook", log).set_index("year")
    telephones = frame[list(yearbook.TELEPHONES)]
    assert telephones.loc[2020].isna().all(axis=None) and telephones.drop(2020).notna().all(axis=None)
    assert frame.loc[2020, "education_expenditure"].notna().all()
    refused = log.frame()[log.frame()["rule"] == "telephones of 2020 were not printed"]
    assert len(refused) == 2 * 3


def test_a_slip_of_the_unit_is_refused(whole, tmp_path):
    whole.loc[key(whole), "教育支出(万元)"] *= 10
    frame = yearbook.read_yearbook(written(whole, tmp_path), "yearbook", Refusals())
    gone = frame[frame["education_expenditure"].isna()]
    assert gone[["city", "year"]].to_numpy().tolist() == [[NANJING, 2010]]


def test_employment_by_nineteen_industries(whole, tmp_path):
    frame = yearbook.read_industries(written(whole, tmp_path), "yearbook", Refusals())
    assert len(frame) == 2 * len(YEARS) * 19 and set(frame["industry"]) == set("ABCDEFGHIJKLMNOPQRS")
    found = frame.set_index(["city", "industry", "year"])["employment"]
    header = "信息传输、计算机服务和软件业从业人员数(万人)"
    assert found[(WUXI, "I", 2015)] == cell(header, WUXI, 2015)


def test_years_without_employment_are_not_there(whole, tmp_path):
    whole.loc[whole["年份"] > 2019, list(yearbook.INDUSTRIES.values())] = np.nan
    frame = yearbook.read_industries(written(whole, tmp_path), "yearbook", Refusals())
    assert frame["year"].max() == 2019


def test_the_information_industry_needs_no_storefronts(whole, tmp_path):
    industries = yearbook.read_industries(written(whole, tmp_path), "yearbook", Refusals())
    cities = pd.DataFrame({"city": [NANJING, WUXI], "name": ["a", "b"], "lon": [118.0, 120.0], "lat": 32.0})
    city_year = industries[["city", "year"]].drop_duplicates().assign(population=800.0)
    frames = {"cities": cities, "city_year": city_year, "city_industry_year": industries}
    tables = RawTables(
        "public",
        {name: (lambda frame=frame: frame) for name, frame in frames.items()},
        {"city_industry_year.storefronts": "the platform never published them"},
    )
    panel = build_city_panel(tables)
    jobs = industries.pivot_table(index=["city", "year"], columns="industry", values="employment")
    share = jobs["I"] / jobs.sum(axis=1)
    higher = panel.frame.set_index(["city", "year"])["virtual_information"] > 0
    assert (higher == (share > share.groupby("year").transform("mean"))).all()
    assert panel.missing["virtual"] == "the platform never published them" and "virtual" not in panel.frame


def test_the_checksum_of_values_depends_on_values_alone(whole, tmp_path):
    read = [*yearbook.YEARBOOK.values(), *yearbook.CREDIT_COLUMNS]
    extract = whole.loc[whole["年份"] >= 2003, read]
    digest = yearbook.values_digest(extract)
    empty = extract.iloc[:1].assign(**dict.fromkeys(read[2:], np.nan), 城市代码=999)
    other = pd.concat([extract.sample(frac=1, random_state=0), empty])[read[::-1]]
    assert yearbook.values_digest(other.astype({"教育支出(万元)": "float64"})) == digest
    path = written(whole, tmp_path)
    yearbook.check_values(path, digest)
    whole.loc[key(whole), "教育支出(万元)"] += 1
    with pytest.raises(FileError, match="does not hold the values expected.*data fetch"):
        yearbook.check_values(written(whole, tmp_path), digest)
    with pytest.raises(FileError, match="not the yearbook file expected"):
        yearbook.check_values(written(whole.drop(columns="教育支出(万元)"), tmp_path), digest)


def students(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(yearbook.STUDENTS.values()))


def test_students_interpolated_without_a_mark_are_refused(tmp_path, monkeypatch):
    gap = [60_000, 61_500, 62_750.5, 64_001, 66_000, 67_312]
    line = [5_000, 5_321, 5_700, 6_079, 6_100, 6_100]
    table = students(
        *((NANJING, 2007 + i, value) for i, value in enumerate(gap)),
        *((WUXI, 2007 + i, value) for i, value in enumerate(line)),
    )
    monkeypatch.setattr(pd, "read_excel", lambda path, engine: table)
    log = Refusals()
    frame = yearbook.read_students(tmp_path / "students.xlsx", log).set_index(["city", "year"])
    gone = frame.index[frame["university_students"].isna()].tolist()
    # a half of a person; halfway between two years; the flat end
    assert gone == [(NANJING, 2009), (WUXI, 2009), (WUXI, 2012)]
    assert set(log.frame()["rule"]) == {"linearly interpolated at source"}


def test_another_share_of_the_budget_is_marked_and_changes_nothing():
    frame = pd.DataFrame(
        {
            "city": NANJING,
            "year": [2011, 2012],
            "science_expenditure": [10.0, 20.0],
            "fiscal_expenditure": 1e3,
        }
    )
    shares = pd.DataFrame({"city": NANJING, "year": [2011, 2012], "science_share": [0.01, 0.05]})
    log = Refusals()
    yearbook.mark_other_shares(frame, shares, "file", log)
    assert log.frame()[["year", "value", "action"]].to_numpy().tolist() == [
        [2012, "20.0", "value kept, marked"]
    ]


def test_the_public_extract_has_the_checksum_that_the_whole_file_must_have(mirror):
    path = locate(["yearbook_extract"], mirror=mirror)["yearbook_extract"]
    assert yearbook.values_digest(pd.read_csv(path)) == upstream_files()["yearbook"].values_sha256


def test_a_third_publication_has_the_same_science_share_in_all_but_a_dozen_city_years(mirror):
    paths, log = locate(["yearbook_extract", "science_shares"], mirror=mirror), Refusals()
    frame = yearbook.read_yearbook(paths["yearbook_extract"], "yearbook_extract", Refusals())
    shares = yearbook.read_science_shares(paths["science_shares"], Refusals())
    yearbook.mark_other_shares(frame, shares, "yearbook_extract", log)
    assert len(frame.merge(shares, on=["city", "year"])) > 2_700 and len(log.frame()) == 12

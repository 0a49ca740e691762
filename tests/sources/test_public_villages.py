"""Published Taobao villages, against the printed totals and the lists read a second time by hand."""

import pandas as pd
import pytest

from digital_clusters.errors import FileError
from digital_clusters.sources import open_source
from digital_clusters.sources.public import villages
from digital_clusters.sources.public.villages import city_codes, read_taobao_villages
from digital_clusters.sources.refusals import Refusals
from digital_clusters.sources.upstream import locate, upstream_files

PRINTED = {2014: 212, 2015: 780, 2016: 1311}
"""Villages on the list of each year, as AliResearch announced."""


@pytest.fixture(scope="module")
def paths(mirror):
    return locate([key for key in upstream_files() if key.startswith("taobao_villages")], mirror=mirror)


@pytest.fixture(scope="module")
def read(paths):
    log = Refusals()
    return read_taobao_villages(paths, log), log.frame()


def test_every_listed_village_is_counted_or_logged(read):
    counts, log = read
    unmatched = log[log["rule"] == villages.UNKNOWN_CITY].groupby("year").size()
    counted = counts.groupby("year")["taobao_villages"].sum()
    assert counted.add(unmatched, fill_value=0).to_dict() == PRINTED
    assert unmatched.empty


def test_a_row_that_is_no_village_is_in_the_log(read):
    log = read[1]
    assert len(log) == 1
    entry = log.iloc[0]
    assert entry[["file", "rule", "year", "column", "value", "action"]].tolist() == [
        "taobao_villages_2014",
        "row without village",
        2014,
        "province",
        "广东省",
        "row dropped",
    ]


@pytest.mark.parametrize(("year", "header"), [(2014, 0), (2015, 0), (2016, 1)])
def test_counts_of_each_city_are_those_of_its_name(paths, read, year, header):
    raw = pd.read_excel(paths[f"taobao_villages_{year}"], header=header, engine="calamine")
    names = raw.dropna(subset="村").iloc[:, 1].str.strip()
    counts = read[0][read[0]["year"] == year].set_index("city")["taobao_villages"]
    for name, city in {"金华市": 330700, "菏泽市": 371700, "揭阳市": 445200, "十堰市": 420300}.items():
        assert counts[city] == (names == name).sum()
    # The list of 2014 has 市辖区 where it means Tianjin.
    assert counts[120000] == names.isin(["天津市", "市辖区"]).sum() > 0
    assert (counts > 0).sum() == names.nunique()


def test_cities_without_a_village_are_zero_in_covered_years_and_missing_in_others(mirror, read):
    counts = read[0]
    assert not counts.duplicated(["city", "year"]).any()
    assert len(counts) == 337 * 3 and not counts["taobao_villages"].isna().any()
    public = open_source("public", mirror=mirror)
    frame = public.table("city_year")
    covered = frame["year"].isin(PRINTED)
    assert frame.loc[covered, "taobao_villages"].notna().all()
    assert frame.loc[~covered, "taobao_villages"].isna().all()
    assert frame["taobao_villages"].sum() == sum(PRINTED.values())
    lhasa = frame.set_index(["city", "year"])["taobao_villages"]
    assert lhasa[(540100, 2015)] == 0
    assert any("taobao-village-list-2014" in name for name in public.provenance)


@pytest.mark.parametrize(
    ("province", "city", "code"),
    [
        ("浙江省", "温州市", 330300),
        ("浙江", " 温州\u200b", 330300),
        ("天津市", "市辖区", 120000),
        ("重庆市", "县", 500000),
        ("湖北省", "襄樊市", 420600),
        ("河南省", "温州市", None),
        ("河南省", "济源市", None),
        ("湖北省", "省直辖县级行政区划", None),
        ("湖北省", "仙桃市", None),
    ],
)
def test_a_city_is_known_by_province_and_name(province, city, code):
    found = city_codes(pd.Series([province]), pd.Series([city]))
    assert found.isna().all() if code is None else found.tolist() == [code]


def lists(monkeypatch, rows: pd.DataFrame):
    """The three lists, where each has ``rows``: columns province, city, county, village."""
    by_file = {f"list-{year}": rows.rename(columns=villages.HEADERS[year]) for year in PRINTED}
    monkeypatch.setattr(pd, "read_excel", lambda path, **options: by_file[path])
    return {f"taobao_villages_{year}": f"list-{year}" for year in PRINTED}


def test_an_unknown_city_is_logged_with_its_names_and_counted_nowhere(monkeypatch):
    names = ["province", "city", "county", "village"]
    rows = [
        ["湖北省", "省直辖", "仙桃市", "甲村"],
        ["河南省", None, "济源市", "乙村"],
        ["福建省", "厦门市", "-", "丙村"],
    ]
    log = Refusals()
    counts = read_taobao_villages(lists(monkeypatch, pd.DataFrame(rows, columns=names)), log)
    assert counts["taobao_villages"].sum() == 3
    refused = log.frame()
    assert refused["rule"].unique().tolist() == ["no city of that name in the province"]
    assert refused.loc[refused["year"] == 2016, "value"].tolist() == [
        "湖北省 省直辖 仙桃市",
        "河南省 ? 济源市",
    ]


def test_a_list_without_a_column_is_not_the_version_expected(monkeypatch):
    rows = pd.DataFrame({"province": ["福建省"], "city": ["厦门市"], "village": ["丙村"]})
    with pytest.raises(FileError, match="'taobao_villages_2014' has no column '区/县'"):
        read_taobao_villages(lists(monkeypatch, rows), Refusals())

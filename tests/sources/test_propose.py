"""A first column map from files of the forms that yearbooks, databases and published panels have."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from digital_clusters.cli.commands import app
from digital_clusters.errors import FileError
from digital_clusters.sources import open_source
from digital_clusters.sources.folder.headings import factor_to_ours, meaning
from digital_clusters.sources.folder.propose import propose, write_proposal

MIRROR = os.environ.get("DIGITAL_CLUSTERS_MIRROR")
CITIES = ["北京市", "天津市", "石家庄市", "唐山市"]
CODES = [110000, 120000, 130100, 130200]
YEARS = [2010, 2011, 2012]


def panel(**columns):
    """Four cities in three years; columns are functions of the row number."""
    keys = [(code, name, year) for code, name in zip(CODES, CITIES, strict=True) for year in YEARS]
    frame = pd.DataFrame(keys, columns=["code", "name", "year"])
    return frame.assign(**{name: make(np.arange(len(frame))) for name, make in columns.items()})


def opened(folder):
    write_proposal(folder)
    return open_source("folder", folder=folder)


@pytest.mark.parametrize(
    ("heading", "column", "unit"),
    [
        ("地区生产总值(万元)", "gdp", "万元"),
        ("gdp（亿元人民币）", "gdp", "亿元人民币"),
        ("地区生产总值_当年价格_全市_万元", "gdp", "万元"),
        ("年末金融机构各项贷款余额(万元)", "loans", "万元"),
        ("loan_balance_100m", "loans", "100m"),
        ("人均地区生产总值（元）", "gdp_per_capita", "元"),
        ("常住人口：万人", "population", "万人"),
        ("index_aggregate", "digital_finance_index", None),
        ("GDP平减指数", None, None),
        ("插值_常住人口（万人）", None, "万人"),
        ("城市", None, None),
    ],
)
def test_what_a_heading_means(heading, column, unit):
    found = meaning(heading)
    assert (found.column, found.unit, found.why_not) == (column, unit, "")


def test_districts_are_not_the_city():
    assert meaning("地区生产总值_市辖区_万元").why_not == "'市辖区' is not the whole city"


@pytest.mark.parametrize(
    ("column", "unit", "factor"),
    [
        ("gdp", "万元", 1e-4),
        ("loans", "亿元", 1e4),
        ("loans", "100m", 1e4),
        ("gdp_per_capita", "元", 1),
        ("foreign_direct_investment", "万美元", 0.01),
        ("internet_users", "户", None),
        ("digital_finance_index", "元", None),
    ],
)
def test_factors_to_the_unit_of_the_codebook(column, unit, factor):
    assert factor_to_ours(column, unit) == (factor if factor is None else pytest.approx(factor, rel=1e-12))


def test_a_yearbook_panel_in_gbk(tmp_path):
    frame = panel(gdp=lambda i: 1e7 + 1e5 * i, loans=lambda i: 2e7 + i).rename(
        columns={"code": "城市代码", "name": "城市", "year": "年份", "gdp": "地区生产总值(万元)"}
    )
    frame = frame.rename(columns={"loans": "年末金融机构各项贷款余额(万元)"})
    frame.loc[len(frame)] = [341400, "巢湖市", 2010, 5e6, 1e6]
    frame.to_csv(tmp_path / "年鉴.csv", index=False, encoding="gb18030")
    source = opened(tmp_path)
    table = source.table("city_year")
    assert table["gdp"].tolist() == pytest.approx((1e3 + 10 * np.arange(12)).tolist(), rel=1e-12)
    assert table["loans"].tolist() == (2e7 + np.arange(12)).tolist()
    assert source.log["rule"].tolist() == ["city left out by columns.yml"]
    text = (tmp_path / "columns.yml").read_text(encoding="utf-8")
    assert 'city: "城市代码"' in text and "encoding: gb18030" in text
    assert '- "341400"   # 巢湖市: dissolved in 2011' in text


def test_names_and_a_title_and_notes_in_a_workbook(tmp_path, write_workbook):
    rows = [["各城市主要指标", None, None], ["城市", "年份", "社会消费品零售总额（亿元）"]]
    rows += [[name.removesuffix("市"), f"{year}年", "1,200.5"] for name in CITIES for year in YEARS]
    rows += [[None, None, None], ["数据来源：各市统计年鉴", None, None]]
    write_workbook(tmp_path / "a.xlsx", {"表1": rows, "说明": [["计算公式"]]})
    source = opened(tmp_path)
    table = source.table("city_year")
    assert table["city"].unique().tolist() == CODES and table["retail_sales"].unique().tolist() == [1200.5]
    assert source.log[["rule", "value"]].iloc[-1].tolist() == [
        "row without city or year",
        "row 16: 数据来源:各市统计年鉴",
    ]


def test_years_as_columns_named_by_the_file(tmp_path):
    wide = pd.DataFrame(
        {"地区": CITIES} | {f"{year}年": [100.0 + year + i for i in range(4)] for year in YEARS}
    )
    wide.to_csv(tmp_path / "地区生产总值（亿元）.csv", index=False)
    table = opened(tmp_path).table("city_year").sort_values(["city", "year"])
    assert table["gdp"].tolist() == [100.0 + year + i for i in range(4) for year in YEARS]


def test_years_inside_the_headings(tmp_path):
    wide = pd.DataFrame({"citycode": CODES})
    for year in YEARS:
        wide[f"gdp_100m_{year}"] = 1000.0 + year
        wide[f"resident_pop_10k_{year}"] = 300.0
    wide.to_csv(tmp_path / "w.csv", index=False)
    table = opened(tmp_path).table("city_year")
    assert len(table) == 12 and table["population"].unique().tolist() == [300.0]
    assert (table["gdp"] == 1000.0 + table["year"]).all()


def test_what_is_not_taken_says_why(tmp_path):
    frame = panel(
        GDP=lambda i: 2.5 + 0.01 * i,
        internet=lambda i: 1e6 + i,
        loans=lambda i: np.where(i % 2, "many", "few"),
        gini=lambda i: 0.3 + 0.01 * i,
    ).rename(columns={"internet": "国际互联网用户数(户)", "gini": "lights_gini"})
    frame.to_csv(tmp_path / "logs.csv", index=False)
    text = propose(tmp_path).text
    assert "GDP (gdp? no unit given, and a median of 2.555 does not fit 100 million yuan)" in text
    assert "internet_users? it is in 户, the codebook in 10,000 persons" in text
    assert "loans? 12 cells of text" in text
    assert 'lights_gini: "lights_gini"' in text


def test_marks_of_missing_values_and_impossible_values_are_declared(tmp_path):
    frame = panel(loans=lambda i: np.where(i == 3, "不详", (1e7 + i).astype(int).astype(str)))
    frame.loc[5, "loans"] = "-7"
    frame.rename(columns={"loans": "贷款余额(万元)"}).to_csv(tmp_path / "a.csv", index=False)
    source = opened(tmp_path)
    assert source.table("city_year")["loans"].isna().sum() == 2
    assert source.log["rule"].tolist() == ["value outside its range"]
    text = (tmp_path / "columns.yml").read_text(encoding="utf-8")
    assert 'missing: ["不详"]' in text and "out_of_range: missing" in text


def test_a_variable_in_two_files_is_taken_from_the_fuller(tmp_path):
    full = panel(gdp_100m=lambda i: 1000.0 + i, population=lambda i: 300.0 + i)
    full.drop(columns="population").to_csv(tmp_path / "b.csv", index=False)
    full.head(6).to_csv(tmp_path / "a.csv", index=False)
    source = opened(tmp_path)
    table = source.table("city_year")
    assert table["gdp"].notna().sum() == 12 and table["population"].notna().sum() == 6
    assert set(source.provenance) == {"columns.yml", "a.csv", "b.csv"}


def test_a_file_whose_key_repeats_is_refused(tmp_path):
    frame = panel(gdp_100m=lambda i: 1000.0 + i)
    pd.concat([frame, frame.tail(1)]).to_csv(tmp_path / "a.csv", index=False)
    with pytest.raises(FileError, match=r"(?s)no table of cities and years.*a\.csv.*duplicate key"):
        write_proposal(tmp_path)
    assert not (tmp_path / "columns.yml").exists()


def test_a_map_is_not_overwritten(tmp_path):
    panel(gdp_100m=lambda i: 1000.0 + i).to_csv(tmp_path / "a.csv", index=False)
    (tmp_path / "columns.yml").write_text("mine")
    with pytest.raises(FileError, match="is there already"):
        write_proposal(tmp_path)
    assert (tmp_path / "columns.yml").read_text() == "mine"
    write_proposal(tmp_path, force=True)
    assert len(open_source("folder", folder=tmp_path).table("city_year")) == 12


def test_rows_in_which_code_and_name_differ_are_told(tmp_path):
    frame = panel(gdp_100m=lambda i: 1000.0 + i).rename(columns={"code": "城市代码", "name": "城市"})
    frame.loc[[3, 4], "城市"] = "唐山市"
    frame.to_csv(tmp_path / "a.csv", index=False)
    said = "'城市' and '城市代码' name different cities in 2 row(s), the first is row 5: 120000 and 130200"
    assert f"# check: {said}" in propose(tmp_path).text


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        (None, b"", "holds no file of a known kind"),
        ("a.csv", b"", "is empty"),
        ("a.csv", b"x,y\n1,2\n", "no column holds codes or names of cities"),
        ("a.xlsx", b"PK\x03\x04 nonsense", "cannot be read"),
        ("a.dta", b"\x00" * 300, "cannot be read"),
        ("a.parquet", b"PAR1", "cannot be read"),
    ],
)
def test_folders_without_a_table_get_a_sentence(name, content, text, tmp_path):
    if name:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(FileError, match=text):
        write_proposal(tmp_path)


def test_commands(tmp_path):
    from typer.testing import CliRunner

    panel(gdp_100m=lambda i: 1000.0 + i, colour=lambda i: i).to_csv(tmp_path / "a.csv", index=False)
    said = CliRunner().invoke(app, ["data", "propose", str(tmp_path)])
    assert said.exit_code == 0 and "a.csv: gdp" in said.output and "not placed: colour" in said.output
    for word in (str(tmp_path), f"folder:{tmp_path}"):
        said = CliRunner().invoke(app, ["data", "describe", word])
        assert said.exit_code == 0 and "your own data" in said.output and "2010–2012" in said.output


PUBLISHED = {
    "DuHe1123__phd_projects": {"retail_sales", "science_expenditure", "education_expenditure", "loans"},
    "andyhsi2023-cq__urban-investment-aggregation-trap": {"gdp", "population", "loans", "deposits"},
    "biechouwo-coder__G-P": {"gdp", "gdp_real", "population", "loans", "foreign_direct_investment"},
    "butforyou__tjjm": {"gdp", "university_students", "science_expenditure", "loans"},
    "pedrohcgs__claude-code-my-workflow": {"digital_finance_index", "digital_finance_depth"},
    "eileenCHEN-9__PhD_2022_2025/data": {"lights_gini", "gdp_per_capita"},
}


@pytest.mark.slow
@pytest.mark.skipif(MIRROR is None, reason="DIGITAL_CLUSTERS_MIRROR is not set")
@pytest.mark.parametrize("name", PUBLISHED)
def test_published_files_open_as_proposed(name, tmp_path):
    source = Path(MIRROR) / name
    for path in source.rglob("*"):
        target = tmp_path / path.relative_to(source)
        if path.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(path)
    table = opened(tmp_path).table("city_year")
    assert PUBLISHED[name] <= set(table) and table["city"].nunique() > 250

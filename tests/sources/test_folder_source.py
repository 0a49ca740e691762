import numpy as np
import pandas as pd
import pytest
import yaml

from digital_clusters.errors import DataError, FileError, MissingTableError, ParameterError
from digital_clusters.sources import open_source

PANEL = pd.DataFrame(
    {
        "代码": [110000, 120000, 310000],
        "年": [2010, 2010, 2011],
        "GDP": [1.5, np.nan, 3.0],
        "loans": [2e4, 3e4, 4e4],
    }
)
COLUMNS = {"city": "代码", "year": "年", "gdp": "GDP", "loans": {"column": "loans", "factor": 0.0001}}
WRITERS = {
    "panel.csv": lambda frame, path: frame.to_csv(path, index=False),
    "panel.parquet": lambda frame, path: frame.to_parquet(path),
    "panel.dta": lambda frame, path: frame.rename(columns={"代码": "code", "年": "year_"}).to_stata(
        path, write_index=False
    ),
}


def write_map(folder, **tables):
    (folder / "columns.yml").write_text(yaml.safe_dump(tables, allow_unicode=True), encoding="utf-8")


@pytest.mark.parametrize("name", WRITERS)
def test_every_kind_of_file_gives_the_same_table(name, tmp_path):
    WRITERS[name](PANEL, tmp_path / name)
    columns = COLUMNS | ({"city": "code", "year": "year_"} if name.endswith(".dta") else {})
    write_map(tmp_path, city_year={"file": name, "columns": columns})
    source = open_source("folder", folder=tmp_path)
    expected = pd.DataFrame(
        {"city": PANEL["代码"], "year": PANEL["年"], "gdp": PANEL["GDP"], "loans": [2.0, 3.0, 4.0]}
    )
    pd.testing.assert_frame_equal(source.table("city_year"), expected)
    assert source.label == "your own data"
    assert source.has("city_year", "gdp") and not source.has("city_year", "deposits")
    assert set(source.provenance) == {"columns.yml", name}


def test_excel_sheet(mirror, tmp_path):
    key = "retail_sales"
    from digital_clusters.sources.upstream import locate

    path = locate([key], mirror=mirror)[key]
    (tmp_path / "own.xlsx").symlink_to(path)
    columns = {"city": "年末总人口_全市_万人", "year": "年份"}
    write_map(tmp_path, city_year={"file": "own.xlsx", "sheet": "old", "columns": columns})
    with pytest.raises(DataError, match=r"own\.xlsx has no sheet 'old'; its sheets are: new"):
        open_source("folder", folder=tmp_path).table("city_year")
    write_map(tmp_path, city_year={"file": "own.xlsx", "sheet": "new", "columns": columns})
    with pytest.raises(DataError, match=r"own\.xlsx.*unknown city code in row 2"):
        open_source("folder", folder=tmp_path).table("city_year")


def test_own_cities_replace_the_list(tmp_path):
    cities = pd.DataFrame(
        {"id": [7], "n": ["Here"], "p": ["There"], "x": [1.0], "y": [2.0], "m": [0], "r": [1]}
    )
    cities.to_csv(tmp_path / "cities.csv", index=False)
    pd.DataFrame({"id": [7, 8], "year": [2010, 2010]}).to_csv(tmp_path / "panel.csv", index=False)
    names = dict(
        zip(
            ["city", "name", "province", "lon", "lat", "is_municipality", "is_resource_based"],
            cities,
            strict=True,
        )
    )
    write_map(
        tmp_path,
        cities={"file": "cities.csv", "columns": names},
        city_year={"file": "panel.csv", "columns": {"city": "id", "year": "year"}},
    )
    source = open_source("folder", folder=tmp_path)
    assert source.table("cities")["is_resource_based"].tolist() == [True]
    with pytest.raises(DataError, match=r"panel\.csv.*unknown city code in row 3 \(year 2010\): 8"):
        source.table("city_year")


def test_chinese_encoding_is_read_when_named(tmp_path):
    PANEL.to_csv(tmp_path / "panel.csv", index=False, encoding="gb18030")
    write_map(tmp_path, city_year={"file": "panel.csv", "encoding": "gb18030", "columns": COLUMNS})
    assert len(open_source("folder", folder=tmp_path).table("city_year")) == 3


def test_text_in_a_scaled_column_is_named_as_written(tmp_path):
    write_map(tmp_path, city_year={"file": "panel.csv", "columns": COLUMNS})
    PANEL.assign(loans=["2", "many", "4"]).to_csv(tmp_path / "panel.csv", index=False)
    with pytest.raises(
        DataError, match=r"'loans': text in a number in row 3 \(city 120000, year 2010\): 'many'"
    ):
        open_source("folder", folder=tmp_path).table("city_year")


@pytest.mark.parametrize("suffix", [".parquet", ".xlsx", ".dta"])
def test_garbage_is_not_read(suffix, tmp_path):
    (tmp_path / f"panel{suffix}").write_bytes(b"PK\x03\x04 nonsense" * 20)
    write_map(tmp_path, city_year={"file": f"panel{suffix}", "columns": COLUMNS})
    with pytest.raises(FileError, match=rf"panel\{suffix} cannot be read .*truncated"):
        open_source("folder", folder=tmp_path).table("city_year")


@pytest.mark.parametrize(
    ("tables", "error", "text"),
    [
        ({"city_years": {"file": "a.csv", "columns": {}}}, DataError, "unknown table 'city_years'"),
        ({"city_year": {"columns": {}}}, DataError, "needs 'file' and 'columns'"),
        ({"city_year": {"file": "a.csv", "columns": ["city"]}}, DataError, "must be a list of"),
        ({"city_year": {"file": "a.csv", "columns": {"gpd": "x"}}}, DataError, "has no column 'gpd'"),
        ({"city_year": {"file": "a.csv", "columns": {}, "sep": ";"}}, DataError, "unknown entry 'sep'"),
        ({"city_year": {"file": "a.csv", "columns": {}}}, FileError, r"a\.csv is missing"),
        ({}, FileError, r"columns\.yml is empty"),
    ],
)
def test_wrong_map(tables, error, text, tmp_path):
    write_map(tmp_path, **tables)
    with pytest.raises(error, match=text):
        open_source("folder", folder=tmp_path)


def test_unknown_kind_of_file_encoding_and_table(tmp_path):
    (tmp_path / "panel.txt").write_text("x")
    write_map(tmp_path, city_year={"file": "panel.txt", "columns": COLUMNS})
    source = open_source("folder", folder=tmp_path)
    with pytest.raises(FileError, match=r"files of kind '\.txt' are not read; use \.csv, \.xlsx"):
        source.table("city_year")
    with pytest.raises(
        MissingTableError, match="your own data has no table 'lights': it is not in columns.yml"
    ):
        source.table("lights")
    PANEL.to_csv(tmp_path / "panel.csv", index=False)
    write_map(tmp_path, city_year={"file": "panel.csv", "encoding": "klingon", "columns": COLUMNS})
    with pytest.raises(FileError, match="there is no encoding 'klingon'"):
        open_source("folder", folder=tmp_path).table("city_year")


def test_missing_map_and_wrong_source(tmp_path):
    with pytest.raises(FileError, match=r"columns\.yml is missing"):
        open_source("folder", folder=tmp_path)
    with pytest.raises(ParameterError, match="needs a folder"):
        open_source("folder")
    with pytest.raises(ParameterError, match="'pubic' is not one of: twin, public, folder"):
        open_source("pubic")


JOBS = pd.DataFrame(
    {"city": [110000, 110000, 120000], "industry": ["C", "C", "F"], "year": [2010, 2011, 2010], "jobs": 5.0}
)
RECORDS = pd.DataFrame(
    {
        "shop": [1, 2, 3, 4, 5, 6],
        "city": [110000, 110000, 120000, 120000, 7, 120000],
        "industry": ["C", "C", "F", "G", "C", "F"],
        "opened": [2009, 2011, 2010, 2011, 2010, 2010],
        "closed": [2011, None, None, None, None, 2009],
    }
)
JOB_COLUMNS = {"city": "city", "industry": "industry", "year": "year", "employment": "jobs"}
RECORD_COLUMNS = {"storefront": "shop"} | {name: name for name in ("city", "industry", "opened", "closed")}


def own_records(folder, **changes):
    """A folder with employment and two files of shop records."""
    JOBS.to_csv(folder / "jobs.csv", index=False)
    (folder / "records").mkdir()
    RECORDS.iloc[:3].to_parquet(folder / "records" / "a.parquet")
    RECORDS.iloc[3:].to_csv(folder / "records" / "b.csv", index=False)
    entry = {"files": "records", "columns": RECORD_COLUMNS} | changes
    write_map(folder, city_industry_year={"file": "jobs.csv", "columns": JOB_COLUMNS}, storefronts=entry)


@pytest.mark.parametrize("files", ["records", "records/*", ["records/a.parquet", "records/b.csv"]])
def test_records_are_counted_into_the_table_of_industries(tmp_path, files):
    own_records(tmp_path, files=files, memory_limit="200MB")
    source = open_source("folder", folder=tmp_path)
    table = source.table("city_industry_year").set_index(["city", "industry", "year"])
    assert table["storefronts"].to_dict() == {
        (110000, "C", 2010): 1,
        (110000, "C", 2011): 1,
        (120000, "F", 2010): 1,
        (120000, "F", 2011): 1,
        (120000, "G", 2011): 1,
    }
    assert table["employment"].isna().to_dict()[(120000, "G", 2011)] and table["employment"].sum() == 15
    assert source.log[["rule", "value"]].to_numpy().tolist() == [
        [
            "unknown city",
            "1 in all, such as b.csv: storefront 5, city 7, industry C, opened 2010, closed (none)",
        ],
        [
            "closed before opened",
            "1 in all, such as b.csv: storefront 6, city 120000, industry F, opened 2010, closed 2009.0",
        ],
    ]
    assert source.has("city_industry_year", "storefronts") and not source.has("storefronts")
    assert set(source.provenance) == {"columns.yml", "jobs.csv", "records/a.parquet", "records/b.csv"}
    with pytest.raises(MissingTableError, match="counted into city_industry_year"):
        source.table("storefronts")


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"sheet": "one"}, "'storefronts' has unknown entry 'sheet'; with 'files' known are: columns, files"),
        ({"columns": RECORD_COLUMNS | {"city": {"column": "city", "factor": 2}}}, "'city' .* no factor"),
        ({"columns": RECORD_COLUMNS | {"town": "town"}}, "table 'storefronts' has no column 'town'"),
        ({"files": "nowhere/*.csv"}, "is missing: no file has that name"),
    ],
)
def test_a_wrong_entry_of_records_gets_a_sentence(tmp_path, changes, text):
    own_records(tmp_path, **changes)
    with pytest.raises((DataError, FileError), match=text):
        open_source("folder", folder=tmp_path)


def test_records_need_a_table_without_the_column(tmp_path):
    own_records(tmp_path)
    entry = {"files": "records", "columns": RECORD_COLUMNS}
    write_map(tmp_path, storefronts=entry)
    with pytest.raises(DataError, match="counted into 'city_industry_year': name that table too"):
        open_source("folder", folder=tmp_path)
    columns = JOB_COLUMNS | {"storefronts": "jobs"}
    write_map(tmp_path, city_industry_year={"file": "jobs.csv", "columns": columns}, storefronts=entry)
    with pytest.raises(DataError, match="has a column 'storefronts' and there are records: leave one out"):
        open_source("folder", folder=tmp_path)

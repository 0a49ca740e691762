"""Files as people have them: each opens as it is meant, or the sentence says what is wrong with it."""

import datetime
import zipfile

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from digital_clusters.errors import DataError, DigitalClustersError, FileError
from digital_clusters.sources import open_source
from digital_clusters.sources.cells import numbers, plain_text, years
from digital_clusters.sources.city_names import read_cities
from digital_clusters.sources.folder import own_files
from digital_clusters.sources.policies import city_facts, code_changes

COLUMNS = {"city": "city", "year": "year", "gdp": "gdp"}


def table(folder, name, content, columns=COLUMNS, **entry):
    """``city_year`` of a folder with one file; ``content`` is bytes, text or a function of the path."""
    path = folder / name
    if callable(content):
        content(path)
    else:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    declared = {"city_year": {"file": name, "columns": columns} | entry}
    (folder / "columns.yml").write_text(yaml.safe_dump(declared, allow_unicode=True), encoding="utf-8")
    source = open_source("folder", folder=folder)
    found = source.table("city_year")
    found.attrs["log"] = source.log
    return found


def gdp(folder, text, **entry):
    return table(folder, "p.csv", text, **entry)["gdp"].tolist()


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (110000, 110000),
        (110000.0, 110000),
        ("110000.0", 110000),
        ("１１００００", 110000),
        (1301, 130100),
        (130100000000, 130100),
        ("北京", 110000),
        ("北京市", 110000),
        ("江苏省南京市", 320100),
        ("江苏南京", 320100),
        ("恩施", 422800),
        ("吉林", 220200),
        ("海南州", 632500),
        ("恩施州", 422800),
        ("恩施自治州", 422800),
        ("恩施土家族苗族自治州", 422800),
        ("大兴安岭", 232700),
        ("锡林郭勒", 152500),
        ("阿克苏", 652900),
        ("襄樊", 420600),
        ("铜仁地区", 520600),
        ("伊克昭盟", 150600),
        ("Tangshan", 130200),
        ("tangshan (city)", 130200),
        (" 南 京 市".replace(" 市", "市").replace("南 京", "南京"), 320100),
        (362200, 360900),
    ],
)
def test_cells_that_mean_a_city(cell, code):
    found = read_cities(pd.Series([cell], dtype="object"))
    assert found.code.tolist() == [code] and found.why_not.tolist() == [""]


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        (341400, "dissolved in 2011"),
        ("巢湖市", "dissolved in 2011"),
        (110100, "110000"),
        (110105, "110000"),
        (1101, "110000"),
        (320102, "county or district of 320100"),
        (320000, "province"),
        ("江苏省", "not a city"),
        ("全国", "not a city"),
        ("海南", "a province or 632500"),
        ("Suzhou", "320500 .Suzhou. or 341300"),
        (993456, "unknown city code"),
        ("Nowhere", "no city is named"),
        (2.5, "unknown city code"),
    ],
)
def test_cells_that_mean_none_say_why(cell, why):
    found = read_cities(pd.Series([cell], dtype="object"))
    assert found.code.isna().all() and pd.Series(found.why_not).str.contains(why).all()


def test_every_name_and_code_of_the_list_is_its_city():
    cities, changes = city_facts(), code_changes()
    for column in ("city", "name_zh"):
        assert read_cities(cities[column].astype("object")).code.tolist() == cities["city"].tolist()
    old = read_cities(changes["old_code"])
    assert old.code.tolist() == changes["new_code"].tolist() and old.superseded.all()
    bare = read_cities(cities["name_zh"].str.replace("(市|地区|盟)$", "", regex=True))
    assert (bare.code == cities["city"]).all()


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1,234.5", 1234.5),
        ("１２３．５", 123.5),
        ("１，２３４", 1234),
        (" 12 ", 12),
        ("1e3", 1000),
        ("12,34", "12,34"),
        ("1234,567", "1234,567"),
        ("123①", "123①"),
        ("12%", "12%"),
        ("1_000", "1_000"),
        ("约3", "约3"),
    ],
)
def test_numbers_as_they_are_typed(cell, value):
    assert numbers(pd.Series([cell], dtype="object")).tolist() == [value]


@pytest.mark.parametrize("mark", ["—", "——", "-", "－", "", " ", "NA", "#N/A", "/"])
def test_marks_of_missing_values(mark):
    assert numbers(pd.Series([mark, "1"], dtype="object")).isna().tolist() == [True, False]


@given(st.one_of(st.text(max_size=12), st.floats(), st.integers(), st.none(), st.booleans(), st.dates()))
def test_no_cell_is_too_odd(cell):
    column = pd.Series([cell], dtype="object")
    assert len(numbers(column)) == len(years(column)) == len(read_cities(column).code) == 1
    assert isinstance(plain_text(cell), str)


@given(st.floats(-1e12, 1e12))
def test_a_number_in_text_is_the_same_number(value):
    assert numbers(pd.Series([repr(value)], dtype="object")).tolist() == [value]


@pytest.mark.parametrize(
    "text",
    [
        "city,year,gdp\n110000,2011,1,\n120000,2011,2,\n",
        "city,year,gdp\n110000,2011,1\n120000,2011,2\n\n,,\n,,\n",
        "Table 1\n\ncity,year,gdp\n110000,2011,1\n120000,2011,2\nSource: yearbook,,\n",
        "city;year;gdp\n110000;2011;1\n120000;2011;2\n",
        "city\tyear\tgdp\n110000\t2011\t1\n120000\t2011\t2\n",
        "city, year ,gdp\n北京市,2011年,1\n天津,2011,2\n注：含滨海新区\n",
        '\ufeffcity,year,gdp\n"110,000",2011,1\n120000.0,2011.0,2\n'.replace('"110,000"', "110000"),
        "city,year,gdp,note\n110000,2011,1,a\n120000,2011,2,b\n,,,\n",
        "group,,\ncity,year,gdp\n,,亿元\n110000,2011,1\n120000,2011,2\n",
    ],
)
def test_text_files_that_open(text, tmp_path):
    assert gdp(tmp_path, text) == [1.0, 2.0]


@pytest.mark.parametrize("encoding", ["gb18030", "gbk", "utf-16", "utf-8-sig"])
def test_chinese_headings_in_other_encodings(encoding, tmp_path):
    text = "城市代码,年份,地区生产总值（亿元）\n110000,2011,1\n"
    columns = {"city": "城市代码", "year": "年份", "gdp": "地区生产总值(亿元)"}
    entry = {} if encoding.startswith("utf") else {"encoding": encoding}
    assert table(tmp_path, "p.csv", text.encode(encoding), columns, **entry)["gdp"].tolist() == [1.0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("city,year,gdp\n110000,2011,1,234\n", "row 2 has 4 fields, the headings in row 1 are 3"),
        ("city,year,gdp\n110000,2011,1\n110000,20", "row 3 has 2 fields, the headings in row 1 are 3"),
        ('city,year,gdp\n110000,2011,"1\n', "a quote is not closed"),
        ("city,year,gdp,gdp\n110000,2011,1,9\n", "heading 'gdp' is there twice, in columns 3 and 4"),
        ("city,year,gdp\n110000,2011-05-01,1\n", "row 2 holds a date, 2011-05-01, not a year"),
        ("city,year,gdp\n110000,2011,…\n", "text in a number in row 2"),
        ("city,year,gdp\n110000,,1\n", "missing value in row 2"),
        ("city,year,gdp\n341400,2010,1\n", r"341400 \(巢湖市: dissolved in 2011"),
        ("<html><table></table></html>", "is a web page"),
        ("PK\x03\x04", "is a workbook under the name of a text file"),
    ],
)
def test_text_files_that_do_not(text, message, tmp_path):
    with pytest.raises((DataError, FileError), match=message):
        gdp(tmp_path, text)


def test_headings_in_another_encoding_are_told(tmp_path):
    content = "城市,year,gdp\n110000,2011,1\n".encode("gb18030")
    columns = COLUMNS | {"city": "城市"}
    with pytest.raises(FileError, match="not in encoding 'utf-8'.*for example gb18030"):
        table(tmp_path, "p.csv", content, columns)
    with pytest.raises(DataError, match="Chinese text in another encoding: try `encoding: gb18030`"):
        table(tmp_path, "p.csv", content, columns, encoding="latin-1")


def test_rows_left_out_and_superseded_codes_are_logged(tmp_path):
    text = "city,year,gdp\n341400,2010,1\n652100,2010,5\n650400,2010,2\n542400,2010,3\n"
    found = table(tmp_path, "p.csv", text, leave_out=[341400])
    assert found[["city", "gdp"]].to_numpy().tolist() == [[650400, 2], [540600, 3]]
    assert found.attrs["log"][["rule", "value"]].to_numpy().tolist() == [
        ["city left out by columns.yml", "row 2: 341400"],
        ["two codes of one city in a year", "row 3: 652100"],
    ]


def test_years_as_columns_and_marks_of_the_map(tmp_path):
    text = "city,gdp2010,gdp2011,pop2011\n110000,1,不详,7\n120000,3,4,8\n注：x,,,\n"
    columns = {"city": "city", "gdp": {"column": "gdp{year}", "factor": 10}, "population": "pop{year}"}
    found = table(tmp_path, "p.csv", text, columns, missing=["不详"]).sort_values(["city", "year"])
    assert found["year"].tolist() == [2010, 2011, 2010, 2011]
    assert found["gdp"].fillna(-1).tolist() == [10, -1, 30, 40]
    assert found["population"].fillna(-1).tolist() == [-1, 7, -1, 8]
    with pytest.raises(DataError, match=r"text in a number in row 2, column 2011"):
        table(tmp_path, "p.csv", text, columns)


def test_headings_over_two_rows_and_dates_in_a_workbook(tmp_path, write_workbook):
    rows = [
        ["表1"],
        ["城市", "地区生产总值", None],
        [None, 2010, 2011],
        ["北京市", 1, "2,000"],
        ["天津市", 3, "—"],
    ]
    columns = {"city": "城市", "gdp": "地区生产总值/{year}"}
    found = table(tmp_path, "p.xlsx", lambda path: write_workbook(path, {"a": rows}), columns)
    assert found.sort_values(["city", "year"])["gdp"].fillna(-1).tolist() == [1, 2000, 3, -1]


def test_stata_dates_and_labels(tmp_path):
    frame = pd.DataFrame({"city": [1, 2], "gdp": [1.5, 2.5]})
    frame["year"] = pd.to_datetime(["2011-01-01", "2012-01-01"])
    labels = {"city": {1: "北京市", 2: "天津"}}

    def labelled(path):
        options = {"convert_dates": {"year": "ty"}, "value_labels": labels, "version": 118}
        frame.to_stata(path, write_index=False, **options)

    found = table(tmp_path, "p.dta", labelled)
    assert found[["city", "year"]].to_numpy().tolist() == [[110000, 2011], [120000, 2012]]
    dated = frame.assign(city=110000, year=pd.to_datetime(["2011-05-01", "2012-05-01"]))
    with pytest.raises(DataError, match="'year': row 2 holds a date, 2011-05-01, not a year"):
        table(tmp_path, "p.dta", lambda path: dated.to_stata(path, write_index=False))


def test_labels_do_not_stand_against_codes(tmp_path):
    frame = pd.DataFrame({"city": [110000, 120000], "year": 2011, "gdp": 1.0})
    labels = {"city": {110000: "A", 120000: "B"}}
    found = table(
        tmp_path, "p.dta", lambda path: frame.to_stata(path, write_index=False, value_labels=labels)
    )
    assert found["city"].tolist() == [110000, 120000]


def test_duplicate_headings_of_a_parquet_file(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays = [pa.array([110000]), pa.array([datetime.date(2011, 1, 1)]), pa.array([1.0]), pa.array([9.0])]
    names = ["city", "year", "gdp", "gdp"]
    with pytest.raises(DataError, match="heading 'gdp' is there twice"):
        table(tmp_path, "p.parquet", lambda path: pq.write_table(pa.table(arrays, names=names), path))
    names[3] = "other"
    found = table(tmp_path, "p.parquet", lambda path: pq.write_table(pa.table(arrays, names=names), path))
    assert found["year"].tolist() == [2011]


def test_two_files_of_one_table_are_joined_on_the_key(tmp_path):
    (tmp_path / "a.csv").write_text("city,year,gdp\n110000,2011,1\n120000,2011,2\n")
    (tmp_path / "b.csv").write_text("c,y,p\n天津市,2011,20\n北京市,2011,10\n")
    (tmp_path / "columns.yml").write_text(
        "city_year:\n"
        "  - {file: a.csv, columns: {city: city, year: year, gdp: gdp}}\n"
        "  - {file: b.csv, columns: {city: c, year: y, population: p}}\n"
    )
    found = open_source("folder", folder=tmp_path).table("city_year")
    assert found[["gdp", "population"]].to_numpy().tolist() == [[1, 10], [2, 20]]


WRITERS = {
    "p.dta": lambda frame, path: frame.to_stata(path, write_index=False),
    "p.parquet": lambda frame, path: frame.to_parquet(path),
    "p.csv": lambda frame, path: frame.assign(note='"a", b').to_csv(path, index=False),
}


@pytest.mark.parametrize("name", [*WRITERS, "p.xlsx"])
@pytest.mark.parametrize("tries", [4, pytest.param(60, marks=pytest.mark.slow)])
def test_a_damaged_file_is_a_table_or_a_sentence(name, tries, tmp_path, write_workbook):
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"city": [110000] * 40, "year": range(1980, 2020), "gdp": rng.random(40)})
    whole = tmp_path / f"whole-{name}"
    if name == "p.xlsx":
        write_workbook(whole, {"a": [list(frame), *frame.to_numpy().tolist()]})
    else:
        WRITERS[name](frame, whole)
    content = whole.read_bytes()
    table(tmp_path, name, content)
    cuts = [content[:k] for k in np.linspace(0, len(content) - 1, tries // 2).astype(int)]
    for place in rng.integers(0, len(content), tries):
        cuts.append(content[:place] + bytes([int(rng.integers(256))]) + content[place + 1 :])
    for damaged in cuts:
        try:
            table(tmp_path, name, damaged)
        except DigitalClustersError as error:
            assert name in str(error)


def ole(*records):
    """The beginning of a workbook of the old kind, with the records after the one that begins it."""
    begin = b"\x09\x08\x10\x00\x00\x06\x05\x00" + bytes(12)
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + begin + b"".join(records) + bytes(200)


def test_protected_workbooks_are_told_from_broken_ones(tmp_path):
    protected = b"\x2f\x00\x04\x00\x00\x00\x00\x00"
    interface = b"\xe1\x00\x02\x00\xb0\x04"
    package = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    for name, content in (("a.xls", ole(interface, protected)), ("a.xlsx", package)):
        with pytest.raises(FileError, match="protected with a password: open it in Excel and save it anew"):
            table(tmp_path, name, content)
    with pytest.raises(FileError, match="truncated"):
        table(tmp_path, "a.xls", ole(interface))


def test_a_workbook_in_name_only(tmp_path):
    for name in ("a.xls", "a.xlsx"):
        with pytest.raises(FileError, match=r"text under the name of a workbook: rename it to \.csv"):
            table(tmp_path, name, "city\tyear\tgdp\n110000\t2011\t1\n")
        with pytest.raises(FileError, match="is a web page"):
            table(tmp_path, name, "<html><body><table>")

    def archive(path):
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("readme.txt", "no workbook")

    with pytest.raises(FileError, match="cannot be read"):
        table(tmp_path, "a.xlsx", archive)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("{file: [p.csv], columns: {city: c, year: y}}", r"line 1, key 'city_year\.file': one file name"),
        ("{file: 2011, columns: {city: c, year: y}}", r"key 'city_year\.file'"),
        ("{file: p.csv, columns: {year: y}}", "needs a column for 'city'"),
        ("{file: p.csv, columns: {city: c, year: y, gdp: {column: g, factor: '2'}}}", r"gdp\.factor'"),
        ("{file: p.csv, columns: {city: c, year: y, gdp: {column: g, factor: .nan}}}", "finite number"),
        ("{file: p.csv, columns: {city: c, year: y, gdp: {column: g, factor: 0}}}", "not zero"),
        ("{file: p.csv, columns: {city: c, year: y, gdp: {name: g}}}", r"gdp\.column'"),
        ("{file: p.csv, columns: {city: c, year: y, gdp: [g]}}", "a name is wanted here"),
        ("{file: p.csv, columns: {city: c, year: y, gpd: g}}", r"did you mean 'gdp'\?"),
        ("{file: p.csv, column: {city: c}}", "needs 'file' and 'columns'"),
        ("{file: p.csv, columns: {city: c, year: y}, colums: 1}", r"did you mean 'columns'\?"),
        ("{file: p.csv, columns: {city: c, year: y}, out_of_range: drop}", "one of: error, missing"),
        ("{file: p.csv, columns: {city: c, year: y, gdp: 'g{year}'}}", "so no column 'year' is named"),
        ("[{file: p.csv, columns: {city: c, year: y, gdp: g}}, {file: q.csv, columns: {city: c, year: y, "
         "gdp: g}}]", "'gdp' of table 'city_year' is named in two files"),
        ("{file: " + "x" * 300 + ", columns: {city: c, year: y}}", "at most 255 bytes"),
    ],
)  # fmt: skip
def test_maps_that_are_wrong_name_line_and_key(entry, message, tmp_path):
    (tmp_path / "columns.yml").write_text(f"city_year: {entry}\n")
    with pytest.raises(DataError, match=message) as caught:
        open_source("folder", folder=tmp_path)
    assert "columns.yml, line 1" in str(caught.value)


def test_a_value_of_a_million_characters_is_not_repeated(tmp_path):
    for text in (f"city,year,gdp\n110000,2011,{'x' * 100_000}\n", f"city,year,gdp\n{'x' * 100_000},2011,1\n"):
        with pytest.raises(DataError) as caught:
            gdp(tmp_path, text)
        assert len(str(caught.value)) < 500


def test_a_map_without_columns_is_told(tmp_path):
    with pytest.raises(DataError, match="names no column"):
        table(tmp_path, "p.csv", "city,year\n110000,2011\n", {})


@pytest.mark.parametrize("name", ["p.csv", *WRITERS])
def test_a_fault_of_the_project_is_no_fault_of_the_file(tmp_path, monkeypatch, name):
    """Only what the library says that reads the file is told as the file's."""

    def broken(*_args, **_names):
        raise ValueError("a fault of our own")

    for own in ("_frame", "_of_frame"):
        monkeypatch.setattr(own_files, own, broken)
    frame = pd.DataFrame({"city": [110000], "year": [2011], "gdp": [1.0]})
    write = WRITERS.get(name, lambda frame, path: frame.to_csv(path, index=False))
    with pytest.raises(ValueError, match="a fault of our own"):
        table(tmp_path, name, lambda path: write(frame, path))


@pytest.mark.parametrize(
    "end", ["2011-12-31", "2011/12/31", "2011年12月31日", "2011-12-31 00:00:00", "2011.12.31"]
)
def test_dates_in_text_are_years_where_all_are_the_end_of_one(tmp_path, end):
    found = table(tmp_path, "p.csv", f"city,year,gdp\n110000,{end},1\n120000,{end},2\n")
    assert found["year"].tolist() == [2011, 2011]
    with pytest.raises(DataError, match="'year': row 3 holds a date, 2011-05-02, not a year"):
        table(tmp_path, "p.csv", "city,year,gdp\n110000,2010,1\n110000,2011-5-2,2\n")

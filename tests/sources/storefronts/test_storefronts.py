"""Storefront records counted out of core, against a naive count, planted bad rows and the twin."""

import gzip
import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digital_clusters.errors import DataError, FileError, ParameterError
from digital_clusters.sources import open_source
from digital_clusters.sources.storefronts import aggregate_storefronts, query

pytestmark = pytest.mark.slow  # the file takes more than ten seconds

CITIES = (110000, 330700, 371700)
YEARS = range(2008, 2020)
WINDOW = {"cities": CITIES, "first_year": 2008, "last_year": 2019, "latest": 2021}
INDUSTRIES = "ABCDEFGHIJKLMNOPQRS"


def made_up(rows: int, seed: int = 0) -> pd.DataFrame:
    """Good records, some opened before the window and some that close or open after it."""
    rng = np.random.default_rng(seed)
    opened = rng.integers(2005, 2022, rows)
    closed = opened + rng.integers(0, 9, rows)
    return pd.DataFrame(
        {
            "storefront": np.arange(rows),
            "city": rng.choice(CITIES, rows),
            "industry": rng.choice(list(INDUSTRIES), rows),
            "opened": opened,
            "closed": pd.Series(closed, dtype="Int64").mask((closed > 2021) | (rng.random(rows) < 0.3)),
        }
    )


def naive(records: pd.DataFrame) -> pd.DataFrame:
    """One pass over the records for each year and measure."""
    keys, parts = ["city", "industry"], []
    for year in YEARS:
        gone = records["closed"].notna() & (records["closed"] <= year).fillna(False)
        of_year = {
            "open": (records["opened"] <= year) & ~gone,
            "opened": records["opened"] == year,
            "closed": (records["closed"] == year).fillna(False),
        }
        counted = {name: records[rows].groupby(keys).size() for name, rows in of_year.items()}
        every = pd.MultiIndex.from_product([CITIES, list(INDUSTRIES)], names=keys)
        part = pd.DataFrame({name: sizes.reindex(every, fill_value=0) for name, sizes in counted.items()})
        parts.append(part.assign(year=year).reset_index())
    frame = pd.concat(parts).sort_values([*keys, "year"], ignore_index=True)
    return frame[[*keys, "year", "open", "opened", "closed"]].astype({"industry": "str"})


def same(left: pd.DataFrame, right: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(left, right, check_dtype=False)


def kinds(found) -> dict[str, int]:
    return dict(zip(found.rejected["kind"], found.rejected["rows"], strict=True))


def write_parts(records: pd.DataFrame, folder, suffix: str = "parquet", parts: int = 3):
    folder.mkdir()
    for k in range(parts):
        part = records.iloc[k::parts]
        if suffix == "parquet":
            part.to_parquet(folder / f"part-{k}.parquet")
        else:
            part.to_csv(folder / f"part-{k}.{suffix}", index=False)
    return folder


BAD = {
    "missing key": [
        (None, 110000, "C", 2010, None),
        ("m2", None, "C", 2010, None),
        ("m3", 110000, " ", 2010, None),
        ("m4", 110000, "C", None, 2012),
    ],
    "not a whole number": [
        ("n1", 110000, "C", "20l0", None),
        ("n2", 110000, "C", 2010.5, None),
        ("n3", 110000, "C", 2010, "open"),
        ("n4", "Beijing", "C", 2010, None),
    ],
    "unknown city": [("u1", 110100, "C", 2010, 2011), ("u2", 7, "C", 2010, 2009)],
    "unknown industry": [("i1", 110000, "Z", 2010, 2011), ("i2", 110000, "c", 2010, 2011)],
    "year before 1900": [("y1", 110000, "C", 0, None), ("y2", 110000, "C", 2010, 0)],
    "future date": [("f1", 110000, "C", 2022, None), ("f2", 110000, "C", 2010, 9999)],
    "closed before opened": [("c1", 110000, "C", 2010, 2009)] + [("c2", 330700, "F", 2021, 2008)],
}
"""Rows planted under the kind that they are counted by."""


def planted(rows: int = 400) -> pd.DataFrame:
    good = made_up(rows).astype("object").astype({"storefront": "str"})
    bad = pd.DataFrame([row for rows in BAD.values() for row in rows], columns=good.columns)
    frame = pd.concat([good, bad.astype("object")], ignore_index=True)
    text = frame.map(lambda value: None if pd.isna(value) else str(value)).astype("str")
    return text.sample(frac=1, random_state=1)


@settings(max_examples=8)
@given(rows=st.integers(1, 300), seed=st.integers(0, 1000), parts=st.integers(1, 3))
def test_counts_are_those_of_a_naive_pass_a_year(tmp_path_factory, rows, seed, parts):
    records = made_up(rows, seed)
    folder = write_parts(records, tmp_path_factory.mktemp("records") / "all", parts=parts)
    found = aggregate_storefronts(folder, **WINDOW)
    same(found.counts, naive(records))
    assert found.rows == rows and found.rejected.empty


def test_stocks_follow_from_flows_and_the_stock_before(tmp_path):
    records = made_up(3000)
    found = aggregate_storefronts(write_parts(records, tmp_path / "all"), **WINDOW).counts
    change = found.groupby(["city", "industry"])["open"].diff()
    later = found["year"] > 2008
    assert (change[later] == (found["opened"] - found["closed"])[later]).all()
    assert len(found) == len(CITIES) * len(INDUSTRIES) * len(YEARS)
    assert found["opened"].sum() == records["opened"].between(2008, 2019).sum()


def test_a_shop_that_opens_and_closes_in_one_year_is_never_in_the_stock(tmp_path):
    pd.DataFrame(
        {"storefront": [1, 2], "city": 110000, "industry": "F", "opened": 2010, "closed": [2010, None]}
    ).to_parquet(tmp_path / "two.parquet")
    found = aggregate_storefronts(tmp_path / "two.parquet", **WINDOW).counts
    row = found.query("city == 110000 and industry == 'F' and year == 2010").iloc[0]
    assert row[["open", "opened", "closed"]].tolist() == [1, 2, 1]


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_planted_bad_rows_are_counted_by_kind_and_in_no_count(tmp_path, suffix):
    found = aggregate_storefronts(write_parts(planted(), tmp_path / "all", suffix), **WINDOW)
    assert kinds(found) == {kind: len(rows) for kind, rows in BAD.items()}
    assert found.rejected["kind"].tolist() == list(BAD)
    assert found.rows == 400 + sum(map(len, BAD.values()))
    same(found.counts, naive(made_up(400)))
    example = found.rejected.set_index("kind").at["unknown city", "example"]
    assert example.startswith("part-") and f".{suffix}: storefront u" in example


def test_csv_and_parquet_and_gzip_give_the_same(tmp_path):
    records = planted()
    parquet = aggregate_storefronts(write_parts(records, tmp_path / "a"), **WINDOW)
    for name, suffix in {"b": "csv", "c": "csv.gz"}.items():
        text = aggregate_storefronts(write_parts(records, tmp_path / name, suffix), **WINDOW)
        same(text.counts, parquet.counts)
        same(
            text.rejected.assign(example=text.rejected["example"].str.replace(f".{suffix}:", ".parquet:")),
            parquet.rejected,
        )
        assert text.rows == parquet.rows


def test_typed_and_text_columns_give_the_same(tmp_path):
    records = made_up(500)
    records.to_parquet(tmp_path / "whole.parquet")
    dates = records.assign(
        opened=pd.to_datetime(records["opened"].astype(str) + "-07-01"),
        closed=pd.to_datetime(records["closed"].astype("str") + "-12-31", errors="coerce"),
        city=records["city"].astype("float64"),
    )
    dates.to_parquet(tmp_path / "dates.parquet")
    dates.to_csv(tmp_path / "dates.csv", index=False)
    for name in ("whole.parquet", "dates.parquet", "dates.csv"):
        same(aggregate_storefronts(tmp_path / name, **WINDOW).counts, naive(records))


def test_nan_stands_for_an_empty_cell(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {
        "storefront": [1, 2],
        "city": [110000.0, float("nan")],
        "industry": ["C", "C"],
        "opened": [2010.0, 2010.0],
        "closed": [float("nan"), 2012.0],
    }
    pq.write_table(pa.table(columns), tmp_path / "nan.parquet")
    found = aggregate_storefronts(tmp_path / "nan.parquet", **WINDOW)
    assert kinds(found) == {"missing key": 1}
    assert found.counts.query("year == 2019")["open"].sum() == 1


def test_lines_with_too_few_or_too_many_fields_are_counted(tmp_path):
    text = made_up(50).to_csv(index=False) + "900,110000,C,2010\n901,110000,C,2010,2011,7\n"
    (tmp_path / "lines.csv").write_text(text)
    found = aggregate_storefronts(tmp_path / "lines.csv", **WINDOW)
    assert kinds(found) == {"malformed line": 2} and found.rows == 52
    assert found.rejected.at[0, "example"] == "lines.csv: line 52, 900,110000,C,2010"
    same(found.counts, naive(made_up(50)))


def test_of_rows_with_one_id_the_first_opened_is_counted(tmp_path):
    records = made_up(300)
    later = records.iloc[:40].assign(opened=2021, closed=pd.NA, city=330700)
    copies = records.iloc[40:60]
    folder = write_parts(pd.concat([later, copies, records]), tmp_path / "all")
    found = aggregate_storefronts(folder, **WINDOW)
    assert kinds(found) == {"duplicate storefront": 60} and found.rows == 360
    same(found.counts, naive(records))
    ignored = aggregate_storefronts(folder, duplicates="ignore", **WINDOW)
    assert ignored.rejected.empty
    assert ignored.counts["opened"].sum() == found.counts["opened"].sum() + (
        copies["opened"].between(2008, 2019).sum()
    )


def test_an_id_is_the_same_as_number_and_as_text(tmp_path):
    records = made_up(30)
    folder = write_parts(records, tmp_path / "all", parts=1)
    records.iloc[:4].astype({"storefront": "float64"}).to_parquet(folder / "decimal.parquet")
    records.iloc[4:9].to_csv(folder / "text.csv", index=False)
    found = aggregate_storefronts(folder, **WINDOW)
    assert kinds(found) == {"duplicate storefront": 9}
    same(found.counts, naive(records))


@pytest.mark.parametrize("kind", ["int64", "str"])
def test_ids_that_do_not_fit_into_memory_are_compared_in_parts(tmp_path, monkeypatch, kind):
    records = pd.concat([made_up(5_000), made_up(70, seed=1)]).astype({"storefront": kind})
    folder, asked = write_parts(records, tmp_path / "all"), []
    whole = aggregate_storefronts(folder, **WINDOW)
    once = query._repeated_ids

    def of_little_memory(paths, plan, bucket, buckets):
        asked.append((bucket, buckets))
        if buckets == 1 or (bucket, buckets) == (2, 4):
            raise query._OutOfMemory("too little")
        return once(paths, plan, bucket, buckets)

    monkeypatch.setattr(query, "_repeated_ids", of_little_memory)
    parts = aggregate_storefronts(folder, **WINDOW)
    assert asked == [(0, 1), (0, 4), (1, 4), (2, 4), *((2 + 4 * k, 16) for k in range(4)), (3, 4)]
    assert kinds(parts) == kinds(whole) == {"duplicate storefront": 70}
    same(parts.counts, whole.counts)


def test_whole_numbers_take_no_more_than_half_of_the_memory(tmp_path, monkeypatch):
    folder = write_parts(made_up(5_000), tmp_path / "all")
    whole = aggregate_storefronts(folder, **WINDOW)
    monkeypatch.setattr(query, "_bytes", lambda size: 2 * 8 * 1_000)
    same(aggregate_storefronts(folder, **WINDOW).counts, whole.counts)
    monkeypatch.setattr(query, "MOST_BUCKETS", 4)
    with pytest.raises(ParameterError, match="memory_limit = '1GB' is too little to compare the ids"):
        aggregate_storefronts(folder, **WINDOW)


@pytest.mark.parametrize(
    ("size", "least"), [("500MB", 5e8), (" 1.5 GiB", 1.5e9), ("10kb", 1e4), ("2TB", 2e12)]
)
def test_sizes_are_read_as_bytes(size, least):
    assert query._bytes(size) == least


def test_a_bad_row_does_not_take_the_id_of_a_good_one(tmp_path):
    records = made_up(20)
    bad = records.iloc[:5].assign(city=7)
    found = aggregate_storefronts(write_parts(pd.concat([bad, records]), tmp_path / "all"), **WINDOW)
    assert kinds(found) == {"unknown city": 5}
    same(found.counts, naive(records))


def test_a_column_that_is_no_id_gets_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(query, "MOST_REPEATED", 10)
    folder = write_parts(made_up(100).assign(storefront=7), tmp_path / "all")
    with pytest.raises(DataError, match="'storefront' does not tell shops apart: 1 ids stand in 100 rows"):
        aggregate_storefronts(folder, **WINDOW)


def test_other_column_names(tmp_path):
    names = {"storefront": "shop id", "city": 'the "code"', "closed": "end"}
    made_up(100).rename(columns=names).to_csv(tmp_path / "own[1].csv", index=False)
    found = aggregate_storefronts(tmp_path / "own[1].csv", columns=names, **WINDOW)
    same(found.counts, naive(made_up(100)))


@pytest.mark.slow
def test_the_twins_records_give_the_twins_counts(tmp_path):
    twin = open_source("twin")
    records, given = twin.table("storefronts"), twin.table("city_industry_year")
    found = aggregate_storefronts(
        write_parts(records, tmp_path / "all"),
        cities=twin.table("cities")["city"],
        first_year=given["year"].min(),
        last_year=given["year"].max(),
    )
    keys = ["city", "industry", "year"]
    both = given.merge(found.counts, on=keys, how="outer", validate="1:1")
    assert (both["storefronts"] == both["open"]).all() and both["open"].max() > 0
    assert found.rows == len(records) and found.rejected.empty
    assert found.counts["opened"].sum() == len(records)
    assert found.counts["closed"].sum() == records["closed"].notna().sum()


def test_a_sample_of_the_twins_records_against_the_naive_pass(tmp_path, monkeypatch):
    twin = open_source("twin")
    cities = tuple(int(city) for city in twin.table("cities")["city"].iloc[[3, 50, 170]])
    records = twin.table("storefronts")
    records = records[records["city"].isin(cities)]
    monkeypatch.setattr(f"{__name__}.CITIES", cities)
    found = aggregate_storefronts(write_parts(records, tmp_path / "all"), **WINDOW | {"cities": cities})
    assert len(records) > 500
    same(found.counts, naive(records))


@pytest.mark.slow
def test_dask_gives_the_same(tmp_path):
    records = pd.concat([planted(), planted().iloc[:30]])
    folder = write_parts(records, tmp_path / "all", parts=4)
    here = aggregate_storefronts(folder, **WINDOW)
    there = aggregate_storefronts(folder, engine="dask", **WINDOW)
    same(there.counts, here.counts)
    same(there.rejected, here.rejected)
    assert there.rows == here.rows and "duplicate storefront" in kinds(there)


@pytest.mark.slow
def test_a_dask_scheduler_gives_the_same(tmp_path):
    from distributed import LocalCluster

    folder = write_parts(planted(), tmp_path / "all")
    with LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None) as cluster:
        there = aggregate_storefronts(folder, engine="dask", scheduler=cluster.scheduler_address, **WINDOW)
        (tmp_path / "all" / "part-0.parquet").write_bytes(b"PAR1")
        with pytest.raises(FileError, match=r"part-0\.parquet cannot be read"):
            aggregate_storefronts(folder, engine="dask", scheduler=cluster.scheduler_address, **WINDOW)
    write_parts(planted(), tmp_path / "again")
    same(there.rejected, aggregate_storefronts(tmp_path / "again", **WINDOW).rejected)


def broken_parquet(folder):
    path = folder / "a.parquet"
    made_up(50).to_parquet(path)
    path.write_bytes(path.read_bytes()[:-200])


def no_rows(folder):
    (folder / "a.csv").write_text("storefront,city,industry,opened,closed\n")


BROKEN = {
    "broken Parquet": (broken_parquet, FileError, r"a\.parquet cannot be read \(.*\)\. Export it again"),
    "not a text": (
        lambda folder: (folder / "a.csv.gz").write_bytes(b"no gzip"),
        FileError,
        r"a\.csv\.gz cannot be read",
    ),
    "empty file": (lambda folder: (folder / "a.csv").touch(), FileError, r"a\.csv is empty \(0 bytes\)"),
    "no rows": (no_rows, DataError, "have no rows"),
    "missing column": (
        lambda folder: made_up(9).drop(columns="closed").to_csv(folder / "a.csv"),
        DataError,
        r"a\.csv: storefront records need column 'closed'.*Columns there: .*opened",
    ),
    "empty folder": (lambda folder: None, FileError, r"holds no storefront records \(\.parquet, \.csv"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_input_gets_a_sentence_and_leaves_nothing(tmp_path, name):
    make, error, text = BROKEN[name]
    records, spill = tmp_path / "records", tmp_path / "spill"
    records.mkdir(), spill.mkdir()
    make(records)
    with pytest.raises(error, match=text):
        aggregate_storefronts(records, spill=spill, **WINDOW)
    assert list(spill.iterdir()) == []


def test_spilled_files_are_removed_on_success_and_on_too_little_memory(tmp_path):
    folder, spill = write_parts(made_up(200_000), tmp_path / "all", parts=1), tmp_path / "spill"
    spill.mkdir()
    aggregate_storefronts(folder, spill=spill, **WINDOW)
    assert list(spill.iterdir()) == []
    with pytest.raises(ParameterError, match="memory_limit = '1MB' is too little to count part-0.parquet"):
        aggregate_storefronts(folder, spill=spill, memory_limit="1MB", **WINDOW)
    assert list(spill.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"engine": "spark"}, "engine = 'spark' is not one of: duckdb, dask"),
        ({"duplicates": "drop"}, "duplicates = 'drop' is not one of: reject, ignore"),
        ({"memory_limit": "lots"}, "memory_limit = 'lots' is not a size"),
        ({"threads": 0}, "threads = 0 is not at least 1"),
        ({"last_year": 2007}, "last_year = 2007 is before first_year = 2008"),
        ({"engine": "dask", "scheduler": "tcp://127.0.0.1:9"}, "no Dask scheduler answers at tcp://127"),
    ],
)
def test_options_that_cannot_be(tmp_path, monkeypatch, options, text):
    monkeypatch.setattr("digital_clusters.sources.storefronts.TIMEOUT", 0.3)
    folder = write_parts(made_up(10), tmp_path / "all")
    with pytest.raises(ParameterError, match=text):
        aggregate_storefronts(folder, **WINDOW | options)


def test_counts_do_not_depend_on_the_order_of_files(tmp_path):
    records = planted()
    results = []
    for number, order in enumerate(itertools.islice(itertools.permutations(range(3)), 3)):
        folder = tmp_path / str(number)
        folder.mkdir()
        for place, part in enumerate(order):
            records.iloc[part::3].to_parquet(folder / f"{place}.parquet")
        results.append(aggregate_storefronts(folder, **WINDOW))
    for other in results[1:]:
        same(other.counts, results[0].counts)
        assert kinds(other) == kinds(results[0])


def test_broken_gzip_in_the_middle_is_an_error(tmp_path):
    whole = gzip.compress(made_up(5000).to_csv(index=False).encode())
    (tmp_path / "cut.csv.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FileError, match=r"cut\.csv\.gz cannot be read"):
        aggregate_storefronts(tmp_path / "cut.csv.gz", **WINDOW)

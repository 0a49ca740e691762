"""The cleaning rules of the public source on frames small enough to check by hand."""

import numpy as np
import pandas as pd
import pytest

from digital_clusters.errors import DataError, FileError
from digital_clusters.sources.public.accounts import gdp_per_head, value_added
from digital_clusters.sources.public.clean import city_years, near_own_trend, zero_means_missing
from digital_clusters.sources.refusals import Refusals

HEADERS = {"city": "code", "year": "y", "loans": "L"}
NANJING, ILI_OLD, ILI, CHAOHU, HUAINAN = 320100, 654100, 654000, 341400, 340400


def raw(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["code", "y", "L"])


def rules(log: Refusals) -> dict[str, int]:
    return log.frame()["rule"].value_counts().to_dict()


def test_a_dirty_file():
    log = Refusals()
    table = raw(
        (NANJING, 2010, "5"),
        (NANJING, 2011, "see note"),
        (NANJING, 1999, 1),
        (CHAOHU, 2010, 2),
        (ILI_OLD, 2000, 3),
        (ILI, 2000, 4),
        (ILI_OLD, 2001, 6),
        (None, None, "source: yearbook"),
        (NANJING, 2012, None),
        (NANJING, 2013, -1),
    )
    frame = city_years(table, HEADERS, "file", log)
    assert frame.dropna().to_numpy().tolist() == [[NANJING, 2010, 5], [ILI, 2000, 4], [ILI, 2001, 6]]
    assert rules(log) == {
        "row without city or year": 1,
        "abolished city": 1,
        "two codes of one city in a year": 1,
        "text in a number": 1,
        "negative stock": 1,
    }
    entry = log.frame().set_index("rule").loc["text in a number"]
    assert (entry["city"], entry["year"], entry["column"], entry["value"]) == (
        NANJING,
        2011,
        "loans",
        "see note",
    )


def test_a_city_nobody_knows_and_a_header_that_is_gone():
    with pytest.raises(DataError, match="public file 'file': unknown city '999' in row 0"):
        city_years(raw((999, 2010, 1)), HEADERS, "file", Refusals())
    with pytest.raises(FileError, match="'file' has no column 'L'"):
        city_years(raw().drop(columns="L"), HEADERS, "file", Refusals())


def test_own_trend_against_polyfit():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"city": np.repeat([1, 2, 3], 12), "year": np.tile(np.arange(2003, 2015), 3)})
    frame["loans"] = np.exp(0.1 * (frame["year"] - 2003) + rng.normal(0, 0.4, len(frame)))
    frame.loc[[4, 20], "loans"] *= 20
    frame.loc[30, "loans"] = np.nan
    log = Refusals()
    kept = near_own_trend(frame, ["loans"], "file", log)["loans"]
    expected = []
    for _, city in frame.dropna().groupby("city"):
        line = np.polyfit(city["year"] - 2003, np.log(city["loans"]), 1)
        distance = np.log(city["loans"]) - np.polyval(line, city["year"] - 2003)
        expected += city.index[distance.abs() > 0.8].tolist()
    assert {4, 20} <= set(expected)
    assert frame.index[kept.isna() & frame["loans"].notna()].tolist() == expected
    assert len(log.frame()) == len(expected)


def test_no_trend_from_few_years():
    frame = pd.DataFrame({"city": 1, "year": [2010, 2011, 2012, 2013], "loans": [1.0, 100.0, 1.0, 100.0]})
    assert near_own_trend(frame, ["loans"], "file", Refusals())["loans"].notna().all()


def test_zero_means_missing():
    log = Refusals()
    frame = pd.DataFrame({"city": 1, "year": [2010, 2011], "loans": [0.0, 3.0]})
    assert zero_means_missing(frame, ["loans"], "file", log)["loans"].isna().tolist() == [True, False]
    assert rules(log) == {"zero means missing": 1}


def accounts(*rows: tuple) -> pd.DataFrame:
    names = ["city", "year", "gdp", "value_added_primary", "value_added_secondary", "value_added_tertiary"]
    return pd.DataFrame(rows, columns=names)


@pytest.mark.parametrize(
    ("case", "ours", "other", "expected", "logged"),
    [
        ("adds up", (100, 10, 40, 51), (90, 9, 40, 41), (100, 10, 40, 51), 0),
        ("other revision", (120, 10, 40, 50), (100, 1, 1, 1), (100, 10, 40, 50), 1),
        ("other file", (120, 10, 40, 50), (130, 30, 40, 60), (130, 30, 40, 60), 4),
        ("no help", (120, 10, 40, 50), (130, 10, 40, 50), (np.nan,) * 4, 4),
        ("interpolated other", (120, 10, 40, 50), (130, np.nan, 70, 60), (np.nan,) * 4, 4),
    ],
)
def test_value_added_that_misses_gdp(case, ours, other, expected, logged):
    log = Refusals()
    result = value_added(accounts((NANJING, 2010, *ours)), accounts((NANJING, 2010, *other)), log)
    np.testing.assert_array_equal(result.iloc[0, 2:].to_numpy(float), np.array(expected, float))
    assert len(log.frame()) == logged


def test_known_error_takes_the_other_file():
    log = Refusals()
    ours, other = accounts((HUAINAN, 2022, 10, 1, 4, 5)), accounts((HUAINAN, 2022, 100, 10, 40, 50))
    assert value_added(ours, other, log)["gdp"].tolist() == [100]
    assert rules(log) == {"known error at source": 4}


@pytest.mark.parametrize(
    ("case", "panel", "statistics", "gdp", "expected", "logged"),
    [
        ("both near, nearer wins", 95, 99, 100, 99, 0),
        ("one far", 200, 105, 100, 105, 1),
        ("both far apart", 200, 300, 100, 100, 2),
        ("both far but agreed", 200, 205, 100, 200, 0),
        ("no ratio: panel first", 200, 300, np.nan, 200, 0),
        ("only the second", np.nan, 300, np.nan, 300, 0),
        ("nothing published", np.nan, np.nan, 100, 100, 0),
    ],
)
def test_gdp_per_head(case, panel, statistics, gdp, expected, logged):
    log = Refusals()
    key = pd.DataFrame({"city": [NANJING], "year": [2010]})
    frame = key.assign(gdp=gdp, population=1e4)
    sources = (key.assign(gdp_per_capita=float(value)) for value in (panel, statistics))
    assert gdp_per_head(frame, *sources, log).tolist() == [expected]
    assert len(log.frame()) == logged

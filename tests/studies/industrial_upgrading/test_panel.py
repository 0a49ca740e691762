import numpy as np
import pandas as pd
import pytest

from digital_clusters.errors import MissingTableError, ParameterError
from digital_clusters.measures.descriptive import TABLE_1, describe
from digital_clusters.measures.indicators.inequality import gini
from digital_clusters.sources import open_source
from digital_clusters.sources.tables import RawTables
from digital_clusters.studies.industrial_upgrading.panel import BOTH_OUTCOMES, INDICATORS, build_panel

YEARS = range(2011, 2014)
CITIES = (900001, 900002, 900003)


PUBLIC_CITIES = 281
PUBLIC_CITIES_TOLERANCE = 4
"""An independent count of cities complete 2011–2020; which single values are refused moves it by a few."""


def city_table():
    return pd.DataFrame(
        {
            "city": CITIES[::-1],
            "name": ["C", "B", "A"],
            "province": "P",
            "lon": [112.0, 111.0, 110.0],
            "lat": 30.0,
            "is_municipality": [True, False, False],
            "is_provincial_capital": [False, False, True],
            "is_resource_based": [False, True, False],
        }
    )


def city_year_table():
    keys = [(city, year) for city in CITIES for year in YEARS]
    frame = pd.DataFrame(keys, columns=["city", "year"])
    row = np.arange(len(frame), dtype=float)
    return frame.assign(
        gdp=100.0 + row,
        value_added_primary=10.0,
        value_added_secondary=40.0,
        value_added_tertiary=50.0 + row,
        digital_finance_index=100 + row,
        education_expenditure=1e5 + row,
        university_students=1e4 + row,
        science_expenditure=1e4 + row,
        loans=2e7,
        deposits=3e7,
        gdp_per_capita=5e4 + row,
    )


def lights_table():
    random = np.random.default_rng(3)
    keys = [(city, unit, year) for city in CITIES for unit in range(6) for year in YEARS]
    frame = pd.DataFrame(keys, columns=["city", "unit", "year"])
    return frame.assign(radiance=random.gamma(1.0, 5.0, len(frame)), weight=random.uniform(1, 9, len(frame)))


def raw(missing=None, **tables):
    tables = {"cities": city_table(), "city_year": city_year_table(), "lights": lights_table()} | tables
    loaders = {name: (lambda table=table: table) for name, table in tables.items() if table is not None}
    return RawTables("twin", loaders, missing or {}, {"twin.yml": "0" * 64})


def build(tables, **options):
    return build_panel(tables, **{"years": (2011, 2013)} | options)


def reasons(panel):
    keys = ["city", "year", "column", "reason"]
    return {
        tuple(None if pd.isna(v) else v for v in row) for row in panel.dropped[keys].itertuples(index=False)
    }


def test_values_are_those_of_the_formulas():
    panel = build(raw())
    assert panel.frame.columns.tolist() == [
        *("city", "year", "name", "province", "lon", "lat"),
        *("is_municipality", "is_provincial_capital", "is_resource_based"),
        *INDICATORS,
    ]
    assert (len(panel.frame), panel.n_cities, panel.is_balanced) == (9, 3, True)
    assert panel.frame[["city", "year"]].apply(tuple, axis=1).is_monotonic_increasing
    assert panel.missing == {} and panel.dropped.empty
    row = panel.frame.iloc[5]  # city 2, 2013: the sixth row of the raw table
    lights = lights_table().query("city == 900002 and year == 2013")
    expected = {
        "gini": gini(lights["radiance"]),
        "uil": (10 + 2 * 40 + 3 * 55) / 105,
        "difi": 105,
        "education": np.log(1e5 + 5),
        "students": np.log(1e4 + 5),
        "science": np.log(1e4 + 5),
        "loans_deposits": np.log(5e7),
        "gdp_per_capita": np.log(5e4 + 5),
    }
    assert (row["name"], row["is_resource_based"], row["is_municipality"]) == ("B", True, False)
    assert row[list(expected)].to_numpy(float) == pytest.approx(list(expected.values()))
    assert panel.label == "synthetic twin" and panel.fingerprint == raw().fingerprint


def test_units_can_be_weighted():
    panel = build(raw(), weight="weight")
    lights = lights_table().query("city == 900001 and year == 2011")
    assert panel.frame["gini"].iloc[0] == pytest.approx(gini(lights["radiance"], lights["weight"]))
    with pytest.raises(MissingTableError, match="no weight 'persons'"):
        build(raw(), weight="persons")


def test_a_published_gini_is_taken_where_there_is_one():
    table = city_year_table().assign(lights_gini=0.25)
    assert (build(raw(city_year=table)).frame["gini"] == 0.25).all()
    assert (build(raw(city_year=table), lights="units").frame["gini"] != 0.25).all()
    assert (build(raw(city_year=table, lights=None)).frame["gini"] == 0.25).all()
    with pytest.raises(MissingTableError, match="lights_gini"):
        build(raw(), lights="published")
    with pytest.raises(ParameterError, match="auto, units, published"):
        build(raw(), lights="counties")


def test_an_incomplete_city_goes_whole_and_every_row_has_its_reason():
    table = city_year_table()
    table.loc[0, "digital_finance_index"] = np.nan
    table.loc[4, ["loans", "deposits"]] = 0
    panel = build(raw(city_year=table))
    assert panel.frame["city"].unique().tolist() == [900003]
    other = "another year of this city is incomplete"
    assert reasons(panel) == {
        (900001, 2011, "difi", "the source has no value"),
        (900001, 2012, "", other),
        (900001, 2013, "", other),
        (900002, 2011, "", other),
        (900002, 2012, "loans_deposits", "zero or negative: no logarithm"),
        (900002, 2013, "", other),
    }
    assert len(build(raw(city_year=table), balanced=False).frame) == 7


def test_dark_and_single_unit_cities_have_no_gini():
    lights = lights_table()
    lights.loc[(lights["city"] == 900001) & (lights["year"] == 2012), "radiance"] = 0
    lights = lights[(lights["city"] != 900002) | (lights["unit"] == 0)]
    panel = build(raw(lights=lights), balanced=False)
    assert (900001, 2012, "gini", "all units are dark") in reasons(panel)
    assert (900002, 2011, "gini", "one unit only: a Gini coefficient needs two") in reasons(panel)
    assert len(panel.frame) == 9 - 1 - 3


def test_a_year_without_any_value_is_left_out():
    lights = lights_table().query("year < 2013")
    panel = build(raw(lights=lights))
    assert panel.years == (2011, 2012) and panel.n_cities == 3
    assert reasons(panel) == {(None, 2013, "gini", "no city has a value in this year")}


def test_a_row_that_is_not_there_is_reported():
    panel = build(raw(city_year=city_year_table().drop(index=8)))
    assert (900003, 2013, "uil", "the source has no row of this city and year") in reasons(panel)
    assert panel.n_cities == 2


def test_sectors_must_add_to_gdp():
    table = city_year_table()
    table.loc[3, "gdp"] *= 1.05
    panel = build(raw(city_year=table))
    assert (900002, 2011, "uil", "the sectors miss GDP by more than 3%") in reasons(panel)
    assert build(raw(city_year=table), sector_tolerance=0.1).n_cities == 3


def test_what_the_source_does_not_have_is_named_with_its_reason():
    tables = raw(
        missing={"city_year.university_students": "in no public file", "cities.is_resource_based": "no list"},
        city_year=city_year_table().drop(columns=["university_students", "science_expenditure"]),
    )
    panel = build(tables)
    assert set(panel.missing) == {"students", "science", "is_resource_based"}
    assert panel.missing["students"] == "in no public file"
    assert not {"students", "science", "is_resource_based"} & set(panel.frame)
    assert len(panel.frame) == 9


def test_a_missing_table_gives_the_reason_of_the_source():
    with pytest.raises(MissingTableError, match="no table 'lights': not collected"):
        build(raw(missing={"lights": "not collected"}, lights=None))
    with pytest.raises(MissingTableError, match="no index of structure, which needs .*: no yearbook"):
        build(raw(missing={"city_year.value_added_tertiary": "no yearbook"}))
    with pytest.raises(ParameterError, match="first is after the last"):
        build(raw(), years=(2013, 2011))


def test_descriptive_statistics_by_hand():
    panel = build(raw(missing={"city_year.university_students": "in no public file"}))
    table = describe(panel).set_index("column")
    assert table.index.tolist() == list(TABLE_1)
    assert table["variable"].tolist() == ["Gini", "UIL", "EI", "SN", "ES", "DL", "GDP", "DIFI"]
    difi = table.loc["difi"]
    assert difi[["n", "mean", "sd", "min", "max"]].tolist() == pytest.approx([9, 104, np.sqrt(7.5), 100, 108])
    assert table.loc["students", "n"] == 0 and np.isnan(table.loc["students", "mean"])


def test_the_twin_has_the_published_sample():
    panel = build_panel(open_source("twin"))
    assert (len(panel.frame), panel.n_cities, panel.years, panel.missing) == (2783, 253, (2011, 2021), {})
    assert panel.is_balanced and panel.frame.notna().all(axis=None)
    assert panel.frame.groupby("city")["is_municipality"].first().sum() == 4
    assert (panel.dropped["reason"] != "").all()


def test_a_city_year_that_lacks_two_columns_is_dropped_once():
    table = city_year_table()
    table.loc[3, ["university_students", "science_expenditure"]] = np.nan
    panel = build(raw(city_year=table), balanced=False)
    assert len(panel.dropped) == 2 and panel.n_dropped == 1
    assert build(raw(), years=(2011, 2014)).n_dropped == 0


def test_an_indicator_that_is_not_needed_keeps_nobody_out():
    table = city_year_table()
    table.loc[3, "university_students"] = np.nan
    tables = raw(city_year=table)
    assert build(tables).n_cities == 2
    kept = build(tables, needed=[name for name in INDICATORS if name != "students"])
    assert kept.n_cities == 3 and kept.frame["students"].isna().sum() == 1
    with pytest.raises(ParameterError, match="no indicator 'pupils'; they are: gini, uil"):
        build(tables, needed=["pupils"])


def test_where_a_source_has_both_outcomes_both_are_in_the_panel():
    table = city_year_table().assign(lights_gini=0.25)
    table.loc[0, "lights_gini"] = np.nan
    panel = build(raw(city_year=table), needed=[name for name in INDICATORS if name != "gini"])
    by_units = build(raw(), lights="units").frame
    np.testing.assert_allclose(panel.frame["gini_counties"], by_units["gini"])
    np.testing.assert_array_equal(panel.frame["gini"], panel.frame["gini_ready_made"])
    assert panel.frame["gini"].isna().sum() == 1
    assert not set(BOTH_OUTCOMES) & set(build(raw()).frame)


PRINTED_EXTREMES = {
    "students": (("min", 6.640, 620300, 2011), ("max", 14.161, 440100, 2021)),
    "science": (("min", 6.624, 230900, 2016), ("max", 15.529, 440300, 2018)),
    "education": (("max", 16.256, 110000, 2021),),
    "difi": (("max", 359.683, 330100, 2021),),
    "loans_deposits": (("min", 15.079, 620300, 2011), ("max", 21.746, 110000, 2021)),
}
HALF_A_THOUSANDTH = 6e-4
"""Table 1 prints three decimals."""


@pytest.mark.slow
@pytest.mark.parametrize("column", PRINTED_EXTREMES)
def test_public_values_at_the_printed_extremes(mirror, column):
    panel = build_panel(open_source("public", mirror=mirror), needed=[column], balanced=False)
    assert panel.years == (2011, 2021) and panel.frame["gini"].notna().any()
    values = panel.frame.set_index(["city", "year"])[column]
    for _, printed, city, year in PRINTED_EXTREMES[column]:
        assert values[(city, year)] == pytest.approx(printed, abs=HALF_A_THOUSANDTH)


def test_public_data_give_ten_years_and_name_what_they_lack(mirror):
    tables = open_source("public", mirror=mirror)
    panel = build_panel(tables)
    assert panel.years == (2011, 2020) and panel.is_balanced and panel.missing == {}
    without = [name for name in INDICATORS if name not in ("education", "students", "science")]
    fewer = build_panel(tables, needed=without)
    assert abs(fewer.n_cities - PUBLIC_CITIES) <= PUBLIC_CITIES_TOLERANCE
    assert fewer.frame["students"].isna().any() and panel.frame["students"].notna().all()
    counties = build_panel(tables, lights="units")
    assert counties.years == (2013, 2020) and counties.hash != panel.hash

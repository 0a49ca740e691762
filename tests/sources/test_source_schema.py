import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digital_clusters.errors import DataError
from digital_clusters.sources.schema import (
    SHOWN,
    check_cities,
    codebook,
    describe_columns,
    needed_columns,
    schema,
    validate,
)

COLUMNS = {
    "cities": "city name name_zh province region lon lat is_municipality is_provincial_capital "
    "is_sub_provincial is_resource_based resource_type is_old_industrial_base telephones_1984 "
    "delta_council_year",
    "city_year": "city year gdp gdp_real value_added_primary value_added_secondary value_added_tertiary "
    "gdp_per_capita population employment fixed_asset_investment capital_stock loans deposits "
    "university_students education_expenditure science_expenditure fiscal_expenditure internet_users "
    "mobile_users telecom_revenue retail_sales foreign_direct_investment "
    "digital_finance_index digital_finance_coverage digital_finance_depth digital_finance_digitisation "
    "lights_gini taobao_villages capital_wedge labour_wedge",
    "city_industry_year": "city industry year employment storefronts",
    "lights": "city unit year radiance weight",
    "storefronts": "storefront city industry opened closed",
}


def city_year(**columns) -> pd.DataFrame:
    n = max((len(values) for values in columns.values()), default=3)
    return pd.DataFrame({"city": 110000, "year": 2000 + np.arange(n)} | columns)


@pytest.mark.parametrize("table", COLUMNS)
def test_schema_has_the_columns_of_the_codebook_with_unit_and_description(table):
    columns = schema(table).columns
    assert list(columns) == list(codebook()[table]["columns"]) == COLUMNS[table].split()
    for name, facts in codebook()[table]["columns"].items():
        assert columns[name].title == facts["unit"]
        assert columns[name].description == facts["description"]
        assert columns[name].required == (name in needed_columns(table))


def test_describe_lists_every_column_once():
    frame = describe_columns()
    assert not frame.duplicated(["table", "column"]).any()
    assert len(frame) == sum(len(names.split()) for names in COLUMNS.values())
    assert set(describe_columns("lights")["unit"]) == {"code", "year", "nW/cm²/sr", "km² or persons"}


def test_dtypes_and_column_order():
    raw = pd.DataFrame(
        {
            "province": ["Hebei", "Hebei"],
            "delta_council_year": [np.nan, 2010.0],
            "city": ["130100", "130200"],
            "name": ["a", "b"],
            "is_municipality": [0, 1],
            "is_resource_based": [True, False],
            "lon": [1, 2],
            "lat": [1.0, 2.0],
        },
        index=[5, 9],
    )
    valid = validate(raw, "cities", "x.csv")
    assert list(valid.columns) == [c for c in COLUMNS["cities"].split() if c in raw]
    assert valid["city"].tolist() == [130100, 130200] and valid["city"].dtype == "int64"
    assert valid["is_municipality"].dtype == bool and valid["lon"].dtype == "float64"
    assert valid["delta_council_year"].isna().tolist() == [True, False]
    assert list(valid.index) == [0, 1]


@pytest.mark.parametrize(
    ("frame", "text"),
    [
        (city_year(gdp=[1, -2, 3]), "'gdp': value below 0 in row 1 (city 110000, year 2001): -2"),
        (city_year(lights_gini=[0.5, -0.1, 1]), "'lights_gini': value outside [0, 1] in row 1"),
        (city_year(gdp=[1, np.inf, 3]), "'gdp': text in a number in row 1 (city 110000, year 2001): inf"),
        (
            city_year(year=[2000, 2001.5, 2002]),
            "'year': number that is not whole in row 1 (city 110000): 2001.5",
        ),
        (city_year(city=[1, np.nan, 2]), "'city': missing value in row 1 (year 2001)"),
        (city_year(gpd=[1, 2, 3]), "has no column 'gpd'. It may have: city, year, gdp"),
        (city_year().drop(columns="year"), "lacks column 'year'. Columns there: city"),
        (city_year().iloc[:0], "table 'city_year' has no rows"),
    ],
)
def test_breach_names_origin_row_column_and_value(frame, text):
    with pytest.raises(DataError) as caught:
        validate(frame, "city_year", "own.csv")
    assert str(caught.value).startswith("own.csv") and text in str(caught.value)


def test_two_breaches_give_two_sentences():
    with pytest.raises(DataError) as caught:
        validate(city_year(gdp=[1, -2, 3], lights_gini=[2, 0, 0]), "city_year", "own.csv")
    lines = str(caught.value).splitlines()
    assert len(lines) == 2 and "gdp" in lines[0] and "lights_gini" in lines[1]


@settings(max_examples=15)
@given(st.integers(min_value=1, max_value=40))
def test_first_offenders_are_named_and_the_rest_counted(wrong):
    frame = city_year(lights_gini=[1.5] * wrong + [0.5] * 3)
    with pytest.raises(DataError) as caught:
        validate(frame, "city_year", "own.csv")
    text = str(caught.value)
    assert text.count("row ") == min(wrong, SHOWN)
    assert (f"and {wrong - SHOWN} more" in text) == (wrong > SHOWN)


def test_value_outside_the_list():
    frame = pd.DataFrame({"city": [1], "industry": ["Z"], "year": [2010], "employment": [1.0]})
    with pytest.raises(DataError, match="'industry': value that is not in the list in row 0 .*: 'Z'"):
        validate(frame, "city_industry_year", "own.csv")


def test_unknown_table_lists_the_tables():
    with pytest.raises(DataError, match="no raw table 'city_years'; the tables are: cities, city_year"):
        validate(city_year(), "city_years", "own.csv")


def test_weight_must_be_positive():
    frame = pd.DataFrame({"city": [1], "unit": [1], "year": [2010], "radiance": [0.0], "weight": [0.0]})
    with pytest.raises(DataError, match="'weight': value not above 0"):
        validate(frame, "lights", "own.csv")


def test_check_cities_returns_the_frame_or_names_the_strangers():
    cities = pd.DataFrame({"city": [110000]})
    frame = city_year(gdp=[1, 2])
    assert check_cities(frame, cities, "city_year", "own.csv") is frame
    with pytest.raises(DataError, match=r"unknown city code in row 0 \(year 2000\): 7; row 1"):
        check_cities(frame.assign(city=7), cities, "city_year", "own.csv")

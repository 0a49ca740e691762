import pandas as pd
import pytest

from digital_clusters.sources.city_codes import city_of_county, clean_names, codes_of_names, current_codes
from digital_clusters.sources.policies import (
    city_adjacency,
    city_facts,
    code_changes,
    known_errors,
    name_changes,
    territory_changes,
    units_left_out,
)
from digital_clusters.sources.schema import validate
from digital_clusters.sources.upstream import upstream_files

ADJACENT = [(110000, 120000), (320100, 340500), (440300, 441900)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (542100, 540300),
        (542200, 540500),
        (542300, 540200),
        (542400, 540600),
        (542600, 540400),
        (652100, 650400),
        (652200, 650500),
        (654100, 654000),
        (469003, 460400),
        (522200, 520600),
        (522400, 520500),
        (632100, 630200),
    ],
)
def test_old_codes_are_replaced(old, new):
    assert current_codes(pd.Series([old, 110000])).tolist() == [new, 110000]


def test_code_changes_lead_to_cities_and_agree_on_names():
    changes = code_changes().merge(city_facts(), left_on="new_code", right_on="city", suffixes=("", "_city"))
    assert len(changes) == len(code_changes()) and code_changes()["old_code"].is_unique
    assert (changes["name_zh"] == changes["name_zh_city"]).all()


def test_names_with_stray_characters_and_old_spellings():
    names = pd.Series(["哈密\u200b\u200b", " 南京市", "襄樊市", "思茅", "毫州市", "中国"])
    assert codes_of_names(names).tolist()[:5] == [650500, 320100, 420600, 530800, 341600]
    assert codes_of_names(names).isna().tolist() == [False] * 5 + [True]
    assert clean_names(names)[0] == "哈密"


def test_counties_of_municipalities_and_others():
    counties = pd.Series([110105, 500229, 310151, 120101, 320102, 542421])
    assert city_of_county(counties).tolist() == [110000, 500000, 310000, 120000, 320100, 540600]


def test_city_facts_keep_to_the_schema():
    cities = validate(city_facts(), "cities", "data/policies/cities.csv")
    assert len(cities) == 338 and cities["city"].is_unique and cities["name_zh"].is_unique
    assert cities["province"].nunique() == 31
    assert cities["is_municipality"].sum() == 4
    assert cities["is_provincial_capital"].sum() == 27
    assert cities["is_sub_provincial"].sum() == 15
    assert cities["is_resource_based"].sum() == 126
    assert cities["is_old_industrial_base"].sum() == 95
    assert cities["resource_type"].notna().equals(cities["is_resource_based"])
    assert cities["delta_council_year"].value_counts().to_dict() == {
        1997: 15,
        2003: 1,
        2010: 6,
        2013: 8,
        2018: 4,
        2019: 7,
    }


def test_cities_lie_in_china():
    cities = city_facts()
    assert cities["lon"].between(73, 136).all() and cities["lat"].between(3, 54).all()


def test_adjacency_names_each_pair_once_and_only_cities():
    pairs = city_adjacency()
    assert (pairs["city"] < pairs["neighbour"]).all() and not pairs.duplicated().any()
    assert set(pairs.stack()) <= set(city_facts()["city"])
    assert set(ADJACENT) <= set(pairs.itertuples(index=False, name=None))


def test_lists_refer_to_things_that_exist():
    cities = set(city_facts()["city"])
    assert set(known_errors()["file"]) <= set(upstream_files())
    assert set(known_errors()["city"]) <= cities
    assert set(name_changes()["name_zh"]) <= set(city_facts()["name_zh"])
    # Sansha is a city of the list that the tables leave out.
    assert set(units_left_out()["code"]) & cities == {460300}
    assert (
        set(territory_changes()["city"]) <= cities and territory_changes()["year"].between(2011, 2021).all()
    )
    assert known_errors()["reason"].notna().all() and units_left_out()["reason"].notna().all()


def test_codes_that_were_replaced_are_those_of_one_city_in_one_province():
    changes, cities = code_changes(), set(city_facts()["city"])
    names = city_facts().set_index("city")["name_zh"]
    assert not set(changes["old_code"]) & cities and set(changes["new_code"]) <= cities
    assert changes["old_code"].is_unique and not set(changes["old_code"]) & set(units_left_out()["code"])
    assert (changes["new_code"].map(names) == changes["name_zh"]).all()
    moved = changes[changes["old_code"] // 10_000 != changes["new_code"] // 10_000]
    assert moved["name_zh"].tolist() == ["重庆市"]


def test_years_and_new_codes_are_those_of_the_prefecture_crosswalk(mirror):
    """By the first name in force. Pu'er was Simao to 2007; Nagqu, approved in 2017, followed in 2018."""
    folder = mirror / "FIERsity__china-prefecture-crosswalk" / "data" / "processed"
    units = pd.read_csv(folder / "entities.csv")
    names = pd.read_csv(folder / "entity_names_year_end_1987_2026.csv")
    first = names.groupby(["entity_id", "name_zh"], as_index=False)["start_year"].min()
    code = units["legacy_entity_id"].str[1:].astype(int)
    known = first.merge(units.assign(code=code)[["entity_id", "code"]], on="entity_id").set_index("name_zh")
    for row in code_changes().itertuples():
        if row.old_code // 10_000 == row.new_code // 10_000:
            name = "思茅市" if row.name_zh == "普洱市" else row.name_zh
            assert known.loc[name, "code"] == row.new_code
            if row.name_zh not in ("那曲市", "伊犁哈萨克自治州"):
                assert known.loc[name, "start_year"] == row.year

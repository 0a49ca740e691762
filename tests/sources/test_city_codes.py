import numpy as np
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


# changes of territory

CHECKS = {"county codes", "crosswalk", "land area", "lights"}

UNSUPPORTED = {"烟台市"}
"""Breaks of the crosswalk since 2004 behind which there is no county that changed its code, and no area."""

STEP = 0.1
"""Log points of a city's land area; the smallest county that moved was an eighth of a city."""

REMEASURED = 0.02
"""Log points by which an area may differ in the years after the step: cities measure anew."""


def _moved(row) -> list[int]:
    return [int(code) for code in row.counties_2020.split(";")]


def _checked(source: str) -> pd.DataFrame:
    changes = territory_changes()
    return changes[changes["checked_by"].str.split(";").map(lambda names: source in names)]


def test_changes_of_territory_are_of_cities_and_each_has_a_source_of_its_own():
    changes, facts = territory_changes(), city_facts().set_index("city")
    assert changes["city"].is_unique and changes["year"].between(2003, 2021).all()
    assert (changes["city"].map(facts["name_zh"]) == changes["name_zh"]).all()
    named = changes["checked_by"].str.split(";").map(set)
    assert (named <= CHECKS).all() and named.map(len).ge(2).all()


def test_a_county_that_moved_is_under_the_city_that_took_it():
    for row in territory_changes().itertuples():
        taken = row.change.startswith(("took", "made"))
        inside = [code // 100 * 100 == row.city for code in _moved(row)]
        assert all(inside) if taken else not any(inside), row.name_zh


def test_breaks_of_whole_cities_are_those_of_the_prefecture_crosswalk(mirror):
    """A change approved late in a year has that year there, and the next one in the yearbooks."""
    folder = mirror / "FIERsity__china-prefecture-crosswalk" / "data" / "processed"
    flags = pd.read_csv(folder / "fixed_boundary_event_flags_1999_2020.csv")
    broken = flags[(flags["whole_city_break_flag"] == 1) & (flags["year"] >= 2003)]
    years = broken.set_index("prefecture_name")["year"]
    late = _checked("crosswalk").set_index("name_zh")["year"]
    assert set(late.index) == set(years.index) - UNSUPPORTED
    assert (late - years[late.index]).isin([0, 1]).all()


def test_land_areas_make_a_step_in_the_year_of_a_change(mirror):
    (file,) = mirror.glob("biechouwo-coder__G-P/*/298个地级市人口密度1998-2024年无缺失.xlsx")
    table = pd.read_excel(file, sheet_name="面板数据", engine="calamine")
    area = table.pivot_table(index="城市代码", columns="年份", values="行政区域土地面积(平方公里)")
    area = np.log(area)
    for row in _checked("land area").itertuples():
        before, after = area.loc[row.city, : row.year - 1].iloc[-1], area.loc[row.city, row.year]
        gave = row.change.startswith("gave")
        assert (after - before) * (-1 if gave else 1) > STEP, row.name_zh
        # the middle of three: Lu'an of 2017 is printed with another area between two equal years
        later = area.loc[row.city, row.year : row.year + 2].median()
        assert abs(later - after) < REMEASURED, row.name_zh
    assert area.loc[370600].diff().loc[2015] == 0


def test_counties_that_moved_have_lights_under_their_codes_of_2020(mirror):
    (file,) = mirror.glob("eileenCHEN-9__PhD_2022_2025/data/viirs_2013_2020.dta")
    lights = set(pd.read_stata(file, columns=["county_id"])["county_id"].astype(int))
    for row in _checked("lights").itertuples():
        assert set(_moved(row)) <= lights, row.name_zh

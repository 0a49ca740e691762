"""Files as people have them, from nothing to a page: proposed, described, executed."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from digital_clusters.pipeline import runs
from digital_clusters.pipeline.cache import Store
from digital_clusters.pipeline.notebooks import find
from digital_clusters.pipeline.own_data.edition import readiness
from digital_clusters.sources import open_source
from digital_clusters.sources.folder.propose import write_proposal

ROOT = Path(__file__).parents[3]
CITIES = {130100: "石家庄", 130200: "唐山", 320100: "南京", 320200: "无锡", 330100: "杭州", 330200: "宁波"}
YEARS = range(2012, 2016)
HEADINGS = {
    "primary": "第一产业增加值(亿元)",
    "secondary": "第二产业增加值(亿元)",
    "tertiary": "第三产业增加值(亿元)",
    "gini": "灯光基尼系数",
}


def values():
    """Six cities in four years, with what the first panel needs: three sectors and the outcome."""
    keys = [(code, name, year) for code, name in CITIES.items() for year in YEARS]
    frame = pd.DataFrame(keys, columns=["code", "name", "year"])
    place = np.arange(len(frame))
    return frame.assign(
        primary=100.0 + place, secondary=1200.0 + 10 * place, tertiary=1500.0 + 20 * place, gini=0.375
    ).assign(gini=lambda found: found["gini"] + 0.0078125 * (place % 7))


def in_gbk(folder, write_workbook):
    frame = values().rename(columns=HEADINGS | {"code": "城市代码", "name": "城市", "year": "年份"})
    frame.to_csv(folder / "面板.csv", index=False, encoding="gbk")


def wide(folder, write_workbook):
    for column, heading in HEADINGS.items():
        table = values().pivot(index="name", columns="year", values=column).add_suffix("年")
        table.rename_axis("地区").to_csv(folder / f"{heading}.csv")


def workbook(folder, write_workbook):
    frame = values()[["name", "year", *HEADINGS]]
    rows = [["各城市主要指标", *[None] * 5], ["城市", "年份", *HEADINGS.values()]]
    rows += [[row[0], f"{row[1]}年", *row[2:]] for row in frame.to_numpy().tolist()]
    write_workbook(folder / "指标.xlsx", {"表1": [*rows, [None] * 6, ["数据来源：统计年鉴", *[None] * 5]]})


def stata(folder, write_workbook):
    labels = dict(enumerate(CITIES.values(), start=1))
    frame = values().assign(city=lambda found: found["code"].map(dict(zip(CITIES, labels, strict=True))))
    frame = frame[["city", "year", *HEADINGS]].rename(
        columns={"primary": "va1", "secondary": "va2", "tertiary": "va3", "gini": "lights_gini"}
    )
    frame.to_stata(
        folder / "panel.dta",
        write_index=False,
        version=118,
        value_labels={"city": labels},
        variable_labels=dict(zip(("va1", "va2", "va3"), list(HEADINGS.values())[:3], strict=True)),
    )


def as_typed(folder, write_workbook):
    """Full-width digits, thousands separators, names with 市, codes as floats, a dash for no value."""
    frame = values()
    wide_digits = str.maketrans("0123456789.", "０１２３４５６７８９．")
    typed = pd.DataFrame(
        {
            "城市代码": frame["code"].astype(float),
            "城市": frame["name"] + "市",
            "年份": frame["year"].astype(str).str.translate(wide_digits),
            HEADINGS["primary"]: frame["primary"].map("{:.1f}".format).str.translate(wide_digits),
            HEADINGS["secondary"]: frame["secondary"].map("{:,.1f}".format),
            HEADINGS["tertiary"]: frame["tertiary"].map("{:,.1f}".format),
            HEADINGS["gini"]: frame["gini"].map("{:.7f}".format),
        }
    )
    typed.loc[0, HEADINGS["gini"]] = "—"
    typed.to_csv(folder / "typed.csv", index=False)


WAYS = {"gbk": in_gbk, "wide": wide, "workbook": workbook, "stata": stata, "as typed": as_typed}


@pytest.fixture(params=WAYS)
def way(request, tmp_path, write_workbook):
    folder = tmp_path / "my files"
    folder.mkdir()
    WAYS[request.param](folder, write_workbook)
    write_proposal(folder)
    return request.param, folder


def test_every_way_gives_the_same_numbers(way):
    name, folder = way
    table = open_source(f"folder:{folder}").table("city_year").sort_values(["city", "year"])
    wanted = values()
    if name == "as typed":
        wanted.loc[0, "gini"] = np.nan
    assert table[["city", "year"]].to_numpy().tolist() == wanted[["code", "year"]].to_numpy().tolist()
    columns = [f"value_added_{sector}" for sector in ("primary", "secondary", "tertiary")] + ["lights_gini"]
    np.testing.assert_array_equal(table[columns].to_numpy(float), wanted[list(HEADINGS)].to_numpy(float))


@pytest.mark.parametrize("way", ["gbk"], indirect=True)
def test_what_a_chapter_can_do_is_said_before_it_runs(way):
    _, folder = way
    found = {(one.study, one.section): one for one in readiness(f"folder:{folder}")}
    measured = found["industrial_upgrading", "measurement"]
    assert measured.runs and not measured.reasons
    assert found["industrial_upgrading", "baseline"].served == 2
    lacking = found["virtual_agglomeration", "baseline"]
    assert not lacking.runs and any("it is not in columns.yml" in reason for reason in lacking.reasons)


@pytest.mark.slow
def test_a_page_is_made_of_each(tmp_path, write_workbook):
    wanted, page = [], find(ROOT, "industrial_upgrading/measurement")
    for name, make in WAYS.items():
        folder = tmp_path / name
        folder.mkdir()
        make(folder, write_workbook)
        write_proposal(folder)
        wanted.append(runs.request(page, {"data": f"folder:{folder}"}, ROOT, label=f"own {name}"))
    made = runs.run_all(wanted, ROOT, Store(tmp_path / "cache"), jobs=2)
    assert [run.error for run in made] == [None] * len(WAYS)
    for run in made:
        text = run.made.page.read_text(encoding="utf-8")
        assert "your own data: 6 cities × 4 years" in text and "synthetic twin" not in text
        shown = [output for cell in json.loads(text)["cells"] for output in cell.get("outputs", ())]
        assert len(shown) >= 4 and not any(output["output_type"] == "error" for output in shown)

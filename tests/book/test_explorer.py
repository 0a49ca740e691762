"""The explorer as a reader's browser runs it: its own page and file, opened in headless Chromium."""

import re
import subprocess
import threading
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup

from digital_clusters.analysis.data import multiverse_panels
from digital_clusters.analysis.fit import fit
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.multiverse.declared import CLAIM, multiverse_file, read_multiverse
from digital_clusters.analysis.multiverse.explored import from_facts, frozen_multiverse
from digital_clusters.analysis.multiverse.points import plan_points
from digital_clusters.analysis.spec import Spec
from digital_clusters.pipeline.points.explorer import explorer_data, printed_number, stage_explorer
from digital_clusters.studies.catalogue import STUDIES, find_study

ROOT = Path(__file__).parents[2]
STUDY = "industrial_upgrading"
TIMEOUT_SECONDS = 120
LARGEST_SCRIPT = 100_000
"""Bytes of the script, unpacked."""

LARGEST = 700_000
"""Bytes of script, style and data, packed."""


class _Server(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Requests are not news."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The page without the book around it, and its files."""
    place = tmp_path_factory.mktemp("explorer")
    stage_explorer(ROOT, place)
    (place / "_explorer" / "explorer").rename(place / "explorer")
    (html,) = re.findall(r"```\{raw\} html\n(.*?)```", (ROOT / "book/explorer.md").read_text("utf-8"), re.S)
    (place / "book").mkdir()
    head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Explorer</title>'
    page = f"{head}<body>{html}</body></html>"
    (place / "book" / "explorer.html").write_text(page, encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def look(folder, browser, tmp_path_factory):
    """A function from what the address says to the document after its scripts ran."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Server, directory=str(folder))) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        profile = tmp_path_factory.mktemp("profile")

        @cache
        def open_(
            said: str, address: str = f"http://127.0.0.1:{httpd.server_port}", width: int = 800
        ) -> BeautifulSoup:
            command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
            command += [f"--user-data-dir={profile}", "--virtual-time-budget=5000", "--dump-dom"]
            command.append(f"--window-size={width},900")
            done = subprocess.run(
                [*command, f"{address}/book/explorer.html#{said}"],
                capture_output=True,
                timeout=TIMEOUT_SECONDS,
                check=True,
            )
            return BeautifulSoup(done.stdout.decode("utf-8"), "html.parser")

        yield open_
        httpd.shutdown()


def said(claim, series, **more):
    return urlencode({"study": STUDY, "source": "public", "unit": f"{claim} · {series}", **more})


@pytest.fixture(scope="module")
def explored():
    return frozen_multiverse(STUDY)


def unit(explored, claim, series):
    table = explored.table
    here = (table[CLAIM] == claim) & (table["series"] == series) & (table["problem"] == "")
    return table[here].reset_index(drop=True)


@pytest.mark.slow
def test_the_whole_curve_and_its_shares_are_those_of_the_frozen_multiverse(look, explored):
    series = "ready made, by population"
    points = unit(explored, "H1", series)
    dom = look(said("H1", series))
    assert dom.select_one("#explorer-root")["data-kept"] == str(len(points))
    text = dom.select_one("#explorer-summary").get_text()
    claimed = (points["value"] < 0).mean()
    assert text.startswith(f"{len(points)} of {len(points)} specifications on public data.")
    assert f"{claimed * 100:.0f} % have the claimed sign" in text
    assert "Printed: −0.0990." in text
    assert dom.select_one("#explorer-canvas")["aria-label"].endswith(text)


@pytest.mark.slow
@pytest.mark.parametrize("width", [500, 1280])
def test_no_label_of_a_row_is_wider_than_its_room(look, width):
    root = look("", width=width).select_one("#explorer-root")
    assert 100 < float(root["data-label"]) <= float(root["data-room"])


@pytest.mark.slow
def test_a_filter_keeps_what_it_says_and_tells_how_the_median_moves(look, explored):
    series = "Eq. (1) over counties"
    points = unit(explored, "H1", series)
    axis = explored.declared.choices.index("controls")
    dom = look(said("H1", series, off=f"{axis}.0"))
    kept = points[points["controls"] != "none"]
    assert dom.select_one("#explorer-root")["data-kept"] == str(len(kept))
    moved = kept["value"].median() - points["value"].median()
    text = dom.select_one("#explorer-summary").get_text()
    (told,) = re.findall(r"moves the median by (\S+) from", text)
    # the page writes three significant digits
    assert float(told.replace("−", "-")) == pytest.approx(moved, rel=6e-3, abs=1e-6)


@pytest.mark.slow
def test_a_point_shows_the_code_that_makes_its_specification(look, explored):
    points = plan_points(explored.declared).points
    wanted = next(
        point
        for point in points
        if point.choices[CLAIM] == "H4" and point.choices["controls"] == "five, year before"
    )
    options = {name: list(axis.options) for name, axis in explored.declared.axes.items()}
    place = ".".join(str(options[name].index(wanted.choices[name])) for name in explored.declared.choices)
    dom = look(said("H4", wanted.choices["series"], point=place))
    assert not dom.select_one("#explorer-point").has_attr("hidden")
    code = dom.select_one("#explorer-code").get_text()
    made = eval(re.search(r"spec = dc\.(Spec\(.*?\n\))", code, re.S)[1], {"Spec": Spec})
    assert made == wanted.spec
    assert f'find_study("{STUDY}")' in code and code.endswith('.term("uil:difi")')
    facts = [item.get_text() for item in dom.select("#explorer-facts dd")]
    assert "five, year before" in facts and "public data" in facts
    links = [link["href"] for link in dom.select("#explorer-facts a")]
    assert f"../notebooks/{STUDY}/public_data.html" in links


@pytest.mark.slow
def test_every_control_has_a_label_and_nothing_comes_from_another_host(look, folder):
    dom = look("")
    for control in dom.select("input, select"):
        assert control.find_parent("label").get_text(strip=True)
    assert all(group.select_one("legend").get_text() for group in dom.select("fieldset"))
    assert dom.select_one("#explorer-root")["data-ready"] == "yes"
    text = "".join(
        (folder / "explorer" / name).read_text("utf-8") for name in ("explorer.js", "explorer.css")
    )
    assert not re.search(r"https?://|fetch\(|import\(", text)


def test_script_and_data_stay_small(folder):
    files = list((folder / "explorer").iterdir())
    assert {file.name for file in files} == {"explorer.js", "explorer.css", "explorer-data.js"}
    assert (folder / "explorer" / "explorer.js").stat().st_size < LARGEST_SCRIPT
    packed = subprocess.run(["gzip", "-c", *map(str, files)], capture_output=True, check=True).stdout
    assert len(packed) < LARGEST


def test_the_data_hold_every_estimated_point_once():
    for study in explorer_data()["studies"]:
        table = frozen_multiverse(study["key"]).table
        units = next(source for source in study["sources"] if source["key"] == "public")["units"]
        assert sum(len(unit["columns"]["n"]) for unit in units) == (table["problem"] == "").sum()
        for unit in units:
            assert {len(column) for column in unit["columns"].values()} == {len(unit["columns"]["n"])}


def test_claims_are_told_in_words_that_no_other_unit_has():
    for study in explorer_data()["studies"]:
        words = [claim["words"] for claim in study["claims"].values()]
        assert len(set(words)) == len(words)
        for claim in study["claims"].values():
            assert "_" not in claim["words"] + claim["decided"] and ":" not in claim["decided"]


def test_a_claim_leads_to_the_chapters_that_have_it():
    for study in explorer_data()["studies"]:
        for claim in study["claims"].values():
            assert claim["pages"]
            assert all((ROOT / "notebooks" / f"{page['page']}.py").is_file() for page in claim["pages"])
    (one,) = [study for study in explorer_data()["studies"] if study["key"] == STUDY]
    found = {page["what"]: page["page"] for page in one["claims"]["H1"]["pages"]}
    assert found["Chapter of Table 2, column 2"] == f"{STUDY}/baseline"


def test_a_printed_number_is_given_only_where_its_unit_is_that_of_the_claim(explored):
    study = find_study(STUDY)
    found = {claim: printed_number(study, explored, claim) for claim in explored.declared.claims}
    # Table 2, column 2 and Table 6, column 2, whose moderator is normalised as in the claim
    assert found == {"H1": -0.099, "H2": None, "H3": None, "H4": -0.565}
    others = [one for one in STUDIES.values() if one.key != STUDY]
    for one in others:
        frozen = frozen_multiverse(one.key)
        assert all(printed_number(one, frozen, claim) is None for claim in frozen.declared.claims)


@pytest.mark.slow
def test_the_planted_size_is_on_the_curve_of_the_twin(look):
    (study,) = [one for one in explorer_data()["studies"] if one["key"] == STUDY]
    (twin,) = [source for source in study["sources"] if source["key"] == "twin"]
    first = next(unit for unit in twin["units"] if unit["claim"] == "H1")
    dom = look(urlencode({"study": STUDY, "source": "twin", "unit": "H1 · Eq. (1) over counties"}))
    text = dom.select_one("#explorer-summary").get_text()
    assert f"{len(first['columns']['n'])} specifications on synthetic twin." in text
    (told,) = re.findall(r"Planted in the twin: (\S+)\.", text)
    assert float(told.replace("−", "-")) == pytest.approx(first["truth"], rel=6e-3)


def test_the_twins_multiverse_is_the_declared_one_on_this_twin():
    facts = load_frozen(f"{STUDY}.twin_multiverse").facts
    explored, declared = from_facts(facts), read_multiverse(multiverse_file(STUDY))
    assert {name: axis for name, axis in explored.declared.axes.items() if name != "series"} == {
        name: axis for name, axis in declared.axes.items() if name != "series"
    }
    assert list(explored.declared.axes["series"].options) == ["Eq. (1) over counties"]
    assert set(facts["planted"]) == set(declared.claims)
    assert (explored.table["problem"] == "").all()
    panels = multiverse_panels(find_study(STUDY).panel("twin"))
    points = plan_points(explored.declared).points
    assert len(points) == len(explored.table)
    for k in range(0, len(points), 97):
        point, row = points[k], explored.table.loc[k]
        if point.spec.method == "two_way_fixed_effects":
            number = fit(point.spec, panels[point.panel]).term(declared.claims[row[CLAIM]].term)
            # what is frozen has six significant digits
            assert [row["value"], row["error"]] == pytest.approx([number.value, number.error], rel=1e-5)

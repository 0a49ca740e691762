"""Live figures as a browser runs them: arithmetic against the package's on grids, and their controls."""

import json
import re
import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from digital_clusters.errors import BuildError, ParameterError
from digital_clusters.estimators.curves.moving import turning_point_path
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.measures.indicators.inequality import gini
from digital_clusters.pipeline.site.live import FOLDER, load_live, stage_live
from digital_clusters.report.live import (
    Estimates,
    Kind,
    LiveFigure,
    live_depth,
    live_estimates,
    live_lorenz,
    live_map,
    live_turning,
)
from digital_clusters.theory.clusters.division_of_labour import DivisionOfLabour

ROOT = Path(__file__).parents[2]
KINDS = get_args(Kind)
SCRIPTS = ROOT / "book" / "live"
STYLE = ROOT / "book" / "_static" / "book.css"
LEAST_TARGET = 24
"""Pixels across of what a finger must hit: WCAG 2.2, criterion 2.5.8."""

LARGEST_SCRIPT = 15_000
"""Bytes of one script."""

TIMEOUT_SECONDS = 120
ROUNDING = 1e-6
"""Data for scripts have seven significant digits."""

SAME = 1e-9
"""Two ways through the same arithmetic on the same doubles."""

TEAMS = (
    DivisionOfLabour(),
    DivisionOfLabour(attention=0.0),
    DivisionOfLabour(gain=3.0, cost_elasticity=1.1, attention_elasticity=3.3),
    DivisionOfLabour(gain=0.2),
)
DISTANCES = [(s, p) for s in (0.0, 0.3, 1.0, 2.0) for p in (0.0, 0.5, 2.0)]
SHARES = ([1.0, 1.0, 1.0], [0.0, 0.0, 5.0], [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0], [0.0, 0.0])
TERMS = ("c", "c^2", "c:z")
MODERATORS = np.linspace(-1.0, 6.0, 15)
SIGNS = (0.1, 1.0, 3.0)
"""Factors of the standard errors: sets that are bounded, and sets that are rays or everything."""


def estimate(factor: float) -> Estimate:
    root = np.array([[0.05, 0, 0], [-0.01, 0.012, 0], [0.002, 0.001, 0.006]]) * factor
    return Estimate(
        method="least squares",
        terms=TERMS,
        coefficients=np.array([-0.4, 0.08, -0.02]),
        covariance=root @ root.T,
        n_observations=500,
        errors="robust",
    )


def figures() -> list[LiveFigure]:
    years, cities = range(2010, 2014), range(4)
    frame = pd.DataFrame([(c, y, 100 + c, 30 + c % 2, c + 0.1 * (y - 2010)) for c in cities for y in years])
    frame.columns = ["city", "year", "lon", "lat", "index"]
    frame.loc[5, "index"] = np.nan
    points = pd.DataFrame({"at": [-1, 0, 1], "name": ["before", "now", "after"], "value": [0.0, -0.1, -0.2]})
    points = points.assign(low=points["value"] - 0.1, high=points["value"] + 0.1)
    other = points.assign(value=points["value"] / 2)
    sets = [Estimates("group-time", points, "Falls to −0.2."), Estimates("two-way", other, "Falls to −0.1.")]
    axes = {"xlabel": "years since joining the council of the delta; diamonds: planted"}
    axes["ylabel"] = "log points per unit of the index of industrial structure"
    span = {"span": (1.0, 4.0), "moderators": MODERATORS, "z": 2.0}
    words = {"title": "Turn", "moderator": "users", "label": "synthetic twin"}
    return [
        live_depth(TEAMS[0], (1.0, 1.0), title="Depth", label="model"),
        live_lorenz([3, 1, 2, 9], title="Gini </script>", unit="township", what="light", label="example"),
        live_map(frame, "index", title="Map", unit="points", label="synthetic twin"),
        live_estimates(
            sets, title="Event", question="Estimator", label="synthetic twin", truth=points, **axes
        ),
        live_turning(estimate(0.1), TERMS, **span, **words, **axes, planted=MODERATORS / 8 + 2),
    ]


CALCULATE = """
const found = {}, m = live.maths;
const depth = (team) => ([s, p]) => [m.depth.optimum(team, s, p), m.depth.cost(team, 3, s, p)];
found.depth = TEAMS.map((team) => DISTANCES.map(depth(team)));
found.gini = SHARES.map((one) => m.lorenz.gini(one));
found.lorenz = m.lorenz.lorenz(SHARES[2]);
const turn = (one) => (z) => [m.turning.turn(one, z), m.turning.fieller(one, z)];
found.turn = ESTIMATES.map((one) => MODERATORS.map(turn(one)));
const limits = m.map.classes([3, 1, 10, 2, 9, 4, 8, 5, 7, 6, null]);
found.shades = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((value) => m.map.shade(value, limits));
const figures = document.querySelectorAll(".live-figure");
found.first = [...figures].map((one) => one.querySelector("[role=status]").textContent);
for (const one of figures) for (const input of one.querySelectorAll("input, select")) {
  if (input.type === "range") input.stepUp();
  else if (input.type === "radio" || input.type === "checkbox") { input.click(); continue; }
  else input.value = "1";
  input.dispatchEvent(new Event("input"));
  input.dispatchEvent(new Event("change"));
}
found.second = [...figures].map((one) => one.querySelector("[role=status]").textContent);
const place = (one) => one.getBoundingClientRect();
const beyond = (a, b) => a.right > b.right + 1 || a.left < b.left - 1 || a.bottom > b.bottom + 1;
found.cut = [...document.querySelectorAll(".live-figure svg text")]
  .filter((one) => beyond(place(one), place(one.closest("svg"))))
  .map((one) => one.textContent);
found.targets = [...document.querySelectorAll(".live-controls :is(input, select, button)")]
  .map((one) => (/radio|checkbox/.test(one.type) ? one.closest("label") : one))
  .map((one) => Math.min(place(one).width, place(one).height));
found.ends = [...figures].map((one) => one.ownerDocument.documentElement.scrollWidth - window.innerWidth);
const text = document.createElement("pre");
text.id = "found";
const written = (_, v) => (typeof v === "number" && !Number.isFinite(v) ? String(v) : v);
text.textContent = JSON.stringify(found, written);
document.body.append(text);
"""


@pytest.fixture(scope="module")
def seen(browser, tmp_path_factory):
    """The page of all live figures after a change of each control: the document, and numbers."""
    place = tmp_path_factory.mktemp("live")
    given = [
        {
            "coefficients": e.coefficients.tolist(),
            "covariance": e.covariance.tolist(),
            "critical": e.critical_value(0.95),
        }
        for e in map(estimate, SIGNS)
    ]
    values = {"TEAMS": [asdict(team) for team in TEAMS], "DISTANCES": DISTANCES, "SHARES": SHARES}
    values |= {"ESTIMATES": given, "MODERATORS": MODERATORS.tolist()}
    constants = "".join(f"const {name} = {json.dumps(value)};" for name, value in values.items())
    scripts = "".join(
        f'<script src="{(SCRIPTS / name).as_uri()}"></script>' for name in ("live.js", *scripts_of_kinds())
    )
    body = "".join(figure._repr_html_() for figure in figures())
    head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Live</title>'
    head += f'<link rel="stylesheet" href="{STYLE.as_uri()}"><body>'
    (place / "page.html").write_text(
        f"{head}<article>{body}{scripts}</article><script>{constants}{CALCULATE}</script></body></html>",
        encoding="utf-8",
    )
    command = [
        browser,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--window-size=390,800",
    ]
    command += ["--allow-file-access-from-files", f"--user-data-dir={place / 'profile'}", "--dump-dom"]
    done = subprocess.run(
        [*command, (place / "page.html").as_uri()], capture_output=True, timeout=TIMEOUT_SECONDS, check=True
    )
    dom = BeautifulSoup(done.stdout.decode("utf-8"), "html.parser")
    return dom, json.loads(dom.select_one("#found").get_text())


def scripts_of_kinds() -> list[str]:
    return [f"{kind}.js" for kind in KINDS]


@pytest.mark.slow
def test_depth_is_that_of_the_model(seen):
    _, found = seen
    for team, row in zip(TEAMS, found["depth"], strict=True):
        for (spatial, psychological), (depth, cost) in zip(DISTANCES, row, strict=True):
            assert float(depth) == pytest.approx(team.optimum(spatial, psychological), rel=SAME)
            assert cost == pytest.approx(float(team.marginal_cost(3.0, spatial, psychological)), rel=SAME)


@pytest.mark.slow
def test_the_gini_coefficient_is_that_of_the_measure(seen):
    _, found = seen
    for values, told in zip(SHARES[:3], found["gini"], strict=False):
        assert told == pytest.approx(gini(np.array(values)), rel=SAME, abs=SAME)
    assert found["gini"][3] is None, "nothing to share out has no coefficient"
    ordered = np.sort(SHARES[2])
    assert found["lorenz"] == pytest.approx([0, *(ordered.cumsum() / ordered.sum())], rel=SAME)


@pytest.mark.slow
def test_turning_points_and_their_sets_are_those_of_the_estimator(seen):
    _, found = seen
    shapes = set()
    for factor, row in zip(SIGNS, found["turn"], strict=True):
        path = turning_point_path(estimate(factor), MODERATORS, linear="c", square="c^2", interaction="c:z")
        for (value, pieces), true, told in zip(row, path.value, path.fieller, strict=True):
            assert value == pytest.approx(true, rel=SAME)
            shapes.add(told.shape)
            assert [float(end) for piece in pieces for end in piece] == pytest.approx(
                [end for piece in told.pieces for end in piece], rel=ROUNDING
            )
    assert {"bounded", "two_rays"} <= shapes, "the grid holds more than one kind of set"


@pytest.mark.slow
def test_every_shade_of_the_map_has_as_many_cities(seen):
    _, found = seen
    assert found["shades"] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


@pytest.mark.slow
def test_every_figure_is_shown_named_and_moved_by_each_of_its_controls(seen):
    dom, found = seen
    shown = dom.select(".live-figure")
    assert len(shown) == len(KINDS) and all(one.get("data-ready") == "yes" for one in shown)
    assert all(first != second for first, second in zip(found["first"], found["second"], strict=True))
    for one in shown:
        assert not one.select(".live-note"), "what is said where no script runs is gone"
        assert dom.find(id=one["aria-labelledby"]).get_text(strip=True)
        for control in one.select("input, select"):
            assert control.find_parent("label").get_text(strip=True)
        assert all(group.select_one("legend").get_text(strip=True) for group in one.select("fieldset"))
        status = one.select_one("[role=status]").get_text()
        for drawing in one.select("svg"):
            assert drawing["role"] == "img" and drawing["aria-label"].endswith(status)
            assert not re.search(r"NaN|undefined|Infinity", str(drawing))
    names = [tag["id"] for tag in dom.select("[id]")]
    assert len(names) == len(set(names))


@pytest.mark.slow
def test_nothing_is_wider_than_a_phone(seen):
    _, found = seen
    assert max(found["ends"]) <= 0
    assert not found["cut"]


@pytest.mark.slow
def test_a_finger_hits_every_control(seen):
    _, found = seen
    assert found["targets"] and min(found["targets"]) >= LEAST_TARGET


def test_scripts_are_small_and_ask_nobody():
    files = sorted(SCRIPTS.glob("*.js"))
    assert {file.name for file in files} == {"live.js", *scripts_of_kinds()}
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert file.stat().st_size < LARGEST_SCRIPT
        assert not re.search(r"fetch\(|import\(|XMLHttpRequest", text)
        assert re.findall(r"https?://\S+", text) in ([], ['http://www.w3.org/2000/svg";'])


def test_data_cannot_end_their_element_and_say_what_is_missing():
    for figure in figures():
        (script,) = BeautifulSoup(figure._repr_html_(), "html.parser").select("script")
        told = json.loads(script.string)
        assert (
            "moves" in BeautifulSoup(figure._repr_html_(), "html.parser").select_one(".live-note").get_text()
        )
        assert told["title"] == figure.title and told["label"] == figure.label
        assert figure._repr_html_().count("</script") == 1
    cities = json.loads(BeautifulSoup(figures()[2]._repr_html_(), "html.parser").script.string)["cities"]
    assert cities[1]["values"][1] is None


def test_a_page_loads_the_scripts_of_its_figures_once(tmp_path):
    stage_live(ROOT, tmp_path)
    (tmp_path / FOLDER).rename(tmp_path / "live")
    body = "".join(figure._repr_html_() for figure in (figures()[0], figures()[0], figures()[1]))
    page = BeautifulSoup(f"<article>{body}</article>", "html.parser")
    load_live(page, "study/first", tmp_path)
    assert [script["src"] for script in page.select("script[src]")] == [
        f"../live/{name}.js" for name in ("live", "depth", "lorenz")
    ]
    without = BeautifulSoup("<article></article>", "html.parser")
    load_live(without, "study/first", tmp_path)
    assert not without.select("script")
    unknown = '<article><div class="live-figure" data-live="x"></div></article>'
    with pytest.raises(BuildError, match="no book/live/x.js"):
        load_live(BeautifulSoup(unknown, "html.parser"), "study/first", tmp_path)


def test_what_a_script_cannot_draw_is_refused():
    with pytest.raises(ParameterError, match="label"):
        LiveFigure("depth", "x", "", {})
    with pytest.raises(ParameterError, match="kind"):
        LiveFigure("pie", "x", "y", {})
    with pytest.raises(ParameterError, match="above zero"):
        live_lorenz([0, 0], title="x", unit="u", what="w", label="l")
    slow = DivisionOfLabour(cost_elasticity=0.4)
    with pytest.raises(ParameterError, match="elasticities"):
        live_depth(slow, (1, 1), title="x", label="y")

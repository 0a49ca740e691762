"""Launch links come from one address and lead to files that are there; what they start is rehearsed."""

import ast
import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import yaml

from digital_clusters.pipeline.notebooks import notebooks
from digital_clusters.pipeline.site.alone.download import FOLDER, Shown, stand_alone
from digital_clusters.pipeline.site.alone.launch import launch_links
from digital_clusters.pipeline.site.plan import BookPlan

ROOT = Path(__file__).parents[4]
PAGES = notebooks(ROOT)
ADDRESS = "https://github.com/owner/digital-clusters"
PLAN = BookPlan("Book", repository=ADDRESS, ran={page.entry: "2024-05-31" for page in PAGES})


def test_the_setting_is_off_in_the_repository():
    settings = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    plan = BookPlan("Book", repository=settings["repository"]["url"], ran=PLAN.ran)
    assert not [link for page in PAGES for link in launch_links(page.entry, plan)]


@pytest.mark.parametrize("address", ["", "https://example.org/r", "https://github.com/owner"])
def test_without_a_repository_on_github_there_is_no_link(address):
    assert launch_links(PAGES[0].entry, BookPlan("Book", repository=address, ran=PLAN.ran)) == []


def test_a_page_that_is_not_executed_has_none():
    assert launch_links("book/references", PLAN) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_binder_opens_the_text_notebook_and_colab_the_one_that_stands_alone(page):
    links = dict(launch_links(page.entry, PLAN))
    binder, colab = urlsplit(links["Open on Binder"]), urlsplit(links["Open in Colab"])
    assert (binder.netloc, binder.path) == ("mybinder.org", "/v2/gh/owner/digital-clusters/HEAD")
    (place,) = parse_qs(binder.query)["urlpath"]
    opened = urlsplit(place)
    assert opened.path.startswith("lab/tree/") and unquote(opened.query) == "factory=Jupytext Notebook"
    assert ROOT / opened.path.removeprefix("lab/tree/") == page.file
    assert colab.netloc == "colab.research.google.com"
    assert colab.path == f"/github/owner/digital-clusters/blob/gh-pages/{FOLDER}/{page.entry}.ipynb"


def test_binder_makes_the_environment_of_the_lock():
    told = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    (pip,) = (part["pip"] for part in told["dependencies"] if isinstance(part, dict))
    assert pip == ["-r requirements.lock"]
    after = ROOT / "postBuild"
    assert after.stat().st_mode & stat.S_IXUSR and "--editable ." in after.read_text(encoding="utf-8")


def test_the_colab_cell_fetches_installs_and_imports(tmp_path):
    """The first cell run where nothing is: Git and pip are ones that note how they were called."""
    empty = {"cells": [], "metadata": {}}
    cell = stand_alone(empty, "notebooks/study/first", PLAN, Shown())["cells"][1]["source"]
    ast.parse(cell)
    calls = tmp_path / "calls"
    hook = (
        "import importlib.util, json, pathlib, subprocess\n"
        "importlib.util.find_spec = lambda name: None\n"
        "def run(command, check):\n"
        f"    with open({str(calls)!r}, 'a') as log: log.write(json.dumps(command) + '\\n')\n"
        "    if command[0] == 'git': pathlib.Path(command[-1], 'src').mkdir(parents=True)\n"
        "subprocess.run = run\n"
    )
    (tmp_path / "cell.py").write_text(f"{hook}\n{cell}\nprint(sys.path[0])", encoding="utf-8")
    kept = {key: value for key, value in os.environ.items() if not re.match("PYTHON|DIGITAL", key)}
    command = [sys.executable, "cell.py"]
    done = subprocess.run(command, cwd=tmp_path, env=kept, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    place = tmp_path / "digital-clusters"
    assert done.stdout.strip() == str(place / "src")
    fetched, installed = (json.loads(line) for line in calls.read_text().splitlines())
    assert fetched == ["git", "clone", "--depth", "1", ADDRESS, str(place)]
    assert installed[1:3] == ["-m", "pip"] and installed[-2:] == ["-r", str(place / "requirements.lock")]

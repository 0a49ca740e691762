"""A fifth study from one command: refused in a sentence, or whole; its tests and pages run in a copy."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from digital_clusters.errors import FileError, ParameterError
from digital_clusters.pipeline.notebooks import notebooks
from digital_clusters.pipeline.workshop import new_study as module
from digital_clusters.pipeline.workshop.new_study import SECTIONS, StudyPlan, new_study
from digital_clusters.sources.columns import words_of

ROOT = Path(__file__).parents[3]
CHANGED = ("_toc.yml", "data/own_data.yml", "src/digital_clusters/studies/catalogue.py")
PLAN = StudyPlan("fifth_study", "Broadband and growth")


@pytest.fixture
def files(tmp_path):
    """The files that a new study changes, and the folders in which names are taken."""
    for name in CHANGED:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)
    (tmp_path / "notebooks" / "industrial_upgrading").mkdir(parents=True)
    return tmp_path


def contents(root):
    return {path.relative_to(root): path.read_text() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "Fifth"}, "cannot be a study's name"),
        ({"name": "../out"}, "cannot be a study's name"),
        ({"name": "trials"}, "cannot be a study's name"),
        ({"name": "industrial_upgrading"}, "is taken"),
        ({"title": 'a "b"'}, "a title of one line"),
        ({"outcome": "misalocation"}, "did you mean 'misallocation'"),
        ({"first_year": 2020}, "first year 2020 is after the last"),
    ],
)
def test_what_cannot_be_a_study_is_refused_and_nothing_is_written(files, changes, words):
    before = contents(files)
    plan = StudyPlan(**{"name": "fifth_study", "title": "Broadband"} | changes)
    with pytest.raises(ParameterError, match=words):
        new_study(files, plan)
    assert contents(files) == before


def test_a_study_is_not_made_twice(files):
    new_study(files, PLAN)
    before = contents(files)
    with pytest.raises(ParameterError, match="is taken"):
        new_study(files, PLAN)
    assert contents(files) == before


def test_a_full_disk_leaves_all_as_it_was(files, monkeypatch):
    before, folders = contents(files), sorted(files.rglob("*"))
    written = []

    def full(path, text):
        written.append(path)
        if len(written) == 8:
            raise FileError(f"{path} cannot be written: no space left")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    monkeypatch.setattr(module, "write_text", full)
    with pytest.raises(FileError, match="no space left"):
        new_study(files, PLAN)
    assert contents(files) == before and sorted(files.rglob("*")) == folders


def test_it_is_entered_where_the_others_are(files):
    made = new_study(files, PLAN)
    assert all(path.is_file() for path in made)
    assert not [path for path in made if "«" in path.read_text(encoding="utf-8")]
    entries = [f"notebooks/fifth_study/{section}" for section in SECTIONS]
    parts = {part["caption"]: part for part in yaml.safe_load((files / "_toc.yml").read_text())["parts"]}
    assert [chapter["file"] for chapter in parts[PLAN.title]["chapters"]] == entries
    assert list(yaml.safe_load((files / "data/own_data.yml").read_text()))[-1] == "fifth_study"
    assert {page.entry for page in notebooks(files)} >= set(entries)


@pytest.mark.parametrize("treatment", ["internet", "neighbours_lead", "gini_counties"])
def test_its_prose_and_its_question_use_the_words_of_the_field(files, treatment):
    plan = StudyPlan("fifth_study", "Broadband and growth", outcome="growth_gap", treatment=treatment)
    new_study(files, plan)
    words = f"What is the effect of {words_of(treatment)} on growth gap?"
    assert yaml.safe_load((files / "data/own_data.yml").read_text())["fifth_study"]["question"] == words
    printed = yaml.safe_load((files / "data/published/fifth_study.yml").read_text())
    assert words_of(treatment) in printed["hypotheses"][0]["statement"]
    columns = [name for name in ("growth_gap", treatment) if "_" in name]
    for page in (files / "notebooks" / "fifth_study").glob("*.py"):
        prose = [line for line in page.read_text().splitlines() if line.startswith("# ")]
        assert not [line for line in prose if any(name in line for name in columns)]


@pytest.mark.slow
def test_a_copy_with_a_fifth_study_keeps_its_rules_and_runs(tmp_path):
    left = shutil.ignore_patterns("_build", ".git", ".venv", "__pycache__", ".*_cache", ".hypothesis")
    copy = tmp_path / "checkout"
    shutil.copytree(ROOT, copy, ignore=left)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DIGITAL_CLUSTERS_R")}
    environment = kept | {"PYTHONPATH": str(copy / "src")}

    def run(*words):
        command = [sys.executable, "-m", *words]
        done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
        return done.stdout

    told = run("digital_clusters.cli", "new-study", "fifth_study", "--title", PLAN.title)
    assert "notebooks/fifth_study/baseline.py" in told
    rooms = ("src/digital_clusters/studies", "notebooks/fifth_study", "tests/studies/fifth_study")
    run("ruff", "check", *rooms)
    run("ruff", "format", "--check", *rooms)
    names = ["tests/studies/fifth_study", "tests/analysis/own_data", "tests/pipeline/test_closures.py"]
    rules, chosen = "tests/test_layering.py", "fifth_study or in_one_chapter"
    run("pytest", "-q", "-x", "-p", "no:cacheprovider", *names, rules, "-k", chosen)
    page = run("digital_clusters.cli", "run", "fifth_study/baseline").split()[0]
    assert "growth gap on internet users per 10 residents" in Path(page).read_text(encoding="utf-8")

"""A downloaded notebook stands alone: nothing of MyST is left, and it runs in an empty folder."""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from digital_clusters.pipeline.notebooks import find
from digital_clusters.pipeline.site.alone.download import ROLE, Shown, equations_of, stand_alone
from digital_clusters.pipeline.site.plan import BookPlan

ROOT = Path(__file__).parents[4]
CITED = {"one": "One, 2020", "two": "Two and Three, n.d."}
PLAN = BookPlan("Small book", version="1.0", citations=CITED)
SHOWN_BY_BOOK = Shown({"notebooks/study/theory": "Theory: why", "book/data": "Data"}, {"eq-x": "(5)"})
GLUE = {
    "output_type": "display_data",
    "data": {"application/papermill.record/text/plain": "'−0.099'"},
    "metadata": {"scrapbook": {"name": "theta"}},
}
SHOWN = {"output_type": "stream", "name": "stdout", "text": "shown\n"}


def notebook(text, outputs=()):
    code = {
        "cell_type": "code",
        "metadata": {"tags": ["remove-cell"]},
        "source": "x = 1",
        "outputs": [*outputs],
    }
    return {"cells": [{"cell_type": "markdown", "metadata": {}, "source": text}, code], "metadata": {"a": 1}}


def made(text, outputs=(), plan=PLAN):
    return stand_alone(notebook(text, outputs), "notebooks/study/baseline", plan, SHOWN_BY_BOOK)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("It is {glue:text}`theta`.", "It is −0.099."),
        ("See {doc}`theory` and {doc}`/book/data`.", "See *Theory: why* and *Data*."),
        ("As {doc}`before <theory>` said.", "As *before* said."),
        (
            "So {cite:t}`one` and others {cite:p}`one,two`.",
            "So One, 2020 and others (One, 2020; Two and Three, n.d.).",
        ),
        ("$$\nx\n$$ (eq-x)", "$$\nx\n\\tag{5}\n$$"),
        ("$$\nx\n$$ (eq-y)", "$$\nx\n$$"),
        ("By {eq}`eq-x`.", "By (5)."),
        (":::{admonition} Exercise 1\n:class: tip\nWhy?\n:::", "**Exercise 1**\n\nWhy?"),
    ],
)
def test_what_the_book_would_have_put_there_is_text(text, plain):
    assert made(text, [GLUE])["cells"][2]["source"] == plain


def test_an_equation_has_the_number_of_the_built_page():
    page = BeautifulSoup(
        '<p><span class="eqno">(5)<a class="headerlink" href="#equation-eq-x">#</a></span></p>', "html.parser"
    )
    assert equations_of(page) == {"eq-x": "(5)"}


def test_it_is_a_valid_notebook_with_its_outputs_and_nothing_of_the_machine():
    found = made("Text.", [GLUE, SHOWN])
    nbformat.validate(nbformat.from_dict(found))
    assert found["metadata"] == {"kernelspec": found["metadata"]["kernelspec"]}
    assert found["cells"][3]["outputs"] == [SHOWN]


def test_the_first_cell_fetches_the_project_only_where_it_has_an_address():
    assert '"clone"' not in made("x")["cells"][1]["source"]
    fetched = made("x", plan=BookPlan("b", repository="https://example.org/r"))["cells"][1]["source"]
    assert '"clone"' in fetched and "'https://example.org/r'" in fetched


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """Address of a repository with the files of this checkout in its one commit."""
    place = tmp_path_factory.mktemp("origin") / "repository"
    left = shutil.ignore_patterns(
        "_build", ".git", ".venv", "__pycache__", ".*_cache", ".hypothesis", "tests"
    )
    shutil.copytree(ROOT, place, ignore=left)
    author = ["-c", "user.name=One", "-c", "user.email=one@example.org"]
    for words in (["init", "-q"], ["add", "."], [*author, "commit", "-qm", "All"]):
        subprocess.run(["git", "-C", str(place), *words], check=True)
    return place.as_uri()


@pytest.fixture(scope="module")
def fresh_python(tmp_path_factory):
    """Interpreter of an environment of its own: it has the installed libraries and not the project.

    The project is installed by a line that only the environment it stands in obeys. Installing the lock anew
    takes minutes; that it can be is what `make environment` shows on every bare machine.
    """
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (own,) = folder.glob("lib/python*/site-packages")
    libraries = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (own / "libraries.pth").write_text("\n".join(sorted(libraries)) + "\n", encoding="utf-8")
    return str(folder / "bin" / "python")


def test_the_fresh_environment_has_the_libraries_and_not_the_project(fresh_python, tmp_path):
    code = "from importlib.util import find_spec; print([find_spec(n) is None for n in NAMES])"
    code = code.replace("NAMES", "('great_tables', 'digital_clusters')")
    kept = {key: value for key, value in os.environ.items() if not re.match("PYTHON|DIGITAL", key)}
    command = [fresh_python, "-P", "-c", code]
    done = subprocess.run(command, cwd=tmp_path, env=kept, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[False, True]"


SHORTER = re.compile(r"^replications = \d+", re.MULTILINE)
"""A parameter that only repeats a simulation."""

ONE_OF_EACH_STUDY = (
    "industrial_upgrading/measurement",
    "virtual_clusters/theory",
    "virtual_agglomeration/theory",
    "collaborative_agglomeration/theory",
)


@pytest.mark.parametrize("name", ONE_OF_EACH_STUDY)
@pytest.mark.slow
def test_a_downloaded_notebook_fetches_the_project_and_runs_in_an_empty_folder(
    tmp_path, name, repository, fresh_python
):
    page, plan = find(ROOT, name), replace(PLAN, repository=repository)
    found = stand_alone(json.loads(nbformat.writes(page.notebook)), page.entry, plan, Shown())
    prose = [cell["source"] for cell in found["cells"] if cell["cell_type"] == "markdown"]
    assert not [match for text in prose for match in ROLE.findall(text) if match[0] != "doc"]
    code = [cell["source"] for cell in found["cells"] if cell["cell_type"] == "code"]
    text = SHORTER.sub("replications = 2", "\n\n".join(code))
    (tmp_path / "page.py").write_text(text, encoding="utf-8")
    kept = {key: value for key, value in os.environ.items() if not re.match("PYTHON|DIGITAL", key)}
    command = [fresh_python, "-P", "page.py"]
    environment = kept | {"MPLBACKEND": "agg"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert {path.name for path in tmp_path.iterdir()} <= {"page.py", "results", "digital-clusters"}


def test_a_notebook_without_a_project_says_what_to_do(tmp_path):
    (tmp_path / "page.py").write_text(made("x")["cells"][1]["source"], encoding="utf-8")
    kept = {key: value for key, value in os.environ.items() if not key.startswith("DIGITAL")}
    command = [sys.executable, "page.py"]
    done = subprocess.run(command, cwd=tmp_path, env=kept, capture_output=True, text=True, check=False)
    assert "put a copy of the project at" in done.stderr and "DIGITAL_CLUSTERS_ROOT" in done.stderr

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from digital_clusters.pipeline import book, runs
from digital_clusters.pipeline.notebooks import contents, notebooks

FIGURE = """
# %%
import matplotlib.pyplot as plt
plt.plot([1, 2]);
"""
CRASH = """
# %%
import os
os._exit(1)
"""


def requests(project, **overrides):
    return [runs.request(page, overrides, project.root) for page in notebooks(project.root)]


def run(project, wanted, **options):
    return runs.run_all(wanted, project.root, book.store(project.root), **options)


def test_a_page_is_executed_once_and_says_how(project):
    with (project.root / "notebooks/study/first.py").open("a") as file:
        file.write(FIGURE)
    wanted = requests(project, folds="6", outcome="a=b")[:1]
    (first,) = run(project, wanted)
    assert first.error is None
    assert not first.cached
    text = first.entry.page.read_text()
    assert "a=b 12.0" in text
    assert "image/svg+xml" in text
    made = first.metadata()
    assert made["parameters"] == {"data": "twin", "folds": 6, "outcome": "a=b"}
    assert made["key"] == wanted[0].key
    assert first.seconds > 0
    assert [file.name for file in first.entry.results] == ["study.first.json"]
    (again,) = run(project, wanted)
    assert again.cached
    assert again.entry.page.read_text() == text
    assert project.leftovers() == []


LEARNT = """
# %%
print("shared:", os.environ["DIGITAL_CLUSTERS_LEARNT"] or "nothing")
"""


@pytest.mark.slow
def test_pages_share_what_learners_predict_in_a_build_and_where_nothing_is_forced(project, monkeypatch):
    monkeypatch.setenv("DIGITAL_CLUSTERS_LEARNT", "what a caller's shell may have set")
    with (project.root / "notebooks/study/first.py").open("a") as file:
        file.write(LEARNT)
    wanted, place = requests(project)[:1], book.learnt(project.root)
    (alone,) = run(project, wanted)
    assert "shared: nothing" in alone.made.page.read_text()
    (forced,) = run(project, wanted, force=True, learnt=place)
    assert "shared: nothing" in forced.made.page.read_text()
    assert project.command("run", "study/first", "-p", "folds=7").returncode == 0
    (shared,) = (project.root / "_build/runs/study/first").glob("*.ipynb")
    assert f"shared: {place}" in shared.read_text()
    project.replace("notebooks/study/first.py", "shared:", "together:")
    book.execute_pages(
        project.root, contents(project.root), "twin", jobs=2, force=False, tell=lambda ended: None
    )
    (entry,) = [file for file in place.parents[1].rglob("*.ipynb") if "together:" in file.read_text()]
    assert f"together: {place}" in entry.read_text()


def test_the_first_study_is_run_before_what_stands_before_it_and_told_in_the_book_s_order(project):
    own = (project.root / "notebooks/study/first.py").read_text()
    project.write("book/first.py", own.replace("# # First", "# # Third"))
    project.replace("_toc.yml", "parts:\n", "parts:\n  - chapters:\n      - file: book/first\n")
    told = []
    executed = book.execute_pages(
        project.root, contents(project.root), "twin", jobs=1, force=False, tell=told.append
    )
    assert [run.request.page.name for run in executed] == ["book/first", "study/first", "study/second"]
    assert [run.request.page.name for run in told] == ["study/first", "study/second", "book/first"]


def test_a_failing_cell_is_one_sentence_and_the_notebook_is_kept(project):
    (failed,) = run(project, requests(project, folds="13")[:1])
    assert failed.entry is None
    lines = failed.error.splitlines()
    assert lines[0] == "study/first failed in code cell 2 (notebooks/study/first.py):"
    assert '  →     raise ValueError("thirteen folds")' in lines
    assert "  ValueError: thirteen folds" in lines
    assert len(lines) < 13
    kept = json.loads(Path(re.search("full traceback: (.*)", failed.error)[1]).read_text())
    assert any(output["output_type"] == "error" for c in kept["cells"] for output in c.get("outputs", ()))
    assert project.leftovers() == []


def test_runs_with_unlike_values_keep_their_failures_and_logs_apart(project):
    page = notebooks(project.root)[0]
    wanted = [runs.request(page, values, project.root) for values in ({}, {"folds": 6}, {"folds": 7})]
    assert runs.file_name(wanted[0]) == "study.first"
    assert len({runs.file_name(request) for request in wanted}) == 3


@pytest.mark.slow
def test_a_kernel_that_dies_is_a_failure_of_its_page_only(project):
    with (project.root / "notebooks/study/first.py").open("a") as file:
        file.write(CRASH)
    first, second = run(project, requests(project), jobs=2)
    assert first.error.startswith("study/first failed in code cell 3 (notebooks/study/first.py)")
    assert "the kernel died" in first.error
    assert second.error is None


@pytest.mark.slow
def test_an_interrupt_leaves_nothing_half_written(project):
    project.replace("notebooks/study/first.py", "import json", "import time\ntime.sleep(60)\nimport json")
    process = subprocess.Popen(
        [sys.executable, "-m", "digital_clusters.cli", "build"],
        cwd=project.root,
        env=project.environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not list((project.root / "_build").glob("cache/study.second/*/entry.json")):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "`digital-clusters build` was interrupted" in told
    assert "Traceback" not in told
    assert project.leftovers() == []
    assert not (project.root / "_build/html").exists()
    assert list((project.root / "_build/cache").glob("study.first/*")) == []


@pytest.mark.slow
def test_six_single_runs_leave_the_book_s_own_pages_in_the_cache(project):
    assert project.command("build").returncode == 0
    for folds in range(6, 12):
        told = project.command("run", "study/first", "-p", f"folds={folds}")
        assert told.returncode == 0 and "from the cache" not in told.stderr
    project.replace("book/index.md", "Small", "Smaller")
    again = project.command("build")
    assert again.returncode == 0
    pages = [line for line in again.stderr.splitlines() if line.startswith("study/")]
    assert len(pages) == 2 and all(line.endswith("from the cache") for line in pages)
    assert "Smaller" in (project.root / "_build/html/book/index.html").read_text()

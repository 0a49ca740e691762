"""Somebody saves files while the book is built; two builds of one state are the same book."""

import importlib.util
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

KIND = "A file is saved while its page runs; two full builds are compared"
LONG = "DIGITAL_CLUSTERS_LONG_CAMPAIGN"
TESTS = Path(__file__).parents[1]
WAITS = """
# %%
import time
if not Path("_build/go").exists():
    Path("_build/here").write_text("")
for _ in range(600):
    if Path("_build/go").exists():
        break
    time.sleep(0.1)
"""
EDITS = {
    "notebooks/study/first.py": ("gini", "edited"),
    "src/helpers/doubling.py": ("2.0", "7.0"),
    "data/facts.yml": ("42", "43"),
}
LATE = """
import importlib
import helpers.doubling
importlib.reload(helpers.doubling)
print(Path("data/facts.yml").read_text(), double(1))
"""
FILES = list(EDITS) if os.environ.get(LONG) else ["src/helpers/doubling.py"]
"""The long campaign edits a file of each kind."""


def toy(folder):
    spec = importlib.util.spec_from_file_location("toy", TESTS / "pipeline" / "conftest.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Project(folder)


def start(project, *words):
    command = [sys.executable, "-m", "digital_clusters.cli", *words]
    return subprocess.Popen(
        command, cwd=project.root, env=project.environment, stderr=subprocess.PIPE, text=True
    )


def wait_for(path, process):
    deadline = time.monotonic() + 120
    while not path.exists():
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES)
def test_an_edit_undone_while_the_page_runs_is_not_kept(tmp_path, file):
    """The page waits, is edited, reads what was edited, and the edit is undone before it ends."""
    project = toy(tmp_path)
    text = (project.root / "notebooks/study/first.py").read_text()
    project.write("notebooks/study/first.py", f"{text}{WAITS}{LATE}")
    before = (project.root / file).read_text()
    process = start(project, "run", "study/first")
    wait_for(project.root / "_build/here", process)
    project.replace(file, *EDITS[file])
    (project.root / "_build/go").write_text("")
    time.sleep(0.5)
    project.write(file, before)
    _, told = process.communicate(timeout=120)
    assert process.returncode == 1, told
    assert f"{file} was saved while the page ran" in told
    assert "Traceback" not in told
    again = project.command("run", "study/first")
    assert again.returncode == 0, again.stderr
    assert "from the cache" not in again.stderr
    page = json.loads(Path(again.stdout.splitlines()[0]).read_text())
    shown = "".join(
        "".join(output.get("text", ())) for cell in page["cells"] for output in cell.get("outputs", ())
    )
    assert "gini 10.0" in shown
    assert "answer: 42" in shown
    assert "7.0" not in shown
    assert project.leftovers() == []


def shipped(project):
    """What the book ships, but for the page that says when each page ran and the search over it."""
    html = project.root / "_build/html"
    files = {str(path.relative_to(html)): path.read_bytes() for path in html.rglob("*") if path.is_file()}
    return {name: text for name, text in files.items() if "status" not in name and "searchindex" not in name}


DRAWN = """
# %%
class Table:
    def _repr_html_(self):
        return "<table><tr><td>7</td></tr></table>"
Table()

# %%
print(object())

# %% mystnb={"figure": {"caption": "A clipped line.", "name": "clipped"}, "image": {"alt": "a line"}}
import matplotlib.pyplot as plt
figure, axes = plt.subplots()
axes.plot([0, 1], [0, 1])
plt.show()
"""
"""Cells whose output names places in memory, and names made at random inside of a vector figure."""


@pytest.mark.slow
def test_two_full_builds_are_the_same_book_without_a_path_of_the_machine(tmp_path):
    books = []
    for name in ("one", "two elsewhere"):
        project = toy(tmp_path / name)
        page = project.root / "notebooks/study/first.py"
        page.write_text(page.read_text() + DRAWN)
        done = project.command("build", "--force")
        assert done.returncode == 0, done.stderr
        books.append(shipped(project))
        assert not [file for file, text in books[-1].items() if str(tmp_path).encode() in text]
        downloads = [text for file, text in books[-1].items() if file.endswith(".ipynb")]
        assert len(downloads) == 2
        assert all(b"input_path" not in text and text.count(b"thirteen folds") == 1 for text in downloads)
    assert books[0].keys() == books[1].keys()
    assert [file for file, text in books[0].items() if text != books[1][file]] == []

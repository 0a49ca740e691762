"""A build that dies at each of its operations on files, one after the other. Run as a script.

The operations are those that Python reports before it does them (audit events), so the process ends where a
kill would end it: buffers unwritten, nothing cleared away. Kernels and Jupyter Book are replaced by functions
that write the same kinds of files; everything that keeps and publishes them is the real thing.

    python tests/faults/deaths.py FOLDER first|again STEP

prints as JSON how many deaths were tried, and what was lost: a published book that is neither the old one nor
the new one, or a restart that differs from a build that was not interrupted.
"""

import importlib.util
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from digital_clusters.errors import DigitalClustersError
from digital_clusters.files import draft_prefix
from digital_clusters.pipeline import book
from digital_clusters.pipeline.runs import Run

CHANGES = {
    "os.chmod",
    "os.link",
    "os.mkdir",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.symlink",
    "os.truncate",
}
DIED = 9
WRITES = os.O_WRONLY | os.O_RDWR


def toy(folder):
    """The project of two notebooks that the tests of the pipeline use."""
    file = Path(__file__).parents[1] / "pipeline" / "conftest.py"
    spec = importlib.util.spec_from_file_location("toy", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Project(folder)


def run_all(requests, root, store, *, jobs, force, tell):
    """In place of kernels: each page's text is its output."""
    ended = []
    for wanted in requests:
        entry = None if force else store.get(wanted.page.name, wanted.key)
        if entry is None:
            with store.new(wanted.page.name, wanted.key) as made:
                _fill(made, wanted)
            entry = store.get(wanted.page.name, wanted.key)
        ended.append(Run(wanted, entry, cached=False))
    store.clear_drafts()
    return ended


def _fill(made, wanted):
    kernel = made.folder / ".kernel"
    kernel.mkdir()
    (kernel / "opened.txt").write_text("data/facts.yml\n")
    text = wanted.page.path.read_text(encoding="utf-8")
    cells = [{"cell_type": "code", "metadata": {}, "source": text, "outputs": []}]
    record = {"data": "twin", "parameters": dict(wanted.values), "commit": "none", "key": wanted.key}
    times = {"start_time": "2020-01-01T00:00:00", "duration": 1.0}
    metadata = {"papermill": times, "digital_clusters": record}
    made.page.write_text(json.dumps({"cells": cells, "metadata": metadata}))
    section = wanted.page.name.partition("/")[2]
    (made.folder / "results" / f"study.{section}.json").write_text(json.dumps(text))


def jupyter_book(root, stage):
    """In place of Jupyter Book: each staged file is a page."""
    html = Path(tempfile.mkdtemp(prefix=draft_prefix(), dir=root / "_build")) / "_build" / "html"
    for file in sorted(path for path in stage.rglob("*") if path.suffix in {".md", ".ipynb"}):
        page = (html / file.relative_to(stage)).with_suffix(".html")
        page.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, page)
    (html / "index.html").write_text("first page")
    return html


def published(root):
    """Every published file and its content."""
    places = [root / "_build" / name for name in ("html", "pages", "results")]
    files = [Path(place, name) for top in places for place, _, names in os.walk(top) for name in names]
    return {str(file.relative_to(root)): file.read_bytes() for file in files}


def in_child(work):
    """Run ``work`` in a process of its own and return its exit code."""
    process = os.fork()
    if not process:
        code = 1
        try:
            work()
            code = 0
        except DigitalClustersError as error:
            print(error, file=sys.stderr)
        finally:
            sys.stderr.flush()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def dying_at(operation, root):
    """An audit hook that ends the process at its n-th change below ``root``."""
    left = [operation]
    inner = str(root / "_build")

    def hook(event, values):
        writes = event == "open" and isinstance(values[2], int) and values[2] & WRITES
        if not (writes or event in CHANGES) or not str(values[1 if event == "os.symlink" else 0]).startswith(
            inner
        ):
            return
        left[0] -= 1
        if not left[0]:
            os._exit(DIED)

    return hook


def leftovers(root):
    build = root / "_build"
    drafts = [str(path) for path in build.rglob(".draft-*")]
    return drafts + [str(path) for path in build.glob("editions/*")][1:]


def edit(project):
    """Prose, a notebook and a module change; one page's results do too."""
    project.replace("book/index.md", "Small", "Smaller")
    project.replace("notebooks/study/second.py", "The coefficient", "This coefficient")
    project.replace("src/helpers/base.py", "a * b", "b * a")


def campaign(folder, scenario, step):
    """Tried and lost deaths of a first build, or of a build over a published one."""
    book.runs.run_all, book.jupyter_book, book.stage_mathjax = run_all, jupyter_book, lambda stage: None
    project = toy(folder / "project")
    root, saved = project.root, folder / "saved"
    build = lambda: book.build(root)  # noqa: E731  # the work of a child
    old = {}
    if scenario == "again":
        assert in_child(build) == 0
        old = published(root)
        edit(project)
    (root / "_build").mkdir(exist_ok=True)
    shutil.copytree(root / "_build", saved, symlinks=True)
    assert in_child(build) == 0
    new = published(root)
    assert new
    assert new != old
    lost, tried, operation, died = [], 0, 1, True
    while died:
        shutil.rmtree(root / "_build")
        shutil.copytree(saved, root / "_build", symlinks=True)
        died = in_child(lambda n=operation: (sys.addaudithook(dying_at(n, root)), build())) == DIED
        if (found := published(root)) not in (old, new):
            lost.append(f"operation {operation}: {sorted(found)} is neither the old book nor the new one")
        if in_child(build) or published(root) != new:
            lost.append(f"operation {operation}: the restart is not the uninterrupted build")
        if left := leftovers(root):
            lost.append(f"operation {operation}: {left} was left")
        tried, operation = tried + died, operation + step
    return {"tried": tried, "lost": lost}


if __name__ == "__main__":
    print(json.dumps(campaign(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))))

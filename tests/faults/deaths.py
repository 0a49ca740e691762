"""A build or a sweep that dies, or is refused, at each of its operations on files. Run as a script.

The operations are those that Python reports before it does them (audit events), so the process ends where a
kill would end it: buffers unwritten, nothing cleared away. Kernels and Jupyter Book are replaced by functions
that write the same kinds of files; everything that keeps and publishes them is the real thing.

    python tests/faults/deaths.py FOLDER first|again|sweep death|full|read-only STEP

prints as JSON how many faults were tried, and what was lost: published files that are neither the old nor
the new ones, a restart that differs from a run that was not interrupted, or a stack trace. ``full`` refuses
every file and folder that is made from some operation on, as a full disk does; ``read-only`` every change.
"""

import errno
import importlib.util
import json
import os
import shutil
import sys
import tempfile
import traceback
from pathlib import Path

from digital_clusters.errors import DigitalClustersError
from digital_clusters.files import draft_prefix
from digital_clusters.pipeline import book, notebooks, runs, sweep
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
MAKES = {"os.link", "os.mkdir", "os.symlink"}
DIED = 9
TRACED = 3
WRITES = os.O_WRONLY | os.O_RDWR


def toy(folder):
    """The project of two notebooks that the tests of the pipeline use."""
    file = Path(__file__).parents[1] / "pipeline" / "conftest.py"
    spec = importlib.util.spec_from_file_location("toy", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Project(folder)


def run_all(requests, root, store, *, jobs, tell, force=False, scheduler=None, say=None, **_):
    """In place of kernels: each page's text is its output."""
    ended = []
    for wanted in requests:
        entry = None if force else store.get(wanted.page.name, wanted.key)
        if entry is None:
            with store.new(wanted.page.name, wanted.key) as made:
                _fill(made, wanted)
            entry = store.get(wanted.page.name, wanted.key)
        ended.append(Run(wanted, entry, cached=False))
        tell(ended[-1])
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
    estimate = {"terms": ["uil"], "coefficients": [len(text)], "covariance": [[1.0]], "n_observations": 1}
    (made.folder / "results" / f"study.{section}.json").write_text(json.dumps([{"estimate": estimate}]))


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
    """Every published file and its content; of a sweep, its pages and its table.

    A draft beside them is not published: :func:`leftovers` wants it gone once the run was started again.
    """
    places = [root / "_build" / name for name in ("html", "pages", "results")]
    beside = (root / "_build/sweeps").glob("*/[!.]*")
    sweeps = [path for path in beside if path.suffix in {".ipynb", ".parquet"}]
    files = [Path(place, name) for top in places for place, _, names in os.walk(top) for name in names]
    return {str(file.relative_to(root)): file.read_bytes() for file in (*files, *sweeps)}


def in_child(work):
    """Run ``work`` in a process of its own and return its exit code."""
    return ended(started(work))


def ended(process):
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def started(work):
    """The number of a new process that runs ``work``."""
    process = os.fork()
    if not process:
        code = 1
        try:
            work()
            code = 0
        except (DigitalClustersError, OSError) as error:
            # the command line makes a sentence of both
            print(error, file=sys.stderr)
        except BaseException:
            traceback.print_exc()
            code = TRACED
        finally:
            sys.stderr.flush()
            os._exit(code)
    return process


def failing_at(operation, root, fault):
    """An audit hook: at the n-th change below ``root`` the process dies, or is refused all from there on."""
    left = [operation]
    inner = str(root / "_build")

    def hook(event, values):
        writes = event == "open" and isinstance(values[2], int) and values[2] & WRITES
        if not (writes or event in (MAKES if fault == "full" else CHANGES)):
            return
        if not str(values[1 if event == "os.symlink" else 0]).startswith(inner):
            return
        left[0] -= 1
        if fault == "death" and not left[0]:
            os._exit(DIED)
        if fault != "death" and left[0] <= 0:
            number = errno.ENOSPC if fault == "full" else errno.EROFS
            raise OSError(number, os.strerror(number))

    return hook, left


def with_fault(work, operation, root, fault):
    """Exit code of ``work`` in a child with the fault; the child's count says whether it was reached."""
    hook, left = failing_at(operation, root, fault)
    reached = root / "reached"
    reached.unlink(missing_ok=True)

    def faulty():
        sys.addaudithook(hook)
        try:
            work()
        finally:
            if left[0] <= 0:
                reached.touch()

    code = in_child(faulty)
    return code, code == DIED or reached.exists()


def leftovers(root):
    build = root / "_build"
    drafts = [str(path) for path in build.rglob(".draft-*")]
    return drafts + [str(path) for path in build.glob("editions/*")][1:]


def edit(project):
    """Prose, a notebook and a module change; one page's results do too."""
    project.replace("book/index.md", "Small", "Smaller")
    project.replace("notebooks/study/second.py", "The coefficient", "This coefficient")
    project.replace("src/helpers/base.py", "a * b", "b * a")


def lost_by(operation, code, found, wanted, partial):
    """Why published files after a fault are not what they may be; ``partial``: some new ones may be."""
    old, new = wanted
    mixed = {name for name, text in found.items() if text not in (old.get(name), new.get(name))}
    if not partial and found not in wanted:
        yield f"operation {operation}: {sorted(found)} is neither the old state nor the new one"
    if partial and {name for name in mixed if not name.endswith(".parquet")}:
        yield f"operation {operation}: {sorted(mixed)} are half-written"
    if code == TRACED:
        yield f"operation {operation}: a stack trace"


def warm(root):
    """Load here what every child would load anew."""
    import pyarrow.parquet  # noqa: F401

    for page in notebooks.notebooks(root):
        runs.request(page, {}, root)


def campaign(folder, scenario, fault, step):
    """Tried and lost faults of a first build, a build over a published one, or a sweep."""
    book.runs.run_all, book.jupyter_book, book.stage_mathjax = run_all, jupyter_book, lambda stage: None
    project = toy(folder / "project")
    root, saved = project.root, folder / "saved"
    file = project.write("sweeps/s.yml", "notebook: study/first\ngrid: {folds: [5, 6]}\n")
    is_sweep = scenario == "sweep"
    build = (lambda: sweep.run_sweep(file, root)) if is_sweep else (lambda: book.build(root))
    warm(project.root)
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
    lost, tried, operation, reached = [], 0, 1, True
    while reached:
        shutil.rmtree(root / "_build")
        shutil.copytree(saved, root / "_build", symlinks=True)
        code, reached = with_fault(build, operation, root, fault)
        lost += lost_by(operation, code, published(root), (old, new), is_sweep)
        if in_child(build) or published(root) != new:
            lost.append(f"operation {operation}: the restart is not the uninterrupted run")
        if left := leftovers(root):
            lost.append(f"operation {operation}: {left} was left")
        tried, operation = tried + reached, operation + step
    return {"tried": tried, "lost": lost}


if __name__ == "__main__":
    print(json.dumps(campaign(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))))

"""One notebook run by papermill: nothing is left half-written, and a failure is one sentence."""

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from digital_clusters.errors import NotebookError
from digital_clusters.files import draft_prefix, write_text
from digital_clusters.paths import LEARNT_VARIABLE, RESULTS_VARIABLE
from digital_clusters.pipeline.kernels.cells import MOST_TEXT, CellFailure, Stop, run_cells
from digital_clusters.pipeline.kernels.environment import KERNEL_FOLDER, isolated_environment
from digital_clusters.pipeline.kernels.forked import Imports
from digital_clusters.pipeline.kernels.process import SETTINGS_VARIABLE
from digital_clusters.pipeline.notebooks import read
from digital_clusters.wording import shortened

METADATA = "digital_clusters"
"""Key of the notebook metadata that says how a page was made."""

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)

SHOWN_LINES = 5
"""Lines of a failing cell's source that the error shows."""

LONGEST_LINE = 160
LONGEST_REASON = 2000

PROTECTED = ("data", "src", "_build/html")
"""Folders that a page may not write: what the next build reads, and what the last one published."""

LISTED = ("data", "_build/html")


@dataclass(frozen=True)
class Job:
    """Everything a worker needs to run one notebook; plain values, so it can travel.

    Attributes
    ----------
    name : str
        Of the page, for messages.
    source, output, results, log, failed : str
        The text notebook; where the executed one goes; the folder for estimates; what the cells
        print; where the notebook is kept if it fails.
    root : str
        The project: working directory of the kernel, its ``src`` first on the module path.
    overrides : mapping
        Parameters that differ from the notebook's own defaults.
    record : mapping
        Kept in the executed notebook's metadata.
    learnt : str
        Folder in which pages share what learners predict; empty where each learns by itself.
    imports : Imports, optional
        The kernel is forked from a process that has done these.
    """

    name: str
    source: str
    output: str
    results: str
    log: str
    failed: str
    root: str
    overrides: Mapping[str, Any] = field(default_factory=dict)
    record: Mapping[str, Any] = field(default_factory=dict)
    learnt: str = ""
    imports: Imports | None = None


def execute(job: Job, stop: Stop | None = None) -> None:
    """Run a notebook and write the executed page.

    Parameters
    ----------
    job : Job
    stop : Stop, optional
        Lets another thread end the kernel.

    Raises
    ------
    NotebookError
        If a cell fails, ends its kernel, takes too long or draws nothing under its caption; if no kernel
        starts; if the page left files where none may be. The text names page and cell; the notebook as
        far as it got is kept at ``job.failed``.
    """
    source = read(Path(job.source))
    source.metadata[METADATA] = dict(job.record)
    for path in (Path(job.output), Path(job.log), Path(job.failed)):
        path.parent.mkdir(parents=True, exist_ok=True)
    Path(job.failed).unlink(missing_ok=True)
    notebook = _parameterized(source, job)
    before = _listing(job.root)
    try:
        _run(notebook, job, stop or Stop())
        _check_listing(job, before)
    except CellFailure as failure:
        _write(notebook, Path(job.failed))
        raise NotebookError(_failure(job, failure)) from None
    except NotebookError as error:
        raise NotebookError(f"{job.name}: {error}") from None
    _write(notebook, Path(job.output))


def kernel_environment(job: Job) -> dict[str, str]:
    """Environment of the kernel: one thread a process, the checkout's modules, figures inline."""
    settings = {
        "protected": [str(Path(job.root) / folder) for folder in PROTECTED],
        "most_text": MOST_TEXT,
    }
    return {
        **isolated_environment(Path(job.results).parent / KERNEL_FOLDER, Path(job.root)),
        **dict.fromkeys(THREAD_VARIABLES, "1"),
        SETTINGS_VARIABLE: json.dumps(settings),
        # without it figures vanish wherever the caller's environment names another backend
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        RESULTS_VARIABLE: job.results,
        LEARNT_VARIABLE: job.learnt,
    }


def _parameterized(notebook: Any, job: Job) -> Any:
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    loaded = load_notebook_node(notebook)
    if not job.overrides:
        return loaded
    return parameterize_notebook(loaded, dict(job.overrides), kernel_name="python3", language="python")


def _run(notebook: Any, job: Job, stop: Stop) -> None:
    """Run the cells; the log appears under its name when they have ended, so that two runs do not mix."""
    path = Path(job.log)
    handle, draft = tempfile.mkstemp(prefix=draft_prefix(), dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as log:
            options: dict[str, Any] = {
                "environment": kernel_environment(job),
                "folder": job.root,
                "log": log,
            }
            run_cells(notebook, **options, stop=stop, imports=job.imports)
    finally:
        os.replace(draft, path)


def _write(notebook: Any, path: Path) -> None:
    import nbformat

    write_text(path, nbformat.writes(notebook) + "\n")


def _listing(root: str) -> dict[str, tuple[int, int, int]]:
    """Every file of ``data/`` and ``_build/html``: folder's identity, size and time of change.

    The kernel itself refuses to write there; this finds what libraries and commands outside Python wrote.
    """
    found = {}
    for name in LISTED:
        folder = Path(root, name)
        for path in folder.rglob("*"):
            # a file that goes while the folder is listed is none of the page's
            with suppress(FileNotFoundError):
                state = path.stat()
                if path.is_file() and not path.name.startswith("."):
                    place = path.relative_to(root).as_posix()
                    found[place] = (folder.stat().st_ino, state.st_size, state.st_mtime_ns)
    return found


def _check_listing(job: Job, before: dict[str, tuple[int, int, int]]) -> None:
    """Refuse a page that added files to ``data/``, or changed the published book in place.

    An edit of a file in ``data/`` is the reader's affair, and a book that another build replaced is another
    folder: neither counts.
    """
    after = _listing(job.root)
    data, book = LISTED
    added = [place for place in after if place.startswith(f"{data}/") and place not in before]
    published = {state[0] for place, state in before.items() if place.startswith(f"{book}/")}
    touched = [
        place
        for place, state in after.items()
        if place.startswith(f"{book}/") and state[0] in published and before.get(place) != state
    ]
    if changed := added + touched:
        raise NotebookError(
            f"{', '.join(changed[:SHOWN_LINES])} appeared or changed while the page ran. A page must not "
            f"write into {data} or {book}: save results with digital_clusters.report.results.save. If you "
            "put the file there, run again"
        )


def _failure(job: Job, failure: CellFailure) -> str:
    source = Path(job.source)
    shown = source.relative_to(job.root) if source.is_relative_to(job.root) else source
    return (
        f"{job.name} failed in code cell {_cell_number(job, failure.index)} ({shown}):\n"
        f"{_excerpt(failure.source, failure.line)}\n"
        f"  {shortened(failure.reason, LONGEST_REASON)}\n"
        f"  the notebook as far as it got, with the full traceback: {job.failed}\n"
        f"  what it printed: {job.log}"
    )


def _excerpt(source: str, failing: int | None) -> str:
    """Lines of a cell around the one that failed, which is marked; its first lines if none is known."""
    lines = source.rstrip().splitlines()
    first = max(0, min((failing or 1) - 1 - SHOWN_LINES // 2, len(lines) - SHOWN_LINES))
    shown = [
        f"{'  → ' if number == failing else '    '}{shortened(line, LONGEST_LINE)}"
        for number, line in enumerate(lines[first : first + SHOWN_LINES], start=first + 1)
    ]
    above = [f"    … {first} lines above"] if first else []
    left = len(lines) - first - len(shown)
    below = [f"    … {left} more lines"] if left > 0 else []
    return "\n".join([*above, *shown, *below])


def _cell_number(job: Job, index: int) -> int:
    """Position among the code cells of the source, where papermill's own cell of parameters is not."""
    cells = read(Path(job.source)).cells
    tagged = [i for i, cell in enumerate(cells) if "parameters" in cell.metadata.get("tags", ())]
    injected = bool(job.overrides) and bool(tagged) and index > tagged[0]
    return sum(cell.cell_type == "code" for cell in cells[: index + 1 - injected])

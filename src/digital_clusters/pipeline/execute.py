"""One notebook run by papermill: nothing is left half-written, and a failure is one sentence."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from digital_clusters.errors import NotebookError
from digital_clusters.paths import RESULTS_VARIABLE
from digital_clusters.pipeline.environment import KERNEL_FOLDER, isolated_environment
from digital_clusters.pipeline.notebooks import read

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


def execute(job: Job) -> None:
    """Run a notebook and write the executed page.

    Raises
    ------
    NotebookError
        If a cell fails or the kernel dies: page, cell, first lines, exception. The notebook as far as
        it got is kept at ``job.failed``.
    """
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    notebook = read(Path(job.source))
    notebook.metadata[METADATA] = dict(job.record)
    draft = Path(job.output).with_suffix(".tmp.ipynb")
    for path in (draft, Path(job.log), Path(job.failed)):
        path.parent.mkdir(parents=True, exist_ok=True)
    Path(job.failed).unlink(missing_ok=True)
    try:
        _run(notebook, draft, job)
    except PapermillExecutionError as error:
        os.replace(draft, job.failed)
        raise NotebookError(_failure(job, error)) from None
    except (DeadKernelError, CellTimeoutError) as error:
        raise NotebookError(
            f"{job.name}: the kernel died or did not answer ({type(error).__name__}), perhaps for want "
            f"of memory; what it printed is in {job.log}"
        ) from None
    else:
        os.replace(draft, job.output)
    finally:
        draft.unlink(missing_ok=True)


def kernel_environment(job: Job) -> dict[str, str]:
    """Environment of the kernel: one thread a process, the checkout's modules, figures inline."""
    return {
        **isolated_environment(Path(job.results).parent / KERNEL_FOLDER, Path(job.root)),
        **dict.fromkeys(THREAD_VARIABLES, "1"),
        # without it figures vanish wherever the caller's environment names another backend
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        RESULTS_VARIABLE: job.results,
    }


def _run(notebook: Any, draft: Path, job: Job) -> None:
    import papermill

    with Path(job.log).open("w", encoding="utf-8") as log:
        papermill.execute_notebook(
            notebook,
            # papermill reads braces in a path as names of parameters
            str(draft).replace("{", "{{").replace("}", "}}"),
            parameters=dict(job.overrides),
            engine_name=_engine(),
            kernel_name="python3",
            cwd=job.root,
            progress_bar=False,
            request_save_on_cell_execute=False,
            stdout_file=log,
            stderr_file=log,
            shutdown_kernel="immediate",
            environment=kernel_environment(job),
        )


@cache
def _engine() -> str:
    """Register an engine that gives each kernel its own environment.

    The process's own environment would be shared by notebooks that run in threads of one worker.
    """
    import logging

    from papermill.clientwrap import PapermillNotebookClient
    from papermill.engines import NBClientEngine, papermill_engines

    class KernelEngine(NBClientEngine):
        @classmethod
        def execute_managed_notebook(
            cls, nb_man, kernel_name, environment, start_timeout=60, execution_timeout=None, **options
        ):
            options.pop("input_path", None)
            options.pop("log_output", None)
            client = PapermillNotebookClient(
                nb_man,
                kernel_name=kernel_name,
                startup_timeout=start_timeout,
                timeout=execution_timeout,
                log=logging.getLogger("papermill"),
                **options,
            )
            # what the kernel prints beside its cells' output belongs to the log, not to the terminal
            log = options["stdout_file"]
            return client.execute(env=environment, stdout=log, stderr=log)

    papermill_engines.register("digital_clusters", KernelEngine)
    return "digital_clusters"


def _failure(job: Job, error: Any) -> str:
    source = Path(job.source)
    shown = source.relative_to(job.root) if source.is_relative_to(job.root) else source
    lines = [line for line in error.source.splitlines() if line.strip()]
    cell = "\n".join(f"    {line}" for line in lines[:SHOWN_LINES])
    more = f"\n    … {len(lines) - SHOWN_LINES} more lines" if len(lines) > SHOWN_LINES else ""
    return (
        f"{job.name} failed in code cell {_cell_number(job, error)} ({shown}):\n{cell}{more}\n"
        f"  {error.ename}: {error.evalue}\n"
        f"  the notebook as far as it got, with the full traceback: {job.failed}"
    )


def _cell_number(job: Job, error: Any) -> int:
    """Position among the code cells of the source, where papermill's own cell of parameters is not."""
    cells = read(Path(job.source)).cells
    tagged = [i for i, cell in enumerate(cells) if "parameters" in cell.metadata.get("tags", ())]
    injected = bool(job.overrides) and bool(tagged) and error.cell_index > tagged[0]
    return sum(cell.cell_type == "code" for cell in cells[: error.cell_index + 1 - injected])

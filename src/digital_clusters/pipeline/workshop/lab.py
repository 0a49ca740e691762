"""JupyterLab on the text notebooks, with settings that leave the book's own results and texts alone."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from digital_clusters.errors import FileError, ParameterError
from digital_clusters.paths import RESULTS_VARIABLE, ROOT_VARIABLE

MANAGER = "jupytext.TextFileContentsManager"
RESULTS = Path("_build") / "lab" / "results"
"""Folder below the project for what notebooks save while they are edited."""

AS_ROOT = "--allow-root"
"""What JupyterLab wants to hear from the root user."""


def lab_command(
    root: Path, browser: bool = True, arguments: Sequence[str] = ()
) -> tuple[list[str], dict[str, str]]:
    """The command that starts JupyterLab, with ``arguments`` of its own, and its environment.

    Text notebooks open as notebooks; what a cell saves goes to ``_build/lab/results`` and not to the book's
    results; a ``jupytext.toml`` in each folder keeps a page that is saved unchanged as it was.

    Raises
    ------
    FileError
        If JupyterLab is not installed: it is no part of the environment that builds the book.
    ParameterError
        For the root user, whom JupyterLab refuses, unless the arguments allow it.
    """
    if find_spec("jupyterlab") is None:
        raise FileError(
            "JupyterLab is not installed; it is not needed to build the book. Install it beside the rest: "
            f"{sys.executable} -m pip install jupyterlab (with uv: uv pip install jupyterlab)"
        )
    if os.geteuid() == 0 and AS_ROOT not in arguments:
        raise ParameterError(
            "JupyterLab does not start for the root user unless it is told to: work as another user, or give "
            f"`digital-clusters lab -- {AS_ROOT}`"
        )
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.contents_manager_class={MANAGER}"]
    command += [f"--ServerApp.root_dir={root / 'notebooks'}", *([] if browser else ["--no-browser"])]
    command += arguments
    results = root / RESULTS
    results.mkdir(parents=True, exist_ok=True)
    return command, {**os.environ, ROOT_VARIABLE: str(root), RESULTS_VARIABLE: str(results)}


def run_lab(root: Path, browser: bool = True, arguments: Sequence[str] = ()) -> int:
    """Start JupyterLab, wait for its end, and return its exit code; errors as :func:`lab_command`.

    Ctrl-C is JupyterLab's own affair: it asks, and saves and ends what runs.
    """
    command, environment = lab_command(root, browser, arguments)
    with subprocess.Popen(command, env=environment) as started:
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            return started.wait()
        finally:
            # asked to end from outside, it asks JupyterLab
            started.terminate()
            signal.signal(signal.SIGINT, before)

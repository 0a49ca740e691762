"""JupyterLab on the text notebooks, with settings that leave the book's own results and texts alone."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from digital_clusters.errors import FileError
from digital_clusters.paths import RESULTS_VARIABLE, ROOT_VARIABLE

MANAGER = "jupytext.TextFileContentsManager"
RESULTS = Path("_build") / "lab" / "results"
"""Folder below the project for what notebooks save while they are edited."""


def lab_command(root: Path, browser: bool = True) -> tuple[list[str], dict[str, str]]:
    """The command that starts JupyterLab, and its environment.

    Text notebooks open as notebooks; what a cell saves goes to ``_build/lab/results`` and not to the book's
    results; a ``jupytext.toml`` in each folder keeps a page that is saved unchanged as it was.

    Raises
    ------
    FileError
        If JupyterLab is not installed: it is no part of the environment that builds the book.
    """
    if find_spec("jupyterlab") is None:
        raise FileError(
            "JupyterLab is not installed; it is not needed to build the book. Install it beside the rest: "
            f"{sys.executable} -m pip install jupyterlab (with uv: uv pip install jupyterlab)"
        )
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.contents_manager_class={MANAGER}"]
    command += [f"--ServerApp.root_dir={root / 'notebooks'}", *([] if browser else ["--no-browser"])]
    results = root / RESULTS
    results.mkdir(parents=True, exist_ok=True)
    return command, {**os.environ, ROOT_VARIABLE: str(root), RESULTS_VARIABLE: str(results)}


def run_lab(root: Path, browser: bool = True) -> int:
    """Start JupyterLab, wait for its end, and return its exit code; errors as :func:`lab_command`."""
    command, environment = lab_command(root, browser)
    return subprocess.run(command, env=environment, check=False).returncode

"""Kernels that start together: none takes another's channel, none fails to start."""

import os
from concurrent.futures import ThreadPoolExecutor

import nbformat
import pytest
from papermill.iorw import load_notebook_node

from digital_clusters.pipeline.kernels.cells import Stop, run_cells
from digital_clusters.pipeline.kernels.environment import isolated_environment
from digital_clusters.pipeline.kernels.forked import Imports, end_servers
from digital_clusters.pipeline.kernels.process import SETTINGS_VARIABLE

pytestmark = pytest.mark.slow

KIND = "Eight kernels start at the same moment"
JOBS = 8


def start(folder, number, imports=None):
    """What a page of one cell that names itself shows."""
    cell = nbformat.v4.new_code_cell(f"print('this is {number}')")
    notebook = load_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    place = folder / str(number)
    place.mkdir()
    environment = isolated_environment(place, folder) | {
        SETTINGS_VARIABLE: '{"protected": [], "most_text": 99}',
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    with (place / "log").open("w") as log:
        options = {"environment": environment, "folder": str(folder), "log": log, "stop": Stop()}
        run_cells(notebook, **options, imports=imports)
    return "".join(output.get("text", "") for output in notebook.cells[0].outputs)


@pytest.mark.parametrize("imports", [None, Imports("this", ())], ids=["anew", "forked"])
def test_every_kernel_answers_for_itself(tmp_path, record_property, tries, imports):
    (tmp_path / "src").mkdir()
    count = tries(JOBS, 2000)
    record_property("tried", count)
    with ThreadPoolExecutor(JOBS) as pool:
        shown = list(pool.map(lambda number: start(tmp_path, number, imports), range(count)))
    end_servers("this")
    assert shown == [f"this is {number}{os.linesep}" for number in range(count)]

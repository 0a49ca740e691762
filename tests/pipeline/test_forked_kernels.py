"""Kernels forked from a server: what a fresh kernel shows, to the byte, and nothing of one in another."""

import json
import os
import re
import signal
import sys
import time
from pathlib import Path

import nbformat
import pytest
from papermill.iorw import load_notebook_node

from digital_clusters.pipeline.kernels import forked
from digital_clusters.pipeline.kernels.cells import CellFailure, Stop, run_cells
from digital_clusters.pipeline.kernels.environment import (
    facts_of_files,
    isolated_environment,
    opened_files,
)
from digital_clusters.pipeline.kernels.forked import (
    LIBRARIES,
    ForkError,
    Imports,
    KernelServer,
    imported_by,
)
from digital_clusters.pipeline.kernels.process import SETTINGS_VARIABLE

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not forked.is_possible(), reason="kernels are forked on Linux only"),
]

SETTINGS = {
    SETTINGS_VARIABLE: '{"protected": [], "most_text": 9999}',
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}

PATIENCE = 30
"""Seconds that a busy machine may need to end a kernel."""

ASKING = """\
import os, sys, warnings
import numpy as np
import pandas as pd
from helpers.reading import answer

print(os.getcwd(), sys.argv[0], sys.path, sorted(os.environ), __name__, sorted(globals()))
print(pd.get_option("display.max_columns"), pd.get_option("display.width"), np.get_printoptions())
print(hash("a"), answer, [str(entry) for entry in warnings.filters], os.getsid(0) == os.getpid())
sys.stderr.write("to the other stream")
pd.DataFrame({f"column {n}": [n] for n in range(30)})"""


@pytest.fixture
def place(tmp_path):
    """A project whose module reads a file when it is imported."""
    for name, text in {
        "src/helpers/__init__.py": "",
        "src/helpers/reading.py": "from pathlib import Path\nanswer = Path('data/answer').read_text()\n",
        "src/helpers/asking.py": "from IPython import get_ipython\nprinted = get_ipython().config\n",
        "src/helpers/loud.py": "print('hello')\n",
        "src/helpers/busy.py": "import threading, time\n"
        "threading.Thread(target=time.sleep, args=[60], daemon=True).start()\n",
        "data/answer": "42",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    yield tmp_path
    forked.end_servers("this")


def environment(place, folder="kernel"):
    return isolated_environment(place / "out" / folder, place) | SETTINGS


def run(place, *sources, imports=None, folder="kernel"):
    """Text of the outputs of cells, in a kernel of their own."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = load_notebook_node(nbformat.v4.new_notebook(cells=cells))
    options = {"environment": environment(place, folder), "folder": str(place), "stop": Stop()}
    (place / "out" / folder).mkdir(parents=True, exist_ok=True)
    with (place / "out" / folder / "log").open("w") as log:
        run_cells(notebook, **options, log=log, imports=imports)
    return json.dumps([cell.outputs for cell in notebook.cells], indent=1)


def imports(*sources):
    return Imports("this", imported_by([nbformat.v4.new_code_cell(source) for source in sources]))


def threads_of(text):
    return int(re.search(r"parent (\d+)", text)[1])


def test_a_fork_shows_what_a_fresh_kernel_shows(place):
    assert run(place, ASKING, imports=imports(ASKING)) == run(place, ASKING)
    assert opened_files(place / "out" / "kernel") == {"data/answer"}


@pytest.mark.parametrize("forked", [True, False])
def test_a_first_figure_on_a_slow_machine_leaves_no_remark_and_other_words_stay(place, forked):
    words = ["Matplotlib is building the font cache; this may take a moment.", "findfont: no such font"]
    logger = "logging.getLogger('matplotlib.font_manager')"
    source = f"import logging\nfor each in {words}:\n    {logger}.warning(each)"
    shown = str(run(place, source, **({"imports": imports(source)} if forked else {})))
    assert words[1] in shown and words[0] not in shown


def test_a_build_s_packages_are_loaded_once_and_a_page_shows_the_same(place):
    source = "import pandas as pd\nfrom matplotlib import pyplot as plt\nprint(pd.Series([0.5]).describe())\n"
    source += "plt.plot([1, 2])\nplt.show()"
    assert run(place, source, imports=Imports("this", LIBRARIES), folder="forked") == run(place, source)
    # none of them reads past Python, or a page would depend on every file
    assert opened_files(place / "out" / "forked") == set()
    assert forked.server_for(Imports("this", LIBRARIES), environment(place)).serves(
        Imports("this", LIBRARIES), environment(place)
    )


def test_a_fork_that_looks_for_a_file_has_not_read_it(place):
    source = "from pathlib import Path\nprint(Path('data/answer').is_file())"
    assert "True" in run(place, source, imports=Imports("this", LIBRARIES), folder="forked")
    assert opened_files(place / "out" / "forked") == set()
    assert facts_of_files(place / "out" / "forked")["data/answer"] == "there file"


def test_a_fork_notes_what_its_server_read_for_it(place):
    run(place, ASKING, imports=imports(ASKING), folder="forked")
    assert opened_files(place / "out" / "forked") == {"data/answer"}


def test_forks_share_no_name_no_random_state_and_one_server(place):
    source = "import os, random, numpy\nprint(os.getppid(), random.random(), numpy.random.random())"
    shown = [run(place, source, "known = 1", imports=imports(source)) for _ in range(2)]
    numbers = [re.findall(r"\d+\.?\d*", re.search(r"text.*?(\d+ [\d.]+ [\d.]+)", text)[1]) for text in shown]
    assert numbers[0][0] == numbers[1][0] != str(os.getpid())
    assert numbers[0][1:] != numbers[1][1:]
    with pytest.raises(CellFailure, match="NameError: name 'known'"):
        run(place, "known", imports=imports(source))


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        ("asking", "asks the running kernel for .*get_ipython"),
        ("loud", "printed or warned"),
        ("busy", "started the thread"),
    ],
)
def test_an_import_that_a_fork_would_not_repeat_is_refused_and_the_page_runs(place, module, reason):
    source = f"import helpers.{module}\nprint('ran')"
    with pytest.raises(ForkError, match=reason):
        KernelServer(imports(source), environment(place))
    assert "ran" in run(place, source, imports=imports(source))


def test_a_server_that_died_is_replaced(place):
    source = "import os\nprint('parent', os.getppid())"
    first = threads_of(run(place, source, imports=imports(source)))
    os.kill(first, signal.SIGKILL)
    assert threads_of(run(place, source, imports=imports(source))) not in (first, os.getpid())


def test_a_server_that_dies_fails_the_page_that_runs(place):
    source = "import os, signal, time\nos.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(60)"
    with pytest.raises(CellFailure, match="the kernel died"):
        run(place, source, imports=imports(source))


def test_a_kernel_that_is_killed_or_ends_has_its_code(place):
    server = KernelServer(Imports("this", ()), environment(place))
    command = [sys.executable, "-P", str(place / "program.py")]
    options = {"env": environment(place), "cwd": place}
    with (place / "log").open("w") as log:
        streams = {"stdout": log, "stderr": log}
        (place / "program.py").write_text("def main(ready):\n    raise SystemExit(3)")
        assert server.fork(command, **options, **streams).wait(PATIENCE) == 3
        (place / "program.py").write_text("def main(ready):\n    import time\n    time.sleep(60)")
        process = server.fork(command, **options, **streams)
        assert process.poll() is None
        process.kill()
        assert process.wait(PATIENCE) == -signal.SIGKILL
        left = server.fork(command, **options, **streams)
    server.close()
    deadline = time.monotonic() + PATIENCE
    while Path(f"/proc/{left.pid}/cwd").exists():
        assert time.monotonic() < deadline, "a kernel outlives its server"
        time.sleep(0.05)
    with pytest.raises(ForkError, match="has ended"), (place / "log").open("w") as log:
        server.fork(command, **options, stdout=log, stderr=log)

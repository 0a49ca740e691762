"""A page that did not do all it is there for is a failure with page and cell, never an executed page."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from digital_clusters.files import is_alive
from digital_clusters.pipeline import book, runs
from digital_clusters.pipeline.kernels import process as kernel_process
from digital_clusters.pipeline.kernels.cells import CELL_SECONDS_VARIABLE, MOST_OUTPUT, MOST_TEXT
from digital_clusters.pipeline.notebooks import notebooks

FIRST = "notebooks/study/first.py"
CAPTION = 'mystnb={"figure": {"caption": "Nothing."}}'
PATIENCE = 60
"""Seconds a busy machine may need to start or end a kernel."""

PROCESS = kernel_process.__file__
"""What the command line of a kernel names."""


def run(project, count=1, **options):
    wanted = [runs.request(page, {}, project.root) for page in notebooks(project.root)]
    return runs.run_all(wanted[:count], project.root, book.store(project.root), **options)


def add_cell(project, code, header=""):
    with (project.root / FIRST).open("a", encoding="utf-8") as file:
        file.write(f"\n# %% {header}\n{code}\n\n# %%\nprint('after it')\n")


def outcome(project, code, header=""):
    add_cell(project, code, header)
    return run(project)[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "header", "reason"),
    [
        ("import sys; sys.exit()", "", "it ends the kernel"),
        ("import sys\nsys.exit(0)", 'tags=["raises-exception"]', "it ends the kernel"),
        ("raise SystemExit", "", "it ends the kernel"),
        ("exit()", "", "it ends the kernel"),
        ("quit", "", "it ends the kernel"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "", "the kernel died"),
        ("1 + 1", CAPTION, "draws none"),
        ("import matplotlib.pyplot as plt\nplt.close(plt.figure())", CAPTION, "draws none"),
    ],
)
def test_a_cell_that_ends_its_page_early_fails_it(project, code, header, reason):
    failed = outcome(project, code, header)
    assert failed.entry is None
    assert failed.error.startswith("study/first failed in code cell 3 (notebooks/study/first.py)")
    assert reason in failed.error
    assert project.leftovers() == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "code",
    [
        "open('data/facts.yml', 'a')",
        "from pathlib import Path\nPath('data/new.csv').write_text('1')",
        "import os\nos.chdir('data')\nopen('new.csv', 'w')",
        "import os\nos.replace('src/helpers/base.py', 'elsewhere.py')",
        "import os\nos.remove('src/helpers/base.py')",
        "import os\nos.symlink('data', 'link')\nopen('link/new.csv', 'w')",
        "import shutil\nshutil.copy('_toc.yml', '_build/html/index.html')",
        "import shutil\nshutil.rmtree('data')",
    ],
)
def test_a_page_that_writes_where_it_must_not_is_stopped(project, code):
    published = project.write("_build/html/index.html", "published")
    kept = {path: path.read_bytes() for path in project.root.rglob("*.*") if path.is_file()}
    failed = outcome(project, code)
    assert failed.error.startswith("study/first failed in code cell 3")
    assert "must not write into" in failed.error
    kept.pop(project.root / FIRST)
    assert {path: path.read_bytes() for path in kept} == kept
    assert published.read_text() == "published"


@pytest.mark.slow
@pytest.mark.parametrize("target", ["data/new.csv", "_build/html/index.html"])
def test_what_a_command_writes_there_is_found_too(project, target):
    project.write("_build/html/index.html", "published")
    command = f"import subprocess\nsubprocess.run('echo changed > {target}', shell=True, check=True)"
    failed = outcome(project, command)
    assert f"study/first: {target} appeared or changed while the page ran" in failed.error


@pytest.mark.slow
def test_an_edit_of_the_data_while_a_page_runs_is_no_fault_of_the_page(project):
    add_cell(project, "import time; Path('begun').touch(); time.sleep(2)")
    source = "import time; time.sleep(1); open('data/facts.yml', 'a').write('# edited')"
    editor = subprocess.Popen([sys.executable, "-c", source], cwd=project.root)
    (ended,) = run(project)
    assert editor.wait(PATIENCE) == 0
    assert ended.error is None


@pytest.mark.slow
def test_a_cell_has_a_limit_of_time(project, monkeypatch):
    monkeypatch.setenv(CELL_SECONDS_VARIABLE, "2")
    failed = outcome(project, "import time\ntime.sleep(600)")
    assert failed.error.startswith("study/first failed in code cell 3")
    assert "longer than 2 seconds" in failed.error


@pytest.mark.slow
def test_much_output_is_cut_and_said(project):
    code = "for _ in range(50):\n    print('x' * 1_000_000)\nprint('never', 'seen')"
    ended = outcome(project, code)
    assert ended.error is None
    text = ended.entry.page.read_text(encoding="utf-8")
    assert f"cut after {MOST_TEXT:,} characters" in text
    assert "never seen" not in text
    assert "after it" in text
    assert len(text) < 2 * MOST_TEXT


@pytest.mark.slow
def test_a_huge_table_is_left_out_and_said(project):
    code = "from IPython.display import HTML\nHTML('y' * 50_000_000)"
    ended = outcome(project, code)
    assert ended.error is None
    text = ended.entry.page.read_text(encoding="utf-8")
    assert f"a cell may show {MOST_OUTPUT:,}" in text
    assert len(text) < MOST_OUTPUT


@pytest.mark.slow
def test_the_readers_own_configuration_stays_outside(project, monkeypatch, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    startup = home / ".ipython/profile_default/startup/00.py"
    startup.parent.mkdir(parents=True)
    startup.write_text("print('start-up file')\n")
    (home / "matplotlibrc").write_text("lines.linewidth: 77\n")
    monkeypatch.setenv("IPYTHONDIR", str(home / ".ipython"))
    monkeypatch.setenv("MATPLOTLIBRC", str(home / "matplotlibrc"))
    project.write("statistics.py", "raise RuntimeError('shadows the library')\n")
    code = "import statistics, matplotlib\nprint('width', matplotlib.rcParams['lines.linewidth'])"
    ended = outcome(project, code)
    assert ended.error is None
    text = ended.entry.page.read_text(encoding="utf-8")
    assert "width 1.5" in text
    assert "start-up file" not in text


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a:b", "{braces}", "{0}", "with space", "中文"])
def test_the_checkout_may_lie_anywhere(tmp_path, name):
    from tests.pipeline.conftest import Project

    project = Project(tmp_path / name)
    (ended,) = run(project)
    assert ended.error is None, ended.error


def kernels_of(process: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "-eww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    )
    rows = [line.split(None, 2) for line in listed.stdout.splitlines()]
    return [int(row[0]) for row in rows if int(row[1]) == process and PROCESS in row[2]]


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


@pytest.fixture
def sleeping_build(project):
    """A build whose two kernels sleep, and the numbers of the kernels."""
    for page in ("first", "second"):
        sleep = f"import time\nopen('begun-{page}', 'w').close()\ntime.sleep(600)\nimport json"
        project.replace(f"notebooks/study/{page}.py", "import json", sleep)
    command = [sys.executable, "-m", "digital_clusters.cli", "build", "--jobs", "2"]
    process = subprocess.Popen(
        command, cwd=project.root, env=project.environment, stderr=subprocess.PIPE, text=True
    )
    wait_for(lambda: len(list(project.root.glob("begun-*"))) == 2)
    kernels = kernels_of(process.pid)
    assert len(kernels) == 2
    yield process, kernels
    process.kill()
    process.wait()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_kernels_end_with_the_command_that_started_them(project, sleeping_build, number):
    process, kernels = sleeping_build
    process.send_signal(number)
    _, told = process.communicate(timeout=PATIENCE)
    wait_for(lambda: not any(is_alive(kernel) for kernel in kernels))
    assert "Traceback" not in told
    if number == signal.SIGKILL:
        assert list((project.root / "_build/cache").glob("*/.draft-*"))
        project.replace("notebooks/study/first.py", "time.sleep(600)", "time.sleep(0)")
        run(project)
    else:
        assert process.returncode == 128 + number
    assert project.leftovers() == []


@pytest.mark.slow
def test_a_killed_kernel_is_told_by_page_and_cell(sleeping_build):
    process, kernels = sleeping_build
    for kernel in kernels:
        os.kill(kernel, signal.SIGKILL)
    _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    for page in ("first", "second"):
        assert f"study/{page} failed in code cell 2" in told
    assert "Traceback" not in told


@pytest.mark.slow
def test_a_kernel_that_dies_at_its_start_is_tried_again(project, monkeypatch):
    from digital_clusters.pipeline.kernels import cells as kernels

    tries = project.root / "tries"
    script = project.write(
        "dying.py",
        f"import os, runpy, sys\nwith open({str(tries)!r}, 'a') as file:\n    file.write('x')\n"
        f"if len(open({str(tries)!r}).read()) < 3:\n    os._exit(3)\n"
        f"runpy.run_path({kernels.kernel_process.__file__!r}, run_name='__main__')\n",
    )
    monkeypatch.setattr(kernels.kernel_process, "__file__", str(script))
    (ended,) = run(project)
    assert ended.error is None
    assert tries.read_text() == "xxx"


@pytest.mark.slow
def test_a_kernel_that_never_starts_is_a_failure_of_its_page(project, monkeypatch):
    from digital_clusters.pipeline.kernels import cells as kernels

    monkeypatch.setattr(
        kernels.kernel_process, "__file__", str(project.write("dying.py", "raise SystemExit(3)"))
    )
    first, second = run(project, count=2)
    assert first.error.startswith("study/first: the kernel did not start (4 tries)")
    assert second.error.startswith("study/second: the kernel did not start")
    assert json.loads((project.root / "data/facts.yml").read_text().removeprefix("answer: ")) == 42

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import digital_clusters
from digital_clusters.pipeline import book, runs
from digital_clusters.pipeline.cache import Store
from digital_clusters.pipeline.kernels.environment import (
    KERNEL_FOLDER,
    PROFILE,
    RECORDER,
    differences_from_lock,
    isolated_environment,
    opened_files,
    said_files,
    shadowing,
)
from digital_clusters.pipeline.notebooks import find

CONFIGURED = ("InteractiveShellApp", "HistoryManager", "InlineBackend")
SETTINGS = "class c:\n" + "".join(f"    class {name}: pass\n" for name in CONFIGURED)


def read_by(project, code):
    """The files that a plain Python process notes, with the profile in it, while it runs ``code``."""
    folder = project.root / "_build" / KERNEL_FOLDER
    environment = isolated_environment(folder, project.root)
    text = SETTINGS + RECORDER.read_text(encoding="utf-8") + PROFILE + code
    subprocess.run([sys.executable, "-c", text], env=environment, cwd=project.root, check=True)
    return opened_files(folder)


@pytest.mark.parametrize(
    "code",
    [
        "open('data/facts.yml').read()",
        "import pathlib; pathlib.Path('data/../data/facts.yml').read_bytes()",
        "import os; os.read(os.open('data/facts.yml', os.O_RDONLY), 1)",
        "import pandas; pandas.read_csv('data/facts.yml')",
        "import numpy; numpy.loadtxt('data/facts.yml', dtype=str, delimiter=';')",
        "import os, pathlib; os.chdir('data'); pathlib.Path('facts.yml').read_text()",
        "import os\nif os.fork():\n    os.wait()\nelse:\n    open('data/facts.yml')",
    ],
)
def test_a_file_that_is_read_is_noted(project, code):
    assert read_by(project, f"\n{code}\n") == {"data/facts.yml"}


VALUES = f"""
sys.path.insert(0, {str(Path(digital_clusters.__file__).parents[1])!r})
from digital_clusters.yaml_files import plain_values, read_yaml
from pathlib import Path
facts = Path("data/facts.yml")
"""


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("plain_values(facts), read_yaml(facts)", {"data/facts.yml"}),
        ("plain_values(facts), facts.read_text()", set()),
        ("import yaml; yaml.safe_load(facts.open()), plain_values(facts)", set()),
    ],
)
def test_yaml_counts_by_its_values_where_only_they_are_read(project, code, said):
    assert read_by(project, f"{VALUES}{code}\n") == {"data/facts.yml"}
    assert said_files(project.root / "_build" / KERNEL_FOLDER) == said


def test_what_is_written_or_lies_elsewhere_is_not(project, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "file"
    elsewhere.write_text("x")
    code = f"open({str(elsewhere)!r})\nopen('note', 'w')\nimport helpers.base\nopen('_build/x', 'w')\n"
    assert read_by(project, code) == set()


def test_a_file_that_is_looked_for_in_vain_is_noted(project):
    assert read_by(
        project, "import contextlib\nwith contextlib.suppress(OSError):\n    open('data/none.csv')\n"
    ) == {"data/none.csv"}


def test_a_module_outside_src_is_noted_by_its_source(project):
    project.write("book/tools.py", "x = 1\n")
    code = "sys.path.insert(0, 'book')\nimport tools\n"
    assert "book/tools.py" in read_by(project, code)
    assert "book/tools.py" in read_by(project, code)


@pytest.mark.parametrize(
    "code",
    [
        "import subprocess; subprocess.run(['cat', 'data/facts.yml'])",
        "import os; os.system('cat data/facts.yml')",
        "import duckdb",
        "import pyarrow.csv",
    ],
)
def test_what_cannot_be_followed_is_everything(project, code):
    assert read_by(project, code) is None


def test_a_kernel_that_left_no_note_may_have_read_everything(tmp_path):
    assert opened_files(tmp_path) is None


def test_a_name_that_hides_a_library_is_found(tmp_path):
    for name in ("random.py", "ours.py", "pandas/x.py", "also/x.py", "typing_extensions.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    assert shadowing(tmp_path) == {"random", "pandas", "typing_extensions"}
    assert shadowing(tmp_path / "none") == set()


def test_packages_that_differ_from_the_lock_are_named(tmp_path):
    import numpy
    import pandas

    lock = f"numpy==1.0 \\\n    --hash=x\npandas=={pandas.__version__}\nno-such-package==1\n"
    (tmp_path / "requirements.lock").write_text(lock)
    assert differences_from_lock(tmp_path) == [f"numpy {numpy.__version__} (locked: 1.0)"]


READS = """
# %%
print("answer", Path("data/facts.yml").read_text())
"""


@pytest.fixture
def reads(project):
    """The first page reads a file of data, the second none."""
    with (project.root / "notebooks/study/first.py").open("a") as file:
        file.write(READS)
    project.write("data/more.yml", "x: 1\n")
    return project


def run(project, section="first"):
    page = find(project.root, f"study/{section}")
    (ended,) = runs.run_all([runs.request(page, {}, project.root)], project.root, book.store(project.root))
    return ended


@pytest.mark.slow
def test_a_page_runs_again_for_the_data_that_it_read_and_for_no_other(reads):
    assert not run(reads).cached
    assert not run(reads, "second").cached
    reads.replace("data/more.yml", "1", "2")
    assert run(reads).cached
    reads.replace("data/facts.yml", "42", "43")
    again = run(reads)
    assert not again.cached
    assert "answer: 43" in again.entry.page.read_text()
    assert run(reads, "second").cached
    (reads.root / "data/facts.yml").unlink()
    assert "FileNotFoundError" in run(reads).error


@pytest.mark.slow
def test_data_behind_a_link_counts(reads, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "facts.yml").write_text("answer: 1\n")
    (reads.root / "data/results").symlink_to(elsewhere)
    reads.replace("notebooks/study/first.py", "data/facts.yml", "data/results/facts.yml")
    assert not run(reads).cached
    assert run(reads).cached
    (elsewhere / "facts.yml").write_text("answer: 2\n")
    assert not run(reads).cached


HOSTILE = """
# %%
import sys
import matplotlib.pyplot as plt
print("width", plt.rcParams["lines.linewidth"], "started" in globals())
import this_folder
"""


@pytest.mark.slow
def test_the_reader_s_own_settings_do_not_reach_a_page(project, tmp_path_factory, monkeypatch):
    home = tmp_path_factory.mktemp("home")
    for name, text in {
        "ipython/profile_default/startup/00.py": "started = True\n",
        "ipython/profile_default/ipython_config.py": "c.InteractiveShellApp.exec_lines = ['started = 1']\n",
        "mpl/matplotlibrc": "lines.linewidth: 9\n",
        "modules/helpers/__init__.py": "raise ValueError('not this one')\n",
    }.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    monkeypatch.setenv("IPYTHONDIR", str(home / "ipython"))
    monkeypatch.setenv("MPLCONFIGDIR", str(home / "mpl"))
    monkeypatch.setenv("MATPLOTLIBRC", str(home / "mpl" / "matplotlibrc"))
    monkeypatch.setenv("PYTHONPATH", f"{home / 'modules'}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    project.write("this_folder.py", "raise ValueError('from the folder that kernels start in')\n")
    text = (project.root / "notebooks/study/first.py").read_text()
    project.write("notebooks/study/first.py", text + HOSTILE)
    error = run(project).error
    assert "ModuleNotFoundError: No module named 'this_folder'" in error
    kept = (project.root / "_build/failed/study.first.ipynb").read_text()
    assert "width 1.5 False" in kept


@pytest.mark.slow
@pytest.mark.parametrize("name", ["with: colon", "with {braces} {} {0}", "with % percent and 'quote'"])
def test_any_path_of_the_checkout_will_do(project, name):
    root = project.root / name
    (project.root / "moved").mkdir()
    for part in ("book", "data", "notebooks", "src", "_toc.yml", "_config.yml", "requirements.lock"):
        (project.root / part).rename(project.root / "moved" / part)
    (project.root / "moved").rename(root)
    project.root = root
    ended = run(project)
    assert ended.error is None
    assert "gini 10.0" in ended.entry.page.read_text()


def test_a_key_travels_to_a_worker(project):
    page = find(project.root, "study/first")
    key = runs.request(page, {}, project.root).key
    copied = pickle.loads(pickle.dumps(key))
    assert copied == key
    assert (copied.root, copied.seen, copied.taken) == (key.root, key.seen, key.taken)


@pytest.mark.parametrize(
    "file",
    ["notebooks/study/first.py", "src/helpers/doubling.py", "requirements.lock", "data/facts.yml"],
)
def test_a_file_saved_and_undone_while_the_page_runs_leaves_nothing_under_its_key(project, file):
    key = runs.request(find(project.root, "study/first"), {}, project.root).key
    store = Store(project.root / "store")
    with pytest.raises(Exception, match=f"{file} was saved while"), store.new("study/first", key) as entry:
        kernel = Path(entry.folder, KERNEL_FOLDER)
        kernel.mkdir()
        (kernel / "opened.txt").write_text("data/facts.yml\n")
        state = (project.root / file).stat()
        before = (project.root / file).read_bytes()
        (project.root / file).write_bytes(before + b"# edited\n")
        (project.root / file).write_bytes(before)
        os.utime(project.root / file, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert store.get("study/first", key) is None


def test_an_edit_that_the_page_does_not_depend_on_is_no_obstacle(project):
    key = runs.request(find(project.root, "study/first"), {}, project.root).key
    store = Store(project.root / "store")
    with store.new("study/first", key) as entry:
        (entry.folder / KERNEL_FOLDER).mkdir()
        (entry.folder / KERNEL_FOLDER / "opened.txt").write_text("")
        project.replace("src/helpers/base.py", "a * b", "b * a")
        project.replace("data/facts.yml", "42", "43")
        project.replace("book/index.md", "Small", "Tiny")
    assert store.get("study/first", key) is not None


def test_a_compiled_edit_does_not_outlive_its_undoing(project):
    """Saved, imported and undone within one second: Python would take the compiled edit for the source."""
    source = project.root / "src/helpers/doubling.py"
    before = source.read_text()
    load = "import sys; sys.path.insert(0, 'src'); import helpers.doubling as d; print(d.double(1))"
    settings = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}

    def printed():
        command = [sys.executable, "-c", load]
        return subprocess.run(command, cwd=project.root, env=settings, capture_output=True).stdout

    source.write_text(before.replace("2.0", "9.0"))
    os.utime(source, (1_600_000_000, 1_600_000_000))
    assert printed() == b"9.0\n"
    source.write_text(before)
    os.utime(source, (1_600_000_000, 1_600_000_000))
    compiled = next((project.root / "src/helpers/__pycache__").glob("doubling.*"))
    os.utime(compiled, (1_600_000_001, 1_600_000_001))
    assert printed() == b"9.0\n"
    runs.request(find(project.root, "study/first"), {}, project.root)
    assert printed() == b"2.0\n"

"""A reader's own copy runs and leaves the book alone; a changed page comes back, and nothing is lost."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import digital_clusters
from digital_clusters.errors import FileError, ParameterError
from digital_clusters.pipeline.notebooks import find, notebooks
from digital_clusters.pipeline.workshop.copies import new_copy, reset
from digital_clusters.pipeline.workshop.lab import lab_command

PAGE = '# %% tags=["parameters"]\nfolds = 5\n'


@pytest.fixture
def book(tmp_path):
    files = {
        "_toc.yml": "format: jb-book\nroot: book/index\nchapters:\n  - file: notebooks/study/only\n",
        "book/index.md": "# Book\n",
        "notebooks/study/only.py": PAGE,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def committed(book):
    author = ["-c", "user.name=One", "-c", "user.email=one@example.org"]
    for words in (["init", "-q"], ["add", "."], [*author, "commit", "-qm", "A book"]):
        subprocess.run(["git", "-C", str(book), *words], check=True)
    return book


def test_a_copy_is_found_and_is_no_page_of_the_book(book):
    target = new_copy(book, "mine_of_mine", "study/only")
    assert target.read_text() == PAGE
    assert find(book, "mine/mine_of_mine").defaults == {"folds": 5}
    assert [page.name for page in notebooks(book)] == ["study/only"]


@pytest.mark.parametrize(
    ("name", "source", "words"),
    [
        ("../out", "study/only", "cannot be a name"),
        ("Mine", "study/only", "cannot be a name"),
        ("x", "study/onyl", "did you mean 'study/only'"),
    ],
)
def test_a_copy_that_cannot_be_made_is_refused(book, name, source, words):
    with pytest.raises(ParameterError, match=words):
        new_copy(book, name, source)
    assert not (book / "notebooks/mine").exists()


def test_a_name_that_is_taken_is_not_overwritten(book):
    new_copy(book, "x", "study/only").write_text("changed")
    with pytest.raises(ParameterError, match=r"x\.py is there already"):
        new_copy(book, "x", "study/only")
    assert (book / "notebooks/mine/x.py").read_text() == "changed"


def test_a_changed_page_comes_back_and_each_change_is_kept(committed):
    page = committed / "notebooks/study/only.py"
    kept = []
    for text in ("first change", "second change"):
        page.write_text(text)
        kept.append(reset(committed, "study/only"))
        assert page.read_text() == PAGE
    assert [file.read_text() for file in kept] == ["first change", "second change"]
    assert reset(committed, "study/only") is None


def test_what_cannot_be_put_back_stays(book, committed):
    with pytest.raises(ParameterError, match="did you mean 'study/only'"):
        reset(book, "study/onyl")
    page = committed / "notebooks/study/only.py"
    subprocess.run(["git", "-C", str(committed), "rm", "-q", "--cached", str(page)], check=True)
    page.write_text("changed")
    (committed / ".git/HEAD").write_text("ref: refs/heads/none\n")
    with pytest.raises(FileError, match="Git does not know"):
        reset(committed, "study/only")
    assert page.read_text() == "changed"


def test_jupyterlab_opens_text_notebooks_and_leaves_the_results_of_the_book(book, monkeypatch):
    monkeypatch.setattr("digital_clusters.pipeline.workshop.lab.find_spec", lambda name: object())
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    command, environment = lab_command(book, browser=False, arguments=["--port=8889"])
    assert command[-1] == "--port=8889"
    assert "--ServerApp.contents_manager_class=jupytext.TextFileContentsManager" in command
    assert "--no-browser" in command
    assert environment["DIGITAL_CLUSTERS_RESULTS"] == str(book / "_build/lab/results")
    assert environment["DIGITAL_CLUSTERS_ROOT"] == str(book)


def test_without_jupyterlab_the_command_says_how_to_get_it(book, monkeypatch):
    monkeypatch.setattr("digital_clusters.pipeline.workshop.lab.find_spec", lambda name: None)
    with pytest.raises(FileError, match="pip install jupyterlab"):
        lab_command(book)


def test_the_root_user_is_told_what_to_type(book, monkeypatch):
    monkeypatch.setattr("digital_clusters.pipeline.workshop.lab.find_spec", lambda name: object())
    monkeypatch.setattr("os.geteuid", lambda: 0)
    with pytest.raises(ParameterError, match="digital-clusters lab -- --allow-root"):
        lab_command(book)
    assert lab_command(book, arguments=["--allow-root"])[0][-1] == "--allow-root"


JUPYTERLAB = """
import signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
print("serving", flush=True)
signal.sigwait([signal.SIGINT])
print("asks and saves", *sys.argv[-1:], flush=True)
sys.exit(3)
"""

LAB = """
import sys
from pathlib import Path
from digital_clusters.pipeline.workshop.lab import run_lab
sys.exit(run_lab(Path(), arguments=["--allow-root"]))
"""


def test_ctrl_c_in_jupyterlab_is_its_own_affair(book):
    (book / "jupyterlab.py").write_text(JUPYTERLAB)
    paths = [str(book), str(Path(digital_clusters.__file__).parents[1])]
    process = subprocess.Popen(
        [sys.executable, "-c", LAB],
        cwd=book,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout.readline() == "serving\n"
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate(timeout=60)[0] == "asks and saves --allow-root\n"
    assert process.returncode == 3

"""What ``digital-clusters doctor`` finds wrong, and that it finds nothing in a sound project."""

import os
import re
import subprocess
import sys

import pytest

from digital_clusters import cli, paths
from digital_clusters.files import draft_prefix
from digital_clusters.paths import MIRROR_VARIABLE, REFERENCE_CASES_VARIABLE
from digital_clusters.pipeline import editions
from digital_clusters.pipeline.kernels.cells import CELL_SECONDS_VARIABLE
from digital_clusters.pipeline.lock import held
from digital_clusters.pipeline.upkeep import doctor


@pytest.fixture
def sound(project, monkeypatch):
    """A project without a fault: its lock says what is installed."""
    import numpy

    project.write("requirements.lock", f"numpy=={numpy.__version__}\n")
    project.write("pyproject.toml", '[project]\nrequires-python = ">=3.11"\ndependencies = ["numpy>=2"]\n')
    for name in (MIRROR_VARIABLE, REFERENCE_CASES_VARIABLE, CELL_SECONDS_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    return project


def faults(project):
    return [finding.problem for finding in doctor.examine(project.root) if finding.is_fault]


def notes(project):
    return [finding.problem for finding in doctor.examine(project.root) if not finding.is_fault]


def test_a_sound_project_has_no_fault_and_is_left_as_it_was(sound):
    assert faults(sound) == []
    assert list((sound.root / "_build").iterdir()) == []


FILES = {
    "requirements.lock": (
        "numpy==1.0\n",
        r"packages differ from requirements.lock: numpy .* \(locked: 1.0\)",
    ),
    "pyproject.toml": ('[project]\nrequires-python = ">=3.99"\n', "the project needs >=3.99"),
    "src/random.py": ("x = 1\n", "src/ has modules that hide one of Python or of a package: random"),
    "matplotlibrc": ("lines.linewidth: 9\n", "a matplotlibrc lies in the project's folder"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_wrong_is_the_only_fault(sound, name):
    text, expected = FILES[name]
    sound.write(name, text)
    (problem,) = faults(sound)
    assert re.search(expected, problem)


def test_a_missing_lock_and_a_missing_package_are_faults(sound):
    sound.write("pyproject.toml", '[project]\ndependencies = ["no-such-package>=1", "numpy"]\n')
    assert faults(sound) == ["packages are not installed: no-such-package"]
    (sound.root / "requirements.lock").unlink()
    assert "requirements.lock is missing" in faults(sound)[0]


VARIABLES = {
    MIRROR_VARIABLE: "does not exist",
    REFERENCE_CASES_VARIABLE: "cases.json cannot be read",
    CELL_SECONDS_VARIABLE: "must be whole seconds above 0",
}


@pytest.mark.parametrize("name", VARIABLES)
def test_a_variable_that_leads_nowhere_is_a_fault(sound, monkeypatch, name):
    sound.write("data/upstream.yml", "{}\n")
    monkeypatch.setenv(name, "nowhere")
    (problem,) = faults(sound)
    assert VARIABLES[name] in problem


def test_a_build_folder_that_cannot_be_written_is_a_fault(sound):
    sound.write("_build", "a file in the way")
    (problem,) = faults(sound)
    assert "_build cannot be written" in problem


def test_drafts_of_the_dead_and_a_running_build_are_noted(sound):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    sound.write(f"_build/cache/{draft_prefix(dead.pid)}x/page", "half")
    sound.write(f"_build/cache/{draft_prefix()}y/page", "half")
    with held(sound.root / "_build"):
        said = "\n".join(notes(sound))
    assert said.count(".draft-") == 1
    assert f"{draft_prefix(dead.pid)}x" in said
    assert f"a build runs now: process {os.getpid()} on " in said
    assert "a build runs now" not in "\n".join(notes(sound))


def test_a_published_book_that_was_changed_is_a_fault(sound):
    with editions.draft(sound.root) as draft:
        for name in ("html/index.html", "pages/a.ipynb", "results/a.json"):
            (draft.folder / name).parent.mkdir(exist_ok=True)
            (draft.folder / name).write_text("whole")
        editions.publish(sound.root, draft, "print")
    assert faults(sound) == []
    (sound.root / "_build/html/index.html").write_text("who")
    assert faults(sound) == [
        "files of the published book in _build/ were changed, cut or removed after it was built"
    ]


def test_what_is_optional_is_a_note(sound, monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "OPTIONAL", {"no_such_package": "nothing is lost"})
    monkeypatch.setattr(doctor, "CHINESE_FONTS", ("no such font",))
    monkeypatch.setenv("PATH", "")
    said = "\n".join(notes(sound))
    for words in ("no_such_package is not installed", "Chromium", "Chinese characters", "git is not"):
        assert words in said
    assert faults(sound) == []


@pytest.mark.parametrize(("locked", "code"), [(None, 0), ("numpy==1.0\n", 1)])
def test_the_command_ends_with_1_if_there_is_a_fault_and_says_what_to_do(
    sound, monkeypatch, capsys, locked, code
):
    if locked:
        sound.write("requirements.lock", locked)
    monkeypatch.setattr(sys, "argv", ["digital-clusters", "doctor"])
    monkeypatch.setattr(paths, "project_root", lambda: sound.root)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == code
    said = capsys.readouterr().out
    assert said.splitlines()[-1].startswith(f"{len(doctor.CHECKS)} checks, {code} faults, ")
    assert ("make environment" in said) == bool(code)

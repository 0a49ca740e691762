"""The repository agrees with itself: lock, environments, README, Makefile, files under version control."""

import hashlib
import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import jupytext
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
LONGEST_CELL = 14
"""Lines of code in a notebook cell; what is longer belongs in the package."""

MACHINE_PATH = re.compile(r"(?<![\w.:/~$}-])/(?:home|root|Users|work|tmp)/[\w.]")
"""The start of an absolute path on somebody's machine, not a path inside an address."""

# Put together from parts, so that this file does not hold what it looks for.
REGISTRY_HOSTS = tuple(
    ".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("anaconda", "org"))
)
NEIGHBOUR = "/".join(("..", "shared"))
"""Folders beside the checkout; only ``.ci/run`` looks for them."""


@cache
def tracked() -> tuple[Path, ...]:
    """Files under version control and new files that are not ignored."""
    command = [
        "git",
        "-c",
        "safe.directory=*",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this folder is not a git checkout")
    paths = (ROOT / name for name in done.stdout.decode().split("\0") if name)
    return tuple(sorted(path for path in paths if path.is_file()))


@cache
def texts() -> dict[str, str]:
    """Tracked text files by their path; a file that is not UTF-8 text is left out."""
    out = {}
    for path in tracked():
        try:
            out[path.relative_to(ROOT).as_posix()] = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue
    return out


@cache
def lock() -> dict[str, list[Requirement]]:
    """Requirements of the lock by canonical name; a package has several where platforms differ."""
    found: dict[str, list[Requirement]] = {}
    for entry in _lock_entries():
        requirement = Requirement(entry.split("\\")[0].strip())
        found.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return found


def _lock_entries() -> list[str]:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    return re.split(r"\n(?=\S)", text.strip())


@cache
def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _direct() -> list[str]:
    meta = project()["project"]
    extras = [line for lines in meta["optional-dependencies"].values() for line in lines]
    return meta["dependencies"] + extras + project()["build-system"]["requires"]


def _lines_with(pattern: re.Pattern[str], leave_out: tuple[str, ...] = ()) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:80]}"
        for name, text in texts().items()
        if name not in leave_out
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]


# lock and environments


def test_lock_holds_exact_pins_with_hashes_and_nothing_else():
    pin = re.compile(r"[\w.-]+(\[[\w,-]+\])?==[\w.!+]+( ; [^\\]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+")
    wrong = [entry.splitlines()[0] for entry in _lock_entries() if not pin.fullmatch(entry)]
    assert not wrong, f"not an exact pin with hashes: {wrong[:5]}"


def test_lock_names_no_address():
    assert "://" not in (ROOT / "requirements.lock").read_text(encoding="utf-8")


@pytest.mark.parametrize("line", _direct())
def test_lock_has_every_direct_dependency_at_an_allowed_version(line):
    wanted = Requirement(line)
    pins = lock().get(canonicalize_name(wanted.name), [])
    assert pins, f"{wanted.name} is not in requirements.lock: run make lock"
    for pin in pins:
        version = Version(next(iter(pin.specifier)).version)
        assert wanted.specifier.contains(version), f"{pin} is outside {line}"


def test_jupyter_book_is_the_first_generation():
    (pin,) = lock()["jupyter-book"]
    assert Version(next(iter(pin.specifier)).version) < Version("2")


def test_conda_environment_takes_its_versions_from_the_lock():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    conda = [item for item in environment["dependencies"] if isinstance(item, str)]
    (pip,) = [item["pip"] for item in environment["dependencies"] if isinstance(item, dict)]
    assert pip == ["-r requirements.lock"]
    python = next(item for item in conda if item.startswith("python="))
    assert sorted(conda) == sorted([python, "pip"]), "a package besides Python and pip would escape the lock"
    assert Requirement(f"python{project()['project']['requires-python']}").specifier.contains(
        python.removeprefix("python=") + ".0"
    )


def test_binder_installs_the_package_without_resolving_anything():
    script = ROOT / "postBuild"
    assert script.stat().st_mode & 0o100, "postBuild is not executable"
    text = script.read_text(encoding="utf-8")
    assert "--no-deps" in text and "--no-build-isolation" in text and "--editable ." in text


# README and Makefile


def test_readme_and_workflows_name_only_targets_that_exist():
    targets = set(re.findall(r"^([a-z][a-z-]*):", texts()["Makefile"], flags=re.MULTILINE))
    for name in ("README.md", ".ci/run", *(name for name in texts() if name.startswith(".github/"))):
        named = re.findall(r"(?:^|`|run: )make ([a-z][a-z-]*)", texts()[name], flags=re.MULTILINE)
        assert set(named) <= targets, f"{name}: {set(named) - targets}"
    assert {"book", "test"} <= set(re.findall(r"^make ([a-z-]+)", texts()["README.md"], flags=re.MULTILINE))


def test_help_lists_every_target():
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    phony = re.search(r"^\.PHONY: (.+)$", texts()["Makefile"], flags=re.MULTILINE)[1].split()
    assert sorted(phony) == sorted(re.findall(r"^make ([a-z-]+)", done.stdout, flags=re.MULTILINE))


def test_readme_links_lead_somewhere():
    targets = re.findall(r"\]\(([^)#]+)\)", texts()["README.md"])
    missing = [target for target in targets if "://" not in target and not (ROOT / target).exists()]
    assert not missing


# what is under version control


def test_no_path_of_a_machine():
    assert not _lines_with(MACHINE_PATH)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("open('/" + "home/ann/data.csv')", True),
        ("see /" + "Users/ann", True),
        ("https://example.org/home/page", False),
        ("${BASE}/root/x", False),
        ("/path/to/mirror", False),
    ],
)
def test_what_counts_as_a_path_of_a_machine(line, found):
    assert bool(MACHINE_PATH.search(line)) is found


def test_no_registry_host():
    assert not _lines_with(re.compile("|".join(map(re.escape, REGISTRY_HOSTS)), re.IGNORECASE))


def test_only_the_ci_script_looks_beside_the_checkout():
    assert not _lines_with(re.compile(re.escape(NEIGHBOUR)), leave_out=(".ci/run",))


def test_no_notebook_with_outputs():
    assert not [path for path in tracked() if path.suffix == ".ipynb"]


def test_no_upstream_file():
    listed = set(re.findall(r"\b[0-9a-f]{64}\b", texts()["data/upstream.yml"]))
    assert listed, "data/upstream.yml lists no sha256"
    found = [path for path in tracked() if hashlib.sha256(path.read_bytes()).hexdigest() in listed]
    assert not found, f"public data under version control: {found}"


def test_yaml_files_parse():
    names = [name for name in texts() if name.endswith((".yml", ".yaml", ".cff"))]
    assert "CITATION.cff" in names
    for name in names:
        try:
            assert yaml.safe_load(texts()[name]) is not None, f"{name} is empty"
        except yaml.YAMLError as error:
            pytest.fail(f"{name}: {error}")


def test_actions_are_pinned_to_a_commit_and_may_only_read():
    for name in (name for name in texts() if name.startswith(".github/workflows/")):
        uses = re.findall(r"uses: (\S+)", texts()[name])
        pinned = all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", use) for use in uses)
        assert uses and pinned, f"{name}: {uses}"
        assert yaml.safe_load(texts()[name])["permissions"] == {"contents": "read"}, name


def test_version_is_the_same_everywhere():
    citation = yaml.safe_load(texts()["CITATION.cff"])
    assert str(citation["version"]) == project()["project"]["version"]
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= set(citation)


def _is_notebook(name: str) -> bool:
    if name.startswith("notebooks/") and name.endswith(".py"):
        return True
    return name.startswith("book/") and name.endswith(".md") and texts()[name].startswith("---\njupytext:")


def _code_lines(cell) -> int:
    lines = (line.strip() for line in cell.source.splitlines())
    return sum(1 for line in lines if line and not line.startswith("#"))


def test_notebook_cells_are_short():
    names = [name for name in texts() if _is_notebook(name)]
    assert names, "no notebook was found"
    long = [
        f"{name}: cell {number}, {_code_lines(cell)} lines"
        for name in names
        for number, cell in enumerate(jupytext.read(ROOT / name).cells, start=1)
        if cell.cell_type == "code" and _code_lines(cell) > LONGEST_CELL
    ]
    assert not long, "\n".join(long)


def test_workflows_keep_no_credentials_and_have_limits_of_time():
    for file in (ROOT / ".github" / "workflows").glob("*.yml"):
        jobs = yaml.safe_load(file.read_text(encoding="utf-8"))["jobs"]
        for name, job in jobs.items():
            assert job["timeout-minutes"] <= 60, (file.name, name)
            for step in job["steps"]:
                if step.get("uses", "").startswith("actions/checkout@"):
                    assert step["with"]["persist-credentials"] is False, (file.name, name)

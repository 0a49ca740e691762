"""What is wrong with this installation, and what to do: one check for each thing that has gone wrong."""

import json
import os
import platform
import re
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from digital_clusters.errors import DigitalClustersError
from digital_clusters.files import draft_prefix, stale_drafts
from digital_clusters.paths import MIRROR_VARIABLE, REFERENCE_CASES_VARIABLE
from digital_clusters.pipeline import editions
from digital_clusters.pipeline.kernels.cells import cell_seconds
from digital_clusters.pipeline.kernels.environment import differences_from_lock, shadowing
from digital_clusters.pipeline.lock import holder_of
from digital_clusters.pipeline.site.browsers import find_browser
from digital_clusters.sources.upstream import FAULTS, check, mirror_folder

FREE_BYTES = 1_000_000_000
"""What a build with its cache takes, twice over."""

CHINESE_FONTS = ("CJK", "Hei", "Song", "Ming", "Kai", "PingFang", "YaHei", "WenQuanYi", "Source Han")
"""Parts of the names of fonts that have Chinese characters."""

OPTIONAL = {"cnmaps": "maps have no borders of provinces"}
"""Package → what goes without it."""

SHOWN = 8


@dataclass(frozen=True)
class Finding:
    """One thing that a check found.

    Attributes
    ----------
    problem, remedy : str
        What is wrong, and what to do.
    is_fault : bool
        Whether pages may fail or differ by it; else something that is optional goes without.
    """

    problem: str
    remedy: str
    is_fault: bool = True


def examine(root: Path) -> list[Finding]:
    """Every finding of every check, faults first; nothing is changed but a probe file in ``_build``.

    Parameters
    ----------
    root : pathlib.Path
        The project.
    """
    found = [finding for check_one in CHECKS for finding in check_one(root)]
    return sorted(found, key=lambda finding: not finding.is_fault)


def report(findings: list[Finding]) -> str:
    """Lines of text: a finding and its remedy each, and a last line that sums up."""
    lines = []
    for finding in findings:
        lines.append(f"{'fault' if finding.is_fault else 'note '}  {finding.problem}")
        lines.append(f"       → {finding.remedy}")
    faults = sum(finding.is_fault for finding in findings)
    lines.append(f"{len(CHECKS)} checks, {faults} faults, {len(findings) - faults} notes")
    return "\n".join(lines)


def _python(root: Path) -> Iterator[Finding]:
    wanted = _project(root).get("requires-python", "")
    if sys.version_info[:2] < tuple(int(part) for part in re.findall(r"\d+", wanted)):
        yield Finding(
            f"Python {platform.python_version()} runs this; the project needs {wanted}",
            "install such a Python, then `rm -rf .venv && make environment`",
        )


def _packages(root: Path) -> Iterator[Finding]:
    try:
        different = differences_from_lock(root)
    except DigitalClustersError as error:
        yield Finding(str(error), "restore the file; without it nothing says which packages are right")
        return
    if different:
        yield Finding(
            f"packages differ from requirements.lock: {_listed(different)}",
            "`rm -rf .venv && make environment`; with others, numbers and pages may differ",
        )
    if absent := [name for name in _needed(root) if not _is_installed(name)]:
        yield Finding(f"packages are not installed: {_listed(absent)}", "`make environment`")


def _optional_packages(root: Path) -> Iterator[Finding]:
    for name, lost in OPTIONAL.items():
        if find_spec(name) is None:
            yield Finding(
                f"the optional package {name} is not installed: {lost}",
                f"`.venv/bin/python -m pip install {name}`, if you want it; every page then runs again",
                is_fault=False,
            )


def _hidden_modules(root: Path) -> Iterator[Finding]:
    if hidden := sorted(shadowing(root / "src")):
        yield Finding(
            f"src/ has modules that hide one of Python or of a package: {_listed(hidden)}",
            "rename or remove them",
        )


def _own_settings(root: Path) -> Iterator[Finding]:
    if (root / "matplotlibrc").is_file():
        yield Finding(
            "a matplotlibrc lies in the project's folder: figures may look otherwise than in the book",
            "remove it",
        )
    try:
        cell_seconds()
    except DigitalClustersError as error:
        yield Finding(str(error), "correct the variable or unset it")


def _build_folder(root: Path) -> Iterator[Finding]:
    build = root / "_build"
    try:
        build.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile(prefix=draft_prefix(), dir=build) as probe:
            probe.write(b"probe")
            probe.flush()
    except OSError as error:
        yield Finding(
            f"{build} cannot be written: {error.strerror}",
            "mend its owner or its permissions, or free space; if nothing in it is needed, `rm -rf _build`",
        )
        return
    if (free := shutil.disk_usage(build).free) < FREE_BYTES:
        yield Finding(
            f"only {free / 1e6:,.0f} MB are free where {build} is; a build may need {FREE_BYTES / 1e6:,.0f}",
            "free space, or remove _build/cache/ and _build/sweeps/ (they are made again)",
        )


def _leftovers(root: Path) -> Iterator[Finding]:
    if drafts := list(stale_drafts(root / "_build")):
        names = [str(draft.relative_to(root)) for draft in drafts]
        yield Finding(
            f"a process that is dead left drafts: {_listed(names)}",
            "the next build removes them; nothing to do",
            is_fault=False,
        )
    if holder := holder_of(root / "_build"):
        yield Finding(
            f"a build runs now: {holder}",
            "wait for it, or end it",
            is_fault=False,
        )


def _published_book(root: Path) -> Iterator[Finding]:
    published = editions.current(root)
    if published is not None and not published.is_whole(*editions.PARTS):
        yield Finding(
            "files of the published book in _build/ were changed, cut or removed after it was built",
            "`digital-clusters build` puts it in order again",
        )


def _public_data(root: Path) -> Iterator[Finding]:
    if not (root / "data" / "upstream.yml").is_file():
        return
    try:
        mirror = mirror_folder()
        states = check()
    except (DigitalClustersError, OSError) as error:
        yield Finding(str(error), f"set {MIRROR_VARIABLE} to the folder of the files, or unset it")
        return
    bad = states[states["state"].isin(FAULTS)]
    wrong = bad[bad["state"] != "missing"]
    if len(wrong):
        remedy = "copy it into the mirror again" if mirror else "`digital-clusters data fetch`"
        yield Finding(f"public files are not those that are listed: {_listed(wrong['file'])}", remedy)
    if len(lost := bad[bad["state"] == "missing"]):
        yield Finding(
            f"{len(lost)} of {len(states)} public files are not here: pages with data = 'public' cannot run",
            f"`digital-clusters data fetch`, or set {MIRROR_VARIABLE} to a folder that holds them",
            is_fault=mirror is not None,
        )


def _reference_cases(root: Path) -> Iterator[Finding]:
    named = os.environ.get(REFERENCE_CASES_VARIABLE)
    if not named:
        yield Finding(
            f"{REFERENCE_CASES_VARIABLE} is not set: tests against reference numbers are skipped",
            "set it to the folder with cases.json, if you have it",
            is_fault=False,
        )
        return
    try:
        json.loads((Path(named) / "cases.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        yield Finding(
            f"{REFERENCE_CASES_VARIABLE} names {named}, but its cases.json cannot be read: {error}",
            "correct the variable or unset it",
        )


def _browser(root: Path) -> Iterator[Finding]:
    if find_browser() is None:
        yield Finding(
            "neither Chromium nor Chrome is installed: tests that open the built pages are skipped",
            "install one (Debian: `apt install chromium`; macOS: `brew install --cask chromium`)",
            is_fault=False,
        )


def _chinese_fonts(root: Path) -> Iterator[Finding]:
    from matplotlib.font_manager import fontManager

    names = {font.name for font in fontManager.ttflist}
    if not any(part in name for name in names for part in CHINESE_FONTS):
        yield Finding(
            "no font with Chinese characters is installed: Chinese labels in your own figures show boxes",
            "install one (Debian: `apt install fonts-noto-cjk`) and remove matplotlib's list of fonts in "
            "_build/kernels/",
            is_fault=False,
        )


def _version_control(root: Path) -> Iterator[Finding]:
    if not shutil.which("git"):
        yield Finding(
            "git is not installed: the status page cannot name the commit of the code",
            "install git",
            is_fault=False,
        )


CHECKS: tuple[Callable[[Path], Iterator[Finding]], ...] = (
    _python,
    _packages,
    _hidden_modules,
    _own_settings,
    _build_folder,
    _leftovers,
    _published_book,
    _public_data,
    _reference_cases,
    _optional_packages,
    _browser,
    _chinese_fonts,
    _version_control,
)


def _project(root: Path) -> Mapping:
    """The table ``project`` of ``pyproject.toml``; empty in a folder that has none."""
    file = root / "pyproject.toml"
    return tomllib.loads(file.read_text(encoding="utf-8")).get("project", {}) if file.is_file() else {}


def _needed(root: Path) -> Iterator[str]:
    """Names of the packages that the project cannot do without, whatever the system."""
    for line in _project(root).get("dependencies", ()):
        if ";" not in line and (name := re.match(r"[\w.-]+", line)):
            yield name[0]


def _is_installed(name: str) -> bool:
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _listed(found: Iterable[str]) -> str:
    names = list(found)
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more

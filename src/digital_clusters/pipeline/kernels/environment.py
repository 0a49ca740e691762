"""What a kernel runs in: the project and the installed packages, nothing of the reader's own settings.

The kernel starts with a profile of its own. It puts the project's modules first, leaves the working
directory off the module path, and notes which files of the project the page opens.
"""

import os
import platform
import re
import sys
import sysconfig
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

from digital_clusters.errors import FileError
from digital_clusters.files import write_text
from digital_clusters.paths import ROOT_VARIABLE
from digital_clusters.pipeline.kernels.files import EVERYTHING, FACT, FOLLOWED, NAMES, SAID, STARTED

KERNEL_FOLDER = ".kernel"
"""Folder beside a page's results that holds what its kernel needs; it is no part of what is kept."""

OPENED = "opened.txt"
"""File in the kernel's folder: one note of :mod:`~digital_clusters.pipeline.kernels.files` a line."""

CHILDREN = "children"
"""Folder in the kernel's folder, first on the module path of each Python that the page starts."""

OPENED_VARIABLE = "DIGITAL_CLUSTERS_OPENED"
RECORDER = Path(__file__).with_name("files.py")
FONT_REMARK = "Matplotlib is building the font cache"
"""What a first figure on a slow machine says beside itself."""

PROFILE = f"""
import logging
logging.getLogger("matplotlib.font_manager").addFilter(
    lambda record: not record.getMessage().startswith("{FONT_REMARK}")
)
sys.path.insert(0, os.path.join(os.environ["{ROOT_VARIABLE}"], "src"))
note_opened_files(os.environ["{ROOT_VARIABLE}"], os.environ["{OPENED_VARIABLE}"])
os.environ["PYTHONPATH"] = os.path.join(os.path.dirname(os.environ["{OPENED_VARIABLE}"]), "{CHILDREN}")
c.InteractiveShellApp.ignore_cwd = True
c.HistoryManager.enabled = False
c.InlineBackend.figure_formats = {{"svg"}}
c.InlineBackend.print_figure_kwargs = {{"bbox_inches": "tight", "metadata": {{"Date": None}}}}
"""
"""What follows the recorder in a kernel's profile; ``c`` is there when IPython reads it."""

CHILD = f"""
follow_child(os.environ["{ROOT_VARIABLE}"], os.environ["{OPENED_VARIABLE}"])
sys.path.remove(os.path.dirname(__file__))
this = sys.modules.pop("sitecustomize")
try:
    import sitecustomize
except ImportError:
    sys.modules["sitecustomize"] = this
"""
"""What follows the recorder in the ``sitecustomize`` of a page's children, before the machine's own one."""

FIGURE_SETTINGS = "svg.hashsalt: digital-clusters\n"
"""A kernel's ``matplotlibrc``: names inside of a vector figure follow from what is drawn, not from chance."""

OWN_SETTINGS = re.compile(r"PYTHON|IPYTHON|JUPYTER|MPL|MATPLOTLIB")
"""Variables by which a reader's shell would change what a page shows."""


def isolated_environment(folder: Path, root: Path) -> dict[str, str]:
    """Environment variables of a kernel, the reader's own without what configures Python or Jupyter.

    Parameters
    ----------
    folder : pathlib.Path
        Of this kernel alone; the profile is written to it, and :func:`opened_files` reads what the
        page opened from it.
    root : pathlib.Path
        The project; its ``src`` is first on the module path. Any character may be in it.

    Raises
    ------
    FileError
        If the folder cannot be written.
    """
    profile = folder / "ipython" / "profile_default"
    text = RECORDER.read_text(encoding="utf-8") + PROFILE
    write_text(profile / "ipython_kernel_config.py", text)
    write_text(folder / CHILDREN / "sitecustomize.py", RECORDER.read_text(encoding="utf-8") + CHILD)
    write_text(folder / "matplotlibrc", FIGURE_SETTINGS)
    inherited = {name: value for name, value in os.environ.items() if not OWN_SETTINGS.match(name)}
    return inherited | {
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_CONFIG_DIR": str(folder / "jupyter"),
        "JUPYTER_NO_CONFIG": "1",
        "MATPLOTLIBRC": str(folder / "matplotlibrc"),
        # shared by all kernels: the list of fonts takes seconds to make
        "MPLCONFIGDIR": str(root / "_build" / "kernels" / "matplotlib"),
        "PYTHONHASHSEED": "0",
        "PYTHONNOUSERSITE": "1",
        "PYTHONSAFEPATH": "1",
        "PYTHONUTF8": "1",
        # libraries speak of a progress bar that a notebook could have, and a page does not want
        "PYTHONWARNINGS": "ignore:IProgress not found",
        ROOT_VARIABLE: str(root),
        OPENED_VARIABLE: str(folder / OPENED),
    }


def opened_files(folder: Path) -> set[str] | None:
    """Files of the project that a kernel read, relative to the project.

    Parameters
    ----------
    folder : pathlib.Path
        What :func:`isolated_environment` was given.

    Returns
    -------
    set of str or None
        ``None`` where the page read by a way that cannot be followed: it depends on every file of
        ``data/``.
    """
    lines = _opened_lines(folder)
    return None if EVERYTHING in lines else {line.removeprefix(SAID) for line in lines if not _is_fact(line)}


def said_files(folder: Path) -> set[str]:
    """Those of :func:`opened_files` that the kernel read for the values of their YAML, and nothing else."""
    lines = {line for line in _opened_lines(folder) if not _is_fact(line)}
    said = {line.removeprefix(SAID) for line in lines if line.startswith(SAID)}
    return set() if EVERYTHING in lines else said - lines


def facts_of_files(folder: Path) -> dict[str, str]:
    """What a kernel found out about the project beside what it read in files.

    Returns
    -------
    dict of str to str
        Path relative to the project → ``there file``, ``there folder`` or ``there nothing``; path of a folder
        and a slash → ``names`` and the hash of what it lists. Empty where two notes do not agree.
    """
    facts: dict[str, str] = {}
    for line in sorted(_opened_lines(folder)):
        if _is_fact(line):
            kind, found, path = line.removeprefix(FACT).split(" ", 2)
            name = f"{path or '.'}/" if kind == NAMES else path
            told = f"{kind} {found}"
            facts[name] = told if facts.get(name, told) == told else ""
    return facts


def _is_fact(line: str) -> bool:
    return line.startswith(FACT)


def _opened_lines(folder: Path) -> set[str]:
    try:
        lines = (folder / OPENED).read_text(encoding="utf-8", errors="surrogateescape").split("\n")
    except FileNotFoundError:
        # the profile makes the file: without it no kernel of ours ran here
        return {EVERYTHING}
    started, followed = (
        Counter(line.removeprefix(begins) for line in lines if line.startswith(begins))
        for begins in (STARTED, FOLLOWED)
    )
    told = {line for line in lines if line and not line.startswith((STARTED, FOLLOWED))}
    return told | ({EVERYTHING} if started - followed else set())


@cache
def installed() -> tuple[str, ...]:
    """Interpreter, machine, and every installed distribution with its version."""
    return (
        f"{platform.python_implementation()} {platform.python_version()}",
        f"{sys.platform} {platform.machine()}",
        *sorted({path.name for path in _distributions()}),
    )


def differences_from_lock(root: Path) -> list[str]:
    """Packages whose installed version is not the locked one: ``numpy 2.1 (locked: 2.2)``.

    Packages of the lock that are not installed are left out: many are for other platforms.

    Raises
    ------
    FileError
        If there is no ``requirements.lock``.
    """
    lock = root / "requirements.lock"
    if not lock.is_file():
        raise FileError(f"{lock} is missing: take it from the repository again")
    pinned = re.findall(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", lock.read_text(encoding="utf-8"), re.MULTILINE)
    locked: dict[str, set[str]] = {}
    for name, version in pinned:
        locked.setdefault(_normal(name), set()).add(version)
    have = {_normal(found.name): found.version for found in metadata.distributions()}
    return [
        f"{name} {have[name]} (locked: {', '.join(sorted(versions))})"
        for name, versions in sorted(locked.items())
        if name in have and have[name] not in versions
    ]


def shadowing(source: Path) -> set[str]:
    """Top-level names below ``source`` that hide a module of Python or an installed package."""
    folders = (path for path in source.glob("*") if path.is_dir() and path.name.isidentifier())
    names = {path.stem for path in source.glob("*.py")} | {path.name for path in folders}
    return {name for name in names if name in sys.stdlib_module_names or _is_installed(name)}


def _is_installed(name: str) -> bool:
    places = [folder / name for folder in _site_folders()]
    return any(place.is_dir() or any(place.parent.glob(f"{name}.*")) for place in places)


def _distributions() -> Iterator[Path]:
    for folder in _site_folders():
        yield from folder.glob("*.dist-info")
        yield from folder.glob("*.egg-info")


def _site_folders() -> set[Path]:
    return {Path(sysconfig.get_path(kind)) for kind in ("purelib", "platlib")}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()

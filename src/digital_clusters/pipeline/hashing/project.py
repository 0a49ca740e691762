"""All that a book is made of, as one hash: where it is the same, a build would make the same book."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from digital_clusters.pipeline.hashing.files import (
    digest_of,
    disk_state,
    file_hash,
    visible_files,
)
from digital_clusters.pipeline.kernels.environment import installed
from digital_clusters.pipeline.kernels.files import is_visible

SOURCES = ("book", "data", "notebooks", "src")
"""Folders of a project that its build reads."""

PACKAGE = Path(__file__).parents[2]
"""The code that builds; a project may be another folder than the one that it stands in."""

LOADED = time.time_ns()
"""When the code was loaded that runs now, in nanoseconds since 1970."""


@dataclass(frozen=True)
class Snapshot:
    """What a book is made of at one time: contents as one hash, and the state of each file on the disk."""

    digest: str
    states: dict[str, tuple[int, ...]]

    @property
    def is_of_loaded_code(self) -> bool:
        """Whether no module of the package was saved after it was loaded: then it is the one that runs."""
        code = str(PACKAGE)
        return all(max(state[:2]) <= LOADED for name, state in self.states.items() if name.startswith(code))


def snapshot(root: Path, data: str) -> Snapshot:
    """What a build of the project at ``root`` on the source ``data`` is made of now.

    That is every visible file beside and below its folders of sources, the package that builds, and what is
    installed. What a page reads elsewhere in the project is known once it ran.
    """
    beside = (path for path in root.glob("*") if is_visible(path.name) and path.is_file())
    below = (path for name in SOURCES for path in visible_files(root / name))
    return _snapshot((*beside, *below), root, data)


def data_snapshot(folder: Path) -> Snapshot:
    """What is worked out of a folder of facts alone is made of: its files, the package, what is installed."""
    return _snapshot(visible_files(folder), folder, "")


def _snapshot(found: Iterable[Path], root: Path, data: str) -> Snapshot:
    files = sorted({*found, *visible_files(PACKAGE)})
    states = {str(file): disk_state(file) for file in files}
    contents = {_name(file, root): file_hash(file) for file in files}
    return Snapshot(digest_of({"data": data, "installed": installed(), "files": contents}), states)


def _name(file: Path, root: Path) -> str:
    for folder in (root, PACKAGE):
        if file.is_relative_to(folder):
            return f"{folder is PACKAGE}:{file.relative_to(folder).as_posix()}"
    return str(file)

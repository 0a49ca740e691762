"""What the last execution of the pages needed: seconds, data, commit and machine."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from digital_clusters.pipeline.book import store
from digital_clusters.pipeline.kernels.execute import METADATA
from digital_clusters.pipeline.notebooks import Page

GIGABYTE = 2**30


@dataclass(frozen=True)
class Measured:
    """One executed page: seconds of wall time, kernel start included; source of data; commit of the code."""

    page: str
    seconds: float
    data: str
    commit: str


@dataclass(frozen=True)
class Machine:
    """The machine that writes the archive; memory in gigabytes, 0 where the system does not say."""

    system: str
    python: str
    cores: int
    memory: float


def measured_pages(root: Path, pages: Sequence[Page]) -> list[Measured]:
    """The latest execution of each page that the cache holds, in reading order; nothing runs."""
    found = (_latest(root, page) for page in pages if page.is_notebook)
    return [one for one in found if one is not None]


def this_machine() -> Machine:
    """Facts of this machine."""
    names = ("SC_PHYS_PAGES", "SC_PAGE_SIZE")
    known = all(name in os.sysconf_names for name in names)
    memory = os.sysconf(names[0]) * os.sysconf(names[1]) / GIGABYTE if known else 0.0
    system = f"{platform.system()} {platform.machine()}"
    return Machine(system, platform.python_version(), os.cpu_count() or 1, memory)


def package_version() -> str:
    """Of the project."""
    return metadata.version("digital-clusters")


def _latest(root: Path, page: Page) -> Measured | None:
    """The execution that the last build of the book used; runs with other parameters do not count."""
    kept = store(root).pinned(page.name)
    found = [entry for entry in kept if entry.page.is_file()]
    if not found:
        return None
    latest = max(found, key=lambda entry: entry.page.stat().st_mtime_ns)
    told = json.loads(latest.page.read_text(encoding="utf-8"))["metadata"]
    record, seconds = told[METADATA], float(told["papermill"]["duration"])
    return Measured(page.name, seconds, record["data"] or "none", record["commit"])

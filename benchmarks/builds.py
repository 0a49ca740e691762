"""Seconds of the whole book: from nothing, unchanged, with one notebook or one module changed.

Run ``python benchmarks/builds.py`` in a checkout without changes. The last commit is cloned to a temporary
folder, where its book of the synthetic twin is built four times by the installed environment; a build is a
process of its own, and what it saves is compared with what the first one saved.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STUDY = "collaborative_agglomeration"
"""Whose module of tables is changed."""

COLD, WARM = "whole book, from nothing", "whole book, nothing changed"
NOTEBOOK, MODULE = "whole book, one notebook changed", "whole book, one study's tables changed"
LIMITS = {COLD: {"seconds": 90}, WARM: {"seconds": 5}, NOTEBOOK: {"seconds": 20}, MODULE: {"others": 0}}
"""Path → what is asked of it: seconds of the clock, or pages of other studies that are executed, at most."""

LONGEST = 5
"""Pages of a build whose time is recorded by name."""


@dataclass(frozen=True)
class Built:
    """One build.

    Attributes
    ----------
    cpu, wall : float
        Seconds, of all processes and of the clock.
    peak : float
        Largest process, MiB.
    pages : dict of str to float
        Executed pages and their seconds, the longest first.
    cells : float
        Seconds of the executed pages' cells.
    html : float
        Seconds from the end of the last executed page to the end of the build; all of it without such a page.
    results : dict of str to str
        Texts of the estimates that the book's pages saved.
    """

    cpu: float
    wall: float
    peak: float
    pages: dict[str, float]
    cells: float
    html: float
    results: dict[str, str]

    def parts(self) -> dict[str, object]:
        """Where its time goes."""
        longest = dict(list(self.pages.items())[:LONGEST])
        whole = {"count": len(self.pages), "pages": sum(self.pages.values())}
        return whole | {"cells": self.cells, "html": self.html, "longest": longest}


def build(clone: Path) -> Built:
    """Build the book of a clone; the kernels of its pages count as its own."""
    command = [sys.executable, "-m", "digital_clusters.cli", "build"]
    environment = {**os.environ, "PYTHONPATH": str(clone / "src")}
    began, started = time.time(), time.perf_counter()
    child = subprocess.Popen(command, cwd=clone, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    wall, ended = time.perf_counter() - started, time.time()
    if child.returncode:
        raise SystemExit(f"the build ended with exit code {child.returncode}")
    files = [
        file for file in clone.glob("_build/cache/*/*/page.ipynb") if file.parent.stat().st_mtime > began
    ]
    told = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    seconds = {
        page["metadata"]["digital_clusters"]["page"]: page["metadata"]["papermill"]["duration"]
        for page in told
    }
    cells = [cell["metadata"].get("papermill", {}) for page in told for cell in page["cells"]]
    results = {
        file.name: file.read_text(encoding="utf-8") for file in (clone / "_build/results").glob("*.json")
    }
    return Built(
        cpu=usage.ru_utime + usage.ru_stime,
        wall=wall,
        peak=usage.ru_maxrss / 1024,
        pages=dict(sorted(seconds.items(), key=lambda named: -named[1])),
        cells=sum(cell.get("duration") or 0.0 for cell in cells),
        html=ended - max((file.stat().st_mtime for file in files), default=began),
        results=results,
    )


def change_notebook(clone: Path, cold: Built) -> None:
    """Add a cell to the notebook that takes the median time."""
    notebooks = [name for name in cold.pages if (clone / f"notebooks/{name}.py").is_file()]
    with (clone / f"notebooks/{notebooks[len(notebooks) // 2]}.py").open("a", encoding="utf-8") as file:
        file.write("\n# %%\n# nothing\n")


def change_module(clone: Path, cold: Built) -> None:
    """Add a line to a study's module of tables."""
    with (clone / f"src/digital_clusters/studies/{STUDY}/tables.py").open("a", encoding="utf-8") as file:
        file.write("# nothing\n")


def nothing(clone: Path, cold: Built) -> None:
    """Change no file."""


CHANGES: dict[str, Callable[[Path, Built], None]] = {
    WARM: nothing,
    NOTEBOOK: change_notebook,
    MODULE: change_module,
}
"""Path → what is done to the clone before the book is built again."""


def build_all() -> dict[str, Built]:
    """All four builds, in their order."""
    with tempfile.TemporaryDirectory(prefix="whole-book-") as place:
        clone = Path(place) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        cold = build(clone)
        found = {COLD: cold}
        for path, change in CHANGES.items():
            change(clone, cold)
            found[path] = build(clone)
        return found


def others(built: Built) -> int:
    """Executed pages of other studies than :data:`STUDY`; the book's own pages read all studies."""
    return sum(not name.startswith((f"{STUDY}/", "book/")) for name in built.pages)


def main() -> None:
    for path, built in build_all().items():
        print(f"{path:40}{built.cpu:8.1f} CPU s{built.wall:8.1f} s  {json.dumps(built.parts())}")


if __name__ == "__main__":
    main()

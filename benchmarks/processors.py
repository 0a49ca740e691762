"""Which numbers of the book depend on the type of processor, and from which digit on.

Run ``python benchmarks/processors.py`` after ``make book``, in a checkout without changes. The book is built
once more in a temporary clone, with the linear algebra of an older processor: OpenBLAS and numpy choose their
kernels by what the processor offers, and can be told to do with less. What differs goes to
``data/processors.yml``, which the status page shows.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from threadpoolctl import threadpool_info

from digital_clusters.pipeline.runs import git_commit
from digital_clusters.pipeline.upkeep.processors import (
    DIGITS,
    Processors,
    differing,
    saved_numbers,
    write_processors,
)

ROOT = Path(__file__).parents[1]
CORE = "Nehalem"
"""A processor of 2008, without AVX and without fused multiplication."""

OLDER = {"OPENBLAS_CORETYPE": CORE, "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4"}


def kernels_here() -> str:
    """What OpenBLAS uses on this machine."""
    import numpy.linalg  # noqa: F401  (loads the library that is asked)

    return next(info["architecture"] for info in threadpool_info() if info["internal_api"] == "openblas")


def built_elsewhere(folder: Path, data: str) -> Path:
    """Results of a build of the last commit by the older kernels."""
    clone = folder / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    environment = {**os.environ, **OLDER, "PYTHONPATH": str(clone / "src")}
    command = [sys.executable, "-m", "digital_clusters.cli", "build", "--data", data]
    subprocess.run(command, cwd=clone, env=environment, check=True)
    return clone / "_build" / "results"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--usual", type=Path, default=ROOT / "_build" / "results", help="results to compare with"
    )
    parser.add_argument("--data", default="twin")
    chosen = parser.parse_args()
    usual = saved_numbers(chosen.usual)
    if not usual:
        parser.error(f"{chosen.usual} holds no results: run make book first")
    made = {"date": f"{datetime.now(UTC):%F}", "commit": git_commit(ROOT)}
    with tempfile.TemporaryDirectory() as folder:
        found = differing(usual, saved_numbers(built_elsewhere(Path(folder), chosen.data)))
    record = Processors(kernels_here(), CORE, len(usual), DIGITS, found, **made)
    write_processors(ROOT, record)
    print(f"{len(found)} of {len(usual)} numbers differ in their first {DIGITS} digits")


if __name__ == "__main__":
    main()

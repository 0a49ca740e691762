"""A declared multiverse on one, two and four Dask workers of this machine, beside the same in one process.

Run ``python benchmarks/workers.py``. Every table must be the same to the byte. Workers are started and have
imported the package before the clock runs. The time of a task that does nothing says what the scheduler
costs. The record goes to ``data/results/workers.json``, which the page ``book/benchmarks`` shows.
"""

import argparse
import os
import pickle
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

from digital_clusters.analysis.frozen import freeze
from digital_clusters.files import remove
from digital_clusters.pipeline.hashing.files import file_hash
from digital_clusters.pipeline.points.spec_mode import PART, SpecSweep, open_spec_sweep, run_spec_sweep
from digital_clusters.pipeline.points.workers import address_of_workers, client_of, on_dask
from digital_clusters.pipeline.runs import git_commit

ROOT = Path(__file__).resolve().parents[1]
WORKERS = (1, 2, 4)
EMPTY = 1000
"""Tasks that do nothing."""


def timed(sweep: SpecSweep, runs: int, address: str | None = None) -> tuple[float, str]:
    """Median seconds of a whole run, and the hash of its table."""
    seconds, hashes = [], set()
    for _ in range(runs):
        remove(sweep.folder)
        started = perf_counter()
        table = run_spec_sweep(sweep, scheduler=address)
        seconds.append(perf_counter() - started)
        hashes.add(file_hash(table))
    (found,) = hashes
    return median(seconds), found


def nothing(task: int) -> int:
    return task


def one_empty_task(address: str) -> float:
    """Seconds of a task that does nothing, of many at once."""
    with client_of(address, print) as client:
        started = perf_counter()
        assert sum(1 for _ in on_dask(client, nothing, range(EMPTY), print)) == EMPTY
        return (perf_counter() - started) / EMPTY


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--study", default="virtual_agglomeration")
    parser.add_argument("--sample", type=int, default=1280, help="specifications drawn")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--out", type=Path, default=ROOT / "data" / "results")
    options = parser.parse_args()
    file = ROOT / "data" / "multiverse" / f"{options.study}.yml"
    with tempfile.TemporaryDirectory(prefix="workers-") as folder:
        sweep = open_spec_sweep(file, Path(folder), "twin", sample=options.sample)
        alone, table = timed(sweep, options.runs)
        rows = [{"workers": 0, "seconds": alone}]
        for workers in WORKERS:
            with address_of_workers(None, workers) as address:
                # the first run pays for the imports of the workers
                timed(sweep, 1, address)
                seconds, found = timed(sweep, options.runs, address)
                if workers == 1:
                    empty = one_empty_task(address)
            assert found == table, f"another table with {workers} workers"
            rows.append({"workers": workers, "seconds": seconds})
            print(rows[-1])
    points = len(sweep.plan.points)
    facts = {
        "multiverse": options.study,
        "points": points,
        "part": PART,
        "runs": options.runs,
        "rows": rows,
        "empty_task": empty,
        "panels_mib": len(pickle.dumps(dict(sweep.panels))) / 2**20,
        "part_kib": len(pickle.dumps(next(sweep.parts()))) / 2**10,
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
    }
    inputs = {str(path.relative_to(ROOT)): file_hash(path) for path in (Path(__file__).resolve(), file)}
    print(freeze("workers", {}, inputs, commit=git_commit(ROOT), facts=facts, folder=options.out))


if __name__ == "__main__":
    main()

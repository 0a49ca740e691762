"""Every path of the book's table of speed beside what a user would pick instead, in one run.

Run ``python benchmarks/run.py`` (or ``make bench``). Each way to do a path's work runs in a process of its
own, one after the other: a first call that pays for imports, then as many as fit into ``--seconds`` of CPU
time, at most five; a first call that takes four times as long is the only one. CPU seconds count, of all
threads: they are what other work on the machine changes least. A rival that is not installed is a row that
says so; ``benchmarks/rivals.txt`` lists them. The record goes to ``data/results/benchmarks.json``, which the
page ``book/benchmarks`` shows.
"""

import argparse
import json
import os
import platform
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache, partial
from importlib import metadata
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "POLARS_MAX_THREADS")
for variable in ONE_THREAD[:3]:
    os.environ.setdefault(variable, "1")

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
MOST_RUNS = 5
ONCE = 4
"""A first call of so many times the budget is the only one."""

FEW_PAGES = 6
NOT_INSTALLED = 4
"""Exit code of a way whose package is not there."""

STOREFRONTS = {"duckdb": "digital-clusters", "pandas": "pandas", "polars": "polars"}
PAGES = {"this package, sweep": "digital-clusters", "papermill command line": "papermill"}


def work(contest: int, entry: int, seconds: float) -> None:
    """In a process of its own: time one way and print what it took and found as JSON."""
    from contests import CONTESTS

    try:
        task = CONTESTS[contest].timed[entry].task()
        started, wall = process_time(), perf_counter()
        found = task()
    except ImportError as error:
        print(error.name)
        sys.exit(NOT_INSTALLED)
    taken, walls = [process_time() - started], [perf_counter() - wall]
    if taken[0] < ONCE * seconds:
        taken, walls = [], []
        while len(taken) < MOST_RUNS and sum(taken) < seconds:
            started, wall = process_time(), perf_counter()
            task()
            taken.append(process_time() - started)
            walls.append(perf_counter() - wall)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    timed = {"cpu": median(taken), "wall": median(walls), "runs": len(taken), "peak": peak}
    print(json.dumps(timed | {"found": found}))


def call(*words: str) -> dict | str:
    """What a process of this file's printed, or the name of what it misses."""
    told = subprocess.run([sys.executable, "-W", "ignore", *words], capture_output=True, text=True, cwd=HERE)
    lines = told.stdout.splitlines()
    if told.returncode == NOT_INSTALLED:
        return lines[-1]
    if told.returncode:
        raise SystemExit(f"{' '.join(words)} ended with exit code {told.returncode}:\n{told.stderr[-2000:]}")
    return json.loads(lines[-1])


def contest_rows(number: int, seconds: float) -> dict:
    """A path that is timed within one process for each way."""
    from contests import CONTESTS

    contest = CONTESTS[number]
    rows, reference = [], None
    for place, entry in enumerate(contest.entries):
        told = call(__file__, "--contest", str(number), "--entry", str(place), "--seconds", str(seconds))
        row = {"name": entry.name, "version": _version(entry.package), "note": entry.note}
        if isinstance(told, str):
            rows.append(row | {"missing": told})
            continue
        found = told.pop("found")
        reference = reference or found
        in_the_mean = contest.ties and found is not reference
        gap = tie_gap() if in_the_mean else _gap(reference, found)
        rows.append(row | told | {"pieces": entry.pieces, "gap": gap, "equal": gap <= contest.agrees})
    found = {
        "path": contest.path,
        "piece": contest.piece,
        "factor": contest.factor,
        "limits": contest.limits,
        "agrees": contest.agrees,
        "why": contest.why,
        "rows": rows,
    }
    if contest.floor is not None:
        place = str(len(contest.entries))
        told = call(__file__, "--contest", str(number), "--entry", place, "--seconds", str(seconds))
        found["floor"] = {"name": contest.floor.name, "cpu": told["cpu"]}
    return found


def tie_gap() -> float:
    """By how much the means over ties differ, in standard errors, as ``ties.py`` has recorded it."""
    from digital_clusters.analysis.frozen import load_frozen
    from digital_clusters.studies.trials.speed import TIES

    return abs(load_frozen(TIES).facts["difference"])


def _gap(reference: dict[str, float], found: dict[str, float]) -> float:
    """Largest difference of what both found: in standard errors where there are some, else relative."""
    scale = reference.get("error")
    common = [name for name in found if name in reference and name != "error"]
    if not common:
        raise SystemExit(f"nothing to compare: {list(found)[:3]} and {list(reference)[:3]}")
    return max(abs(found[n] - reference[n]) / (scale or abs(reference[n])) for n in common)


def _storefronts(count: int) -> str:
    return f"{count:,} storefront records counted"


def _pages(points: int) -> str:
    return f"{points} light notebooks"


def storefront_rows(count: int) -> dict:
    """Records counted out of core, each way in a process of its own."""
    import storefronts

    options = {
        "rows": count,
        "parts": 20,
        "threads": 2,
        "workers": 2,
        "memory_limit": "1GB",
        "pandas_gib": 20.0,
    }
    wanted, rows, reference = argparse.Namespace(**options), [], None
    with tempfile.TemporaryDirectory(prefix="storefront-records-") as folder:
        storefronts.generate(Path(folder), count, wanted.parts)
        for task, package in STOREFRONTS.items():
            name = "this package" if package == "digital-clusters" else task
            row = {"name": name, "version": _version(package), "note": ""}
            if row["version"] is None:
                rows.append(row | {"missing": package})
                continue
            told = storefronts.measure(task, folder, wanted.parts, wanted)
            if told is None:
                rows.append(row | {"missing": f"room: it needs more than {wanted.pandas_gib:g} GiB"})
                continue
            if package == "digital-clusters":
                less = storefronts.measure("duckdb, ids not compared", folder, wanted.parts, wanted)
            reference = reference or told
            same = all(told[key] == reference[key] for key in ("digest", "bad"))
            timed = {"cpu": told["cpu"], "wall": told["seconds"], "runs": 1, "peak": told["peak"] / 2**20}
            rows.append(row | timed | {"pieces": count, "gap": 0.0 if same else 1.0, "equal": same})
    return {
        "path": _storefronts(count),
        "piece": "records",
        "factor": 4,
        "limits": {"gib": 2},
        "agrees": 0.0,
        "why": "counts",
        "rows": rows,
        "floor": {"name": "the counting, ids not compared", "cpu": less["cpu"]},
    }


@cache
def _all_builds() -> dict:
    import builds

    return builds.build_all()


def book_rows(path: str) -> dict:
    """The whole book once more after a change, beside the build from nothing."""
    import builds

    built = _all_builds()
    ways = {"this package": path} | ({"full build": builds.COLD} if path != builds.COLD else {})
    rows = []
    for name, way in ways.items():
        one = built[way]
        same = one.results == built[builds.COLD].results
        timed = {"cpu": one.cpu, "wall": one.wall, "runs": 1, "peak": one.peak, "pieces": 1}
        told = {"name": name, "version": _version("digital-clusters"), "note": "", "gap": float(not same)}
        rows.append(told | timed | {"equal": same, "others": builds.others(one)})
    return {
        "path": path,
        "piece": "books",
        "factor": None,
        "limits": builds.LIMITS[path],
        "agrees": 0.0,
        "why": "saved numbers",
        "rows": rows,
        "parts": built[path].parts(),
    }


def country_rows(number: int) -> dict:
    """Every claim of a study in many countries."""
    import countries

    told = call(str(HERE / "countries.py"), "--countries", str(number))
    row = {"name": "this package", "version": _version("digital-clusters"), "note": countries.STUDY}
    row |= {key: told[key] for key in ("cpu", "wall", "peak")}
    return {
        "path": countries.path_of(number),
        "piece": "countries",
        "factor": None,
        "limits": {"seconds": countries.SECONDS * number / 200},
        "agrees": 0.0,
        "why": "no rival",
        "rows": [row | {"runs": 1, "pieces": number, "gap": 0.0, "equal": True}],
    }


def page_rows(points: int, papermill_points: int) -> dict:
    """A light notebook with many values of a parameter; the command line costs the same each time."""
    import light_pages

    rows, reference = [], None
    for way, package in PAGES.items():
        count = points if package == "digital-clusters" else papermill_points
        told = call(str(HERE / "light_pages.py"), "--way", way, "--points", str(count))
        row = {"name": way, "version": _version(package)}
        row["note"] = "" if count == points else f"{count} of them run: each costs the same"
        reference = reference or told["printed"]
        same = set(told.pop("printed")) <= set(reference)
        timed = {"runs": 1, "pieces": count, "gap": 0.0 if same else 1.0, "equal": same}
        rows.append(row | told | timed)
    return {
        "path": _pages(points),
        "piece": "notebooks",
        "factor": 6,
        "limits": {"a_second": 3} if points > papermill_points else {},
        "agrees": 0.0,
        "why": "printed text",
        "rows": rows,
        "floor": {"name": "the imports of the page, once", "cpu": light_pages.imports()},
    }


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _machine() -> dict:
    """What it ran on, and how busy that was."""
    import psutil

    return {
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "gib": round(psutil.virtual_memory().total / 2**30, 1),
        "load": round(os.getloadavg()[0], 1),
    }


def record(found: list[dict], planned: list[str], before: dict, commit: str, out: Path) -> Path:
    from digital_clusters.analysis.frozen import freeze
    from digital_clusters.pipeline.hashing.files import file_hash

    inputs = {f"benchmarks/{path.name}": file_hash(path) for path in sorted(HERE.glob("*.py"))}
    after = _machine()["load"]
    facts = {"machine": before | {"load_at_end": after}, "planned": planned, "contests": found}
    return freeze("benchmarks", {}, inputs, commit=commit, facts=facts, folder=out)


def show(contest: dict) -> None:
    print(f"\n{contest['path']}")
    for row in contest["rows"]:
        if "missing" in row:
            print(f"  {row['name']:36} not run: there is no {row['missing']}")
            continue
        rate = row["pieces"] / row["cpu"]
        equal = "equal" if row["equal"] else f"DIFFERS by {row['gap']:.2g}"
        taken = f"{row['cpu']:10.3f} CPU s{rate:14,.1f} a CPU-s{row['peak']:8,.0f} MiB"
        print(f"  {row['name']:36}{taken}  {equal}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="paths with this word in their name; nothing is recorded")
    parser.add_argument(
        "--seconds", type=float, default=4.0, help="CPU time of the repeated calls of one way"
    )
    parser.add_argument("--records", type=int, default=50_000_000, help="storefronts")
    parser.add_argument("--points", type=int, default=200, help="light notebooks of the sweep")
    parser.add_argument("--countries", type=int, default=200, help="in which claims are tested")
    parser.add_argument("--kept", type=Path, help="folder for finished paths: a run that was ended goes on")
    parser.add_argument("--out", type=Path, default=ROOT / "data" / "results", help="folder of the record")
    for inner in ("contest", "entry"):
        parser.add_argument(f"--{inner}", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.contest is not None:
        work(options.contest, options.entry, options.seconds)
        return
    from digital_clusters.pipeline.runs import git_commit

    before, commit, found = _machine(), git_commit(ROOT), []
    wanted = races(options)
    for path, make in wanted.items():
        if options.only in path:
            found.append(kept(options.kept, path, make))
            show(found[-1])
    if not options.only:
        print(f"\n{record(found, list(wanted), before, commit, options.out)}")


def races(options: argparse.Namespace) -> dict[str, Callable[[], dict]]:
    """Every path, and what times it."""
    import builds
    import countries
    from contests import CONTESTS

    found = {c.path: partial(contest_rows, k, options.seconds) for k, c in enumerate(CONTESTS)}
    for points in (FEW_PAGES, options.points):
        found[_pages(points)] = partial(page_rows, points, FEW_PAGES)
    found[_storefronts(options.records)] = partial(storefront_rows, options.records)
    found[countries.path_of(options.countries)] = partial(country_rows, options.countries)
    return found | {path: partial(book_rows, path) for path in builds.LIMITS}


def kept(folder: Path | None, path: str, make: Callable[[], dict]) -> dict:
    """A path timed now, or read where a run that was ended has left it."""
    if folder is None:
        return make()
    place = folder / f"{re.sub(r'[^a-z0-9]+', '-', path.lower())}.json"
    if not place.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(make()), encoding="utf-8")
    return json.loads(place.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()

"""Seconds and memory to count storefront records by city, industry and year, beside pandas and polars.

Run ``python benchmarks/storefronts.py``. Made-up records are written to a temporary folder, a part a file;
each way to count them then runs in a process of its own. pandas is given more and more files until it does
not fit below ``--pandas-gib`` of address space (Linux).
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

CITIES, YEARS, LATEST = range(900_001, 900_291), range(2008, 2020), 2021
INDUSTRIES = "ABCDEFGHIJKLMNOPQRS"
BAD_EVERY = 1000
"""One record in so many closed before it opened, one has an unknown city, one the id of another."""

ROW_GROUP = 122_880
"""DuckDB's own: its threads share a file by groups of rows."""

SAMPLE_SECONDS = 0.1
OUT_OF_MEMORY = 3
"""Exit code of a process that did not fit into its memory."""

SHARES = (1 / 5, 2 / 5, 3 / 5, 4 / 5, 1)
"""Of the files, in the order in which pandas is given them."""


def generate(folder: Path, rows: int, parts: int) -> None:
    """Write the records, one part in memory at a time."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    edges = np.linspace(0, rows, parts + 1).astype(int)
    for part, (start, end) in enumerate(zip(edges, edges[1:], strict=False)):
        rng, n = np.random.default_rng([0, part]), end - start
        shop = np.arange(start, end)
        opened = rng.integers(YEARS[0], LATEST + 1, n)
        closed = opened + rng.geometric(0.09, n)
        city = rng.integers(CITIES[0], CITIES[-1] + 1, n)
        bad = rng.integers(0, BAD_EVERY, n)
        closed = np.where(bad == 0, opened - 1, closed)
        city = np.where(bad == 1, 7, city)
        shop = np.where((bad == 2) & (shop > start), shop - 1, shop)
        columns = {
            "storefront": shop,
            "city": city,
            "industry": pa.DictionaryArray.from_arrays(
                rng.integers(0, len(INDUSTRIES), n).astype("int8"), list(INDUSTRIES)
            ),
            "opened": opened.astype("int16"),
            "closed": pa.array(closed.astype("int16"), mask=closed > LATEST),
        }
        pq.write_table(pa.table(columns), folder / f"part-{part:04}.parquet", row_group_size=ROW_GROUP)


def ours(files: list[str], wanted: argparse.Namespace, **options) -> tuple:
    """:func:`aggregate_storefronts`: values in the order city, industry, year, and bad rows."""
    from digital_clusters.sources.storefronts import aggregate_storefronts

    found = aggregate_storefronts(
        files,
        cities=CITIES,
        first_year=YEARS[0],
        last_year=YEARS[-1],
        latest=LATEST,
        memory_limit=wanted.memory_limit,
        threads=wanted.threads,
        **options,
    )
    return found.counts[["open", "opened", "closed"]].to_numpy(), int(found.rejected["rows"].sum())


def pandas(files: list[str], wanted: argparse.Namespace) -> tuple:
    """All rows at once: drop bad rows, count openings and closings, add up over years."""
    import pandas as pd

    records = pd.read_parquet(files)
    rows = len(records)
    good = records["city"].isin(CITIES) & records["industry"].isin(list(INDUSTRIES))
    good &= (records["opened"] <= LATEST) & ~(records["closed"] < records["opened"])
    order = ["storefront", "opened", "closed", "city", "industry"]
    records = records[good].sort_values(order).drop_duplicates("storefront")
    every = pd.MultiIndex.from_product([CITIES, list(INDUSTRIES), YEARS])
    counted = {}
    for event in ("opened", "closed"):
        sizes = records.groupby(["city", "industry", event], observed=True).size()
        counted[event] = sizes.reindex(every, fill_value=0)
    change = counted["opened"] - counted["closed"]
    stock = change.groupby(level=[0, 1]).cumsum()
    return pd.concat([stock, counted["opened"], counted["closed"]], axis=1).to_numpy(), rows - len(records)


def polars(files: list[str], wanted: argparse.Namespace) -> tuple:
    """The same with lazy frames, streamed."""
    import pandas as pd
    import polars as pl

    records = pl.scan_parquet(files).with_columns(pl.col("industry").cast(pl.String))
    good = pl.col("city").is_in(list(CITIES)) & pl.col("industry").is_in(list(INDUSTRIES))
    good &= (pl.col("opened") <= LATEST) & (
        pl.col("closed").is_null() | (pl.col("closed") >= pl.col("opened"))
    )
    order = ["opened", "closed", "city", "industry"]
    first = [pl.col(name).sort_by(order, nulls_last=True).first() for name in order]
    kept = records.filter(good).group_by("storefront").agg(first).select(order).collect(engine="streaming")
    rows = records.select(pl.len()).collect().item()
    every = pd.MultiIndex.from_product([CITIES, list(INDUSTRIES), YEARS])
    counted = {}
    for event in ("opened", "closed"):
        sizes = kept.group_by(["city", "industry", event]).len().drop_nulls()
        index = pd.MultiIndex.from_arrays([sizes[name].to_list() for name in ("city", "industry", event)])
        counted[event] = pd.Series(sizes["len"].to_numpy().astype("int64"), index=index).reindex(
            every, fill_value=0
        )
    stock = (counted["opened"] - counted["closed"]).groupby(level=[0, 1]).cumsum()
    counts = pd.concat([stock, counted["opened"], counted["closed"]], axis=1).to_numpy()
    return counts, rows - len(kept)


TASKS = {
    "duckdb": ours,
    "duckdb, ids not compared": lambda files, wanted: ours(files, wanted, duplicates="ignore"),
    "dask": lambda files, wanted: ours(files, wanted, engine="dask", workers=wanted.workers),
    "pandas": pandas,
    "polars": polars,
}


def work(task: str, wanted: argparse.Namespace) -> None:
    """In a process of its own: run one task on the first files and print what came out as JSON."""
    files = sorted(str(path) for path in Path(wanted.folder).glob("*.parquet"))[: wanted.files]
    if task == "pandas":
        import resource

        limit = int(wanted.pandas_gib * 2**30)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    started = time.perf_counter()
    try:
        counts, bad = TASKS[task](files, wanted)
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)
    seconds = time.perf_counter() - started
    digest = hashlib.sha256(counts.astype("int64").tobytes()).hexdigest()
    print(json.dumps({"seconds": seconds, "bad": bad, "digest": digest}))


def measure(task: str, folder: str, files: int, wanted: argparse.Namespace) -> dict | None:
    """Run one task in a new process: what it printed and its peak of memory; ``None`` if out of memory.

    The peak is the larger of the process's own high-water mark and of the sampled sum over it and its
    children.
    """
    options = vars(wanted) | {"task": task, "folder": folder, "files": files}
    words = [f"--{name.replace('_', '-')}={value}" for name, value in options.items() if value is not None]
    child = subprocess.Popen([sys.executable, __file__, *words], stdout=subprocess.PIPE, text=True)
    peaks = [0]
    sampler = threading.Thread(target=_sample, args=(child.pid, peaks))
    sampler.start()
    printed = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    sampler.join()
    if child.returncode == OUT_OF_MEMORY:
        return None
    if child.returncode:
        raise SystemExit(f"{task} ended with exit code {child.returncode}")
    own = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    cpu = usage.ru_utime + usage.ru_stime
    return json.loads(printed) | {"peak": max(peaks[0], own), "cpu": cpu}


def _sample(pid: int, peaks: list[int]) -> None:
    """Highest sum of resident memory over a process and its children, until it ends."""
    import psutil

    try:
        process = psutil.Process(pid)
        while process.status() != psutil.STATUS_ZOMBIE:
            total = 0
            for member in [process, *process.children(recursive=True)]:
                try:
                    total += member.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            peaks[0] = max(peaks[0], total)
            time.sleep(SAMPLE_SECONDS)
    except psutil.NoSuchProcess:
        return


def report(name: str, rows: int, found: dict, agrees: str) -> None:
    print(
        f"{name:34} {rows:>12,} {found['seconds']:9.1f} {rows / found['seconds']:>13,.0f} "
        f"{found['peak'] / 2**20:>10,.0f}   {agrees}",
        flush=True,
    )


def compare(wanted: argparse.Namespace, folder: str) -> None:
    """Measure every task and print the table."""
    rows, parts = wanted.rows, wanted.parts
    reference = measure("duckdb", folder, parts, wanted)
    report("this package", rows, reference, f"{reference['bad']:,} bad rows")
    fast = measure("duckdb, ids not compared", folder, parts, wanted)
    report("this package, ids not compared", rows, fast, f"{fast['bad']:,} bad rows")
    spread = measure("dask", folder, parts, wanted)
    agrees = {True: "same counts", False: "OTHER COUNTS"}
    report(f"this package, Dask, {wanted.workers} workers", rows, spread, agrees[_same(spread, reference)])
    for share in SHARES:
        files = max(1, round(share * parts))
        some = rows * files // parts
        found = measure("pandas", folder, files, wanted)
        if found is None:
            print(f"{'pandas':34} {some:>12,} does not fit below {wanted.pandas_gib:g} GiB of address space")
            return
        mine = reference if files == parts else measure("duckdb", folder, files, wanted)
        report("pandas", some, found, agrees[_same(found, mine)])


def _same(found: dict, reference: dict) -> bool:
    return all(found[key] == reference[key] for key in ("digest", "bad"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    numbers = {"rows": 50_000_000, "parts": 20, "threads": 2, "workers": 2}
    for name, default in numbers.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--memory-limit", default="1GB", help="of DuckDB, for each process")
    parser.add_argument("--pandas-gib", type=float, default=8.0, help="address space of pandas")
    for inner in ("task", "folder"):
        parser.add_argument(f"--{inner}", help=argparse.SUPPRESS)
    parser.add_argument("--files", type=int, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.task == "generate":
        generate(Path(wanted.folder), wanted.rows, wanted.parts)
    elif wanted.task:
        work(wanted.task, wanted)
    else:
        with tempfile.TemporaryDirectory(prefix="storefront-records-") as folder:
            words = [
                "--task=generate",
                f"--folder={folder}",
                f"--rows={wanted.rows}",
                f"--parts={wanted.parts}",
            ]
            subprocess.run([sys.executable, __file__, *words], check=True)
            size = sum(path.stat().st_size for path in Path(folder).iterdir())
            print(
                f"{wanted.rows:,} made-up records, {wanted.parts} Parquet files, {size / 2**20:,.0f} MiB; "
                f"DuckDB with {wanted.threads} threads and {wanted.memory_limit}"
            )
            print(f"{'':34} {'rows':>12} {'seconds':>9} {'rows/second':>13} {'peak MiB':>10}")
            compare(wanted, folder)


if __name__ == "__main__":
    main()

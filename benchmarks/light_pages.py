"""CPU seconds of a light notebook run with many values of a parameter: the papermill command line, a sweep.

Run ``python benchmarks/light_pages.py``. The notebook imports this package and estimates one regression on
fifty made-up units. Both ways run in processes of their own, two pages at a time; what pages print is
compared.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "src"
FIRST = 2
JOBS = 2

PAGE = """\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% tags=["parameters"]
data = "twin"
draws = 2

# %%
import numpy as np
import pandas as pd

from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects
from digital_clusters.estimators.resampling.simulated_panels import correlated_effects

# %%
draw = correlated_effects(np.random.default_rng(draws), n_units=50, n_years=6)
slopes = two_way_fixed_effects(draw.y, draw.d, entity=draw.entity, time=draw.time, terms=["d"])
print(pd.Series(slopes["d"], index=["slope", "error"]))
"""

FILES = {
    "_toc.yml": "format: jb-book\nroot: book/index\nparts:\n- chapters:\n  - file: notebooks/light/page\n",
    "_config.yml": "title: Light pages\n",
    "book/index.md": "# Light pages\n",
    "requirements.lock": "",
    "src/nothing.py": "",
    "data/none.yml": "",
    "notebooks/light/page.py": PAGE,
}


def make(root: Path, points: int) -> None:
    """Write the project, its sweep, and the notebook as papermill reads it."""
    import jupytext

    values = list(range(FIRST, FIRST + points))
    for name, text in {**FILES, "sweep.yml": f"notebook: light/page\ngrid:\n  draws: {values}\n"}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    notebook = jupytext.reads(PAGE, fmt="py:percent")
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    jupytext.write(notebook, root / "page.ipynb", fmt="ipynb")


def environment() -> dict[str, str]:
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    return {**os.environ, **one, "PYTHONPATH": str(SOURCE)}


def sweep(root: Path, points: int) -> None:
    command = [sys.executable, "-m", "digital_clusters.cli", "sweep", "sweep.yml", "--jobs", str(JOBS)]
    subprocess.run(command, cwd=root, env=environment(), check=True, capture_output=True)


def papermill(root: Path, points: int) -> None:
    def one(value: int) -> None:
        out = root / "out" / f"{value}.ipynb"
        command = [sys.executable, "-m", "papermill", "page.ipynb", str(out), "-p", "draws", str(value)]
        subprocess.run(command, cwd=root, env=environment(), check=True, capture_output=True)

    (root / "out").mkdir()
    with ThreadPoolExecutor(JOBS) as pool:
        list(pool.map(one, range(FIRST, FIRST + points)))


WAYS = {"this package, sweep": sweep, "papermill command line": papermill}


def printed(root: Path, way: str) -> list[str]:
    """What each page printed, in an order that both ways have."""
    folder = root / ("out" if way == "papermill command line" else "_build/sweeps/sweep")
    pages = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.ipynb")]
    return sorted(str(page["cells"][-1]["outputs"][0]["text"]) for page in pages)


def measure(way: str, points: int) -> dict:
    """Seconds, CPU seconds and the largest process of one way, and what the pages printed."""
    with tempfile.TemporaryDirectory(prefix="light-pages-") as place:
        root = Path(place)
        make(root, points)
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        WAYS[way](root, points)
        wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return {"cpu": cpu, "wall": wall, "peak": after.ru_maxrss / 1024, "printed": printed(root, way)}


def imports() -> float:
    """CPU seconds of a process that imports what the page imports."""
    lines = [line for line in PAGE.splitlines() if line.startswith(("import ", "from "))]
    child = subprocess.Popen([sys.executable, "-c", "\n".join(lines)], env=environment())
    usage = os.wait4(child.pid, 0)[2]
    child.returncode = 0
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=6)
    parser.add_argument("--way", choices=WAYS, help="only this one, as JSON")
    options = parser.parse_args()
    if options.way:
        print(json.dumps(measure(options.way, options.points)))
        return
    found = {way: measure(way, options.points) for way in WAYS}
    for way, told in found.items():
        rate = options.points / told["wall"]
        print(f"{way:26}{told['cpu']:8.2f} CPU s {told['wall']:8.2f} s {rate:6.2f} a second")
    first, *others = [told["printed"] for told in found.values()]
    print("same pages" if all(first == other for other in others) else "OTHER PAGES")


if __name__ == "__main__":
    main()

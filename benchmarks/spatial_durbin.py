"""Seconds and memory of a spatial Durbin panel: ``spreg`` and this package, and how cost grows with units.

Run ``python benchmarks/spatial_durbin.py``. Memory and the larger panels are measured in processes of their
own; the last table interleaves the tasks in one process. ``spreg`` makes no intervals of effects. It is left
out above ``--spreg-units``: at 3,000 units it needs more than seven gigabytes.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import partial
from io import StringIO
from time import perf_counter

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np
from timing import interleave

from digital_clusters.estimators.spatial.durbin import spatial_panel
from digital_clusters.estimators.spatial.effects import spatial_effects
from digital_clusters.estimators.spatial.simulated import SpatialDraw, durbin_panel, near_neighbours

YEARS, RHO = 18, 0.4
BETA, THETA = (1.0, 0.5, -0.5, 0.2), (0.5, 0.2, 0.3, -0.2)
GROWTH = (285, 1000, 3000)


def panel(units: int) -> SpatialDraw:
    """Unit effects but no year effects, which ``spreg`` cannot remove."""
    rng = np.random.default_rng(1)
    w = near_neighbours(rng, units, neighbours=5)
    return durbin_panel(rng, w, n_years=YEARS, rho=RHO, beta=BETA, theta=THETA, year_strength=0)


def with_spreg(draw: SpatialDraw) -> Callable[[], str]:
    """``ML_LagFE`` on data in the order it wants, which is not timed."""
    import libpysal
    from scipy import sparse
    from spreg import ML_LagFE

    order = np.lexsort((draw.entity, draw.time))
    y, x = draw.y[order].reshape(-1, 1), draw.x[order]
    w = libpysal.weights.WSP(sparse.csr_matrix(draw.w)).to_W(silence_warnings=True)

    def task() -> str:
        with redirect_stdout(StringIO()):  # it prints its own name
            fit = ML_LagFE(y, x, w, slx_lags=1, spat_impacts="full")
        return f"{fit.betas[-1].item():.6f}"

    return task


def with_package(draw: SpatialDraw, *, effects: str, intervals: bool) -> Callable[[], str]:
    """:func:`spatial_panel`, and effects by 1,000 draws and by the delta method on request."""
    terms = [f"x{j}" for j in range(draw.x.shape[1])]

    def task() -> str:
        fit = spatial_panel(
            draw.y, draw.x, draw.w, entity=draw.entity, time=draw.time, terms=terms, effects=effects
        )
        if intervals:
            spatial_effects(fit, draws=1000)
            spatial_effects(fit, intervals="delta")
        return f"{fit.rho:.6f} ({fit.log_determinant.method})"

    return task


TASKS = {
    "spreg ML_LagFE, individual effects": with_spreg,
    "this package, individual effects": partial(with_package, effects="individual", intervals=False),
    "the same with all effects and intervals": partial(with_package, effects="individual", intervals=True),
    "two-way, all effects and intervals": partial(with_package, effects="two_way", intervals=True),
}
"""Name → function of a panel that gives a task, which returns ρ as text."""


def alone(name: str, units: int) -> dict:
    """Seconds and peak memory of a task in a process of its own."""
    command = [sys.executable, __file__, "--task", name, "--units", str(units)]
    return json.loads(
        subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1]
    )


def run_alone(name: str, units: int) -> None:
    task = TASKS[name](panel(units))
    before = _peak_megabytes()
    started = perf_counter()
    rho = task()
    seconds = perf_counter() - started
    print(json.dumps({"rho": rho, "seconds": seconds, "before": before, "peak": _peak_megabytes()}))


def _peak_megabytes() -> float:
    """Largest resident memory so far; the unit is kilobytes on Linux and bytes on macOS."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024**2 if sys.platform == "darwin" else 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--spreg-units", type=int, default=1000, help="largest panel given to spreg")
    parser.add_argument("--units", type=int, default=GROWTH[0])
    parser.add_argument("--task", help="run this one task once and print what it took")
    options = parser.parse_args()
    if options.task:
        run_alone(options.task, options.units)
        return
    # A child process inherits the peak of its parent: measured before spreg is imported here.
    print("one run in a process of its own; memory in MB")
    print(f"{'units':50}{'seconds':>9}{'before':>8}{'peak':>8}  rho")
    for units in GROWTH:
        for name in TASKS:
            if name.startswith("spreg") and units > options.spreg_units:
                continue
            found = alone(name, units)
            line = f"{units:5d}  {name:43}{found['seconds']:9.3f}{found['before']:8.0f}{found['peak']:8.0f}"
            print(f"{line}  {found['rho']}")
    draw = panel(options.units)
    print(f"\n{options.units} units × {YEARS} years, true rho {RHO}, medians of {options.runs} runs")
    print(f"{'':42}{'ms':>9}  rho")
    ready = {name: prepare(draw) for name, prepare in TASKS.items()}
    for name, (seconds, rho) in interleave(ready, options.runs).items():
        print(f"{name:42}{1000 * seconds:9.1f}  {rho}")


if __name__ == "__main__":
    main()

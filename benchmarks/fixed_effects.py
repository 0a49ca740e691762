"""Seconds of one two-way fixed-effects estimate: ``linearmodels`` directly, dummies, and this package.

Run ``python benchmarks/fixed_effects.py``; ``--units`` and ``--years`` change the made-up panel.
"""

import argparse
import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np
import pandas as pd
from timing import interleave

from digital_clusters.estimators.panel.demeaning import indicators
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects
from digital_clusters.estimators.resampling.simulated_panels import PanelDraw, correlated_effects


def direct(draw: PanelDraw) -> tuple[float, float]:
    """``PanelOLS`` as its manual shows it, clustered by entity."""
    from linearmodels.panel import PanelOLS

    index = pd.MultiIndex.from_arrays([draw.entity, draw.time])
    x = np.hstack([draw.d, draw.x])
    frame = pd.DataFrame(x, index=index, columns=[f"x{j}" for j in range(x.shape[1])])
    model = PanelOLS(pd.Series(draw.y, index=index), frame, entity_effects=True, time_effects=True)
    fit = model.fit(cov_type="clustered", cluster_entity=True)
    return float(fit.params["x0"]), float(fit.std_errors["x0"])


def dummies(draw: PanelDraw) -> tuple[float, float]:
    """Least squares with every dummy; no error."""
    w = np.hstack([draw.d, draw.x, indicators(draw.entity), indicators(draw.time, drop_first=True)])
    return float(np.linalg.lstsq(w, draw.y, rcond=None)[0][0]), float("nan")


def ours(draw: PanelDraw) -> tuple[float, float]:
    """:func:`two_way_fixed_effects`, with its checks."""
    terms = [f"x{j}" for j in range(1 + draw.x.shape[1])]
    x = np.hstack([draw.d, draw.x])
    return two_way_fixed_effects(draw.y, x, entity=draw.entity, time=draw.time, terms=terms)["x0"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--units", type=int, default=281)
    parser.add_argument("--years", type=int, default=10)
    options = parser.parse_args()
    draw = correlated_effects(np.random.default_rng(1), n_units=options.units, n_years=options.years)
    tasks = {"linearmodels": lambda: direct(draw), "this package": lambda: ours(draw)}
    if options.units <= 500:
        tasks["dummies, numpy"] = lambda: dummies(draw)
    print(f"{len(draw.y)} rows, true coefficient {draw.theta}, {options.runs} runs")
    print(f"{'':20}{'ms':>9}{'estimate':>10}{'s.e.':>8}")
    for name, (seconds, (coefficient, error)) in interleave(tasks, options.runs).items():
        print(f"{name:20}{1000 * seconds:9.1f}{coefficient:10.4f}{error:8.4f}")


if __name__ == "__main__":
    main()

"""Seconds for the Gini coefficient of every city-year: pairs, ``groupby``, and this package.

Run ``python benchmarks/gini.py``; ``--cities``, ``--years`` and ``--units`` change the made-up lights.
"""

import argparse
import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np
import pandas as pd
from timing import interleave

from digital_clusters.measures.indicators.inequality import gini_by_group


def pairs(lights: pd.DataFrame) -> np.ndarray:
    """The double sum of the definition, one matrix a group."""
    return lights.groupby("group")["radiance"].agg(pairwise).to_numpy()


def pairwise(values: pd.Series) -> float:
    x = values.to_numpy()
    return float(np.abs(x[:, None] - x).sum() / (2 * x.size**2 * x.mean()))


def grouped(lights: pd.DataFrame) -> np.ndarray:
    """The sorted form with pandas: sort once, weigh by rank, sum by group."""
    ordered = lights.sort_values(["group", "radiance"])
    groups = ordered.groupby("group")["radiance"]
    n = groups.transform("size")
    weight = 2 * (groups.cumcount() + 1) - n - 1
    return (
        (weight * ordered["radiance"]).groupby(ordered["group"]).sum() / (groups.size() * groups.sum())
    ).to_numpy()


def ours(lights: pd.DataFrame) -> np.ndarray:
    """:func:`gini_by_group`, with its checks."""
    return gini_by_group(lights["radiance"].to_numpy(), lights["group"].to_numpy())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("cities", 253), ("years", 11), ("units", 158), ("runs", 5)):
        parser.add_argument(f"--{name}", type=int, default=default)
    wanted = parser.parse_args()
    groups = np.repeat(np.arange(wanted.cities * wanted.years), wanted.units)
    radiance = np.random.default_rng(0).lognormal(sigma=1.0, size=groups.size)
    order = np.random.default_rng(1).permutation(groups.size)
    lights = pd.DataFrame({"group": groups[order], "radiance": radiance[order]})
    tasks = {
        "pairs": lambda: pairs(lights),
        "pandas": lambda: grouped(lights),
        "this package": lambda: ours(lights),
    }
    found = interleave(tasks, wanted.runs)
    reference = found["pairs"][1]
    print(
        f"{groups.size:,} lights in {wanted.cities * wanted.years:,} city-years, median of {wanted.runs} runs"
    )
    for name, (seconds, values) in found.items():
        print(
            f"{name:14} {1000 * seconds:8.1f} ms   largest difference {np.abs(values - reference).max():.1e}"
        )


if __name__ == "__main__":
    main()

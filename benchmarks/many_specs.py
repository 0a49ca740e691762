"""Two-way regressions a CPU-second: every subset of the controls of one panel, errors clustered by city.

Run ``python benchmarks/many_specs.py``. A rival that is not installed is left out and named; each runs the
first ``--rival-specs`` of the same regressions, and what all of them find is compared. ``--units``,
``--years`` and ``--controls`` change the made-up panel.
"""

import argparse
import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import resource
from collections.abc import Callable
from statistics import median
from time import process_time

import numpy as np
import pandas as pd

from digital_clusters.analysis.joint_null import joint_tests
from digital_clusters.analysis.many_specs.fits import control_subsets, fit_many
from digital_clusters.analysis.spec import Spec
from digital_clusters.estimators.many_specs.two_way import (
    all_choices,
    entity_products,
    many_influences,
    many_slopes,
)
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects
from digital_clusters.estimators.resampling.simulated_panels import correlated_effects
from digital_clusters.measures.panel import Panel

DRAWS = 1999
AGREES = 1e-6
"""Relative difference of estimates and errors between packages that counts as none."""


class Made:
    """The made-up panel and its regressions."""

    def __init__(self, units: int, years: int, controls: int):
        draw = correlated_effects(
            np.random.default_rng(1), n_units=units, n_years=years, n_covariates=controls, persistence=0.5
        )
        self.names = ["d", *(f"x{j}" for j in range(controls))]
        self.y, self.x = draw.y, np.hstack([draw.d, draw.x])
        self.keys = {"entity": draw.entity, "time": draw.time}
        self.choices = all_choices([True, *[False] * controls])
        columns = dict(zip(self.names, self.x.T, strict=True))
        self.frame = pd.DataFrame({"city": draw.entity, "year": 2000 + draw.time, "y": draw.y, **columns})

    def chosen(self, k: int) -> list[str]:
        return [name for name, wanted in zip(self.names, self.choices[k], strict=True) if wanted]


def batch(made: Made, count: int):
    products = entity_products(made.y, made.x, **made.keys, terms=made.names)
    found = many_slopes(products, made.choices[:count], "d")
    return found.values, found.errors


def specs(made: Made, count: int):
    first, last = int(made.frame["year"].min()), int(made.frame["year"].max())
    said = {"outcome": "y", "treatment": "d", "first_year": first, "last_year": last}
    base = Spec(method="two_way_fixed_effects", errors="clustered", controls=tuple(made.names[1:]), **said)
    found = fit_many(control_subsets(base)[:count], Panel.of(made.frame)).table
    return found["value"].to_numpy(), found["error"].to_numpy()


def one_at_a_time(made: Made, count: int):
    return _columns(
        two_way_fixed_effects(made.y, made.x[:, made.choices[k]], **made.keys, terms=made.chosen(k))["d"]
        for k in range(count)
    )


def linearmodels(made: Made, count: int):
    from linearmodels.panel import PanelOLS

    data = made.frame.set_index(["city", "year"])

    def one(k):
        model = PanelOLS(data["y"], data[made.chosen(k)], entity_effects=True, time_effects=True)
        fit = model.fit(cov_type="clustered", cluster_entity=True)
        return float(fit.params["d"]), float(fit.std_errors["d"])

    return _columns(one(k) for k in range(count))


def pyfixest(made: Made, count: int):
    import pyfixest as pf

    def one(k):
        fit = pf.feols(f"y ~ {' + '.join(made.chosen(k))} | city + year", made.frame, vcov={"CRV1": "city"})
        return float(fit.coef()["d"]), float(fit.se()["d"])

    return _columns(one(k) for k in range(count))


def _columns(pairs):
    return tuple(np.array(list(pairs)).T)


def cpu_seconds(task: Callable, runs: int) -> tuple[float, object]:
    """Median CPU time of some runs after one that pays for imports, and what the task gives."""
    result, seconds = task(), []
    for _ in range(runs):
        started = process_time()
        task()
        seconds.append(process_time() - started)
    return median(seconds), result


def _line(name: str, count: int, seconds: float, agreement: str) -> None:
    print(f"{name:44}{count:8,}{seconds:10.3f}{count / seconds:12,.0f}  {agreement}")


def regressions(made: Made, runs: int, rival_specs: int) -> None:
    print(f"{'regressions':44}{'number':>8}{'CPU s':>10}{'a CPU-s':>12}  estimate and error")
    tasks = {
        "this package, arrays": (batch, len(made.choices)),
        "this package, specifications on a panel": (specs, len(made.choices)),
        "this package, one at a time": (one_at_a_time, rival_specs),
        "pyfixest feols": (pyfixest, rival_specs),
        "linearmodels PanelOLS": (linearmodels, rival_specs),
    }
    reference = None
    for name, (task, count) in tasks.items():
        try:
            seconds, found = cpu_seconds(lambda task=task, count=count: task(made, count), runs)
        except ImportError as error:
            print(f"{name:44} is not installed ({error.name})")
            continue
        reference = reference or found
        gaps = [np.max(np.abs(a / b[: len(a)] - 1)) for a, b in zip(found, reference, strict=True)]
        _line(name, count, seconds, _agreement(gaps))


def _agreement(gaps: list[float]) -> str:
    words = ["equal" if gap < AGREES else f"within {gap:.1g}" for gap in gaps]
    return ", ".join(words)


def joint(made: Made, runs: int) -> None:
    products = entity_products(made.y, made.x, **made.keys, terms=made.names)
    chosen = made.choices[:: max(1, len(made.choices) // 512)]
    found = many_slopes(products, chosen, "d")

    def test():
        moved = many_influences(products, chosen, "d")
        return joint_tests(found.values, found.errors, moved, sign=1, draws=DRAWS, seed=1)

    seconds, _ = cpu_seconds(test, runs)
    print(f"\njoint test, {len(chosen)} regressions and {DRAWS:,} draws of cities, influences included")
    print(f"{len(chosen) * DRAWS / seconds:,.0f} regression-draws a CPU-second")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--units", type=int, default=285)
    parser.add_argument("--years", type=int, default=12)
    parser.add_argument("--controls", type=int, default=12)
    parser.add_argument("--rival-specs", type=int, default=20)
    options = parser.parse_args()
    made = Made(options.units, options.years, options.controls)
    print(f"{len(made.y):,} rows, {options.controls} controls, one thread, medians of {options.runs} runs\n")
    regressions(made, options.runs, options.rival_specs)
    joint(made, options.runs)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")


if __name__ == "__main__":
    main()

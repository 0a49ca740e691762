"""How often the joint tests of specification curves reject where there is no effect, each by its defaults.

Run ``python benchmarks/joint_size.py``. Panels of sixty units and ten years have a treatment and errors that
persist within units, and no effect; a curve has every subset of two controls (phack: its three nested sets).
Every package runs its default test, with its default number of draws. Two of them absorb no effects of units
and years: they are given columns without them. What is done is kept in ``--kept``, so that a run that is
ended goes on where it was; the table goes to ``data/results/joint_test_rivals.json``.
"""

import argparse
import json
import os
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from time import process_time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np
import pandas as pd

from digital_clusters.analysis.joint_null import joint_tests
from digital_clusters.estimators.many_specs.two_way import (
    all_choices,
    entity_products,
    many_influences,
    many_slopes,
)
from digital_clusters.estimators.panel.demeaning import demean_two_way
from digital_clusters.estimators.resampling.simulated_panels import autocorrelated

ROOT = Path(__file__).resolve().parents[1]
SEED = 20261126
UNITS, YEARS, PERSISTENCE = 60, 10, 0.8
CONTROLS = ["a", "b"]
DRAWS = 499
LEVEL = 0.05
PHACK_DRAWS, ROBUSTIPY_DRAWS = 200, 100
"""phack's default; robustipy has none, and its manual's examples draw a hundred."""


def panel(number: int) -> pd.DataFrame:
    """No effect of ``d``; its path and that of the errors persist within a unit.

    Controls move the outcome and not ``d``: every specification of the curve has an estimand of zero.
    """
    rng = np.random.default_rng([SEED, number])
    noise, d, a, b = (autocorrelated(rng, UNITS, YEARS, PERSISTENCE).ravel() for _ in range(4))
    unit, year = np.repeat(np.arange(UNITS), YEARS), np.tile(np.arange(YEARS), UNITS)
    own, common = rng.normal(size=UNITS)[unit], rng.normal(size=YEARS)[year]
    d = d + own
    return pd.DataFrame(
        {"y": 0.5 * a + own + common + noise, "d": d, "a": a, "b": b, "unit": unit, "year": year}
    )


def within(frame: pd.DataFrame) -> pd.DataFrame:
    columns = ["y", "d", *CONTROLS]
    left = demean_two_way(frame[columns].to_numpy(), frame["unit"].to_numpy(), frame["year"].to_numpy())
    return pd.DataFrame(left, columns=columns)


def ours(frame: pd.DataFrame, number: int) -> dict[str, float]:
    names = ["d", *CONTROLS]
    keys = {"entity": frame["unit"], "time": frame["year"]}
    products, choices = (
        entity_products(frame["y"], frame[names], **keys, terms=names),
        all_choices([True, False, False]),
    )
    found = many_slopes(products, choices, "d")
    moved = many_influences(products, choices, "d")
    p = joint_tests(found.values, found.errors, moved, sign=1, draws=DRAWS, seed=number)
    return {"median": p["p_median"], "Stouffer": p["p_stouffer"], "share, claimed sign": p["p_share"]}


def specification_curve(frame: pd.DataFrame, number: int) -> dict[str, float]:
    import specification_curve as package

    # it draws from a generator of its own module
    package.prng = np.random.default_rng(number)
    curve = package.SpecificationCurve(within(frame), "y", "d", CONTROLS)
    curve.fit()
    curve.fit_null()
    told = curve.null_stats_summary["p-value"]
    return {"median": _read(told["median"]), "share, positive": _read(told["share positive"])}


def _read(p: object) -> float:
    """A p value as text: one that is not available rejects nothing."""
    text = str(p).lstrip("<")
    return 1.0 if text in {"NA", "nan"} else float(text)


def robustipy(frame: pd.DataFrame, number: int) -> dict[str, float]:
    from robustipy.models import OLSRobust

    model = OLSRobust(y=["y"], x=["d"], data=within(frame))
    options = {"draws": ROBUSTIPY_DRAWS, "kfold": 2, "oos_metric": "rmse", "n_cpu": 1, "compute_shap": False}
    model.fit(controls=CONTROLS, seed=number, **options)
    told = model.get_results().inference
    return {"median": told["median_p"], "share, positive": told["pos_p"], "share, negative": told["neg_p"]}


def phack(frame: pd.DataFrame, number: int) -> dict[str, float]:
    from phack import grid, inference, search

    card = grid.load_card(
        {
            "outcomes": ["y"],
            "treatment": "d",
            "controls_pool": CONTROLS,
            "fixed_effects": [["unit", "year"]],
            "vcov": ["cluster"],
            "cluster": ["unit"],
        }
    )
    ledger = search.run(frame, card)
    null = search.null_calibration(frame, card, B=PHACK_DRAWS, seed=number)
    observed = (ledger["coef"], ledger["t"], ledger["p"])
    told = inference.ssn_joint_tests(*observed, null.coef, null.t, null.p)
    names = {"median": "median_effect", "Stouffer": "stouffer_z", "share": "share_significant"}
    return {shown: told[name]["p_value"] for shown, name in names.items()}


TOOLS: dict[str, Callable[[pd.DataFrame, int], dict[str, float]]] = {
    "this package": ours,
    "specification_curve": specification_curve,
    "robustipy": robustipy,
    "phack": phack,
}


def one_panel(number: int) -> dict[str, dict[str, float]]:
    """P values of every tool that is installed."""
    frame, found = panel(number), {}
    for name, tool in TOOLS.items():
        try:
            with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
                found[name] = {test: float(p) for test, p in tool(frame, number).items()}
        except ImportError:
            found[name] = {}
    return found


def table(kept: list[dict]) -> list[dict]:
    """How often each test rejects at 5 %, with Wilson's interval; a tool that was missing has no rows."""
    from digital_clusters.studies.trials.intervals.runner import wilson

    rows = []
    for tool in TOOLS:
        for test in kept[0][tool]:
            hits = sum(panel[tool][test] <= LEVEL for panel in kept)
            low, high = wilson(hits, len(kept))
            rows.append({"tool": tool, "test": test, "rejected": hits / len(kept), "low": low, "high": high})
    return [row | {"panels": len(kept)} for row in rows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--panels", type=int, default=200)
    parser.add_argument(
        "--seconds", type=float, default=1e9, help="of CPU time, then stop; started again, go on"
    )
    parser.add_argument("--kept", type=Path, default=ROOT / "_build" / "joint_size.jsonl")
    parser.add_argument("--out", type=Path, default=ROOT / "data" / "results")
    options = parser.parse_args()
    options.kept.parent.mkdir(parents=True, exist_ok=True)
    options.kept.touch()
    kept = [json.loads(line) for line in options.kept.read_text(encoding="utf-8").splitlines()][
        : options.panels
    ]
    with options.kept.open("a", encoding="utf-8") as stream:
        while len(kept) < options.panels and process_time() < options.seconds:
            kept.append(one_panel(len(kept)))
            stream.write(json.dumps(kept[-1]) + "\n")
            stream.flush()
    if kept:
        rows = table(kept)
        print(pd.DataFrame(rows).to_string())
        record(rows, options.out)


def record(rows: list[dict], out: Path) -> None:
    from digital_clusters.analysis.frozen import freeze
    from digital_clusters.pipeline.hashing.files import file_hash
    from digital_clusters.pipeline.runs import git_commit

    facts = {"rows": rows, "seed": SEED, "units": UNITS, "years": YEARS, "persistence": PERSISTENCE}
    inputs = {"benchmarks/joint_size.py": file_hash(Path(__file__))}
    freeze("joint_test_rivals", {}, inputs, commit=git_commit(ROOT), facts=facts, folder=out)


if __name__ == "__main__":
    main()

"""Calibrates the twin: outcome parameters for which the paper's recipe finds the printed coefficients.

``python -m digital_clusters.studies.industrial_upgrading.calibration.search`` starts from the values in
``data/twin.yml``, searches by Gauss–Newton with the fast columns of
:mod:`digital_clusters.studies.industrial_upgrading.calibration.columns`, writes the block
``outcome`` back with its comments, and checks the result with the exact recipe on the raw tables.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from digital_clusters.analysis.fit import fit
from digital_clusters.analysis.published import load_published
from digital_clusters.analysis.spec import Spec
from digital_clusters.estimators.double_ml.shared_predictions import shared_predictions
from digital_clusters.files import write_text
from digital_clusters.measures.panel import Panel
from digital_clusters.sources.twin import open_twin
from digital_clusters.sources.twin.country import TwinCountry
from digital_clusters.sources.twin.economy import study_sample
from digital_clusters.sources.twin.outcome import planted_gini
from digital_clusters.sources.twin.truth import Truth, project_truth, read_truth, truth_file
from digital_clusters.studies.industrial_upgrading.calibration.columns import all_coefficients, fast_columns
from digital_clusters.studies.industrial_upgrading.panel import build_panel
from digital_clusters.studies.industrial_upgrading.planted import planted_effects
from digital_clusters.studies.industrial_upgrading.specs import COLUMNS, STUDY

Coefficients = Mapping[str, Mapping[str, float]]

STEPS = {
    "slope": 0.05, "bend": 0.05, "peak": 0.05, "interaction": 0.0003, "digital": 0.0003, "size": 0.01,
    "hidden": 0.01, "hidden_turn": 0.02, "hidden_growth": 0.02, "capital": 0.04, "year_trend": 0.004,
}  # fmt: skip
"""Parameters that are searched → step of the finite differences, and the unit of the ridge."""

RIDGE = 0.02
"""Weight of the squared distance from the start, in steps."""

POWER = 8
"""Of the misses in the cost: targets are intervals, so the worst miss counts and small ones do not."""

DAMPING = 0.2
"""Weight of the squared step: trees make the misses noisy, and long steps trust a noisy Jacobian."""

GOOD_ENOUGH = 0.95
"""Worst miss, in standard errors, at which the search stops."""


@dataclass(frozen=True)
class Target:
    """One printed coefficient: column, term, value and standard error."""

    column: str
    term: str
    value: float
    error: float


def printed_targets() -> list[Target]:
    """The 18 coefficients of Tables 2 to 6."""
    columns = load_published(STUDY).columns
    return [Target(c.key, t.term, t.value, t.error) for c in columns for t in c.terms]


def misses(found: Coefficients, targets: list[Target]) -> np.ndarray:
    """(found − printed) / printed standard error, shape (targets,)."""
    return np.array([(found[t.column][t.term] - t.value) / t.error for t in targets])


def with_outcome(truth: Truth, values: Mapping[str, float]) -> Truth:
    """The truth with some parameters of the outcome changed."""
    return truth.model_copy(update={"outcome": truth.outcome.model_copy(update=dict(values))})


def trial(
    truth: Truth, seed: int, panel: Panel, specs: Mapping[str, Spec] = COLUMNS
) -> Callable[[Mapping[str, float]], Coefficients]:
    """A function from outcome parameters to the coefficients of all columns (or those of ``specs``).

    Each call takes the outcome through the structural equation and the map to the printed moments; only
    the township lights, whose Gini is this outcome by construction, are left out.
    """
    country = TwinCountry(truth, seed)
    columns = fast_columns(specs, panel)
    sample = study_sample(country.places, truth)

    def coefficients(values: Mapping[str, float]) -> Coefficients:
        outcome = planted_gini(country.places, country.panel, with_outcome(truth, values), seed)
        return all_coefficients(columns, sample.of(outcome))

    return coefficients


def search(
    coefficients: Callable[[Mapping[str, float]], Coefficients],
    start: Mapping[str, float],
    targets: list[Target],
    rounds: int = 3,
    report: Callable[[str], None] = print,
) -> dict[str, float]:
    """Newton steps on :func:`cost` under a linear model of the misses.

    The recipe is nearly linear in the outcome: a round takes the Jacobian by differences once, updates it
    by Broyden's rule, and ends when four halvings of the step bring nothing.
    """
    names, steps = list(start), np.array([STEPS[name] for name in start])
    origin = np.array([start[name] for name in names])

    def values(z: np.ndarray) -> dict[str, float]:
        return dict(zip(names, (origin + z * steps).tolist(), strict=True))

    def evaluate(z: np.ndarray) -> np.ndarray:
        return misses(coefficients(values(z)), targets)

    z = np.zeros(len(names))
    now = evaluate(z)
    report(f"start: {miss_summary(now)}")
    for _ in range(rounds):
        if np.abs(now).max() <= GOOD_ENOUGH:
            break
        jacobian = np.column_stack([evaluate(z + unit) - now for unit in np.eye(len(names))])
        moved = True
        while moved:
            z, now, moved = _advance(evaluate, z, now, jacobian)
            report(f"{miss_summary(now)}, cost {cost(now, z):.3f}")
    return values(z)


def _advance(
    evaluate: Callable[[np.ndarray], np.ndarray], z: np.ndarray, now: np.ndarray, jacobian: np.ndarray
) -> tuple[np.ndarray, np.ndarray, bool]:
    """The next point, its misses, and whether it is better by a hundredth; updates ``jacobian`` in place."""
    step = _best_step(now, jacobian, z)
    if not step.any():
        return z, now, False
    for _ in range(4):
        then = evaluate(z + step)
        jacobian += np.outer(then - now - jacobian @ step, step) / (step @ step)
        if cost(then, z + step) < 0.99 * cost(now, z):
            return z + step, then, True
        step = step / 2
    return z, now, False


def cost(missed: np.ndarray, z: np.ndarray) -> float:
    """Misses to the power of :data:`POWER`, and the ridge."""
    return float(np.sum(missed**POWER) + RIDGE * z @ z)


def _best_step(now: np.ndarray, jacobian: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Minimum of the cost under the linear model."""
    from scipy.optimize import minimize

    def damped(step: np.ndarray) -> float:
        return cost(now + jacobian @ step, z + step) + DAMPING * step @ step

    return minimize(damped, np.zeros(len(z)), method="BFGS").x


def miss_summary(missed: np.ndarray) -> str:
    """How many targets are met, and the worst miss."""
    worst = np.abs(missed).max()
    return f"{np.sum(np.abs(missed) <= 1)} of {len(missed)} within one standard error, worst {worst:.2f}"


def rewrite_outcome(path: Path, values: Mapping[str, float]) -> None:
    """Put new numbers into the block ``outcome`` of ``data/twin.yml``; comments and all else stay."""
    head, block = re.split(r"(?m)^outcome:\n", path.read_text(encoding="utf-8"), maxsplit=1)
    for name, value in values.items():
        text = f"{value:.6g}"
        block, count = re.subn(
            rf"(?m)^(  {name}:) (\S+)( *)", lambda m, t=text: f"{m[1]} {t}{_padding(m, t)}", block, count=1
        )
        if not count:
            raise KeyError(name)
    write_text(path, f"{head}outcome:\n{block}")


def _padding(match: re.Match, text: str) -> str:
    return " " * max(len(match[2]) + len(match[3]) - len(text), 2) if match[3] else ""


def exact_results(panel: Panel, targets: list[Target], truth: Truth | None = None) -> pd.DataFrame:
    """Every printed coefficient beside the exact recipe's on ``panel``.

    Returns
    -------
    pandas.DataFrame
        Columns ``column``, ``term``, ``printed``, ``printed_error``, ``found``, ``found_error``, ``miss``
        (in printed standard errors) and ``true_effect`` (planted, mean over the column's sample before
        winsorising; :func:`digital_clusters.studies.industrial_upgrading.planted.planted_effects`).
    """
    rows = []
    with shared_predictions():
        columns = dict.fromkeys(t.column for t in targets)
        estimates = {key: fit(COLUMNS[key], panel).estimate for key in columns}
    for t in targets:
        found, error = estimates[t.column][t.term]
        sample = fit(COLUMNS[t.column].change(winsorise=0.0), panel).sample
        effect = planted_effects(COLUMNS[t.column], sample, truth)[t.term]
        rows.append([t.column, t.term, t.value, t.error, found, error, (found - t.value) / t.error, effect])
    names = ["column", "term", "printed", "printed_error", "found", "found_error", "miss", "true_effect"]
    return pd.DataFrame(rows, columns=names)


def calibrate(report: Callable[[str], None] = print) -> pd.DataFrame:
    """Search, write ``data/twin.yml``, and return :func:`exact_results`."""
    truth, targets = read_truth(), printed_targets()
    start = {name: getattr(truth.outcome, name) for name in STEPS}
    found = search(trial(truth, truth.seed, build_panel(open_twin())), start, targets, report=report)
    rewrite_outcome(truth_file(), found)
    project_truth.cache_clear()
    return exact_results(build_panel(open_twin()), targets)


if __name__ == "__main__":
    results = calibrate()
    print(results.round(4).to_string(index=False))
    print(miss_summary(results["miss"].to_numpy()))

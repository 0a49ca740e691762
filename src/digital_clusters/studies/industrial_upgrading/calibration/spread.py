"""What the calibrated agreement rests on: parts of the truth, other countries, other folds.

``python -m digital_clusters.studies.industrial_upgrading.calibration.spread`` prints it for twenty
seeds of each kind.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pandas as pd

from digital_clusters.analysis.fit import fit
from digital_clusters.measures.panel import Panel
from digital_clusters.sources.twin import open_twin
from digital_clusters.sources.twin.country import TwinCountry
from digital_clusters.sources.twin.economy import study_sample
from digital_clusters.sources.twin.outcome import planted_gini
from digital_clusters.sources.twin.truth import Truth, project_truth, true_effects
from digital_clusters.studies.industrial_upgrading.calibration.columns import all_coefficients, fast_columns
from digital_clusters.studies.industrial_upgrading.calibration.search import (
    Target,
    misses,
    printed_targets,
    trial,
    with_outcome,
)
from digital_clusters.studies.industrial_upgrading.panel import build_panel
from digital_clusters.studies.industrial_upgrading.specs import ALTERNATIVES, COLUMNS

SEEDS = 20

PARTS = {
    "as calibrated": {},
    "without the turn around 2016": {"hidden_turn": 0.0},
    "without city effects tied to structure": {"hidden": 0.0, "hidden_growth": 0.0},
    "without the capitals' own level": {"capital": 0.0},
    "without all three": {"hidden_turn": 0.0, "hidden": 0.0, "hidden_growth": 0.0, "capital": 0.0},
}
"""What is left out of the outcome → parameters set to zero; the moments are met again each time."""

ABSORBING = (
    "Mundlak means",
    "two-way within",
    "within, raw controls",
    "first differences",
    "two-way fixed effects",
)
"""Alternatives that remove what is constant in a city."""

STAND_IN = "fast_gradient_boosting"
"""Learner of the search: the same trees as scikit-learn's but for ties."""

NAMES = ["column", "term", "printed", "printed_error", "mean", "sd", "within"]


def without_parts(panel: Panel, columns: Iterable[str], truth: Truth | None = None) -> pd.DataFrame:
    """The coefficient of upgrading where parts of the outcome are left out, one row a part."""
    truth = truth or project_truth()
    coefficients = trial(truth, truth.seed, panel, {key: COLUMNS[key] for key in columns})
    found = {name: coefficients(values) for name, values in PARTS.items()}
    rows = {name: {key: terms["uil"] for key, terms in each.items()} for name, each in found.items()}
    return pd.DataFrame.from_dict(rows, orient="index")


def other_countries(seeds: Iterable[int], truth: Truth | None = None) -> pd.DataFrame:
    """Coefficients of every column on twins of other seeds and the same truth.

    Returns
    -------
    pandas.DataFrame
        One row a seed and target: ``seed``, ``column``, ``term``, ``found``, ``miss``.
    """
    truth = truth or project_truth()
    return _collect({seed: trial(truth, seed, _panel(seed))({}) for seed in seeds})


def other_folds(panel: Panel, seeds: Iterable[int]) -> pd.DataFrame:
    """The same for other draws of the folds on one panel."""
    outcome, found = panel.frame["gini"].to_numpy(), {}
    for seed in seeds:
        specs = {key: spec.change(seed=seed) for key, spec in COLUMNS.items()}
        found[seed] = all_coefficients(fast_columns(specs, panel), outcome)
    return _collect(found)


def by_target(spread: pd.DataFrame, targets: list[Target] | None = None) -> pd.DataFrame:
    """Mean and s.d. over seeds, and the share of seeds within one printed standard error, by target."""
    rows = []
    for t in targets or printed_targets():
        mine = spread[(spread["column"] == t.column) & (spread["term"] == t.term)]
        within = float((mine["miss"].abs() <= 1).mean())
        rows.append([t.column, t.term, t.value, t.error, mine["found"].mean(), mine["found"].std(), within])
    return pd.DataFrame(rows, columns=NAMES)


def absorbing_methods(panel: Panel, truth: Truth | None = None) -> pd.DataFrame:
    """Estimates and truth of the recipe and of methods that absorb city effects, with the turn and without.

    Returns
    -------
    pandas.DataFrame
        One row a method, ``recipe`` first: ``method``, ``found`` and ``found_still`` (without the turn around
        2016), ``truth`` (average planted effect in the sample, the same in both).
    """
    truth = truth or project_truth()
    still = with_parts_left_out(panel, PARTS["without the turn around 2016"], truth)
    planted = float(true_effects(panel.frame, truth).mean())
    rows = []
    for method in ("recipe", *ABSORBING):
        spec = ALTERNATIVES[method]
        fast = spec.change(learner=STAND_IN) if spec.learner == "gradient_boosting" else spec
        found, found_still = (fit(fast, each).term("uil").value for each in (panel, still))
        rows.append({"method": method, "found": found, "found_still": found_still, "truth": planted})
    return pd.DataFrame(rows)


def with_parts_left_out(panel: Panel, values: Mapping[str, float], truth: Truth | None = None) -> Panel:
    """The twin's panel with an outcome of other parameters, moments met again; all else as it was."""
    truth = truth or project_truth()
    country = TwinCountry(truth, truth.seed)
    outcome = planted_gini(country.places, country.panel, with_outcome(truth, values), truth.seed)
    frame = panel.frame.assign(gini=study_sample(country.places, truth).of(outcome))
    return replace(panel, frame=frame)


def count_met(spread: pd.DataFrame) -> pd.Series:
    """Targets met within one printed standard error, by seed."""
    return spread.groupby("seed")["miss"].apply(lambda miss: int((miss.abs() <= 1).sum()))


def _panel(seed: int) -> Panel:
    return build_panel(open_twin(seed))


def _collect(found: dict) -> pd.DataFrame:
    targets = printed_targets()
    parts = [
        pd.DataFrame(
            {
                "seed": seed,
                "column": [t.column for t in targets],
                "term": [t.term for t in targets],
                "found": [coefficients[t.column][t.term] for t in targets],
                "miss": misses(coefficients, targets),
            }
        )
        for seed, coefficients in found.items()
    ]
    return pd.concat(parts, ignore_index=True)


if __name__ == "__main__":
    own = _panel(project_truth().seed)
    for title, spread in (
        ("other countries", other_countries(range(1, SEEDS + 1))),
        ("other folds", other_folds(own, range(1, SEEDS + 1))),
    ):
        met = count_met(spread)
        print(f"{title}: {met.mean():.1f} of 18 within one standard error, from {met.min()} to {met.max()}")
        print(by_target(spread).round(3).to_string(index=False))

"""Group-wise effects of upgrading in double machine learning for panels (Clarke & Polselli 2025).

The treatment and its product with a group are two treatments of one partially linear panel model, partialled
out on the same folds of whole cities: the product is the difference of the groups' effects, with its own
clustered error.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from digital_clusters.analysis.data import load_tables
from digital_clusters.analysis.fit import Fit
from digital_clusters.analysis.frozen import is_frozen, load_frozen
from digital_clusters.analysis.power import truth_hash
from digital_clusters.analysis.replication.columns import nearest
from digital_clusters.analysis.sample import LAST_YEAR_OF_CONSTRUCTION
from digital_clusters.analysis.spec import Spec
from digital_clusters.analysis.study import Study
from digital_clusters.errors import DataError
from digital_clusters.estimators.curves.moderation import effects_over_moderator
from digital_clusters.estimators.double_ml.shared_predictions import shared_predictions
from digital_clusters.kept_lines import each_kept
from digital_clusters.measures.panel import Panel
from digital_clusters.paths import build_folder
from digital_clusters.sources import open_source
from digital_clusters.sources.twin.truth import project_truth
from digital_clusters.studies.industrial_upgrading.calibration.spread import PARTS, with_parts_left_out
from digital_clusters.studies.industrial_upgrading.panel import build_panel
from digital_clusters.studies.industrial_upgrading.planted import planted_effects
from digital_clusters.studies.industrial_upgrading.replication import load_panel
from digital_clusters.studies.industrial_upgrading.specs import BASELINE, STUDY

RECORD = f"{STUDY}.groups"
"""Name of the frozen file."""

BATCHES = ((1, 200), (201, 500))
"""First and last of the other synthetic countries that are tried together."""

GROUPS = {"H2": "late_period", "H3": "high_structure", "H4": "difi"}
"""Hypothesis → what moderates the effect."""

WORDS = {
    "H2": ("to 2015", "after 2015"),
    "H3": ("low structure", "high structure"),
    "H4": ("least digital tenth", "most digital tenth"),
}
"""Names of the two ends."""

TENTHS = (0.1, 0.9)
"""Quantiles of a moderator with many values."""

MEANS = ("planted", "bias", "coverage", "error")
"""What a row of the trial has the mean over countries of."""

_PANEL = BASELINE.change(
    learner="fast_gradient_boosting", fold_unit="clusters", errors="clustered", scaling="centred"
)

APPROACHES: dict[str, Spec] = {
    "first differences": _PANEL.change(fixed_effects="first_differences"),
    "within, as approximation": _PANEL.change(fixed_effects="within_approximate"),
    "correlated random effects": _PANEL.change(fixed_effects="correlated_random_effects"),
    "two-way, least squares": BASELINE.change(method="two_way_fixed_effects", errors="clustered"),
}
"""Words → specification; the first three are Clarke and Polselli's."""

SERIES = {"Eq. (1) over counties": "gini", "ready made": "gini_ready_made"}
"""Public series of inequality of light."""


def groups_results(study: Study) -> dict[str, Any]:
    """Public effects by group and the trial: the arguments of ``frozen.freeze``.

    A country takes half a minute. Batches that the record has of the same twin and specifications are kept
    with the commit they were made at, and each country of the others as soon as it is made; without the
    record all are made anew.
    """
    batches, path = frozen_batches(), build_folder() / "trials" / f"{RECORD}.jsonl"
    for first, last in BATCHES:
        if (first, last) not in {(batch["first"], batch["last"]) for batch in batches}:
            rows = try_groups(range(first, last + 1), path, workers=-1)
            batches.append({"first": first, "last": last, "said": trial_hash(), "rows": rows})
    facts = {
        "public": group_rows(load_panel("public"), SERIES),
        "trial": pooled(batches),
        "countries": sum(_size(batch) for batch in batches),
        "batches": batches,
    }
    inputs = dict(load_tables("public").provenance) | {"data/twin.yml": truth_hash()}
    return {"estimates": {}, "notes": {}, "facts": facts, "inputs": inputs}


def frozen_batches() -> list[dict[str, Any]]:
    """Batches of the record that were made of today's twin and specifications, each with its commit."""
    if not is_frozen(RECORD):
        return []
    frozen = load_frozen(RECORD)
    made = [batch for batch in frozen.facts["batches"] if batch["said"] == trial_hash()]
    return [{"commit": frozen.commit} | batch for batch in made if (batch["first"], batch["last"]) in BATCHES]


def trial_hash() -> str:
    """sha256 of the twin's parameters, the moderators and the specifications of the trial."""
    said = {words: spec.model_dump(mode="json") for words, spec in APPROACHES.items()}
    text = json.dumps([truth_hash(), GROUPS, TENTHS, said], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def pooled(batches: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of all countries from those of their batches, as if they had been tried at once."""
    counts = np.array([_size(batch) for batch in batches])
    rows = []
    for parts in zip(*(batch["rows"] for batch in batches), strict=True):
        names = {(part["claim"], part["approach"]) for part in parts}
        if len(names) > 1:
            raise DataError(f"batches of {RECORD} hold rows in different orders: {names}")
        means = {name: np.average([part[name] for part in parts], weights=counts) for name in MEANS}
        apart = np.array([part["bias"] for part in parts]) - means["bias"]
        within = np.array([part["spread"] for part in parts]) ** 2 * (counts - 1)
        spread = np.sqrt((within + counts * apart**2).sum() / (counts.sum() - 1))
        row = {name: parts[0][name] for name in ("claim", "approach")}
        rows.append(row | {name: float(mean) for name, mean in means.items()} | {"spread": float(spread)})
    return rows


def _size(batch: Mapping[str, Any]) -> int:
    return batch["last"] - batch["first"] + 1


def public_groups(data: str = "twin") -> list[Mapping[str, Any]]:
    """Rows of public data: made now if ``data`` is ``public``, else as frozen."""
    if data == "public":
        return list(group_rows(load_panel("public"), SERIES))
    return load_frozen(RECORD).facts["public"]


def group_rows(panel: Panel, series: Mapping[str, str]) -> list[dict[str, Any]]:
    """A row for each hypothesis, outcome and approach, all controls of the paper in the model.

    Returns
    -------
    list of dict
        ``claim``, ``series``, ``approach``, ``n``, ``note``; ``first``, ``second`` and ``difference``
        (value, error, p) of the effect at the two ends of :data:`WORDS`.
    """
    with shared_predictions():
        return [
            {"claim": claim, "series": words, "approach": approach} | _row(spec, column, outcome, panel)
            for words, outcome in series.items()
            for claim, column in GROUPS.items()
            for approach, spec in APPROACHES.items()
        ]


def _row(spec: Spec, column: str, outcome: str, panel: Panel) -> dict[str, Any]:
    found, note = nearest(spec.change(moderator=column, outcome=outcome), panel)
    low, high = _ends(found)
    mean = float(found.values(column).astype(float).mean())
    curve = effects_over_moderator(
        found.estimate, [low - mean, high - mean], treatment="uil", interaction=found.product
    )
    ends = [
        {"value": float(value), "error": float(error)}
        for value, error in zip(curve.effect, curve.standard_errors, strict=True)
    ]
    product = found.term(found.product)
    difference = {
        "value": product.value * (high - low),
        "error": product.error * (high - low),
        "p": product.p_value,
    }
    return {
        "first": ends[0],
        "second": ends[1],
        "difference": difference,
        "n": found.estimate.n_observations,
        "note": note,
    }


def _ends(found: Fit) -> tuple[float, float]:
    """The two groups, or the tenths of a moderator with many values."""
    values = pd.Series(found.values(found.spec.moderator))
    if values.nunique() == 2:
        return 0.0, 1.0
    low, high = values.quantile(list(TENTHS))
    return float(low), float(high)


def try_groups(seeds: Iterable[int], path: Path, workers: int = 1) -> list[dict[str, Any]]:
    """Bias and coverage of the differences in other countries, by hypothesis and approach.

    Each country is kept in the file ``path`` as it is made, so that a trial that was ended goes on.
    ``workers`` are processes (-1: one a core); the rows do not depend on them.

    Returns
    -------
    list of dict
        ``claim``, ``approach``; means over countries: ``planted``, ``bias``, ``coverage`` of the 95 %
        interval, ``error``, and ``spread``, the standard deviation of the estimates less what is planted.
    """
    countries = each_kept(_one_country, seeds, path, trial_hash(), workers)
    rows = [row for country in countries for row in country]
    grouped = pd.DataFrame(rows).groupby(["claim", "approach"], sort=False)
    found = grouped[[*MEANS]].mean().assign(spread=grouped["bias"].std())
    return found.reset_index().to_dict("records")


def _one_country(seed: int) -> list[dict[str, Any]]:
    panel = build_panel(open_source("twin", seed=seed))
    with shared_predictions():
        return [
            {"claim": claim, "approach": approach} | _trial(spec.change(moderator=column), panel)
            for claim, column in GROUPS.items()
            for approach, spec in APPROACHES.items()
        ]


def _trial(spec: Spec, panel: Panel) -> dict[str, float]:
    found, _ = nearest(spec, panel)
    low, high = _ends(found)
    planted = planted_effects(found.spec, found.sample)[found.product] * (high - low)
    term = found.term(found.product)
    value, error = term.value * (high - low), term.error * (high - low)
    return {
        "planted": planted,
        "bias": value - planted,
        "coverage": float(abs(value - planted) <= 1.96 * error),
        "error": error,
    }


def misses_of_least_squares() -> dict[str, tuple[float, float]]:
    """Hypothesis → estimated less planted difference by least squares on the twin: as it is, nothing hidden.

    What is hidden are the three paths of :data:`~.calibration.spread.PARTS`: without them no confounder is
    left, and what is still missed is the shape of the effect.
    """
    panel = build_panel(open_source("twin"))
    plain = with_parts_left_out(panel, PARTS["without all three"], project_truth())
    spec = APPROACHES["two-way, least squares"]
    return {
        claim: tuple(_trial(spec.change(moderator=column), each)["bias"] for each in (panel, plain))
        for claim, column in GROUPS.items()
    }


def periods_by_changes() -> dict[str, float]:
    """H2's difference on the twin by least squares on yearly changes, year effects removed.

    In the first year of the later period the product of structure and period changes by the *level* of
    structure. Levels differ between cities more than changes do, so that one year decides the coefficient.

    Returns
    -------
    dict
        ``planted``; ``step``, the planted effect of that year less the year before's; ``all``, of every
        change; ``without``, of all but those into that year.
    """
    spec = APPROACHES["first differences"].change(moderator=GROUPS["H2"])
    found, _ = nearest(spec, build_panel(open_source("twin")))
    sample = found.sample.sort_values(["city", "year"])
    late = sample["year"] > LAST_YEAR_OF_CONSTRUCTION
    columns = ["uil", "uil:late", *found.spec.controls, found.spec.outcome]
    moved = sample.assign(**{"uil:late": sample["uil"] * late}).groupby("city")[columns].diff()
    moved = moved.assign(year=sample["year"]).dropna()
    border = moved["year"] == LAST_YEAR_OF_CONSTRUCTION + 1
    border_years = sample["year"].between(LAST_YEAR_OF_CONSTRUCTION, LAST_YEAR_OF_CONSTRUCTION + 1)
    return {
        "planted": planted_effects(found.spec, sample)[found.product],
        "step": planted_effects(found.spec, sample[border_years])[found.product],
        "all": _second_slope(moved, columns),
        "without": _second_slope(moved[~border], columns),
    }


def _second_slope(moved: pd.DataFrame, columns: list[str]) -> float:
    """Of the last column on the others, years removed: the coefficient of the second one."""
    own = moved[columns] - moved.groupby("year")[columns].transform("mean")
    values = own.to_numpy()
    return float(np.linalg.lstsq(values[:, :-1], values[:, -1], rcond=None)[0][1])

"""Which assumptions the two stories of a cluster's evolution need: each is taken away in turn."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from digital_clusters.theory.clusters.evolution import Evolution
from digital_clusters.theory.clusters.phases import (
    TRADITIONAL,
    VIRTUAL,
    Phase,
    PhaseRule,
    ensemble,
    path,
    phases,
)
from digital_clusters.theory.clusters.rules import ClusterRules


@dataclass(frozen=True)
class Trial:
    """A setting of the model and the path that the story expects of it."""

    name: str
    expected: tuple[Phase, ...]
    platform: bool = False
    community: bool = False
    rules: ClusterRules = field(default_factory=ClusterRules)


TRIALS = {
    "traditional": Trial("as given", TRADITIONAL),
    "research_free": Trial(
        "research needs no quality", TRADITIONAL, rules=ClusterRules(research_quality=0.0)
    ),
    "land_free": Trial("land costs nothing", TRADITIONAL, rules=ClusterRules(rent=0.0)),
    "virtual": Trial("as given", VIRTUAL, platform=True, community=True),
    "platform_only": Trial("platform without community", VIRTUAL, platform=True),
    "community_only": Trial("community without platform", VIRTUAL, community=True),
    "norms_at_once": Trial(
        "norms give way faster than links form",
        VIRTUAL,
        platform=True,
        community=True,
        rules=ClusterRules(community_pace=0.4),
    ),
    "no_strangers": Trial(
        "psychological distance costs nothing",
        VIRTUAL,
        platform=True,
        community=True,
        rules=ClusterRules(per_psychological=0.0),
    ),
    "size_costs": Trial(
        "coordination dearer with size",
        VIRTUAL,
        platform=True,
        community=True,
        rules=ClusterRules(size_cost=0.005),
    ),
}
"""First of each story the model with everything it needs, then with one thing changed."""

OTHER_THRESHOLDS = {
    "open": (0.15, 0.35),
    "borderless": (0.85, 0.95),
    "research": (0.4, 0.6),
    "strange": (0.5, 0.8),
    "growing": (0.005, 0.02),
    "reach": (2, 6),
    "lasting": (3, 6),
}
"""Field of :class:`PhaseRule` → a lower and a higher value to try."""


@dataclass(frozen=True)
class Outcome:
    """A trial and its runs, one for each seed."""

    trial: Trial
    runs: Sequence[Evolution]

    def labels(self, rule: PhaseRule | None = None) -> list[np.ndarray]:
        """The phase of each period, one array of shape (periods,) a run."""
        return [phases(run.aggregates, rule) for run in self.runs]

    def paths(self, rule: PhaseRule | None = None) -> list[tuple[str, ...]]:
        """The path of each run."""
        rule = rule or PhaseRule()
        return [path(labels, rule.lasting) for labels in self.labels(rule)]


def run_trials(seed: int, runs: int, periods: int = 60) -> dict[str, Outcome]:
    """Run every trial of :data:`TRIALS` with the same seeds."""
    return {
        key: Outcome(
            trial,
            ensemble(
                trial.rules,
                seed,
                runs,
                platform=trial.platform,
                community=trial.community,
                periods=periods,
            ),
        )
        for key, trial in TRIALS.items()
    }


def summary(outcomes: Mapping[str, Outcome], rule: PhaseRule | None = None) -> pd.DataFrame:
    """One row a trial, the index of ``outcomes``.

    Returns
    -------
    pandas.DataFrame
        ``story`` (the expected path), ``change``, ``on_path`` (share of runs on exactly that path),
        ``most_common`` and ``most_common_share`` (the path seen most), ``firms`` and ``openness`` (median in
        the last period), ``growth`` (median log growth of firms per period over the last ten periods).
    """
    return pd.DataFrame([_row(outcome, rule) for outcome in outcomes.values()], index=list(outcomes))


def reaching(outcome: Outcome, phase: Phase, rule: PhaseRule | None = None) -> float:
    """Share of the runs whose path has a phase, wherever in the path it comes."""
    return float(np.mean([phase in one for one in outcome.paths(rule)]))


def rule_sensitivity(outcomes: Mapping[str, Outcome]) -> pd.DataFrame:
    """Share of runs on the expected path under other thresholds of the rule, one changed at a time.

    Returns
    -------
    pandas.DataFrame
        Columns ``threshold`` and ``value`` ("none" and missing in the first row, the rule as it is), and the
        key of each outcome.
    """
    rules = [("none", None, PhaseRule())]
    for name, values in OTHER_THRESHOLDS.items():
        rules += [(name, value, replace(PhaseRule(), **{name: value})) for value in values]
    rows = [
        {"threshold": name, "value": value}
        | {key: _on_path(outcome, outcome.paths(rule)) for key, outcome in outcomes.items()}
        for name, value, rule in rules
    ]
    return pd.DataFrame(rows)


def _on_path(outcome: Outcome, paths: Sequence[tuple[str, ...]]) -> float:
    return float(np.mean([one == outcome.trial.expected for one in paths]))


def _row(outcome: Outcome, rule: PhaseRule | None) -> dict:
    paths = outcome.paths(rule)
    # ties go to the path that sorts first, whatever the order of the runs
    (common, count), *_ = sorted(Counter(paths).items(), key=lambda item: (-item[1], item[0]))
    firms = np.array([run.aggregates.firms for run in outcome.runs])
    span = min(10, firms.shape[1] - 1)
    levels = np.log(np.maximum(firms, 1))
    return {
        "story": " → ".join(outcome.trial.expected),
        "change": outcome.trial.name,
        "on_path": _on_path(outcome, paths),
        "most_common": " → ".join(common) or "no lasting phase",
        "most_common_share": count / len(paths),
        "firms": float(np.median(firms[:, -1])),
        "openness": float(np.median([run.aggregates.openness[-1] for run in outcome.runs])),
        "growth": float(np.median((levels[:, -1] - levels[:, -1 - span]) / max(span, 1))),
    }

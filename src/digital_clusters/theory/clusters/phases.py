"""Phases of a cluster, read off what an observer sees by one rule that is stated here.

A cluster is *local* until links between regions reach a quarter of what they would be if regions did not
matter, and *open* from there. A local cluster is in the phase of

* *research* where at least half of the firms do research, and otherwise of
* *quantity* where the number of firms grows at least as fast as their mean quality, or of
* *quality*.

An open cluster is in the phase of

* *borderless* where links reach nine tenths of what they would be without regions and firms are still growing
  in number, by 1 per cent a period or more; otherwise of
* *platform* while firms are two thirds as far apart in their norms as when they came, or farther, or of
* *community*.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from digital_clusters.theory.clusters.evolution import Aggregates, Evolution, evolve
from digital_clusters.theory.clusters.rules import ClusterRules

Phase = Literal["quantity", "quality", "research", "platform", "community", "borderless", "gone"]

TRADITIONAL: tuple[Phase, ...] = ("quantity", "quality", "research")
VIRTUAL: tuple[Phase, ...] = ("platform", "community", "borderless")


@dataclass(frozen=True)
class PhaseRule:
    """Thresholds of the rule, as the module describes it.

    Attributes
    ----------
    open, borderless : float
        Of openness.
    research : float
        Of the share of firms with research.
    strange : float
        Of the psychological distance left.
    growing : float
        Growth of the number of firms in a period.
    reach : int
        Growth at a period is taken between this many periods before and after it.
    lasting : int
        Periods in a row that a phase takes to count as part of a path.
    """

    open: float = 0.25
    borderless: float = 0.9
    research: float = 0.5
    strange: float = 2 / 3
    growing: float = 0.01
    reach: int = 4
    lasting: int = 4


def growth(values: np.ndarray, reach: int) -> np.ndarray:
    """Mean log growth per period around each period, shape (periods,); values below one count as one.

    Examples
    --------
    >>> growth(np.exp(0.1 * np.arange(1, 6)), reach=1).round(3).tolist()
    [0.1, 0.1, 0.1, 0.1, 0.1]
    """
    last = len(values) - 1
    period = np.arange(last + 1)
    after, before = np.minimum(period + reach, last), np.maximum(period - reach, 0)
    levels = np.log(np.maximum(values, 1.0))
    return (levels[after] - levels[before]) / np.maximum(after - before, 1)


def phases(seen: Aggregates, rule: PhaseRule | None = None) -> np.ndarray:
    """The phase of each period, array of str of shape (periods,)."""
    rule = rule or PhaseRule()
    more = growth(seen.firms, rule.reach)
    # a scale above one keeps the floor of growth() out of the way
    better = growth(100 * seen.quality, rule.reach)
    is_open = seen.openness >= rule.open
    conditions = [
        seen.firms == 0,
        is_open & (seen.openness >= rule.borderless) & (more >= rule.growing),
        is_open & (seen.strangeness >= rule.strange),
        is_open,
        seen.research >= rule.research,
        more >= better,
    ]
    names = ["gone", "borderless", "platform", "community", "research", "quantity"]
    return np.select(conditions, names, default="quality")


def path(labels: Sequence[str], lasting: int = PhaseRule.lasting) -> tuple[str, ...]:
    """Phases in the order in which each first held for ``lasting`` periods in a row.

    Examples
    --------
    >>> path(["quantity"] * 4 + ["quality"] * 5 + ["research"] * 2)
    ('quantity', 'quality')
    """
    return tuple(starts(labels, lasting))


def starts(labels: Sequence[str], lasting: int = PhaseRule.lasting) -> dict[str, int]:
    """Phase → the period its first spell of ``lasting`` periods began, in that order."""
    found: dict[str, int] = {}
    begun = 0
    for period, label in enumerate(labels):
        if label != labels[begun]:
            begun = period
        if period - begun + 1 == lasting:
            found.setdefault(str(label), begun)
    return found


def ensemble(
    rules: ClusterRules,
    seed: int,
    runs: int,
    *,
    platform: bool = False,
    community: bool = False,
    periods: int = 60,
) -> list[Evolution]:
    """Runs that differ in their seeds only; the same seeds for every rule and switch."""
    streams = np.random.SeedSequence(seed).spawn(runs)
    return [
        evolve(rules, np.random.default_rng(stream), platform=platform, community=community, periods=periods)
        for stream in streams
    ]


def bands(runs: Sequence[Evolution], aggregate: str, levels: Sequence[float] = (0.1, 0.5, 0.9)) -> np.ndarray:
    """Quantiles over runs of one field of the aggregates, shape (levels, periods)."""
    return np.quantile([getattr(run.aggregates, aggregate) for run in runs], levels, axis=0)


def phase_shares(runs: Sequence[Evolution], rule: PhaseRule | None = None) -> dict[str, np.ndarray]:
    """Phase → share of the runs that are in it at each period, shape (periods,)."""
    labels = np.array([phases(run.aggregates, rule) for run in runs])
    names = (*TRADITIONAL, *VIRTUAL, "gone")
    return {name: (labels == name).mean(axis=0) for name in names}

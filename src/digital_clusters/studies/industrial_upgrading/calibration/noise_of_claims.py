"""Noise of the outcomes of the studies of agglomeration, misallocation and resilience, set to public data's.

Three numbers, s.d., within share of variance and AR(1), are met by three parameters each: the s.d. of the
city's own level, that of the city-year deviation, and its persistence.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from digital_clusters.analysis.scorecard.variation import load_variation
from digital_clusters.sources.twin.country import TwinCountry
from digital_clusters.sources.twin.truth import Truth
from digital_clusters.studies.industrial_upgrading.calibration.noise import rounded, spread_within

ROUNDS = 6
"""Of the fixed point."""

LEAST, MOST_PERSISTENT = 0.005, 0.97
"""Bounds of an s.d. and of a persistence."""


@dataclass(frozen=True)
class ClaimedOutcome:
    """One measured outcome of the claims: its block in the truth, its study's record, how it is made.

    One that keeps its s.d. meets the other two numbers only.
    """

    column: str
    block: str
    study: str
    of: Callable[[TwinCountry], np.ndarray]
    keeps_sd: bool


def log_wedge_size(country: TwinCountry) -> np.ndarray:
    """Mean log size of the capital and labour wedges, shape (cities, years)."""
    return np.mean([np.log(np.abs(wedge)) for wedge in country.wedges.values()], axis=0)


def growth_response(country: TwinCountry) -> np.ndarray:
    """Growth of real GDP less the country's over its size, NaN in the first year, shape (cities, years)."""
    real = country.output["gdp_real"]
    own, total = real[:, 1:] / real[:, :-1] - 1, real.sum(axis=0)
    nation = total[1:] / total[:-1] - 1
    relative = (own - nation) / np.abs(nation)
    return np.column_stack([np.full(len(real), np.nan), relative])


CLAIMED = (
    ClaimedOutcome(
        "misallocation", "misallocation", "collaborative_agglomeration", log_wedge_size, keeps_sd=True
    ),
    ClaimedOutcome("resilience", "resilience", "virtual_agglomeration", growth_response, False),
)
"""In the order in which they are solved: wedges move growth.

Misallocation keeps the s.d. of the twin: at that of public data some cities would take more capital than the
country has, and no scaling of the others' wedges balances its accounts."""


@cache
def public_spread_of(column: str, study: str) -> tuple[tuple[int, int], dict[str, float]]:
    """Years of a study's design, and the spread of a column in public data in them, as frozen."""
    facts = load_variation(study)
    row = next(row for row in facts["rows"] if row["column"] == column)
    return tuple(facts["years"]), row["public"]


def spread_of(country: TwinCountry, claimed: ClaimedOutcome) -> dict[str, float]:
    """``within_share``, ``ar1`` and ``sd`` of a claimed outcome in one country."""
    (first, last), _ = public_spread_of(claimed.column, claimed.study)
    years = country.truth.country.years
    values = claimed.of(country)[:, (years >= first) & (years <= last)]
    share, ar1 = spread_within(values)
    return {"within_share": share, "ar1": ar1, "sd": float(values.std(ddof=1))}


def claims_noise(truth: Truth, seed: int = 1) -> Truth:
    """``truth`` with the noise of wedges and of growth that meets public data, solved in one country."""
    for claimed in CLAIMED:
        now = spread_of(TwinCountry(truth, seed), claimed)
        _, public = public_spread_of(claimed.column, claimed.study)
        wanted = public | {"sd": now["sd"]} if claimed.keeps_sd else public
        for _ in range(ROUNDS):
            block = _nearer(getattr(truth, claimed.block), wanted, now)
            truth = truth.model_copy(update={claimed.block: block})
            now = spread_of(TwinCountry(truth, seed), claimed)
        truth = truth.model_copy(update={claimed.block: rounded(block)})
    return truth


def _nearer(block: Any, wanted: dict[str, float], now: dict[str, float]) -> Any:
    """One step: each s.d. by the ratio of its variances, the persistence by the gap of the AR(1)."""
    within, between = (_ratio(wanted, now, part) for part in (_within, _between))
    persistence = np.clip(block.persistence + wanted["ar1"] - now["ar1"], 0.0, MOST_PERSISTENT)
    changed = {
        "shock": max(float(block.shock * within), LEAST),
        "city": max(float(block.city * between), LEAST),
        "persistence": float(persistence),
    }
    return block.model_copy(update=changed)


def _ratio(public: dict[str, float], now: dict[str, float], part: Callable) -> float:
    return float(np.sqrt(part(public) / part(now)))


def _within(spread: dict[str, float]) -> float:
    return spread["within_share"] * spread["sd"] ** 2


def _between(spread: dict[str, float]) -> float:
    return (1 - spread["within_share"]) * spread["sd"] ** 2

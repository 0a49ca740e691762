"""Matched comparisons of changes where those beside members resemble them."""

from collections.abc import Iterator

import numpy as np

from digital_clusters.errors import DataError
from digital_clusters.estimators.did.staggered import two_way_did
from digital_clusters.studies.trials.staggered.family import EffectFit, effect_fit
from digital_clusters.studies.trials.staggered.joining import (
    CITIES,
    EFFECTS,
    SPILLOVERS,
    YEARS,
    labels_of,
    planted,
    waves_map,
)
from digital_clusters.studies.trials.staggered.methods import (
    MATCHERS,
    UNMATCHED,
    donut_rows,
    matched_weights,
)

RESEMBLING = 0.7
"""What members and those whom they reach have more of x than others, in its standard deviations."""

TREND = 0.4
"""What a city with one more of x gains from the first year of joining on."""


def likeness(rng: np.random.Generator) -> np.ndarray:
    """x of every city: normal noise, more for members and those beside them, shape (cities,)."""
    known = waves_map()
    near = np.isfinite(known.adoption) | known.ringed
    return rng.normal(size=CITIES) + RESEMBLING * near


def grown(x: np.ndarray) -> np.ndarray:
    """What outcomes gain with x, shape (cities, years): trends are parallel given x, and not without."""
    late = np.arange(YEARS) >= np.nanmin(waves_map().adoption)
    return TREND * x[:, None] * late


def matched_answers(noise: np.ndarray, x: np.ndarray) -> Iterator[tuple[float, float, str, bool, EffectFit]]:
    """Effect, spillover, method, whether with a donut, and what is found, for all planted changes.

    A data set in which nobody can be matched gives NaN.
    """
    for is_donut in (False, True):
        kept = donut_rows() if is_donut else np.ones(CITIES, bool)
        weights = _weights(noise, x, kept)
        for a in EFFECTS.values():
            for s in SPILLOVERS:
                y = (noise + grown(x) + planted(a, s))[kept].ravel()
                for method, given in weights.items():
                    found = EffectFit(np.nan, np.nan, np.nan)
                    if given is not None:
                        found = effect_fit(two_way_did(y, **labels_of(kept), weights=given))
                    yield a, s, method, is_donut, found


def _weights(noise: np.ndarray, x: np.ndarray, kept: np.ndarray) -> dict[str, np.ndarray | None]:
    ones = {UNMATCHED: np.ones(int(kept.sum()) * YEARS)}
    try:
        return ones | matched_weights(noise, x, kept)
    except DataError:
        return ones | dict.fromkeys(MATCHERS)

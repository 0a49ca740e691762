"""What is tried on accession in several years, with reached controls and without them."""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import pandas as pd

from digital_clusters.estimators.did.psm_did import psm_did
from digital_clusters.estimators.did.robust import RobustMethod, robust_did
from digital_clusters.estimators.did.staggered import two_way_did
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.studies.trials.staggered.joining import YEARS, labels_of, truth_of, waves_map

Estimator = Callable[..., Estimate]
"""Takes outcomes, ``entity``, ``time`` and ``adoption``; its first term is the effect."""

TWO_WAY, STACKED = "two-way", "stacked"

ROBUST: Mapping[str, RobustMethod] = {
    "Sun–Abraham": "sun_abraham",
    "Callaway–Sant'Anna": "callaway_santanna",
    "de Chaisemartin–D'Haultfœuille": "chaisemartin_dhaultfoeuille",
    "imputation": "imputation",
    "two stages": "two_stage",
    "extended two-way": "extended_two_way",
    STACKED: "stacked",
}
"""Name in tables → method of :func:`~digital_clusters.estimators.did.robust.robust_did`."""

ESTIMATORS: Mapping[str, Estimator] = {
    TWO_WAY: two_way_did,
    **{name: partial(robust_did, method=method) for name, method in ROBUST.items()},
}

UNMATCHED = "two-way, not matched"

MATCHERS: Mapping[str, Mapping] = {
    "matched, nearest": {"method": "nearest", "matching": {"replacement": True}},
    "matched, kernel": {"method": "kernel"},
}
"""Options of :func:`~digital_clusters.estimators.did.psm_did.psm_did` by name."""


def donut_rows() -> np.ndarray:
    """Cities that a donut keeps, shape (cities,)."""
    return ~waves_map().ringed


def own_truth(method: str) -> float:
    """The planted mean that a method is about: over all members and years, or over a window for all."""
    last = int(YEARS - 1 - np.nanmax(waves_map().adoption))
    return truth_of(last) if method == STACKED else truth_of()


def matched_weights(y: np.ndarray, x: np.ndarray, kept: np.ndarray) -> dict[str, np.ndarray]:
    """Weights of the rows of ``kept`` cities by matching on x, by name.

    Parameters
    ----------
    y, x : numpy.ndarray, shape (cities, years), (cities,)
        Outcomes do not matter to a matching.
    kept : numpy.ndarray of bool, shape (cities,)

    Raises
    ------
    DataError
        Members and others do not overlap in x, so that nobody is matched.
    """
    labels, given = labels_of(kept), pd.DataFrame({"x": x})
    return {
        name: psm_did(y[kept].ravel(), **labels, unit_covariates=given, **options).weights
        for name, options in MATCHERS.items()
    }

"""An instrument with a planted effect of its own: whether intervals that allow for it hold the truth."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from digital_clusters.analysis.fit import Fit, fit
from digital_clusters.analysis.power import truth_hash
from digital_clusters.analysis.study import Study
from digital_clusters.estimators.assumptions.plausible import plausible_exogeneity
from digital_clusters.estimators.panel.instrumental import instrumental_variables
from digital_clusters.measures.city_panel import build_city_panel
from digital_clusters.sources import open_source
from digital_clusters.studies.virtual_agglomeration.planted import PLANTED, with_planted_outcome
from digital_clusters.studies.virtual_agglomeration.specs import INSTRUMENTED, STUDY

RECORD = f"{STUDY}.plausible"
"""Name of the frozen file."""

COUNTRIES = 40
"""Other synthetic countries."""

OWN = (0.0, 0.1, 0.25, 0.5)
"""Planted own effect of the instrument, in its whole reduced form; of either sign in turn."""


def plausible_results(study: Study) -> dict[str, Any]:
    """The trial: the arguments of ``frozen.freeze``."""
    facts = {"trial": try_own_effects(range(1, COUNTRIES + 1)), "countries": COUNTRIES}
    return {"estimates": {}, "notes": {}, "facts": facts, "inputs": {"data/twin.yml": truth_hash()}}


def try_own_effects(seeds: Iterable[int]) -> list[dict[str, Any]]:
    """Coverage where the lines of 1984 do something for growth by themselves.

    The truth is what the instrument makes of the planted effect alone, as its weights on cities are its own.

    Returns
    -------
    list of dict
        For each of :data:`OWN`: ``own``; ``bias`` of two-stage least squares; ``excluded`` and ``allowed``:
        coverage of its interval, and of the union over own effects up to the planted share; ``width``: mean
        width of the union in that of the interval.
    """
    rows = []
    for seed in seeds:
        panel = with_planted_outcome(build_city_panel(open_source("twin", seed=seed)), seed)
        found = fit(INSTRUMENTED, panel)
        truth = fit(INSTRUMENTED.change(outcome=PLANTED), panel).instrumented.estimate["virtual"][0]
        rows += [_one(found, own, 1 if seed % 2 else -1, truth) for own in OWN]
    return pd.DataFrame(rows).groupby("own").mean().reset_index().to_dict("records")


def _one(found: Fit, own: float, sign: int, truth: float) -> dict[str, float]:
    """With an own effect that is a share of the reduced form it is a part of."""
    arrays = found.design
    slope = found.instrumented.anderson_rubin.outcome_slopes[0]
    added = own / (1 - own) * slope if sign > 0 else -own / (1 + own) * slope
    moved = instrumental_variables(
        arrays.outcome + added * arrays.instrument,
        arrays.treatments,
        arrays.instrument,
        arrays.controls,
        **arrays.keys,
        terms=arrays.names,
    )
    bounds = plausible_exogeneity(moved, shares=(0.0, own)).table
    excluded, allowed = (bool(low <= truth <= high) for low, high in bounds[["low", "high"]].to_numpy())
    widths = np.diff(bounds[["low", "high"]].to_numpy())[:, 0]
    return {
        "own": own,
        "bias": moved.estimate.coefficients[0] - truth,
        "excluded": float(excluded),
        "allowed": float(allowed),
        "width": widths[1] / widths[0],
    }

"""An instrument with a planted effect of its own: whether intervals that allow for it hold the truth."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from digital_clusters.analysis.data import load_city_panel
from digital_clusters.analysis.fit import fit
from digital_clusters.analysis.power import truth_hash
from digital_clusters.analysis.study import Study
from digital_clusters.estimators.assumptions.plausible import plausible_exogeneity
from digital_clusters.estimators.panel.demeaning import demean_two_way
from digital_clusters.estimators.panel.instrumental import InstrumentalEstimate, instrumental_variables
from digital_clusters.measures.panel import Panel
from digital_clusters.studies.virtual_agglomeration.planted import PLANTED, with_planted_outcome
from digital_clusters.studies.virtual_agglomeration.specs import INSTRUMENTED, STUDY

RECORD = f"{STUDY}.plausible"
"""Name of the frozen file."""

DRAWS, SEED = 500, 20121984
"""Random signs of cities."""

OWN = (0.0, 0.1, 0.25, 0.5)
"""Planted own effect of the instrument, in its whole reduced form; of either sign in turn."""


def plausible_results(study: Study) -> dict[str, Any]:
    """The trial: the arguments of ``frozen.freeze``."""
    facts = {"trial": try_own_effects(load_city_panel("twin")), "draws": DRAWS}
    return {"estimates": {}, "notes": {}, "facts": facts, "inputs": {"data/twin.yml": truth_hash()}}


def try_own_effects(panel: Panel, *, draws: int = DRAWS, seed: int = SEED) -> list[dict[str, Any]]:
    """Coverage where the lines of 1984 do something for growth by themselves.

    The outcome is what storefronts are planted to add, plus what city and year effects leave of all else with
    a random sign for each city, so that exclusion is right, plus the own effect. The truth is what the
    instrument makes of the planted part, as its weights on cities are its own.

    Returns
    -------
    list of dict
        For each of :data:`OWN`: ``own``; ``bias`` of two-stage least squares; ``excluded`` and ``allowed``:
        coverage of its interval, and of the union over own effects up to the planted share; ``width``: mean
        width of the union in that of the interval.
    """
    whole = with_planted_outcome(panel)
    found = fit(INSTRUMENTED.change(contemporaneous=(PLANTED,)), whole)
    arrays = fit(INSTRUMENTED, whole).design
    planted = found.values(PLANTED)
    columns = (arrays.treatments, arrays.instrument, arrays.controls)
    given: dict[str, Any] = {"terms": arrays.names} | arrays.keys
    alone = instrumental_variables(planted, *columns, **given)
    truth, reduced = alone.estimate.coefficients[0], alone.anderson_rubin.outcome_slopes[0]
    cities, codes = np.unique(arrays.entity, return_inverse=True)
    years = np.unique(arrays.time, return_inverse=True)[1]
    rest = demean_two_way(arrays.outcome - planted, codes, years)
    rng, rows = np.random.default_rng(seed), []
    for draw in range(draws):
        signs = rng.choice([-1.0, 1.0], size=len(cities))
        made = instrumental_variables(planted + signs[codes] * rest, *columns, **given)
        rows += [_one(made, own, 1 if draw % 2 else -1, truth, reduced) for own in OWN]
    return pd.DataFrame(rows).groupby("own").mean().reset_index().to_dict("records")


def _one(made: InstrumentalEstimate, own: float, sign: int, truth: float, reduced: float) -> dict[str, float]:
    """With an own effect that is a share of the reduced form it is a part of.

    An effect of the instrument adds to its slope and to no residual.
    """
    joint = made.anderson_rubin
    added = sign * own / (1 - sign * own) * reduced
    moved = replace(made, anderson_rubin=replace(joint, outcome_slopes=joint.outcome_slopes + added))
    bounds = plausible_exogeneity(moved, shares=(0.0, own)).table[["low", "high"]].to_numpy()
    excluded, allowed = (float(low <= truth <= high) for low, high in bounds)
    widths = np.diff(bounds)[:, 0]
    estimate = (joint.outcome_slopes[0] + added) / joint.treatment_slopes[0]
    return {
        "own": own,
        "bias": estimate - truth,
        "excluded": excluded,
        "allowed": allowed,
        "width": widths[1] / widths[0],
    }

"""Every design, what is tried and what is excused, and the frozen table."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.studies.trials.intervals import adoption, panels, space
from digital_clusters.studies.trials.intervals.runner import SEED, TrialDesign, digest, run_designs

NAME = "intervals"
"""Of the frozen file."""

DESIGNS: tuple[TrialDesign, ...] = (*panels.DESIGNS, *adoption.DESIGNS, *space.DESIGNS)

WORKERS = 2


@dataclass(frozen=True)
class FrozenTrial:
    """The frozen table.

    Attributes
    ----------
    table : pandas.DataFrame
        As :func:`~digital_clusters.studies.trials.intervals.runner.run_designs` gives it.
    digest : str
        Of the designs that were declared when it was made.
    commit, date : str
    """

    table: pd.DataFrame
    digest: str
    commit: str
    date: str


def intervals_results() -> dict[str, Any]:
    """The arguments of ``frozen.freeze``: the whole trial, which takes minutes."""
    table = run_designs(DESIGNS, n_jobs=WORKERS)
    return {
        "estimates": {},
        "inputs": {"declared designs": digest(DESIGNS)},
        "facts": {"seed": SEED, "rows": table.astype(object).where(table.notna(), None).to_dict("records")},
    }


def frozen_trial() -> FrozenTrial:
    """The table in ``data/results``."""
    found = load_frozen(NAME)
    table = pd.DataFrame(found.facts["rows"])
    return FrozenTrial(table, found.inputs["declared designs"], found.commit, found.date)

"""How the statements of the theory stand in the models of its chapter, as it is frozen."""

import hashlib
from dataclasses import asdict
from typing import Any

from digital_clusters.studies.virtual_clusters.statements import statements
from digital_clusters.theory.clusters.size import ClusterSize
from digital_clusters.theory.clusters.trials import run_trials

STUDY = "virtual_clusters"

SEED, RUNS = 20171201, 20
"""Defaults of the chapter's parameters."""


def statement_results() -> dict[str, Any]:
    """Every statement with where it stands, at the chapter's defaults: the arguments of ``frozen.freeze``."""
    cluster = ClusterSize()
    found = statements(cluster, run_trials(SEED, RUNS))
    said = f"{cluster!r}, seed {SEED}, {RUNS} runs"
    return {
        "estimates": {},
        "facts": {"statements": [asdict(statement) for statement in found]},
        "inputs": {"parameters of the models": hashlib.sha256(said.encode()).hexdigest()},
    }

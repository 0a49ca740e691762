"""The multiverse of co-agglomeration on public data, as it is frozen."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pandas as pd

from digital_clusters.analysis.data import load_tables
from digital_clusters.analysis.multiverse.declared import Multiverse, multiverse_file, read_multiverse
from digital_clusters.analysis.multiverse.explored import Explored, explore, to_facts
from digital_clusters.analysis.study import Study
from digital_clusters.measures.panel import Panel

WORKERS = 2
"""Processes; claims share no summary, so that they can be estimated apart."""


def multiverse_results(study: Study) -> dict[str, Any]:
    """The declared multiverse on public data: the arguments of ``frozen.freeze``."""
    explored = by_claim(read_multiverse(multiverse_file(study.key)), study.explored(study.panel("public")))
    inputs = dict(load_tables("public").provenance)
    return {"estimates": {}, "notes": {}, "facts": to_facts(explored), "inputs": inputs}


def by_claim(declared: Multiverse, panels: Mapping[str, Panel], workers: int = WORKERS) -> Explored:
    """What ``explore`` gives, each claim in a process of its own."""
    from joblib import Parallel, delayed

    alone = [declared.model_copy(update={"claims": {key: one}}) for key, one in declared.claims.items()]
    parts = Parallel(n_jobs=workers)(delayed(explore)(each, panels) for each in alone)
    ruled_out = Counter[str]()
    for part in parts:
        ruled_out.update(part.ruled_out)
    return Explored(
        declared,
        pd.concat([part.table for part in parts], ignore_index=True),
        pd.concat([part.joint for part in parts], ignore_index=True),
        dict(ruled_out),
        sum(part.repeated for part in parts),
    )

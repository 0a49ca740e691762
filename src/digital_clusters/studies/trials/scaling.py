"""What Dask workers add to a sweep of specifications, read from the record of one run.

``python benchmarks/workers.py`` makes the record.
"""

from typing import TYPE_CHECKING, Any

import pandas as pd

from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.report.tables import styled
from digital_clusters.report.words import number

if TYPE_CHECKING:
    from great_tables import GT

NAME = "workers"
"""Of the frozen file."""

MANY_SPECS, MANY_MACHINES = 10_000_000, 1_000
LABEL = "synthetic twin"


def frozen_scaling() -> dict[str, Any]:
    """Facts of the record: ``rows`` (workers, 0 for no Dask; seconds), ``points``, ``empty_task``, …"""
    return dict(load_frozen(NAME).facts)


def _run(workers: int) -> str:
    return f"Dask, {workers} worker{'s' * (workers > 1)}" if workers else "one process, no Dask"


def scaling_table(facts: dict[str, Any]) -> "GT":
    """Seconds and specifications a second, in one process and by workers."""
    alone = facts["rows"][0]["seconds"]
    rows = [
        {
            "Run": _run(row["workers"]),
            "Seconds": number(row["seconds"], 1),
            "Specifications a second": number(facts["points"] / row["seconds"], 0),
            "Times one process": number(alone / row["seconds"], 2),
        }
        for row in facts["rows"]
    ]
    note = (
        f"{facts['points']:,} specifications of {facts['multiverse'].replace('_', ' ')} in parts of "
        f"{facts['part']}; medians of {facts['runs']} runs on {facts['cores']} cores, workers started "
        "before. All tables are the same to the byte."
    )
    return styled(pd.DataFrame(rows), "", note, LABEL)


def shared_sentence(facts: dict[str, Any]) -> str:
    """What travels, and how large it is."""
    return (
        f"The panels ({number(facts['panels_mib'], 1)} MiB) travel to each worker once, "
        f"{number(facts['part_kib'], 0)} KiB of choices with each part, and its rows back; nothing is "
        "shuffled between workers, and none needs a file of another."
    )


def limit_sentence(facts: dict[str, Any]) -> str:
    """Where it stops scaling: one scheduler against many workers, from the two times measured."""
    spec = facts["rows"][0]["seconds"] / facts["points"]
    part, empty = spec * facts["part"], facts["empty_task"]
    parts = -(-MANY_SPECS // facts["part"])
    spread, queue = MANY_SPECS * spec / MANY_MACHINES, parts * empty
    slower = "the scheduler" if queue > spread else "estimation"
    return (
        f"A part takes {number(1e3 * part, 0)} ms to estimate and {number(1e3 * empty, 2)} ms to hand "
        f"out, so that one scheduler keeps about {part / empty:,.0f} workers busy. "
        f"{MANY_SPECS:,} specifications like these are {parts:,} parts: {number(spread, 0)} s of estimation "
        f"on {MANY_MACHINES:,} cores and {number(queue, 0)} s of handing out; {slower} sets the time, and "
        "larger parts, or a file of the sweep each for several schedulers, are what moves it. These two are "
        f"sums and were not run: measured are at most {max(row['workers'] for row in facts['rows'])} workers."
    )

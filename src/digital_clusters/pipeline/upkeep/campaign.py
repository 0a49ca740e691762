"""The record of the campaign of faults, ``data/campaign.yml``: what was tried, and what was lost.

It is written by the tests of ``tests/faults`` where ``DIGITAL_CLUSTERS_CAMPAIGN`` is set, which only
``make campaign`` does, and shown on the status page.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from digital_clusters.pipeline.upkeep.records import read_upkeep, write_upkeep

RECORD = "data/campaign.yml"

HEAD = "# Written by the tests of faults (`make campaign`): how often each kind was tried, what was lost.\n"


@dataclass(frozen=True)
class Tried:
    """One kind of fault.

    Attributes
    ----------
    kind : str
        What was done to the project.
    tried, lost : int
        How often; and how often anything was stale, mixed, lost or ended in a traceback.
    date, commit : str
        When, and at which commit of the code.
    """

    kind: str
    tried: int
    lost: int
    date: str
    commit: str


def read_campaign(root: Path) -> list[Tried]:
    """The recorded kinds, in the order of the file; empty where the project has no record.

    Raises
    ------
    FileError
        If the file is not a list of such records.
    """
    said = read_upkeep(root / RECORD, lambda rows: [Tried(**row) for row in rows], "the campaign")
    return said or []


def add_to_record(root: Path, found: Iterable[Tried]) -> None:
    """Put kinds into the record, each in the place of what it said of the same kind.

    A part of a campaign does not take the place of a larger one, unless it lost something.
    """
    kinds = {entry.kind: entry for entry in read_campaign(root)}
    for entry in found:
        known = kinds.get(entry.kind)
        if known is None or entry.lost or entry.tried >= known.tried:
            kinds[entry.kind] = entry
    entries = [asdict(kinds[kind]) for kind in sorted(kinds)]
    write_upkeep(root / RECORD, HEAD, entries, width=200)

"""The record of the campaign of faults, ``data/campaign.yml``: what was tried, and what was lost.

It is written by the tests of ``tests/faults`` where ``DIGITAL_CLUSTERS_CAMPAIGN`` is set, which only
``make campaign`` does, and shown on the status page.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml

from digital_clusters.errors import FileError
from digital_clusters.files import write_text

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
    file = root / RECORD
    if not file.is_file():
        return []
    try:
        return [Tried(**entry) for entry in yaml.safe_load(file.read_text(encoding="utf-8"))]
    except (UnicodeDecodeError, yaml.YAMLError, TypeError) as error:
        raise FileError(f"{file} is not a record of the campaign: {error}; make it again") from None


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
    write_text(root / RECORD, HEAD + yaml.safe_dump(entries, allow_unicode=True, sort_keys=False, width=200))

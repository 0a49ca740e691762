"""Numbers of the book that come out otherwise on another type of processor, ``data/processors.yml``.

Libraries of linear algebra choose their kernels by the processor, and kernels that sum in another order
round otherwise. The record is written by ``benchmarks/processors.py``, which builds the book twice on one
machine, the second time with the kernels of an older processor, and is shown on the status page.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from digital_clusters.errors import FileError
from digital_clusters.pipeline.upkeep.records import read_upkeep, write_upkeep

RECORD = "data/processors.yml"

HEAD = "# Written by benchmarks/processors.py: numbers of the book that depend on the type of processor.\n"

DIGITS = 9
"""Significant digits in which two numbers must agree: no page prints as many."""

NOT_COMPARED = {"seconds", "run_seconds"}
"""Entries that differ between any two runs."""


@dataclass(frozen=True)
class Processors:
    """What two builds on two types of processor have in common.

    Attributes
    ----------
    usual, other : str
        The kernels of linear algebra of both builds.
    compared : int
        Numbers, over all results of all pages.
    digits : int
        Significant digits to which numbers that are not listed agree.
    differing : dict of str to float
        From where a number stands (page, row, entry) to its relative difference.
    date, commit : str
        When, and at which commit of the code.
    """

    usual: str
    other: str
    compared: int
    digits: int
    differing: dict[str, float]
    date: str
    commit: str


def saved_numbers(results: Path) -> dict[str, float]:
    """Every number of a folder of results, by the file, the row and the entries it stands below.

    Raises
    ------
    FileError
        If a file is not JSON.
    """
    found: dict[str, float] = {}
    for file in sorted(results.glob("*.json")):
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
        except ValueError as error:
            raise FileError(f"{file} is not JSON ({error}); build its page again") from None
        found.update(_below(file.stem, content))
    return found


def differing(usual: dict[str, float], other: dict[str, float], digits: int = DIGITS) -> dict[str, float]:
    """Relative difference of each number that two builds do not share to so many significant digits.

    A number that only one build has, or that is missing in one, differs by infinity.

    Examples
    --------
    >>> differing({"a": 1.0, "b": 2.0}, {"a": 1.0, "b": 2.1})
    {'b': 0.048}
    """
    apart = {
        place: _relative(usual.get(place, math.nan), other.get(place, math.nan))
        for place in sorted(usual.keys() | other.keys())
    }
    return {place: value for place, value in apart.items() if value > 0.5 * 10.0**-digits}


def _relative(one: float, two: float) -> float:
    if one == two or (math.isnan(one) and math.isnan(two)):
        return 0.0
    if math.isnan(one) or math.isnan(two):
        return math.inf
    return float(f"{abs(one - two) / max(abs(one), abs(two)):.2g}")


def _below(place: str, content: Any) -> Iterator[tuple[str, float]]:
    if isinstance(content, dict):
        for name, value in content.items():
            if name not in NOT_COMPARED:
                yield from _below(f"{place} / {name}", value)
    elif isinstance(content, list):
        for number, value in enumerate(content):
            yield from _below(f"{place} / {_name(value) or number}", value)
    elif isinstance(content, int | float) and not isinstance(content, bool):
        yield place, float(content)


def _name(row: Any) -> str | None:
    """What a row calls itself, where it does."""
    return next(
        (row[key] for key in ("column", "key", "name") if isinstance(row, dict) and row.get(key)), None
    )


def read_processors(root: Path) -> Processors | None:
    """The record; ``None`` where the project has none.

    Raises
    ------
    FileError
        If the file is not such a record.
    """
    return read_upkeep(root / RECORD, lambda said: Processors(**said), "two processors")


def write_processors(root: Path, record: Processors) -> None:
    """Write the record."""
    write_upkeep(root / RECORD, HEAD, asdict(record))

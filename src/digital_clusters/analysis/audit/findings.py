"""What a check found: the printed numbers, what the rest implies for them, and the grade."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from digital_clusters.analysis.audit.intervals import Interval
from digital_clusters.errors import ParameterError

Grade = Literal["consistent", "possible", "contradicts", "tension"]

GRADES: tuple[Grade, ...] = get_args(Grade)

MEANINGS: dict[Grade, str] = {
    "consistent": "they agree, whatever was rounded away",
    "possible": "some of the numbers that round to the printed ones agree",
    "contradicts": "no numbers that round to the printed ones agree",
    "tension": "no identity ties them, but they are further apart than chance or the text would have it",
}
"""What each grade says."""

FINDING_COLUMNS = ["id", "check", "place", "printed", "implied", "grade"]


@dataclass(frozen=True)
class AuditFinding:
    """One comparison.

    Attributes
    ----------
    id : str
        Group and number of the check, such as ``A3``: A terms, B fit, C transformations and
        effects, D samples, E moments.
    check, place : str
        What is compared, and where in the paper.
    printed, implied : str
        The printed numbers, and what others imply for them.
    grade : str
        See :data:`MEANINGS`.
    """

    id: str
    check: str
    place: str
    printed: str
    implied: str
    grade: Grade

    @property
    def sentence(self) -> str:
        """The finding as one sentence."""
        return f"{self.place}, {self.check}: {self.printed}; implied {self.implied}: {MEANINGS[self.grade]}."


def grade_of(always: bool, sometimes: bool = False) -> Grade:
    """Consistent if numbers agree always, possible if sometimes, else contradicts."""
    if always:
        return "consistent"
    return "possible" if sometimes else "contradicts"


def compared(implied: Interval, found: Interval) -> Grade:
    """Whether what is implied lies in what is printed: all of it, some of it or none."""
    return grade_of(implied.within(found), implied.overlaps(found))


def need_at_least(place: str, least: int, **values: int) -> None:
    """Raise a :class:`ParameterError` that names the first value below ``least``."""
    for name, value in values.items():
        if value < least:
            raise ParameterError(f"{place}: {name} = {value:,} must be {least} or more")


def frame_of(findings: Sequence[AuditFinding]) -> pd.DataFrame:
    """A row a finding, with the columns :data:`FINDING_COLUMNS`."""
    rows = [[getattr(found, name) for name in FINDING_COLUMNS] for found in findings]
    return pd.DataFrame(rows, columns=FINDING_COLUMNS)


def tally(findings: Iterable[AuditFinding]) -> dict[Grade, int]:
    """How many findings have each grade."""
    grades = [found.grade for found in findings]
    return {grade: grades.count(grade) for grade in GRADES}


def span(interval: Interval, decimals: int = 2) -> str:
    """An interval in words, with a true minus sign."""
    low, high = (f"{end:,.{max(decimals, 0)}f}" for end in interval)
    if np.isinf(interval.low) and np.isinf(interval.high):
        return "any number"
    if np.isinf(interval.high):
        text = f"≥ {low}"
    elif np.isinf(interval.low):
        text = f"≤ {high}"
    else:
        text = low if low == high else f"{low} to {high}"
    return text.replace("-", "−")

"""Known disagreements: grades that may be what they are, with a reason and a last day."""

import datetime
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, model_validator

from digital_clusters.analysis.published import read_record
from digital_clusters.analysis.scorecard.card_lines import CardLine
from digital_clusters.paths import data_folder

WAIVERS_FILE = "waivers.yml"


class Waiver(BaseModel):
    """One grade of one line that may get worse without a failing test, until a day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    claim: str
    grade: str
    reason: str
    date: datetime.date
    expires: datetime.date

    @model_validator(mode="after")
    def _ends_after_it_began(self) -> "Waiver":
        if self.expires <= self.date:
            raise ValueError(f"'expires' ({self.expires}) must be after 'date' ({self.date})")
        if not self.reason.strip():
            raise ValueError("a waiver needs its reason")
        return self


class _Waivers(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    waivers: tuple[Waiver, ...]


def load_waivers(path: Path | None = None) -> tuple[Waiver, ...]:
    """Read ``data/waivers.yml``, or another file of its form.

    Raises
    ------
    FileError
        If there is no such file.
    DataError
        If an entry lacks a field, has one too many, or ends before it began.
    """
    return read_record(_Waivers, path or data_folder() / WAIVERS_FILE, "waivers").waivers


def waiver_problems(
    waivers: Sequence[Waiver], entries: Iterable[CardLine], today: datetime.date
) -> list[str]:
    """What is wrong with the waivers on a day, as sentences: expired ones, and those of no grade there is."""
    grades = {entry.key: entry.grades for entry in entries}
    found = []
    for waiver in waivers:
        name = f"the waiver of {waiver.grade} of '{waiver.claim}'"
        if waiver.claim not in grades:
            found.append(f"{name} is of no line of the scorecard: correct its key or take it out")
        elif waiver.grade not in grades[waiver.claim]:
            known = ", ".join(grades[waiver.claim])
            found.append(f"{name} is of no grade; there are: {known}")
        if waiver.expires < today:
            found.append(
                f"{name} expired on {waiver.expires}: look at the number again, then renew the waiver with a "
                "new reason or take it out"
            )
    return found

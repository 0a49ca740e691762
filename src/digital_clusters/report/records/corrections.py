"""What the book said and no longer says: numbers of an earlier commit beside those of today, and why.

Declared in ``data/corrections.yml``; what is said now is read from frozen results.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import pandas as pd
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.published import read_record
from digital_clusters.errors import DataError
from digital_clusters.paths import data_folder
from digital_clusters.report.tables import styled
from digital_clusters.report.words import lines, number, p_value

if TYPE_CHECKING:
    from great_tables import GT

INTERVALS = "intervals"
"""Frozen record of how often intervals and tests keep their promise."""


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NowEstimated(_Declared):
    """A term of a frozen estimate."""

    record: str
    estimate: str
    term: str

    def text(self) -> str:
        """Coefficient, standard error, observations."""
        estimates = load_frozen(self.record).estimates
        if self.estimate not in estimates:
            raise DataError(f"no estimate '{self.estimate}' is frozen in {self.record}")
        found = estimates[self.estimate].term(self.term)
        return f"{number(found.value)} ({number(found.error)}), N {found.n:,}"


class NowTested(_Declared):
    """A frozen F test, by its path in the facts of a record."""

    record: str
    path: tuple[str, ...]

    def text(self) -> str:
        """F and its p value."""
        found = _fact(self.record, self.path)
        return f"{number(found['statistic'], 2)}, p = {p_value(found['p_value'])}"


class NowTurning(_Declared):
    """A frozen turning point, by its path in the facts of a record."""

    record: str
    turning: tuple[str, ...]

    def text(self) -> str:
        """Turning point, the set of those that the data do not refute, p value of a U inside them."""
        found = _fact(self.record, self.turning)
        return f"{number(found['turning_point'], 2)}, set {found['set']}, U: p = {p_value(found['u_p'])}"


def _fact(record: str, path: tuple[str, ...]) -> Any:
    found: Any = load_frozen(record).facts
    for key in path:
        if key not in found:
            raise DataError(f"no fact {' / '.join(path)} is frozen in {record}")
        found = found[key]
    return found


class NowCounted(_Declared):
    """A row of the trial of intervals."""

    design: str
    check: str

    def text(self) -> str:
        """Share of samples whose interval holds the truth, or that a test of a true null rejects."""
        table = pd.DataFrame(load_frozen(INTERVALS).facts["rows"])
        found = table[(table["design"] == self.design) & (table["check"] == self.check)]
        if len(found) != 1:
            raise DataError(
                f"{len(found)} rows of {INTERVALS} are '{self.design}', '{self.check}': one is needed"
            )
        return f"{number(float(found['share'].iloc[0]))}, {int(found['draws'].iloc[0]):,} samples"


class NowSaid(_Declared):
    """Something that is no number."""

    words: str

    def text(self) -> str:
        """The words."""
        return self.words


def _kind(value: Any) -> str:
    keys = value if isinstance(value, dict) else value.model_dump()
    return next((key for key in ("words", "design", "estimate", "path", "turning") if key in keys), "words")


Now = Annotated[
    Annotated[NowSaid, Tag("words")]
    | Annotated[NowCounted, Tag("design")]
    | Annotated[NowEstimated, Tag("estimate")]
    | Annotated[NowTested, Tag("path")]
    | Annotated[NowTurning, Tag("turning")],
    Discriminator(_kind),
]


class Correction(_Declared):
    """One number or word that changed: what it was, what it is, why, and what the sentence said and says."""

    part: str
    what: str
    then: str
    now: Now
    why: str
    said: str
    says: str
    page: str


class Corrections(_Declared):
    """``data/corrections.yml``."""

    commit: str
    entries: tuple[Correction, ...] = Field(min_length=1)

    @property
    def parts(self) -> tuple[str, ...]:
        """In the order of the file, each once."""
        return tuple(dict.fromkeys(entry.part for entry in self.entries))


@cache
def load_corrections(folder: Path | None = None) -> Corrections:
    """Read ``corrections.yml`` of ``folder``, by default ``data``.

    Raises
    ------
    FileError
        If there is no such file.
    DataError
        If the file does not have the expected fields; the first wrong one is named.
    """
    return read_record(Corrections, (folder or data_folder()) / "corrections.yml", "what changed")


def corrections_table(corrections: Corrections, part: str, *, label: str) -> "GT":
    """One row a correction: the number then and now, why, and the sentence then and now.

    Raises
    ------
    DataError
        If nothing frozen bears what is said now.
    """
    rows = [
        {
            "What": entry.what,
            f"At {corrections.commit}": entry.then,
            "Now": entry.now.text(),
            "Why": entry.why,
            "The sentence": lines(f"now: {entry.says}", [f"then: {entry.said}"]),
        }
        for entry in corrections.entries
        if entry.part == part
    ]
    shown = {type(entry.now) for entry in corrections.entries if entry.part == part}
    units = [words for kind, words in _UNITS.items() if kind in shown]
    note = f"{'; '.join(units)}; numbers of now are read from the frozen results." if units else ""
    return styled(pd.DataFrame(rows), part, note, label, markup=["The sentence"])


_UNITS = {
    NowEstimated: "Coefficient (standard error), N city-years",
    NowCounted: "Coverage: share of intervals that hold the truth; rejections: share of tests of a true null",
}
"""Kind of a number of now → what it is."""

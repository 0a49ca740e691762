"""What papers recommend, beside the estimate that each recommendation would need and its size.

Declared in ``data/published/policies.yml``; numbers are read from printed tables and frozen estimates.
"""

import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from digital_clusters.analysis.claims import load_claims
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.published import load_published, read_record
from digital_clusters.estimators.estimate import Coefficient
from digital_clusters.paths import data_folder
from digital_clusters.report.glue import glue
from digital_clusters.report.tables import styled
from digital_clusters.report.verdicts import interval_text
from digital_clusters.report.words import PUBLIC, column_name, key_in_words, lines, number

if TYPE_CHECKING:
    from great_tables import GT

Answer = Literal["yes", "in part", "no"]
"""Whether a table of the book has the estimate: with nothing left open, with a gap, or not at all."""


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PrintedEvidence(_Declared):
    """A coefficient of the paper's own tables."""

    kind: Literal["printed"]
    column: str
    term: str


class PublicEvidence(_Declared):
    """A frozen estimate on public data."""

    kind: Literal["public"]
    record: str
    estimate: str
    term: str


class Claimed(_Declared):
    """A claim of an abstract, with what public data say about it, if anything."""

    kind: Literal["claim"]
    claim: str


class Chapter(_Declared):
    """A page that treats the matter and estimates nothing."""

    kind: Literal["chapter"]
    page: str
    words: str


Evidence = Annotated[PrintedEvidence | PublicEvidence | Claimed | Chapter, Field(discriminator="kind")]


class Advice(_Declared):
    """A recommendation or contribution in our words, the estimate it needs, and what there is of it."""

    key: str
    statement: str
    needs: str
    evidence: tuple[Evidence, ...] = ()
    gap: str | None = None

    @model_validator(mode="after")
    def _evidence_or_why_not(self) -> "Advice":
        if not self.evidence and not self.gap:
            raise ValueError(f"'{self.key}' has no evidence: say why in 'gap'")
        return self


class PaperAdvice(_Declared):
    """What one paper recommends and contributes, and how much of it was read."""

    study: str
    citation: str
    read: str
    outcome: str | None = None
    recommendations: tuple[Advice, ...]
    contributions: tuple[Advice, ...]


class AllAdvice(_Declared):
    """``data/published/policies.yml``."""

    papers: tuple[PaperAdvice, ...]

    def paper(self, study: str) -> PaperAdvice:
        """The entry of one study."""
        return next(paper for paper in self.papers if paper.study == study)


@cache
def load_advice(folder: Path | None = None) -> AllAdvice:
    """Read ``policies.yml`` of ``folder``, by default ``data/published``.

    Raises
    ------
    FileError
        If there is no such file.
    DataError
        If the file does not have the expected fields; the first wrong one is named.
    """
    path = (folder or data_folder() / "published") / "policies.yml"
    return read_record(AllAdvice, path, "recommendations of the papers")


def answer(advice: Advice, study: str) -> Answer:
    """Whether the book has the estimate that ``advice`` of the paper of ``study`` needs."""
    found = [_has_number(item, study) for item in advice.evidence]
    if not any(found):
        return "no"
    return "yes" if all(found) and not advice.gap else "in part"


def size_in_sd(study: str, column: str, term: str) -> tuple[float, float]:
    """A printed coefficient for one s.d. of its term, in the outcome's unit and in s.d. of the outcome.

    For a product such as ``uil:difi`` one s.d. of each part. Standard deviations are those the paper prints.
    """
    paper = load_published(study)
    sd = {row.variable: float(row.sd) for row in paper.table1}
    value = paper.column(column).term(term).value * math.prod(sd[part] for part in term.split(":"))
    outcome = load_advice().paper(study).outcome
    return value, abs(value) / sd[outcome]


def advice_table(paper: PaperAdvice, which: Literal["recommendations", "contributions"]) -> "GT":
    """One row a recommendation (or contribution): what it needs, whether the book has it, how large it is."""
    rows = []
    for advice in getattr(paper, which):
        rows.append(
            {
                which.removesuffix("s").capitalize(): advice.statement,
                "Estimate it would need": advice.needs,
                "In the book": lines(
                    answer(advice, paper.study), emphasised=[advice.gap] if advice.gap else []
                ),
                "Size": lines("", _sizes(advice.evidence, paper)).removeprefix("<br>"),
            }
        )
    note = f"Read: {paper.read}. Sizes: coefficient (standard error) or estimate [95 % interval]."
    if any("−∞" in row["Size"] for row in rows):
        note += " An interval without ends: no size is excluded at 5 %."
    return styled(pd.DataFrame(rows), "", note, _label(paper), markup=["In the book", "Size"])


def quote_advice(advice: AllAdvice) -> None:
    """Quote counts over all papers: ``recommended``, and ``recommended-yes``, ``-in-part`` and ``-no``."""
    answers = [answer(item, paper.study) for paper in advice.papers for item in paper.recommendations]
    glue("recommended", len(answers))
    for word in ("yes", "in part", "no"):
        glue(f"recommended-{word.replace(' ', '-')}", answers.count(word))


def _has_number(item: Evidence, study: str) -> bool:
    if isinstance(item, Chapter):
        return False
    return not isinstance(item, Claimed) or _claimed(study, item.claim) is not None


def _label(paper: PaperAdvice) -> str:
    every = (*paper.recommendations, *paper.contributions)
    kinds = {item.kind for advice in every for item in advice.evidence}
    words = {
        "printed": "the printed paper",
        "public": PUBLIC,
        "claim": PUBLIC,
        "chapter": "chapters of this book",
    }
    return ", ".join(dict.fromkeys(words[kind] for kind in words if kind in kinds))


def _claimed(study: str, key: str) -> Coefficient | None:
    kept = load_frozen(study).facts["claims"][key]
    return None if kept is None else Coefficient.from_record(key, kept)


def _sizes(evidence: Sequence[Evidence], paper: PaperAdvice) -> list[str]:
    """One line for each item of evidence."""
    return [_WORDS[item.kind](item, paper) for item in evidence]


def _printed_words(item: PrintedEvidence, paper: PaperAdvice) -> str:
    column = load_published(paper.study).column(item.column)
    found, (value, share) = column.term(item.term), size_in_sd(paper.study, item.column, item.term)
    return (
        f"printed, Table {column.table} ({column.column}): {number(found.value)} ({number(found.error)}); "
        f"one s.d.: {number(value)}, {number(share, 2)} s.d. of the outcome; N = {number(column.n, 0)}"
    )


def _public_words(item: PublicEvidence, paper: PaperAdvice) -> str:
    frozen = load_frozen(item.record)
    estimate = frozen.estimates[item.estimate]
    found, cities = estimate.term(item.term), estimate.n_clusters
    errors = f"clustered by {cities:,} cities" if estimate.errors == "clustered" else estimate.errors
    sd = {row["column"]: row["sd"] for row in frozen.facts["moments"]}
    # an indicator goes from no to yes, and has no s.d. here
    value = found.value * math.prod(sd.get(part, 1.0) for part in item.term.split(":"))
    return (
        f"public data, {_design(item, paper)}: {number(found.value, 4)} ({number(found.error, 4)}); "
        f"one s.d.: {number(value)}, {number(abs(value) / sd[paper.outcome], 2)} s.d. of the outcome; "
        f"N = {number(found.n, 0)}, errors {errors}"
    )


def _design(item: PublicEvidence, paper: PaperAdvice) -> str:
    """The estimate in words: a column of the paper is its own recipe, anything else has a name."""
    printed = {column.key for column in load_published(paper.study).columns}
    return f"the recipe of {column_name(item.estimate)}" if item.estimate in printed else item.estimate


def _claim_words(item: Claimed, paper: PaperAdvice) -> str:
    claim, found = load_claims(paper.study).claim(item.claim), _claimed(paper.study, item.claim)
    words = key_in_words(item.claim)
    if found is None:
        return f"{words}: not on public data, {claim.public_reason}"
    return (
        f"public data, {words}: {number(found.value)} {interval_text(found)}, claimed sign "
        f"{'+' if claim.sign > 0 else '−'}; N = {number(found.n, 0)}"
    )


def _chapter_words(item: Chapter, paper: PaperAdvice) -> str:
    return item.words


_WORDS = {
    "printed": _printed_words,
    "public": _public_words,
    "claim": _claim_words,
    "chapter": _chapter_words,
}

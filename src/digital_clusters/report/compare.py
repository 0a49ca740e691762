"""Published | synthetic twin | public data: the comparison every chapter makes."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd

from digital_clusters.analysis.published import PrintedTerm
from digital_clusters.analysis.replication.columns import Replication
from digital_clusters.errors import ParameterError
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.report.cautions import cautions
from digital_clusters.report.tables import styled
from digital_clusters.report.words import lines, number
from digital_clusters.sources.columns import words_of_term

if TYPE_CHECKING:
    from great_tables import GT

Grade = Literal[
    "within one published s.e.", "within two published s.e.", "same sign", "opposite sign", "not available"
]
"""How an estimate compares with the printed coefficient, best first."""

GRADES: tuple[Grade, ...] = get_args(Grade)

_SLACK = 1e-9
"""A distance of exactly one printed standard error counts as within, whatever binary makes of it."""

GRADES_NOTE = (
    "The words compare an estimate with the printed one: on the twin in printed standard errors, on public "
    "data, where the outcome is measured over other units, by sign alone."
)
STARS_NOTE = "***, **, * significant at 1, 5, 10 %; standard errors in parentheses."

DECIMALS = 3
"""Of an estimate beside which nothing is printed."""

_TWIN, _PUBLIC = "synthetic twin", "public data"


@dataclass(frozen=True)
class Row:
    """One printed coefficient beside what the same recipe finds.

    Attributes
    ----------
    column : str
        Where it is printed, such as ``Table 2 (1)``.
    term : str
        Name of the coefficient in the estimates.
    published : PrintedTerm or None
        ``None`` for an estimate the paper does not have.
    n : int or None
        Printed number of observations.
    twin, public : Estimate or None
    twin_note, public_note : str
        Why there is no estimate (must be given where there is none), or how it differs from what was asked.
    truth : float or None
        True effect in the twin.
    term_label : str
        What the reader sees; default ``term``.
    """

    column: str
    term: str
    published: PrintedTerm | None = None
    n: int | None = None
    twin: Estimate | None = None
    public: Estimate | None = None
    twin_note: str = ""
    public_note: str = ""
    truth: float | None = None
    term_label: str = ""

    def __post_init__(self):
        for name in ("twin", "public"):
            estimate, reason = getattr(self, name), getattr(self, f"{name}_note")
            if estimate is None and not reason:
                raise ParameterError(
                    f"{self.column}, {self.term}: no {name} estimate and no {name}_note reason"
                )
            if estimate is not None and self.term not in estimate.terms:
                there = ", ".join(estimate.terms)
                raise ParameterError(
                    f"{self.column}: the {name} estimate has no term '{self.term}', only {there}"
                )

    def grade(self, source: Literal["twin", "public"]) -> Grade:
        """Grade of the estimate from one source; on public data, where the outcome is another, by sign."""
        estimate = getattr(self, source)
        value = None if estimate is None else estimate[self.term][0]
        if source == "public" and value is not None and self.published is not None:
            return "same sign" if value * self.published.value > 0 else "opposite sign"
        return grade(value, self.published)


def rows_beside_print(
    replications: Sequence[Replication],
    terms: Sequence[str] | None = None,
    words: Mapping[str, str] | None = None,
) -> list[Row]:
    """One row a coefficient; without ``terms``, those that are printed, or else products, or else the first.

    Parameters
    ----------
    replications : sequence of Replication
        Of any study, see :func:`~digital_clusters.analysis.replication.columns.replicate`.
    terms : sequence of str, optional
    words : mapping of str to str, optional
        Term → what the reader sees of it; by default the words of the codebook.
    """
    return [_row(found, term, words) for found in replications for term in terms or _shown_terms(found)]


def _shown_terms(found: Replication) -> tuple[str, ...]:
    if found.printed is not None:
        return tuple(term.term for term in found.printed.terms)
    there = found.estimates["twin"].terms
    products = tuple(term for term in there if ":" in term)
    return products or there[:1]


def _row(found: Replication, term: str, words: Mapping[str, str] | None) -> Row:
    printed = found.printed
    label = words_of_term(term) if words is None else words.get(term, "")
    return Row(
        column=f"Table {printed.table} ({printed.column})" if printed else found.key,
        term=term,
        published=printed.term(term) if printed else None,
        n=printed.n if printed else None,
        twin=found.estimates["twin"],
        public=found.estimates["public"],
        twin_note=found.notes["twin"],
        public_note=found.notes["public"],
        truth=found.truth.get(term),
        term_label=_term_label(found, label),
    )


def _term_label(found: Replication, label: str) -> str:
    """The printed column's label, with the term where there are several; else the specification's name."""
    printed = found.printed
    if printed is None:
        return found.key
    return printed.label if len(printed.terms) == 1 else f"{printed.label}: {label}"


def grade(coefficient: float | None, published: PrintedTerm | None) -> Grade:
    """How far a coefficient is from the printed one, in printed standard errors, else in sign.

    Returns
    -------
    Grade
        ``not available`` if either is missing.
    """
    if coefficient is None or published is None or not np.isfinite(coefficient):
        return "not available"
    distance = abs(coefficient - published.value) / published.error
    if distance <= 1 + _SLACK:
        return "within one published s.e."
    if distance <= 2 + _SLACK:
        return "within two published s.e."
    return "same sign" if coefficient * published.value > 0 else "opposite sign"


def stars(p_value: float, levels: Mapping[str, float] | None = None) -> str:
    """Stars of a two-sided p value; default levels 1, 5 and 10 %."""
    levels = levels or {"***": 0.01, "**": 0.05, "*": 0.10}
    earned = [mark for mark, level in sorted(levels.items(), key=lambda item: item[1]) if p_value < level]
    return earned[0] if earned else ""


def records(rows: Sequence[Row]) -> list[dict]:
    """The rows as :func:`digital_clusters.report.results.save` takes them, with both grades."""
    return [
        {
            "column": row.column,
            "term": row.term,
            "published": None if row.published is None else _printed(row),
            "truth": row.truth,
            "twin": {"estimate": row.twin, "grade": row.grade("twin"), "missing": row.twin_note or None},
            "public": {
                "estimate": row.public,
                "grade": row.grade("public"),
                "missing": row.public_note or None,
            },
        }
        for row in rows
    ]


def _printed(row: Row) -> dict:
    printed = row.published
    return {
        "coefficient": printed.value,
        "standard_error": printed.error,
        "stars": printed.stars,
        "n": row.n,
    }


def comparison_table(
    rows: Sequence[Row],
    title: str = "",
    note: str = "",
    decimals: int | None = None,
) -> "GT":
    """Published, twin and public estimates side by side, graded in words.

    Each cell holds the coefficient with its stars, the standard error, the number of observations and
    the grade. Where there is no estimate the cell says so and a footnote gives the reason. Without
    ``decimals`` an estimate has those of the printed numbers beside it, or :data:`DECIMALS`.

    Returns
    -------
    great_tables.GT
    """
    if not rows:
        raise ParameterError("a comparison needs at least one row")
    printed = any(row.published is not None for row in rows)
    frame = pd.DataFrame(
        {
            "Column" if printed else "Specification": [_name(row) for row in rows],
            "Published": [_published_cell(row) for row in rows],
            "Synthetic twin": [_cell(row, "twin", _decimals(row, decimals)) for row in rows],
            "Public data": [_cell(row, "public", _decimals(row, decimals)) for row in rows],
            "True effect in the twin": [_truth(row, _decimals(row, decimals)) for row in rows],
        }
    )
    if not printed:
        frame = frame.drop(columns="Published")
    if all(row.truth is None for row in rows):
        frame = frame.drop(columns="True effect in the twin")
    footnotes = [
        (position, heading, note if estimate else f"not available: {note}")
        for position, row in enumerate(rows)
        for heading, estimate, note in (
            ("Synthetic twin", row.twin, row.twin_note),
            ("Public data", row.public, row.public_note),
        )
        if note
    ]
    footnotes += cautions(
        (position, heading, estimate)
        for position, row in enumerate(rows)
        for heading, estimate in (("Synthetic twin", row.twin), ("Public data", row.public))
    )
    grades = GRADES_NOTE if printed else ""
    text = " ".join(part for part in (STARS_NOTE, grades, note) if part)
    return styled(frame, title, text, _labels(rows), markup=list(frame.columns), footnotes=footnotes)


def _decimals(row: Row, asked: int | None) -> int:
    if asked is not None:
        return asked
    if row.published is None:
        return DECIMALS
    texts = (row.published.coefficient, row.published.standard_error)
    return max(len(text.partition(".")[2]) for text in texts)


def _name(row: Row) -> str:
    label = row.term_label or row.term
    return lines(row.column, small=[label] if label != row.column else [])


def _labels(rows: Sequence[Row]) -> str:
    return (
        ", ".join(
            label
            for label, there in (
                (_TWIN, any(row.twin for row in rows)),
                (_PUBLIC, any(row.public for row in rows)),
            )
            if there
        )
        or "the printed paper"
    )


def _published_cell(row: Row) -> str:
    if row.published is None:
        return lines("not in the paper")
    printed = row.published
    small = [f"({printed.standard_error})"] + ([f"N = {row.n:,}"] if row.n else [])
    return lines(f"{printed.coefficient}{printed.stars}".replace("-", "−"), small=small)


def _cell(row: Row, source: str, decimals: int) -> str:
    estimate: Estimate | None = getattr(row, source)
    if estimate is None:
        return lines("not available")
    b = estimate.term(row.term)
    small = [f"({number(b.error, decimals)})", f"N = {estimate.n_observations:,}"]
    words = [] if row.published is None else [row.grade(source)]
    return lines(number(b.value, decimals) + stars(b.p_value), small=small, emphasised=words)


def _truth(row: Row, decimals: int) -> str:
    return html.escape("not defined" if row.truth is None else number(row.truth, decimals))

"""How many printed coefficients and claims public data agree with: the counts of the landing page."""

from collections import Counter
from dataclasses import dataclass

from digital_clusters.analysis.claims import load_claims
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.published import load_published
from digital_clusters.estimators.estimate import Coefficient
from digital_clusters.report.compare import grade
from digital_clusters.report.glue import glue


@dataclass(frozen=True)
class PrintedCount:
    """Printed coefficients beside the same columns on public data.

    Attributes
    ----------
    printed : int
        Coefficients in the paper's tables.
    same_sign, within_one : int
        Of them with the printed sign on public data; within one printed standard error.
    """

    printed: int
    same_sign: int
    within_one: int


@dataclass(frozen=True)
class ClaimCount:
    """Claims of an abstract on public data.

    Attributes
    ----------
    claims, touched : int
        All of them; those about which public data have a number.
    recovered, contradicted, unclear : int
        Of the touched: the claimed sign or the other one, different from zero at 5 %; or neither.
    """

    claims: int
    touched: int
    recovered: int
    contradicted: int
    unclear: int


def count_printed(study: str) -> PrintedCount:
    """Signs and sizes of the frozen public estimates of the paper's own columns."""
    frozen = load_frozen(study).estimates
    pairs = [
        (term, frozen[column.key].term(term.term).value)
        for column in load_published(study).columns
        for term in column.terms
    ]
    return PrintedCount(
        printed=len(pairs),
        same_sign=sum(term.value * found > 0 for term, found in pairs),
        within_one=sum(grade(found, term) == "within one published s.e." for term, found in pairs),
    )


def count_claims(study: str) -> ClaimCount:
    """Verdicts of the frozen public numbers of the paper's claims."""
    frozen, claims = load_frozen(study).facts["claims"], load_claims(study).claims
    touched = [
        Coefficient.from_record(claim.key, frozen[claim.key]).verdict(claim.sign)
        for claim in claims
        if frozen[claim.key] is not None
    ]
    verdicts = Counter(touched)
    clear = verdicts["recovered"] + verdicts["contradicted"]
    return ClaimCount(
        claims=len(claims),
        touched=len(touched),
        recovered=verdicts["recovered"],
        contradicted=verdicts["contradicted"],
        unclear=len(touched) - clear,
    )


def quote_counts(name: str, count: PrintedCount | ClaimCount) -> None:
    """Quote every field of a count in prose, as ``<name>-<field>``."""
    for field, value in vars(count).items():
        glue(f"{name}-{field.replace('_', '-')}", value)

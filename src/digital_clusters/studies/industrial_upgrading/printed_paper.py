"""The printed paper by itself: its hypotheses as signs, its tables held against each other."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from digital_clusters.analysis.audit import moments, samples, transformations
from digital_clusters.analysis.audit.findings import AuditFinding
from digital_clusters.analysis.audit.printed import Term, term
from digital_clusters.analysis.audit.rounding import Number
from digital_clusters.analysis.audit.significance import check_stars
from digital_clusters.analysis.published import PublishedStudy
from digital_clusters.report import audit
from digital_clusters.report.tables import styled

if TYPE_CHECKING:
    from great_tables import GT

TERMS = {"uil": "structure", "uil:difi": "structure × index", "difi": "index"}
"""Names of the coefficients for a reader; Table 6 has all three in each column."""


DECIMALS = 3
"""Of the regression tables; one coefficient is printed without its last zero."""

SPLIT = ("table5.column3", "table5.column4")
"""The two groups of a median split."""

HALVES = {"table5.column1": 5, "table5.column2": 6}
"""The two periods and their years."""

MUNICIPALITIES = 4
"""Cities left out of Table 4 (3)."""

Terms = Mapping[tuple[str, str], Term]


def audit_findings(paper: PublishedStudy) -> list[AuditFinding]:
    """Stars, sample sizes, median split, rescaling, moments, and what the tables say of each other."""
    terms = _terms(paper)
    names = {
        (column.key, term.term): f"Table {column.table} ({column.column}), {TERMS[term.term]}"
        for column in paper.columns
        for term in column.terms
    }
    stars = [check_stars(names[key], term, paper.stars) for key, term in terms.items()]
    groups = [*stars, *_sizes(paper), *_units(paper, terms), *_moments(paper), *_between_tables(paper, terms)]
    return [finding for group in groups for finding in group]


def _terms(paper: PublishedStudy) -> Terms:
    return {
        (column.key, row.term): term(row.coefficient, row.standard_error, row.stars, places=DECIMALS)
        for column in paper.columns
        for row in column.terms
    }


def _sizes(paper: PublishedStudy) -> list[list[AuditFinding]]:
    """Cities times years, and parts that exhaust the sample."""
    years = paper.last_year - paper.first_year + 1
    sizes = [
        samples.check_sample_size(
            f"Table {column.table} ({column.column})",
            column.n,
            paper.cities,
            HALVES.get(column.key, years),
            excluded_cities=MUNICIPALITIES if column.key == "table4.column3" else 0,
        )
        for column in paper.columns
        if column.key not in SPLIT
    ]
    parts = [
        samples.check_parts(f"Table 5 {words}", [paper.column(key).n for key in keys], paper.cities * years)
        for words, keys in (("(1) and (2)", HALVES), ("(3) and (4)", SPLIT))
    ]
    high, low = (paper.column(key).n for key in SPLIT)
    whole = samples.check_whole_cities("Table 5 (3) and (4)", [high, low], years)
    return [*sizes, *parts, whole, samples.check_median_split("Table 5 (3) and (4)", high, low)]


def _units(paper: PublishedStudy, terms: Terms) -> list[list[AuditFinding]]:
    """Table 6 has the same regression with the index in two units."""
    index = next(row for row in paper.table1 if row.variable == "difi")
    factor = float(index.max) - float(index.min)
    return [
        transformations.check_rescaling(
            f"Table 6 (1) → Table 6 (2), {words}",
            terms["table6.column1", name],
            terms["table6.column2", name],
            1.0 if name == "uil" else factor,
            learnt=True,
        )
        for name, words in TERMS.items()
    ]


def _moments(paper: PublishedStudy) -> list[list[AuditFinding]]:
    rows = [
        (f"Table 1, {row.printed_as}", row.n, *map(Number, (row.mean, row.sd, row.min, row.max)))
        for row in paper.table1
    ]
    return [check(*row) for check in (moments.check_moments, moments.check_extremes) for row in rows]


def _between_tables(paper: PublishedStudy, terms: Terms) -> list[list[AuditFinding]]:
    """What the tables say of each other, and where the text says more than they do."""
    by_name = {row.variable: row for row in paper.table1}
    index, gini = by_name["difi"], by_name["gini"]
    least, mean, most = (float(text) for text in (index.min, index.mean, index.max))
    centre = (mean - least) / (most - least)
    whole = terms["table2.column2", "uil"]
    early, late, high, low = (terms[f"table5.column{k}", "uil"] for k in (1, 2, 3, 4))
    main, product, own = (terms["table6.column2", name] for name in TERMS)
    resources = terms["table4.column4", "uil"]
    n_early, n_late = (paper.column(key).n for key in HALVES)
    n_high, n_low = (paper.column(key).n for key in SPLIT)
    significant = transformations.check_significant_at
    at_least, at_most = "Table 6 (2) at the smallest index", "Table 6 (2) at the largest index"
    return [
        samples.check_pooled("Table 5 (1) and (2), Table 2 (2)", [early, late], whole),
        samples.check_pooled("Table 5 (3) and (4), Table 2 (2)", [high, low], whole),
        samples.check_difference("Table 5 (1) and (2): the periods differ", early, late),
        samples.check_difference("Table 5 (3) and (4): the groups differ", high, low),
        samples.check_difference("Table 5 (2), Table 2 (2): stronger in the rapid phase", late, whole),
        samples.check_errors("Table 5 (1) and (2)", early, late, n_early, n_late),
        samples.check_errors("Table 5 (3) and (4)", high, low, n_high, n_low),
        transformations.check_centring(
            "Table 6 (1) and (2)", terms["table6.column1", "uil"], main, product, centre
        ),
        transformations.check_effect_at(at_least, main, product, -centre, early, "Table 5 (1), structure"),
        significant(f"{at_least}: as in Table 5 (1)", main, product, -centre, 1, stated=False),
        significant(f"{at_most}: as in Table 5 (2)", main, product, 1 - centre, -1, stated=False),
        samples.check_size_of_effect(
            "Table 6 (2), index on a unit scale", own, Number(gini.mean), Number(gini.min)
        ),
        samples.check_absorbed("Table 2 (2), Table 4 (4): resource-based cities", whole, resources),
    ]


def hypotheses_table(paper: PublishedStudy) -> "GT":
    """Each hypothesis with the coefficients whose signs decide it."""
    frame = pd.DataFrame(
        {
            "Hypothesis": hypothesis.key,
            "In our words": hypothesis.statement,
            "Decided by": f"Table {column.table} ({column.column}), {TERMS[prediction.term]}",
            "Predicted": "negative" if prediction.sign < 0 else "positive",
            "Printed": f"{printed.coefficient}{printed.stars}".replace("-", "−"),
        }
        for hypothesis in paper.hypotheses
        for prediction in hypothesis.predictions
        for column in [paper.column(prediction.column)]
        for printed in [column.term(prediction.term)]
    )
    return styled(frame, "Hypotheses as signs", "", "the printed paper")


NOTE = (
    "Rescaling holds for one fit in two units; folds drawn anew move a coefficient by a fraction of its "
    "error, but not an error by half."
)


def audit_table(paper: PublishedStudy) -> "GT":
    """Every check of the printed tables that is not simply consistent, and how many were."""
    findings = audit_findings(paper)
    shown = [found for found in findings if found.grade != "consistent"]
    fine = len(findings) - len(shown)
    note = f"{len(findings)} checks; {fine} are consistent and not shown. {NOTE}"
    return audit.findings_table(shown, "Checks of the printed tables", "the printed paper", note)


def full_audit_table(paper: PublishedStudy) -> "GT":
    """Every check of the printed tables with its arithmetic."""
    title = "All checks of the printed tables"
    return audit.findings_table(audit_findings(paper), title, "the printed paper", NOTE)


def audit_sentences(paper: PublishedStudy) -> "GT":
    """One sentence for each finding that contradicts or is a tension."""
    shown = [found for found in audit_findings(paper) if found.grade in ("contradicts", "tension")]
    frame = pd.DataFrame({"Grade": found.grade, "In words": found.sentence} for found in shown)
    return styled(frame, "What does not fit, in words", "", "the printed paper")

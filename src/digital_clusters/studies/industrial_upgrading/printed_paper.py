"""The printed paper by itself: its hypotheses as signs, its tables held against each other."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from digital_clusters.analysis.published import PublishedStudy
from digital_clusters.report import audit
from digital_clusters.report.tables import styled

if TYPE_CHECKING:
    from great_tables import GT

TERMS = {"uil": "structure", "uil:difi": "structure × index", "difi": "index"}
"""Names of the coefficients for a reader; Table 6 has all three in each column."""


def audit_findings(paper: PublishedStudy) -> pd.DataFrame:
    """Stars, sample sizes, median split, rescaling and moments of the printed tables."""
    years = paper.last_year - paper.first_year + 1
    printed = {
        (column.key, term.term): audit.Printed(
            f"Table {column.table} ({column.column}), {TERMS[term.term]}",
            term.coefficient,
            term.standard_error,
            term.stars,
            decimals=3,
        )
        for column in paper.columns
        for term in column.terms
    }
    spans = {"table5.column1": 5, "table5.column2": 6}
    split = ("table5.column3", "table5.column4")
    sizes = [
        audit.check_sample_size(
            f"Table {column.table} ({column.column})",
            column.n,
            paper.cities,
            spans.get(column.key, years),
            excluded_cities=4 if column.key == "table4.column3" else 0,
        )
        for column in paper.columns
        if column.key not in split
    ]
    index = next(row for row in paper.table1 if row.variable == "difi")
    span = float(index.max) - float(index.min)
    pairs = [
        audit.check_rescaling(
            printed["table6.column1", term], printed["table6.column2", term], 1.0 if term == "uil" else span
        )
        for term in TERMS
    ]
    high, low = (paper.column(key).n for key in split)
    moments = [
        audit.check_moments(f"Table 1, {row.printed_as}", row.n, row.mean, row.sd, row.min, row.max)
        for row in paper.table1
    ]
    median = audit.check_median_split("Table 5 (3) and (4)", high, low)
    halves = ("table5.column1", "table5.column2")
    parts = [
        audit.check_parts(f"Table 5 {words}", [paper.column(key).n for key in keys], paper.cities * years)
        for words, keys in (("(1) and (2)", halves), ("(3) and (4)", split))
    ]
    whole = audit.check_whole_cities("Table 5 (3) and (4)", [high, low], years)
    checks = [
        audit.check_stars(list(printed.values()), paper.stars),
        *sizes,
        *parts,
        whole,
        median,
        *pairs,
        *moments,
        *_between_tables(paper, printed),
    ]
    return pd.concat(checks, ignore_index=True)


def _between_tables(
    paper: PublishedStudy, printed: Mapping[tuple[str, str], audit.Printed]
) -> list[pd.DataFrame]:
    """What the tables say of each other, and where the text says more than they do."""
    moments = {row.variable: row for row in paper.table1}
    index, gini = moments["difi"], moments["gini"]
    span = float(index.max) - float(index.min)
    centre = (float(index.mean) - float(index.min)) / span
    whole = printed["table2.column2", "uil"]
    early, late, high, low = (printed[f"table5.column{k}", "uil"] for k in (1, 2, 3, 4))
    main, product, own = (printed["table6.column2", term] for term in TERMS)
    centred = printed["table6.column1", "uil"]
    extremes = [
        audit.check_extremes(f"Table 1, {row.printed_as}", row.n, row.mean, row.sd, row.min, row.max)
        for row in paper.table1
    ]
    return [
        audit.check_pooled("Table 5 (1) and (2), Table 2 (2)", [early, late], whole),
        audit.check_pooled("Table 5 (3) and (4), Table 2 (2)", [high, low], whole),
        audit.check_difference("Table 5 (1) and (2): the periods differ", early, late),
        audit.check_difference("Table 5 (3) and (4): the groups differ", high, low),
        audit.check_difference("Table 5 (2), Table 2 (2): stronger in the rapid phase", late, whole),
        audit.check_centring("Table 6 (1) and (2)", centred, main, product, centre),
        audit.check_effect_at("Table 6 (2) at the smallest index", main, product, -centre, early),
        audit.check_size("Table 6 (2), index on a unit scale", own, gini.mean, gini.min),
        audit.check_absorbed(
            "Table 2 (2), Table 4 (4): resource-based cities", whole, printed["table4.column4", "uil"]
        ),
        *extremes,
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


def audit_table(paper: PublishedStudy) -> "GT":
    """Every check of the printed tables that is not simply consistent, and how many were."""
    findings = audit_findings(paper)
    fine = int((findings["verdict"] == "consistent").sum())
    shown = findings[findings["verdict"] != "consistent"]
    note = (
        f"{len(findings)} checks; {fine} are consistent whatever was rounded away and are not shown. "
        "Rescaling holds for one fit in two units; folds drawn anew move a coefficient by a fraction of its "
        "error, but not an error by half. Contradicts: no unrounded numbers fit. Possible: some do. Tension: "
        "no identity ties the numbers, but they are further apart than chance or the text would have it."
    )
    names = {name: name.capitalize() for name in findings.columns}
    return styled(shown.rename(columns=names), "Checks of the printed tables", note, "the printed paper")

"""The printed tables of Yu & Zhang held against each other."""

import pandas as pd

from digital_clusters.report import audit
from digital_clusters.studies.published import PublishedStudy

MODERATED = ("uil", "uil:difi", "difi")
"""Terms of the two columns of Table 6, which are one regression in two units."""


def audit_findings(paper: PublishedStudy) -> pd.DataFrame:
    """Stars, sample sizes, median split, rescaling and moments of the printed tables."""
    years = paper.last_year - paper.first_year + 1
    printed = {
        (column.key, term.term): audit.Printed(
            f"Table {column.table} ({column.column}), {term.term}",
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
        for term in MODERATED
    ]
    high, low = (paper.column(key).n for key in split)
    moments = [
        audit.check_moments(f"Table 1, {row.printed_as}", row.n, row.mean, row.sd, row.min, row.max)
        for row in paper.table1
    ]
    median = audit.check_median_split("Table 5 (3) and (4)", high, low)
    checks = [audit.check_stars(list(printed.values()), paper.stars), *sizes, median, *pairs, *moments]
    return pd.concat(checks, ignore_index=True)

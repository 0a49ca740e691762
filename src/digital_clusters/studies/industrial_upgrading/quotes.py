"""Numbers that the chapters on industrial upgrading quote and save."""

from collections.abc import Mapping, Sequence

from digital_clusters.estimators.estimate import Estimate
from digital_clusters.report.compare import Row, records
from digital_clusters.report.glue import glue
from digital_clusters.report.results import save
from digital_clusters.report.words import number
from digital_clusters.studies.industrial_upgrading.replication import Replication
from digital_clusters.studies.industrial_upgrading.specs import STUDY
from digital_clusters.studies.industrial_upgrading.tables import rows_of


def save_rows(section: str, replications: Sequence[Replication]) -> list[Row]:
    """Write the estimates of a page to the results folder and return them as rows."""
    rows = rows_of(replications)
    kept = [
        record | {"key": replication.key}
        for replication in replications
        for record in records(rows_of([replication]))
    ]
    save(STUDY, section, kept)
    return rows


def rows(rows: Sequence[Row], keys: Mapping[str, str]) -> None:
    """Quote coefficients in prose: ``name-twin``, ``name-public``, ``name-truth``, ``name-published``.

    Parameters
    ----------
    keys : mapping of str to str
        Name in the prose → ``column|term`` of the row.
    """
    by_place = {f"{row.column}|{row.term}": row for row in rows}
    for name, place in keys.items():
        row = by_place[place]
        for source, estimate in (("twin", row.twin), ("public", row.public)):
            glue(f"{name}-{source}", _quoted(estimate, row.term))
        glue(f"{name}-truth", "not defined" if row.truth is None else number(row.truth))
        if row.published is not None:
            glue(f"{name}-published", row.published.coefficient.replace("-", "−"))


def _quoted(estimate: Estimate | None, term: str) -> str:
    if estimate is None:
        return "not available"
    coefficient, error = estimate[term]
    return f"{number(coefficient)} ({number(error)})"

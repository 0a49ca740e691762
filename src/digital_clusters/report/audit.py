"""Tables of an audit of printed tables: the arithmetic of every check, and how many have each grade."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from digital_clusters.analysis.audit.findings import GRADES, MEANINGS, AuditFinding
from digital_clusters.report.tables import styled

if TYPE_CHECKING:
    from great_tables import GT

GRADES_IN_WORDS = " ".join(f"{grade.capitalize()}: {MEANINGS[grade]}." for grade in GRADES)

HEADINGS = {
    "id": "Id",
    "check": "Check",
    "place": "Place",
    "printed": "Printed",
    "implied": "Implied",
    "grade": "Grade",
}


def findings_table(findings: Sequence[AuditFinding], title: str, label: str, note: str = "") -> "GT":
    """Findings with what is printed, what the rest implies, and the grade."""
    rows = [[getattr(found, name) for name in HEADINGS] for found in findings]
    frame = pd.DataFrame(rows, columns=list(HEADINGS.values()))
    return styled(frame, title, f"{note} {GRADES_IN_WORDS}".strip(), label)

"""Table of a study's claims as one family."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from digital_clusters.analysis.claims import ClaimedStudy
from digital_clusters.analysis.inference.moderation import LEVEL
from digital_clusters.report.glue import glue
from digital_clusters.report.tables import styled
from digital_clusters.report.words import MISSING, number, p_text

if TYPE_CHECKING:
    from great_tables import GT

COLUMNS = {"t": "t", "p": "Alone", "holm": "Holm", "romano_wolf": "Romano–Wolf"}


def family_table(study: ClaimedStudy, found: Mapping[str, Sequence[Mapping[str, Any]]], draws: int) -> "GT":
    """Each claim's p value alone and in the family of all claims, by the label of the source."""
    by_claim = {label: {row["claim"]: row for row in rows} for label, rows in found.items()}
    frame = pd.DataFrame(
        {
            "Claim": [claim.statement for claim in study.claims],
            "Sign": ["+" if claim.sign > 0 else "−" for claim in study.claims],
        }
    )
    spanners, headings = {}, {}
    for label, rows in by_claim.items():
        names = [f"{label} {name}" for name in COLUMNS]
        for column, name in zip(names, COLUMNS, strict=True):
            frame[column] = [_cell(rows.get(claim.key), name) for claim in study.claims]
        spanners[label] = names
        headings |= dict(zip(names, COLUMNS.values(), strict=True))
    note = (
        f"p values of {draws:,} random signs of whole cities, the same for all claims; t with the error of "
        "leaving out one city after another, for spatial models of the cities' scores. A shape is tested by "
        "its square, a movement of the turning point by the product. Two-sided: the claimed sign stands "
        "beside the claim. Holm and Romano–Wolf: adjusted for all claims of the study."
    )
    return styled(frame, "", note, ", ".join(found), spanners=spanners, headings=headings)


def _cell(row: Mapping[str, Any] | None, name: str) -> str:
    if row is None:
        return MISSING
    return number(row[name], 2) if name == "t" else p_text(row[name])


def quote_family(found: Mapping[str, Sequence[Mapping[str, Any]]], trial: Mapping[str, float]) -> None:
    """Quote ``family-<source>-…``: claims found alone and in the family; and ``family-trial-…``."""
    for source, rows in found.items():
        right = [row for row in rows if row["t"] * row["sign"] > 0]
        glue(f"family-{source}-claims", len(rows))
        for name in ("p", "romano_wolf"):
            words = {"p": "alone", "romano_wolf": "together"}[name]
            glue(f"family-{source}-{words}", sum(row[name] <= LEVEL for row in right))
    glue("family-deals", int(trial["deals"]))
    for name in ("alone", "holm", "romano_wolf"):
        glue(f"family-trial-{name.replace('_', '-')}", f"{trial[name]:.0%}")

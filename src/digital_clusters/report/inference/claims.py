"""Table of a study's claims as one family."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from digital_clusters.analysis.claims import ClaimedStudy
from digital_clusters.analysis.inference.moderation import LEVEL
from digital_clusters.estimators.few_clusters import LEAST_CLUSTERS
from digital_clusters.report.figures.monte_carlo import wilson_limits
from digital_clusters.report.glue import glue
from digital_clusters.report.inference.counted import COUNTED, counted
from digital_clusters.report.tables import styled
from digital_clusters.report.words import MISSING, TWIN, number, p_text

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
        "leaving out one city after another, in spatial models by one Newton step. A shape is tested by "
        "its square, a movement of the turning point by the product. Two-sided: the claimed sign stands "
        "beside the claim. Holm and Romano–Wolf: adjusted for all claims of the study."
    )
    return styled(frame, "", note, ", ".join(found), spanners=spanners, headings=headings)


def _cell(row: Mapping[str, Any] | None, name: str) -> str:
    if row is None:
        return MISSING
    return number(row[name], 2) if name == "t" else p_text(row[name])


def family_trial_table(study: ClaimedStudy, trial: Mapping[str, Any]) -> "GT":
    """How often each claim is found alone where all are false, and how many cities decide it."""
    statements = {claim.key: claim.statement for claim in study.claims}
    rows = [
        {
            "Claim": statements[row["claim"]],
            "Found": counted(row["found"], trial["deals"]),
            "Cities behind it": number(row["cities"], 0),
        }
        for row in trial["claims"]
    ]
    note = (
        f"{trial['deals']} permutations of the treatments' paths over the twin's cities. Found: p value of "
        "its own of at most 5 %. Cities behind it: cities with effects of one size that would leave the "
        "variance of the number as uncertain, (Σe²)²/Σe⁴ of what each city adds; median over permutations. "
        f"{COUNTED}"
    )
    return styled(pd.DataFrame(rows), "", note, TWIN, markup=["Found"])


def quote_family(found: Mapping[str, Sequence[Mapping[str, Any]]], trial: Mapping[str, Any]) -> None:
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
    low, high = wilson_limits(trial["romano_wolf"], trial["deals"])
    glue("family-trial-range", f"{low:.0%} to {high:.0%}")
    few, many = (
        [row["found"] for row in trial["claims"] if (row["cities"] < LEAST_CLUSTERS) == scarce]
        for scarce in (True, False)
    )
    glue("family-trial-few", _mean_share(few))
    glue("family-trial-many", _mean_share(many))
    glue("family-trial-least", LEAST_CLUSTERS)


def _mean_share(shares: Sequence[float]) -> str:
    return f"{sum(shares) / len(shares):.1%}" if shares else "no claim"

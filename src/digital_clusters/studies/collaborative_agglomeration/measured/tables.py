"""Tables of what is measured, on which years, and between which neighbours."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.readings import coverage
from digital_clusters.measures.panel import Panel
from digital_clusters.report.tables import styled
from digital_clusters.report.words import BOTH, MISSING, PUBLIC, TWIN, lines, number
from digital_clusters.sources.columns import meaning_of, weights_words, words_of
from digital_clusters.studies.collaborative_agglomeration.specs import STUDY
from digital_clusters.studies.collaborative_agglomeration.study import COLLABORATIVE_AGGLOMERATION

if TYPE_CHECKING:
    from great_tables import GT

KINDS_OF_WEIGHTS = ("contiguity", "inverse_distance", "nearest", "economic", "nested")

MEASURES = {
    "coagglomeration": words_of("coagglomeration"),
    "misallocation": words_of("misallocation"),
    "internet": "digital technology",
    "digital_finance": words_of("digital_finance"),
}
"""Column → name of what it measures."""

COLUMN_WORDS = {
    column: words_of(column)
    for column in ("coagglomeration", "misallocation", "capital_misallocation", "labour_misallocation")
}


def cluster_counts(found: Mapping[str, Any]) -> dict[str, str]:
    """How many cities are in a cluster one by one, how many would be by chance, how many are left by rule."""
    names = pd.DataFrame(found["cities"])["cluster"]
    clustered = names.isin(["high-high", "low-low", "high-low", "low-high"]).sum()
    chance = found["level"] * len(names)
    return {"clustered": f"{clustered}", "chance": f"{chance:.0f}", "left": f"{found['left']}"}


def measures(panel: Panel, data: str) -> "GT":
    """What each measure is on the twin, what stands for it in public data, and where."""
    facts = load_frozen(STUDY).facts
    proxies = facts["proxies"]
    known = {row["column"]: row for row in coverage(COLLABORATIVE_AGGLOMERATION, data)}
    rows = []
    for column, name in MEASURES.items():
        there = known.get(column)
        held = panel.frame.loc[panel.frame[column].notna()] if column in panel.frame else None
        rows.append(
            {
                "Measure": lines(name, [meaning_of(column)]),
                TWIN: MISSING if held is None else _span(held["city"].nunique(), *_years(held)),
                PUBLIC: lines(
                    MISSING
                    if there is None
                    else _span(there["cities"], there["first_year"], there["last_year"]),
                    [_public_words(column, proxies, facts["missing"])],
                ),
            }
        )
    note = "Cities in the fullest year, first and last year with a value; below, what stands in."
    return styled(pd.DataFrame(rows), "", note, BOTH, markup=["Measure", PUBLIC])


def _public_words(column: str, proxies: Mapping[str, str], missing: Mapping[str, str]) -> str:
    reason = missing.get(column, PUBLISHED.get(column, ""))
    return proxies.get(column, reason.split(": ", 1)[-1])


PUBLISHED = {
    "internet": "subscribers in the yearbooks, from 2003 on with gaps",
    "digital_finance": "the published index",
}
"""Measures that public data have as they are."""


def _span(cities: int, first: int, last: int) -> str:
    return f"{cities} cities, {first}–{last}"


def _years(frame: pd.DataFrame) -> tuple[int, int]:
    return int(frame["year"].min()), int(frame["year"].max())


def moments(found: Mapping[str, Sequence[dict]], sizes: Mapping[str, int]) -> "GT":
    """Moments of the measures, by the label of the source; ``sizes`` are the city-years by the same label."""
    rows = [
        {
            "Measure": COLUMN_WORDS[row["column"]],
            "Data": label,
            "Mean": row["mean"],
            "S.d.": row["sd"],
            "Minimum": row["min"],
            "Maximum": row["max"],
            "Within s.d.": row["sd"] * row["within"] ** 0.5,
        }
        for label, moments in found.items()
        for row in moments
    ]
    frame = pd.DataFrame(rows).sort_values("Measure", kind="stable", key=_order)
    city_years = ", ".join(f"{number(size, 0)} ({label})" for label, size in sizes.items())
    note = (
        f"Within s.d.: of what is left once means of cities and years are removed. City-years: {city_years}."
    )
    return styled(frame, "", note, ", ".join(found))


def _order(column: pd.Series) -> pd.Series:
    return column.map(list(COLUMN_WORDS.values()).index)


def weights(found: Mapping[str, Sequence[dict]]) -> "GT":
    """The five kinds of weights with their rules, by the label of the source."""
    rows = [
        {
            "Weights": lines(weights_words(row["kind"]), [row["note"]]),
            "Data": label,
            "Cities": row["cities"],
            "Links a city": _links(row),
            "Islands": row["islands"],
        }
        for kind in KINDS_OF_WEIGHTS
        for label, table in found.items()
        for row in table
        if row["kind"] == kind
    ]
    note = "Links: mean (smallest–largest). Islands: cities that had no neighbour before the rule."
    return styled(pd.DataFrame(rows), "", note, ", ".join(found), markup=["Weights"])


def _links(row: Mapping[str, Any]) -> str:
    if row["links_min"] == row["links_max"]:
        return number(row["links_min"], 0)
    return f"{number(row['links_mean'], 1)} ({row['links_min']}–{row['links_max']})"

"""Tables of accession to the council: who joins when, what each design finds, and what came before."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from digital_clusters.report.tables import styled
from digital_clusters.report.words import MISSING, interval, number, p_text

if TYPE_CHECKING:
    from great_tables import GT

SINCE = "years since joining the council"

CONTROL_WORDS = {
    "never": "cities that never join",
    "not_yet": "cities that join later",
    "already": "cities that joined earlier",
    "always": "members from the first year on",
}


def cohorts(found: Mapping[str, Sequence[dict]]) -> "GT":
    """Cities by the year they join, a column a source."""
    rows = {label: {row["year"]: row["cities"] for row in table} for label, table in found.items()}
    years = sorted({year for table in rows.values() for year in table if year is not None})
    frame = pd.DataFrame(
        {
            "Joins": [f"{year:.0f}" for year in years] + ["not in these years"],
            **{label: [_count(table.get(year)) for year in (*years, None)] for label, table in rows.items()},
        }
    )
    note = "Cities that are complete in the outcome and in the covariates of the propensity score."
    return styled(frame, "", note, ", ".join(found))


def _count(value: int | None) -> str:
    return MISSING if value is None else number(value, 0)


def designs(
    rows: Sequence[dict], label: str, planted: Sequence[float] = (), mean: float | None = None
) -> "GT":
    """Every estimate of the effect of accession.

    Parameters
    ----------
    rows : records of ``adoption_record``'s ``estimates``
    planted : sequence of float
        What each design finds of the planted effect alone; empty where nothing is planted.
    mean : float, optional
        Planted effect over the city-years of members; told in the note.
    """
    frame = pd.DataFrame(
        [
            {"Design": row["design"]}
            | ({"Of the planted effect": number(planted[place])} if len(planted) else {})
            | {
                "Estimate": number(row["value"]),
                "S.e.": number(row["standard_error"]),
                "95 % interval": interval(row["low"], row["high"]),
                "Cities": row["cities"],
                "N": number(row["n"], 0),
            }
            for place, row in enumerate(rows)
        ]
    )
    told = (
        ""
        if mean is None
        else " Planted, mean over city-years of members of the change since the year before joining, less "
        f"that of cities never in the council: {number(mean)}."
    )
    return styled(frame, "", f"Log points of misallocation, errors clustered by city.{told}", label)


def bacon(found: Mapping[str, Sequence[dict]]) -> "GT":
    """Weight and estimate of each kind of comparison in the static two-way estimate, by source."""
    frame = pd.DataFrame({"Compared with": list(CONTROL_WORDS.values())})
    spanners = {}
    for label, rows in found.items():
        by_kind = {row["kind"]: row for row in rows}
        columns = [f"{label} weight, %", f"{label} estimate"]
        frame[columns[0]] = [number(100 * by_kind[kind]["weight"], 1) for kind in CONTROL_WORDS]
        frame[columns[1]] = [number(by_kind[kind]["estimate"]) for kind in CONTROL_WORDS]
        spanners[label] = columns
    headings = {name: name.split(" ")[-2] + " %" for columns in spanners.values() for name in columns[:1]}
    headings |= {name: "estimate" for columns in spanners.values() for name in columns[1:]}
    note = "Of the two-way estimate that keeps members of the first year as controls."
    return styled(frame, "", note, ", ".join(found), spanners=spanners, headings=headings)


def pretrend(found: Mapping[str, Mapping[str, Any]]) -> "GT":
    """Tests that nothing precedes accession, and the permutation of accession itself, by source."""
    names = {
        "wald_p": "nothing before joining: Wald test, clustered errors",
        "pretrend_p": "nothing before joining: residual paths permuted",
        "placebo_p": "no effect: years of joining permuted",
    }
    frame = pd.DataFrame({"Test": list(names.values())})
    for label, record in found.items():
        frame[label] = [p_text(record[key]) for key in names]
    draws = next(iter(found.values()))["draws"]
    note = f"p values; {draws:,} permutations. The fifth year before joining holds all earlier ones."
    return styled(frame, "", note, ", ".join(found))


def mean_over_members(planted: pd.DataFrame) -> float:
    """Planted effect over the city-years of members, from its path."""
    since = planted[planted["relative"] >= 0]
    return float(np.average(since["effect"], weights=since["n_units"]))

"""Tables and quotes of accession by robust estimators, without reached controls, and with honest bounds."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from digital_clusters.report.glue import glue
from digital_clusters.report.inference.counted import COUNTED, counted
from digital_clusters.report.tables import styled
from digital_clusters.report.words import MISSING, TWIN, interval, number, p_value
from digital_clusters.studies.collaborative_agglomeration.accession.tables import designs
from digital_clusters.studies.collaborative_agglomeration.joiners import AFTER, BEFORE, DONUT, RING

if TYPE_CHECKING:
    from great_tables import GT


IMPUTED = "imputation (Borusyak–Jaravel–Spiess)"


def robust_table(record: Mapping[str, Any], label: str, planted: Mapping[str, float] | None = None) -> "GT":
    """The two-way estimate and those that stay right where effects differ.

    Parameters
    ----------
    record : mapping
        Of ``joiners_record``.
    planted : mapping of str to float, optional
        Of ``planted_joiners``, with the two-way design's own.
    """
    rows = [record["two_way"], *record["estimates"]]
    return designs(rows, label, [planted[row["design"]] for row in rows] if planted else ())


def honest_table(found: Mapping[str, Mapping[str, Any]]) -> "GT":
    """Identified and confidence sets at each relative magnitude, by source."""
    first = next(iter(found.values()))
    frame = pd.DataFrame({"M̄": [row["magnitude"] for row in first["honest"]]})
    spanners, headings = {}, {}
    for label, record in found.items():
        columns = [f"{label} set", f"{label} confidence set"]
        frame[columns[0]] = [interval(row["set_low"], row["set_high"]) for row in record["honest"]]
        frame[columns[1]] = [interval(row["low"], row["high"]) for row in record["honest"]]
        spanners[label] = columns
        headings |= {columns[0]: "identified set, estimated", columns[1]: "95 % confidence set"}
    note = (
        f"Mean effect of the first {AFTER} years, log points, group-time estimates against cities that never "
        "join. M̄: largest yearly change of the deviation from joining on, as a multiple of the largest of "
        f"the {BEFORE - 1} changes before it."
    )
    return styled(frame, "", note, ", ".join(found), spanners=spanners, headings=headings, decimals={"M̄": 1})


def joiners_trial_table(rows: Sequence[Mapping[str, Any]], countries: int) -> "GT":
    """Bias, coverage and size of each method over synthetic countries."""
    frame = pd.DataFrame(
        [
            {
                "Method": row["method"].replace("dealt anew", "permuted"),
                "Bias": number(row["bias"]),
                "Spread": number(row["spread"]),
                "Mean s.e.": number(row["mean_error"]),
                "Coverage of 95 %": counted(row["coverage"], countries),
                "Size at 5 %": counted(row["size"], countries),
            }
            for row in rows
        ]
    )
    note = (
        f"{countries} countries. Bias: what a method finds of the planted effect alone, less the mean over "
        "city-years of members of all that the council changes in them. Spread, mean s.e. and size: the same "
        f"countries without a council. The last two rows: no council, and joiners that drift off in a "
        f"line before and after joining. {COUNTED}"
    )
    return styled(frame, "", note, TWIN, markup=["Coverage of 95 %", "Size at 5 %"])


def _percent(share: float | None) -> str:
    return MISSING if share is None else f"{share:.0%}"


def quote_joiners(found: Mapping[str, Mapping[str, Any]]) -> None:
    """Quote by source: ``<source>-breakdown`` (a clause), ``-reached``, ``-t-p``, ``-wild-p``, …."""
    for source, record in found.items():
        values = {row["design"]: row["value"] for row in record["estimates"]}
        glue(f"{source}-breakdown", _until(record["breakdown"]))
        glue(f"{source}-reached", record["reached"])
        glue(f"{source}-t-p", p_value(record["t_p"]))
        glue(f"{source}-wild-p", p_value(record["wild_p"]))
        for name, design in (("imputed", IMPUTED), ("donut", DONUT), ("ring", RING)):
            glue(f"{source}-{name}", number(values.get(design, np.nan)))
        shown = [record["two_way"], *record["estimates"]]
        held = sum(row["low"] <= 0 <= row["high"] for row in shown)
        glue(f"{source}-holding", f"{held} of {len(shown)}")
        glue(f"{source}-robust-range", _range([row["value"] for row in record["estimates"][:5]]))


def _until(breakdown: float) -> str:
    """Up to which relative magnitude a confidence set leaves out zero, as what follows *the set*."""
    if breakdown == 0:
        return "holds zero at every M̄, as the interval under parallel trends does"
    return f"leaves out zero up to M̄ = {number(breakdown, 2)}"


TRIED = {
    "static": "two-way, cohort of the first year dropped",
    "imputation": IMPUTED,
    "sun": "Sun–Abraham",
    "wild": "wild cluster bootstrap of the two-way estimate",
    "dealt": "years of joining dealt anew",
    "donut": DONUT,
    "plain": "parallel trends",
    "honest": "bounds, relative magnitude 1",
}
"""Name in the prose → method of the trial, as its record has it."""


def quote_trial(rows: Sequence[Mapping[str, Any]]) -> None:
    """Quote by name in the prose: ``trial-<name>-bias``, ``-coverage`` and ``-size``, where a method has
    them; the names are those of :data:`TRIED`."""
    by_method = {row["method"]: row for row in rows}
    for name, method in TRIED.items():
        row = by_method[method]
        glue(f"trial-{name}-bias", number(row["bias"]))
        glue(f"trial-{name}-coverage", _percent(row["coverage"]))
        glue(f"trial-{name}-size", _percent(row["size"]))


ISOLATED = {
    "plain-ring": ("the whole effect on neighbours", "imputation"),
    "donut-ring": ("the whole effect on neighbours", "imputation, without reached controls"),
    "plain-beyond": ("the whole effect, and half of it on their neighbours", "imputation"),
    "donut-beyond": (
        "the whole effect, and half of it on their neighbours",
        "imputation, without reached controls",
    ),
}
"""Name in the prose → design and method of the trial among neighbours."""


def quote_isolated(rows: Sequence[Mapping[str, Any]]) -> None:
    """Quote ``isolated-<name>``: the bias where what reaches other cities is known, as a share of the effect.

    Parameters
    ----------
    rows : sequence of mapping
        Exact biases of the record ``neighbours``.
    """
    found = {(row["design"], row["method"]): row for row in rows}
    for name, key in ISOLATED.items():
        glue(f"isolated-{name}", f"{abs(found[key]['bias']) / found[key]['truth']:.0%}")


def _range(values: Sequence[float]) -> str:
    return f"{number(min(values))} to {number(max(values))}"

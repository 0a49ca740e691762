"""Methods of inference that the chapters use beside their first ones: where each is tried, and what it
changes.

A method is declared here once; its numbers are read from the frozen records of the studies that use it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.report.tables import styled
from digital_clusters.report.words import BOTH, lines, number, p_text

if TYPE_CHECKING:
    from great_tables import GT

Facts = Mapping[str, Any]
"""Of one frozen record."""


@dataclass(frozen=True)
class TriedMethod:
    """One method of the table.

    Attributes
    ----------
    name : str
    source : str
        Who made it and where.
    library : str
        Where the numbers come from.
    reference : str
        What it is checked against, in the tests.
    page : str
    record : str
        Frozen file whose facts the next two read.
    found : callable
        Facts → what the trial on the twin counted, in words.
    changes : callable
        Facts → what it changes on public data, in words.
    """

    name: str
    source: str
    library: str
    reference: str
    page: str
    record: str
    found: Callable[[Facts], str]
    changes: Callable[[Facts], str]


NOT_TRIED = "not tried"
"""Where a method was checked, and nothing was counted in synthetic countries."""

JOINERS = "collaborative_agglomeration.joiners"
_MECHANISM = "collaborative agglomeration: mechanism"
_COUNTIES = "county teen employment"


def _trial(method: str) -> Callable[[Facts], str]:
    def words(facts: Facts) -> str:
        row = next(row for row in facts["trial"] if row["method"] == method)
        parts = []
        if row.get("coverage") is not None:
            parts.append(f"coverage {row['coverage']:.0%}")
        if row.get("size") is not None:
            parts.append(f"size {row['size']:.0%}")
        if row.get("bias") is not None:
            parts.append(f"bias {number(row['bias'])}")
        return ", ".join(parts)

    return words


def _robust(design: str) -> Callable[[Facts], str]:
    def words(facts: Facts) -> str:
        public = facts["public"]
        row = next(row for row in public["estimates"] if row["design"] == design)
        before = public["two_way"]
        return (
            f"accession {_pair(before['value'], before['standard_error'])} → "
            f"{_pair(row['value'], row['standard_error'])}"
        )

    return words


def _pair(value: float, error: float) -> str:
    return f"{number(value)} ({number(error)})"


DOUBTS = "virtual_agglomeration.doubts"
_ROBUSTNESS = "virtual agglomeration: robustness"


def _placebo_sizes(rule: str) -> Callable[[Facts], str]:
    def words(facts: Facts) -> str:
        row = next(row for row in facts["placebos"]["twin"] if row["rule"] == rule)
        return (
            f"size {row['independent']:.0%} with independent, {row['persistent']:.0%} with persistent shocks"
        )

    return words


def _omitted_public(facts: Facts) -> str:
    row = next(row for row in facts["public"]["omitted"] if row["design"] == "digital finance")
    return (
        f"{row['design']}: {_pair(row['value'], row['error'])}; an omitted variable needs "
        f"{row['robustness']:.1%} of both, δ {number(row['delta'], 1)}"
    )


def _omitted_twin(facts: Facts) -> str:
    trial = facts["omitted_trial"]
    return f"coverage {trial['range']:.0%} of the range to the benchmark, bias {number(trial['bias'])}"


def _shocks_public(facts: Facts) -> str:
    row = facts["public"]["shocks"]
    return f"{_pair(row['value'], row['clustered'])} → {_pair(row['value'], row['akm'])}"


def _null_public(facts: Facts) -> str:
    row = facts["public"]["shocks"]
    unbounded = all(None in piece for piece in row["null_interval"])
    return f"{_pair(row['value'], row['clustered'])} → " + (
        "the set is unbounded" if unbounded else "the set is bounded"
    )


METHODS: tuple[TriedMethod, ...] = (
    TriedMethod(
        "interaction-weighted event study",
        "Sun & Abraham 2021",
        "diff-diff",
        f"{_COUNTIES}: −0.0400 (0.0118) of R's fixest; cohort by cohort by least squares",
        _MECHANISM,
        JOINERS,
        _trial("Sun–Abraham"),
        _robust("Sun–Abraham"),
    ),
    TriedMethod(
        "imputation",
        "Borusyak, Jaravel & Spiess 2024",
        "diff-diff",
        f"{_COUNTIES}: −0.0477 of R's did2s; their theorem 3 by hand",
        _MECHANISM,
        JOINERS,
        _trial("imputation (Borusyak–Jaravel–Spiess)"),
        _robust("imputation (Borusyak–Jaravel–Spiess)"),
    ),
    TriedMethod(
        "two stages",
        "Gardner 2022",
        "diff-diff",
        f"{_COUNTIES}: −0.0477 of R's did2s; influence function by hand",
        _MECHANISM,
        JOINERS,
        _trial("two stages (Gardner)"),
        _robust("two stages (Gardner)"),
    ),
    TriedMethod(
        "comparison with those not treated yet",
        "de Chaisemartin & D'Haultfœuille 2024",
        "diff-diff's group-time effects",
        "diff-diff's own estimator, horizon by horizon; its error of the mean takes horizons as "
        "independent and "
        "is not used",
        _MECHANISM,
        JOINERS,
        _trial("de Chaisemartin–D'Haultfœuille"),
        _robust("de Chaisemartin–D'Haultfœuille"),
    ),
    TriedMethod(
        "donut without reached controls",
        "Butts 2021",
        "here, on diff-diff's imputation",
        "planted spillovers to two neighbours, taken out exactly",
        _MECHANISM,
        JOINERS,
        _trial("imputation, neighbours of members dropped"),
        _robust("imputation, neighbours of members dropped"),
    ),
    TriedMethod(
        "bounds of relative magnitude",
        "Rambachan & Roth 2023",
        "here; diff-diff's set adds an interval that takes the changes before as known",
        "restaurants' profits: interval [0.159, 0.233] of R's HonestDiD; sets by linear programs",
        _MECHANISM,
        JOINERS,
        _trial("bounds, relative magnitude 1"),
        lambda facts: f"zero is in the set from M̄ = {number(facts['public']['breakdown'], 2)} on",
    ),
    TriedMethod(
        "wild cluster bootstrap for few joiners",
        "Cameron, Gelbach & Miller 2008",
        "here",
        "every draw refitted by brute force",
        _MECHANISM,
        JOINERS,
        _trial("wild cluster bootstrap of the two-way estimate"),
        lambda facts: f"p {p_text(facts['public']['t_p'])} → {p_text(facts['public']['wild_p'])}",
    ),
    TriedMethod(
        "robustness value, benchmarks and δ",
        "Cinelli & Hazlett 2020; Oster 2019",
        "here",
        "Darfur: 2.2 %, 13.9 %, 7.6 %; a confounder put in and left out; selection of known δ",
        _ROBUSTNESS,
        DOUBTS,
        _omitted_twin,
        _omitted_public,
    ),
    TriedMethod(
        "errors by shocks",
        "Adão, Kolesár & Morales 2019",
        "here",
        "robust and clustered errors as special cases; their equation by hand",
        _ROBUSTNESS,
        DOUBTS,
        _placebo_sizes("by shocks"),
        _shocks_public,
    ),
    TriedMethod(
        "errors by shocks, residuals under the null",
        "Adão, Kolesár & Morales 2019",
        "here",
        "ends of the set put into the test",
        _ROBUSTNESS,
        DOUBTS,
        _placebo_sizes("by shocks, residuals under the null"),
        _null_public,
    ),
    TriedMethod(
        "instrument with an effect of its own",
        "Conley, Hansen & Rossi 2012",
        "here",
        "two-stage least squares of the outcome less that effect",
        _ROBUSTNESS,
        DOUBTS,
        lambda facts: NOT_TRIED,
        lambda facts: f"zero is in the interval from an own effect of {facts['public']['breakdown']:.0%} on",
    ),
)


def inference_table() -> "GT":
    """Method, library, reference met, coverage or size on the twin, what it changes on public data."""
    rows = []
    for method in METHODS:
        facts = load_frozen(method.record).facts
        rows.append(
            {
                "Method": lines(method.name, [method.source, method.page]),
                "Library": method.library,
                "Checked against": method.reference,
                "On the twin": method.found(facts),
                "On public data": method.changes(facts),
            }
        )
    note = "Coverage of 95 per cent intervals, size of tests at 5 per cent, in other synthetic countries."
    return styled(pd.DataFrame(rows), "", note, BOTH, markup=["Method"])

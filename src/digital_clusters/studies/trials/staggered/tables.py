"""Tables of the trial of estimators of accession with planted spillovers."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd

from digital_clusters.report.tables import styled
from digital_clusters.report.words import lines, number
from digital_clusters.studies.trials.staggered.joining import SPILLOVERS
from digital_clusters.studies.trials.tables import LABEL

if TYPE_CHECKING:
    from great_tables import GT

CONTROLS = {False: "all controls", True: "without reached controls"}
"""Whether a donut is left out → heading."""

SHARES = {0.0: "none", 0.25: "a quarter", 0.5: "half", 1.0: "all of it"}
"""Spillover as a share of the mean effect → heading."""


def bias(table: pd.DataFrame) -> "GT":
    """Bias of every method where joining has its effect, by spillover and controls."""
    own = table[table["effect"] == 1]
    note = (
        f"Mean estimate less the planted mean effect, {_draws(own)}; in parentheses its Monte Carlo standard "
        "error. Spillover as a share of the effect."
    )
    return _wide(own, _bias_cell, "Bias with planted spillovers", note)


def coverage(table: pd.DataFrame) -> "GT":
    """Share of intervals that hold the planted mean effect."""
    own = table[table["effect"] == 1]
    note = f"Per cent of {_draws(own)}; in brackets the 95 % interval (Wilson)."
    return _wide(own, _coverage_cell, "Intervals that hold the planted mean effect", note)


def size(table: pd.DataFrame) -> "GT":
    """Share of tests that reject no effect on members, where there is none and neighbours change."""
    own = table[table["effect"] == 0]
    note = f"Per cent of {_draws(own)}, tests at 5 %; in brackets the 95 % interval (Wilson)."
    return _wide(own, _size_cell, "Tests that find an effect where members have none", note)


def spread(table: pd.DataFrame) -> "GT":
    """Standard deviation of estimates and mean standard error without a spillover."""
    own = table[(table["effect"] == 1) & (table["spillover"] == 0)]
    columns = {"Standard deviation": "spread", "Mean error": "claimed"}
    wide = {
        f"{name}, {words}": own[own["donut"] == is_donut].set_index("method")[column]
        for is_donut, words in CONTROLS.items()
        for name, column in columns.items()
    }
    refused = own.groupby("method", sort=False)["refused"].sum()
    frame = pd.DataFrame(wide).loc[own["method"].unique()].assign(**{"Without an answer": refused})
    note = f"{_draws(own)}, no spillover. Without an answer: nobody could be matched."
    return styled(
        frame.rename_axis("Method").reset_index(),
        "Spread of estimates and what their errors say",
        note,
        LABEL,
        spanners={words: [f"{name}, {words}" for name in columns] for words in CONTROLS.values()},
        headings={name: name.split(",")[0] for name in wide},
    )


def _wide(own: pd.DataFrame, cell: Callable[[pd.Series], str], title: str, note: str) -> "GT":
    columns, spanners, headings = {}, {}, {}
    for is_donut, words in CONTROLS.items():
        spanners[words] = [f"{words}, {SHARES[s]}" for s in SPILLOVERS]
        for s, name in zip(SPILLOVERS, spanners[words], strict=True):
            part = own[(own["donut"] == is_donut) & (own["spillover"] == s)].set_index("method")
            columns[name], headings[name] = part.apply(cell, axis=1), SHARES[s]
    frame = pd.DataFrame(columns).loc[own["method"].unique()].rename_axis("Method").reset_index()
    looks = {"spanners": spanners, "headings": headings, "markup": [*columns]}
    return styled(frame, title, note, LABEL, **looks)


def _bias_cell(row: pd.Series) -> str:
    return lines(number(row["bias"]), [f"({number(row['bias_error'])})"])


def _coverage_cell(row: pd.Series) -> str:
    return _shares(row["coverage"], row["low"], row["high"])


def _size_cell(row: pd.Series) -> str:
    return _shares(1 - row["coverage"], 1 - row["high"], 1 - row["low"])


def _shares(share: float, low: float, high: float) -> str:
    return lines(number(100 * share, 1), [f"[{number(100 * low, 0)}, {number(100 * high, 0)}]"])


def _draws(own: pd.DataFrame) -> str:
    return f"{int(own['draws'].min()):,} data sets"

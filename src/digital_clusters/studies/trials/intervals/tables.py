"""Tables of the page on intervals."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from digital_clusters.report.tables import styled
from digital_clusters.report.words import MISSING, lines, number
from digital_clusters.studies.trials.intervals.declared import DESIGNS_IN_WORDS, described

if TYPE_CHECKING:
    from great_tables import GT

LABEL = "simulated panels"

PROMISES = {"coverage": "holds the truth in 95 %", "size": "rejects the truth in 5 %"}


def trial(table: pd.DataFrame, *, title: str = "") -> "GT":
    """Every row of a table: design, interval or test, share with its Wilson interval, verdict, remedy.

    Parameters
    ----------
    table : pandas.DataFrame
        From :func:`~digital_clusters.studies.trials.intervals.runner.run_designs`.
    title : str
    """
    found = described(table)
    rows = [
        {
            "Design": lines(DESIGNS_IN_WORDS.get(row.design, row.design), [row.drawn]),
            "Interval or test": lines(row.check, [row.shown]),
            "Promise": PROMISES[row.promise],
            "Found, %": lines(percent(row.share), [f"[{percent(row.low)}, {percent(row.high)}]"]),
            "Data sets": lines(number(row.draws, 0), [f"{row.refused} refused"] if row.refused else []),
            "Verdict": lines(row.verdict, [row.instead] if row.verdict == "fails" and row.instead else []),
        }
        for row in found.itertuples()
    ]
    note = "Below the share: its 95 % interval (Wilson). Below a verdict that fails: what to use instead."
    markup = ["Design", "Interval or test", "Found, %", "Data sets", "Verdict"]
    return styled(pd.DataFrame(rows), title, note, LABEL, markup=markup)


def again(live: pd.DataFrame, frozen: pd.DataFrame) -> "GT":
    """Shares drawn on this page beside the frozen ones of the same first data sets, and of all."""
    columns = ["design", "check", "first", "share"]
    both = live[["design", "check", "share"]].merge(
        frozen[columns], on=["design", "check"], suffixes=("_live", "")
    )
    shown = pd.DataFrame(
        {
            "Design": both["design"].replace(DESIGNS_IN_WORDS),
            "Interval or test": both["check"],
            "Now, %": both["share_live"].map(percent),
            "Frozen, the same data sets, %": both["first"].map(percent),
            "Frozen, all, %": both["share"].map(percent),
        }
    )
    return styled(shown, "", "", LABEL)


def percent(share: float) -> str:
    """A share as a percentage with one decimal."""
    return MISSING if share is None or np.isnan(share) else number(100 * share, 1)

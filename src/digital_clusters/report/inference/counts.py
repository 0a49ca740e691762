"""Tables of counts with zeros by two ways."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from digital_clusters.analysis.scorecard.grades import LEVEL_OF_TESTS
from digital_clusters.report.glue import glue
from digital_clusters.report.inference.counted import COUNTED, counted
from digital_clusters.report.tables import styled
from digital_clusters.report.words import TWIN, lines, number, p_text

if TYPE_CHECKING:
    from great_tables import GT


def zeros_table(rows: Sequence[Mapping[str, Any]], label: str) -> "GT":
    """Each specification of a count by least squares of log(1 + count), and by its log mean."""
    shown = [
        {
            "Specification": row["design"],
            "Way": way,
            "Coefficient": lines(number(one["value"]), [f"({number(one['error'])})"]),
            "p": p_text(one["p"]),
            "Zeros, %": number(100 * row["zeros"], 0),
            "Rows": number(row["n"] if place == 0 else row["used"], 0),
        }
        for row in rows
        for place, (way, one) in enumerate(row["ways"].items())
    ]
    note = (
        "Two-way effects, controls of the year before, errors clustered by city in parentheses. The log mean "
        "leaves out cities and years that have zeros only: their effects fit them exactly. Zeros: share of "
        "the rows before that."
    )
    return styled(pd.DataFrame(shown), "", note, label, markup=["Coefficient"])


def zeros_trial_table(trial: Sequence[Mapping[str, Any]], draws: int, slope: float) -> "GT":
    """Bias and coverage of both ways, by the mean of the counts."""
    shown = [
        {
            "Mean count": number(row["mean"], 1),
            "Zeros, %": number(100 * row["zeros"], 0),
            "Way": row["way"],
            "Bias": number(row["bias"]),
            "Spread": number(row["spread"]),
            "Coverage": counted(row["coverage"], draws),
        }
        for row in trial
    ]
    note = (
        f"{draws} draws of counts on the twin's cities, 2014–2016, with a planted slope of {slope:g} in "
        f"the log mean. Spread: standard deviation of the estimates. Coverage of 95 % intervals. {COUNTED}"
    )
    return styled(pd.DataFrame(shown), "", note, TWIN, markup=["Coverage"])


def quote_counts(rows: Sequence[Mapping[str, Any]], trial: Sequence[Mapping[str, Any]]) -> None:
    """Quote ``counts-…``: zeros, both public coefficients of each specification, the trial.

    ``counts-mean-least`` and ``-most`` are the coverage of the log mean over all mean counts,
    ``counts-clear`` says how many public coefficients have p < 0.05.
    """
    few = [row for row in trial if row["mean"] == trial[0]["mean"]]
    for words, row in zip(("log", "mean"), few, strict=True):
        glue(f"counts-few-{words}-bias", number(row["bias"]))
        glue(f"counts-few-{words}-coverage", f"{row['coverage']:.0%}")
    many = [row for row in trial if row["mean"] == trial[-1]["mean"]]
    for words, row in zip(("log", "mean"), many, strict=True):
        glue(f"counts-many-{words}-bias", number(row["bias"]))
        glue(f"counts-many-{words}-coverage", f"{row['coverage']:.0%}")
    held = [row["coverage"] for row in trial if row["way"] == many[-1]["way"]]
    glue("counts-mean-least", f"{min(held):.0%}")
    glue("counts-mean-most", f"{max(held):.0%}")
    glue("counts-zeros", f"{rows[0]['zeros']:.0%}")
    tests = [one["p"] < LEVEL_OF_TESTS for row in rows for one in row["ways"].values()]
    glue("counts-clear", f"{sum(tests) or 'none'} of the {len(tests)}")
    for place, words in enumerate(("users", "finance")):
        for kind, one in zip(("log", "mean"), rows[place]["ways"].values(), strict=True):
            glue(f"counts-{words}-{kind}", f"{number(one['value'])} ({number(one['error'])})")

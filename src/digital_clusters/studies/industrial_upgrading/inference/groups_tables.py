"""Tables of group-wise effects by double machine learning for panels."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from digital_clusters.report.glue import glue
from digital_clusters.report.inference.counted import COUNTED, counted
from digital_clusters.report.tables import styled
from digital_clusters.report.words import TWIN, lines, number, p_text
from digital_clusters.studies.industrial_upgrading.inference.groups import (
    WORDS,
    misses_of_least_squares,
    periods_by_changes,
)

if TYPE_CHECKING:
    from great_tables import GT

LEVEL = 0.05

OFTEN = 0.8
"""Coverage of a 95 % interval, over few countries, below which an approach does not hold."""


def groups_table(rows: Sequence[Mapping[str, Any]], label: str) -> "GT":
    """Effects at both ends and their difference, by hypothesis, series and approach."""
    shown = [
        {
            "Hypothesis": lines(row["claim"], [f"{WORDS[row['claim']][0]}, {WORDS[row['claim']][1]}"]),
            "Approach": lines(row["approach"], [row["series"]]),
            "First": _pair(row["first"]),
            "Second": _pair(row["second"]),
            "Second − first": _pair(row["difference"]),
            "p": p_text(row["difference"]["p"]),
            "N": number(row["n"], 0),
        }
        for row in rows
    ]
    note = (
        "Effect of one unit of structure at the two ends that stand below the hypothesis. All controls that "
        "the source has; but for least squares boosted trees, five folds of whole cities, year indicators "
        "among the covariates; errors clustered by city in parentheses. Gini points per unit of the index of "
        "structure; for H4 at the 10 % and the 90 % quantile of the digital index."
    )
    markup = ["Hypothesis", "Approach", "First", "Second", "Second − first"]
    return styled(pd.DataFrame(shown), "", note, label, markup=markup)


def _pair(one: Mapping[str, float]) -> str:
    return lines(number(one["value"]), [f"({number(one['error'])})"])


def groups_trial_table(trial: Sequence[Mapping[str, Any]], countries: int) -> "GT":
    """Bias and coverage of the difference in other countries."""
    shown = [
        {
            "Hypothesis": row["claim"],
            "Approach": row["approach"],
            "Planted": number(row["planted"]),
            "Bias": number(row["bias"]),
            "Spread": number(row["spread"]),
            "Mean error": number(row["error"]),
            "Coverage": counted(row["coverage"], countries),
        }
        for row in trial
    ]
    note = (
        f"Difference of the effects at the two ends in {countries} other countries, against that of the "
        "planted average effects. Spread: standard deviation of the estimates less what is planted. "
        f"Coverage of 95 % intervals. {COUNTED}"
    )
    return styled(pd.DataFrame(shown), "", note, TWIN, markup=["Coverage"])


def quote_groups(rows: Sequence[Mapping[str, Any]], trial: Sequence[Mapping[str, Any]]) -> None:
    """Quote ``groups-…``: coverage by approach, how many public differences are clear, what is missed."""
    right = 0
    for words, approach in (
        ("fd", "first differences"),
        ("wg", "within, as approximation"),
        ("cre", "correlated random effects"),
        ("ols", "two-way, least squares"),
    ):
        own = {row["claim"]: row["coverage"] for row in trial if row["approach"] == approach}
        glue(f"groups-{words}", ", ".join(f"{share:.1%} ({claim})" for claim, share in own.items()))
        right += min(own.values()) >= OFTEN
    glue("groups-right", f"{right} of the four hold" if right > 1 else f"{right or 'none'} of the four holds")
    learnt = [row for row in rows if row["approach"] != "two-way, least squares"]
    clear = [row for row in learnt if row["difference"]["p"] <= LEVEL]
    least = min(learnt, key=lambda row: row["difference"]["p"])
    signs = sum(row["difference"]["value"] < 0 for row in clear)
    claimed = f", {signs or 'none'} of them with the sign of the hypotheses" if clear else ""
    glue(
        "groups-public-sentence",
        f"On public data {len(clear) or 'none'} of {len(learnt)} differences by a learner "
        f"{'are' if len(clear) > 1 else 'is'} different from zero at 5 per cent{claimed}; the smallest p "
        f"value is {p_text(least['difference']['p'])} ({least['claim']}, {least['approach']}, "
        f"{least['series']}).",
    )
    misses = misses_of_least_squares()
    for k, words in enumerate(("missed", "missed-plain")):
        glue(f"groups-{words}", ", ".join(f"{number(two[k])} ({claim})" for claim, two in misses.items()))
    for name, value in periods_by_changes().items():
        glue(f"groups-changes-{name}", number(value))

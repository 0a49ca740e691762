"""Tables of one answer over several spatial weights."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from digital_clusters.report.glue import glue
from digital_clusters.report.inference.counted import COUNTED, counted, counted_words
from digital_clusters.report.tables import styled
from digital_clusters.report.words import MISSING, TWIN, lines, number

if TYPE_CHECKING:
    from great_tables import GT

NAMES = {
    "contiguity": "contiguity",
    "inverse_distance": "inverse distance",
    "nearest": "five nearest",
    "economic": "economic distance",
    "nested": "nested distance",
}


def over_weights_table(found: Mapping[str, Mapping[str, Any]]) -> "GT":
    """Shares and effects by weights, and the average, by the label of the source."""
    rows = []
    for label, answer in found.items():
        effects = [name for name in answer["average"] if not name.startswith("total")]
        for kind in answer["kinds"]:
            rows.append(
                {
                    "Weights": lines(NAMES[kind["kind"]], [label]),
                    "Likelihood, %": _share(kind["likelihood_share"]),
                    "Posterior, %": _share(kind["posterior_share"]),
                    "ρ": number(kind["rho"]),
                }
                | {_heading(name): _pair(kind["effects"][name]) for name in effects}
            )
        rows.append(
            {
                "Weights": lines("all, by their shares", [label]),
                "Likelihood, %": MISSING,
                "Posterior, %": MISSING,
                "ρ": MISSING,
            }
            | {_heading(name): _pair(answer["average"][name]) for name in effects}
        )
    note = (
        "Share of the likelihood at its maximum, and posterior probability with equal ones beforehand and "
        "coefficients worth one observation. ρ: posterior mean. Effects at the lower quartile and at the "
        "98 % quantile of co-agglomeration, errors clustered by city; the average counts what differs "
        "between weights."
    )
    markup = ["Weights", *(_heading(name) for name in effects)]
    return styled(pd.DataFrame(rows), "", note, ", ".join(found), markup=markup)


def _heading(name: str) -> str:
    kind, quantile = name.split()
    return f"{kind.capitalize()}, {100 * float(quantile):.0f} %"


def _share(share: float) -> str:
    return "< 0.1" if share < 0.001 else number(100 * share, 1)


def _pair(pair: Sequence[float]) -> str:
    return lines(number(pair[0]), [f"({number(pair[1])})"])


def weights_trial_table(trial: Sequence[Mapping[str, Any]], countries: int) -> "GT":
    """How often each weights have the largest share, and what they and the average find."""
    rows = [
        {
            "Weights": NAMES.get(row["kind"], row["kind"]),
            "Mean share, %": MISSING
            if row["posterior_share"] is None
            else number(100 * row["posterior_share"], 1),
            "Largest": counted(None if row["posterior_share"] is None else row["largest"], countries),
            "Direct: bias": number(row["direct 0.25 bias"]),
            "Direct: coverage": counted(row["direct 0.25 coverage"], countries),
            "Indirect: bias": number(row["indirect 0.25 bias"]),
            "Indirect: coverage": counted(row["indirect 0.25 coverage"], countries),
        }
        for row in trial
    ]
    note = (
        f"{countries} other countries, in all of which neighbours are the five nearest cities. Effects at "
        f"the lower quartile of co-agglomeration; coverage of 95 % intervals. {COUNTED}"
    )
    markup = ["Largest", "Direct: coverage", "Indirect: coverage"]
    return styled(pd.DataFrame(rows), "", note, TWIN, markup=markup)


def quote_weights(public: Mapping[str, Any], trial: Sequence[Mapping[str, Any]], countries: int) -> None:
    """Quote ``weights-…``: the largest share on public data, the averaged effect, and the trial."""
    best = max(public["kinds"], key=lambda row: row["posterior_share"])
    glue("weights-largest", NAMES[best["kind"]])
    glue("weights-share", f"{best['posterior_share']:.1%}")
    value, error = public["average"]["indirect 0.25"]
    glue("weights-indirect", f"{number(value)} ({number(error)})")
    by_kind = {row["kind"]: row for row in trial}
    glue("weights-countries", countries)
    glue("weights-right", counted_words(by_kind["nearest"]["largest"], countries))
    glue("weights-average-coverage", counted_words(trial[-1]["indirect 0.25 coverage"], countries))
    right = ("nearest", trial[-1]["kind"])
    wrong = [row["indirect 0.25 coverage"] for row in trial if row["kind"] not in right]
    glue("weights-wrong-least", f"{min(wrong):.0%}")
    glue("weights-wrong-most", f"{max(wrong):.0%}")

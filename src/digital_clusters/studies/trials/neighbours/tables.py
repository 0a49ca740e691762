"""Tables of the trial among neighbours, one a topic."""

from typing import TYPE_CHECKING

import pandas as pd

from digital_clusters.errors import ParameterError
from digital_clusters.report.tables import styled
from digital_clusters.report.words import lines, number
from digital_clusters.studies.trials.neighbours.designs import Topic
from digital_clusters.studies.trials.tables import LABEL

if TYPE_CHECKING:
    from great_tables import GT

NOTE = "Below a share: its 95 % interval (Wilson)."

OF_BIASES = "Below a bias: its Monte Carlo standard error."

OF_EFFECTS = {"rho": "ρ", "direct": "Direct", "indirect": "Indirect", "total": "Total"}
"""Quantity of a Durbin model → heading."""


def topic_of(table: pd.DataFrame, topic: Topic) -> pd.DataFrame:
    """Rows of one topic.

    Raises
    ------
    ParameterError
        There are none.
    """
    found = table[table["topic"] == topic]
    if found.empty:
        raise ParameterError(f"the trial among neighbours has nothing on {topic}")
    return found


def covered(row: pd.Series) -> str:
    """A share in per cent, above its interval."""
    return lines(f"{100 * row['coverage']:.1f} %", [f"[{100 * row['low']:.1f}, {100 * row['high']:.1f}]"])


def biased(row: pd.Series) -> str:
    """A bias above its Monte Carlo standard error."""
    return lines(number(row["bias"]), [f"({number(row['bias_error'])})"])


def shared_errors(table: pd.DataFrame) -> "GT":
    """Coverage of every rule of errors, a column for each share of shocks that neighbours have in common."""
    own = topic_of(table, "errors")
    columns = {
        design: part.set_index("method").apply(covered, axis=1)
        for design, part in own.groupby("design", sort=False)
    }
    frame = pd.DataFrame(columns).rename_axis("Errors").reset_index()
    note = f"{_draws(own)}. {NOTE}"
    return styled(frame, "Intervals that hold the true slope", note, LABEL, markup=list(columns))


def other_weights(table: pd.DataFrame) -> "GT":
    """Bias and coverage of ρ and of the effects by weights, one block for each planted spillover."""
    own = topic_of(table, "weights")
    rows, markup = [], ["Weights"]
    for (design, method), part in own.groupby(["design", "method"], sort=False):
        row = {"Weights": lines(weights_in_words(method), [design])}
        for _, found in part.iterrows():
            head = OF_EFFECTS[found["quantity"]]
            row[f"{head}, truth"] = found["truth"]
            row[f"{head}, bias"], row[f"{head}, coverage"] = biased(found), covered(found)
        rows.append(row)
    shown = ("ρ", "Direct", "Indirect")
    names = [f"{head}, {what}" for head in shown for what in ("truth", "bias", "coverage")]
    markup += [name for name in names if not name.endswith("truth")]
    frame = pd.DataFrame(rows)[["Weights", *names]]
    spanners = {head: [f"{head}, {what}" for what in ("truth", "bias", "coverage")] for head in shown}
    headings = {name: name.split(", ")[1].capitalize() for name in names}
    return styled(
        frame,
        "Durbin models with right and wrong weights",
        f"{_draws(own)}; two-way, transformed. {NOTE} {OF_BIASES}",
        LABEL,
        decimals=2,
        spanners=spanners,
        headings=headings,
        markup=markup,
    )


def weights_in_words(name: str) -> str:
    """Weights of a record as tables and prose say them."""
    return name.replace("cities dealt anew", "of other cities, drawn at random")


def exact_spilling(exact: pd.DataFrame) -> "GT":
    """Bias of estimators of accession without noise, a column for each planted spillover."""
    wide = exact.pivot(index="method", columns="design", values="bias")
    wide = wide.loc[exact["method"].unique(), exact["design"].unique()]
    frame = wide.rename(columns=lambda name: name[:1].upper() + name[1:]).rename_axis(columns=None)
    note = "Estimate of the planted change alone, less the effect on members (of the ring: on the reached)."
    return styled(frame.rename_axis("Estimator").reset_index(), "Bias of accession, exactly", note, LABEL)


def _draws(own: pd.DataFrame) -> str:
    return f"{int(own['draws'].min()):,} data sets of each design"

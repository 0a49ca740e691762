"""Tables of a chapter on a reader's own files: estimates, what could not be served, what the files give."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pandas as pd
from IPython.display import Markdown

from digital_clusters.analysis.own_data.chapters import OwnFit
from digital_clusters.estimators.spatial.arrays import LAG_PREFIX
from digital_clusters.measures.panel import Panel
from digital_clusters.report.cautions import cautions
from digital_clusters.report.tables import styled
from digital_clusters.report.words import interval, number, p_text
from digital_clusters.sources.columns import column_unit, words_of, words_of_term
from digital_clusters.sources.tables import RawTables

if TYPE_CHECKING:
    from great_tables import GT

KEYS = ("city", "year", "name", "province")
"""Columns of a panel that are no measurements."""


def own_estimates(fits: Sequence[OwnFit], label: str, title: str = "Estimates") -> "GT | Markdown":
    """Coefficients of every regression that ran, with interval, observations and what differs."""
    rows, estimates = [], []
    for made in fits:
        for term in _terms(made):
            estimate = made.fit.estimate
            value = estimate.term(term)
            shown = words_of_term(term.removeprefix(LAG_PREFIX))
            rows.append(
                {
                    "Regression": made.name,
                    "Term": f"neighbours' {shown}" if term.startswith(LAG_PREFIX) else shown,
                    "Estimate": number(value.value, 4),
                    "S.e.": number(value.error, 4),
                    "95 % interval": interval(value.low, value.high),
                    "p": p_text(value.p_value),
                    "N": number(estimate.n_observations, 0),
                    "Differs": made.note,
                }
            )
            estimates.append(estimate)
    if not rows:
        return Markdown("No regression of this chapter can be run on these files; the reasons are below.")
    footnotes = cautions((place, "S.e.", estimate) for place, estimate in enumerate(estimates))
    note = "Differs: controls that the files do not give, and years that they do not have."
    return styled(pd.DataFrame(rows), title, note, label, footnotes=footnotes)


def own_refusals(fits: Sequence[OwnFit], label: str) -> "GT | Markdown":
    """Regressions that the files cannot serve, each with its reason; a sentence where there is none."""
    rows = [{"Regression": made.name, "Why not": made.reason} for made in fits if made.fit is None]
    if not rows:
        return Markdown(f"The files serve all {len(fits)} regressions of this chapter.")
    return styled(pd.DataFrame(rows), "What these files cannot serve", "", label)


def own_columns(panel: Panel) -> "GT":
    """What the panel has: count, mean, standard deviation (n − 1), extremes and years of each column."""
    rows = []
    for column in panel.frame.columns.difference(KEYS, sort=False):
        values = pd.to_numeric(panel.frame[column], errors="coerce").astype(float)
        if values.notna().any():
            years = panel.frame.loc[values.notna(), "year"]
            facts = {
                "Mean": values.mean(),
                "S.d.": values.std(ddof=1),
                "Min": values.min(),
                "Max": values.max(),
            }
            row = {"Column": column, "What it is": words_of(column), "Unit": column_unit(column)}
            row |= {"N": int(values.count()), "Years": f"{years.min()}–{years.max()}"}
            rows.append(row | {name: number(value) for name, value in facts.items()})
    return styled(pd.DataFrame(rows), "What your files give", "", panel.label)


def own_gaps(panel: Panel) -> "GT | Markdown":
    """Columns that the study wants and the files do not give, with the reason."""
    rows = [{"Column": name, "What it is": words_of(name), "Why": why} for name, why in panel.missing.items()]
    if not rows:
        return Markdown("The files give every column of the study.")
    return styled(pd.DataFrame(rows), "What the study wants and your files do not give", "", panel.label)


def own_losses(tables: RawTables, panel: Panel) -> "GT | Markdown":
    """How many rows and values were refused or left out on the way, by file and reason."""
    rows = [*_refused(tables), *_left_out(panel)]
    if not rows:
        return Markdown("No row and no value was refused or left out.")
    return styled(pd.DataFrame(rows), "What was refused or left out", "", panel.label)


def _terms(made: OwnFit) -> list[str]:
    """Terms of interest, each followed by its spatial lag where the model has one."""
    if made.fit is None:
        return []
    there = made.fit.estimate.terms
    wanted = [name for term in made.fit.design.terms for name in (term, LAG_PREFIX + term)]
    return [name for name in wanted if name in there]


def _refused(tables: RawTables) -> Iterator[dict[str, object]]:
    kinds = tables.log.groupby(["file", "rule", "column", "action"], sort=False).size()
    for (file, rule, column, action), count in kinds.items():
        where = f"{file}, {column}" if column else file
        yield {"Where": where, "Reason": f"{rule}: {action}", "Count": int(count)}


def _left_out(panel: Panel) -> Iterator[dict[str, object]]:
    kinds = panel.dropped.groupby(["column", "reason"], sort=False).size()
    for (column, reason), count in kinds.items():
        yield {"Where": words_of(column) if column else "panel", "Reason": reason, "Count": int(count)}

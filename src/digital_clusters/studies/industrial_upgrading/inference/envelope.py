"""How far columns of double machine learning move with the draw of the folds, their number and learner."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from digital_clusters.analysis.data import load_tables, multiverse_panels
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.multiverse.declared import CLAIM, multiverse_file, read_multiverse
from digital_clusters.analysis.multiverse.explored import Explored, explore, from_facts, to_facts
from digital_clusters.analysis.published import load_published
from digital_clusters.analysis.study import Study
from digital_clusters.report.tables import styled
from digital_clusters.report.words import PUBLIC, lines, number
from digital_clusters.studies.industrial_upgrading.specs import STUDY

if TYPE_CHECKING:
    from great_tables import GT

RECORD = f"{STUDY}.envelope"
"""Name of the frozen file, and of the declaration."""


def envelope_results(study: Study) -> dict[str, Any]:
    """Every declared draw, number of folds and learner on public data: the arguments of ``frozen.freeze``."""
    explored = explore(read_multiverse(multiverse_file(RECORD)), multiverse_panels(study.panel("public")))
    return {
        "estimates": {},
        "facts": to_facts(explored),
        "inputs": dict(load_tables("public").provenance),
    }


def frozen_envelope() -> Explored:
    """The envelope on public data, as it is frozen.

    Raises
    ------
    FileError
        If it is not frozen; ``digital-clusters freeze industrial_upgrading.envelope`` makes it.
    """
    return from_facts(load_frozen(RECORD).facts)


def widths(explored: Explored) -> pd.DataFrame:
    """How far each column of the paper moves, beside what is printed.

    Returns
    -------
    pandas.DataFrame
        A row a column: ``column``, its words; ``term``; ``printed`` and ``printed_error``; ``n_specs``;
        ``low``, ``median`` and ``high`` of the values; ``width``, their range in printed standard errors;
        ``draws``, the largest range that another draw of the folds alone makes, in the same unit;
        ``inside``, whether the range holds the printed coefficient; ``both_signs``.
    """
    paper = {column.key: column for column in load_published(explored.declared.study).columns}
    other = [name for name in explored.declared.axes if name != "draw"]
    rows = []
    for key, group in explored.table.groupby(CLAIM, sort=False):
        column, claim = paper[str(key)], explored.declared.claims[str(key)]
        printed, values = column.term(claim.term), group["value"].dropna()
        low, high, unit = values.min(), values.max(), printed.error
        alone = group.groupby(other)["value"].agg(lambda drawn: drawn.max() - drawn.min())
        rows.append(
            {
                "column": f"Table {column.table} ({column.column})",
                "label": column.label,
                "term": claim.term,
                "printed": printed.value,
                "printed_error": unit,
                "n_specs": len(values),
                "low": low,
                "median": values.median(),
                "high": high,
                "width": (high - low) / unit,
                "draws": alone.max() / unit,
                "inside": bool(low <= printed.value <= high),
                "both_signs": bool(low < 0 < high),
            }
        )
    return pd.DataFrame(rows)


def envelope_table(explored: Explored) -> "GT":
    """:func:`widths` as a table of the book."""
    found, options = widths(explored), {key: axis.options for key, axis in explored.declared.axes.items()}
    held = len(options["learner"]) * len(options["folds"])
    frame = pd.DataFrame(
        {
            "Column": [lines(row.column, small=[row.label]) for row in found.itertuples()],
            "Published": [
                f"{number(row.printed)} ({number(row.printed_error)})" for row in found.itertuples()
            ],
            "Lowest": _shown(found, "low"),
            "Median": _shown(found, "median"),
            "Highest": _shown(found, "high"),
            "Range": found["width"],
            "by the draw alone": found["draws"],
        }
    )
    note = (
        f"Learners: {', '.join(options['learner'])}. Folds: {' and '.join(options['folds'])}. Draws of the "
        f"folds: {len(options['draw'])}. Together {int(found['n_specs'].max())} numbers a column. Range: "
        "highest less lowest, in printed standard errors; by the draw alone: with learner and number of "
        f"folds held, the largest of {held}. Gini by Eq. (1) over counties; printed errors in parentheses."
    )
    decimals = {"Range": 1, "by the draw alone": 1}
    return styled(
        frame,
        "How far the learner and the folds move a column",
        note,
        PUBLIC,
        decimals=decimals,
        markup=["Column"],
    )


def _shown(found: pd.DataFrame, name: str) -> list[str]:
    """A column of values, each row with the decimals that its range needs for two digits."""
    spans = np.maximum(found["high"] - found["low"], 1e-9)
    return [
        number(value, max(3, 1 - math.floor(math.log10(span))))
        for value, span in zip(found[name], spans, strict=True)
    ]


def envelope_sentence(found: pd.DataFrame) -> str:
    """What the table comes to."""
    return (
        f"On public data the learner, the number of folds and their draw move a column by "
        f"{number(found['width'].median(), 1)} of its printed standard errors in the median "
        f"({number(found['width'].min(), 1)} to {number(found['width'].max(), 1)}), the draw alone by up to "
        f"{number(found['draws'].median(), 1)} in the median column. "
        f"{int(found['inside'].sum())} of the {len(found)} printed coefficients lie within the range, and "
        f"{int(found['both_signs'].sum())} of the {len(found)} ranges hold values of both signs."
    )

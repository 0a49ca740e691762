"""Statements of a theory on the scorecard: how each stands in the models that its chapter solves."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.report.scorecard.cards import word_chip
from digital_clusters.report.tables import styled

if TYPE_CHECKING:
    from great_tables import GT

IN_MODELS = {
    "implied": "true for all parameters of the models",
    "conditional": "true under the condition that is said",
    "put in": "an assumption of the models, from which it cannot be concluded",
    "silent": "not in the models",
}
"""Word → what it means; no data speak to any of them."""


def frozen_statements(study: str) -> list[dict[str, Any]]:
    """Statements of a theory as they are frozen: topic, says, standing, shown.

    Raises
    ------
    FileError
        If they are not frozen.
    """
    return list(load_frozen(study).facts["statements"])


def statements_card(study: str) -> "GT":
    """A line a statement: where it stands, the paper in our words, what the models show."""
    frame = pd.DataFrame(
        {
            "Verdict": word_chip(row["standing"]),
            "The paper, in our words": row["says"],
            "What the models show": row["shown"],
        }
        for row in frozen_statements(study)
    )
    note = "; ".join(f"{word}: {meaning}" for word, meaning in IN_MODELS.items())
    return styled(frame, "", f"{note}.", "model, illustrative parameters", markup=["Verdict"])

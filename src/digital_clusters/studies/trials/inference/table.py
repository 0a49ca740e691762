"""Methods of inference that the chapters use beside their first ones: where each is tried, and what it
changes.

A method is declared once; its numbers are read from the frozen records of the studies that use it.
"""

from typing import TYPE_CHECKING

import pandas as pd

from digital_clusters.report.tables import styled
from digital_clusters.report.words import BOTH, lines
from digital_clusters.studies.trials.inference.adoption import ON_ACCESSION
from digital_clusters.studies.trials.inference.assumptions import ON_ASSUMPTIONS
from digital_clusters.studies.trials.inference.declared import TriedMethod
from digital_clusters.studies.trials.inference.effects import ON_EFFECTS

if TYPE_CHECKING:
    from great_tables import GT

METHODS: tuple[TriedMethod, ...] = (*ON_ACCESSION, *ON_ASSUMPTIONS, *ON_EFFECTS)


def inference_table() -> "GT":
    """Method, library, reference met, coverage or size on the twin, what it changes on public data."""
    rows = []
    for method in METHODS:
        rows.append(
            {
                "Method": lines(method.name, [method.source, method.page]),
                "Library": method.library,
                "Checked against": method.reference,
                "On the twin": method.on_twin(),
                "On public data": method.on_public(),
            }
        )
    note = (
        "Coverage of 95 per cent intervals, size of tests at 5 per cent, in other synthetic countries; after "
        "“simulated”, in the simulated panels with planted spillovers below."
    )
    return styled(pd.DataFrame(rows), "", note, BOTH, markup=["Method"])

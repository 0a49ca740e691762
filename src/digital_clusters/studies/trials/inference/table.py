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
        "On the twin: coverage of 95 % intervals and size of tests at 5 %, in other synthetic countries or, "
        f"with the twin's cities, over draws of what the method is about: {_counts()}. After “simulated”: in "
        "the simulated panels with planted spillovers below."
    )
    return styled(pd.DataFrame(rows), "", note, BOTH, markup=["Method"])


def _counts() -> str:
    """Over how many countries or draws the trials count: the usual number, and which methods have another."""
    counts = pd.Series({method.name: method.rests_on for method in METHODS})
    usual = counts.mode().iloc[0]
    others = [f"; {name}: {count:,}" for name, count in counts[counts != usual].items()]
    return f"{usual:,} for each method" + "".join(others)

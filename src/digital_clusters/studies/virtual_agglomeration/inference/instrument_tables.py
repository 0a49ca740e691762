"""Table and quotes of the trial of an instrument with an effect of its own."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from digital_clusters.report.glue import glue
from digital_clusters.report.inference.counted import COUNTED, counted
from digital_clusters.report.tables import styled
from digital_clusters.report.words import TWIN, number

if TYPE_CHECKING:
    from great_tables import GT


def own_effects_table(trial: Sequence[Mapping[str, Any]], draws: int) -> "GT":
    """Coverage with exclusion and with the union, by the planted own effect."""
    rows = [
        {
            "Planted own effect, %": number(100 * row["own"], 0),
            "Bias": number(row["bias"]),
            "Interval": counted(row["excluded"], draws),
            "Union": counted(row["allowed"], draws),
            "Width": number(row["width"], 1),
        }
        for row in trial
    ]
    note = (
        f"{draws} draws of the twin with a random sign for all that is not planted in a city, and with an "
        "effect of the instrument's own, of either sign in turn, in per cent of the reduced form. Truth: "
        "what the instrument makes of the planted effect alone. Width: of the union, in that of the "
        f"interval. {COUNTED}"
    )
    both = ["Interval", "Union"]
    return styled(pd.DataFrame(rows), "", note, TWIN, spanners={"Coverage of the": both}, markup=both)


def quote_own_effects(trial: Sequence[Mapping[str, Any]], draws: int) -> None:
    """Quote ``own-…``: coverage without an own effect and with the largest one."""
    glue("own-draws", draws)
    for words, row in (("none", trial[0]), ("most", trial[-1])):
        glue(f"own-{words}", f"{row['own']:.0%}")
        glue(f"own-{words}-excluded", f"{row['excluded']:.0%}")
        glue(f"own-{words}-allowed", f"{row['allowed']:.0%}")
        glue(f"own-{words}-width", number(row["width"], 1))

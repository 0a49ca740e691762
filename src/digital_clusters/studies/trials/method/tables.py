"""Tables of the page on the method: the designs, and every recipe in each."""

from typing import TYPE_CHECKING

import pandas as pd

from digital_clusters.errors import ParameterError
from digital_clusters.report.tables import styled
from digital_clusters.studies.trials.method.designs import DESIGNS
from digital_clusters.studies.trials.tables import LABEL

if TYPE_CHECKING:
    from great_tables import GT


def designs() -> "GT":
    """What each design has in place of the first."""
    frame = pd.DataFrame(
        {
            "Design": design.name,
            "What it has": design.says,
            "λ": design.strength,
            "κ": design.moving,
            "Autocorrelation": design.persistence,
            "Share within": design.within,
            "Cities": design.cities,
            "Years": design.years,
        }
        for design in DESIGNS
    )
    return styled(frame, "Designs", "", LABEL, decimals=1)


def trial(table: pd.DataFrame, design: str) -> "GT":
    """Bias, spread, coverage, size and power of every recipe in one design.

    Raises
    ------
    ParameterError
        If the table has no such design.
    """
    part = table[table["design"] == design]
    if part.empty:
        raise ParameterError(f"the trial has no design '{design}'")
    covered = [
        f"{row.coverage:.0%} ({row.coverage_low:.0%} to {row.coverage_high:.0%})" for row in part.itertuples()
    ]
    frame = pd.DataFrame(
        {
            "Recipe": part["recipe"],
            "Panels": part["panels"],
            "Bias": part["bias"],
            "Monte Carlo s.e.": part["bias_error"],
            "Spread": part["spread"],
            "Its Monte Carlo s.e.": part["spread_error"],
            "Mean s.e.": part["claimed"],
            "Coverage of 95 %": covered,
            "Size": part["size"].map("{:.0%}".format),
            "Power": part["power"].map("{:.0%}".format),
        }
    )
    note = (
        "Coverage with its 95 % interval (Wilson). Size: rejects the true coefficient at 5 %. "
        "Power: rejects no effect."
    )
    return styled(frame, design[:1].upper() + design[1:], note, LABEL)


def learners(table: pd.DataFrame) -> "GT":
    """The recipe in bins less the same with a printed learner, on the panels that have both."""
    frame = pd.DataFrame(
        {
            "Design": table["design"],
            "Printed learner": table["recipe"],
            "Panels": table["panels"],
            "Difference": table["difference"],
            "Monte Carlo s.e.": table["error"],
            "Correlation": table["correlation"],
        }
    )
    note = "Estimate in bins less that of the printed learner, on the same panels; correlation over panels."
    return styled(frame, "What bins change", note, LABEL)


def again(live: pd.DataFrame, frozen: pd.DataFrame) -> "GT":
    """Estimates of panels that were drawn again, beside the frozen ones."""
    keys = ["design", "panel", "recipe"]
    both = live.merge(frozen, on=keys, suffixes=("", "_frozen"), validate="one_to_one")
    if len(both) < len(live):
        raise ParameterError(f"{len(live) - len(both)} estimates have no frozen one beside them")
    frame = pd.DataFrame(
        {
            "Design": both["design"],
            "Panel": both["panel"] + 1,
            "Recipe": both["recipe"],
            "Here": both["value"],
            "Frozen": both["value_frozen"],
            "Difference": both["value"] - both["value_frozen"],
        }
    )
    return styled(frame, "Panels drawn again", "", LABEL, decimals={"Difference": 6})

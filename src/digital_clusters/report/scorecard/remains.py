"""What is left at the noise of public data of what the twin's claims show at its own."""

from collections.abc import Sequence

import numpy as np

from digital_clusters.analysis.scorecard.card_lines import CardLine
from digital_clusters.analysis.scorecard.grades import OFTEN
from digital_clusters.report.glue import glue

SEEN = ("sign and size", "sign only")
"""Words of a planted sign that is found in at least four of five synthetic countries."""


def remains_sentence(entries: Sequence[CardLine]) -> str:
    """Of planted claims found often enough at the twin's noise, how many would be at that of public data.

    Parameters
    ----------
    entries : sequence of CardLine
        Lines of any kind; only claims with a planted size count.
    """
    planted = [one for one in entries if one.kind == "claim" and one.twin.planted is not None]
    found = [one for one in planted if one.twin.word in SEEN]
    powers = [one.twin.power for one in found if one.twin.power is not None and np.isfinite(one.twin.power)]
    head = (
        f"Of {len(planted)} claims with a planted size, the sign of {len(found)} is found in at least "
        f"{OFTEN:.0%} of synthetic countries, “sign and size” or “sign only”"
    )
    if not powers:
        return f"{head}; none of these has a public number with a standard error."
    kept = sum(power >= OFTEN for power in powers)
    return (
        f"{head}. Of these {len(powers)} have a public number with a standard error, and at that error the "
        f"same sizes would be found as often in {kept}; their median power there is {np.median(powers):.0%}."
    )


def quote_remains(entries: Sequence[CardLine]) -> None:
    """Quote the sentence as ``remains``."""
    glue("remains", remains_sentence(entries))

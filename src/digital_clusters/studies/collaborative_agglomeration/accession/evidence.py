"""What the chapter on accession sets side by side: robust estimators by source, and what they would find."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.measures.panel import Panel
from digital_clusters.report.words import PUBLIC, TWIN
from digital_clusters.studies.collaborative_agglomeration.joiners import (
    RECORD,
    joiners_record,
    planted_joiners,
    public_joiners,
)
from digital_clusters.studies.collaborative_agglomeration.planted import with_council_change
from digital_clusters.studies.collaborative_agglomeration.specs import ACCESSION


@dataclass(frozen=True)
class RobustAccession:
    """Accession by robust estimators.

    Attributes
    ----------
    found : dict of str to mapping
        Label of the source → record of ``joiners_record``.
    planted : dict of str to float
        Design → what it finds of the planted effect alone.
    trial : list of dict
        The methods in other synthetic countries.
    countries : int
    """

    found: dict[str, Mapping[str, Any]]
    planted: dict[str, float]
    trial: list[dict[str, Any]]
    countries: int


def robust_accession(
    panel: Panel, data: str, rows: Sequence[Mapping[str, Any]], alone: Sequence[float]
) -> RobustAccession:
    """Robust estimators on the twin and on public data.

    Parameters
    ----------
    panel : Panel
        Of the twin.
    data : str
        As :func:`~.joiners.public_joiners` has it.
    rows : records of ``adoption_record``'s ``estimates``
        On the twin.
    alone : sequence of float
        What each of them finds of the planted effect alone.
    """
    found = {TWIN: joiners_record(ACCESSION, panel), PUBLIC: public_joiners(data)}
    planted = planted_joiners(ACCESSION.change(outcome="council_change"), with_council_change(panel))
    planted |= {row["design"]: one for row, one in zip(rows, alone, strict=True)}
    facts = load_frozen(RECORD).facts
    return RobustAccession(found, planted, facts["trial"], facts["countries"])

"""What the chapter on mechanisms sets side by side: claims, interactions and the chain, by source."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from digital_clusters.analysis.claims import ClaimedStudy, load_claims
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.inference.interactions import interaction_rows
from digital_clusters.analysis.power import Power, load_power
from digital_clusters.analysis.readings import public_claims, twin_claims
from digital_clusters.analysis.spec import Spec
from digital_clusters.estimators.estimate import Coefficient, Estimate
from digital_clusters.measures.panel import Panel
from digital_clusters.report.words import PUBLIC, TWIN
from digital_clusters.studies.collaborative_agglomeration.chain import Chain, chain
from digital_clusters.studies.collaborative_agglomeration.inference.family import COLLABORATIVE_FAMILY
from digital_clusters.studies.collaborative_agglomeration.inference.interactions import (
    COLLABORATIVE_INTERACTIONS,
)
from digital_clusters.studies.collaborative_agglomeration.specs import STUDY
from digital_clusters.studies.collaborative_agglomeration.study import COLLABORATIVE_AGGLOMERATION


@dataclass(frozen=True)
class AllClaims:
    """Every claim of the abstract with what decides it.

    Attributes
    ----------
    study : ClaimedStudy
    power : Power
    found, planted : dict
        Claim → number on the twin, and planted size.
    public : dict of str to Coefficient or None
    public_family : list of dict
        Claims on public data as one family.
    family_trial : mapping
        The family where every claim is false.
    """

    study: ClaimedStudy
    power: Power
    found: dict[str, Coefficient]
    planted: dict[str, float]
    public: dict[str, Coefficient | None]
    public_family: list[Mapping[str, Any]]
    family_trial: Mapping[str, Any]


def all_claims(spec: Spec, data: str = "twin") -> AllClaims:
    """Every claim by the weights and the correction of a specification; ``data`` as in ``public_claims``."""
    changes = {"weights": spec.weights, "correction": spec.correction}
    return AllClaims(
        study=load_claims(STUDY),
        power=load_power(STUDY),
        found=twin_claims(COLLABORATIVE_AGGLOMERATION, changes),
        planted=COLLABORATIVE_AGGLOMERATION.planted_sizes(),
        public=public_claims(COLLABORATIVE_AGGLOMERATION, data),
        public_family=COLLABORATIVE_FAMILY.public_rows(COLLABORATIVE_AGGLOMERATION, data),
        family_trial=load_frozen(COLLABORATIVE_FAMILY.record).facts["trial"],
    )


def moderations(panel: Panel, data: str = "twin") -> tuple[dict[str, list[Any]], Mapping[str, Any]]:
    """Interactions in bins and within cities by the label of the source, and their frozen trial."""
    rows: dict[str, list[Any]] = {
        TWIN: interaction_rows(COLLABORATIVE_INTERACTIONS.twin, panel),
        PUBLIC: COLLABORATIVE_INTERACTIONS.public_rows(data),
    }
    return rows, load_frozen(COLLABORATIVE_INTERACTIONS.record).facts


def chains_of(
    diffusion: Estimate, curve: Estimate, public: Mapping[str, tuple[Estimate, str]]
) -> dict[str, Chain]:
    """The chain by the label of the source; ``public`` is of ``public_estimates``."""
    there = chain(public["public, diffusion"][0], public["public, internet users"][0])
    return {TWIN: chain(diffusion, curve), PUBLIC: there}

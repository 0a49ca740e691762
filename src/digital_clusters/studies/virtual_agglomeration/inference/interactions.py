"""Which interactions of virtual agglomeration are looked at in bins and within cities."""

from digital_clusters.analysis.inference.interactions import Interactions
from digital_clusters.analysis.study import sizes_of_claims
from digital_clusters.studies.virtual_agglomeration.planted import sizes
from digital_clusters.studies.virtual_agglomeration.specs import HETEROGENEITY, MECHANISM, PUBLIC, STUDY

TRIED = {
    "digital infrastructure": "more_with_digital_infrastructure",
    "complementarity": "complements_geography",
}
"""Specification with a moderator of many values → the claim whose planted size it is compared with."""


def _planted(seed: int) -> dict[str, float]:
    planted = sizes_of_claims(STUDY, sizes, seed)
    return {words: planted[claim] for words, claim in TRIED.items()}


VIRTUAL_INTERACTIONS = Interactions(
    record=f"{STUDY}.moderation",
    twin={words: spec for words, spec in (HETEROGENEITY | MECHANISM).items() if spec.moderator},
    public={
        words: spec
        for words, spec in PUBLIC.items()
        if spec.moderator and spec.control_timing == "year_before"
    },
    planted=_planted,
)

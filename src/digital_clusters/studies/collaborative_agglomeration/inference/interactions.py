"""Which interactions of co-agglomeration are looked at in bins and within cities, without spatial terms."""

from digital_clusters.analysis.inference.interactions import Interactions
from digital_clusters.analysis.spec import Spec
from digital_clusters.sources.twin.country import country_of
from digital_clusters.sources.twin.spillovers import own_and_others
from digital_clusters.sources.twin.truth import project_truth
from digital_clusters.studies.collaborative_agglomeration.specs import (
    DIFFUSION,
    MEMBERSHIP,
    NOT_SPATIAL,
    PUBLIC,
    STUDY,
)

DIGITAL = "co-agglomeration, digital technology"

_PLAIN = {"method": "two_way_fixed_effects", "errors": "clustered"}


def _moderated(spec: Spec, diffusion: Spec) -> dict[str, Spec]:
    by_digital = spec.change(**_PLAIN, moderator="internet")
    by_member = by_digital.change(moderator="delta_member", contemporaneous=MEMBERSHIP[1:2])
    return {
        DIGITAL: by_digital,
        "co-agglomeration, delta council": by_member,
        "neighbours' lead, delta council": diffusion,
    }


def _planted(seed: int) -> dict[str, float]:
    """What is planted of the moderation of a city's own misallocation."""
    country = country_of(project_truth(), seed)
    own, _ = own_and_others(country)
    return {DIGITAL: -country.truth.misallocation.digital * own}


COLLABORATIVE_INTERACTIONS = Interactions(
    record=f"{STUDY}.moderation",
    twin=_moderated(NOT_SPATIAL, DIFFUSION),
    public=_moderated(PUBLIC["public"], PUBLIC["public, diffusion"])
    | {"co-agglomeration, digital finance": PUBLIC["public, digital finance"].change(**_PLAIN)},
    planted=_planted,
)

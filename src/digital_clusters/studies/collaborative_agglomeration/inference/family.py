"""The claims on co-agglomeration as one family, and what is dealt anew to make all of them false."""

from digital_clusters.analysis.inference.claim_family import ClaimFamily
from digital_clusters.studies.collaborative_agglomeration.specs import STUDY

COLLABORATIVE_FAMILY = ClaimFamily(
    record=f"{STUDY}.family",
    dealt=(
        "coagglomeration",
        "delta_member",
        "delta_council_year",
        "years_as_member",
        "neighbours_lead",
    ),
)

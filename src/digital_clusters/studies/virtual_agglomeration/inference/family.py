"""The claims on virtual agglomeration as one family, and what is dealt anew to make all of them false."""

from digital_clusters.analysis.inference.claim_family import ClaimFamily
from digital_clusters.studies.virtual_agglomeration.specs import STUDY

VIRTUAL_FAMILY = ClaimFamily(
    record=f"{STUDY}.family",
    dealt=("virtual",),
)

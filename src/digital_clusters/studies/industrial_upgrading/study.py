"""Yu & Zhang's study as one record."""

from dataclasses import replace

from digital_clusters.analysis.scorecard.variation import variation_results
from digital_clusters.studies.industrial_upgrading.card import card_results
from digital_clusters.studies.industrial_upgrading.inference.envelope import RECORD as ENVELOPE
from digital_clusters.studies.industrial_upgrading.inference.envelope import envelope_results
from digital_clusters.studies.industrial_upgrading.inference.groups import RECORD as GROUPS
from digital_clusters.studies.industrial_upgrading.inference.groups import groups_results
from digital_clusters.studies.industrial_upgrading.record import everything, multiverse, twin_multiverse
from digital_clusters.studies.industrial_upgrading.replication import PRINTED
from digital_clusters.studies.industrial_upgrading.specs import STUDY

INDUSTRIAL_UPGRADING = replace(
    PRINTED,
    records={
        STUDY: everything,
        f"{STUDY}.multiverse": multiverse,
        f"{STUDY}.twin_multiverse": twin_multiverse,
        f"{STUDY}.card": card_results,
        f"{STUDY}.variation": variation_results,
        GROUPS: groups_results,
        ENVELOPE: envelope_results,
    },
)

"""Yu & Zhang's study as one record."""

from digital_clusters.analysis.scorecard.variation import variation_results
from digital_clusters.analysis.study import Study
from digital_clusters.studies.industrial_upgrading.card import card_results
from digital_clusters.studies.industrial_upgrading.inference.groups import RECORD as GROUPS
from digital_clusters.studies.industrial_upgrading.inference.groups import groups_results
from digital_clusters.studies.industrial_upgrading.record import everything, multiverse, twin_multiverse
from digital_clusters.studies.industrial_upgrading.replication import load_panel
from digital_clusters.studies.industrial_upgrading.specs import BASELINE, EVERY_SPEC, PUBLIC_SPECS, STUDY

INDUSTRIAL_UPGRADING = Study(
    key=STUDY,
    specs=EVERY_SPEC,
    public=PUBLIC_SPECS,
    base=BASELINE,
    panel=load_panel,
    records={
        STUDY: everything,
        f"{STUDY}.multiverse": multiverse,
        f"{STUDY}.twin_multiverse": twin_multiverse,
        f"{STUDY}.card": card_results,
        f"{STUDY}.variation": variation_results,
        GROUPS: groups_results,
    },
)

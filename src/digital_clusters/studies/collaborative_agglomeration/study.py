"""Wu, Tao & Peng's study as one record."""

from digital_clusters.analysis.data import load_city_panel
from digital_clusters.analysis.scorecard.variation import variation_results
from digital_clusters.analysis.study import Study
from digital_clusters.measures.city_panel import SCARCE
from digital_clusters.studies.collaborative_agglomeration.inference.family import COLLABORATIVE_FAMILY
from digital_clusters.studies.collaborative_agglomeration.inference.interactions import (
    COLLABORATIVE_INTERACTIONS,
)
from digital_clusters.studies.collaborative_agglomeration.inference.weights import RECORD as WEIGHTS
from digital_clusters.studies.collaborative_agglomeration.inference.weights import weights_results
from digital_clusters.studies.collaborative_agglomeration.innovation.record import RECORD as INNOVATION
from digital_clusters.studies.collaborative_agglomeration.innovation.record import innovation_results
from digital_clusters.studies.collaborative_agglomeration.joiners import RECORD as JOINERS
from digital_clusters.studies.collaborative_agglomeration.joiners_trial import joiners_results
from digital_clusters.studies.collaborative_agglomeration.multiverse.panels import curve_panels
from digital_clusters.studies.collaborative_agglomeration.multiverse.results import multiverse_results
from digital_clusters.studies.collaborative_agglomeration.planted import sizes
from digital_clusters.studies.collaborative_agglomeration.record import everything
from digital_clusters.studies.collaborative_agglomeration.specs import BASELINE, COUNCIL, PUBLIC, SPECS, STUDY

COLLABORATIVE_AGGLOMERATION = Study(
    key=STUDY,
    specs=SPECS,
    public=PUBLIC,
    base=BASELINE,
    panel=load_city_panel,
    sizes=sizes,
    policy=COUNCIL,
    indicators=(*SCARCE, "internet"),
    explored=curve_panels,
    records={
        STUDY: everything,
        f"{STUDY}.multiverse": multiverse_results,
        JOINERS: joiners_results,
        INNOVATION: innovation_results,
        f"{STUDY}.variation": variation_results,
        COLLABORATIVE_INTERACTIONS.record: COLLABORATIVE_INTERACTIONS.results,
        COLLABORATIVE_FAMILY.record: COLLABORATIVE_FAMILY.results,
        WEIGHTS: weights_results,
    },
)

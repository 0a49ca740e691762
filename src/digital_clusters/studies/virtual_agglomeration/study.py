"""The study of virtual agglomeration as one record."""

from digital_clusters.analysis.data import load_city_panel
from digital_clusters.analysis.readings import public_results
from digital_clusters.analysis.scorecard.variation import variation_results
from digital_clusters.analysis.study import Study
from digital_clusters.measures.city_panel import SCARCE
from digital_clusters.studies.virtual_agglomeration.doubts import RECORD as DOUBTS
from digital_clusters.studies.virtual_agglomeration.doubts import doubts_results
from digital_clusters.studies.virtual_agglomeration.inference.counts import RECORD as COUNTS
from digital_clusters.studies.virtual_agglomeration.inference.counts import counts_results
from digital_clusters.studies.virtual_agglomeration.inference.family import VIRTUAL_FAMILY
from digital_clusters.studies.virtual_agglomeration.inference.instrument_trial import RECORD as PLAUSIBLE
from digital_clusters.studies.virtual_agglomeration.inference.instrument_trial import plausible_results
from digital_clusters.studies.virtual_agglomeration.inference.interactions import VIRTUAL_INTERACTIONS
from digital_clusters.studies.virtual_agglomeration.planted import sizes
from digital_clusters.studies.virtual_agglomeration.record import NAME, measures_results, multiverse_results
from digital_clusters.studies.virtual_agglomeration.specs import BASELINE, PUBLIC, SPECS, STUDY

PHASES = ("resistance", "recoverability")
DIGITAL = ("digital_infrastructure", "mobile", "fusion", "telecom_shift")
"""Columns that public data have for some years, besides those of both studies of agglomeration."""

VIRTUAL_AGGLOMERATION = Study(
    key=STUDY,
    specs=SPECS,
    public=PUBLIC,
    base=BASELINE,
    panel=load_city_panel,
    sizes=sizes,
    indicators=(*SCARCE, *PHASES, *DIGITAL),
    records={
        STUDY: public_results,
        NAME: lambda study: measures_results(),
        f"{STUDY}.multiverse": multiverse_results,
        f"{STUDY}.variation": variation_results,
        DOUBTS: doubts_results,
        VIRTUAL_INTERACTIONS.record: VIRTUAL_INTERACTIONS.results,
        VIRTUAL_FAMILY.record: VIRTUAL_FAMILY.results,
        COUNTS: counts_results,
        PLAUSIBLE: plausible_results,
    },
)

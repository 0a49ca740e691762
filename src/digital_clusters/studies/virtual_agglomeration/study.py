"""The study of virtual agglomeration as one record."""

from digital_clusters.analysis.data import load_city_panel
from digital_clusters.analysis.readings import public_results
from digital_clusters.analysis.study import Study
from digital_clusters.measures.city_panel import SCARCE
from digital_clusters.studies.virtual_agglomeration.planted import sizes
from digital_clusters.studies.virtual_agglomeration.record import NAME, measures_results, multiverse_results
from digital_clusters.studies.virtual_agglomeration.specs import BASELINE, PUBLIC, SPECS, STUDY

VIRTUAL_AGGLOMERATION = Study(
    key=STUDY,
    specs=SPECS,
    public=PUBLIC,
    base=BASELINE,
    panel=load_city_panel,
    sizes=sizes,
    indicators=SCARCE,
    records={
        STUDY: public_results,
        NAME: lambda study: measures_results(),
        f"{STUDY}.multiverse": multiverse_results,
    },
)

"""Wu, Tao & Peng's study as one record."""

from digital_clusters.analysis.data import load_city_panel
from digital_clusters.analysis.study import Study
from digital_clusters.studies.collaborative_agglomeration.planted import sizes
from digital_clusters.studies.collaborative_agglomeration.record import everything
from digital_clusters.studies.collaborative_agglomeration.specs import PUBLIC, SPECS, STUDY

COLLABORATIVE_AGGLOMERATION = Study(
    key=STUDY,
    specs=SPECS,
    public=PUBLIC,
    panel=load_city_panel,
    sizes=sizes,
    records={STUDY: everything},
)

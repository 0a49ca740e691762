"""Types of the face: what each name of ``WHERE`` is."""

from digital_clusters.analysis.audit.paper import audit as audit
from digital_clusters.analysis.data import load_city_panel
from digital_clusters.analysis.fit import Fit as Fit
from digital_clusters.analysis.fit import fit as fit
from digital_clusters.analysis.spec import Spec as Spec
from digital_clusters.estimators.curves.turning_points import turning_point as turning_point
from digital_clusters.estimators.curves.turning_points import u_test as u_test
from digital_clusters.estimators.did.honest import relative_magnitudes as relative_magnitudes
from digital_clusters.estimators.estimate import Estimate as Estimate
from digital_clusters.estimators.spatial.effects import spatial_effects as spatial_effects
from digital_clusters.measures.indicators.coagglomeration import (
    coagglomeration_index as coagglomeration_index,
)
from digital_clusters.measures.indicators.composite import entropy_index as entropy_index
from digital_clusters.measures.indicators.concentration import ellison_glaeser as ellison_glaeser
from digital_clusters.measures.indicators.concentration import herfindahl as herfindahl
from digital_clusters.measures.indicators.concentration import location_quotient as location_quotient
from digital_clusters.measures.indicators.concentration import (
    pairwise_coagglomeration as pairwise_coagglomeration,
)
from digital_clusters.measures.indicators.inequality import gini as gini
from digital_clusters.measures.indicators.misallocation import misallocation as misallocation
from digital_clusters.measures.indicators.structure import upgrading_index as upgrading_index
from digital_clusters.measures.panel import Panel as Panel
from digital_clusters.report.figures.models import coefficient_plot as coefficient_plot
from digital_clusters.report.models import table as table
from digital_clusters.report.saved.tables import save_table as save_table
from digital_clusters.sources.columns import describe_panel_columns as describe_panel_columns
from digital_clusters.sources.opening import open_source as open_source
from digital_clusters.verbs.adoption import donut_did as donut_did
from digital_clusters.verbs.adoption import event_study as event_study
from digital_clusters.verbs.adoption import group_time as group_time
from digital_clusters.verbs.adoption import psm_did as psm_did
from digital_clusters.verbs.adoption import robust_did as robust_did
from digital_clusters.verbs.regressions import double_ml as double_ml
from digital_clusters.verbs.regressions import iv as iv
from digital_clusters.verbs.regressions import mediation as mediation
from digital_clusters.verbs.regressions import sensitivity as sensitivity
from digital_clusters.verbs.regressions import two_way as two_way
from digital_clusters.verbs.spatial import local_moran as local_moran
from digital_clusters.verbs.spatial import moran as moran
from digital_clusters.verbs.spatial import spatial_panel as spatial_panel
from digital_clusters.verbs.spatial import spatial_weights as spatial_weights

city_panel = load_city_panel

__version__: str
WHERE: dict[str, str]

"""Executable replications of studies of virtual agglomeration, industrial upgrading and urban China.

The face: ``import digital_clusters as dc`` gives the names of :data:`WHERE`, each
loaded when it is first used.

Behind it data flow one way through the rooms of this package, and no room imports from one below it:
``sources`` (raw tables) → ``measures`` (indicators) → ``estimators`` (arrays in, an estimate out)
→ ``theory`` → ``analysis`` (a specification and a panel to an estimate) → ``report`` (tables and figures)
→ ``verbs`` (an estimator on a panel, by names of columns) → ``studies`` (one folder a paper)
→ ``pipeline`` (notebooks, sweeps, the book) → ``cli``. No room imports the face.
"""

from importlib import import_module

__version__ = "0.1.0"

WHERE = {
    # data
    "open_source": "digital_clusters.sources.opening",
    "city_panel": "digital_clusters.analysis.data:load_city_panel",
    "Panel": "digital_clusters.measures.panel",
    "describe_panel_columns": "digital_clusters.sources.columns",
    # a specification on a panel
    "Spec": "digital_clusters.analysis.spec",
    "fit": "digital_clusters.analysis.fit",
    "Fit": "digital_clusters.analysis.fit",
    "Estimate": "digital_clusters.estimators.estimate",
    # regressions by names of columns
    "two_way": "digital_clusters.verbs.regressions",
    "double_ml": "digital_clusters.verbs.regressions",
    "sensitivity": "digital_clusters.verbs.regressions",
    "iv": "digital_clusters.verbs.regressions",
    "mediation": "digital_clusters.verbs.regressions",
    # adoption of a policy
    "psm_did": "digital_clusters.verbs.adoption",
    "event_study": "digital_clusters.verbs.adoption",
    "group_time": "digital_clusters.verbs.adoption",
    "robust_did": "digital_clusters.verbs.adoption",
    "donut_did": "digital_clusters.verbs.adoption",
    "relative_magnitudes": "digital_clusters.estimators.did.honest",
    # space
    "spatial_weights": "digital_clusters.verbs.spatial",
    "spatial_panel": "digital_clusters.verbs.spatial",
    "spatial_effects": "digital_clusters.estimators.spatial.effects",
    "moran": "digital_clusters.verbs.spatial",
    "local_moran": "digital_clusters.verbs.spatial",
    # curves
    "turning_point": "digital_clusters.estimators.curves.turning_points",
    "u_test": "digital_clusters.estimators.curves.turning_points",
    # indicators
    "gini": "digital_clusters.measures.indicators.inequality",
    "location_quotient": "digital_clusters.measures.indicators.concentration",
    "herfindahl": "digital_clusters.measures.indicators.concentration",
    "ellison_glaeser": "digital_clusters.measures.indicators.concentration",
    "coagglomeration_index": "digital_clusters.measures.indicators.coagglomeration",
    "pairwise_coagglomeration": "digital_clusters.measures.indicators.concentration",
    "upgrading_index": "digital_clusters.measures.indicators.structure",
    "entropy_index": "digital_clusters.measures.indicators.composite",
    "misallocation": "digital_clusters.measures.indicators.misallocation",
    # results side by side
    "table": "digital_clusters.report.models",
    "save_table": "digital_clusters.report.saved.tables",
    "coefficient_plot": "digital_clusters.report.figures.models",
    # printed tables of others
    "audit": "digital_clusters.analysis.audit.paper",
}
"""Name of the face → the module that has it, or ``module:name`` where it has another name there."""

__all__ = list(WHERE)


def __getattr__(name: str) -> object:
    if name not in WHERE:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    module, _, inside = WHERE[name].partition(":")
    found = getattr(import_module(module), inside or name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *WHERE})

"""One specification on one panel: the single way from a :class:`Spec` to an :class:`Estimate`."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from digital_clusters.analysis.sample import Design, adapt, design, select_sample
from digital_clusters.analysis.spec import Spec
from digital_clusters.estimators.double_ml.cross_fitting import PartialledOut
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.measures.panel import Panel
from digital_clusters.sources.policies import city_adjacency

if TYPE_CHECKING:
    from digital_clusters.estimators.panel.instrumental import InstrumentalEstimate
    from digital_clusters.estimators.panel.mediation import MediationEstimate
    from digital_clusters.estimators.spatial.durbin import SpatialEstimate
    from digital_clusters.measures.space.weights import SpatialWeights


def estimate_nearest(spec: Spec, panel: Panel) -> tuple[Estimate, str]:
    """Estimate the nearest specification a panel can serve; the note says what differs."""
    nearest, omitted = adapt(spec, panel)
    result = estimate(nearest, panel)
    notes = [f"without {', '.join(omitted)}"] if omitted else []
    first, last = panel.years
    if spec.first_year < first or spec.last_year > last:
        notes.append(f"years {max(spec.first_year, first)}–{min(spec.last_year, last)}")
    return result, "; ".join(notes)


def estimate(spec: Spec, panel: Panel) -> Estimate:
    """Estimate a specification, with its provenance filled in.

    Two-way fixed effects report the controls after the terms of interest.

    Raises
    ------
    MissingTableError
        If the panel lacks a column (see :func:`digital_clusters.analysis.sample.adapt`).
    DataError
        If no row is left, or a term is absorbed by the fixed effects.
    """
    result = _ESTIMATORS[spec.method](spec, panel)
    return result.with_provenance(data=panel.label, data_hash=panel.hash, spec=spec.model_dump(mode="json"))


def partialled_out(spec: Spec, panel: Panel) -> PartialledOut:
    """Residuals of outcome and treatments behind a double machine learning estimate."""
    from digital_clusters.estimators.double_ml.partially_linear import partial_out

    arrays = design(spec, select_sample(spec, panel))
    return partial_out(arrays.outcome, arrays.treatments, arrays.controls, **_cross_fitting(spec, arrays))


def _double_machine_learning(spec: Spec, panel: Panel) -> Estimate:
    from digital_clusters.estimators.double_ml.partially_linear import partially_linear

    arrays = design(spec, select_sample(spec, panel))
    return partially_linear(
        arrays.outcome,
        arrays.treatments,
        arrays.controls,
        errors=spec.errors,
        **_cross_fitting(spec, arrays),
    )


def _cross_fitting(spec: Spec, arrays: Design) -> dict:
    named = ("fixed_effects", "learner", "folds", "fold_unit", "repeats", "seed")
    panel = {"entity": arrays.entity, "time": arrays.time, "terms": arrays.terms}
    return panel | {name: getattr(spec, name) for name in named}


def _two_way_fixed_effects(spec: Spec, panel: Panel) -> Estimate:
    from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects

    arrays = design(spec, select_sample(spec, panel))
    return two_way_fixed_effects(
        arrays.outcome,
        np.column_stack([arrays.treatments, arrays.controls]),
        entity=arrays.entity,
        time=arrays.time,
        terms=(*arrays.terms, *spec.controls),
        errors=spec.errors,
    )


def instrumented(spec: Spec, panel: Panel) -> "InstrumentalEstimate":
    """Two-stage least squares with first stage, reduced form and weak-instrument-robust inference."""
    from digital_clusters.estimators.panel.instrumental import instrumental_variables

    arrays = design(spec, select_sample(spec, panel))
    return instrumental_variables(
        arrays.outcome,
        arrays.treatments,
        arrays.instrument,
        arrays.controls,
        entity=arrays.entity,
        time=arrays.time,
        terms=(*arrays.terms, *spec.controls),
    )


def mediated(spec: Spec, panel: Panel, *, draws: int = 2000) -> "MediationEstimate":
    """The steps of a mediation analysis through ``spec.mediators``, with bootstrapped indirect effects."""
    from digital_clusters.estimators.panel.mediation import mediation

    arrays = design(spec, select_sample(spec, panel))
    return mediation(
        arrays.outcome,
        arrays.treatments,
        arrays.mediators,
        arrays.controls,
        entity=arrays.entity,
        time=arrays.time,
        terms=(*arrays.terms, *spec.controls),
        mediators=spec.mediators,
        draws=draws,
        seed=spec.seed,
    )


def spatial(spec: Spec, panel: Panel, *, weights: "SpatialWeights | None" = None) -> "SpatialEstimate":
    """A spatial panel model; every term and control has a spatial lag where the model has any.

    Parameters
    ----------
    spec : Spec
        ``weights`` names the kind; ``errors`` other than ``clustered`` mean the information matrix.
    weights : SpatialWeights, optional
        Of the cities of the sample; by default those of :func:`weights_of`.
    """
    from digital_clusters.estimators.spatial.durbin import spatial_panel

    sample = select_sample(spec, panel)
    arrays = design(spec, sample)
    weights = weights or weights_of(spec, sample, panel.source)
    return spatial_panel(
        arrays.outcome,
        np.column_stack([arrays.treatments, arrays.controls]),
        weights.matrix,
        entity=arrays.entity,
        time=arrays.time,
        terms=(*arrays.terms, *spec.controls),
        model=spec.spatial_model,
        errors="clustered" if spec.errors == "clustered" else "information",
        correction=spec.correction,
    )


def weights_of(spec: Spec, sample: pd.DataFrame, source: str) -> "SpatialWeights":
    """Spatial weights of the sample's cities, rows summing to one.

    Contiguity is by common borders for public data; elsewhere cities are points and have the neighbours of
    the Gabriel graph. Economic distance is the difference of mean GDP per head in the sample.
    """
    from digital_clusters.measures.space.weights import spatial_weights

    grouped = sample.groupby("city")
    cities = grouped[["lon", "lat"]].first().reset_index()
    values = np.exp(grouped["income"].mean()) if spec.weights in ("economic", "nested") else None
    borders = city_adjacency() if source == "public" and spec.weights == "contiguity" else None
    return spatial_weights(cities, spec.weights, values=values, adjacency=borders)


_ESTIMATORS = {
    "double_machine_learning": _double_machine_learning,
    "two_way_fixed_effects": _two_way_fixed_effects,
    "instrumental_variables": lambda spec, panel: instrumented(spec, panel).estimate,
    "spatial_panel": lambda spec, panel: spatial(spec, panel).estimate,
}

"""One specification on one panel: the single way from a :class:`Spec` to an :class:`Estimate`."""

import numpy as np

from digital_clusters.estimators.cross_fitting import PartialledOut
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.measures.panel import Panel
from digital_clusters.studies.sample import Design, design, select_sample
from digital_clusters.studies.spec import Spec


def estimate(spec: Spec, panel: Panel) -> Estimate:
    """Estimate a specification, with its provenance filled in.

    Two-way fixed effects report the controls after the terms of interest.

    Raises
    ------
    MissingTableError
        If the panel lacks a column (see :func:`digital_clusters.studies.sample.adapt`).
    DataError
        If no row is left, or a term is absorbed by the fixed effects.
    """
    arrays = design(spec, select_sample(spec, panel))
    result = _ESTIMATORS[spec.method](spec, arrays)
    return result.with_provenance(data=panel.label, data_hash=panel.hash, spec=spec.model_dump(mode="json"))


def partialled_out(spec: Spec, panel: Panel) -> PartialledOut:
    """Residuals of outcome and treatments behind a double machine learning estimate."""
    from digital_clusters.estimators.double_ml import partial_out

    arrays = design(spec, select_sample(spec, panel))
    return partial_out(arrays.outcome, arrays.treatments, arrays.controls, **_cross_fitting(spec, arrays))


def _double_machine_learning(spec: Spec, arrays: Design) -> Estimate:
    from digital_clusters.estimators.double_ml import partially_linear

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


def _two_way_fixed_effects(spec: Spec, arrays: Design) -> Estimate:
    from digital_clusters.estimators.fixed_effects import two_way_fixed_effects

    return two_way_fixed_effects(
        arrays.outcome,
        np.column_stack([arrays.treatments, arrays.controls]),
        entity=arrays.entity,
        time=arrays.time,
        terms=(*arrays.terms, *spec.controls),
        errors=spec.errors,
    )


_ESTIMATORS = {
    "double_machine_learning": _double_machine_learning,
    "two_way_fixed_effects": _two_way_fixed_effects,
}

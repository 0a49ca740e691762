"""The robustness checks of collaborative agglomeration as comparable records."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from digital_clusters.analysis.fit import estimate, instrumented
from digital_clusters.analysis.readings import of_term
from digital_clusters.analysis.spatial.curves import fit_curve
from digital_clusters.analysis.spec import Spec
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.measures.panel import Panel
from digital_clusters.studies.collaborative_agglomeration.planted import (
    index_gap,
    planted_marginal_effects,
    with_planted_part,
)
from digital_clusters.studies.collaborative_agglomeration.record import SIDES, sides


def variants(specs: Mapping[str, Spec], panel: Panel) -> dict[str, dict[str, Any]]:
    """Name → record of ``sides``, with ``product`` where there is a moderator.

    A specification without spatial terms has its own marginal effect as the direct one and no other.
    """
    return {name: _variant(spec, panel) for name, spec in specs.items()}


def _variant(spec: Spec, panel: Panel) -> dict[str, Any]:
    product = f"{spec.treatment}:{spec.moderator}"
    model = {} if spec.method == "spatial_panel" else {"method": "spatial_panel", "spatial_model": "none"}
    record = sides(spec.change(**model), panel)
    if model:
        record = {key: value for key, value in record.items() if not key.startswith(("indirect", "total"))}
    found = estimate(spec, panel)
    return record | {"product": list(found[product])} if product in found.terms else record


def planted_sides(spec: Spec, panel: Panel) -> dict[str, float]:
    """Planted direct and indirect effects at the :data:`SIDES` of the sample's treatment."""
    curve = fit_curve(spec, panel)
    effects = planted_marginal_effects(np.quantile(curve.c, SIDES), curve.mean_z, gap=index_gap(panel))
    return {
        f"{kind} {side}": float(effects[i, j])
        for i, side in enumerate(("left", "right"))
        for j, kind in enumerate(("direct", "indirect"))
    }


def line_through_curve(linear: Spec, by_instrument: Spec, panel: Panel) -> dict[str, float]:
    """What the linear regressions find of the planted curve alone: ``least_squares`` and ``estimate``."""
    planted, change = with_planted_part(panel), {"outcome": "planted_part"}
    found = instrumented(by_instrument.change(**change), planted)
    return {
        "least_squares": of_term(found.least_squares, linear.treatment).value,
        "estimate": of_term(found.estimate, linear.treatment).value,
    }


def both_errors(spec: Spec, panel: Panel) -> dict[str, Estimate]:
    """The same spatial model with the information matrix and with errors clustered by city."""
    rules = {"information": "homoskedastic", "clustered": "clustered"}
    return {words: estimate(spec.change(errors=rule), panel) for words, rule in rules.items()}


def over_years(specs: Mapping[str, Spec], first_year: int, last_year: int) -> dict[str, Spec]:
    """Specifications cut to years; one that is cut more tightly keeps its own ends."""
    return {
        name: spec.change(
            first_year=max(spec.first_year, first_year), last_year=min(spec.last_year, last_year)
        )
        for name, spec in specs.items()
    }


def omission(spec: Spec, panel: Panel, column: str) -> list[dict[str, Any]]:
    """What leaving a column out does to each term of a least-squares specification.

    The coefficient without the column is that with it plus the column's own coefficient times the coefficient
    of the term in a regression of the column on all terms: an identity of least squares.

    Returns
    -------
    list of dict
        ``term``, ``without``, ``with_it``, ``moves`` and ``moves_error`` (the column's coefficient on the
        term), ``effect`` (the column's own).
    """
    plain = spec.change(method="two_way_fixed_effects")
    short, long = estimate(plain, panel), estimate(plain.change(controls=(*spec.controls, column)), panel)
    moved = estimate(plain.change(outcome=column), panel)
    product = f"{spec.treatment}:{spec.moderator}"
    return [
        {
            "term": term,
            "without": short[term][0],
            "with_it": long[term][0],
            "moves": moved[term][0],
            "moves_error": moved[term][1],
            "effect": long[column][0],
        }
        for term in (spec.treatment, f"{spec.treatment}^2", product)
        if term in short.terms
    ]

"""The robustness checks of collaborative agglomeration as comparable records."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from digital_clusters.analysis.fit import Fit, fit
from digital_clusters.analysis.spatial.curves import mean_moderator
from digital_clusters.analysis.spec import Spec
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.measures.panel import Panel
from digital_clusters.studies.collaborative_agglomeration.multiverse.panels import SIDES
from digital_clusters.studies.collaborative_agglomeration.planted import (
    index_gap,
    planted_marginal_effects,
    with_planted_part,
)
from digital_clusters.studies.collaborative_agglomeration.record import curve_variant


def variants(specs: Mapping[str, Spec], panel: Panel) -> dict[str, dict[str, Any]]:
    """Name → record of ``curve_variant``."""
    return {name: curve_variant(spec, panel) for name, spec in specs.items()}


def planted_sides(found: Fit) -> dict[str, float]:
    """Planted direct and indirect effects at the :data:`SIDES` of the sample's treatment."""
    c, gap = found.values(found.spec.treatment), index_gap(found.panel)
    effects = planted_marginal_effects(np.quantile(c, SIDES), mean_moderator(found), gap=gap)
    return {
        f"{kind} {side}": float(effects[i, j])
        for i, side in enumerate(("left", "right"))
        for j, kind in enumerate(("direct", "indirect"))
    }


def line_through_curve(linear: Spec, by_instrument: Spec, panel: Panel) -> dict[str, float]:
    """What the linear regressions find of the planted curve alone: ``least_squares`` and ``estimate``."""
    planted, change = with_planted_part(panel), {"outcome": "planted_part"}
    found = fit(by_instrument.change(**change), planted).instrumented
    return {
        "least_squares": found.least_squares[linear.treatment][0],
        "estimate": found.estimate[linear.treatment][0],
    }


def both_errors(spec: Spec, panel: Panel) -> dict[str, Estimate]:
    """The same spatial model with the information matrix and with errors clustered by city."""
    rules = {"information": "homoskedastic", "clustered": "clustered"}
    return {words: fit(spec.change(errors=rule), panel).estimate for words, rule in rules.items()}


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
    longer = plain.change(contemporaneous=(*spec.contemporaneous, column))
    short, long, moved = (fit(each, panel).estimate for each in (plain, longer, plain.change(outcome=column)))
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

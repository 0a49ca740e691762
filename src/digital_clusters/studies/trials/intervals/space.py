"""Designs in space: Durbin models, tests between spatial models, Hausman's test, Moran's I."""

from functools import cache, partial

import numpy as np

from digital_clusters.errors import DataError
from digital_clusters.estimators.spatial.durbin import spatial_panel
from digital_clusters.estimators.spatial.effects import spatial_effects
from digital_clusters.estimators.spatial.log_determinant import log_determinant
from digital_clusters.estimators.spatial.model_tests import hausman, lm_tests, reduction_tests
from digital_clusters.estimators.spatial.simulated import durbin_panel, near_neighbours
from digital_clusters.measures.space.moran import global_moran, local_moran
from digital_clusters.measures.space.weights import SpatialWeights
from digital_clusters.studies.trials.intervals.made_panels import holds
from digital_clusters.studies.trials.intervals.runner import THIS_PAGE, Check, TrialDesign
from digital_clusters.studies.trials.spatial import BETA, RHO, THETA, true_values

YEARS = 12

CORRECTIONS = ("none", "bias", "transformation")

LOCAL_CITIES, LOCAL_PERMUTATIONS = 30, 1999
"""Small enough that the smallest p, 2/2000, is below 5 % over the number of cities."""

MAPS = 199
"""Permutations of a map: p is twice a tail, and at most 5 % in five of a hundred with 199, not with 99."""

PAGE = "collaborative agglomeration: baseline"


@cache
def country(units: int):
    """Weights, their log-determinant, and the true ρ and effects; the same in all data sets."""
    w = near_neighbours(np.random.default_rng(units), units)
    return w, log_determinant(w), true_values(w)


def _durbin(rng, *, units: int):
    w, prepared, truth = country(units)
    draw = durbin_panel(rng, w, n_years=YEARS, rho=RHO, beta=(BETA,), theta=(THETA,))
    keys = {"entity": draw.entity, "time": draw.time, "terms": ["x"], "log_determinant": prepared}
    found = []
    for correction in CORRECTIONS:
        fit = spatial_panel(draw.y, draw.x, w, **keys, correction=correction)
        found += [
            holds(fit.estimate, truth["rho"], fit.estimate.position("rho")),
            *_effects(fit, truth, "delta"),
        ]
    clustered = spatial_panel(draw.y, draw.x, w, **keys, correction="transformation", errors="clustered")
    found += [holds(clustered.estimate, truth["rho"], clustered.estimate.position("rho"))]
    return found + _effects(clustered, truth, "delta") + _effects(fit, truth, "simulated")


def _effects(fit, truth, intervals: str) -> list[bool]:
    """Whether the intervals of direct and indirect effect hold the truth."""
    found = spatial_effects(fit, intervals=intervals, draws=500)
    ends = zip(("direct", "indirect"), found.lower[0], found.upper[0], strict=False)
    return [bool(low <= truth[kind] <= high) for kind, low, high in ends]


def _durbin_checks() -> tuple[Check, ...]:
    fit, effects = ("spatial.durbin.spatial_panel",), ("spatial.effects.spatial_effects",)
    instead, checks = "correction = 'transformation'", []
    for correction in (*CORRECTIONS, "transformation, clustered"):
        words = "no correction" if correction == "none" else correction
        checks.append(Check(f"ρ, {words}", PAGE, fit, instead=instead))
        checks += [
            Check(f"{kind} effect, {words}", PAGE, (*fit, *effects), instead=instead)
            for kind in ("direct", "indirect")
        ]
    return (
        *checks,
        *(
            Check(f"{kind} effect, transformation, simulated", PAGE, effects)
            for kind in ("direct", "indirect")
        ),
    )


def _no_space(rng, *, units: int):
    w, prepared, _ = country(units)
    draw = durbin_panel(rng, w, n_years=YEARS, rho=0.0, beta=(BETA,), theta=(0.0,))
    keys = {"entity": draw.entity, "time": draw.time, "terms": ["x"]}
    found = lm_tests(draw.y, draw.x, w, **keys) | reduction_tests(
        draw.y, draw.x, w, **keys, log_determinant=prepared
    )
    return [found[name].p_value for name in _TESTS]


_TESTS = {
    "lag": "LM lag",
    "error": "LM error",
    "robust_lag": "LM robust lag",
    "robust_error": "LM robust error",
    "lr_lag": "LR Durbin → lag",
    "lr_error": "LR Durbin → error",
    "lr_slx": "LR Durbin → lag of x",
    "lr_none": "LR Durbin → none",
    "wald_lag": "Wald Durbin → lag",
    "wald_error": "Wald Durbin → error",
    "wald_slx": "Wald Durbin → lag of x",
    "wald_none": "Wald Durbin → none",
}
"""Key of a test → name."""


def _space_checks() -> tuple[Check, ...]:
    where = "spatial.model_tests."
    functions = {
        "lr": (f"{where}likelihood_ratio", f"{where}reduction_tests"),
        "wald": (f"{where}wald_tests",),
    }
    instead = "correction = 'transformation' for both fits"
    return tuple(
        Check(words, PAGE, functions.get(name.split("_")[0], (f"{where}lm_tests",)), "size", instead)
        for name, words in _TESTS.items()
    )


def _random(rng, *, units: int):
    """Unit effects that have nothing to do with x, as the hypothesis says."""
    w, prepared, _ = country(units)
    draw = durbin_panel(
        rng, w, n_years=YEARS, rho=0.0, beta=(BETA, BETA), theta=(0.0, 0.0), unit_strength=0.0
    )
    y = draw.y + rng.normal(size=units)[draw.entity]
    keys = {"entity": draw.entity, "time": draw.time, "terms": ["x", "z"], "log_determinant": prepared}
    return [_hausman(y, draw.x, w, keys, *case) for case in _HAUSMAN]


_HAUSMAN = tuple(
    (model, form) for model in ("none", "durbin") for form in ("likelihood", "degrees_of_freedom")
)


def _hausman(y, x, w, keys, model: str, form: str) -> float:
    try:
        return hausman(y, x, w, **keys, model=model, variance=form).p_value
    except DataError:
        return np.nan


def _hausman_checks() -> tuple[Check, ...]:
    models = {"none": "panel", "durbin": "Durbin model"}
    forms = {"likelihood": "likelihood variance, χ²", "degrees_of_freedom": "degrees of freedom, F"}
    instead = {"likelihood": "variance = 'degrees_of_freedom'", "degrees_of_freedom": "the fixed effects"}
    return tuple(
        Check(
            f"Hausman, {models[model]}, {forms[form]}",
            PAGE if form == "likelihood" else THIS_PAGE,
            ("spatial.model_tests.hausman",),
            "size",
            instead[form],
        )
        for model, form in _HAUSMAN
    )


def _weights(units: int) -> SpatialWeights:
    w = country(units)[0]
    return SpatialWeights(w, np.arange(units), "nearest", "row", (), "", w)


def _map(rng):
    return [global_moran(rng.normal(size=100), _weights(100), rng=rng, permutations=MAPS).p_permutation]


def _local_map(rng):
    values = rng.normal(size=LOCAL_CITIES)
    found = local_moran(values, _weights(LOCAL_CITIES), rng=rng, permutations=LOCAL_PERMUTATIONS).table
    return [float(found["p_adjusted"].min()), float(found["p_permutation"].min())]


def _local_checks() -> tuple[Check, ...]:
    page = "collaborative agglomeration: measurement"
    function = ("space.moran.local_moran",)
    instead = "multiple_testing = 'fdr'"
    return (
        Check("any local cluster, false discovery rate", page, function, "size"),
        Check("any local cluster, unadjusted", THIS_PAGE, function, "size", instead),
    )


_NEIGHBOURS = "nearest neighbours in a square"

DESIGNS = (
    TrialDesign(
        "spatial Durbin, 285 cities",
        f"285 cities × {YEARS} years, ρ {RHO:g}, β {BETA:g}, θ {THETA:g}, {_NEIGHBOURS}",
        _durbin_checks(),
        partial(_durbin, units=285),
    ),
    TrialDesign(
        "no spatial dependence",
        f"100 cities × {YEARS} years, ρ and θ zero, {_NEIGHBOURS}",
        _space_checks(),
        partial(_no_space, units=100),
    ),
    *(
        TrialDesign(
            f"random effects, {units} cities",
            f"{units} cities × {YEARS} years, two terms, unit effects apart from them",
            _hausman_checks(),
            partial(_random, units=units),
        )
        for units in (10, 50)
    ),
    TrialDesign(
        "shuffled map",
        f"100 cities, independent values, {_NEIGHBOURS}",
        (
            Check(
                "Moran's I, permutation",
                "collaborative agglomeration: measurement",
                ("space.moran.global_moran",),
                "size",
            ),
        ),
        _map,
    ),
    TrialDesign(
        "shuffled map, city by city",
        f"{LOCAL_CITIES} cities, independent values, {LOCAL_PERMUTATIONS} permutations",
        _local_checks(),
        _local_map,
    ),
)

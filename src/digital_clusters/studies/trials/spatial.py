"""Spatial panel models on simulated panels whose parameters and effects are known."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from digital_clusters.estimators.resampling.monte_carlo import coverage_of
from digital_clusters.estimators.spatial.durbin import spatial_panel
from digital_clusters.estimators.spatial.effects import KINDS, spatial_effects
from digital_clusters.estimators.spatial.log_determinant import LogDeterminant, log_determinant
from digital_clusters.estimators.spatial.simulated import SpatialDraw, durbin_panel, near_neighbours
from digital_clusters.estimators.spatial.weights_algebra import transfer

RHO, BETA, THETA = 0.4, 0.5, 0.3
"""True coefficients of Wy, x and Wx in every simulated panel."""

YEARS = 8
SIZES = (50, 200)
"""Numbers of units."""

METHODS: dict[str, dict[str, Any]] = {
    "no spatial term": {"model": "none"},
    "spatial lag of x only": {"model": "slx"},
    "spatial lag of y only": {"model": "lag"},
    "Durbin, individual effects only": {"effects": "individual"},
    "Durbin, two-way": {},
    "Durbin, two-way, bias-corrected": {"correction": "bias"},
    "Durbin, two-way, transformed": {"correction": "transformation"},
}
"""Options of :func:`~digital_clusters.estimators.spatial.durbin.spatial_panel` by name; effects are two-way
where nothing else is said."""


def across_sizes(*, replications: int, seed: int, sizes: tuple[int, ...] = SIZES) -> pd.DataFrame:
    """Bias and coverage of ρ and of the direct, indirect and total effect of x, by method and size.

    Every panel has unit effects and year effects that also move x. The weights are drawn once for a size.

    Parameters
    ----------
    replications : int
        Simulated panels of each size, at least two; methods share them.
    seed : int
        Of weights and panels.
    sizes : tuple of int
        Numbers of units.

    Returns
    -------
    pandas.DataFrame
        One row a size, method and quantity (``rho``, ``direct``, ``indirect``, ``total``): units, method,
        quantity, truth, draws, mean, bias, bias_error (Monte Carlo), rmse, spread, mean_standard_error,
        coverage, coverage_error. Quantities that a method sets to zero have no row. Intervals of effects are
        by the delta method.
    """
    rows = []
    for size, place in zip(sizes, np.random.SeedSequence(seed).spawn(len(sizes)), strict=True):
        w = near_neighbours(np.random.default_rng(place), size)
        prepared, truth = log_determinant(w), true_values(w)
        draw = partial(durbin_panel, w=w, n_years=YEARS, rho=RHO, beta=(BETA,), theta=(THETA,))
        panels = [draw(np.random.default_rng(s)) for s in place.spawn(replications)]
        for method, options in METHODS.items():
            found = pd.DataFrame([_quantities(panel, prepared, options) for panel in panels])
            for quantity, values in _summaries(found, truth):
                key = {"units": size, "method": method, "quantity": quantity}
                rows.append(key | {"truth": truth[quantity], "draws": replications} | values)
    return pd.DataFrame(rows)


def true_values(w) -> dict[str, float]:
    """ρ and the effects of x from the dense multiplier S = I + ρW(I − ρW)⁻¹.

    Parameters
    ----------
    w : scipy.sparse.csr_array, shape (n, n)
    """
    n, moved = w.shape[0], transfer(w, RHO)
    matrix = BETA * (np.eye(n) + RHO * moved) + THETA * moved
    direct, total = float(np.trace(matrix)) / n, float(matrix.sum()) / n
    return {"rho": RHO, "direct": direct, "indirect": total - direct, "total": total}


def _quantities(panel: SpatialDraw, prepared: LogDeterminant, options: dict[str, Any]) -> dict[str, tuple]:
    """Estimate, standard error and interval ends of each quantity that the method estimates."""
    keys = {"entity": panel.entity, "time": panel.time, "terms": ["x"], "log_determinant": prepared}
    fit = spatial_panel(panel.y, panel.x, panel.w, **keys, **options)
    effects = spatial_effects(fit, intervals="delta")
    ends = zip(
        effects.effects[0], effects.standard_errors[0], effects.lower[0], effects.upper[0], strict=True
    )
    found = dict(zip(KINDS, ends, strict=True))
    if fit.model == "none":
        return {"direct": found["direct"], "total": found["total"]}
    if "rho" in fit.estimate.terms:
        rho = fit.estimate.term("rho")
        found["rho"] = (rho.value, rho.error, rho.low, rho.high)
    return found


def _summaries(found: pd.DataFrame, truth: dict[str, float]) -> Iterator[tuple[str, dict[str, float]]]:
    for quantity in truth:
        if quantity in found:
            table = np.array(found[quantity].tolist())
            result = coverage_of(np.full(len(table), truth[quantity]), *table.T)
            yield quantity, {key: value for key, value in vars(result).items() if isinstance(value, float)}

"""Averages of the spatial multiplier (I − ρW)⁻¹ as functions of ρ, cheap at thousands of values."""

from collections.abc import Callable

import numpy as np
from numpy.polynomial import chebyshev

from digital_clusters.estimators.spatial.estimate import SpatialEstimate
from digital_clusters.estimators.spatial.weights_algebra import constant_row_sum, solver

PRECISION, MOST_NODES = 1e-12, 64
"""Relative error at which the interpolation in ρ aims, and the most nodes it takes."""

Moments = Callable[[float], np.ndarray]
"""ρ → array (2, 2, q): of S = (I − ρW)⁻¹ and of SW, mean diagonal entry and mean row sum, weighted q ways."""


def uniform_moments(fit: SpatialEstimate) -> Moments:
    """Moments where all units count the same, shape (2, 2, 1): no inverse is formed."""
    w, n = fit.weights, fit.weights.shape[0]
    row_sum, ones = constant_row_sum(w), np.ones(n)

    def spread(rho: float) -> tuple[float, float]:
        if row_sum is not None:
            return 1 / (1 - rho * row_sum), row_sum / (1 - rho * row_sum)
        moved = solver(w, rho)(ones)
        return float(moved.mean()), float((w @ moved).mean())

    def at(rho: float) -> np.ndarray:
        transfer = float(fit.log_determinant.trace(rho)) / n
        return np.array([[1 + rho * transfer, transfer], spread(rho)])[:, :, None]

    return at


def moments_over(moments: Moments, rho: np.ndarray, bounds: tuple[float, float]) -> np.ndarray:
    """Moments at many values, shape (d, 2, 2, q), through a Chebyshev series over their range."""
    low, high = float(rho.min()), float(rho.max())
    if low == high:
        return np.broadcast_to(moments(low), (len(rho), *moments(low).shape))
    series, centre, half = _series(moments, low, high, bounds)
    return np.moveaxis(chebyshev.chebval((rho - centre) / half, series), -1, 0)


def moments_slope(moments: Moments, rho: float, bounds: tuple[float, float]) -> np.ndarray:
    """Derivative of the moments in ρ."""
    reach = min(rho - bounds[0], bounds[1] - rho) / 4
    series, _, half = _series(moments, rho - reach, rho + reach, bounds)
    return chebyshev.chebval(0.0, chebyshev.chebder(series)) / half


def _series(moments: Moments, low: float, high: float, bounds: tuple[float, float]):
    """Chebyshev coefficients on [low, high], with as many nodes as the nearest singularity asks for."""
    centre, half = (low + high) / 2, (high - low) / 2
    distance = min(centre - bounds[0], bounds[1] - centre) / half
    rate = np.log(distance + np.sqrt(distance**2 - 1))
    nodes = int(np.clip(np.ceil(-np.log(PRECISION) / rate), 8, MOST_NODES))
    angles = np.pi * (np.arange(nodes) + 0.5) / nodes
    values = np.stack([moments(centre + half * np.cos(angle)) for angle in angles])
    basis = np.cos(np.outer(np.arange(nodes), angles)) * 2 / nodes
    basis[0] /= 2
    return np.tensordot(basis, values, axes=1), centre, half

"""Covariance of spatial panel estimates: information matrix, sandwich by unit, Lee–Yu bias."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from digital_clusters.estimators.spatial.arrays import SpatialPanel, lag
from digital_clusters.estimators.spatial.likelihood import Jacobian
from digital_clusters.estimators.spatial.weights_algebra import solver, transfer, transfer_square


@dataclass(frozen=True, eq=False)
class Point:
    """A spatial model at given parameters, in the order coefficients, spatial parameter (if any), σ².

    Attributes
    ----------
    panel : SpatialPanel
    jacobian : Jacobian
    parameter : {'rho', 'lambda', 'none'}
        What the spatial parameter multiplies: Wy, the lag of the disturbance, nothing.
    spatial, variance : float
    residuals : numpy.ndarray, shape (n, T)
    regressors : numpy.ndarray, shape (n, T, p)
    of_demeaned : bool
        Information of the demeaned data, not of the model with its effects.
    """

    panel: SpatialPanel
    jacobian: Jacobian
    parameter: Literal["rho", "lambda", "none"]
    spatial: float
    variance: float
    residuals: np.ndarray
    regressors: np.ndarray
    of_demeaned: bool = False

    @property
    def kept(self) -> np.ndarray:
        """Places of the parameters that the model has, among coefficients, spatial parameter and σ²."""
        p = self.regressors.shape[2]
        return np.array([*range(p + (self.parameter != "none")), p + 1])

    def transferred_mean(self) -> np.ndarray:
        """What Wy owes to regressors and effects and not to innovations, less effects, shape (n, T).

        G times the mean of (I − ρW)y is Wy − Gε, whatever the effects are; zero in the error model. Where
        demeaned data are taken for the model (``of_demeaned``), G times the demeaned mean stays as it is.
        """
        panel = self.panel
        if self.parameter != "rho":
            return np.zeros_like(self.residuals)
        if self.of_demeaned:
            demeaned = panel.within(panel.y) - self.spatial * panel.outcome_lag() - self.residuals
            return lag(panel.w, solver(panel.w, self.spatial)(demeaned))
        noise = lag(panel.w, solver(panel.w, self.spatial)(self.residuals))
        return panel.within(panel.wy - noise)


def information(point: Point) -> np.ndarray:
    """Expected information of (coefficients, ρ or λ, σ²), with the effects concentrated out (Lee & Yu 2010).

    Returns
    -------
    numpy.ndarray, shape (p + 2, p + 2), or (p + 1, p + 1) without a spatial parameter
    """
    p, jacobian, variance = point.regressors.shape[2], point.jacobian, point.variance
    columns = point.regressors.reshape(-1, p)
    out = np.zeros((p + 2, p + 2))
    out[:p, :p] = columns.T @ columns / variance
    out[p + 1, p + 1] = jacobian.observations / (2 * variance**2)
    if point.parameter != "none":
        mean = point.transferred_mean().ravel()
        norm = transfer_square(point.panel.w, point.spatial, centred=jacobian.removed)
        squares = jacobian.periods * norm + jacobian.trace_square(point.spatial)
        out[:p, p] = out[p, :p] = columns.T @ mean / variance
        out[p, p] = squares + mean @ mean / variance
        out[p, p + 1] = out[p + 1, p] = jacobian.trace(point.spatial) / variance
    return out[np.ix_(point.kept, point.kept)]


def covariance(point: Point) -> np.ndarray:
    """Inverse of the information, rows and columns scaled first: terms may have very different units."""
    matrix = information(point)
    scale = np.sqrt(np.diag(matrix))
    return np.linalg.inv(matrix / np.outer(scale, scale)) / np.outer(scale, scale)


def clustered_covariance(point: Point) -> np.ndarray:
    """Sandwich of the scores summed within units, times n/(n − 1).

    Returns
    -------
    numpy.ndarray, of the shape of :func:`information`
    """
    moved, n = unit_influences(point), point.panel.n_units
    return n / (n - 1) * moved.T @ moved


def unit_influences(point: Point) -> np.ndarray:
    """What each unit adds to the estimates, shape (n, parameters): its scores times the covariance.

    Units are independent; innovations of a unit may be correlated over time. The quadratic form ε'Gε in the
    score of ρ is split into martingale differences over the units in their order (Kelejian & Prucha 2001):
    unit i takes the products of its innovations with those of units before it. Scores taken unit by unit as
    they stand would be correlated between neighbours.
    """
    return _unit_scores(point) @ covariance(point)


def _unit_scores(point: Point) -> np.ndarray:
    """Scores of the units less their mean, shape (n, parameters)."""
    e, variance = point.residuals, point.variance
    surplus = np.sum(e**2, axis=1)
    surplus = surplus - surplus.mean()
    scores = np.column_stack(
        [
            np.einsum("ntp,nt->np", point.regressors, e) / variance,
            _spatial_scores(point, surplus) / variance,
            surplus / (2 * variance**2),
        ]
    )[:, point.kept]
    return scores - scores.mean(axis=0)


def unit_departures(point: Point) -> np.ndarray:
    """By how much each unit, had it been left out, would have changed the estimates, shape (n, parameters).

    One Newton step from the estimates without the unit's scores and without its part in the information on
    coefficients and spatial parameter. A unit of high leverage draws the estimates towards itself and has
    small scores; their squares take it for a precise one (CV3 of MacKinnon, Nielsen & Webb 2023, of which
    this is the form for a likelihood). Effects and the traces of G stay those of all units.
    """
    matrix, scores = information(point), _unit_scores(point)
    columns = [point.regressors]
    if point.parameter != "none":
        columns.append(point.transferred_mean()[:, :, None])
    own = np.concatenate(columns, axis=2)
    moved = own.shape[2]
    left = np.repeat(matrix[None], len(own), axis=0)
    left[:, :moved, :moved] -= np.einsum("ntp,ntq->npq", own, own) / point.variance
    scale = np.sqrt(np.diag(matrix))
    return np.linalg.solve(left / np.outer(scale, scale), (scores / scale)[:, :, None])[:, :, 0] / scale


def _spatial_scores(point: Point, surplus: np.ndarray) -> np.ndarray:
    """Martingale differences of the score of the spatial parameter times σ², shape (n,)."""
    if point.parameter == "none":
        return np.zeros(len(surplus))
    g = transfer(point.panel.w, point.spatial)
    earlier = np.tril(g + g.T, -1) @ point.residuals
    linear = point.residuals * (point.transferred_mean() + earlier)
    return linear.sum(axis=1) + np.diag(g) * surplus


def bias(point: Point) -> np.ndarray:
    """Bias of the estimates that time effects cause (Lee & Yu 2010), in the order of :func:`information`.

    The score of the spatial parameter is off by ι'Gι/n in each period (b'Gb/b'b with b = (I − λW)ι in the
    error model), which is 1/(1 − ρ) where rows sum to one, and the score of σ² by 1/(2σ²).
    """
    w, n, p = point.panel.w, point.panel.n_units, point.regressors.shape[2]
    direction = 1 - point.spatial * w.sum(axis=1) if point.parameter == "lambda" else np.ones(n)
    moved = w @ solver(w, point.spatial)(direction)
    score = np.zeros(p + 2)
    if point.panel.has_time_effects:
        score[p] = -direction @ moved / (direction @ direction)
        score[p + 1] = -1 / (2 * point.variance)
    return point.panel.n_periods * covariance(point) @ score[point.kept]

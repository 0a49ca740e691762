"""Likelihood of spatial panels, concentrated to the one spatial parameter."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from digital_clusters.errors import DataError
from digital_clusters.estimators.panel.collinearity import WELL_CONDITIONED
from digital_clusters.estimators.spatial.arrays import SpatialPanel, lag
from digital_clusters.estimators.spatial.log_determinant import LogDeterminant

GRID = 60
"""Points on which the concentrated likelihood is first looked at: it may have more than one maximum."""

EDGE = 1e-4
"""Share of the interval at each bound that is left out, where the log-determinant runs to minus infinity."""


@dataclass(frozen=True)
class Jacobian:
    """The log-determinant of one period, and how many observations the likelihood counts.

    With Lee & Yu's (2010) transformation one period is lost to unit effects; one unit, and the eigenvalue
    that is the row sum of W, is lost to time effects.

    Attributes
    ----------
    log_determinant : LogDeterminant
    periods, units : int
        Counted by the likelihood.
    removed : float
        Row sum of W if the transformation takes its eigenvalue out, else zero.
    """

    log_determinant: LogDeterminant
    periods: int
    units: int
    removed: float = 0.0

    @property
    def observations(self) -> int:
        return self.periods * self.units

    def __call__(self, rho) -> np.ndarray:
        return self.periods * (self.log_determinant(rho) - np.log1p(-self.removed * np.asarray(rho)))

    def trace(self, rho) -> np.ndarray:
        """Minus the derivative."""
        return self.periods * (self.log_determinant.trace(rho) - self.removed_transfer(rho))

    def trace_square(self, rho) -> np.ndarray:
        """Minus the second derivative."""
        return self.periods * (self.log_determinant.trace_square(rho) - self.removed_transfer(rho) ** 2)

    def removed_transfer(self, rho) -> np.ndarray:
        """Eigenvalue of G = W(I − ρW)⁻¹ that is taken out."""
        return self.removed / (1 - self.removed * np.asarray(rho))


@dataclass(frozen=True, eq=False)
class Profile:
    """Everything at one value of the spatial parameter.

    Attributes
    ----------
    coefficients : numpy.ndarray, shape (p,)
    residuals : numpy.ndarray, shape (n, T)
        Innovations, less effects.
    regressors : numpy.ndarray, shape (n, T, p)
        What the coefficients multiply: less effects, and filtered by I − λW in the error model.
    sum_of_squares, slope : float
        Of the residuals, and its derivative in the spatial parameter.
    """

    coefficients: np.ndarray
    residuals: np.ndarray
    regressors: np.ndarray
    sum_of_squares: float
    slope: float


@dataclass(frozen=True)
class Profiles:
    """Least squares as a function of the spatial parameter.

    Attributes
    ----------
    at : callable
        Parameter → :class:`Profile`.
    misfit : callable
        Parameter → its sum of squares and slope alone, which a search for the maximum asks for.
    """

    at: Callable[[float], Profile]
    misfit: Callable[[float], tuple[float, float]]


def lag_profile(panel: SpatialPanel) -> Profiles:
    """Least squares of y − ρWy on the regressors, as a function of ρ (Lee & Yu 2010).

    Residuals are linear in ρ, so that two regressions serve every value.
    """
    z = panel.regressors()
    columns = z.reshape(-1, z.shape[2])
    outcomes = np.column_stack([panel.within(panel.y).ravel(), panel.outcome_lag().ravel()])
    slopes = least_squares(columns, outcomes)
    left = outcomes - columns @ slopes
    (own, cross), (_, square) = (left.T @ left).tolist()

    def misfit(rho: float) -> tuple[float, float]:
        return own - 2 * rho * cross + rho**2 * square, 2 * (rho * square - cross)

    def at(rho: float) -> Profile:
        contrast = np.array([1.0, -rho])
        return Profile(slopes @ contrast, (left @ contrast).reshape(panel.y.shape), z, *misfit(rho))

    return Profiles(at, misfit)


def error_profile(panel: SpatialPanel) -> Profiles:
    """Least squares of (I − λW)y on filtered regressors, as a function of λ.

    Time effects and the intercept enter the filtered equation as multiples of (I − λW)ι, which is projected
    out: the same as demeaning where all rows of W have one sum.
    """
    x = np.concatenate([panel.x, panel.lagged_x], axis=2)
    data = np.concatenate([panel.y[:, :, None], x], axis=2)
    if panel.has_unit_effects:
        data = data - data.mean(axis=1, keepdims=True)
    demean_first = panel.has_time_effects and panel.concentration == "demean_first"
    if demean_first:
        data = data - data.mean(axis=0, keepdims=True)
    lags = lag(panel.w, data)
    row_sums = panel.w.sum(axis=1)

    def at(parameter: float) -> Profile:
        filtered, ones = data - parameter * lags, 1 - parameter * row_sums
        shift = _multiples(filtered, ones, panel, demean_first)
        filtered = filtered - ones[:, None, None] * shift
        columns = filtered.reshape(-1, filtered.shape[2])
        slopes = least_squares(columns[:, 1:], columns[:, 0])
        contrast = np.concatenate([[1.0], -slopes])
        residuals = filtered @ contrast
        disturbance_lag = (lags - row_sums[:, None, None] * shift) @ contrast
        return Profile(
            coefficients=slopes,
            residuals=residuals,
            regressors=filtered[:, :, 1:],
            sum_of_squares=float(np.sum(residuals**2)),
            slope=float(-2 * np.sum(residuals * disturbance_lag)),
        )

    def misfit(parameter: float) -> tuple[float, float]:
        found = at(parameter)
        return found.sum_of_squares, found.slope

    return Profiles(at, misfit)


def _multiples(filtered: np.ndarray, ones: np.ndarray, panel: SpatialPanel, demean_first: bool) -> np.ndarray:
    """Coefficients on (I − λW)ι by period, or for all periods together, shape (1 or T, columns)."""
    if demean_first or panel.effects == "individual":
        return np.zeros((1, filtered.shape[2]))
    by_period = np.tensordot(ones, filtered, axes=(0, 0)) / (ones @ ones)
    return by_period if panel.has_time_effects else by_period.mean(axis=0, keepdims=True)


def least_squares(columns: np.ndarray, outcomes: np.ndarray) -> np.ndarray:
    """Coefficients, shape (p,) or (p, m), with columns scaled first: terms may have very different units.

    Products of well-conditioned columns are solved and what is left is regressed once more, after which the
    coefficients have the digits of an orthogonal decomposition (Björck 1987), in a third of its time.
    """
    products = columns.T @ columns
    scale = np.sqrt(np.diag(products))
    values, vectors = np.linalg.eigh(products / np.outer(scale, scale))
    if not values.min(initial=1.0) > WELL_CONDITIONED:
        scaled = np.linalg.lstsq(columns / scale, outcomes, rcond=None)[0]
        return (scaled.T / scale).T
    root = vectors / np.sqrt(values) / scale[:, None]
    inverse = root @ root.T
    slopes = inverse @ (columns.T @ outcomes)
    return slopes + inverse @ (columns.T @ (outcomes - columns @ slopes))


def log_likelihood(profile: Profile, log_jacobian: float, observations: int) -> float:
    """Gaussian log-likelihood, σ² concentrated out."""
    variance = profile.sum_of_squares / observations
    return float(log_jacobian - observations / 2 * (np.log(2 * np.pi * variance) + 1))


def maximise(misfit: Callable[[float], tuple[float, float]], jacobian: Jacobian) -> float:
    """The spatial parameter that maximises the concentrated likelihood: a root of its derivative.

    Raises
    ------
    DataError
        The likelihood rises to a bound of the parameter.
    """
    low, high = jacobian.log_determinant.bounds
    margin = EDGE * (high - low)
    grid = np.linspace(low + margin, high - margin, GRID)
    squares = np.array([misfit(rho)[0] for rho in grid])
    best = int(np.argmax(jacobian(grid) - jacobian.observations / 2 * np.log(squares)))
    left, right = grid[max(best - 1, 0)], grid[min(best + 1, GRID - 1)]

    def derivative(rho: float) -> float:
        squares, slope = misfit(rho)
        return float(-jacobian.trace(rho) - jacobian.observations / 2 * slope / squares)

    if derivative(left) <= 0 or derivative(right) >= 0:
        raise DataError(
            f"the likelihood rises towards the bound {grid[best]:.3f} of the spatial parameter: "
            "the model does not fit these data, effects are missing, or weights that link everybody leave "
            "the transformed data no maximum (then correction = 'none' has one)"
        )
    return float(optimize.brentq(derivative, left, right, xtol=1e-14))

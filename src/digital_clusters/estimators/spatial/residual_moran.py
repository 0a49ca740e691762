"""Moran's I of the residuals of a regression, with its exact mean and variance under independent errors.

Residuals are correlated by being residuals: M = I − X(X'X)⁻¹X' leaves them so, and the moments of I know M.
With normal errors of one variance they are (Cliff & Ord 1981) for weights W that sum to S

    E[I] = n/S · tr(MW) / (n − k),
    E[I²] = (n/S)² · (tr(MWMW') + tr(MWMW) + tr(MW)²) / ((n − k)(n − k + 2)).

In a panel W connects rows of the same period, and X holds the indicators of the fixed effects.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse, stats

from digital_clusters.errors import DataError
from digital_clusters.estimators.panel.demeaning import indicators
from digital_clusters.estimators.spatial.arrays import SpatialEffects, SpatialPanel, lag, spatial_arrays


@dataclass(frozen=True)
class ResidualMoran:
    """Moran's I of least-squares residuals.

    Attributes
    ----------
    moran : float
        n / (sum of the weights) · e'We / e'e, over all rows of the panel.
    expected, standard_deviation : float
        Under independent normal errors.
    n_observations : int
    """

    moran: float
    expected: float
    standard_deviation: float
    n_observations: int

    @property
    def z_score(self) -> float:
        """Standard deviations from what is expected."""
        return (self.moran - self.expected) / self.standard_deviation

    @property
    def p_value(self) -> float:
        """Two-sided, of a normal distribution with these two moments."""
        return float(2 * stats.norm.sf(abs(self.z_score)))


def residual_moran(
    y, x, w, *, entity, time, terms, lagged=(), effects: SpatialEffects = "two_way"
) -> ResidualMoran:
    """Cliff and Ord's test that residuals of a regression are not correlated over space.

    Parameters
    ----------
    y, x, w, entity, time, terms, lagged, effects
        As in :func:`~digital_clusters.estimators.spatial.model_tests.lm_tests`.

    Returns
    -------
    ResidualMoran

    Raises
    ------
    ParameterError, DataError
        As there; weights that are all zero.
    """
    panel = spatial_arrays(y, x, w, entity=entity, time=time, terms=terms, lagged=lagged, effects=effects)
    total = float(panel.w.sum()) * panel.n_periods
    if total == 0:
        raise DataError("nobody has a neighbour: there is nothing to correlate")
    basis = _basis(panel)
    outcome = panel.y.ravel()
    left = outcome - basis @ (basis.T @ outcome)
    residual = left.reshape(panel.y.shape)
    n, k = basis.shape
    scale = n / total
    moran = scale * float((residual * lag(panel.w, residual)).sum() / (left @ left))
    first, second = _traces(panel, basis)
    expected = scale * first / (n - k)
    variance = scale**2 * (second + first**2) / ((n - k) * (n - k + 2)) - expected**2
    return ResidualMoran(moran, expected, float(np.sqrt(variance)), n)


def _basis(panel: SpatialPanel) -> np.ndarray:
    """Orthonormal columns that span regressors, intercept and indicators, shape (n T, k), sorted by unit."""
    units, periods = (np.asarray(codes).ravel() for codes in np.indices(panel.y.shape))
    parts = [np.ones((panel.y.size, 1))]
    parts += [indicators(units, drop_first=True)] if panel.has_unit_effects else []
    parts += [indicators(periods, drop_first=True)] if panel.has_time_effects else []
    columns = panel.regressors()
    parts.append(columns.reshape(panel.y.size, -1))
    whole = np.hstack(parts)
    return np.linalg.qr(whole / np.linalg.norm(whole, axis=0))[0]


def _traces(panel: SpatialPanel, basis: np.ndarray) -> tuple[float, float]:
    """tr(MW) and tr(MWMW') + tr(MWMW), with M = I − BB' for the orthonormal columns of ``basis``."""
    shape = (*panel.y.shape, basis.shape[1])
    forward = lag(panel.w, basis.reshape(shape)).reshape(basis.shape)
    transposed = sparse.csr_array(panel.w.T)
    backward = lag(transposed, basis.reshape(shape)).reshape(basis.shape)
    inner = basis.T @ forward
    first = panel.n_periods * float(panel.w.trace()) - float(np.trace(inner))
    crossed = panel.n_periods * float((panel.w**2).sum() + panel.w.multiply(transposed).sum())
    crossed -= float((forward**2).sum() + (backward**2).sum() + 2 * (backward * forward).sum())
    return first, crossed + float((inner**2).sum() + (inner * inner.T).sum())

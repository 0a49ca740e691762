"""Direct, indirect and total effects of spatial panel models, also of squares and interactions."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from digital_clusters.errors import DataError, ParameterError, check_option
from digital_clusters.estimators.spatial.estimate import SpatialEstimate
from digital_clusters.estimators.spatial.multiplier import (
    Moments,
    moments_over,
    moments_slope,
    uniform_moments,
)

Intervals = Literal["simulated", "delta"]
"""``simulated``: quantiles over normal draws of the estimates. ``delta``: linearised."""

KINDS = ("direct", "indirect", "total")
"""Mean of the diagonal of the matrix of effects, of its row sums without the diagonal, and of its row sums
(LeSage & Pace 2009, 2.7)."""


@dataclass(frozen=True)
class Polynomial:
    """Terms that are made of one variable c and a moderator z.

    Attributes
    ----------
    variable : str
        Term of c.
    square, product, square_product : str, optional
        Terms of c², c·z and c²·z, with c and z as given to the functions below (centred or not).
    """

    variable: str
    square: str | None = None
    product: str | None = None
    square_product: str | None = None

    @property
    def terms(self) -> tuple[str, ...]:
        found = (self.variable, self.square, self.product, self.square_product)
        return tuple(term for term in found if term is not None)

    def derivative(self, c, z) -> np.ndarray:
        """Derivative of each term in c, shape (..., number of terms)."""
        c, z = np.broadcast_arrays(np.asarray(c, dtype=float), np.asarray(z, dtype=float))
        slopes = {
            self.variable: np.ones_like(c),
            self.square: 2 * c,
            self.product: z,
            self.square_product: 2 * c * z,
        }
        return np.stack([slopes[term] for term in self.terms], axis=-1)


@dataclass(frozen=True, eq=False)
class SpatialEffectEstimates:
    """Effects with their intervals; the last axis of every array is direct, indirect, total.

    Attributes
    ----------
    labels : tuple, length m
        The term, or the values (c, z) at which a marginal effect is taken.
    effects, standard_errors, lower, upper : numpy.ndarray, shape (m, 3)
        In the outcome's units per unit of the term.
    intervals : str
    level : float
    draws : int or None
        Draws used; those with ρ outside its bounds are left out. ``None`` for ``delta``.
    """

    labels: tuple
    effects: np.ndarray
    standard_errors: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    intervals: Intervals
    level: float
    draws: int | None

    @property
    def p_values(self) -> np.ndarray:
        """Two-sided, normal, shape (m, 3); NaN for an effect that is zero by the model."""
        known = np.where(self.standard_errors > 0, self.standard_errors, np.nan)
        return 2 * stats.norm.sf(np.abs(self.effects / known))

    def frame(self) -> pd.DataFrame:
        """One row a label and kind: label, kind, effect, standard_error, lower, upper, p_value."""
        m = len(self.labels)
        columns = {
            "effect": self.effects,
            "standard_error": self.standard_errors,
            "lower": self.lower,
            "upper": self.upper,
            "p_value": self.p_values,
        }
        keys = {"label": [label for label in self.labels for _ in KINDS], "kind": list(KINDS) * m}
        return pd.DataFrame(keys | {name: values.ravel() for name, values in columns.items()})


def spatial_effects(
    fit: SpatialEstimate,
    *,
    terms=None,
    intervals: Intervals = "simulated",
    draws: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> SpatialEffectEstimates:
    """Direct, indirect and total effect of each term: S (βI + θW) with S = (I − ρW)⁻¹.

    Not for a variable that also enters as a square or in a product: see :func:`marginal_effects`.

    Parameters
    ----------
    fit : SpatialEstimate
    terms : sequence of str, optional
        All by default.
    intervals : {'simulated', 'delta'}
    draws, seed : int
        For ``simulated``.
    level : float
        Of the intervals, in (0, 1).

    Raises
    ------
    ParameterError
        Unknown option or term, fewer than two draws, a level outside (0, 1).
    DataError
        Fewer than half of the draws have ρ within its bounds.

    Examples
    --------
    >>> import digital_clusters as dc
    >>> panel = dc.city_panel("twin").complete("misallocation", "uil", balanced=True)
    >>> durbin = dc.spatial_panel(panel, "misallocation", "uil", weights="nearest")
    >>> dc.spatial_effects(durbin, draws=100).frame()["kind"].tolist()
    ['direct', 'indirect', 'total']
    """
    terms = fit.terms if terms is None else tuple(terms)
    selections = np.stack([_selection(fit, [term]) for term in terms])
    return _effects(fit, terms, uniform_moments(fit), selections, intervals, draws, seed, level)


def marginal_effects(
    fit: SpatialEstimate,
    polynomial: Polynomial,
    *,
    c,
    z=0.0,
    intervals: Intervals = "simulated",
    draws: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> SpatialEffectEstimates:
    """Effect of c where all units have the same c and z, at each of m pairs of values.

    The matrix of effects is ∂y/∂c = S [p I + q W] with p = β₁ + 2β₂c + β₄z + 2β₅cz and q the same sum of θ.

    Parameters
    ----------
    fit : SpatialEstimate
    polynomial : Polynomial
        Which terms of the model hold c, c², c·z, c²·z.
    c, z : array_like, shape (m,) or scalar
    intervals, draws, seed, level
        As in :func:`spatial_effects`, with its errors.

    Returns
    -------
    SpatialEffectEstimates
        Labels are the pairs (c, z).
    """
    labels, selections = _at_values(fit, polynomial, c, z)
    return _effects(fit, labels, uniform_moments(fit), selections, intervals, draws, seed, level)


def marginal_gradients(fit: SpatialEstimate, polynomial: Polynomial, *, c, z=0.0) -> np.ndarray:
    """Derivatives of :func:`marginal_effects` in the coefficients, shape (m, 3, k).

    Parameters
    ----------
    fit, polynomial, c, z
        As in :func:`marginal_effects`.
    """
    _, selections = _at_values(fit, polynomial, c, z)
    moments = uniform_moments(fit)
    loadings = np.einsum("eoq,moqk->mek", moments(fit.rho), selections)
    return _gradient(fit, moments, selections, loadings)


def _at_values(fit: SpatialEstimate, polynomial: Polynomial, c, z) -> tuple[tuple, np.ndarray]:
    """Pairs (c, z) and what they take of the coefficients, shape (m, 2, 1, k)."""
    c, z = (np.atleast_1d(a).astype(float) for a in np.broadcast_arrays(c, z))
    slopes = polynomial.derivative(c, z)
    selections = np.einsum("ma,oak->mok", slopes, _selection(fit, polynomial.terms))[:, :, None]
    return tuple(zip(c.tolist(), z.tolist(), strict=True)), selections


def _selection(fit: SpatialEstimate, terms) -> np.ndarray:
    """Which coefficients are β and θ of the terms, shape (2, number of terms, number of coefficients)."""
    own, lags = fit.positions(terms)
    out = np.zeros((2, len(own), len(fit.estimate.terms)))
    out[0, np.arange(len(own)), own] = 1
    has_lag = lags >= 0
    out[1, np.flatnonzero(has_lag), lags[has_lag]] = 1
    return out


def _effects(fit, labels, moments: Moments, selections, intervals, draws, seed, level):
    """Effects and intervals; ``selections`` has shape (m, 2, q, number of coefficients)."""
    check_option("intervals", intervals, Intervals)
    if not 0 < level < 1:
        raise ParameterError(f"level = {level}: choose a number between 0 and 1")
    theta = fit.estimate.coefficients
    loadings = np.einsum("eoq,moqk->mek", moments(fit.rho), selections)
    effects = _with_indirect(loadings @ theta)
    if intervals == "delta":
        errors = _delta_errors(fit, moments, selections, loadings)
        half = stats.norm.ppf(0.5 + level / 2) * errors
        return SpatialEffectEstimates(
            labels, effects, errors, effects - half, effects + half, intervals, level, None
        )
    drawn = _draw(fit, draws, np.random.default_rng(seed))
    table = moments_over(moments, _rho(fit, drawn), fit.log_determinant.bounds)
    m, ways = len(selections), selections.shape[1] * selections.shape[2]
    weighted = (drawn @ selections.reshape(m * ways, -1).T).reshape(-1, m, ways)
    simulated = _with_indirect(weighted @ table.reshape(len(drawn), -1, ways).mT)
    lower, upper = np.quantile(simulated, [0.5 - level / 2, 0.5 + level / 2], axis=0)
    return SpatialEffectEstimates(
        labels, effects, simulated.std(axis=0, ddof=1), lower, upper, intervals, level, len(drawn)
    )


def _with_indirect(direct_and_total: np.ndarray) -> np.ndarray:
    direct, total = direct_and_total[..., 0], direct_and_total[..., 1]
    return np.stack([direct, total - direct, total], axis=-1)


def _rho(fit: SpatialEstimate, values: np.ndarray) -> np.ndarray:
    """The coefficient of Wy in each row of ``values``."""
    return (
        values[:, fit.estimate.terms.index("rho")] if "rho" in fit.estimate.terms else np.zeros(len(values))
    )


def _draw(fit: SpatialEstimate, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Draws from the normal distribution of the estimates with ρ inside its bounds."""
    if draws < 2:
        raise ParameterError(f"draws = {draws}: at least two are needed")
    estimate, (low, high) = fit.estimate, fit.log_determinant.bounds
    drawn = estimate.coefficients + _normal(estimate.covariance, estimate.terms, draws, rng)
    rho = _rho(fit, drawn)
    kept = drawn[(low < rho) & (rho < high)]
    if len(kept) < draws / 2:
        raise DataError("more than half of the draws of rho are outside its bounds: use intervals = 'delta'")
    return kept


def _normal(covariance: np.ndarray, terms, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Normal draws with mean zero, shape (draws, k), the same whatever the units and the order of the terms.

    The root is the symmetric one of the correlations, which is unique, and the noise belongs to a name.
    """
    scale = np.sqrt(np.diag(covariance))
    values, vectors = np.linalg.eigh(covariance / np.outer(scale, scale))
    root = vectors * np.sqrt(np.maximum(values, 0.0)) @ vectors.T
    return rng.standard_normal((draws, len(terms))) @ root[np.argsort(terms)] * scale


def _delta_errors(fit: SpatialEstimate, moments: Moments, selections, loadings) -> np.ndarray:
    """Standard errors of direct, indirect and total effects by linearisation, shape (m, 3)."""
    gradient = _gradient(fit, moments, selections, loadings)
    return np.sqrt(np.einsum("mek,kl,mel->me", gradient, fit.estimate.covariance, gradient))


def _gradient(fit: SpatialEstimate, moments: Moments, selections, loadings) -> np.ndarray:
    """Derivatives of direct, indirect and total effects in the coefficients, shape (m, 3, k)."""
    theta, terms = fit.estimate.coefficients, fit.estimate.terms
    gradient = loadings.copy()
    if "rho" in terms:
        slope = moments_slope(moments, fit.rho, fit.log_determinant.bounds)
        gradient[:, :, terms.index("rho")] += np.einsum("eoq,moqk,k->me", slope, selections, theta)
    return np.moveaxis(_with_indirect(np.moveaxis(gradient, 1, 2)), 2, 1)

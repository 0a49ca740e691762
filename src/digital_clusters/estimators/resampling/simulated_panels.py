"""Panels with a known effect, to find out which estimator finds it."""

from typing import NamedTuple

import numpy as np


class PanelDraw(NamedTuple):
    """One data set with its truth; ``y``, ``entity``, ``time`` are (n,), ``d`` is (n, k), ``x`` is (n, p)."""

    y: np.ndarray
    d: np.ndarray
    x: np.ndarray
    entity: np.ndarray
    time: np.ndarray
    theta: float


def correlated_effects(
    rng: np.random.Generator,
    *,
    n_units: int = 253,
    n_years: int = 11,
    strength: float = 1.0,
    theta: float = 0.25,
    n_covariates: int = 5,
    persistence: float = 0.0,
) -> PanelDraw:
    """A balanced panel whose unit effects drive treatment and outcome alike.

    With a ~ N(0, 1) by unit, b ~ N(0, 0.3²) by year, c ~ N(0, 1) by unit and covariate,

    x = (c + e)/√2,  d = strength·a + b + tanh(x₁) + x₂/2 + v,  y = θ d + strength·a + b + x₁/2 + x₃²/4 + u,

    where e, v, u have variance one. Least squares without the unit effects is biased by the order of
    strength²/(1 + strength²); two-way effects remove them whatever the strength. With ``strength=0`` only the
    covariates confound.

    Parameters
    ----------
    rng : numpy.random.Generator
    n_units, n_years : int
    strength : float
        Standard deviation of the unit effect in treatment and in outcome.
    theta : float
        True coefficient.
    n_covariates : int
        At least three; those beyond the third are noise.
    persistence : float
        Autocorrelation, in [0, 1), of v and u over the years of a unit.
    """
    unit = strength * rng.normal(size=(n_units, 1))
    year = 0.3 * rng.normal(size=(1, n_years))
    means = rng.normal(size=(n_units, 1, n_covariates))
    x = (means + rng.normal(size=(n_units, n_years, n_covariates))) / np.sqrt(2)
    v = autocorrelated(rng, n_units, n_years, persistence)
    u = autocorrelated(rng, n_units, n_years, persistence)
    d = unit + year + np.tanh(x[..., 0]) + 0.5 * x[..., 1] + v
    y = theta * d + unit + year + 0.5 * x[..., 0] + 0.25 * x[..., 2] ** 2 + u
    entity, time = np.divmod(np.arange(n_units * n_years), n_years)
    return PanelDraw(y.ravel(), d.reshape(-1, 1), x.reshape(-1, n_covariates), entity, time, theta)


def autocorrelated(rng: np.random.Generator, n_units: int, n_years: int, persistence: float) -> np.ndarray:
    """Stationary first-order autoregressions with variance one, shape (n_units, n_years)."""
    shocks = rng.normal(size=(n_units, n_years))
    out = np.empty_like(shocks)
    out[:, 0] = shocks[:, 0]
    for t in range(1, n_years):
        out[:, t] = persistence * out[:, t - 1] + np.sqrt(1 - persistence**2) * shocks[:, t]
    return out

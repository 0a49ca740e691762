"""Spatial panels with known parameters, to find out which estimator finds them."""

from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

from digital_clusters.errors import ParameterError
from digital_clusters.estimators.spatial.arrays import lag
from digital_clusters.estimators.spatial.weights_algebra import solver


class SpatialDraw(NamedTuple):
    """One data set: ``y``, ``entity``, ``time`` are (n T,), ``x`` is (n T, k), ``w`` is (n, n)."""

    y: np.ndarray
    x: np.ndarray
    w: sparse.csr_array
    entity: np.ndarray
    time: np.ndarray


def near_neighbours(
    rng: np.random.Generator, n_units: int, *, neighbours: int = 5, mutual: bool = True
) -> sparse.csr_array:
    """Row-standardised weights of the nearest units among points drawn in a square, shape (n, n).

    Parameters
    ----------
    rng : numpy.random.Generator
    n_units, neighbours : int
    mutual : bool
        A unit is also the neighbour of its neighbours, so that W is similar to a symmetric matrix.

    Raises
    ------
    ParameterError
        Not more units than neighbours.
    """
    if not 0 < neighbours < n_units:
        raise ParameterError(f"{neighbours} neighbours of each of {n_units} units: choose fewer neighbours")
    places = rng.random((n_units, 2))
    found = cKDTree(places).query(places, neighbours + 1)[1][:, 1:]
    rows = np.repeat(np.arange(n_units), neighbours)
    links = sparse.csr_array((np.ones(len(rows)), (rows, found.ravel())), shape=(n_units, n_units))
    links = links.maximum(links.T) if mutual else links
    return sparse.csr_array(sparse.diags_array(1 / links.sum(axis=1)) @ links)


def durbin_panel(
    rng: np.random.Generator,
    w: sparse.csr_array,
    *,
    n_years: int,
    rho: float,
    beta: tuple[float, ...],
    theta: tuple[float, ...],
    unit_strength: float = 1.0,
    year_strength: float = 1.0,
    disturbance: float = 0.0,
    persistence: float = 0.0,
) -> SpatialDraw:
    """A balanced panel y = ρWy + Xβ + WXθ + a + b + u with u = λWu + ε.

    Unit effects a and year effects b are normal with the standard deviations given, and enter every column
    of x too: x = a/2 + b/2 + noise. Innovations have variance one.

    Parameters
    ----------
    rng : numpy.random.Generator
    w : scipy.sparse.csr_array, shape (n, n)
    n_years : int
    rho : float
    beta, theta : tuple of float, length k
    unit_strength, year_strength : float
    disturbance : float
        λ.
    persistence : float
        Share in [0, 1) of the variance of ε that is one shock to the unit in all years.
    """
    n, k = w.shape[0], len(beta)
    unit = unit_strength * rng.normal(size=(n, 1))
    year = year_strength * rng.normal(size=(1, n_years))
    x = (unit + year)[:, :, None] / 2 + rng.normal(size=(n, n_years, k))
    shocks = np.sqrt(persistence) * rng.normal(size=(n, 1))
    shocks = shocks + np.sqrt(1 - persistence) * rng.normal(size=(n, n_years))
    noise = solver(w, disturbance)(shocks)
    mean = x @ np.array(beta) + lag(w, x) @ np.array(theta) + unit + year
    y = solver(w, rho)(mean + noise)
    entity, time = np.divmod(np.arange(n * n_years), n_years)
    return SpatialDraw(y.ravel(), x.reshape(-1, k), w, entity, time)

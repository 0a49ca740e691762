"""ln |I − ρW| and its derivatives: exact by eigenvalues, sparse LU, or Chebyshev moments."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from scipy import linalg, sparse
from scipy.sparse import linalg as sparse_linalg

from digital_clusters.errors import DataError, ParameterError, check_option
from digital_clusters.estimators.spatial.interpolant import Interpolant, interpolate
from digital_clusters.estimators.spatial.labelled_weights import matrix_and_labels
from digital_clusters.estimators.spatial.weights_algebra import (
    DENSE,
    STEP,
    check_weights,
    constant_row_sum,
    factorisations,
    factorise,
    log_modulus,
    symmetric_similar,
)

LogDeterminantMethod = Literal["auto", "eigenvalues", "lu", "chebyshev"]
"""``auto``: eigenvalues up to :data:`SYMMETRIC_LIMIT` units where W is similar to a symmetric matrix, up to
:data:`GENERAL_LIMIT` where it is not, and for dense W of any size; else ``lu``."""

SYMMETRIC_LIMIT, GENERAL_LIMIT = 700, 500
"""Units up to which eigenvalues take no longer than the factorisations of ``lu``."""

CHEBYSHEV_ORDER, CHEBYSHEV_PROBES = 120, 100
"""Degree of the polynomial and random vectors of ``chebyshev``."""

BEYOND = 1.01
"""Times the largest row sum: outside the spectrum, and near enough to its ends for Lanczos to be quick."""

RESIDUAL = 1e-8
"""Of Lanczos: an eigenvalue of a symmetric matrix is off by the square of its residual (Parlett 1998)."""

TINY = 1e-12
"""Spectral radius, or imaginary part of an eigenvalue, that counts as rounding."""


class LogDeterminant(Protocol):
    """ln |I − ρW| as a function of ρ; every method takes a number or an array and keeps its shape.

    Attributes
    ----------
    method : str
    n_units : int
    bounds : tuple of float
        Open interval around zero on which I − ρW is regular.
    """

    method: str
    n_units: int
    bounds: tuple[float, float]

    def __call__(self, rho) -> np.ndarray:
        """ln |I − ρW|."""

    def trace(self, rho) -> np.ndarray:
        """tr G with G = W (I − ρW)⁻¹: minus the derivative."""

    def trace_square(self, rho) -> np.ndarray:
        """tr G²: minus the second derivative."""


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Σ c ln |1 − ρω| over points ω, shape (m,), with weights c, shape (m,).

    Eigenvalues have weight one (Ord 1975). Chebyshev moments give the same sum over the Chebyshev points
    of the interval that holds the spectrum.
    """

    method: str
    n_units: int
    bounds: tuple[float, float]
    points: np.ndarray
    weights: np.ndarray

    def __call__(self, rho) -> np.ndarray:
        return np.log(np.abs(1 - np.multiply.outer(rho, self.points))) @ self.weights

    def trace(self, rho) -> np.ndarray:
        return self._transfer(rho).real @ self.weights

    def trace_square(self, rho) -> np.ndarray:
        return (self._transfer(rho) ** 2).real @ self.weights

    def _transfer(self, rho) -> np.ndarray:
        return self.points / (1 - np.multiply.outer(rho, self.points))


@dataclass(eq=False)
class PreparedDeterminants:
    """Prepared functions of ρ by what they were prepared of: the weights' own numbers, method and seed.

    Attributes
    ----------
    made, asked : int
        How many were computed, and how often one was asked for.
    """

    made: int = 0
    asked: int = 0
    _kept: dict[tuple[str, str, int], LogDeterminant] = field(default_factory=dict, repr=False)

    def of(
        self, w: sparse.csr_array, method: str, seed: int, make: Callable[[], LogDeterminant]
    ) -> LogDeterminant:
        """That of these weights, made now if there is none yet."""
        key = (_content(w), method, seed)
        self.asked += 1
        if key not in self._kept:
            self._kept[key] = make()
            self.made += 1
        return self._kept[key]


def _content(w: sparse.csr_array) -> str:
    """Hash of checked weights; rows are in the order of the units, columns of a row in theirs."""
    parts = (w.indptr.astype(np.int64), w.indices.astype(np.int64), w.data)
    return hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()


_SHARED: ContextVar[PreparedDeterminants | None] = ContextVar("shared_log_determinants", default=None)


@contextmanager
def shared_log_determinants() -> Iterator[PreparedDeterminants]:
    """In this block ln |I − ρW| is prepared once for all models with the same weights.

    Weights are the same if every number of them is, however they were made. Each model is what it is by
    itself, to the last digit. A block within another one shares with it.

    Examples
    --------
    >>> pair = np.array([[0.0, 1.0], [1.0, 0.0]])
    >>> with shared_log_determinants() as prepared:
    ...     log_determinant(pair) is log_determinant(pair.copy())
    True
    >>> prepared.made, prepared.asked
    (1, 2)
    """
    prepared = PreparedDeterminants() if (outer := _SHARED.get()) is None else outer
    token = _SHARED.set(prepared)
    try:
        yield prepared
    finally:
        _SHARED.reset(token)


def log_determinant(w, *, method: LogDeterminantMethod = "auto", seed: int = 0) -> LogDeterminant:
    """Prepare ln |I − ρW|.

    Parameters
    ----------
    w : scipy sparse matrix, numpy.ndarray, or weights with labels, shape (n, n)
        Need not be row-standardised nor similar to a symmetric matrix.
    method : {'auto', 'eigenvalues', 'lu', 'chebyshev'}
        ``eigenvalues``: exact (Ord 1975); symmetric solver where W = D⁻¹A, complex eigenvalues elsewhere.
        ``lu``: exact sparse factorisations at 28 points, value and slope interpolated (after Pace & Barry
        1997).
        ``chebyshev``: approximate, from random estimates of the traces of Chebyshev polynomials
        (Pace & LeSage 2004); only for W similar to a symmetric matrix.
    seed : int
        Of the random vectors of ``chebyshev``.

    Returns
    -------
    LogDeterminant
        The upper bound of ρ is the inverse of the largest eigenvalue; the lower bound is the inverse of the
        smallest real eigenvalue, or, where that is not known, minus the inverse of the spectral radius.

    Raises
    ------
    ParameterError
        Unknown method, or ``chebyshev`` with weights that are not similar to a symmetric matrix.
    DataError
        Weights that are not usable, see
        :func:`~digital_clusters.estimators.spatial.weights_algebra.check_weights`.

    Examples
    --------
    >>> import numpy as np
    >>> pair = log_determinant(np.array([[0.0, 1.0], [1.0, 0.0]]))
    >>> bool(np.isclose(pair(0.5), np.log(0.75))), pair.bounds
    (True, (-1.0, 1.0))
    """
    check_option("log_determinant", method, LogDeterminantMethod)
    w, _ = matrix_and_labels(w)
    w = check_weights(w, w.shape[0])
    shared = _SHARED.get()
    if shared is None:
        return _prepare(w, method, seed)
    return shared.of(w, method, seed, lambda: _prepare(w, method, seed))


def _prepare(w: sparse.csr_array, method: LogDeterminantMethod, seed: int) -> LogDeterminant:
    similar = symmetric_similar(w)
    chosen = _choose(w, similar) if method == "auto" else method
    if chosen == "eigenvalues":
        return _from_eigenvalues(w, similar)
    if chosen == "lu":
        return _from_factorisations(w, similar)
    if similar is None:
        raise ParameterError(
            "log_determinant = 'chebyshev' needs weights similar to a symmetric matrix: use 'lu'"
        )
    return _from_moments(similar, np.random.default_rng(seed))


def _choose(w: sparse.csr_array, similar: sparse.csr_array | None) -> str:
    n = w.shape[0]
    limit = GENERAL_LIMIT if similar is None else SYMMETRIC_LIMIT
    return "eigenvalues" if n <= limit or w.nnz > DENSE * n * n else "lu"


def _from_eigenvalues(w, similar) -> Spectrum:
    n = w.shape[0]
    if similar is not None:
        points = linalg.eigvalsh(similar.toarray(), driver="evr", overwrite_a=True, check_finite=False)
        real = points
    else:
        points = linalg.eigvals(w.toarray())
        real = points.real[np.abs(points.imag) <= TINY * np.abs(points).max()]
    radius = float(np.abs(points).max())
    return Spectrum("eigenvalues", n, _bounds(real.min(), radius), points, np.ones(n))


def _bounds(smallest: float, radius: float) -> tuple[float, float]:
    """By Perron–Frobenius the largest eigenvalue of non-negative weights is their spectral radius."""
    if radius < TINY:
        raise DataError("no chain of neighbours leads back to its start: I − ρW is regular for every ρ")
    return float(1 / smallest) if smallest < -TINY * radius else -1 / radius, 1 / radius


def _extremes(w, similar) -> tuple[float, float]:
    """Smallest real eigenvalue (or minus the radius, if W is not symmetric in disguise) and the radius."""
    # Lanczos starts from a random vector unless it is given one; results must repeat to the last digit.
    start = np.cos(np.arange(w.shape[0]))
    row_sum = constant_row_sum(w)
    if similar is not None:
        beyond = BEYOND * float(w.sum(axis=1).max())
        return (
            _nearest_eigenvalue(similar, -beyond, start),
            row_sum or _nearest_eigenvalue(similar, beyond, start),
        )
    if row_sum is None:
        largest = sparse_linalg.eigs(w, k=1, which="LM", v0=start, return_eigenvectors=False)
        row_sum = float(np.abs(largest[0]))
    return -row_sum, row_sum


def _nearest_eigenvalue(similar: sparse.csr_array, shift: float, start: np.ndarray) -> float:
    """The eigenvalue next to a shift outside the spectrum, by Lanczos on the inverse of S − shift·I."""
    solve, shape = factorise(similar, 1 / shift, definite=True).solve, similar.shape
    inverse = sparse_linalg.LinearOperator(shape, matvec=lambda b: -solve(b) / shift, dtype=float)
    options = {"k": 1, "sigma": shift, "v0": start, "tol": RESIDUAL, "return_eigenvectors": False}
    return float(sparse_linalg.eigsh(similar, OPinv=inverse, **options)[0])


def _from_factorisations(w, similar) -> Interpolant:
    low, high = _bounds(*_extremes(w, similar))
    factors = factorisations(w, high / 2, definite=similar is not None)
    return interpolate(lambda rho: log_modulus(factors(rho + 1j * STEP)), low, high, w.shape[0])


def _from_moments(similar, rng: np.random.Generator) -> Spectrum:
    n = similar.shape[0]
    low, high = _extremes(similar, similar)
    centre, half = (low + high) / 2, (high - low) / 2
    scaled = (similar - centre * sparse.eye_array(n)) / half
    moments = _chebyshev_traces(scaled, rng)
    degrees = np.arange(CHEBYSHEV_ORDER + 1)
    angles = np.pi * (degrees + 0.5) / len(degrees)
    # Discrete orthogonality: coefficient k of f is (2 − [k = 0])/m Σ f(cos a) cos(k a).
    series = np.cos(np.multiply.outer(angles, degrees)) * np.where(degrees == 0, 1, 2) / len(degrees)
    points = centre + half * np.cos(angles)
    return Spectrum("chebyshev", n, _bounds(low, max(high, -low)), points, series @ moments)


def _chebyshev_traces(matrix, rng: np.random.Generator) -> np.ndarray:
    """Traces of T_0 … T_order of a symmetric matrix with spectrum in [−1, 1]; the first three are exact."""
    n = matrix.shape[0]
    probes = rng.choice([-1.0, 1.0], size=(n, CHEBYSHEV_PROBES))
    before, now = probes, matrix @ probes
    traces = np.empty(CHEBYSHEV_ORDER + 1)
    for k in range(2, CHEBYSHEV_ORDER + 1):
        before, now = now, 2 * (matrix @ now) - before
        traces[k] = np.sum(probes * now) / CHEBYSHEV_PROBES
    traces[:3] = n, matrix.trace(), 2 * (matrix**2).sum() - n
    return traces

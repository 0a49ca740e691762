"""Spatial weights as a linear operator: checks, symmetry in disguise, and systems with I − ρW."""

from collections.abc import Callable

import numpy as np
from scipy import linalg, sparse
from scipy.sparse import csgraph
from scipy.sparse import linalg as sparse_linalg

from digital_clusters.errors import DataError

SYMMETRY = 1e-9
"""Largest relative difference of a balanced pair of weights that counts as rounding."""

COLUMNS_AT_ONCE = 500
"""Columns of (I − ρW)⁻¹W that are held in memory together."""

EXACT_UNITS, PROBES = 5000, 200
"""Units up to which tr G'G is a sum over all columns, and the random vectors that estimate it above."""

DENSE = 0.1
"""Share of non-zero weights above which systems are solved with a dense matrix."""


def check_weights(w, n_units: int) -> sparse.csr_array:
    """Weights as a sparse matrix of floats.

    Parameters
    ----------
    w : scipy sparse matrix or array_like, shape (n_units, n_units)
        Row i holds the weights of the neighbours of unit i; rows may have any sum, also zero (an island).

    Raises
    ------
    DataError
        Wrong shape, missing, infinite or negative weights, a unit that neighbours itself, no weight at all.
    """
    matrix = sparse.csr_array(w, dtype=float)
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    if matrix.shape != (n_units, n_units):
        raise DataError(f"weights are {matrix.shape[0]} × {matrix.shape[1]}, the panel has {n_units} units")
    if not np.isfinite(matrix.data).all() or (matrix.data < 0).any():
        raise DataError("weights must be finite and not negative")
    if matrix.diagonal().any():
        unit = int(np.flatnonzero(matrix.diagonal())[0])
        raise DataError(f"unit {unit} (sorted, from 0) is its own neighbour: set the diagonal to zero")
    if matrix.nnz == 0:
        raise DataError("no unit has a neighbour: all weights are zero")
    return matrix


def constant_row_sum(w: sparse.csr_array) -> float | None:
    """The sum shared by all rows, or ``None`` where rows differ."""
    sums = w.sum(axis=1)
    return float(sums[0]) if np.allclose(sums, sums[0], rtol=SYMMETRY, atol=0) else None


def symmetric_similar(w: sparse.csr_array) -> sparse.csr_array | None:
    """The symmetric D^(1/2) W D^(−1/2), or ``None`` if no diagonal D > 0 makes it symmetric.

    Row-standardised contiguity D⁻¹A with symmetric A is the common case (Ord 1975). D is found along the
    edges of a spanning forest and then checked on all edges.
    """
    back = w.T.tocsr()
    back.sort_indices()
    w = w.sorted_indices()
    if not (np.array_equal(w.indptr, back.indptr) and np.array_equal(w.indices, back.indices)):
        return None
    log_ratio = sparse.csr_array((np.log(w.data) - np.log(back.data), w.indices, w.indptr), shape=w.shape)
    rows = np.repeat(np.arange(w.shape[0]), np.diff(w.indptr))
    potential = _potential(w, log_ratio)
    loose = log_ratio.data + potential[rows] - potential[w.indices]
    if np.abs(loose).max(initial=0.0) > SYMMETRY:
        return None
    half = np.exp((potential[rows] - potential[w.indices]) / 2)
    similar = sparse.csr_array((w.data * half, w.indices, w.indptr), shape=w.shape)
    return (similar + similar.T) / 2


def _potential(w: sparse.csr_array, log_ratio: sparse.csr_array) -> np.ndarray:
    """Log of D, zero at one unit of each connected part, shape (n,)."""
    potential = np.zeros(w.shape[0])
    parts, labels = csgraph.connected_components(w, directed=False)
    for part in range(parts):
        root = int(np.argmax(labels == part))
        order, parent = csgraph.breadth_first_order(w, root, directed=False)
        units, above = order[1:], parent[order[1:]]
        if len(units):
            steps = np.asarray(log_ratio[above, units]).ravel()
            for unit, up, step in zip(units.tolist(), above.tolist(), steps.tolist(), strict=True):
                potential[unit] = potential[up] + step
    return potential


def solver(w: sparse.csr_array, rho: float) -> Callable[[np.ndarray], np.ndarray]:
    """A function that takes b, shape (n,) or (n, c), and gives (I − ρW)⁻¹ b."""
    n = w.shape[0]
    if w.nnz > DENSE * n * n:
        factors = linalg.lu_factor(np.eye(n) - rho * w.toarray())
        return lambda b: linalg.lu_solve(factors, b)
    return factorise(w, rho).solve


def factorise(w: sparse.csr_array, rho: float, *, definite: bool = False):
    """Sparse LU of I − ρW (SuperLU).

    Rows are exchanged only where they have to be. A matrix whose diagonal dominates, |ρ| times each row sum
    below one, is factorised in place (Golub & Van Loan 2013, section 4.1), and so is one that is similar to a
    positive definite matrix through a diagonal, which the caller knows: ``definite``.
    """
    matrix = (sparse.eye_array(w.shape[0]) - rho * w).tocsc()
    if definite or abs(rho) * float(w.sum(axis=1).max()) < 1:
        in_place = {"diag_pivot_thresh": 0.0, "options": {"SymmetricMode": True}}
    else:
        in_place = {}
    return sparse_linalg.splu(matrix, permc_spec="MMD_AT_PLUS_A", **in_place)


def transfer(w: sparse.csr_array, rho: float) -> np.ndarray:
    """G = W (I − ρW)⁻¹ as a dense matrix, shape (n, n)."""
    return solver(w, rho)(w.toarray())


def transfer_square(
    w: sparse.csr_array, rho: float, *, centred: bool = False, exact_up_to: int = EXACT_UNITS
) -> float:
    """tr G'G with G = W (I − ρW)⁻¹, a sum over columns, or over random vectors where there are many units.

    E|Gz|² is the trace where the entries of z are ±1 (Hutchinson 1990). With A = G'G and P vectors the
    standard error, relative to the trace, is at most √(2 tr A² / P) / tr A: over 200 vectors and 30,000 units
    with five neighbours each it is 0.11 per cent at ρ = 0.4 and 0.20 per cent at ρ = 0.9. At most half of
    that is the relative error it adds to a standard error of ρ.

    Parameters
    ----------
    w : scipy.sparse.csr_array, shape (n, n)
    rho : float
    centred : bool
        Of G less the mean of each column.
    exact_up_to : int
        Units.
    """
    n, solve = w.shape[0], solver(w, rho)
    if n <= exact_up_to:
        columns, share = w.tocsc(), 1.0
    else:
        signs = np.random.default_rng(0).choice([-1.0, 1.0], size=(n, PROBES))
        columns, share = sparse.csc_array(w @ signs), 1.0 / PROBES
    whole = 0.0
    for start in range(0, columns.shape[1], COLUMNS_AT_ONCE):
        block = solve(columns[:, start : start + COLUMNS_AT_ONCE].toarray())
        whole += float(np.sum(block**2))
        if centred:
            whole -= float(np.sum(block.sum(axis=0) ** 2)) / n
    return share * whole

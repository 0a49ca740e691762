"""Spatial weights as a linear operator: checks, symmetry in disguise, and systems with I − ρW."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import linalg, sparse
from scipy.sparse import csgraph
from scipy.sparse import linalg as sparse_linalg

from digital_clusters.errors import DataError

SYMMETRY = 1e-9
"""Largest relative difference of a balanced pair of weights that counts as rounding."""

STEP = 1e-20
"""Imaginary step of a derivative: nothing is subtracted, so that it may be as small as one likes."""

IN_PLACE = {"diag_pivot_thresh": 0.0, "options": {"SymmetricMode": True}}
"""Of SuperLU: no row is exchanged, as is safe for a definite matrix."""

COLUMN_BY_COLUMN = {"panel_size": 1, "relax": 1}
"""Of SuperLU: its panels of many columns cost more than they save where units have few neighbours, half of
the time at 1,000 units, and save nothing where they have forty."""

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
    w, back = w.sorted_indices(), w.tocsc().sorted_indices()
    if not (np.array_equal(w.indptr, back.indptr) and np.array_equal(w.indices, back.indices)):
        return None
    log_ratio = np.log(w.data) - np.log(back.data)
    rows = np.repeat(np.arange(w.shape[0]), np.diff(w.indptr))

    def is_symmetric(potential: np.ndarray) -> bool:
        loose = log_ratio + potential[rows] - potential[w.indices]
        return bool(np.abs(loose).max(initial=0.0) <= SYMMETRY)

    # where the neighbours of a unit weigh the same, D is one over its weight: no path is walked
    potential = np.zeros(w.shape[0])
    potential[rows] = -np.log(w.data)
    if not is_symmetric(potential):
        potential = _potential(w, sparse.csr_array((log_ratio, w.indices, w.indptr), shape=w.shape))
        if not is_symmetric(potential):
            return None
    # d_i w_ij = d_j w_ji, so that both entries of a pair are the root of their product
    return sparse.csr_array((np.sqrt(w.data) * np.sqrt(back.data), w.indices, w.indptr), shape=w.shape)


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


def factorise(w: sparse.csr_array, rho: complex, *, definite: bool = False):
    """Sparse LU of I − ρW (SuperLU), of units in an order of little fill.

    Rows are exchanged only where they have to be. A matrix whose diagonal dominates, |ρ| times each row sum
    below one, is factorised in place (Golub & Van Loan 2013, section 4.1), and so is one that is similar to a
    positive definite matrix through a diagonal, which the caller knows: ``definite``.
    """
    return _factors(_system(w)(rho), rho, None if definite else _largest_sum(w), "MMD_AT_PLUS_A")


def factorisations(w: sparse.csr_array, near: float, *, definite: bool = False) -> Callable[[complex], Any]:
    """:func:`factorise` for many ρ: the order of the units, sought once at ``near``, serves all of them."""
    order = np.argsort(factorise(w, near, definite=definite).perm_c)
    system, largest = _system(w[order][:, order]), None if definite else _largest_sum(w)
    return lambda rho: _factors(system(rho), rho, largest, "NATURAL")


def _system(w: sparse.csr_array) -> Callable[[complex], sparse.csc_array]:
    """I − ρW as a function of ρ; the places of its entries, which all ρ share, are found once."""
    whole = (sparse.eye_array(w.shape[0], format="csr") + w).tocsc()
    whole.sort_indices()
    is_own = whole.indices == np.repeat(np.arange(w.shape[0]), np.diff(whole.indptr))
    ones, weights = is_own.astype(float), np.where(is_own, 0.0, whole.data)
    return lambda rho: sparse.csc_array(
        (ones - rho * weights, whole.indices, whole.indptr), shape=whole.shape
    )


def _largest_sum(w: sparse.csr_array) -> float:
    return float(w.sum(axis=1).max())


def _factors(system: sparse.csc_array, rho: complex, largest: float | None, order: str):
    """Factors of I − ρW; ``largest`` row sum, or ``None`` where the matrix is known to be definite."""
    in_place = IN_PLACE if largest is None or abs(rho) * largest < 1 else {}
    return sparse_linalg.splu(system, permc_spec=order, **COLUMN_BY_COLUMN, **in_place)


def log_modulus(factors) -> tuple[float, float]:
    """ln |A| of a factorised matrix, and its derivative along an imaginary :data:`STEP` that A has taken.

    The derivative by a complex step (Squire & Trapp 1998) has no cancellation: it is as exact as ln |A|.
    """
    pivots = factors.U.diagonal()
    return float(np.log(np.abs(pivots)).sum()), float((pivots.imag / pivots.real).sum()) / STEP


def transfer(w: sparse.csr_array, rho: float) -> np.ndarray:
    """G = W (I − ρW)⁻¹ as a dense matrix, shape (n, n)."""
    return solver(w, rho)(w.toarray())


def transfer_square(w: sparse.csr_array, rho: float, *, centred: bool = False) -> float:
    """tr G'G with G = W (I − ρW)⁻¹.

    It is tr (B'B)⁻¹W'W with B = I − ρW: the derivative of ln |B'B + sW'W| in s, which one sparse
    factorisation gives. Where neighbours of neighbours are many, G is formed.

    Parameters
    ----------
    w : scipy.sparse.csr_array, shape (n, n)
    rho : float
    centred : bool
        Of G less the mean of each column.
    """
    n, products = w.shape[0], w.T @ w
    if products.nnz > DENSE * n * n:
        g = transfer(w, rho)
        return float(np.sum((g - g.mean(axis=0) if centred else g) ** 2))
    both = sparse.eye_array(n, format="csr") - rho * (w + w.T.tocsr())
    stepped = (both + (rho**2 + STEP * 1j) * products).tocsc()
    _, whole = log_modulus(_factors(stepped, rho, None, "MMD_AT_PLUS_A"))
    if centred:
        sums = w.T @ factorise(w, rho).solve(np.ones(n), trans="T")
        whole -= float(sums @ sums) / n
    return whole

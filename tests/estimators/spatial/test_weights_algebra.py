"""Sums over the entries of W (I − ρW)⁻¹."""

import numpy as np
import pytest

from digital_clusters.estimators.spatial.simulated import near_neighbours
from digital_clusters.estimators.spatial.weights_algebra import (
    PROBES,
    factorise,
    symmetric_similar,
    transfer,
    transfer_square,
)

W = near_neighbours(np.random.default_rng(3), 800)


@pytest.mark.parametrize("rho", [-0.3, 0.4, 0.9])
@pytest.mark.parametrize("centred", [False, True])
def test_columns_and_random_vectors_find_the_squares_of_the_dense_matrix(rho, centred):
    g = transfer(W, rho)
    g = g - g.mean(axis=0) if centred else g
    wanted, a = np.sum(g**2), g.T @ g
    # the standard error that the docstring gives: estimates lie within four of them
    error = np.sqrt(2 * np.sum(a**2) / PROBES)
    assert transfer_square(W, rho, centred=centred) == pytest.approx(wanted, rel=1e-10)
    assert abs(transfer_square(W, rho, centred=centred, exact_up_to=10) - wanted) < 4 * error
    assert error < 0.05 * wanted


@pytest.mark.parametrize("rho", [-1.3, -0.9, 0.5, 0.99])
@pytest.mark.parametrize("mutual", [True, False])
def test_factors_without_exchanged_rows_solve_the_same_system(rho, mutual):
    w = near_neighbours(np.random.default_rng(5), 300, mutual=mutual)
    values = np.linalg.eigvals(w.toarray()).real
    definite = symmetric_similar(w) is not None and 1 - rho * (values.max() if rho > 0 else values.min()) > 0
    b = np.random.default_rng(6).normal(size=300)
    dense = np.eye(300) - rho * w.toarray()
    found = factorise(w, rho, definite=definite)
    # rounding: a few hundred operations on numbers of size one, times the condition of the matrix
    assert np.allclose(dense @ found.solve(b), b, atol=1e-11 * np.linalg.cond(dense))
    pivots = np.log(np.abs(found.U.diagonal())).sum()
    assert pivots == pytest.approx(np.linalg.slogdet(dense)[1], rel=1e-10)

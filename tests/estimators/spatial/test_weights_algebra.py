"""Sums over the entries of W (I − ρW)⁻¹."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from digital_clusters.estimators.spatial.simulated import near_neighbours
from digital_clusters.estimators.spatial.weights_algebra import (
    STEP,
    factorise,
    log_modulus,
    symmetric_similar,
    transfer,
    transfer_square,
)

RNG = np.random.default_rng(3)
WEIGHTS = {
    "mutual": near_neighbours(RNG, 300),
    "one-sided": near_neighbours(RNG, 300, mutual=False),
    "rows of any sum": csr_array(
        near_neighbours(RNG, 300, mutual=False) * RNG.uniform(0.2, 0.9, 300)[:, None]
    ),
    "all of all": csr_array(RNG.uniform(size=(60, 60)) * (1 - np.eye(60)) / 60),
}


@pytest.mark.parametrize("rho", [-0.3, 0.0, 1e-6, 0.4, 0.9])
@pytest.mark.parametrize("centred", [False, True])
@pytest.mark.parametrize("name", WEIGHTS)
def test_a_derivative_finds_the_squares_of_the_dense_matrix(name, rho, centred):
    w = WEIGHTS[name]
    g = np.linalg.solve((np.eye(w.shape[0]) - rho * w.toarray()).T, w.toarray().T).T
    g = g - g.mean(axis=0) if centred else g
    # rounding: products square the condition of I − ρW, which is below 100 here
    assert transfer_square(w, rho, centred=centred) == pytest.approx(np.sum(g**2), rel=1e-11)


@pytest.mark.parametrize("rho", [-0.5, 0.3, 0.95])
@pytest.mark.parametrize("name", WEIGHTS)
def test_a_complex_step_finds_the_slope_of_the_log_determinant(name, rho):
    w = WEIGHTS[name]
    value, slope = log_modulus(factorise(w, rho + 1j * STEP))
    assert value == pytest.approx(np.linalg.slogdet(np.eye(w.shape[0]) - rho * w.toarray())[1], rel=1e-10)
    assert slope == pytest.approx(-np.trace(transfer(w, rho)), rel=1e-10)


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

"""Sums over the entries of W (I − ρW)⁻¹."""

import numpy as np
import pytest

from digital_clusters.estimators.spatial.simulated import near_neighbours
from digital_clusters.estimators.spatial.weights_algebra import PROBES, transfer, transfer_square

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

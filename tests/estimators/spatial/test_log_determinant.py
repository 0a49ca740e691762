import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.spatial.log_determinant import log_determinant, shared_log_determinants
from digital_clusters.estimators.spatial.simulated import near_neighbours
from digital_clusters.estimators.spatial.weights_algebra import symmetric_similar

EXACT = 1e-9  # relative; eigenvalues against a dense LU in double precision
INTERPOLATED = 1e-6  # relative; 64 Chebyshev nodes, whose error decays by about e^-0.2 to e^-0.4 a node
RANDOM = 0.02  # relative; 100 probe vectors, whose error is about sqrt(2 / (100 · units))
SECOND = 1e-3  # of the exact second derivative; a series loses digits at each differentiation


def distances(n=40):
    """Inverse distances between points, divided by the largest eigenvalue: dense, symmetric, rows differ."""
    places = np.random.default_rng(5).random((n, 2))
    gaps = np.linalg.norm(places[:, None] - places[None], axis=2)
    w = np.where(gaps > 0, 1 / np.where(gaps > 0, gaps, 1), 0)
    return w / np.linalg.eigvalsh(w).max()


def lopsided(n=40):
    """Random weights, neither symmetric in disguise nor row-standardised."""
    rng = np.random.default_rng(6)
    w = rng.random((n, n)) * (rng.random((n, n)) < 0.15)
    np.fill_diagonal(w, 0)
    return w / np.abs(np.linalg.eigvals(w)).max()


def with_island():
    w = near_neighbours(np.random.default_rng(7), 40).tolil()
    w[3, :], w[:, 3] = 0, 0
    return sparse.csr_array(w)


WEIGHTS = {
    "mutual neighbours": near_neighbours(np.random.default_rng(1), 60),
    "nearest neighbours": near_neighbours(np.random.default_rng(2), 60, mutual=False),
    "inverse distance": distances(),
    "lopsided": lopsided(),
    "island": with_island(),
    "two parts": sparse.block_diag([near_neighbours(np.random.default_rng(s), 20) for s in (1, 2)], "csr"),
}


def brute(w, rho):
    """ln |I − ρW|, tr G, tr G² from dense matrices."""
    w = w.toarray() if sparse.issparse(w) else w
    g = np.linalg.solve(np.eye(len(w)) - rho * w, w)
    return np.linalg.slogdet(np.eye(len(w)) - rho * w)[1], np.trace(g), np.trace(g @ g)


@pytest.mark.parametrize("rho", [-0.6, 0.0, 0.3, 0.9])
@pytest.mark.parametrize("name", WEIGHTS)
def test_exact_methods_are_the_dense_determinant(name, rho):
    w = WEIGHTS[name]
    value, trace, square = brute(w, rho)
    exact = log_determinant(w, method="eigenvalues")
    assert exact(rho) == pytest.approx(value, rel=EXACT, abs=EXACT)
    assert exact.trace(rho) == pytest.approx(trace, rel=EXACT, abs=EXACT)
    assert exact.trace_square(rho) == pytest.approx(square, rel=EXACT, abs=EXACT)
    factored = log_determinant(w, method="lu")
    assert factored(rho) == pytest.approx(value, rel=INTERPOLATED, abs=INTERPOLATED * w.shape[0])
    assert factored.trace(rho) == pytest.approx(trace, rel=INTERPOLATED, abs=INTERPOLATED * w.shape[0])
    assert factored.trace_square(rho) == pytest.approx(square, rel=SECOND)


def test_interpolated_factorisations_are_the_eigenvalues_to_ten_digits_of_the_largest_value():
    w = near_neighbours(np.random.default_rng(8), 400)
    exact, factored = (log_determinant(w, method=method) for method in ("eigenvalues", "lu"))
    low, high = factored.bounds
    rho = np.linspace(low, high, 402)[1:-1]
    assert np.abs(factored(rho) - exact(rho)).max() < 1e-10 * np.abs(exact(rho)).max()
    assert np.allclose(exact.bounds, (low, high), rtol=1e-3) and exact.bounds[0] <= low


def test_chebyshev_is_near_and_exact_to_second_order():
    w = near_neighbours(np.random.default_rng(3), 400)
    exact, near = (log_determinant(w, method=method) for method in ("eigenvalues", "chebyshev"))
    rho = np.array([-0.5, 0.2, 0.5, 0.8])
    assert near(rho) == pytest.approx(exact(rho), rel=RANDOM)
    assert near.trace(rho) == pytest.approx(exact.trace(rho), rel=RANDOM)
    assert near.trace_square(0.0) == pytest.approx(exact.trace_square(0.0), rel=EXACT)
    assert near.trace(0.0) == pytest.approx(0.0, abs=EXACT)
    other = log_determinant(w, method="chebyshev", seed=1)
    assert other(0.8) != near(0.8)
    assert log_determinant(w, method="chebyshev")(0.8) == near(0.8)


@pytest.mark.parametrize("name", WEIGHTS)
def test_bounds_enclose_zero_and_end_where_the_matrix_is_singular(name):
    w = WEIGHTS[name]
    low, high = log_determinant(w, method="eigenvalues").bounds
    dense = w.toarray() if sparse.issparse(w) else w
    signs = [
        np.linalg.slogdet(np.eye(len(dense)) - rho * dense)[0] for rho in np.linspace(low, high, 52)[1:-1]
    ]
    assert low < 0 < high and min(signs) > 0
    assert np.linalg.svd(np.eye(len(dense)) - high * dense, compute_uv=False)[-1] < 1e-8
    inner = log_determinant(w, method="lu").bounds
    assert low <= inner[0] < 0 < inner[1] <= high


def test_symmetry_in_disguise():
    w = WEIGHTS["mutual neighbours"]
    similar = symmetric_similar(w)
    assert abs(similar - similar.T).max() == 0
    found, truth = np.linalg.eigvalsh(similar.toarray()), np.sort(np.linalg.eigvals(w.toarray()).real)
    assert found == pytest.approx(truth, abs=EXACT)
    assert symmetric_similar(WEIGHTS["nearest neighbours"]) is None
    # every pair has weights both ways, but the products around the triangle differ: 1·1·1 and 2·1·1
    triangle = sparse.csr_array(np.array([[0, 1.0, 1], [2, 0, 1], [1, 1, 0]]))
    assert symmetric_similar(triangle) is None
    assert not np.isreal(np.linalg.eigvals(lopsided())).all()


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), share=st.floats(-0.95, 0.95))
def test_derivatives_belong_to_the_value(seed, share):
    rng = np.random.default_rng(seed)
    w = near_neighbours(rng, 25, neighbours=3, mutual=bool(seed % 2))
    for method in ("eigenvalues", "lu"):
        f = log_determinant(w, method=method)
        rho, step = share * 0.9, 1e-5
        slope = (f(rho + step) - f(rho - step)) / (2 * step)
        assert slope == pytest.approx(-f.trace(rho), rel=1e-4, abs=1e-4)
        slope = (f.trace(rho + step) - f.trace(rho - step)) / (2 * step)
        assert slope == pytest.approx(f.trace_square(rho), rel=1e-3, abs=1e-3)


def test_auto_takes_eigenvalues_of_few_units_and_factorisations_of_many():
    rng = np.random.default_rng(4)
    assert log_determinant(near_neighbours(rng, 300)).method == "eigenvalues"
    assert log_determinant(near_neighbours(rng, 600, mutual=False)).method == "lu"
    assert log_determinant(distances(520)).method == "eigenvalues"


@pytest.mark.parametrize(
    ("w", "says"),
    [
        (np.ones((3, 3)), "its own neighbour"),
        (np.zeros((3, 3)), "no unit has a neighbour"),
        (np.array([[0, -1.0], [1, 0]]), "not negative"),
        (np.array([[0, np.nan], [1, 0]]), "finite"),
        (np.ones((2, 3)), "2 × 3"),
        (np.array([[0, 1.0], [0, 0]]), "leads back to its start"),
    ],
)
def test_unusable_weights_are_refused(w, says):
    with pytest.raises(DataError, match=says):
        log_determinant(w)


def test_wrong_methods_are_refused():
    with pytest.raises(ParameterError, match="auto, eigenvalues, lu, chebyshev"):
        log_determinant(distances(), method="ord")
    with pytest.raises(ParameterError, match="use 'lu'"):
        log_determinant(WEIGHTS["nearest neighbours"], method="chebyshev")


def test_the_same_weights_are_prepared_once_in_a_block():
    w = near_neighbours(np.random.default_rng(1), 60, mutual=False)
    with shared_log_determinants() as prepared:
        first = log_determinant(w)
        shuffled = sparse.csr_array(sparse.coo_array(w).todense())
        assert log_determinant(shuffled) is first and log_determinant(w.toarray()) is first
        with shared_log_determinants():
            assert log_determinant(w) is first
        assert (prepared.made, prepared.asked) == (1, 4)
    alone = log_determinant(w)
    assert alone is not first and alone.bounds == first.bounds
    assert alone(0.4) == first(0.4) and alone.trace(0.4) == first.trace(0.4)


def test_other_weights_methods_and_seeds_are_prepared_by_themselves():
    w = near_neighbours(np.random.default_rng(1), 60)
    order = np.random.default_rng(2).permutation(60)
    with shared_log_determinants() as prepared:
        log_determinant(w)
        log_determinant(w[order][:, order])
        log_determinant(w * 0.5)
        log_determinant(w, method="lu")
        log_determinant(w, method="chebyshev")
        log_determinant(w, method="chebyshev", seed=1)
        assert prepared.made == prepared.asked == 6

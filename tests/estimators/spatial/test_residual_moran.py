import numpy as np
import pytest

from digital_clusters.errors import DataError
from digital_clusters.estimators.panel.demeaning import indicators
from digital_clusters.estimators.spatial.residual_moran import residual_moran
from digital_clusters.estimators.spatial.simulated import near_neighbours

SAME = 1e-9  # relative; the same sums in another order


def made(seed=0, units=24, periods=5, rho=0.0):
    rng = np.random.default_rng(seed)
    w = near_neighbours(rng, units)
    w = np.asarray(w.todense() if hasattr(w, "todense") else w)
    entity, time = np.divmod(np.arange(units * periods), periods)
    x = rng.normal(size=(units * periods, 2))
    noise = np.linalg.solve(np.eye(units) - rho * w, rng.normal(size=(units, periods)))
    y = x @ [1.0, -0.5] + rng.normal(size=units)[entity] + 0.3 * time + noise.ravel()
    return y, x, w, {"entity": entity, "time": time, "terms": ["a", "b"]}


@pytest.mark.parametrize("rho", [0.0, 0.5])
def test_a_cross_section_is_that_of_spreg(rho):
    from libpysal.weights import WSP
    from scipy.sparse import csr_matrix
    from spreg import OLS, MoranRes

    y, x, w, keys = made(units=60, periods=1, rho=rho)
    neighbours = WSP(csr_matrix(w)).to_W(silence_warnings=True)
    theirs = MoranRes(OLS(y[:, None], x), neighbours, z=True)
    found = residual_moran(y, x, w, **keys, effects="none")
    assert found.moran == pytest.approx(theirs.I, rel=SAME)
    assert found.expected == pytest.approx(theirs.eI, rel=1e-7)
    assert found.standard_deviation**2 == pytest.approx(theirs.vI, rel=1e-7)
    assert found.z_score == pytest.approx(theirs.zI, rel=1e-7)
    assert found.p_value == pytest.approx(theirs.p_norm, rel=1e-6)


@pytest.mark.parametrize(
    ("effects", "removed"),
    [("two_way", ("entity", "time")), ("individual", ("entity",)), ("time", ("time",)), ("none", ())],
)
def test_a_panel_by_dense_matrices(effects, removed):
    y, x, w, keys = made(rho=0.3)
    dummies = [indicators(keys[name], drop_first=True) for name in removed]
    columns = np.hstack([np.ones((len(y), 1)), x, *dummies])
    m = np.eye(len(y)) - columns @ np.linalg.pinv(columns)
    big = np.kron(w, np.eye(5))  # rows by unit, then by period
    n, k, e = len(y), columns.shape[1], m @ y
    scale = n / big.sum()
    mean = scale * np.trace(m @ big) / (n - k)
    square = np.trace(m @ big @ m @ big.T) + np.trace(m @ big @ m @ big) + np.trace(m @ big) ** 2
    variance = scale**2 * square / ((n - k) * (n - k + 2)) - mean**2
    found = residual_moran(y, x, w, **keys, effects=effects)
    assert found.moran == pytest.approx(scale * (e @ big @ e) / (e @ e), rel=1e-8)
    assert found.expected == pytest.approx(mean, rel=1e-8)
    assert found.standard_deviation == pytest.approx(np.sqrt(variance), rel=1e-8)


def test_moments_are_those_of_residuals_of_independent_errors():
    """2,000 draws: the mean of z lies within four of its errors of zero, its spread, known to 1.6 per cent,
    within 7 of one."""
    _, x, w, keys = made()
    rng = np.random.default_rng(3)
    scores = [residual_moran(rng.normal(size=len(x)), x, w, **keys).z_score for _ in range(2000)]
    assert abs(np.mean(scores)) < 4 / np.sqrt(2000)
    assert np.std(scores) == pytest.approx(1.0, rel=0.07)


def test_units_order_and_labels_do_not_matter():
    import pandas as pd

    y, x, w, keys = made(rho=0.4)
    found = residual_moran(y, x, w, **keys)
    names = np.array([f"c{(k * 7) % 24:02d}" for k in range(24)])
    order = np.random.default_rng(1).permutation(len(y))
    labelled = pd.DataFrame(w, names, names)
    moved = {"entity": names[keys["entity"]][order], "time": keys["time"][order] + 1990, "terms": ["a", "b"]}
    other = residual_moran(1e8 * y[order], 1e-6 * x[order], labelled, **moved)
    for name in ("moran", "expected", "standard_deviation"):
        assert getattr(other, name) == pytest.approx(getattr(found, name), rel=1e-7)


def test_weights_of_nobody_are_refused():
    y, x, w, keys = made()
    with pytest.raises(DataError, match="neighbour"):
        residual_moran(y, x, np.zeros_like(w), **keys)

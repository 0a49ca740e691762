import numpy as np
import pytest

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.panel.demeaning import demean_two_way
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects
from digital_clusters.estimators.panel.within import within_panel

SAME = 1e-9  # relative; the same sums in another order

TERMS = ["d", "a", "b", "c"]


@pytest.fixture(scope="module")
def unbalanced(draw):
    kept = np.random.default_rng(4).permutation(len(draw.y))[:200]
    keys = {"entity": draw.entity[kept], "time": draw.time[kept]}
    return draw.y[kept], np.hstack([draw.d, draw.x])[kept], keys


@pytest.mark.parametrize("effects", ["two_way", "entity", "time", "none"])
@pytest.mark.parametrize("errors", ["homoskedastic", "robust", "clustered"])
def test_one_equation_is_the_library(unbalanced, effects, errors):
    y, w, keys = unbalanced
    panel = within_panel(y, w, **keys, terms=TERMS, effects=effects, errors=errors)
    found = panel.estimate(panel.fit(panel.y, panel.d, panel.raw.terms), "m")
    expected = two_way_fixed_effects(y, w, **keys, terms=TERMS, effects=effects, errors=errors)
    assert found.coefficients == pytest.approx(expected.coefficients, rel=SAME)
    assert found.covariance == pytest.approx(expected.covariance, rel=SAME, abs=1e-12)
    assert found.degrees_of_freedom == expected.degrees_of_freedom
    assert found.n_clusters == expected.n_clusters


def test_covariance_between_equations_by_loops(unbalanced):
    y, w, keys = unbalanced
    panel = within_panel(y, w, **keys, terms=TERMS)
    small, large = (
        panel.fit(panel.y, panel.d[:, :1], ("d",)),
        panel.fit(panel.d[:, 1], panel.d[:, 2:], ("b", "c")),
    )
    codes = {name: np.unique(key, return_inverse=True)[1] for name, key in keys.items()}
    y, w = (demean_two_way(array, codes["entity"], codes["time"]) for array in (y, w))

    def influence(outcome, regressors):
        inverse = np.linalg.inv(regressors.T @ regressors)
        scores = regressors * (outcome - regressors @ (inverse @ regressors.T @ outcome))[:, None]
        return np.array([scores[codes["entity"] == g].sum(axis=0) @ inverse for g in range(40)])

    expected = influence(y, w[:, :1]).T @ influence(w[:, 1], w[:, 2:])
    n, years = 200, 6
    factors = [40 / 39 * (n - 1) / (n - k - years) for k in (1, 2)]
    found = panel.covariance([small, large])[:1, 1:]
    assert found == pytest.approx(np.sqrt(np.prod(factors)) * expected, rel=1e-7)


def test_homoskedastic_covariance_of_two_equations_is_a_kronecker_product(unbalanced):
    y, w, keys = unbalanced
    panel = within_panel(y, w, **keys, terms=TERMS, errors="homoskedastic")
    equations = [panel.fit(outcome, panel.d[:, 2:], ("b", "c")) for outcome in (panel.y, panel.d[:, 0])]
    residuals = np.column_stack([equation.residual for equation in equations])
    sigma = residuals.T @ residuals / (200 - 2 - 40 - 6 + 1)
    expected = np.kron(sigma, np.linalg.inv(panel.d[:, 2:].T @ panel.d[:, 2:]))
    assert panel.covariance(equations) == pytest.approx(expected, rel=1e-7)


def test_refusals(draw, keys):
    with pytest.raises(DataError, match="'fixed'"):
        within_panel(draw.y, draw.entity, **keys, terms=["fixed"])
    with pytest.raises(DataError, match="too few"):
        within_panel([1, 2, 4, 3.0], [1, 0, 0, 1.5], entity=[0, 0, 1, 1], time=[0, 1, 0, 1], terms=["x"])
    with pytest.raises(DataError, match="one entity"):
        within_panel(
            [1, 2, 4, 3.0], [1, 0, 0, 1.5], entity=[0] * 4, time=range(4), terms=["x"], effects="entity"
        )
    with pytest.raises(ParameterError, match="homoskedastic, robust, clustered"):
        within_panel(draw.y, draw.d, **keys, terms=["d"], errors="driscoll_kraay")

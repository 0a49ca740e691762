"""Posterior shares of weights, against the density of the data integrated by another road."""

import numpy as np
import pytest
from scipy import integrate, special

from digital_clusters.errors import ParameterError
from digital_clusters.estimators.spatial.durbin import spatial_panel
from digital_clusters.estimators.spatial.simulated import durbin_panel, near_neighbours
from digital_clusters.estimators.spatial.which_weights import which_weights

INTEGRATED = 1e-6  # the trapezoid rule on 4,001 points against adaptive quadrature
UNITS, YEARS = 12, 4


def _draw(seed, *, units=UNITS, years=YEARS, rho=0.5):
    rng = np.random.default_rng(seed)
    right, wrong = (near_neighbours(rng, units, neighbours=3) for _ in range(2))
    draw = durbin_panel(rng, right, n_years=years, rho=rho, beta=(1.0,), theta=(0.5,))
    return draw, {"right": right, "wrong": wrong}


def _keys(draw):
    return {"entity": draw.entity, "time": draw.time, "terms": ["x"]}


def _log_density(draw, w):
    """ln p(y | W) without effects: β is integrated by matrices, ρ by quadrature, σ by its gamma function.

    Given ρ and σ, (I − ρW)y less its mean is normal with covariance σ² (I + g P), P the projection on Z.
    """
    n, dense = UNITS * YEARS, np.kron(np.eye(YEARS), w.toarray())
    y, x = (np.ravel(a.reshape(UNITS, YEARS).T) for a in (draw.y, draw.x))
    z = np.column_stack([x, dense @ x])
    z = z - z.mean(axis=0)
    spread = np.eye(n) + n * z @ np.linalg.solve(z.T @ z, z.T)
    inverse, half = np.linalg.inv(spread), np.linalg.slogdet(spread)[1] / 2

    def log_at(rho):
        left = y - rho * dense @ y
        left = left - left.mean()
        return np.linalg.slogdet(np.eye(n) - rho * dense)[1] - half - n / 2 * np.log(left @ inverse @ left)

    top = max(log_at(rho) for rho in np.linspace(-0.95, 0.95, 77))
    mass, _ = integrate.quad(
        lambda rho: np.exp(log_at(rho) - top) / 2, -1, 1, epsabs=0, epsrel=1e-9, limit=200
    )
    return top + np.log(mass)


def test_shares_are_those_of_the_density_integrated_by_hand():
    draw, weights = _draw(3)
    found = which_weights(draw.y, draw.x, weights, effects="none", **_keys(draw))
    by_hand = np.array([_log_density(draw, w) for w in weights.values()])
    assert found["log_marginal"].diff().iloc[1] == pytest.approx(np.diff(by_hand)[0], rel=INTEGRATED)
    assert found["posterior_share"].to_numpy() == pytest.approx(special.softmax(by_hand), rel=INTEGRATED)


def test_the_largest_likelihood_is_that_of_the_model():
    draw, weights = _draw(5, units=30, years=6)
    found = which_weights(draw.y, draw.x, weights, **_keys(draw))
    for name, w in weights.items():
        fit = spatial_panel(draw.y, draw.x, w, correction="transformation", **_keys(draw))
        # the grid is within 0.00025 of the maximum, where the likelihood is flat
        assert found.loc[name, "log_likelihood"] == pytest.approx(fit.log_likelihood, abs=1e-4)
        assert found.loc[name, "rho"] == pytest.approx(fit.rho, abs=0.05)


def test_the_right_weights_get_the_largest_share():
    shares = []
    for seed in range(20):
        draw, weights = _draw(seed, units=40, years=8, rho=0.4)
        shares.append(which_weights(draw.y, draw.x, weights, **_keys(draw)).loc["right", "posterior_share"])
    assert min(shares) > 0.95


def test_weights_that_say_the_same_share_alike_and_order_and_units_do_not_matter():
    draw, weights = _draw(9)
    twice = {"a": weights["right"], "b": weights["right"], "c": weights["wrong"]}
    found = which_weights(draw.y, draw.x, twice, **_keys(draw))
    assert found.loc["a", "posterior_share"] == found.loc["b", "posterior_share"]
    other = dict(reversed(twice.items()))
    moved = which_weights(1e6 * draw.y, 1e-6 * draw.x, other, **_keys(draw)).loc[found.index]
    for column in ("likelihood_share", "posterior_share", "rho"):
        assert moved[column].to_numpy() == pytest.approx(found[column].to_numpy(), rel=1e-7)


def test_what_cannot_be_compared_is_refused():
    draw, weights = _draw(1)
    with pytest.raises(ParameterError, match="at least two"):
        which_weights(draw.y, draw.x, {"one": weights["right"]}, **_keys(draw))
    with pytest.raises(ParameterError, match="'durbin' or 'lag'"):
        which_weights(draw.y, draw.x, weights, model="error", **_keys(draw))
    uneven = {**weights, "uneven": 0.5 * (weights["right"].toarray() > 0)}
    with pytest.raises(ParameterError, match="rows with one sum"):
        which_weights(draw.y, draw.x, uneven, **_keys(draw))

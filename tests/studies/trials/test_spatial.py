"""The trial of spatial models says what its panels say."""

import numpy as np
import pytest

from digital_clusters.errors import ParameterError
from digital_clusters.estimators.spatial.simulated import durbin_panel, near_neighbours
from digital_clusters.studies.trials import spatial

REPLICATIONS = 30
ALGEBRA = 1e-10


@pytest.fixture(scope="module")
def results():
    return spatial.across_sizes(replications=REPLICATIONS, seed=5, sizes=(60,))


def row(results, method, quantity):
    found = results[(results["method"] == method) & (results["quantity"] == quantity)]
    assert len(found) == 1
    return found.iloc[0]


def test_true_effects_are_what_moving_x_does():
    w = near_neighbours(np.random.default_rng(1), 30)
    truth = spatial.true_values(w)
    s = np.linalg.inv(np.eye(30) - spatial.RHO * w.toarray())
    matrix = s @ (spatial.BETA * np.eye(30) + spatial.THETA * w.toarray())
    assert truth["direct"] == pytest.approx(np.trace(matrix) / 30, rel=ALGEBRA)
    assert truth["direct"] + truth["indirect"] == pytest.approx(matrix.sum() / 30, rel=ALGEBRA)


def test_every_method_has_the_quantities_it_estimates(results):
    counts = results.groupby("method")["quantity"].apply(set)
    everything = {"rho", "direct", "indirect", "total"}
    assert counts["no spatial term"] == {"direct", "total"}
    assert counts["spatial lag of x only"] == everything - {"rho"}
    assert all(counts[m] == everything for m in spatial.METHODS if "Durbin" in m or "of y" in m)
    assert (results["draws"] == REPLICATIONS).all() and (results["units"] == 60).all()


def test_year_effects_that_are_left_out_push_rho_up(results):
    wrong = row(results, "Durbin, individual effects only", "rho")
    assert wrong["bias"] > 0.1 and wrong["coverage"] < 0.2


def test_ignoring_space_loses_the_indirect_effect(results):
    wrong = row(results, "no spatial term", "total")
    assert wrong["bias"] < -0.3 and wrong["coverage"] < 0.2


def test_the_transformed_likelihood_is_near_the_truth(results):
    for quantity in ("rho", "direct", "indirect", "total"):
        found = row(results, "Durbin, two-way, transformed", quantity)
        assert abs(found["bias"]) < 4 * found["bias_error"]
        assert found["coverage"] > 0.8
    plain = row(results, "Durbin, two-way", "rho")
    corrected = row(results, "Durbin, two-way, transformed", "rho")
    assert plain["bias"] < corrected["bias"]


def test_a_seed_gives_the_same_table_again(results):
    again = spatial.across_sizes(replications=REPLICATIONS, seed=5, sizes=(60,))
    assert again.equals(results)
    assert not spatial.across_sizes(replications=2, seed=6, sizes=(60,)).equals(
        spatial.across_sizes(replications=2, seed=5, sizes=(60,))
    )


def test_panels_of_the_trial_solve_their_equation():
    """y − ρWy less its known part, demeaned two ways, is noise of variance one."""
    w = near_neighbours(np.random.default_rng(1), 30)
    draw = durbin_panel(np.random.default_rng(2), w, n_years=4, rho=0.4, beta=(0.5,), theta=(0.3,))
    y, x = draw.y.reshape(30, 4), draw.x.reshape(30, 4)
    rest = y - 0.4 * (w @ y) - 0.5 * x - 0.3 * (w @ x)
    rest = rest - rest.mean(axis=0) - rest.mean(axis=1, keepdims=True) + rest.mean()
    assert rest.std() == pytest.approx(np.sqrt(29 * 3 / (30 * 4)), rel=0.25)
    with pytest.raises(ParameterError, match="5 neighbours of each of 3 units"):
        spatial.across_sizes(replications=2, seed=1, sizes=(3,))

import numpy as np
import pytest

from digital_clusters.errors import ParameterError
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects
from digital_clusters.estimators.resampling.monte_carlo import bias_and_coverage, coverage_of
from digital_clusters.estimators.resampling.simulated_panels import (
    PanelDraw,
    autocorrelated,
    correlated_effects,
)

ALGEBRA = 1e-12  # the same sums in double precision


def sample_mean(rng):
    y = rng.normal(loc=3.0, size=50)
    return PanelDraw(y, np.ones((50, 1)), np.empty((50, 0)), np.arange(50), np.zeros(50), 3.0)


def exact_mean(draw, shift=0.0):
    return Estimate(
        terms=("mean",),
        coefficients=[draw.y.mean() + shift],
        covariance=[[1 / 50]],
        n_observations=50,
        method="mean",
        errors="known",
    )


def biased_mean(draw):
    return exact_mean(draw, shift=1.0)


def small_panel(rng):
    return correlated_effects(rng, n_units=30, n_years=5, n_covariates=3)


def with_effects(draw):
    w = np.column_stack([draw.d, np.tanh(draw.x[:, 0]), draw.x[:, :2], draw.x[:, 2] ** 2])
    return two_way_fixed_effects(draw.y, w, entity=draw.entity, time=draw.time, terms=list("dabce"))


def without_effects(draw):
    w = np.column_stack([draw.d, np.tanh(draw.x[:, 0]), draw.x[:, :2], draw.x[:, 2] ** 2])
    return two_way_fixed_effects(
        draw.y, w, entity=draw.entity, time=draw.time, terms=list("dabce"), effects="none"
    )


def test_a_known_mean_is_covered_and_a_shifted_one_is_not():
    found = bias_and_coverage(sample_mean, {"exact": exact_mean, "biased": biased_mean}, draws=400, seed=1)
    exact, biased = found["exact"], found["biased"]
    assert abs(exact.coverage - 0.95) < 4 * exact.coverage_error
    assert abs(exact.bias) < 4 * exact.bias_error
    assert exact.bias_error == pytest.approx(1 / np.sqrt(50 * 400), rel=0.15)
    assert exact.spread == pytest.approx(exact.mean_standard_error, rel=0.15)
    assert biased.coverage == 0 and biased.bias == pytest.approx(exact.bias + 1, abs=ALGEBRA)
    assert biased.rmse**2 == pytest.approx(np.mean((biased.estimates - 3) ** 2), abs=ALGEBRA)


def test_summary_by_hand():
    found = coverage_of(
        *np.array([[1.0, 1, 1, 1], [1, 2, 0, 3], [1, 1, 1, 1], [0, 0, -1, 2], [2, 3, 0.5, 4]])
    )
    assert (found.mean, found.bias, found.coverage) == (1.5, 0.5, 0.5)
    assert found.rmse == pytest.approx(np.sqrt(6 / 4), abs=ALGEBRA)
    assert found.coverage_error == pytest.approx(0.25, abs=ALGEBRA)


def test_two_way_effects_remove_correlated_unit_effects():
    found = bias_and_coverage(
        small_panel, {"two way": with_effects, "pooled": without_effects}, draws=60, seed=2
    )
    assert abs(found["two way"].bias) < 4 * found["two way"].bias_error
    assert found["pooled"].bias > 0.2 and found["pooled"].coverage < 0.2


@pytest.mark.slow
def test_processes_do_not_change_the_numbers():
    one, two = (
        bias_and_coverage(sample_mean, {"exact": exact_mean}, draws=6, seed=3, n_jobs=n) for n in (1, 2)
    )
    assert (one["exact"].estimates == two["exact"].estimates).all()


def test_one_draw_is_refused():
    with pytest.raises(ParameterError, match="draws = 1"):
        bias_and_coverage(sample_mean, {"exact": exact_mean}, draws=1, seed=3)


def test_autocorrelated_errors_have_the_stated_moments():
    errors = autocorrelated(np.random.default_rng(1), 20_000, 4, 0.6)
    assert errors.std(axis=0) == pytest.approx(1, abs=0.03)  # 5 standard errors of a standard deviation
    assert np.corrcoef(errors[:, 1], errors[:, 2])[0, 1] == pytest.approx(0.6, abs=0.03)


def test_pooled_bias_of_the_design_is_the_closed_form():
    """Without covariates in the way: θ + s²/(s² + var of the rest of d)."""
    draw = correlated_effects(np.random.default_rng(4), n_units=4000, n_years=3, strength=2.0)
    noise = np.column_stack([np.tanh(draw.x[:, 0]), draw.x[:, :2], draw.x[:, 2] ** 2])
    w = np.column_stack([draw.d, noise])
    pooled = two_way_fixed_effects(
        draw.y, w, entity=draw.entity, time=draw.time, terms=list("dabce"), effects="time"
    )
    assert pooled.coefficients[0] == pytest.approx(
        0.25 + 4 / (4 + 1), abs=0.03
    )  # sampling error at 4,000 units

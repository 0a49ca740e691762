import numpy as np
import pytest

from digital_clusters.errors import ParameterError
from digital_clusters.estimators.double_ml.partially_linear import estimate_partialled_out, partial_out
from digital_clusters.estimators.double_ml.sensitivity import sensitivity

SEARCH = 2e-5  # doubleml finds robustness values by a bounded search with xatol 1e-5
ALGEBRA = 1e-9  # the same closed form, sums in another order


@pytest.fixture(scope="module")
def residuals(draw, keys):
    return partial_out(
        draw.y, draw.d, draw.x, **keys, terms=["d"], fixed_effects="none", learner="linear", seed=1
    )


def closed_form(residuals):
    u, v = residuals.outcome[0], residuals.treatments[0, :, 0]
    theta = u @ v / (v @ v)
    return theta, np.sqrt(np.mean((u - theta * v) ** 2) / np.mean(v**2))


def test_robustness_value_has_its_closed_form(residuals):
    theta, scale = closed_form(residuals)
    found = sensitivity(residuals)
    q = abs(theta) / scale
    assert found.coefficient == pytest.approx(theta, abs=ALGEBRA)
    assert found.scales[0] == pytest.approx(scale, abs=ALGEBRA)
    assert found.robustness_value == pytest.approx(0.5 * (np.sqrt(q**4 + 4 * q**2) - q**2), abs=SEARCH)
    assert 0 < found.robustness_value_interval < found.robustness_value


def test_bounds_and_contour_agree_with_the_formula(residuals):
    theta, scale = closed_form(residuals)
    found = sensitivity(residuals, cf_y=0.1, cf_d=0.2, rho=0.5)
    bias = 0.5 * np.sqrt(0.1 * 0.2 / 0.8) * scale
    assert found.bounds == pytest.approx((theta - bias, theta + bias), abs=ALGEBRA)
    assert found.bias(0.1, 0.2) == pytest.approx(bias, abs=ALGEBRA)
    assert found.interval[0] < found.bounds[0] < found.bounds[1] < found.interval[1]
    contour = found.contour(largest=0.2, points=3)
    assert contour.bias[1, 2] == pytest.approx(bias, abs=ALGEBRA)
    assert contour.coefficient[1, 2] == pytest.approx(theta - bias, abs=ALGEBRA)
    assert (contour.bias[0] == 0).all() and (np.diff(contour.bias[1]) > 0).all()


def test_at_the_robustness_value_the_bound_is_the_null(residuals):
    found = sensitivity(residuals, null_hypothesis=0.1)
    assert found.coefficient > 0.1
    strength = found.robustness_value
    assert found.coefficient - found.bias(strength, strength) == pytest.approx(0.1, abs=SEARCH * 10)
    assert sensitivity(residuals).robustness_value > strength


def test_without_confounding_the_interval_is_the_estimates(residuals):
    for errors in ("robust", "clustered"):
        found = sensitivity(residuals, cf_y=0.0, cf_d=0.0, level=0.975, errors=errors)
        assert found.interval == pytest.approx(
            tuple(estimate_partialled_out(residuals, errors=errors).interval()[0]), abs=1e-8
        )


def test_every_repetition_counts(draw, keys):
    repeated = partial_out(
        draw.y, draw.d, draw.x, **keys, terms=["d"], fixed_effects="none", learner="linear", seed=1, repeats=3
    )
    found = sensitivity(repeated)
    assert found.repetitions == pytest.approx(
        estimate_partialled_out(repeated).repetitions[:, 0], abs=ALGEBRA
    )
    assert found.coefficient == pytest.approx(np.median(found.repetitions), abs=ALGEBRA)
    assert found.scales.shape == (3,)


def test_what_it_cannot_do_it_says(draw, keys, residuals):
    two = partial_out(
        draw.y,
        np.column_stack([draw.d, draw.x[:, 0]]),
        draw.x[:, 1:],
        **keys,
        terms=["d", "e"],
        fixed_effects="none",
        learner="linear",
        seed=1,
    )
    with pytest.raises(ParameterError, match="one term"):
        sensitivity(two)
    for wrong in ({"cf_y": 1.0}, {"cf_d": -0.1}, {"rho": 2.0}, {"level": 1.0}, {"errors": "iid"}):
        with pytest.raises(ParameterError, match=next(iter(wrong))):
            sensitivity(residuals, **wrong)

import numpy as np
import pandas as pd
import pytest

from digital_clusters.errors import ParameterError
from digital_clusters.estimators.curves.moderation import effects_over_moderator
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects

REFERENCE = 1e-8  # relative to numbers with ten digits; the tolerance stated with the case
ALGEBRA = 1e-12  # closed form in double precision


@pytest.fixture
def estimate():
    return Estimate(
        terms=("d", "dm", "m"),
        coefficients=[-0.2, 0.05, 1.0],
        covariance=[[0.04, -0.01, 0.3], [-0.01, 0.01, 0.2], [0.3, 0.2, 9.0]],
        n_observations=100,
        method="double_machine_learning",
        errors="robust",
    )


def test_effect_and_error_by_hand(estimate):
    found = effects_over_moderator(estimate, [-1.0, 0.0, 2.0], treatment="d", interaction="dm")
    assert found.effect == pytest.approx([-0.25, -0.2, -0.1], abs=ALGEBRA)
    variances = [0.04 + 0.01 + 0.02, 0.04, 0.04 + 4 * 0.01 - 0.04]
    assert found.standard_errors == pytest.approx(np.sqrt(variances), abs=ALGEBRA)
    assert found.upper - found.effect == pytest.approx(1.959963984540054 * np.sqrt(variances), abs=ALGEBRA)
    assert found.effect - found.lower == pytest.approx(found.upper - found.effect, abs=ALGEBRA)


def test_order_of_terms_does_not_matter(estimate):
    turned = Estimate(
        terms=("m", "dm", "d"),
        coefficients=estimate.coefficients[::-1],
        covariance=estimate.covariance[::-1, ::-1],
        n_observations=100,
        method="double_machine_learning",
        errors="robust",
    )
    first, second = (
        effects_over_moderator(e, [1.5], treatment="d", interaction="dm") for e in (estimate, turned)
    )
    assert first.lower == pytest.approx(second.lower, abs=ALGEBRA)


def test_unknown_term_lists_the_known(estimate):
    with pytest.raises(ParameterError, match="'uil' is not a term .* d, dm, m"):
        effects_over_moderator(estimate, [0.0], treatment="uil", interaction="dm")


def test_simple_slopes_of_mtcars(reference_case):
    case = reference_case("K5")
    cars = pd.read_csv(case["folder"] / "data" / "J_utest" / "mtcars.csv")
    expected, keys = case["expected"], {"entity": np.arange(32), "time": np.zeros(32)}
    spread = cars["wt"].std()

    def fit(weight):
        x = np.column_stack([cars["hp"], cars["hp"] * weight, weight])
        return two_way_fixed_effects(
            cars["mpg"], x, **keys, terms=["hp", "hp:wt", "wt"], effects="none", errors="homoskedastic"
        )

    raw, centred = fit(cars["wt"]), fit(cars["wt"] - cars["wt"].mean())
    for found in (raw, centred):
        assert found["hp:wt"] == pytest.approx((expected["inter"], expected["inter_se"]), rel=REFERENCE)
    assert raw["hp"][0] == pytest.approx(expected["hp_raw"], rel=REFERENCE)
    assert centred["hp"] == pytest.approx((expected["hp_centred"], expected["hp_centred_se"]), rel=REFERENCE)
    slopes = effects_over_moderator(centred, [-spread, 0, spread], treatment="hp", interaction="hp:wt")
    assert slopes.effect == pytest.approx(expected["slopes"], rel=REFERENCE)
    assert slopes.standard_errors == pytest.approx(expected["slopes_se"], rel=REFERENCE)
    values = cars["wt"].mean() + np.array([-spread, 0, spread])
    same = effects_over_moderator(raw, values, treatment="hp", interaction="hp:wt")
    assert same.lower == pytest.approx(slopes.lower, rel=1e-6)

"""Critical values of Driscoll–Kraay intervals that know the bandwidth."""

import numpy as np
import pytest
from scipy import stats

from digital_clusters.errors import ParameterError
from digital_clusters.estimators.panel.fixed_b import fixed_b_critical_value, fixed_b_degrees
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects

POLYNOMIAL = 0.03
"""Relative: error of a cubic through simulated quantiles, and of a simulation of twenty thousand draws."""


def simulated_quantile(bandwidth: int, periods: int, draws: int = 20_000) -> float:
    """97.5 % quantile of |t| / two tails of a mean of independent normals with Bartlett errors."""
    rng = np.random.default_rng(7)
    x = rng.normal(size=(draws, periods))
    left = x - x.mean(axis=1, keepdims=True)
    variance = (left**2).sum(axis=1)
    for lag in range(1, bandwidth + 1):
        weight = 1 - lag / (bandwidth + 1)
        variance += 2 * weight * (left[:, lag:] * left[:, :-lag]).sum(axis=1)
    return float(np.quantile(np.abs(x.sum(axis=1)) / np.sqrt(variance), 0.95))


@pytest.mark.parametrize("b", [0.1, 0.3])
def test_critical_values_are_those_of_long_series(b):
    periods = 200
    bandwidth = round(b * periods) - 1
    found = fixed_b_critical_value(bandwidth, periods)
    assert found == pytest.approx(simulated_quantile(bandwidth, periods), rel=POLYNOMIAL)


def test_degrees_of_freedom_give_the_critical_value_and_never_a_narrower_interval():
    for bandwidth, periods in ((2, 10), (2, 18), (3, 40)):
        degrees = fixed_b_degrees(bandwidth, periods)
        assert stats.t.ppf(0.975, degrees) == pytest.approx(
            fixed_b_critical_value(bandwidth, periods), rel=1e-9
        )
        assert degrees < periods - 1
    assert fixed_b_degrees(0, 6) == 5


def test_the_rule_widens_the_interval_and_keeps_the_error():
    rng = np.random.default_rng(1)
    entity, time = np.divmod(np.arange(200), 10)
    keys = {"entity": entity, "time": time, "terms": ["x"], "errors": "driscoll_kraay"}
    x, y = rng.normal(size=(2, 200))
    plain, wide = (two_way_fixed_effects(y, x, **keys, small_sample=rule) for rule in ("nested", "fixed_b"))
    assert wide.standard_errors[0] == plain.standard_errors[0]
    assert wide.critical_value() == pytest.approx(fixed_b_critical_value(2, 10), rel=1e-9)  # 4 (10/100)^(2/9)
    given = two_way_fixed_effects(y, x, **keys, small_sample="fixed_b", bandwidth=4)
    assert given.critical_value() == pytest.approx(fixed_b_critical_value(4, 10), rel=1e-9)


def test_other_errors_and_bandwidths_are_refused():
    entity, time = np.divmod(np.arange(40), 10)
    x, y = np.random.default_rng(1).normal(size=(2, 40))
    with pytest.raises(ParameterError, match="is for errors = 'driscoll_kraay', not 'clustered'"):
        two_way_fixed_effects(y, x, entity=entity, time=time, terms=["x"], small_sample="fixed_b")
    with pytest.raises(ParameterError, match="choose between 0 and 9"):
        fixed_b_degrees(10, 10)

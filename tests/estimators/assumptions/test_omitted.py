"""Omitted variables: published numbers, and confounders that are there and then left out."""

import numpy as np
import pytest

from digital_clusters.errors import ParameterError
from digital_clusters.estimators.assumptions.omitted import (
    bias_bound,
    omitted_variable,
    robustness_value,
    robustness_value_test,
)
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects

PRINTED = 3e-5  # t is printed to three decimals, half a unit of which moves these by as much
EXACT = 1e-8  # relative; least squares in another order

T, DF = 4.184, 783
"""Darfur: t and degrees of freedom of being directly harmed (Cinelli & Hazlett 2020, section 5)."""


def test_darfur():
    f = T / np.sqrt(DF)
    assert f**2 / (1 + f**2) == pytest.approx(0.02187, abs=PRINTED)
    assert robustness_value(f) == pytest.approx(0.13878, abs=PRINTED)
    assert robustness_value_test(T, DF) == pytest.approx(0.07626, abs=PRINTED)
    assert robustness_value_test(1.0, DF) == 0


def panel(seed=0, units=60, years=8, confounded=0.8):
    """x and an omitted z, both with unit and year effects of their own; effect 0.5."""
    rng = np.random.default_rng(seed)
    n = units * years
    entity, time = np.repeat(np.arange(units), years), np.tile(np.arange(years), units)
    x, z = rng.normal(size=(n, 2)), rng.normal(size=n)
    d = 0.5 * x[:, 0] + confounded * z + rng.normal(size=units)[entity] + rng.normal(size=n)
    y = 0.5 * d + x @ [0.7, 0.2] + confounded * z + rng.normal(size=units)[entity] + time + rng.normal(size=n)
    return y, d, x, z, {"entity": entity, "time": time}


def partial_r2(y, z, x):
    x = np.column_stack([x, np.ones(len(y))])
    left = np.column_stack([y, z]) - x @ np.linalg.lstsq(x, np.column_stack([y, z]), rcond=None)[0]
    return np.corrcoef(left.T)[0, 1] ** 2


def with_dummies(x, keys):
    cities, years = (np.eye(keys[k].max() + 1)[keys[k]] for k in ("entity", "time"))
    return np.column_stack([x, cities, years[:, 1:]])


def test_the_bias_of_a_confounder_that_is_left_out_is_the_bound():
    """One omitted variable attains it exactly (Cinelli & Hazlett 2020, eq. 14)."""
    y, d, x, z, keys = panel()
    rows = len(y)
    short = two_way_fixed_effects(
        y, np.column_stack([d, x]), **keys, terms=["d", "a", "b"], errors="homoskedastic"
    )
    long = two_way_fixed_effects(y, np.column_stack([d, x, z]), **keys, terms=["d", "a", "b", "z"])
    base = with_dummies(x, keys)
    of_d = partial_r2(d, z, base)
    of_y = partial_r2(y, z, np.column_stack([d, base]))
    bound = bias_bound(short["d"][1], rows - 60 - 7 - 3, of_d, of_y)
    assert short["d"][0] - long["d"][0] == pytest.approx(bound, rel=1e-6)


def test_a_confounder_as_strong_as_a_control_is_that_control_left_out():
    """Benchmarks read the strength of each control by regressions with dummies."""
    y, d, x, _, keys = panel()
    found = omitted_variable(y, d, x, **keys, terms=["d", "a", "b"])
    base = with_dummies(x, keys)
    for j, name in enumerate(("a", "b")):
        others = np.delete(base, j, axis=1)
        of_d = partial_r2(d, base[:, j], others)
        assert found.benchmarks.loc[name, "with_treatment"] == pytest.approx(of_d / (1 - of_d), rel=1e-6)
    assert found.strongest == "a"
    left = found.benchmarks["adjusted"]
    assert left["a"] < left["b"] < found.estimate["d"][0]


def test_a_confounder_of_the_robustness_value_brings_the_effect_to_zero():
    y, d, x, _, keys = panel(confounded=0.0)
    found = omitted_variable(y, d, x, **keys, terms=["d", "a", "b"])
    plain = two_way_fixed_effects(
        y, np.column_stack([d, x]), **keys, terms=["d", "a", "b"], errors="homoskedastic"
    )
    df = len(y) - 60 - 7 - 3
    rv = found.robustness_value
    assert bias_bound(plain["d"][1], df, rv, rv) == pytest.approx(plain["d"][0], rel=1e-6)
    assert found.partial_r2 == pytest.approx(partial_r2(y, d, with_dummies(x, keys)), rel=1e-6)
    share = 1 - found.estimate.critical_value() * found.estimate["d"][1] / found.estimate["d"][0]
    at = found.robustness_value_interval
    assert bias_bound(plain["d"][1], df, at, at) == pytest.approx(share * plain["d"][0], rel=1e-6)


def test_oster_finds_the_selection_that_is_there():
    """No effect at all; observed and unobserved index alike in variance and in their tie to the treatment
    times δ; the complete model explains everything (Oster 2019, proposition 2). Exact in the sample: columns
    are orthogonal."""
    rng = np.random.default_rng(1)
    entity, time = np.repeat(np.arange(50), 10), np.tile(np.arange(10), 50)
    raw = rng.normal(size=(500, 3))
    dummies = with_dummies(np.empty((500, 0)), {"entity": entity, "time": time})
    left = raw - dummies @ np.linalg.lstsq(dummies, raw, rcond=None)[0]
    seen, unseen, noise = np.linalg.qr(left)[0].T
    for delta in (0.5, 1.0, 2.0):
        w1, w2 = 1.5 * seen, 1.2 * unseen
        # cov(d, w2)/var(w2) = δ cov(d, w1)/var(w1)
        d = 0.4 * w1 + delta * 0.4 * w2 + 0.8 * noise
        y = w1 + w2
        whole = y @ y
        r_long = (
            1
            - np.sum(
                (y - np.column_stack([d, w1]) @ np.linalg.lstsq(np.column_stack([d, w1]), y, rcond=None)[0])
                ** 2
            )
            / whole
        )
        found = omitted_variable(y, d, w1, entity=entity, time=time, terms=["d", "seen"], wider=1 / r_long)
        assert found.delta == pytest.approx(delta, rel=1e-6)


def test_units_change_nothing():
    y, d, x, _, keys = panel()
    one = omitted_variable(y, d, x, **keys, terms=["d", "a", "b"])
    other = omitted_variable(1e5 * y, 1e-4 * d, x * [1e3, 1e-6], **keys, terms=["d", "a", "b"])
    assert other.robustness_value == pytest.approx(one.robustness_value, rel=EXACT)
    assert other.delta == pytest.approx(one.delta, rel=1e-6)
    adjusted = other.benchmarks["adjusted"] / 1e9
    assert adjusted.to_numpy() == pytest.approx(one.benchmarks["adjusted"].to_numpy(), rel=1e-6)


def test_without_controls_there_is_no_benchmark():
    y, d, _, _, keys = panel()
    with pytest.raises(ParameterError, match="at least one"):
        omitted_variable(y, d, np.empty((len(y), 0)), **keys, terms=["d"])

"""Errors by shocks: closed forms, size with placebo shocks; and an instrument with an effect of its own."""

import numpy as np
import pytest

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.assumptions.plausible import plausible_exogeneity
from digital_clusters.estimators.assumptions.shift_share import shift_share_errors
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects
from digital_clusters.estimators.panel.instrumental import instrumental_variables

EXACT = 1e-8  # relative; least squares in another order


def country(seed=0, units=40, years=12, effect=0.5, shock=None):
    """Exposure times one series of shocks; residuals move with exposure from year to year."""
    rng = np.random.default_rng(seed)
    entity, time = np.repeat(np.arange(units), years), np.tile(np.arange(years), units)
    exposure = rng.gamma(2.0, size=units)[entity]
    shock = rng.normal(size=years) if shock is None else shock
    z = exposure * shock[time]
    d = z + rng.normal(size=len(z))
    y = effect * d + exposure * rng.normal(size=years)[time] + 0.2 * rng.normal(size=len(z))
    shares = exposure[:, None] * np.eye(years)[time]
    return y, d, z, shares, {"entity": entity, "time": time}


def demeaned(column, keys):
    dummies = np.column_stack([np.eye(keys[k].max() + 1)[keys[k]] for k in ("entity", "time")])
    return column - dummies @ np.linalg.lstsq(dummies, column, rcond=None)[0]


def test_by_hand():
    """Adão, Kolesár & Morales (2019), eq. 39, with dummies."""
    y, d, z, w, keys = country()
    found = shift_share_errors(y, d, z, w, **keys)
    u, v, i = (demeaned(column, keys) for column in (y, d, z))
    b = (i @ u) / (i @ v)
    w = demeaned(w, keys)
    weight = np.linalg.lstsq(w, i, rcond=None)[0]
    # one series of shocks: the instrument is in the span of the shares
    assert w @ weight == pytest.approx(i, abs=EXACT)
    variance = sum((weight[s] * (w[:, s] @ (u - b * v))) ** 2 for s in range(12)) / (i @ v) ** 2
    assert found.effect == pytest.approx(b, rel=EXACT)
    assert found.akm == pytest.approx(np.sqrt(variance), rel=EXACT)
    assert found.shocks == 12 and 1 <= found.effective <= 12


def test_a_regression_of_shocks_by_another_library_has_the_same_effect_and_error():
    """Borusyak, Hull & Jaravel (2022), propositions 1 and 5: outcome and treatment less the effects, averaged
    by exposure in each shock, instrumented by the shocks themselves with robust errors."""
    from linearmodels import IV2SLS

    shock = np.random.default_rng(4).normal(size=12)
    y, d, z, w, keys = country(shock=shock)
    found = shift_share_errors(y, d, z, w, **keys)
    mass = w.sum(axis=0)
    by_shock = [w.T @ demeaned(column, keys) / mass for column in (y, d)]
    model = IV2SLS(by_shock[0], np.ones(12), by_shock[1], shock, weights=mass)
    theirs = model.fit(cov_type="robust", debiased=False)
    assert found.effect == pytest.approx(theirs.params.iloc[1], rel=EXACT)
    assert found.akm == pytest.approx(theirs.std_errors.iloc[1], rel=EXACT)


def test_the_effect_and_the_clustered_error_are_those_of_two_stage_least_squares():
    y, d, z, w, keys = country()
    x = np.random.default_rng(1).normal(size=(len(y), 2))
    found = shift_share_errors(y, d, z, w, x, **keys)
    theirs = instrumental_variables(y, d, z, x, **keys, terms=["d", "a", "b"])
    assert found.effect == pytest.approx(theirs.estimate["d"][0], rel=EXACT)
    n, k = len(y), 2 + 1 + 1 + 11
    factor = np.sqrt(40 / 39 * (n - 1) / (n - k))
    assert found.clustered * factor == pytest.approx(theirs.estimate["d"][1], rel=1e-6)


def test_a_shock_a_unit_and_year_is_the_robust_error():
    """Every row its own shock: nothing is shared."""
    y, _, z, _, keys = country(units=12, years=6)
    plain = two_way_fixed_effects(y, z, **keys, terms=["z"], errors="robust", small_sample="none")
    found = shift_share_errors(y, z, z, np.eye(len(y)), **keys)
    assert (found.effect, found.akm) == pytest.approx(plain["z"], rel=EXACT)


def test_a_share_of_one_in_the_cluster_of_units_is_the_error_by_clusters():
    """Shocks that are units and years, grouped by unit: the error clustered by unit."""
    y, _, z, _, keys = country(units=12, years=6)
    found = shift_share_errors(y, z, z, np.eye(len(y)), **keys, clusters=keys["entity"])
    assert found.akm == pytest.approx(found.clustered, rel=EXACT)


def test_the_set_under_the_null_is_where_the_test_does_not_reject():
    y, d, z, w, keys = country()
    ((low, high),) = shift_share_errors(y, d, z, w, **keys).null_interval
    u, v, i = (demeaned(column, keys) for column in (y, d, z))
    w = demeaned(w, keys)
    weight = np.linalg.lstsq(w, i, rcond=None)[0]
    for b in (low, high):
        score = weight * (w.T @ (u - b * v))
        assert abs(i @ (u - b * v)) / np.sqrt(score @ score) == pytest.approx(1.959964, rel=1e-6)


def test_placebo_shocks_are_rejected_as_often_as_is_said_only_by_shocks():
    """400 series of shocks; a share of 0.05 has a standard error of 0.011. With twelve shocks the errors by
    shocks are still too small, the test under the null is not."""
    rejects = {"clustered": 0, "akm": 0, "null": 0}
    y, _, _, shares, keys = country(seed=5, effect=0.0)
    exposure = shares.sum(axis=1)
    rng = np.random.default_rng(8)
    for _ in range(400):
        z = exposure * rng.normal(size=12)[keys["time"]]
        found = shift_share_errors(y, z, z, shares, **keys)
        rejects["clustered"] += abs(found.effect) > 1.96 * found.clustered
        rejects["akm"] += abs(found.effect) > 1.96 * found.akm
        rejects["null"] += not any(low <= 0 <= high for low, high in found.null_interval)
    shares_rejected = {name: count / 400 for name, count in rejects.items()}
    assert shares_rejected["clustered"] > 0.3
    assert shares_rejected["null"] < 0.08 < shares_rejected["akm"] < 0.25


def test_what_is_wrong_with_shares_is_said():
    y, d, z, w, keys = country()
    with pytest.raises(ParameterError, match="shares"):
        shift_share_errors(y, d, z, w[:, :1], **keys)
    with pytest.raises(ParameterError, match="3 clusters for 12"):
        shift_share_errors(y, d, z, w, **keys, clusters=[1, 2, 3])
    with pytest.raises(DataError, match="nothing is left"):
        shift_share_errors(y, d, keys["time"].astype(float), w, **keys)


def test_an_own_effect_of_the_instrument_is_taken_out():
    """The estimate with own effect g is two-stage least squares of y − g z."""
    y, d, z, _, keys = country(effect=2.0)
    found = instrumental_variables(y, d, z, **keys, terms=["d"])
    bounds = plausible_exogeneity(found, shares=[0.0, 0.3])
    g = 0.3 * found.reduced_form["instrument"][0]
    intervals = [
        instrumental_variables(y - sign * g * z, d, z, **keys, terms=["d"]).estimate.interval()[0]
        for sign in (1, -1)
    ]
    plain, wide = bounds.table[["low", "high"]].to_numpy()
    assert plain == pytest.approx(found.estimate.interval()[0], rel=1e-6)
    assert wide == pytest.approx((min(i[0] for i in intervals), max(i[1] for i in intervals)), rel=1e-6)
    at = plausible_exogeneity(found, shares=[bounds.breakdown]).table
    assert at["low"].item() == pytest.approx(0, abs=1e-3)
    assert 0 < bounds.breakdown < 1


def test_bounds_of_an_instrument_are_for_one():
    y, d, z, _, keys = country()
    two = np.column_stack([z, z**2])
    with pytest.raises(ParameterError, match="2 instruments"):
        plausible_exogeneity(instrumental_variables(y, d, two, **keys, terms=["d"]))

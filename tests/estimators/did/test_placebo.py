from itertools import permutations

import numpy as np
import pytest

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.did.placebo import count_dealings, placebo_adoption, placebo_pretrend
from digital_clusters.estimators.did.staggered import two_way_did

EXACT = 1e-9  # the same regressions by another route


def panel(adoption, effect=0.0, periods=6, seed=0):
    rng = np.random.default_rng(seed)
    adoption = np.asarray(adoption, float)
    entity, time = np.repeat(np.arange(len(adoption)), periods), np.tile(np.arange(periods), len(adoption))
    y = (
        rng.normal(size=len(adoption))[entity]
        + effect * (time >= adoption[entity])
        + rng.normal(size=len(time))
    )
    return y, {"entity": entity, "time": time, "adoption": adoption[entity]}


SMALL = [2, 2, 4, np.nan, np.nan, np.nan]


def dummy_regression(y, keys, adoption):
    """Coefficient of treatment with all indicators of units and periods."""
    entity, time = keys["entity"], keys["time"]
    treated = time >= np.asarray(adoption, float)[entity]
    columns = np.column_stack([treated, np.eye(entity.max() + 1)[entity], np.eye(time.max() + 1)[time]])
    return np.linalg.lstsq(columns, y, rcond=None)[0][0]


def test_all_dealings_are_enumerated_when_they_are_few():
    y, keys = panel(SMALL, effect=1.0)
    dealt = {tuple(-1 if np.isnan(a) else a for a in order) for order in permutations(SMALL)}
    assert count_dealings(np.array(SMALL)) == len(dealt) == 60
    expected = [dummy_regression(y, keys, np.where(np.array(d) < 0, np.nan, d)) for d in dealt]
    found = placebo_adoption(y, **keys, rng=np.random.default_rng(1), draws=60)
    assert found.exact
    assert np.sort(found.draws) == pytest.approx(np.sort(expected), abs=EXACT)
    assert found.observed == pytest.approx(two_way_did(y, **keys)["did"][0], rel=EXACT)
    as_large = np.sum(np.abs(expected) >= abs(found.observed) - EXACT)
    assert found.p_value == pytest.approx(as_large / 60)


def test_drawn_p_value_is_near_the_exact_one():
    y, keys = panel([2, 2, 2, 4, 4, *[np.nan] * 5], effect=0.5, seed=4)
    exact = placebo_adoption(y, **keys, rng=np.random.default_rng(1), draws=2520)
    drawn = placebo_adoption(y, **keys, rng=np.random.default_rng(1), draws=2000)
    assert exact.exact and not drawn.exact and len(drawn.draws) == 2000
    # four standard errors of a share of 2,000 draws
    assert abs(drawn.p_value - exact.p_value) < 4 * np.sqrt(exact.p_value * (1 - exact.p_value) / 2000)
    at_least = np.sum(np.abs(drawn.draws) >= abs(drawn.observed) * (1 - EXACT))
    assert drawn.p_value == (1 + at_least) / 2001


def test_an_effect_is_found():
    adoption = [2.0] * 6 + [3.0] * 5 + [np.nan] * 30
    y, keys = panel(adoption, effect=1.5)
    found = placebo_adoption(y, **keys, rng=np.random.default_rng(0))
    assert len(found.draws) == 500
    assert 1 / 501 <= found.p_value < 0.01
    assert abs(found.draws.mean()) < 4 * found.draws.std() / np.sqrt(500)


def test_p_values_are_uniform_without_an_effect():
    """At most .10 in about a tenth of 100 panels: more than 22 has probability .0001."""
    found = [
        placebo_adoption(
            *panel([2, 2, 3, *[np.nan] * 9], seed=s)[:1],
            **panel([2, 2, 3, *[np.nan] * 9], seed=s)[1],
            rng=np.random.default_rng(s),
            draws=99,
        ).p_value
        for s in range(100)
    ]
    assert 1 <= sum(p <= 0.10 for p in found) <= 22
    assert 0.35 < np.mean(found) < 0.65


def test_weights_and_covariates_as_in_the_regression():
    rng = np.random.default_rng(7)
    y, keys = panel(SMALL, effect=1.0, seed=2)
    x, weights = rng.normal(size=(len(y), 2)), rng.uniform(0.5, 2, 6)[keys["entity"]]
    options = {"covariates": x, "weights": weights}
    found = placebo_adoption(y, **keys, **options, rng=rng)
    fit = two_way_did(y, **keys, **options, terms=["a", "b"])
    assert found.observed == pytest.approx(fit["did"][0], rel=EXACT)
    other = np.array([np.nan, 4, np.nan, 2, np.nan, 2])[keys["entity"]]
    swapped = two_way_did(y, **keys | {"adoption": other}, **options, terms=["a", "b"])
    assert np.abs(found.draws - swapped["did"][0]).min() < EXACT


def test_unbalanced_panels_and_always_treated():
    y, keys = panel([0, 0, *SMALL], effect=1.0)
    rows = np.random.default_rng(0).random(len(y)) < 0.9
    part = {name: column[rows] for name, column in keys.items()}
    for rule in ("keep", "drop"):
        found = placebo_adoption(y[rows], **part, rng=np.random.default_rng(0), always_treated=rule)
        fit = two_way_did(y[rows], **part, always_treated=rule)
        assert found.observed == pytest.approx(fit["did"][0], rel=EXACT)


def test_the_generator_decides():
    y, keys = panel([2.0] * 8 + [np.nan] * 20)
    draws = [placebo_adoption(y, **keys, rng=np.random.default_rng(s), draws=20).draws for s in (1, 1, 2)]
    assert draws[0].tolist() == draws[1].tolist() != draws[2].tolist()


def test_what_cannot_be_dealt_is_refused():
    y, keys = panel([2.0] * 4)
    with pytest.raises(DataError, match="does not vary"):
        placebo_adoption(y, **keys, rng=np.random.default_rng(0))
    with pytest.raises(ParameterError, match="draws = 0"):
        placebo_adoption(y, **keys, rng=np.random.default_rng(0), draws=0)


def sum_of_squares(y, columns, weights):
    """What weighted least squares on the columns leaves of y."""
    root = np.sqrt(weights)
    fit = np.linalg.lstsq(root[:, None] * columns, root * y, rcond=None)[0]
    return (weights * (y - columns @ fit) ** 2).sum()


def pretrend_design(keys, low):
    """Indicators of units, periods and time since adoption, those before adoption apart."""
    entity, time = keys["entity"], keys["time"]
    effects = np.column_stack([np.eye(entity.max() + 1)[entity], np.eye(time.max() + 1)[time]])
    since = np.maximum(time - keys["adoption"], low)
    early = np.column_stack([since == p for p in range(low, -1)])
    late = np.column_stack([since == p for p in range(0, int(np.nanmax(since)) + 1)])
    return np.column_stack([effects, late]), early


@pytest.mark.parametrize("weighted", [False, True])
def test_pretrend_statistic_compares_sums_of_squares(weighted):
    rng = np.random.default_rng(5)
    y, keys = panel([3] * 4 + [5] * 3 + [np.nan] * 8, effect=2.0, periods=8)
    x = rng.normal(size=len(y))
    weights = rng.uniform(0.5, 2, 15)[keys["entity"]] if weighted else np.ones(len(y))
    found = placebo_pretrend(
        y, **keys, rng=rng, covariates=x, weights=weights if weighted else None, draws=9, leads=3
    )
    others, early = pretrend_design(keys, -3)
    others = np.column_stack([others, x])
    without = sum_of_squares(y, others, weights)
    full = sum_of_squares(y, np.column_stack([others, early]), weights)
    assert found.statistic == pytest.approx((without - full) / full, rel=EXACT)
    assert found.degrees_of_freedom == 2 and len(found.draws) == 9


def test_pretrend_is_found_and_effects_after_adoption_are_not_taken_for_one():
    adoption = [4.0] * 5 + [6.0] * 4 + [np.nan] * 40
    y, keys = panel(adoption, periods=9)
    since = np.nan_to_num(keys["time"] - keys["adoption"], nan=-1.0)
    jump = y + 5.0 * (since >= 0) * (1 + since)
    assert placebo_pretrend(jump, **keys, rng=np.random.default_rng(0), draws=199).p_value > 0.05
    trend = jump + 1.0 * keys["time"] * ~np.isnan(keys["adoption"])
    assert placebo_pretrend(trend, **keys, rng=np.random.default_rng(0), draws=199).p_value <= 0.01


@pytest.mark.parametrize("weighted", [False, True])
def test_pretrend_draws_shuffle_what_effects_after_adoption_leave(weighted):
    y, keys = panel([4.0] * 3 + [6.0] * 3 + [np.nan] * 10, periods=9)
    since = np.nan_to_num(keys["time"] - keys["adoption"], nan=-1.0)
    weights = 1.0 + keys["entity"] % 4 if weighted else None
    plain, jump = (
        placebo_pretrend(values, **keys, weights=weights, rng=np.random.default_rng(0), draws=20, leads=3)
        for values in (y, y + 5.0 * (since >= 0) * (1 + since))
    )
    assert jump.draws == pytest.approx(plain.draws, rel=1e-6)
    assert jump.statistic == pytest.approx(plain.statistic, rel=1e-6)


def test_pretrend_p_values_hold_with_few_treated_units():
    """At most .10 in about a tenth of 80 panels: more than 18 has probability .0005."""
    adoption = [4.0] * 3 + [6.0] * 3 + [np.nan] * 24
    found = []
    for seed in range(80):
        y, keys = panel(adoption, effect=3.0, periods=9, seed=seed)
        test = placebo_pretrend(y, **keys, rng=np.random.default_rng(seed), draws=99, leads=3)
        found.append(test.p_value)
    assert 1 <= sum(p <= 0.10 for p in found) <= 18


def test_pretrend_needs_a_balanced_panel_and_a_period_to_test():
    y, keys = panel([2.0] * 3 + [np.nan] * 5)
    rng = np.random.default_rng(0)
    with pytest.raises(DataError, match="balanced panel"):
        placebo_pretrend(y[1:], **{name: column[1:] for name, column in keys.items()}, rng=rng)
    with pytest.raises(DataError, match="no period before adoption is left"):
        placebo_pretrend(y, **keys, rng=rng, leads=1)
    adopters, keys_of_adopters = panel([2.0] * 3 + [4.0] * 5)
    with pytest.raises(DataError, match="is a linear combination"):
        placebo_pretrend(adopters, **keys_of_adopters, rng=rng, leads=None)
    with pytest.raises(ParameterError, match="draws = 0"):
        placebo_pretrend(y, **keys, rng=rng, draws=0)

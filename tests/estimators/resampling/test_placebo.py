from itertools import permutations

import numpy as np
import pytest

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects
from digital_clusters.estimators.resampling.placebo import permute_paths
from digital_clusters.estimators.resampling.simulated_panels import autocorrelated

EXACT = 1e-8  # relative; Frisch–Waugh–Lovell against a regression with all dummies


def panel(rng, *, n_units=30, n_years=5, theta=0.0):
    entity, time = np.divmod(np.arange(n_units * n_years), n_years)
    d, u = (autocorrelated(rng, n_units, n_years, 0.8).ravel() for _ in range(2))
    x = rng.normal(size=len(d))
    y = theta * d + 0.5 * x + u + rng.normal(size=n_units)[entity]
    return {"y": y, "d": d, "x": x, "entity": entity, "time": time}


def slope(data, d, effects):
    keys = {"entity": data["entity"], "time": data["time"]}
    w = np.column_stack([d, data["x"]])
    return two_way_fixed_effects(data["y"], w, **keys, terms=["d", "x"], effects=effects)["d"][0]


def rows_of(data, unit):
    own = np.flatnonzero(data["entity"] == unit)
    return own[np.argsort(data["time"][own])]


def dealt(data, order):
    """The treatment where unit j has the path of unit ``order[j]``."""
    d = data["d"].copy()
    for unit, source in enumerate(order):
        d[rows_of(data, unit)] = data["d"][rows_of(data, source)]
    return d


@pytest.mark.parametrize("effects", ["two_way", "entity", "time", "none"])
def test_draws_are_regressions_on_dealt_paths(effects):
    rng = np.random.default_rng(1)
    data = panel(rng, n_units=4)
    order = rng.permutation(20)
    data = {name: array[order] for name, array in data.items()}
    found = permute_paths(**data, effects=effects, draws=2400, seed=2)
    assert found.observed == pytest.approx(slope(data, data["d"], effects), rel=EXACT)
    deals = np.array([slope(data, dealt(data, p), effects) for p in permutations(range(4))])
    nearest = np.abs(found.draws[:, None] - deals).argmin(axis=1)
    assert found.draws == pytest.approx(deals[nearest], rel=EXACT)
    # each of 24 deals is expected 100 times; four Poisson standard deviations
    assert np.abs(np.bincount(nearest, minlength=24) - 100).max() < 40
    assert (found.n_entities, found.n_movable) == (4, 4)


def test_paths_stay_in_their_stratum():
    data = panel(np.random.default_rng(3), n_units=5)
    strata = np.array(["a", "b", "a", "b", "c"])[data["entity"]]
    found = permute_paths(**data, strata=strata, draws=400)
    orders = ([0, 1, 2, 3, 4], [2, 1, 0, 3, 4], [0, 3, 2, 1, 4], [2, 3, 0, 1, 4])
    deals = np.array([slope(data, dealt(data, order), "two_way") for order in orders])
    nearest = np.abs(found.draws[:, None] - deals).argmin(axis=1)
    assert found.draws == pytest.approx(deals[nearest], rel=EXACT)
    assert set(nearest) == {0, 1, 2, 3} and found.n_movable == 4


def test_paths_of_unlike_periods_are_not_dealt_to_each_other():
    data = panel(np.random.default_rng(4), n_units=5)
    kept = ~(((data["entity"] < 2) & (data["time"] == 0)) | ((data["entity"] == 4) & (data["time"] == 3)))
    data = {name: array[kept] for name, array in data.items()}
    found = permute_paths(**data, draws=200)
    deals = np.array(
        [
            slope(data, dealt(data, order), "two_way")
            for order in ([0, 1, 2, 3, 4], [1, 0, 2, 3, 4], [0, 1, 3, 2, 4], [1, 0, 3, 2, 4])
        ]
    )
    nearest = np.abs(found.draws[:, None] - deals).argmin(axis=1)
    assert found.draws == pytest.approx(deals[nearest], rel=EXACT)
    assert set(nearest) == {0, 1, 2, 3} and (found.n_entities, found.n_movable) == (5, 4)


def test_size_with_persistent_errors_and_power():
    rng = np.random.default_rng(5)
    values = [permute_paths(**panel(rng), draws=99, seed=rng).p_value for _ in range(300)]
    # three binomial standard deviations of 300 tests at 5 % are 0.038
    assert abs(np.mean(np.array(values) <= 0.05) - 0.05) < 0.038
    assert permute_paths(**panel(rng, theta=0.8), draws=499).p_value < 0.01


def test_p_value_counts_the_sample_and_draws_are_seeded():
    data = panel(np.random.default_rng(6))
    first, again = (permute_paths(**data, draws=300, seed=7) for _ in range(2))
    assert (first.draws == again.draws).all() and len(first.draws) == 300 and not first.exact
    hits = np.sum(np.abs(first.draws) >= abs(first.observed))
    assert first.p_value == (1 + hits) / 301


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"draws": 0}, ParameterError, "at least one"),
        ({"effects": "both"}, ParameterError, "two_way, entity, time, none"),
        ({"d": np.ones((150, 2))}, ParameterError, "2 were given"),
        ({"d": np.repeat(np.arange(30.0), 5)}, DataError, "no variation is left in 'treatment'"),
        ({"strata": np.arange(150)}, DataError, "change within an entity"),
        ({"strata": np.repeat(np.arange(30), 5)}, DataError, "nothing can be dealt"),
        ({"strata": [1, 2]}, ParameterError, "strata has 2 rows"),
        ({"x": [1.0]}, ParameterError, "x has 1 rows"),
    ],
)
def test_refusals(changes, error, says):
    with pytest.raises(error, match=says):
        permute_paths(**panel(np.random.default_rng(0)) | changes)

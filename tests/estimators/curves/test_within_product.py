"""The product of deviations, against least squares with indicators and a joint sandwich by hand."""

import numpy as np
import pytest

from digital_clusters.errors import DataError
from digital_clusters.estimators.curves.within_product import PRODUCTS, within_product
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects

ALGEBRA = 1e-8
UNITS, PERIODS = 40, 6


@pytest.fixture(scope="module")
def panel():
    rng = np.random.default_rng(5)
    entity, time = np.divmod(np.arange(UNITS * PERIODS), PERIODS)
    unit = rng.normal(size=UNITS)[entity]
    d, m, noise = rng.normal(size=(3, len(entity)))
    return {"d": d + unit, "m": m + unit, "x": noise, "unit": unit, "entity": entity, "time": time}


def _deviation(values, entity):
    return values - np.array([values[entity == k].mean() for k in range(UNITS)])[entity]


def test_both_are_two_way_regressions_on_their_product(panel):
    y = panel["d"] * panel["m"] + panel["x"] + np.sin(np.arange(len(panel["d"])))
    keys = {"entity": panel["entity"], "time": panel["time"]}
    found = within_product(y, panel["d"], panel["m"], panel["x"], **keys)
    star = _deviation(panel["d"], panel["entity"]) * _deviation(panel["m"], panel["entity"])
    for product, estimate in ((panel["d"] * panel["m"], found.usual), (star, found.within)):
        x = np.column_stack([product, panel["d"], panel["m"], panel["x"]])
        by_hand = two_way_fixed_effects(y, x, **keys, terms=["dm", "d", "m", "x"])
        assert estimate.coefficients[0] == pytest.approx(by_hand["dm"][0], rel=ALGEBRA)
        assert estimate.standard_errors[0] == pytest.approx(by_hand["dm"][1], rel=ALGEBRA)


def test_the_difference_has_the_error_of_its_influence_functions(panel):
    y = 0.3 * panel["d"] * panel["m"] + np.cos(np.arange(len(panel["d"])))
    keys = {"entity": panel["entity"], "time": panel["time"]}
    found = within_product(y, panel["d"], panel["m"], **keys)
    star = _deviation(panel["d"], panel["entity"]) * _deviation(panel["m"], panel["entity"])
    indicators = [*np.eye(UNITS)[panel["entity"]].T, *np.eye(PERIODS)[panel["time"]][:, 1:].T]
    influence = []
    for product in (panel["d"] * panel["m"], star):
        z = np.column_stack([product, panel["d"], panel["m"], *indicators])
        left = y - z @ np.linalg.lstsq(z, y, rcond=None)[0]
        scores = np.array([(z * left[:, None])[panel["entity"] == g].sum(axis=0) for g in range(UNITS)])
        influence.append(scores @ np.linalg.inv(z.T @ z)[0])
    n, nested = len(y), 3 + PERIODS
    factor = UNITS / (UNITS - 1) * (n - 1) / (n - nested)
    gap = found.within[PRODUCTS[1]][0] - found.usual[PRODUCTS[0]][0]
    variance = factor * np.sum((influence[1] - influence[0]) ** 2)
    assert found.test.statistic == pytest.approx(gap**2 / variance, rel=ALGEBRA)


def test_effects_that_differ_between_entities_are_no_moderation_within_them(panel):
    keys = {"entity": panel["entity"], "time": panel["time"]}
    y = panel["unit"] * panel["d"]
    found = within_product(y, panel["d"], panel["m"], **keys)
    assert found.usual[PRODUCTS[0]][0] > 0.3
    assert abs(found.within[PRODUCTS[1]][0]) < 0.1 and found.test.p_value < 0.01


def test_a_moderator_that_never_changes_has_no_product_within(panel):
    with pytest.raises(DataError, match="never changes"):
        within_product(panel["x"], panel["d"], panel["unit"], entity=panel["entity"], time=panel["time"])

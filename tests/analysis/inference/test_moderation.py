"""An interaction in bins and within cities, from a specification, and the trial of both."""

import json

import numpy as np
import pytest

import digital_clusters as dc
from digital_clusters.analysis.inference.moderation import (
    NULL_WORLD,
    WORLDS,
    in_bins,
    moderation_row,
    moderation_trials,
    try_moderation,
    within_cities,
    within_of_means,
)
from digital_clusters.estimators.curves.within_product import PRODUCTS, within_product

SAME = 1e-8  # the same regression with columns in another order
CHANCE = 0.21  # three standard deviations over other seeds


@pytest.fixture(scope="module")
def found():
    spec = dc.Spec(
        method="two_way_fixed_effects",
        outcome="resilience",
        treatment="virtual",
        moderator="digital_infrastructure",
        controls=("income", "population"),
        first_year=2008,
        last_year=2019,
        errors="clustered",
    )
    return dc.fit(spec, dc.city_panel("twin"))


def test_the_usual_product_is_the_interaction_of_the_specification(found):
    value, error = found.estimate[found.product]
    assert within_cities(found).usual["product"] == pytest.approx((value, error), rel=SAME)


def test_a_row_is_plain_and_says_what_a_moderator_has_not(found):
    row = moderation_row("words", found)
    assert json.loads(json.dumps(row)) == row
    assert [one["rows"] for one in row["bins"]] == list(in_bins(found).rows)
    fixed = dc.fit(found.spec.change(moderator="is_old_industrial_base"), found.panel)
    other = moderation_row("words", fixed)
    assert other["bins"] == [] and other["within"] is None is other["test_p"]
    assert other["line"]["value"] == fixed.estimate[fixed.product][0]


def test_a_square_has_its_own_slope_beside_the_bins(found):
    squared = dc.fit(found.spec.change(squared=True), found.panel)
    with_square, without = in_bins(squared).effects, in_bins(found).effects
    assert abs(with_square.coefficients - without.coefficients).max() > 1e-3
    bent = squared.design.outcome + 5 * (squared.values("virtual") - squared.values("virtual").mean()) ** 2
    moved = in_bins(dc.fit(squared.spec, _with_outcome(squared, bent))).effects
    assert moved.coefficients == pytest.approx(with_square.coefficients, abs=1e-9)


@pytest.mark.parametrize("leaning", [-0.5, 0.0, 0.5])
def test_a_line_is_none_in_deviations_that_lean_on_their_mean(leaning):
    """A unit's treatment is a (1 + leaning × t) and noise, and its moderator moves when t is large."""
    rng = np.random.default_rng(2)
    entity, time = np.divmod(np.arange(4000), 4)
    t, size = np.array([[-1.0, -1.0, -1.0, 3.0], [0.1, 0.1, 0.1, 2.0]])[:, time]
    d = rng.normal(size=1000)[entity] * (1 + leaning * t) + rng.normal(size=len(t))
    m = rng.normal(size=len(t))
    m = (m - m.reshape(-1, 4).mean(axis=1)[entity]) * size
    keys = {"entity": entity, "time": time}
    off = within_of_means({"d": d, "m": m, "x": None} | keys, 1.0)
    found = within_product(d * (m - m.reshape(-1, 4).mean(axis=1)[entity]), d, m, **keys)
    # a line in the moderator's deviations has two parts, and the first is what is asked for
    assert found.within[PRODUCTS[1]][0] == pytest.approx(1 + off, rel=SAME)
    assert np.sign(leaning) * off > 0.5 if leaning else abs(off) < CHANCE


def _with_outcome(found, values):
    from dataclasses import replace

    column = found.sample[["city", "year"]].assign(resilience=values)
    frame = found.panel.frame.drop(columns="resilience").merge(column, on=["city", "year"], how="left")
    return replace(found.panel, frame=frame)


def test_what_is_added_moves_what_it_should(found):
    plain, bent, between, null = try_moderation(found, 0.05, found)
    assert [row["world"] for row in (plain, bent, between, null)] == [*WORLDS, NULL_WORLD]
    # the line that is added is found beside what the treatment does by itself
    assert null["line_off"] + 0.05 == pytest.approx(plain["line_off"] + 0.05 + 0.05, rel=SAME)
    assert bent["line_off"] < plain["line_off"] < between["line_off"]
    # the mean of a city never changes in it
    assert between["within_off"] == pytest.approx(plain["within_off"], abs=0.01)
    rows = [{"design": "a"} | row for row in (plain, bent, between) * 2]
    assert [row["line_off"] for row in moderation_trials(rows)] == pytest.approx(
        [plain["line_off"], bent["line_off"], between["line_off"]]
    )

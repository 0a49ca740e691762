import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from digital_clusters.errors import ParameterError
from digital_clusters.estimators.many_specs.two_way import (
    all_choices,
    entity_products,
    many_influences,
    many_slopes,
)
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects
from digital_clusters.estimators.resampling.simulated_panels import correlated_effects

ROUNDING = 1e-9
"""Relative: products of well-conditioned columns against a factorisation of the rows."""


def panel(seed=1, share=1.0, units=30):
    """Five covariates, of which a share of the rows is there."""
    rng = np.random.default_rng(seed)
    draw = correlated_effects(rng, n_units=units, n_years=8, persistence=0.6)
    rows = np.flatnonzero(rng.random(len(draw.y)) < share)
    x = np.column_stack([draw.d, draw.x])[rows]
    terms = ("d", *(f"x{j}" for j in range(1, x.shape[1])))
    return {"y": draw.y[rows], "x": x, "entity": draw.entity[rows], "time": draw.time[rows], "terms": terms}


def one_by_one(data, choice):
    terms = [term for term, wanted in zip(data["terms"], choice, strict=True) if wanted]
    keys = {name: data[name] for name in ("entity", "time")}
    return two_way_fixed_effects(data["y"], data["x"][:, choice], **keys, terms=terms)


@pytest.mark.parametrize("share", [1.0, 0.7])
def test_every_choice_of_controls_is_the_regression_by_itself(share):
    data = panel(share=share)
    choices = all_choices([True, *[False] * 5])
    found = many_slopes(entity_products(**data), choices, "d")
    assert len(choices) == 32 and found.solved.all()
    each = [one_by_one(data, choice) for choice in choices]
    assert_allclose(found.values, [one["d"][0] for one in each], rtol=ROUNDING)
    assert_allclose(found.errors, [one["d"][1] for one in each], rtol=ROUNDING)
    assert_allclose(found.p_values, [one.term("d").p_value for one in each], rtol=1e-6)
    assert found.n_observations == each[0].n_observations and found.n_clusters == each[0].n_clusters


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.floats(0.4, 1.0), st.integers(3, 40))
def test_unbalanced_panels_of_any_shape(seed, share, units):
    data = panel(seed, share, units)
    choices = all_choices([True, False, True, False, False, False])
    found = many_slopes(entity_products(**data), choices, "d")
    for k in np.flatnonzero(found.solved):
        value, error = one_by_one(data, choices[k])["d"]
        assert found.values[k] == pytest.approx(value, rel=1e-6, abs=1e-9)
        assert found.errors[k] == pytest.approx(error, rel=1e-6)


def test_another_term_than_the_first_is_asked_for():
    data = panel()
    choices = [[True, False, True, False, False, True]]
    found = many_slopes(entity_products(**data), choices, "x5")
    assert found.values[0] == pytest.approx(one_by_one(data, np.array(choices[0]))["x5"][0], rel=ROUNDING)


def test_units_and_the_order_of_rows_do_not_matter():
    data, rng = panel(share=0.8), np.random.default_rng(2)
    choices = all_choices([True, *[False] * 5])
    plain = many_slopes(entity_products(**data), choices, "d")
    order = rng.permutation(len(data["y"]))
    moved = {name: data[name][order] for name in ("y", "x", "entity", "time")}
    moved["y"] = 1e6 * moved["y"] + 1e7
    moved["x"] = moved["x"] * np.array([1e-6, 1e9, 1, 1e-3, 1, 1e4])
    found = many_slopes(entity_products(**moved, terms=data["terms"]), choices, "d")
    # a constant ten times the spread costs a digit
    assert_allclose(found.values, plain.values * 1e12, rtol=1e-7)
    assert_allclose(found.errors, plain.errors * 1e12, rtol=1e-7)


def test_choices_that_are_collinear_or_absorbed_are_left_to_the_regression_itself():
    data = panel()
    twice = data["x"][:, 1] + data["x"][:, 2]
    data["x"] = np.column_stack([data["x"][:, :3], twice, data["entity"]])
    data["terms"] = ("d", "x1", "x2", "sum", "constant")
    choices = all_choices([True, *[False] * 4])
    found = many_slopes(entity_products(**data), choices, "d")
    whole = choices[:, 1:4].all(axis=1)
    assert (found.solved == ~(whole | choices[:, 4])).all()
    assert np.isnan(found.values[~found.solved]).all()
    assert np.isnan(many_influences(entity_products(**data), choices, "d")[:, ~found.solved]).all()


def test_a_slope_without_variance_is_not_solved():
    """One unit alone decides: its clustered variance is rounding."""
    data = panel()
    alone = (data["entity"] == 3) & (data["time"] == 5)
    data["x"] = np.column_stack([alone.astype(float), data["x"][:, 1:]])
    found = many_slopes(entity_products(**data), all_choices([True, *[False] * 5]), "d")
    each = [one_by_one(data, choice)["d"][1] for choice in all_choices([True, *[False] * 5])]
    assert (np.isnan(each) | found.solved).all()


def test_influence_is_what_leaving_an_entity_out_changes():
    data = panel(share=0.8)
    design = entity_products(**data)
    choices = all_choices([True, False, False, True, True, True])
    moved = many_influences(design, choices, "d")
    left = np.column_stack([design.panel.y, design.panel.d])
    whole = many_slopes(design, choices, "d")
    unit = design.lengths[0] / design.lengths[1]
    for entity in (0, 11):
        rows = design.panel.raw.entity != entity
        for k, choice in enumerate(choices):
            x = left[rows, 1:][:, choice]
            without = np.linalg.lstsq(x, left[rows, 0])[0][0] * unit
            assert moved[entity, k] == pytest.approx(whole.values[k] - without, rel=1e-7, abs=1e-12)


@pytest.mark.parametrize(
    ("choices", "term", "said"),
    [
        ([[True, True]], "d", "6 in all"),
        ([[False, True, True, True, True, True]], "d", "1 choices leave out the term 'd'"),
        ([[True] * 6], "q", "no term 'q'"),
    ],
)
def test_what_is_no_choice_is_refused(choices, term, said):
    with pytest.raises(ParameterError, match=said):
        many_slopes(entity_products(**panel()), choices, term)

import itertools

import numpy as np
import pandas as pd
import pytest

from digital_clusters.analysis.many_specs.decisions import by_distance, effective_number, shapley_shares
from digital_clusters.errors import ParameterError


@pytest.fixture
def grid():
    frame = pd.DataFrame(itertools.product("ab", "xyz", "mn"), columns=["first", "second", "third"])
    value = 3.0 * (frame["first"] == "b") + frame["second"].map({"x": 0.0, "y": 1.0, "z": 2.0})
    return frame.assign(value=value, p_value=0.01)


def test_in_a_whole_grid_shares_are_the_variances_between_options(grid):
    found = shapley_shares(grid, ["first", "second", "third"])
    between = {"first": 9 / 4, "second": 2 / 3, "third": 0.0}
    total = sum(between.values())
    assert list(found.index) == ["first", "second", "third", "together"]
    assert found.to_dict() == pytest.approx({**{k: v / total for k, v in between.items()}, "together": 0.0})


def test_an_interaction_is_explained_by_no_choice_alone(grid):
    grid["value"] = np.where((grid["first"] == "a") == (grid["third"] == "m"), 1.0, -1.0)
    assert shapley_shares(grid, ["first", "third"]).to_dict() == pytest.approx(
        {"first": 0.0, "third": 0.0, "together": 1.0}
    )


def test_two_names_of_one_choice_share_what_it_explains(grid):
    found = shapley_shares(grid.assign(again=grid["first"]), ["first", "again", "second"])
    assert found["first"] == pytest.approx(found["again"])
    assert found.sum() == pytest.approx(1.0)


def test_shares_of_an_uneven_grid_sum_to_one(grid):
    found = shapley_shares(grid.iloc[[0, 1, 2, 5, 7, 8, 11]], ["first", "second", "third"])
    assert found.sum() == pytest.approx(1.0) and (found > -1e-12).all()


def test_estimates_that_do_not_differ_have_no_shares(grid):
    assert (shapley_shares(grid.assign(value=2.0), ["first", "second"]) == 0).all()


def test_no_point_and_too_many_choices_are_refused(grid):
    with pytest.raises(ParameterError, match="at least one specification"):
        shapley_shares(grid.iloc[:0], ["first"])
    wide = pd.DataFrame({f"c{k}": ["a", "b"] for k in range(13)}).assign(value=[0.0, 1.0])
    with pytest.raises(ParameterError, match="13 choices; at most 12"):
        shapley_shares(wide, list(wide)[:13])


def test_distance_counts_changed_choices(grid):
    found = by_distance(grid, {"first": "a", "second": "x", "third": "m"}, sign=1)
    assert found["changed"].tolist() == [0, 1, 2, 3]
    assert found["n_specs"].tolist() == [1, 4, 5, 2]
    assert found.loc[0, ["median", "share_clear"]].tolist() == [0.0, 0.0]
    # one change: first b (3), second y (1) or z (2), third n (0)
    assert found.loc[1, "median"] == 1.5 and found.loc[1, "share_clear"] == 0.75
    with pytest.raises(ParameterError, match="no specification has first 'c'"):
        by_distance(grid, {"first": "c"}, sign=1)


def test_the_effective_number_is_that_of_independent_estimates():
    independent = np.eye(6)[:, :4]
    assert effective_number(independent) == pytest.approx(4)
    assert effective_number(np.tile(independent[:, :1], 5)) == pytest.approx(1)
    assert effective_number(np.column_stack([independent, 7 * independent])) == pytest.approx(4)
    rng = np.random.default_rng(1)
    common = rng.normal(size=(200, 1))
    alike = common + 0.3 * rng.normal(size=(200, 30))
    assert 1 < effective_number(alike) < 10

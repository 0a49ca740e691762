import numpy as np
import pytest

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.did.adoption import check_adoption, drop_always_treated, prepare_rows

ENTITY = np.repeat(["a", "b", "c", "d"], 3)
TIME = np.tile([2003, 2004, 2005], 4)
ADOPTION = np.repeat([2003.0, 2005.0, np.nan, 2010.0], 3)
Y = np.arange(12.0)


def test_treatment_and_time_since_adoption():
    panel = check_adoption(Y, entity=ENTITY, time=TIME, adoption=ADOPTION)
    assert panel.treated.tolist() == [1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    assert panel.relative[:6].tolist() == [0, 1, 2, -2, -1, 0]
    assert panel.always.tolist() == [True, False, False, False]
    assert panel.never.tolist() == [False, False, True, True], "2010 is after the last period"


def test_zero_means_never_where_it_is_before_all_periods():
    adoption = np.where(np.isnan(ADOPTION), 0, ADOPTION)
    panel = check_adoption(Y, entity=ENTITY, time=TIME, adoption=adoption)
    assert panel.never.tolist() == [False, False, True, True]
    assert panel.always.tolist() == [True, False, False, False]
    counted = check_adoption(Y, entity=ENTITY, time=TIME - 2003, adoption=np.repeat([0, 2, np.nan, 7], 3))
    assert counted.always.tolist() == [True, False, False, False], "there zero is the first period"


def test_infinite_means_never():
    adoption = np.where(np.isnan(ADOPTION), np.inf, ADOPTION)
    assert check_adoption(Y, entity=ENTITY, time=TIME, adoption=adoption).never.sum() == 2


def test_always_treated_are_dropped_whatever_the_order_of_rows():
    order = np.random.default_rng(1).permutation(12)
    panel = check_adoption(Y[order], entity=ENTITY[order], time=TIME[order], adoption=ADOPTION[order])
    left, rows = drop_always_treated(panel)
    assert left.units.tolist() == ["b", "c", "d"]
    assert (left.units[left.entity] == ENTITY[order][rows]).all()
    assert (left.y == Y[order][rows]).all() and not left.always.any()


def test_rows_without_weight_are_left_out():
    weights = np.repeat([1.0, 2.0, 0.0, 3.0], 3)
    panel, x, kept, always = prepare_rows(Y, ENTITY, TIME, ADOPTION, Y**2, weights, "drop")
    assert panel.units.tolist() == ["b", "d"] and always == 1
    assert x[:, 0].tolist() == (panel.y**2).tolist() and kept.tolist() == [2.0] * 3 + [3.0] * 3


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"adoption": np.where(Y == 4, 2004.0, ADOPTION)}, DataError, "unit b has more than one adoption"),
        ({"adoption": np.full(12, np.nan)}, DataError, "nobody is treated"),
        ({"adoption": ADOPTION + 0.5}, ParameterError, "whole numbers"),
        ({"adoption": ADOPTION[:5]}, ParameterError, "adoption has 5 rows"),
        ({"time": np.tile([2003, 2004, 2004], 4)}, DataError, "more than one row in period 2004"),
    ],
)
def test_impossible_adoption_is_refused(change, error, says):
    columns = {"entity": ENTITY, "time": TIME, "adoption": ADOPTION} | change
    with pytest.raises(error, match=says):
        check_adoption(Y, **columns)


def test_a_panel_of_always_treated_is_refused():
    adoption = np.where(ADOPTION == 2005, 2003, ADOPTION)
    panel = check_adoption(Y, entity=ENTITY, time=TIME, adoption=adoption)
    with pytest.raises(DataError, match="every treated unit is treated from the first period"):
        drop_always_treated(panel)


@pytest.mark.parametrize("code", [-1, -9, -999, -np.inf])
def test_a_negative_code_for_never_is_no_period(code):
    """Taken for a period it would make the units treated always, and drop them without a word."""
    adoption = np.where(np.isnan(ADOPTION), code, ADOPTION)
    with pytest.raises(ParameterError, match=r"is no period of a panel from 2003 to 2005: use NaN for never"):
        check_adoption(Y, entity=ENTITY, time=TIME, adoption=adoption)
    centred = check_adoption(Y, entity=ENTITY, time=TIME - 2004, adoption=np.repeat([-1, 1, np.nan, 9], 3))
    assert centred.always.tolist() == [True, False, False, False], "there it is one"

import numpy as np
import pandas as pd
import pytest

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.did.psm_did import pre_period_means
from digital_clusters.estimators.panel.arrays import check_panel, label_codes
from digital_clusters.estimators.panel.fixed_effects import weighted_two_way
from digital_clusters.estimators.panel.leads_and_lags import lead_lag_columns
from digital_clusters.estimators.resampling.multiple_testing import FamilyMember, family_tests
from digital_clusters.estimators.resampling.permutation import permute_slopes
from digital_clusters.estimators.resampling.placebo import permute_paths

GOOD = {
    "y": [1.0, 2.0, 3.0],
    "d": [[1.0], [2.0], [4.0]],
    "x": [[0.0, 1.0]] * 3,
    "entity": ["b", "a", "b"],
    "time": [2011, 2011, 2012],
    "terms": ["uil"],
}


def check(**changed):
    given = GOOD | changed
    return check_panel(
        given["y"], given["d"], given["x"], **{k: given[k] for k in ("entity", "time", "terms")}
    )


def test_labels_become_codes():
    panel = check()
    assert panel.entity.tolist() == [1, 0, 1] and panel.time.tolist() == [0, 0, 1]
    assert panel.d.shape == (3, 1) and panel.x.shape == (3, 2) and panel.terms == ("uil",)
    assert check(d=[1.0, 2.0, 4.0], x=None).x.shape == (3, 0)


@pytest.mark.parametrize(
    ("changed", "error", "says"),
    [
        ({"y": [1.0, np.nan, 3.0]}, DataError, r"the outcome .* row 1 \(a, 2011\)"),
        ({"d": [[1.0], [2.0], [np.inf]]}, DataError, r"term 'uil' .* row 2 \(b, 2012\)"),
        ({"x": [[0, 1], [0, np.nan], [0, 1]]}, DataError, "covariate 2 .* row 1"),
        ({"time": [2011, 2011, 2011]}, DataError, "entity b has more than one row in period 2011"),
        ({"x": [[0.0]] * 4}, ParameterError, "x has 4 rows, the outcome has 3"),
        ({"terms": ["uil", "difi"]}, ParameterError, "1 columns need as many different names"),
        ({"d": np.ones((3, 2)), "terms": ["uil", "uil"]}, ParameterError, "different names"),
    ],
)
def test_what_is_wrong_is_named(changed, error, says):
    with pytest.raises(error, match=says):
        check(**changed)


@pytest.mark.parametrize(
    "labels",
    [
        ["a", None, "b"],
        ["a", np.nan, "b"],
        ["a", "", "b"],
        np.array(["a", np.nan, "b"], dtype=object),
        [1.0, np.nan, 2.0],
        [1, None, 2],
        [1.0, np.inf, 2.0],
        pd.Series([1, pd.NA, 2], dtype="Int64"),
        pd.Series(["a", pd.NA, "b"], dtype="string"),
        pd.Series(pd.to_datetime(["2001", None, "2002"])),
        pd.Categorical(["a", None, "b"]),
    ],
)
def test_a_missing_label_is_refused_whatever_it_is_written_as(labels):
    for name in ("entity", "time"):
        with pytest.raises(DataError, match=rf"{name} is missing in row 1 \(1 rows in all\)"):
            check(**{name: labels})


def test_text_and_numbers_are_not_one_label():
    with pytest.raises(DataError, match="entity mixes text and other labels"):
        check(entity=["1", 1, 2])
    with pytest.raises(ParameterError, match="2 axes"):
        label_codes("entity", np.ones((2, 2)))


@pytest.mark.parametrize(
    "estimator",
    [
        lambda y, **keys: lead_lag_columns(y, **keys, leads=1, lags=0),
        lambda y, **keys: permute_slopes(y, y**2, np.arange(12) > 5, units=keys["entity"]),
        lambda y, **keys: permute_paths(y, y**2, **keys),
        lambda y, **keys: family_tests([FamilyMember("a", y, y**2, **keys)]),
        lambda y, **keys: pre_period_means(y, **keys, before=2, terms=["a"]),
        lambda y, **keys: weighted_two_way(y, y**2, weights=y > 3, **keys, terms=["a"]),
    ],
)
def test_estimators_with_a_door_of_their_own_refuse_missing_labels(estimator):
    y = np.arange(12.0)
    entity = np.where(y == 0, np.nan, np.repeat([1.0, 2, 3], 4))
    with pytest.raises(DataError, match="(entity|units) is missing in row 0"):
        estimator(y, entity=entity, time=np.tile(np.arange(4), 3))


@pytest.mark.parametrize(
    "labels",
    [
        np.tile(np.arange(-100, 101, 4), 20).astype(np.int8),  # differences beyond 127
        np.array([2019, 2008, 2012, 2008, 2019]),
        np.array([7]),
        np.array([0, 10**15, 5, 0]),  # too far apart to be counted
        np.array([], dtype=int),
        np.array([np.iinfo(np.int64).max, np.iinfo(np.int64).max - 1]),
    ],
)
def test_whole_numbers_have_the_codes_of_a_sort(labels):
    distinct, codes = label_codes("entity", labels)
    wanted, places = np.unique(labels, return_inverse=True)
    assert distinct.dtype == wanted.dtype
    assert np.array_equal(distinct, wanted) and np.array_equal(codes, places)

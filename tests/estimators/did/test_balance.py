import numpy as np
import pandas as pd
import pytest
from scipy import stats

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.did.balance import balance
from digital_clusters.estimators.did.matching import nearest_neighbours
from digital_clusters.estimators.did.propensity import propensity_score

REFERENCE = 1e-6  # relative; the case prints seven digits or more
EXACT = 1e-10  # the same sum in another order
TERMS = ["age", "educ", "hispan", "white", "married", "nodegree", "re74", "re75"]


def test_lalonde_by_both_conventions(reference_case):
    case = reference_case("I2")
    expected = case["expected"]
    frame = pd.read_csv(case["folder"] / case["data"])
    x = frame.assign(hispan=frame["race"] == "hispan", white=frame["race"] == "white")[TERMS]
    score = propensity_score(frame["treat"], x, terms=TERMS).score
    weights = nearest_neighbours(score, frame["treat"], side="below").weights
    columns, terms = np.column_stack([score, x]), ["distance", *TERMS]
    table = balance(columns, frame["treat"], weights, terms=terms)
    for when, place in (("before", 0), ("after", 1)):
        found = table[f"difference_{when}"]
        assert found["distance"] == pytest.approx(expected[f"smd_distance_{when}"], rel=REFERENCE)
        for name in ("age", "re74"):
            assert found[name] == pytest.approx(expected[f"smd_{name}"][place], rel=REFERENCE)
    pstest = balance(columns, frame["treat"], weights, terms=terms, denominator="pooled")
    for when in ("before", "after"):
        for name, value in expected[f"pstest_bias_{when}"].items():
            assert 100 * pstest.loc[name, f"difference_{when}"] == pytest.approx(value, rel=REFERENCE)


@pytest.fixture
def groups():
    rng = np.random.default_rng(1)
    treated = np.arange(50) < 20
    return rng.normal(size=(50, 2)) + treated[:, None], treated, rng


def test_before_is_welch(groups):
    x, treated, _ = groups
    table = balance(x, treated, np.ones(50), terms="ab")
    for name, column in zip("ab", x.T, strict=True):
        welch = stats.ttest_ind(column[treated], column[~treated], equal_var=False)
        row = table.loc[name]
        assert (row["t_before"], row["p_before"]) == pytest.approx((welch.statistic, welch.pvalue), rel=EXACT)
        ratio = column[treated].var(ddof=1) / column[~treated].var(ddof=1)
        assert row["variance_ratio_before"] == pytest.approx(ratio, rel=EXACT)
    after = table.filter(like="_after").rename(columns=lambda c: c.replace("after", "before"))
    assert after.to_numpy() == pytest.approx(table.filter(like="_before").to_numpy(), rel=EXACT)


def test_weight_zero_is_left_out_but_still_sets_the_spread(groups):
    x, treated, rng = groups
    kept = treated | (rng.random(50) < 0.5)
    whole = balance(x, treated, kept.astype(float), terms="ab")
    part = balance(x[kept], treated[kept], np.ones(kept.sum()), terms="ab")
    for key in ("mean_control", "variance_ratio", "t", "p"):
        assert whole[f"{key}_after"].to_numpy() == pytest.approx(part[f"{key}_before"].to_numpy(), rel=EXACT)
    gap = x[treated].mean(axis=0) - x[kept & ~treated].mean(axis=0)
    spread = x[treated].std(axis=0, ddof=1)
    assert whole["difference_after"].to_numpy() == pytest.approx(gap / spread, rel=EXACT)


def test_weights_that_equate_the_means_leave_no_difference():
    x, treated = np.array([1.0, 2.0, 3.0, 0.0, 4.0]), np.array([1, 1, 1, 0, 0])
    table = balance(x, treated, [1, 1, 1, 1.5, 1.5], terms=["x"])
    assert table.loc["x", "mean_control_after"] == 2.0
    assert table.loc["x", "difference_after"] == 0.0
    skew = balance(x, treated, [1, 1, 1, 1, 3], terms=["x"])
    assert skew.loc["x", "mean_control_after"] == 3.0
    assert skew.loc["x", "difference_after"] == pytest.approx(-1.0, rel=EXACT), "in units of the spread, 1"
    assert skew.loc["x", "difference_before"] == 0.0


def test_what_cannot_be_compared_is_refused(groups):
    x, treated, _ = groups
    weights = np.ones(50)
    with pytest.raises(DataError, match="fewer than two"):
        balance(x, treated, treated.astype(float), terms="ab")
    with pytest.raises(DataError, match="negative"):
        balance(x, treated, -weights, terms="ab")
    with pytest.raises(ParameterError, match="3 terms"):
        balance(x, treated, weights, terms="abc")
    with pytest.raises(ParameterError, match="treated, pooled"):
        balance(x, treated, weights, terms="ab", denominator="control")

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.did.propensity import common_support, propensity_score

REFERENCE = 1e-6  # relative; R stops its iterations at a relative change in deviance of 1e-8
CLOSED_FORM = 1e-8  # Newton's last step is far smaller
TERMS = ["age", "educ", "hispan", "white", "married", "nodegree", "re74", "re75"]


def test_lalonde_logit(reference_case):
    case = reference_case("I2")
    file = case["folder"] / case["data"]
    frame = pd.read_csv(file)
    x = frame.assign(hispan=frame["race"] == "hispan", white=frame["race"] == "white")[TERMS]
    found = propensity_score(frame["treat"], x, terms=TERMS)
    (expected,) = (value for key, value in case["expected"].items() if key.startswith("logit_coefs"))
    assert found.coefficients == pytest.approx(expected, rel=REFERENCE)
    assert found.terms == ("intercept", *TERMS)
    assert found.score == pytest.approx(pd.read_csv(file.with_name("ps_nn.csv"))["ps"], rel=REFERENCE)


def test_two_groups_are_two_shares():
    """With one binary covariate the fitted probabilities are the shares treated."""
    x, treated = np.repeat([0, 1], [40, 60]), np.concatenate([np.arange(40) < 10, np.arange(60) < 45])
    found = propensity_score(treated, x, terms=["x"])
    assert found.score == pytest.approx(np.where(x, 0.75, 0.25), rel=CLOSED_FORM)
    assert found.coefficients == pytest.approx([-np.log(3), 2 * np.log(3)], rel=CLOSED_FORM)
    likelihood = (30 + 45) * np.log(0.75) + (10 + 15) * np.log(0.25)
    assert found.log_likelihood == pytest.approx(likelihood, rel=CLOSED_FORM)
    empty = 55 * np.log(0.55) + 45 * np.log(0.45)
    assert found.pseudo_r2 == pytest.approx(1 - likelihood / empty, rel=CLOSED_FORM)


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000), power=st.integers(-8, 8), shift=st.floats(-100, 100))
def test_units_of_a_covariate_do_not_matter(seed, power, shift):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(200, 3))
    treated = x[:, 0] + rng.logistic(size=200) > 0.5
    plain = propensity_score(treated, x, terms="abc")
    scaled = propensity_score(treated, (x + shift) * 10.0**power, terms="abc")
    assert scaled.score == pytest.approx(plain.score, rel=1e-6)
    assert scaled.coefficients[1:] * 10.0**power == pytest.approx(plain.coefficients[1:], rel=1e-5, abs=1e-7)


def test_the_score_sums_to_the_treated():
    """First-order condition of the intercept and of each covariate."""
    rng = np.random.default_rng(2)
    x = rng.normal(size=(300, 2)) * [1, 1e6]
    treated = rng.random(300) < 0.2
    found = propensity_score(treated, x, terms="ab")
    assert found.score.sum() == pytest.approx(treated.sum(), rel=CLOSED_FORM)
    assert x.T @ found.score == pytest.approx(x.T @ treated, rel=1e-6)


@pytest.mark.parametrize(
    ("treated", "x", "says"),
    [
        ([0, 0, 1, 1, 1, 0], [1, 2, 5, 6, 7, 3], "separate treated from untreated"),
        ([0, 0, 1, 1, 1, 0], [4, 4, 4, 4, 4, 4], "the same for every unit"),
        ([0, 0, 1, 1, 1, 0], [1, 2, np.nan, 1, 2, 3], "missing or infinite in row 2"),
        ([0, 0, 0, 0, 0, 0], [1, 2, 3, 1, 2, 3], "0 of 6 units are treated"),
        ([0, 2, 0, 1, 0, 0], [1, 2, 3, 1, 2, 3], "the treatment is 2.0 in row 1"),
    ],
)
def test_a_logit_that_does_not_exist_is_refused(treated, x, says):
    with pytest.raises(DataError, match=says):
        propensity_score(treated, x, terms=["x"])


@pytest.mark.parametrize("n", [30, 300, 3000])
def test_one_covariate_among_many_that_separates_is_refused(n):
    """Every unit with the mark is treated; others are of both kinds."""
    rng = np.random.default_rng(n)
    x = rng.normal(size=(n, 2))
    treated = rng.random(n) < 0.4
    mark = treated & (rng.random(n) < 0.3)
    with pytest.raises(DataError, match="separate treated from untreated"):
        propensity_score(treated, np.column_stack([x, mark]), terms="abm")
    mark[np.flatnonzero(~treated)[0]] = True
    assert propensity_score(treated, np.column_stack([x, mark]), terms="abm").score.max() < 1


def test_collinear_covariates_and_wrong_shapes_are_refused():
    x = np.random.default_rng(0).normal(size=(50, 1))
    treated = np.arange(50) % 2
    with pytest.raises(DataError, match="'b' is a linear combination"):
        propensity_score(treated, np.hstack([x, 3 * x + 1]), terms="ab")
    with pytest.raises(ParameterError, match="50 units and 2 terms"):
        propensity_score(treated, x, terms="ab")


SCORE = np.array([0.1, 0.3, 0.5, 0.9, 0.05, 0.2, 0.4, 0.7])
TREATED = np.array([0, 0, 0, 0, 1, 1, 1, 1])


def test_support_rules():
    assert common_support(SCORE, TREATED, rule="none").all()
    inside = common_support(SCORE, TREATED, rule="min_max")
    assert SCORE[inside].tolist() == [0.1, 0.3, 0.5, 0.2, 0.4, 0.7], "from .1 (untreated) to .7 (treated)"
    assert SCORE[common_support(SCORE, TREATED, rule="trim", trim=0.25)].tolist() == [0.3, 0.5, 0.4, 0.7]


def test_no_support_is_an_error():
    with pytest.raises(DataError, match="no common support under rule 'min_max'"):
        common_support([0.1, 0.2, 0.6, 0.8], [0, 0, 1, 1])
    with pytest.raises(ParameterError, match="trim = 0.5"):
        common_support(SCORE, TREATED, rule="trim", trim=0.5)
    with pytest.raises(ParameterError, match="none, min_max, trim"):
        common_support(SCORE, TREATED, rule="convex_hull")

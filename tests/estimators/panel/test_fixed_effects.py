from contextlib import nullcontext

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.panel.collinearity import refuse_collinear
from digital_clusters.estimators.panel.demeaning import indicators
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects
from digital_clusters.estimators.resampling.simulated_panels import correlated_effects

REFERENCE = 1e-8  # relative; the tolerance stated with the cases, whose numbers have about ten digits
DUMMIES = 1e-8  # demeaning against a regression with all dummies, relative


def near(value):
    return pytest.approx(value, rel=REFERENCE)


@pytest.fixture(scope="module")
def petersen(reference_case):
    case = reference_case("F1")
    frame = pd.read_csv(case["folder"] / case["data"])
    x = np.column_stack([np.ones(len(frame)), frame["x"]])

    def fit(entity="firm", time="year", **options):
        keys = {"entity": frame[entity], "time": frame[time]}
        return two_way_fixed_effects(frame["y"], x, **keys, terms=["c", "x"], effects="none", **options)

    return case["expected"], fit, frame


def test_petersen_pooled(petersen):
    expected, fit, _ = petersen
    assert fit().coefficients == near(expected["b"])
    assert fit(errors="homoskedastic").standard_errors == near(expected["iid"])
    assert fit(errors="robust", small_sample="none").standard_errors == near(expected["HC0"])
    assert fit(errors="robust").standard_errors == near(expected["HC1"])
    assert fit(errors="clustered").standard_errors == near(expected["cluster_firm"])
    by_year = fit(entity="year", time="firm", errors="clustered")
    assert by_year.standard_errors == near(expected["cluster_year"])
    both = fit(errors="two_way_clustered")
    assert both.standard_errors == near(expected["two_way"])
    assert (fit().degrees_of_freedom, both.degrees_of_freedom, by_year.n_clusters) == (499, 9, 10)


def test_petersen_two_way(petersen):
    expected, _, frame = petersen
    keys = {"entity": frame["firm"], "time": frame["year"]}
    found = two_way_fixed_effects(frame["y"], frame["x"], **keys, terms=["x"], errors="homoskedastic")
    assert found["x"] == near((expected["twoway_FE_b"], expected["twoway_FE_se_iid"]))


def test_intercept_is_fitted_but_not_reported(petersen):
    expected, _, frame = petersen
    keys = {"entity": frame["firm"], "time": frame["year"]}
    found = two_way_fixed_effects(frame["y"], frame["x"], **keys, terms=["x"], effects="none")
    assert found["x"] == near((expected["b"][1], expected["cluster_firm"][1]))


@pytest.fixture(scope="module")
def produc(reference_case):
    case = reference_case("F2")
    frame = pd.read_csv(case["folder"] / case["data"])
    x = np.column_stack([np.log(frame[["pcap", "pc", "emp"]]), frame["unemp"]])

    def fit(effects="two_way", **options):
        return two_way_fixed_effects(
            np.log(frame["gsp"]),
            x,
            entity=frame["state"],
            time=frame["year"],
            terms=["pcap", "pc", "emp", "unemp"],
            effects=effects,
            **options,
        )

    return case["expected"], fit


def test_produc_coefficients_and_classical_errors(produc):
    expected, fit = produc
    entity, both = (fit(effects, errors="homoskedastic") for effects in ("entity", "two_way"))
    assert entity.coefficients == near(expected["ind_b"])
    assert entity.standard_errors == near(expected["ind_se"])
    assert both.coefficients == near(expected["two_b"])
    assert both.standard_errors == near(expected["two_se"])
    assert both.degrees_of_freedom == expected["two_df"]


@pytest.mark.parametrize("lag", [0, 2, 4])
def test_produc_driscoll_kraay(produc, lag):
    expected, fit = produc
    bare = fit(errors="driscoll_kraay", bandwidth=lag, small_sample="none")
    assert bare.standard_errors == near(expected[f"two_SCC_lag{lag}"])
    if lag == 2:
        found = fit(errors="driscoll_kraay", bandwidth=2)
        assert found.standard_errors == near(expected["two_pyfixest_DK_lag2"])
        assert found.degrees_of_freedom == 16
        default = fit(errors="driscoll_kraay")  # 4 (17/100)^(2/9) = 2.7
        assert default.standard_errors == near(found.standard_errors)


def test_produc_clustered(produc):
    expected, fit = produc
    bare = fit(small_sample="none").standard_errors
    assert bare == near(expected["two_arellano_HC0"])
    assert fit("entity", small_sample="none").standard_errors == near(expected["ind_arellano_HC0"])
    n, groups, slopes, years, parameters = 816, 48, 4, 17, 4 + 48 + 17 - 1
    assert bare * np.sqrt(n / (n - parameters)) == near(expected["two_linearmodels_cluster_entity"])
    assert bare * np.sqrt(groups / (groups - 1) * (n - 1) / (n - slopes)) == near(expected["two_sss"])
    counted = np.sqrt(groups / (groups - 1) * (n - 1) / (n - slopes - years))
    assert fit().standard_errors == near(bare * counted)


def dummy_regression(y, x, entity, time):
    """Slopes and the clustered sandwich of least squares with every dummy, by loops over clusters."""
    w = np.hstack([x, indicators(entity), indicators(time, drop_first=True)])
    beta = np.linalg.lstsq(w, y, rcond=None)[0]
    score = w * (y - w @ beta)[:, None]
    meat = np.zeros((w.shape[1],) * 2)
    for label in np.unique(entity):
        total = score[entity == label].sum(axis=0)
        meat += np.outer(total, total)
    bread = np.linalg.pinv(w.T @ w)
    k = x.shape[1]
    return beta[:k], (bread @ meat @ bread)[:k, :k]


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000), share=st.floats(0.6, 1.0))
def test_unbalanced_panel_is_the_dummy_regression(seed, share):
    rng = np.random.default_rng(seed)
    draw = correlated_effects(rng, n_units=15, n_years=6, n_covariates=3)
    rows = np.flatnonzero(rng.random(90) < share)
    rng.shuffle(rows)
    y, d, x, entity, time = (a[rows] for a in draw[:5])
    terms = ["d", "a", "b", "c"]
    w = np.hstack([d, x])
    found = two_way_fixed_effects(y, w, entity=entity, time=time, terms=terms, small_sample="none")
    codes = np.unique(entity, return_inverse=True)[1]
    beta, covariance = dummy_regression(y, w, codes, time)
    assert found.coefficients == pytest.approx(beta, rel=DUMMIES, abs=DUMMIES)
    assert found.covariance == pytest.approx(covariance, rel=DUMMIES, abs=DUMMIES)


def test_finds_the_true_effect_whatever_the_strength():
    for strength in (0.0, 1.0, 5.0):
        draw = correlated_effects(np.random.default_rng(1), n_units=100, n_years=8, strength=strength)
        w = np.column_stack([draw.d, np.tanh(draw.x[:, 0]), draw.x[:, :2], draw.x[:, 2] ** 2])
        found = two_way_fixed_effects(draw.y, w, entity=draw.entity, time=draw.time, terms=list("dabce"))
        low, high = found.interval()[0]
        assert low < draw.theta < high


def test_absorbed_and_collinear_terms_are_named(draw, keys):
    stays = draw.x[:, 0][draw.entity * 6]
    with pytest.raises(DataError, match="no variation is left in 'stays'"):
        two_way_fixed_effects(draw.y, np.column_stack([draw.d, stays]), **keys, terms=["d", "stays"])
    with pytest.raises(DataError, match="'same' is a linear combination"):
        same = np.column_stack([draw.d, draw.d[:, 0] + stays])
        two_way_fixed_effects(draw.y, same, **keys, terms=["d", "same"])


@pytest.mark.parametrize(("own", "refused"), [(1e-2, False), (1e-5, False), (1e-7, False), (1e-9, True)])
def test_a_term_counts_as_a_combination_below_a_share_of_its_length(own, refused):
    columns = np.random.default_rng(0).normal(size=(500, 3))
    columns[:, 2] = columns[:, 0] - columns[:, 1] + own * columns[:, 2]
    with pytest.raises(DataError, match="'c'") if refused else nullcontext():
        refuse_collinear(("a", "b", "c"), columns * [1.0, 1e6, 1e-6])


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"effects": "twoway"}, "two_way, entity, time, none"),
        ({"errors": "HC1"}, "homoskedastic, robust"),
        ({"errors": "driscoll_kraay", "bandwidth": 6}, "between 0 and 5"),
        ({"small_sample": "stata"}, "nested, none"),
    ],
)
def test_wrong_options_list_the_right_ones(draw, keys, options, says):
    with pytest.raises(ParameterError, match=says):
        two_way_fixed_effects(draw.y, draw.d, **keys, terms=["d"], **options)


def test_too_few_rows_are_refused():
    with pytest.raises(DataError, match="4 rows are too few for 4 parameters"):
        two_way_fixed_effects(
            [1, 2, 4, 3.0], [1, 0, 0, 1.5], entity=[0, 0, 1, 1], time=[0, 1, 0, 1], terms=["x"]
        )

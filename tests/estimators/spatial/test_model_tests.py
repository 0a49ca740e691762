import numpy as np
import pandas as pd
import pytest
from scipy import stats

from digital_clusters.errors import ParameterError
from digital_clusters.estimators.spatial.durbin import spatial_panel
from digital_clusters.estimators.spatial.model_tests import (
    hausman,
    likelihood_ratio,
    lm_tests,
    reduction_tests,
    wald_tests,
)
from digital_clusters.estimators.spatial.simulated import durbin_panel, near_neighbours

CIGAR = 1e-4  # relative, stated with the case; statistics are printed with five decimals
PRODUC = 1e-6  # relative, stated with the case
ALGEBRA = 1e-8  # relative; the same formula written out
EFFECTS = {"pooled": "none", "individual": "individual", "time": "time", "twoway": "two_way"}
ORDER = ("lag", "error", "robust_lag", "robust_error")


@pytest.mark.parametrize("key", EFFECTS)
def test_cigar(reference_case, key):
    case = reference_case("H3")
    folder = case["folder"] / case["data"]
    frame = pd.read_csv(folder / "Cigar.csv")
    w = pd.read_csv(folder / "usa46_binary.csv", index_col=0).to_numpy(float)
    keys = {"entity": frame["state"], "time": frame["year"], "terms": ["logp", "logy"]}
    w = w / w.sum(axis=1, keepdims=True)
    found = lm_tests(frame["logc"], frame[["logp", "logy"]], w, **keys, effects=EFFECTS[key])
    statistics = [found[name].statistic for name in ORDER]
    assert statistics == pytest.approx(case["expected"][key], rel=CIGAR)


def test_produc(reference_case):
    case = reference_case("H5")
    folder = case["folder"] / case["data"]
    frame = pd.read_csv(folder / "Produc.csv")
    w = pd.read_csv(folder / "usaww.csv", index_col=0).to_numpy(float)
    x = np.column_stack([np.log(frame[["pcap", "pc", "emp"]]), frame["unemp"]])
    keys = {"entity": frame["state"], "time": frame["year"], "terms": ["pcap", "pc", "emp", "unemp"]}
    found = lm_tests(np.log(frame["gsp"]), x, w, **keys, effects="individual")
    expected = case["expected"]["LM_within"]
    statistics = {"lml": "lag", "lme": "error", "rlml": "robust_lag", "rlme": "robust_error"}
    for key, name in statistics.items():
        assert found[name].statistic == pytest.approx(expected[key], rel=PRODUC)


W = near_neighbours(np.random.default_rng(1), 60)


def sample(seed, **changes):
    truth = {"rho": 0.0, "beta": (1.0, -0.5), "theta": (0.0, 0.0)} | changes
    draw = durbin_panel(np.random.default_rng([2, seed]), W, n_years=8, **truth)
    keys = {"entity": draw.entity, "time": draw.time, "terms": ["a", "b"]}
    return (draw.y, draw.x, draw.w), keys


def rejections(name, draws=150, **changes):
    found = [sample(seed, **changes) for seed in range(draws)]
    return np.mean([lm_tests(*arrays, **keys)[name].p_value < 0.05 for arrays, keys in found])


@pytest.mark.parametrize("name", ORDER)
def test_lm_tests_have_their_size(name):
    # four Monte Carlo errors of 5 % over 150 draws; two-way demeaning biases the score by order T/n
    assert rejections(name) < 0.05 + 4 * np.sqrt(0.05 * 0.95 / 150)


def test_robust_tests_tell_lag_from_error():
    assert rejections("robust_lag", 40, rho=0.3) > 0.7
    assert rejections("robust_error", 40, disturbance=0.4) > 0.5
    for name, other in (("lag", {"rho": 0.3}), ("error", {"disturbance": 0.4})):
        assert rejections(name, 40, **other) > 0.9


def test_score_of_the_pooled_model_by_hand():
    """With weights whose rows differ, the intercept has a spatial lag too."""
    (y, x, _), keys = sample(0, rho=0.2)
    rng = np.random.default_rng(3)
    w = rng.random((60, 60)) * (rng.random((60, 60)) < 0.1)
    np.fill_diagonal(w, 0)
    found = lm_tests(y, x, w, **keys, effects="none")
    big, z = np.kron(w, np.eye(8)), np.column_stack([np.ones(480), x])
    project = np.eye(480) - z @ np.linalg.pinv(z)
    e, fitted = project @ y, y - project @ y
    s2 = e @ e / 480
    trace = np.trace(big @ big + big.T @ big)
    whole = trace + fitted @ big.T @ project @ big @ fitted / s2
    assert found["lag"].statistic == pytest.approx((e @ big @ y / s2) ** 2 / whole, rel=ALGEBRA)
    assert found["error"].statistic == pytest.approx((e @ big @ e / s2) ** 2 / trace, rel=ALGEBRA)


@pytest.fixture(scope="module")
def fits():
    arrays, keys = sample(1, rho=0.3, theta=(0.4, 0.2))
    models = ("durbin", "lag", "error", "slx", "none")
    return arrays, keys, {model: spatial_panel(*arrays, model=model, **keys) for model in models}


@pytest.mark.parametrize(("model", "restrictions"), [("lag", 2), ("error", 2), ("slx", 1), ("none", 3)])
def test_likelihood_ratios_count_restrictions(fits, model, restrictions):
    arrays, keys, fitted = fits
    test = likelihood_ratio(fitted["durbin"], fitted[model])
    gap = fitted["durbin"].log_likelihood - fitted[model].log_likelihood
    assert (test.statistic, test.degrees_of_freedom) == (pytest.approx(2 * gap), restrictions)
    assert test.p_value == pytest.approx(stats.chi2.sf(2 * gap, restrictions)) and gap > 0
    found = reduction_tests(*arrays, **keys)
    assert found[f"lr_{model}"].statistic == pytest.approx(test.statistic, rel=ALGEBRA)
    # both are tests of one hypothesis and agree to first order
    assert found[f"wald_{model}"].statistic == pytest.approx(test.statistic, rel=0.3)


def test_wald_statistics_by_hand(fits):
    durbin = fits[2]["durbin"]
    found, b, v = wald_tests(durbin), durbin.estimate.coefficients, durbin.estimate.covariance
    assert durbin.estimate.terms == ("a", "b", "W·a", "W·b", "rho", "sigma2")
    theta = b[2:4] @ np.linalg.solve(v[2:4, 2:4], b[2:4])
    assert found["lag"].statistic == pytest.approx(theta, rel=ALGEBRA)
    assert found["slx"].statistic == pytest.approx(b[4] ** 2 / v[4, 4], rel=ALGEBRA)
    both = b[2:5] @ np.linalg.solve(v[2:5, 2:5], b[2:5])
    assert found["none"].statistic == pytest.approx(both, rel=ALGEBRA)

    def common_factor(values):
        return values[2:4] + values[4] * values[:2]

    steps = 1e-6 * np.eye(6)
    slope = np.stack([(common_factor(b + h) - common_factor(b - h)) / 2e-6 for h in steps], axis=1)
    gap = common_factor(b)
    by_hand = gap @ np.linalg.solve(slope @ v @ slope.T, gap)
    assert found["error"].statistic == pytest.approx(by_hand, rel=1e-6)


def test_error_model_is_accepted_where_it_is_true():
    p = []
    for seed in range(60):
        arrays, keys = sample(seed, disturbance=0.5)
        found = wald_tests(spatial_panel(*arrays, **keys))
        p.append([found["error"].p_value, found["lag"].p_value])
    accepted, refused = (np.array(p) < 0.05).mean(axis=0)
    assert accepted < 0.05 + 4 * np.sqrt(0.05 * 0.95 / 60) and refused > 0.8


def test_error_is_not_a_restriction_where_a_term_is_not_lagged(fits):
    arrays, keys, fitted = fits
    found = reduction_tests(*arrays, **keys, lagged=["a"])
    assert "lr_error" not in found and found["wald_error"].degrees_of_freedom == 1
    durbin = spatial_panel(*arrays, **keys, lagged=["a"])
    with pytest.raises(ParameterError, match="every term has a spatial lag"):
        likelihood_ratio(durbin, fitted["error"])


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        ({"model": "lag"}, {"model": "error"}, "'error' is not a restriction of 'lag'"),
        ({}, {}, "'durbin' is not a restriction of 'durbin'"),
        ({}, {"model": "lag", "effects": "individual"}, "differ in effects"),
        ({}, {"model": "lag", "correction": "transformation"}, "likelihood ratios need both"),
        ({"correction": "bias"}, {"model": "lag", "correction": "bias"}, "likelihood ratios need both"),
    ],
)
def test_what_cannot_be_compared_is_refused(fits, first, second, says):
    arrays, keys, _ = fits
    with pytest.raises(ParameterError, match=says):
        likelihood_ratio(spatial_panel(*arrays, **keys | first), spatial_panel(*arrays, **keys | second))
    with pytest.raises(ParameterError, match="start from the Durbin model"):
        wald_tests(spatial_panel(*arrays, **keys, model="lag"))


def test_hausman_is_fixed_against_random_effects():
    """Within beside between is fixed beside generalised least squares with the same two variances."""
    (y, x, w), keys = sample(3)
    found = hausman(y, x, w, **keys, model="none", effects="individual")
    frame = np.column_stack([y, x]).reshape(60, 8, 3)
    means = frame.mean(axis=1)
    inside = (frame - means[:, None]).reshape(-1, 3)
    between = means - means.mean(axis=0)

    def least_squares(data, n):
        b = np.linalg.lstsq(data[:, 1:], data[:, 0], rcond=None)[0]
        s2 = np.sum((data[:, 0] - data[:, 1:] @ b) ** 2) / n
        return b, data[:, 1:].T @ data[:, 1:] / s2

    fixed, precision = least_squares(inside, 60 * 7)
    other, more = least_squares(between, 60)
    random = np.linalg.solve(precision + more, precision @ fixed + more @ other)
    gap = fixed - random
    by_hand = gap @ np.linalg.solve(np.linalg.inv(precision) - np.linalg.inv(precision + more), gap)
    assert found.statistic == pytest.approx(by_hand, rel=ALGEBRA)
    assert found.degrees_of_freedom == 2


def test_hausman_is_near_the_random_effects_of_linearmodels():
    from linearmodels.panel import PanelOLS, RandomEffects

    (y, x, w), keys = sample(3)
    index = pd.MultiIndex.from_arrays([keys["entity"], keys["time"]])
    frame = pd.DataFrame({"c": 1.0, "a": x[:, 0], "b": x[:, 1]}, index=index)
    outcome = pd.Series(y, index=index)
    fixed = PanelOLS(outcome, frame[["a", "b"]], entity_effects=True).fit()
    random = RandomEffects(outcome, frame).fit()
    gap = (fixed.params - random.params[["a", "b"]]).to_numpy()
    scale = fixed.s2 / random.s2
    variance = fixed.cov.to_numpy() - scale * random.cov.loc[["a", "b"], ["a", "b"]].to_numpy()
    theirs = gap @ np.linalg.solve(variance, gap)
    found = hausman(y, x, w, **keys, model="none", effects="individual")
    assert found.statistic == pytest.approx(theirs, rel=0.1)  # degrees of freedom are counted differently


def test_hausman_with_degrees_of_freedom_is_that_of_swamy_and_arora():
    """Random effects by hand, with both variances over what the coefficients leave of the rows."""
    (y, x, w), keys = sample(3)
    found = hausman(y, x, w, **keys, model="none", effects="individual", variance="degrees_of_freedom")
    frame = np.column_stack([y, x]).reshape(60, 8, 3)
    means = frame.mean(axis=1)
    inside, between = (frame - means[:, None]).reshape(-1, 3), means - means.mean(axis=0)
    left = {"within": 60 * 7 - 2, "between": 60 - 3}
    fits = {
        name: (np.linalg.lstsq(data[:, 1:], data[:, 0], rcond=None)[0], data)
        for name, data in (("within", inside), ("between", between))
    }
    s2 = {name: np.sum((data[:, 0] - data[:, 1:] @ b) ** 2) / left[name] for name, (b, data) in fits.items()}
    theta = 1 - np.sqrt(s2["within"] / (8 * s2["between"]))
    moved = (frame - theta * means[:, None]).reshape(-1, 3)
    moved = moved - moved.mean(axis=0)
    random = np.linalg.lstsq(moved[:, 1:], moved[:, 0], rcond=None)[0]
    gap = fits["within"][0] - random
    inverse = [np.linalg.inv(data[:, 1:].T @ data[:, 1:]) for data in (inside, moved)]
    by_hand = gap @ np.linalg.solve(s2["within"] * (inverse[0] - inverse[1]), gap)
    assert found.statistic == pytest.approx(by_hand, rel=ALGEBRA)
    assert (found.degrees_of_freedom, found.df_denominator, found.warnings) == (2, 57, ())
    assert found.p_value == pytest.approx(stats.f.sf(by_hand / 2, 2, 57), rel=ALGEBRA)
    with pytest.raises(ParameterError, match="likelihood, degrees_of_freedom"):
        hausman(y, x, w, **keys, variance="exact")


@pytest.mark.parametrize("model", ["durbin", "none"])
def test_hausman_finds_effects_that_go_with_the_terms(model):
    arrays, keys = sample(4, unit_strength=1.0, rho=0.3 if model == "durbin" else 0.0)
    found = hausman(*arrays, **keys, model=model)
    assert found.p_value < 0.001
    assert found.degrees_of_freedom == {"durbin": 5, "none": 2}[model]


def test_hausman_has_its_size_in_the_durbin_model():
    """Without unit effects in x: units differ by noise only."""
    p = []
    for seed in range(60):
        arrays, keys = sample(seed, unit_strength=0.0, rho=0.3)
        p.append(hausman(*arrays, **keys).p_value)
    assert np.mean(np.array(p) < 0.05) < 0.05 + 4 * np.sqrt(0.05 * 0.95 / 60)


def test_hausman_needs_unit_effects():
    arrays, keys = sample(0)
    with pytest.raises(ParameterError, match="needs two_way or individual"):
        hausman(*arrays, **keys, effects="time")

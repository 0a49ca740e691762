import numpy as np
import pandas as pd
import pytest

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.panel.demeaning import indicators
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects
from digital_clusters.estimators.panel.instrumental import instrumental_variables
from digital_clusters.estimators.resampling.simulated_panels import autocorrelated

SAME = 1e-8  # relative; demeaning against a regression with all dummies


def endogenous_panel(rng, *, n_units=40, n_years=5, strength=0.5, theta=0.5, instruments=1):
    """y = θ d + u with corr(u, v) = 0.8 in d = strength·Σz + v; errors persist over the years of a unit."""
    n = n_units * n_years
    entity, time = np.divmod(np.arange(n), n_years)
    z = rng.normal(size=(n, instruments))
    v = autocorrelated(rng, n_units, n_years, 0.5).ravel()
    u = 0.8 * v + 0.6 * autocorrelated(rng, n_units, n_years, 0.5).ravel()
    x = rng.normal(size=n)
    unit = rng.normal(size=n_units)[entity]
    d = strength * z.sum(axis=1) + 0.3 * x + unit + v
    y = theta * d + 0.2 * x + unit + 0.1 * time + u
    return {"y": y, "d": d, "z": z, "x": x, "entity": entity, "time": time}


def fit(data, **options):
    return instrumental_variables(**data, terms=["d", "x"], **options)


@pytest.mark.parametrize("effects", ["two_way", "entity", "time", "none"])
@pytest.mark.parametrize("errors", ["homoskedastic", "robust", "clustered"])
def test_a_treatment_that_instruments_itself_is_least_squares(draw, keys, effects, errors):
    options = {"effects": effects, "errors": errors}
    terms = ["d", "a", "b", "c"]
    expected = two_way_fixed_effects(draw.y, np.hstack([draw.d, draw.x]), **keys, terms=terms, **options)
    result = instrumental_variables(draw.y, draw.d, draw.d, draw.x, **keys, terms=terms, **options)
    for found in (result.estimate, result.least_squares):
        assert found.coefficients == pytest.approx(expected.coefficients, rel=SAME)
        assert found.covariance == pytest.approx(expected.covariance, rel=SAME, abs=1e-12)
        assert found.degrees_of_freedom == expected.degrees_of_freedom
    assert result.endogeneity is None
    assert result.anderson_rubin.shape == "interval"
    # the test of θ is then the t test of a regression of y − θd, whose residual does not depend on θ
    wald = result.reduced_form.interval()[0]
    assert result.anderson_rubin.intervals[0] == pytest.approx(wald, rel=1e-6)


@pytest.mark.parametrize("instruments", [1, 3])
def test_two_stage_least_squares_with_all_dummies(instruments):
    from linearmodels.iv import IV2SLS

    rng = np.random.default_rng(5)
    data = endogenous_panel(rng, instruments=instruments)
    kept = rng.permutation(200)[:150]
    data = {name: array[kept] for name, array in data.items()}
    found = fit(data).estimate
    entity = np.unique(data["entity"], return_inverse=True)[1]
    exogenous = np.column_stack([data["x"], indicators(entity), indicators(data["time"], drop_first=True)])
    model = IV2SLS(data["y"], pd.DataFrame(exogenous), pd.DataFrame(data["d"], columns=["d"]), data["z"])
    bare = model.fit(cov_type="clustered", clusters=entity, debiased=False)
    groups, n, parameters = entity.max() + 1, 150, 2 + 5
    factor = groups / (groups - 1) * (n - 1) / (n - parameters)
    positions = [bare.params.index.get_loc("d"), 0]
    assert found.coefficients == pytest.approx(bare.params.to_numpy()[positions], rel=SAME)
    expected = factor * bare.cov.to_numpy()[np.ix_(positions, positions)]
    assert found.covariance == pytest.approx(expected, rel=SAME)


def test_one_instrument():
    data = endogenous_panel(np.random.default_rng(1))
    result = fit(data)
    first, reduced = result.first_stage["instrument"], result.reduced_form["instrument"]
    assert result.estimate["d"][0] == pytest.approx(reduced[0] / first[0], rel=SAME)
    assert result.first_stage_f == pytest.approx((first[0] / first[1]) ** 2, rel=SAME)
    assert result.first_stage_test.statistic == pytest.approx(result.first_stage_f, rel=SAME)
    assert result.anderson_rubin.zero.statistic == pytest.approx((reduced[0] / reduced[1]) ** 2, rel=SAME)
    assert result.critical_f == pytest.approx(23.1, abs=0.05)  # Montiel Olea & Pflueger 2013, table 1
    w = np.column_stack([data["z"], data["x"]])
    keys = {"entity": data["entity"], "time": data["time"], "terms": ["instrument", "x"]}
    expected = two_way_fixed_effects(data["d"], w, **keys)
    assert result.first_stage.covariance == pytest.approx(expected.covariance, rel=SAME, abs=1e-12)


def test_effective_f_is_the_plain_one_under_homoskedasticity():
    data = endogenous_panel(np.random.default_rng(2), instruments=3)
    result = fit(data, errors="homoskedastic", instruments=["u", "v", "w"])
    assert result.first_stage.terms == ("u", "v", "w", "x")
    assert result.first_stage_f == pytest.approx(result.first_stage_test.statistic, rel=SAME)
    clustered = fit(data)
    assert clustered.first_stage_f != pytest.approx(clustered.first_stage_test.statistic, rel=1e-3)


def test_effective_f_does_not_depend_on_how_instruments_are_written():
    data = endogenous_panel(np.random.default_rng(2), instruments=2)
    mixed = fit(data | {"z": data["z"] @ [[2.0, 1.0], [0.5, -3.0]]})
    plain = fit(data)
    for name in ("first_stage_f", "critical_f"):
        assert getattr(mixed, name) == pytest.approx(getattr(plain, name), rel=SAME)
    assert mixed.estimate.covariance == pytest.approx(plain.estimate.covariance, rel=SAME)
    assert mixed.anderson_rubin.intervals[0] == pytest.approx(plain.anderson_rubin.intervals[0], rel=1e-6)


def test_endogeneity_is_found_and_its_error_is_that_of_the_difference():
    rng = np.random.default_rng(8)
    data = endogenous_panel(rng, n_units=100)
    found = fit(data)
    gap = found.least_squares["d"][0] - found.estimate["d"][0]
    assert found.endogeneity.coefficients[0] == pytest.approx(gap, rel=SAME)
    assert gap > 0.3 and found.endogeneity.p_values[0] < 0.001
    gaps, errors = [], []
    for _ in range(200):
        one = fit(endogenous_panel(rng)).endogeneity
        gaps.append(one.coefficients[0])
        errors.append(one.standard_errors[0])
    # a standard deviation of 200 draws has a relative error of 1/20; three of them
    assert np.mean(errors) == pytest.approx(np.std(gaps), rel=0.15)


def test_anderson_rubin_covers_where_the_usual_interval_does_not():
    rng = np.random.default_rng(11)
    draws, robust, usual, unbounded = 400, 0, 0, 0
    for _ in range(draws):
        result = fit(endogenous_panel(rng, strength=0.1))
        robust += result.anderson_rubin.contains(0.5)
        low, high = result.estimate.interval()[0]
        usual += low <= 0.5 <= high
        unbounded += result.anderson_rubin.shape in ("complement", "line")
    # three binomial standard deviations of 400 draws at 95 % are 0.033
    assert abs(robust / draws - 0.95) < 0.033
    assert usual < robust - 0.033 * draws
    assert unbounded > 0.2 * draws


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"z": "x"}, DataError, "linear combination|do not move"),
        ({"z": "entity"}, DataError, "no variation is left in 'instrument'"),
        ({"terms": ["d"]}, ParameterError, "2 terms are needed"),
        ({"level": 95}, ParameterError, "between 0 and 1"),
        ({"errors": "driscoll_kraay"}, ParameterError, "homoskedastic, robust, clustered"),
        ({"instruments": ["d"]}, ParameterError, "different names"),
    ],
)
def test_refusals(changes, error, says):
    data = endogenous_panel(np.random.default_rng(0)) | {"terms": ["d", "x"]}
    changes = {key: data[value] if key == "z" else value for key, value in changes.items()}
    with pytest.raises(error, match=says):
        instrumental_variables(**data | changes)


def test_instruments_that_do_not_move_the_treatment():
    data = endogenous_panel(np.random.default_rng(0))
    z = data["z"][:, 0]
    design = np.column_stack([data["d"], data["x"], indicators(data["entity"]), indicators(data["time"])])
    z = z - design @ np.linalg.lstsq(design, z, rcond=None)[0]
    with pytest.raises(DataError, match="do not move the treatment"):
        fit(data | {"z": z})

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.panel.demeaning import demean_two_way
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects
from digital_clusters.estimators.panel.mediation import mediation
from digital_clusters.estimators.panel.products import draw_counts
from digital_clusters.estimators.resampling.simulated_panels import autocorrelated

IDENTITY = 1e-9  # absolute, effects are of order one
SAME = 1e-8  # relative; the same regressions computed otherwise

A, B, DIRECT = np.array([0.5, -0.4]), np.array([0.6, 0.5]), 0.2


def mediated(rng, *, n_units=60, n_years=6):
    """Two mediators with indirect effects 0.3 and −0.2; errors persist, effects of units drive everything."""
    n = n_units * n_years
    entity, time = np.divmod(np.arange(n), n_years)
    unit = rng.normal(size=n_units)[entity]

    def noise():
        return autocorrelated(rng, n_units, n_years, 0.5).ravel()

    x = rng.normal(size=n)
    d = unit + 0.2 * time + 0.3 * x + noise()
    m = np.column_stack([A[j] * d - unit + 0.1 * x + noise() for j in range(2)])
    y = DIRECT * d + m @ B + 2 * unit - 0.3 * time + 0.2 * x + noise()
    return {"y": y, "d": d, "m": m, "x": x, "entity": entity, "time": time}


def fit(data, **options):
    return mediation(**data, **{"terms": ["d", "x"], "mediators": ["u", "v"], "draws": 200} | options)


@settings(max_examples=20)
@given(
    seed=st.integers(0, 10_000),
    share=st.floats(0.7, 1.0),
    effects=st.sampled_from(["two_way", "entity", "time", "none"]),
)
def test_total_is_direct_and_indirect(seed, share, effects):
    rng = np.random.default_rng(seed)
    kept = np.flatnonzero(rng.random(180) < share)
    data = {name: array[kept] for name, array in mediated(rng, n_units=30).items()}
    found = fit(data, effects=effects, draws=100)
    total = found.total["d"][0]
    assert found.direct[0] + found.indirect["indirect"][0] == pytest.approx(total, abs=IDENTITY)
    parts = found.indirect["via u"][0] + found.indirect["via v"][0]
    assert found.indirect["indirect"][0] == pytest.approx(parts, abs=IDENTITY)
    assert found.share == pytest.approx(1 - found.direct[0] / total)


def test_each_step_is_the_library():
    data = mediated(np.random.default_rng(1))
    found = fit(data)
    keys = {"entity": data["entity"], "time": data["time"]}
    short = np.column_stack([data["d"], data["x"]])
    expected = [
        two_way_fixed_effects(data["y"], short, **keys, terms=["d", "x"]),
        *(two_way_fixed_effects(data["m"][:, j], short, **keys, terms=["d", "x"]) for j in range(2)),
        two_way_fixed_effects(
            data["y"],
            np.column_stack([data["d"], data["m"], data["x"]]),
            **keys,
            terms=["d", "u", "v", "x"],
        ),
    ]
    for step, library in zip([found.total, *found.first, found.outcome], expected, strict=True):
        assert step.terms == library.terms
        assert step.coefficients == pytest.approx(library.coefficients, rel=SAME)
        assert step.covariance == pytest.approx(library.covariance, rel=SAME, abs=1e-12)


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_bootstrap_is_the_regressions_on_each_resample(share):
    rng = np.random.default_rng(3)
    data = mediated(rng, n_units=12)
    kept = np.flatnonzero(rng.random(72) < share)
    data = {name: array[kept] for name, array in data.items()}
    found = fit(data, seed=9, draws=100)
    codes = np.unique(data["entity"], return_inverse=True)[1]
    counts = draw_counts(np.random.default_rng(9), codes.max() + 1, 100)
    for draw in range(8):
        rows, label = [], []
        for copy, g in enumerate(np.repeat(np.arange(codes.max() + 1), counts[draw])):
            rows += list(np.flatnonzero(codes == g))
            label += [copy] * int((codes == g).sum())
        years = np.unique(data["time"][rows], return_inverse=True)[1]
        columns = np.column_stack([data[name] for name in ("y", "d", "m", "x")])[rows]
        y, d, u, v, x = demean_two_way(columns, np.array(label), years).T
        a = [np.linalg.lstsq(np.column_stack([d, x]), m, rcond=None)[0][0] for m in (u, v)]
        b = np.linalg.lstsq(np.column_stack([d, u, v, x]), y, rcond=None)[0][1:3]
        expected = np.append(a * b, a @ b)
        assert found.draws[draw] == pytest.approx(expected, rel=1e-6)


def test_errors_and_intervals():
    found = fit(mediated(np.random.default_rng(4), n_units=150), draws=4000)
    # a standard deviation of 4,000 draws has a relative error of 1.1 %; the rest is the delta method's
    assert found.indirect.standard_errors == pytest.approx(found.draws.std(axis=0), rel=0.08)
    for j, name in enumerate("uv"):
        (a, a_error), (b, b_error) = found.first[j]["d"], found.outcome[name]
        assert found.sobel_errors[j] == pytest.approx(np.sqrt((a * b_error) ** 2 + (b * a_error) ** 2))
    assert found.percentile == pytest.approx(np.quantile(found.draws, [0.025, 0.975], axis=0).T)
    j = 1
    shift = stats.norm.ppf(np.mean(found.draws[:, j] < found.indirect.coefficients[j]))
    ends = stats.norm.cdf(2 * shift + stats.norm.ppf([0.025, 0.975]))
    assert found.bias_corrected[j] == pytest.approx(np.quantile(found.draws[:, j], ends))
    wide, narrow = (fit(mediated(np.random.default_rng(4)), level=level).percentile for level in (0.99, 0.5))
    assert (wide[:, 0] < narrow[:, 0]).all() and (narrow[:, 1] < wide[:, 1]).all()


def test_delta_error_of_the_sum_is_that_of_total_less_direct():
    data = mediated(np.random.default_rng(5), n_units=400)
    found = fit(data)
    codes, time = data["entity"], data["time"]
    columns = np.column_stack([data[name] for name in ("y", "d", "m", "x")])
    y, d, u, v, x = demean_two_way(columns, codes, time).T

    def influence(regressors):
        projection = np.linalg.pinv(np.column_stack(regressors))
        score = projection[0] * (y - np.column_stack(regressors) @ (projection @ y))
        return np.bincount(codes, weights=score)

    gap = influence([d, x]) - influence([d, u, v, x])
    # the small-sample factors of the two regressions differ by 2 in 2,400 rows
    assert found.indirect.standard_errors[-1] == pytest.approx(np.sqrt(gap @ gap * 400 / 399), rel=5e-3)


def test_planted_indirect_effects_are_covered():
    rng = np.random.default_rng(6)
    truth = np.append(A * B, A @ B)
    hits = np.zeros((2, 3))
    draws = 200
    for _ in range(draws):
        found = fit(mediated(rng), seed=rng, draws=300)
        for row, ends in enumerate((found.percentile, found.bias_corrected)):
            hits[row] += (ends[:, 0] <= truth) & (truth <= ends[:, 1])
    # three binomial standard deviations of 200 draws at 95 % are 0.046; with 60 clusters and 300 resamples
    # the bootstrap may fall short by another 0.02
    assert np.abs(hits / draws - 0.95).max() < 0.066


def test_draws_depend_on_the_seed_alone():
    data = mediated(np.random.default_rng(7))
    order = np.random.default_rng(0).permutation(len(data["y"]))
    first, again = fit(data), fit({name: array[order] for name, array in data.items()})
    assert again.draws == pytest.approx(first.draws, rel=1e-7)
    assert not np.allclose(fit(data, seed=1).draws, first.draws)


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"draws": 50}, ParameterError, "at least 100"),
        ({"level": 0}, ParameterError, "between 0 and 1"),
        ({"mediators": ["u"]}, ParameterError, "2 mediators need as many names"),
        ({"terms": ["d"]}, ParameterError, "2 terms are needed"),
        ({"mediators": ["u", "d"]}, ParameterError, "different names"),
        ({"effects": "both"}, ParameterError, "two_way, entity, time, none"),
    ],
)
def test_refusals(changes, error, says):
    with pytest.raises(error, match=says):
        fit(mediated(np.random.default_rng(0), n_units=10), **changes)


def test_columns_of_unlike_length_are_refused():
    data = mediated(np.random.default_rng(0), n_units=10)
    for name in ("d", "m", "x", "entity"):
        with pytest.raises(ParameterError, match=f"{name} has"):
            fit(data | {name: data[name][:-1]})


def test_a_mediator_that_repeats_another_is_refused():
    data = mediated(np.random.default_rng(0), n_units=10)
    with pytest.raises(DataError, match="'v' is a linear combination"):
        fit(data | {"m": np.column_stack([data["m"][:, 0], 2 * data["m"][:, 0] + data["d"]])})

import numpy as np
import pytest
from scipy import optimize, sparse

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.panel.demeaning import indicators
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects
from digital_clusters.estimators.spatial.durbin import spatial_panel
from digital_clusters.estimators.spatial.log_determinant import log_determinant
from digital_clusters.estimators.spatial.simulated import durbin_panel, near_neighbours

BRUTE = 1e-6  # relative; a bounded search without derivatives finds the maximum to the root of rounding
ALGEBRA = 1e-8  # relative; the same formula with every dummy and every matrix written out
SECOND_ORDER = 0.01  # of order 1/units, what the first-order corrections leave


def weights(kind, n, seed=0):
    rng = np.random.default_rng(seed)
    if kind == "row-standardised":
        return near_neighbours(rng, n, neighbours=3, mutual=False)
    w = rng.random((n, n)) * (rng.random((n, n)) < 0.4)
    np.fill_diagonal(w, 0)
    return sparse.csr_array(w / np.abs(np.linalg.eigvals(w)).max())


def small(kind="lopsided", seed=1, n=9, years=5):
    truth = {"rho": 0.4, "beta": (1.0, -0.5), "theta": (0.5, 0.3)}
    return durbin_panel(np.random.default_rng(seed), weights(kind, n), n_years=years, **truth)


def fit(draw, **options):
    keys = {"entity": draw.entity, "time": draw.time, "terms": [f"x{j}" for j in range(draw.x.shape[1])]}
    return spatial_panel(draw.y, draw.x, draw.w, **keys | options)


def stacked(draw, model, effects):
    """Outcome, W for all rows, and regressors with every indicator column, rows in unit-major order."""
    periods = int(draw.time.max()) + 1
    big = np.kron(draw.w.toarray(), np.eye(periods))
    x = np.hstack([draw.x, big @ draw.x]) if model in ("durbin", "slx") else draw.x
    units, years = indicators(draw.entity), indicators(draw.time)
    dummies = {
        "two_way": np.hstack([units, years[:, 1:]]),
        "individual": units,
        "time": years,
        "none": np.ones((len(draw.y), 1)),
    }
    return big, np.hstack([x, dummies[effects]]), x.shape[1]


def brute_force(draw, model, effects):
    """The maximum of the Gaussian likelihood with all dummies, by a search over the spatial parameter."""
    big, z, k = stacked(draw, model, effects)
    n = len(draw.y)

    def at(rho):
        a = np.eye(n) - rho * big
        left, right = (a @ draw.y, a @ z) if model == "error" else (a @ draw.y, z)
        b = np.linalg.lstsq(right, left, rcond=None)[0]
        s2 = np.mean((left - right @ b) ** 2)
        return np.linalg.slogdet(a)[1] - n / 2 * (np.log(2 * np.pi * s2) + 1), b[:k], s2

    if model in ("slx", "none"):
        return 0.0, *at(0.0)
    low, high = log_determinant(draw.w).bounds
    found = optimize.minimize_scalar(
        lambda r: -at(r)[0], bounds=(0.99 * low, 0.99 * high), method="bounded", options={"xatol": 1e-10}
    )
    return found.x, *at(found.x)


@pytest.mark.parametrize("kind", ["row-standardised", "lopsided"])
@pytest.mark.parametrize("effects", ["two_way", "individual", "time", "none"])
@pytest.mark.parametrize("model", ["durbin", "lag", "error", "slx", "none"])
def test_maximum_of_the_likelihood_with_all_dummies(model, effects, kind):
    draw = small(kind)
    rho, likelihood, b, s2 = brute_force(draw, model, effects)
    found = fit(draw, model=model, effects=effects)
    k = len(b)
    assert found.log_likelihood == pytest.approx(likelihood, rel=ALGEBRA)
    assert found.estimate.coefficients[:k] == pytest.approx(b, rel=100 * BRUTE, abs=BRUTE)
    assert found.sigma2 == pytest.approx(s2, rel=100 * BRUTE)
    if model in ("durbin", "lag"):
        assert found.rho == pytest.approx(rho, abs=100 * BRUTE)
    elif model == "error":
        assert found.estimate["lambda"][0] == pytest.approx(rho, abs=100 * BRUTE) and found.rho == 0
    assert found.estimate.terms[-1] == "sigma2" and np.isfinite(found.estimate.standard_errors).all()


def full_covariance(draw, found, effects):
    """Inverse information of slopes, dummies, spatial parameter and σ², every matrix written out."""
    big, z, k = stacked(draw, found.model, effects)
    n, s2 = len(draw.y), found.sigma2
    is_lag = found.model in ("durbin", "lag")
    rho = found.estimate.coefficients[k]
    a = np.eye(n) - rho * big
    g = np.linalg.solve(a.T, big.T).T
    right = z if is_lag else a @ z
    b = np.linalg.lstsq(right, a @ draw.y, rcond=None)[0]
    moved = g @ z @ b if is_lag else np.zeros(n)
    p = z.shape[1]
    out = np.zeros((p + 2, p + 2))
    out[:p, :p] = right.T @ right / s2
    out[:p, p] = out[p, :p] = right.T @ moved / s2
    out[p, p] = np.trace(g @ g) + np.trace(g.T @ g) + moved @ moved / s2
    out[p, p + 1] = out[p + 1, p] = np.trace(g) / s2
    out[p + 1, p + 1] = n / (2 * s2**2)
    kept = [*range(k), p, p + 1]
    return np.linalg.inv(out)[np.ix_(kept, kept)]


@pytest.mark.parametrize("kind", ["row-standardised", "lopsided"])
@pytest.mark.parametrize("effects", ["two_way", "individual", "time", "none"])
@pytest.mark.parametrize("model", ["durbin", "lag", "error"])
def test_information_is_that_of_the_model_with_all_dummies(model, effects, kind):
    draw = small(kind)
    found = fit(draw, model=model, effects=effects)
    truth = full_covariance(draw, found, effects)
    assert found.estimate.covariance == pytest.approx(truth, rel=1e-6, abs=1e-9)


def test_information_of_demeaned_data_differs_by_common_movements_only():
    draw = small("row-standardised")
    for effects, same in (("individual", True), ("two_way", False)):
        rules = ("information", "information_of_demeaned")
        pair = [fit(draw, effects=effects, errors=rule) for rule in rules]
        errors = [found.estimate["rho"][1] for found in pair]
        assert (errors[0] == pytest.approx(errors[1], rel=ALGEBRA)) == same
        assert errors[0] >= errors[1] * (1 - ALGEBRA)


def naive_clustered(draw, found):
    """The sandwich by loops over units and periods, for a row-standardised Durbin model without effects."""
    n, periods = draw.w.shape[0], int(draw.time.max()) + 1
    w, rho, s2 = draw.w.toarray(), found.rho, found.sigma2
    g = w @ np.linalg.inv(np.eye(n) - rho * w)
    y, x = draw.y.reshape(n, periods), draw.x.reshape(n, periods, -1)
    z = np.concatenate([x, np.einsum("ij,jtk->itk", w, x)], axis=2)
    z -= z.mean(axis=(0, 1))
    b = found.estimate.coefficients[: z.shape[2]]
    e = y - y.mean() - rho * (w @ y - (w @ y).mean()) - z @ b
    moved = g @ (z @ b)
    moved -= moved.mean()
    scores = []
    for i in range(n):
        own = np.zeros(z.shape[2] + 2)
        for t in range(periods):
            own[:-2] += z[i, t] * e[i, t] / s2
            own[-2] += moved[i, t] * e[i, t] / s2 + g[i, i] * (e[i, t] ** 2 - s2) / s2
            own[-2] += sum((g[i, j] + g[j, i]) * e[i, t] * e[j, t] for j in range(i)) / s2
            own[-1] += (e[i, t] ** 2 - s2) / (2 * s2**2)
        scores.append(own)
    scores = np.array(scores) - np.mean(scores, axis=0)
    bread = full_covariance(draw, found, "none")
    return n / (n - 1) * bread @ scores.T @ scores @ bread


def test_clustered_errors_by_loops():
    draw = small("row-standardised", n=12)
    found = fit(draw, effects="none", errors="clustered")
    assert found.estimate.covariance == pytest.approx(naive_clustered(draw, found), rel=1e-6, abs=1e-10)
    assert found.estimate.n_clusters == 12


def test_clustered_least_squares_are_the_fixed_effects_estimator():
    draw = small("row-standardised", n=12)
    found = fit(draw, model="none", errors="clustered").estimate
    keys = {"entity": draw.entity, "time": draw.time, "terms": ["x0", "x1"]}
    plain = two_way_fixed_effects(draw.y, draw.x, **keys, small_sample="none")
    assert found.coefficients[:2] == pytest.approx(plain.coefficients, rel=ALGEBRA)
    assert found.covariance[:2, :2] == pytest.approx(plain.covariance * 12 / 11, rel=1e-6)


def transformed_maximum(draw):
    """Lee & Yu's two-way transformation of a Durbin model with its matrices F written out."""
    n, periods = draw.w.shape[0], int(draw.time.max()) + 1

    def f(m):
        return np.linalg.svd(np.eye(m) - 1 / m)[0][:, : m - 1]

    both = np.kron(f(n), f(periods))
    big = np.kron(draw.w.toarray(), np.eye(periods))
    y, z = both.T @ draw.y, both.T @ np.hstack([draw.x, big @ draw.x])
    inner = np.kron(f(n).T @ draw.w.toarray() @ f(n), np.eye(periods - 1))

    def at(rho):
        left = y - rho * inner @ y
        b = np.linalg.lstsq(z, left, rcond=None)[0]
        s2 = np.mean((left - z @ b) ** 2)
        sign, value = np.linalg.slogdet(np.eye(len(y)) - rho * inner)
        return value - len(y) / 2 * (np.log(2 * np.pi * s2) + 1), b, s2

    found = optimize.minimize_scalar(
        lambda r: -at(r)[0], bounds=(-0.99, 0.99), method="bounded", options={"xatol": 1e-10}
    )
    return found.x, *at(found.x)


def test_transformation_is_the_likelihood_of_transformed_data():
    draw = small("row-standardised", n=14)
    rho, likelihood, b, s2 = transformed_maximum(draw)
    found = fit(draw, correction="transformation")
    assert found.log_likelihood == pytest.approx(likelihood, rel=ALGEBRA)
    assert found.rho == pytest.approx(rho, abs=100 * BRUTE)
    assert found.estimate.coefficients[:4] == pytest.approx(b, abs=100 * BRUTE)
    assert found.sigma2 == pytest.approx(s2, rel=100 * BRUTE)


def test_individual_effects_bias_the_variance_only():
    draw = small("row-standardised")
    rules = ("none", "transformation", "bias")
    plain, exact, bias = (fit(draw, effects="individual", correction=rule) for rule in rules)
    assert exact.estimate.coefficients[:5] == pytest.approx(plain.estimate.coefficients[:5], rel=ALGEBRA)
    assert bias.estimate.coefficients == pytest.approx(exact.estimate.coefficients, rel=ALGEBRA)
    assert exact.sigma2 == pytest.approx(plain.sigma2 * 5 / 4, rel=ALGEBRA)
    assert bias.estimate.covariance == pytest.approx(exact.estimate.covariance, rel=1e-6)


@pytest.fixture(scope="module")
def recovered():
    """Coefficients and errors on 60 panels with 100 units and 6 years, by correction."""
    w = near_neighbours(np.random.default_rng(3), 100)
    prepared = log_determinant(w)
    truth = {"rho": 0.4, "beta": (1.0,), "theta": (-0.5,)}
    rows = {"none": [], "transformation": [], "bias": []}
    for seed in range(60):
        draw = durbin_panel(np.random.default_rng([1, seed]), w, n_years=6, **truth)
        for correction, found in rows.items():
            e = fit(draw, correction=correction, log_determinant=prepared).estimate
            found.append([*e.coefficients, *e.standard_errors])
    return {name: np.array(found) for name, found in rows.items()}


@pytest.mark.parametrize("correction", ["transformation", "bias"])
def test_truth_is_recovered_with_the_corrections(recovered, correction):
    truth = np.array([1.0, -0.5, 0.4, 1.0])
    values, errors = recovered[correction][:, :4], recovered[correction][:, 4:]
    spread = values.std(axis=0, ddof=1)
    assert np.all(np.abs(values.mean(axis=0) - truth) < 4 * spread / np.sqrt(len(values)) + SECOND_ORDER)
    assert errors.mean(axis=0) / spread == pytest.approx(np.ones(4), abs=0.3)


def test_without_correction_the_variance_counts_one_year_too_many(recovered):
    assert recovered["none"][:, 3].mean() == pytest.approx(5 / 6, abs=0.03)


def test_clustered_errors_are_right_where_innovations_persist():
    w = near_neighbours(np.random.default_rng(3), 80)
    prepared, found = log_determinant(w), {"clustered": [], "information": []}
    for seed in range(80):
        rng = np.random.default_rng(seed)
        draw = durbin_panel(
            rng, w, n_years=6, rho=0.4, beta=(1.0,), theta=(0.0,), unit_strength=0, persistence=0.8
        )
        # x that hardly moves over time makes persistence matter
        still = np.repeat(draw.x[draw.time == 0], 6, axis=0) + 0.1 * draw.x
        y = draw.y + still[:, 0]
        for errors, rows in found.items():
            e = spatial_panel(
                y, still, w, entity=draw.entity, time=draw.time, terms=["x"], model="none", effects="time",
                errors=errors, log_determinant=prepared,
            ).estimate  # fmt: skip
            rows.append([e.coefficients[0], e.standard_errors[0]])
    clustered, plain = (np.array(found[name]) for name in ("clustered", "information"))
    spread = clustered[:, 0].std(ddof=1)
    assert clustered[:, 1].mean() / spread == pytest.approx(1, abs=0.25)
    assert plain[:, 1].mean() / spread < 0.7


@pytest.mark.parametrize("persistence", [0.0, 0.6])
def test_clustered_error_of_rho_is_its_spread(persistence):
    """Neighbours' innovations multiply in the score of rho; left as they stand the error would be off."""
    w = near_neighbours(np.random.default_rng(3), 100, neighbours=3)
    prepared, rows = log_determinant(w), []
    truth = {"rho": 0.5, "beta": (0.2,), "theta": (0.0,), "unit_strength": 0.0, "persistence": persistence}
    for seed in range(100):
        draw = durbin_panel(np.random.default_rng([2, seed]), w, n_years=5, **truth)
        options = {"effects": "time", "correction": "transformation", "log_determinant": prepared}
        rows.append(
            [fit(draw, errors=rule, **options).estimate["rho"] for rule in ("clustered", "information")]
        )
    values, errors = np.moveaxis(np.array(rows), 2, 0)
    spread = values[:, 0].std(ddof=1)
    assert errors[:, 0].mean() / spread == pytest.approx(1, abs=0.2)
    if persistence:
        assert errors[:, 1].mean() / spread < 0.8


def test_rows_may_come_in_any_order_and_labels_sort():
    draw = small()
    rows = np.random.default_rng(0).permutation(len(draw.y))
    names = np.array([f"city {chr(97 + i)}" for i in range(9)])
    shuffled = spatial_panel(
        draw.y[rows], draw.x[rows], draw.w.toarray(),
        entity=names[draw.entity[rows]], time=2003 + draw.time[rows], terms=["x0", "x1"],
    )  # fmt: skip
    found = fit(draw)
    assert shuffled.estimate.coefficients == pytest.approx(found.estimate.coefficients, rel=ALGEBRA)
    assert shuffled.residuals == pytest.approx(found.residuals, rel=1e-6, abs=ALGEBRA)


def test_only_the_terms_named_are_lagged():
    draw = small("row-standardised")
    years = np.hstack([draw.x, indicators(draw.time)[:, 1:]])
    names = ["x0", "x1", *(f"year {t}" for t in range(1, 5))]
    dummies = spatial_panel(
        draw.y, years, draw.w, entity=draw.entity, time=draw.time, terms=names, lagged=["x0", "x1"],
        effects="individual",
    )  # fmt: skip
    found = fit(draw)
    both = ("x0", "x1", "W·x0", "W·x1", "rho", "sigma2")
    for term in both:
        assert dummies.estimate[term] == pytest.approx(found.estimate[term], rel=1e-6)
    one = fit(draw, lagged=["x1"])
    assert one.estimate.terms == ("x0", "x1", "W·x1", "rho", "sigma2") and one.lagged == ("x1",)


def test_units_of_the_terms_do_not_matter():
    draw, scale = small(), np.array([1e6, 1e-6])
    plain, scaled = fit(draw).estimate, fit(draw._replace(x=draw.x * scale)).estimate
    both = np.array([*scale, *scale, 1, 1])
    assert scaled.coefficients * both == pytest.approx(plain.coefficients, rel=1e-6)
    assert scaled.standard_errors * both == pytest.approx(plain.standard_errors, rel=1e-6)


def test_strong_dependence_is_found_near_the_bound():
    w = near_neighbours(np.random.default_rng(1), 60)
    truth = {"rho": 0.99, "beta": (1.0,), "theta": (0.5,), "year_strength": 0.0}
    draw = durbin_panel(np.random.default_rng(2), w, n_years=8, **truth)
    found = fit(draw, effects="individual")
    assert found.rho == pytest.approx(0.99, abs=0.01)


def test_a_likelihood_without_a_maximum_is_refused():
    """The outcome is one number for all units in each year: Wy is y."""
    draw = small("row-standardised")
    year = np.random.default_rng(1).normal(size=5)[draw.time]
    noise = 1e-9 * np.random.default_rng(2).normal(size=45)
    with pytest.raises(DataError, match="rises towards the bound"):
        fit(draw._replace(y=year + noise), effects="individual", model="lag")


def test_methods_of_the_log_determinant_agree():
    w = near_neighbours(np.random.default_rng(1), 150)
    truth = {"rho": 0.5, "beta": (1.0,), "theta": (0.5,)}
    draw = durbin_panel(np.random.default_rng(2), w, n_years=5, **truth)
    exact, factored, near = (fit(draw, log_determinant=m) for m in ("eigenvalues", "lu", "chebyshev"))
    assert factored.estimate.coefficients == pytest.approx(exact.estimate.coefficients, rel=1e-5)
    assert factored.estimate.covariance == pytest.approx(exact.estimate.covariance, rel=1e-3, abs=1e-7)
    assert near.rho == pytest.approx(exact.rho, abs=0.2 * exact.estimate["rho"][1])
    reused = fit(draw, log_determinant=exact.log_determinant)
    assert reused.log_determinant is exact.log_determinant and reused.rho == exact.rho


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"model": "sdm"}, "lag, error, durbin, slx, none"),
        ({"effects": "twoway"}, "two_way, individual, time, none"),
        ({"errors": "robust"}, "information, information_of_demeaned, clustered"),
        ({"correction": "lee_yu"}, "none, bias, transformation"),
        ({"concentration": "WJy"}, "exact, demean_first"),
        ({"log_determinant": "ord"}, "auto, eigenvalues, lu, chebyshev"),
        ({"lagged": ["z"]}, "'z' is not one of the terms x0, x1"),
        ({"model": "lag", "lagged": ["x0"]}, "'lag' has no spatial lags of terms"),
        ({"correction": "bias", "effects": "none"}, "there are none"),
        ({"correction": "bias", "concentration": "demean_first"}, "needs concentration = 'exact'"),
        ({"correction": "transformation"}, "rows have one sum"),
        ({"log_determinant": log_determinant(weights("lopsided", 5))}, "of 5 units, the panel has 9"),
    ],
)
def test_wrong_options_are_named(options, says):
    with pytest.raises(ParameterError, match=says):
        fit(small(), **options)


def test_the_first_gap_is_named():
    draw = small()
    kept = ~((draw.entity == 4) & (draw.time >= 3))
    with pytest.raises(DataError, match=r"no row for entity 4 in period 3 \(2 of 45 missing\)"):
        keys = {"entity": draw.entity[kept], "time": draw.time[kept]}
        spatial_panel(draw.y[kept], draw.x[kept], draw.w, **keys, terms=["a", "b"])


def test_data_that_do_not_identify_the_model_are_refused():
    draw = small()
    with pytest.raises(DataError, match="weights are 5 × 5, the panel has 9 units"):
        fit(draw._replace(w=weights("lopsided", 5)))
    still = np.column_stack([draw.x[:, 0], draw.entity.astype(float)])
    with pytest.raises(DataError, match="no variation is left in 'x1'"):
        fit(draw._replace(x=still))
    with pytest.raises(DataError, match="'x1' is a linear combination"):
        fit(draw._replace(x=np.column_stack([draw.x[:, 0], 2 * draw.x[:, 0]])))
    with pytest.raises(DataError, match="too few for"):
        fit(small(n=4, years=3)._replace(x=np.random.default_rng(1).normal(size=(12, 4))), model="lag")


def test_without_spatial_terms_a_unit_changes_the_slopes_by_what_leaving_it_out_does():
    draw = small(n=12)
    found = fit(draw, model="none")
    left = [column - projected(column, draw) for column in (draw.y, *draw.x.T)]
    y, x = left[0], np.column_stack(left[1:])
    whole = np.linalg.lstsq(x, y)[0]
    for unit in range(12):
        rows = draw.entity != unit
        moved = whole - np.linalg.lstsq(x[rows], y[rows])[0]
        assert found.influences[unit, :2] == pytest.approx(moved, rel=ALGEBRA)


def projected(column, draw):
    """Projection on every indicator of units and years."""
    dummies = np.hstack([indicators(draw.entity), indicators(draw.time)])
    return dummies @ np.linalg.lstsq(dummies, column)[0]


def test_departures_of_units_spread_more_than_their_scores():
    """The squares add up to more than the sandwich: leverage is taken out of each unit's residuals."""
    found = fit(small("row-standardised", n=40, years=8), errors="clustered", correction="transformation")
    n = len(found.influences)
    jackknife = np.sqrt((found.influences**2).sum(axis=0) * (n - 1) / n)
    ratio = jackknife / found.estimate.standard_errors
    slopes = [not name.startswith(("rho", "sigma2")) for name in found.estimate.terms]
    assert (ratio[slopes] > 1).all() and (ratio[slopes] < 1.5).all()

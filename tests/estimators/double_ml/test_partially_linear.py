import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import LassoCV, LinearRegression
from sklearn.model_selection import PredefinedSplit, cross_val_predict

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.double_ml.cross_fitting import cross_fit_panel
from digital_clusters.estimators.double_ml.partially_linear import (
    estimate_partialled_out,
    partial_out,
    partially_linear,
)
from digital_clusters.estimators.double_ml.scores import aggregate, solve_moments, weigh_units
from digital_clusters.estimators.options import FixedEffects
from digital_clusters.estimators.panel.demeaning import demean_two_way
from digital_clusters.estimators.resampling.simulated_panels import correlated_effects

ALGEBRA = 1e-9  # the same sums in another order, on numbers of order one
REFERENCE_G1 = 1e-6  # relative; the tolerance stated with the case
PRINTED_G4 = 1e-6  # printed with six decimals


def linear(draw, keys, **options):
    given = {"terms": ["d"], "fixed_effects": "none", "learner": "linear", "seed": 4} | options
    return partially_linear(draw.y, draw.d, draw.x, **keys, **given)


def by_hand(y, d, x, numbers, regressor, clusters):
    """Cross-fitted residuals, their regression, and both variances of the score by plain loops."""
    cv = PredefinedSplit(numbers)
    u = y - cross_val_predict(clone(regressor), x, y, cv=cv)
    v = np.column_stack([c - cross_val_predict(clone(regressor), x, c, cv=cv) for c in d.T])
    theta = np.linalg.lstsq(v, u, rcond=None)[0]
    bread = np.linalg.inv(v.T @ v)
    robust, clustered = np.zeros_like(bread), np.zeros_like(bread)
    psi = v * (u - v @ theta)[:, None]
    for i in range(len(y)):
        robust += np.outer(psi[i], psi[i])
    for label in np.unique(clusters):
        total = sum(psi[i] for i in range(len(y)) if clusters[i] == label)
        clustered += np.outer(total, total)
    return theta, bread @ robust @ bread, bread @ clustered @ bread


@pytest.mark.parametrize(
    "regressor", [LinearRegression(), GradientBoostingRegressor(n_estimators=20, random_state=0)]
)
@pytest.mark.parametrize("k", [1, 3])
def test_agrees_with_partialling_out_by_hand(draw, keys, regressor, k):
    m = draw.x[:, :1]
    d = np.hstack([draw.d, draw.d * m, m])[:, :k]
    x = draw.x[:, 1:]
    numbers = np.arange(len(draw.y)) % 5
    theta, robust, clustered = by_hand(draw.y, d, x, numbers, regressor, draw.entity)
    options = {"terms": ["d", "dm", "m"][:k], "learner": regressor, "fold_numbers": numbers, "seed": 0}
    for errors, covariance in (("robust", robust), ("clustered", clustered)):
        found = partially_linear(draw.y, d, x, **keys, fixed_effects="none", errors=errors, **options)
        assert found.coefficients == pytest.approx(theta, abs=ALGEBRA)
        assert found.covariance == pytest.approx(covariance, abs=ALGEBRA)
    assert found.n_clusters == 40 and found.folds == 5


@pytest.mark.parametrize("fold_unit", ["rows", "clusters"])
def test_single_treatment_is_doublemls_own_estimate(draw, keys, fold_unit):
    from doubleml import DoubleMLData, DoubleMLPLR

    clustered = fold_unit == "clusters"
    # 40 entities in 3 folds are of unequal size, where doubleml's weights of clusters matter
    residuals = partial_out(
        draw.y,
        draw.d,
        draw.x,
        **keys,
        terms=["d"],
        fixed_effects="none",
        learner="linear",
        folds=3,
        fold_unit=fold_unit,
        repeats=2,
        seed=5,
    )
    found = estimate_partialled_out(residuals, errors="clustered" if clustered else "robust")
    data = DoubleMLData.from_arrays(
        draw.x, draw.y, draw.d[:, 0], cluster_vars=draw.entity if clustered else None
    )
    model = DoubleMLPLR(data, LinearRegression(), LinearRegression(), n_folds=3, draw_sample_splitting=False)
    folds = [
        [(np.flatnonzero(f != k), np.flatnonzero(f == k)) for k in range(3)] for f in residuals.fold_numbers
    ]
    units = [
        [([np.unique(draw.entity[train])], [np.unique(draw.entity[test])]) for train, test in pairs]
        for pairs in folds
    ]
    model.set_sample_splitting(folds, units if clustered else None)
    model.fit()
    assert found.coefficients == pytest.approx(model.coef, abs=ALGEBRA)
    assert found.standard_errors == pytest.approx(model.se, abs=ALGEBRA)
    assert found.repetitions[:, 0] == pytest.approx(model.all_coef[0], abs=ALGEBRA)


def test_reference_case_401k(reference_case):
    case = reference_case("G1")
    folder = case["folder"] / "data" / "G_401k"
    frame = pd.read_csv(folder / "401k_features.csv")
    numbers = pd.read_csv(folder / "folds.csv").to_numpy().T
    n = len(frame)
    residuals = partial_out(
        frame["net_tfa"],
        frame["e401"],
        frame.drop(columns=["net_tfa", "e401", "p401"]),
        entity=np.arange(n),
        time=np.zeros(n),
        terms=["e401"],
        fixed_effects="none",
        learner="linear",
        seed=0,
        fold_numbers=numbers,
    )
    expected = case["expected"]
    found = estimate_partialled_out(residuals)
    assert found.coefficients[0] == pytest.approx(expected["coef"], rel=REFERENCE_G1)
    assert found.repetitions[:, 0] == pytest.approx(expected["all_coef"], rel=REFERENCE_G1)
    assert found.standard_errors[0] == pytest.approx(expected["se_doubleml"], rel=REFERENCE_G1)
    of_2018 = estimate_partialled_out(residuals, aggregation="variance")
    assert of_2018.standard_errors[0] == pytest.approx(expected["se_paper_median"], rel=REFERENCE_G1)
    for r, error in enumerate(expected["all_se"]):
        n_rows = len(frame)
        _, covariance = solve_moments(
            residuals.outcome[r],
            residuals.treatments[r],
            units=np.arange(n_rows),
            unit_weights=np.full(n_rows, 1 / n_rows),
        )
        assert np.sqrt(covariance[0, 0]) == pytest.approx(error, rel=REFERENCE_G1)


@pytest.mark.filterwarnings("ignore:The inplace keyword")
def test_reference_case_panel_approaches(reference_case):
    from doubleml import DoubleMLPanelData, DoubleMLPLPR
    from doubleml.plm.datasets import make_plpr_CP2025

    case = reference_case("G4")
    # the folds come from the legacy global state, in the order of the published run
    np.random.seed(123)  # noqa: NPY002
    frame = make_plpr_CP2025(num_id=150)
    stored = pd.read_csv(case["folder"] / case["data"])
    assert frame["y"].to_numpy() == pytest.approx(stored["y"].to_numpy(), abs=ALGEBRA)
    covariates = [c for c in frame if c.startswith("x")]
    entity = frame["id"].to_numpy() - 1
    for approach, (coefficient, error) in case["expected"].items():
        data = DoubleMLPanelData(
            frame, y_col="y", d_cols="d", t_col="time", id_col="id", x_cols=covariates, static_panel=True
        )
        drawn = DoubleMLPLPR(data, LassoCV(), LassoCV(), approach=approach)
        fold_of = np.empty(150, dtype=int)
        for fold, (_, held_out) in enumerate(drawn.smpls_cluster[0]):
            fold_of[np.asarray(held_out[0]) - 1] = fold
        found = cross_fit_panel(
            frame["y"].to_numpy(),
            frame[["d"]].to_numpy(),
            frame[covariates].to_numpy(),
            entity=entity,
            time=frame["time"].to_numpy(),
            approach=approach,
            learner=LassoCV(),
            fold_numbers=fold_of[entity][None],
        )
        weights = weigh_units(found.entity, found.entity, found.fold_numbers[0], whole_entities=True)
        theta, covariance = solve_moments(
            found.outcome[0], found.treatments[0], units=found.entity, unit_weights=weights
        )
        assert theta[0] == pytest.approx(coefficient, abs=PRINTED_G4)
        assert np.sqrt(covariance[0, 0]) == pytest.approx(error, abs=PRINTED_G4)


def test_two_rules_of_the_median_by_hand():
    coefficients = np.array([[1.0], [2.0], [4.0]])
    covariances = np.array([[[1.0]], [[0.25]], [[0.01]]])
    theta, upper = aggregate(coefficients, covariances)
    assert theta[0] == 2.0
    assert np.sqrt(upper[0, 0]) == pytest.approx((np.median([2.96, 2.98, 4.196]) - 2) / 1.96, abs=ALGEBRA)
    _, variance = aggregate(coefficients, covariances, "variance")
    assert variance[0, 0] == pytest.approx(np.median([1 + 1, 0.25, 0.01 + 4]), abs=ALGEBRA)


def test_first_differences_with_linear_learners_by_loops(draw):
    """One fold rule, differences taken row by row, covariates now and before."""
    keep = np.ones(len(draw.y), dtype=bool)
    keep[[8, 100]] = False  # gaps: units 1 and 16 lose a year
    y, d, x, entity, time = (a[keep] for a in draw[:5])
    fold_of = np.arange(40) % 4
    row_of = {(i, t): r for r, (i, t) in enumerate(zip(entity, time, strict=True))}
    pairs = [(row_of[i, t], row_of[i, t - 1]) for i, t in sorted(row_of) if (i, t - 1) in row_of]
    now, before = np.array(pairs).T
    years = np.eye(6)[time][:, 1:]
    features = np.hstack([x[now], x[before], years[now], years[before]])
    dy, dd, folds = y[now] - y[before], d[now, 0] - d[before, 0], fold_of[entity[now]]
    u = dy - cross_val_predict(LinearRegression(), features, dy, cv=PredefinedSplit(folds))
    v = dd - cross_val_predict(LinearRegression(), features, dd, cv=PredefinedSplit(folds))
    found = partially_linear(
        y,
        d,
        x,
        entity=entity,
        time=time,
        terms=["d"],
        fixed_effects="first_differences",
        learner="linear",
        fold_unit="clusters",
        errors="clustered",
        fold_numbers=fold_of[entity],
        seed=0,
    )
    assert found.n_observations == len(pairs)
    assert found.coefficients[0] == pytest.approx(u @ v / (v @ v), abs=ALGEBRA)


def test_within_is_partialling_out_of_demeaned_columns(draw, keys):
    within = [demean_two_way(a, draw.entity, draw.time) for a in (draw.y, draw.d, draw.x)]
    plain = partially_linear(*within, **keys, terms=["d"], fixed_effects="none", learner="linear", seed=4)
    assert linear(draw, keys, fixed_effects="within").coefficients == pytest.approx(
        plain.coefficients, abs=ALGEBRA
    )
    both = np.hstack([draw.x, within[2]])
    plain = partially_linear(
        within[0], within[1], both, **keys, terms=["d"], fixed_effects="none", learner="linear", seed=4
    )
    assert linear(draw, keys, fixed_effects="within_y_d").coefficients == pytest.approx(
        plain.coefficients, abs=ALGEBRA
    )


@pytest.mark.parametrize("fixed_effects", FixedEffects.__args__)
def test_linear_learner_finds_the_effect_unless_unit_effects_are_ignored(fixed_effects):
    """A line misses squares and tanh by a little; ignoring the units is wrong by a lot."""
    panel = correlated_effects(np.random.default_rng(2), n_units=150, n_years=8, n_covariates=3)
    found = partially_linear(
        *panel[:3],
        entity=panel.entity,
        time=panel.time,
        terms=["d"],
        fixed_effects=fixed_effects,
        learner="linear",
        fold_unit="rows" if fixed_effects == "dummies" else "clusters",
        errors="clustered",
        seed=1,
    )
    off = abs(found.coefficients[0] - panel.theta) / found.standard_errors[0]
    assert off > 8 if fixed_effects == "none" else off < 3.5
    assert set(found.nuisance) == {"outcome", "treatment:d"}


def test_boosting_does_not_absorb_unit_effects_and_demeaning_does():
    panel = correlated_effects(np.random.default_rng(3), n_units=100, n_years=8, n_covariates=3)
    options = {"entity": panel.entity, "time": panel.time, "terms": ["d"], "errors": "clustered", "seed": 1}
    dummies = partially_linear(*panel[:3], fixed_effects="dummies", **options)
    within = partially_linear(*panel[:3], fixed_effects="within", **options)
    assert dummies.interval()[0, 0] > panel.theta
    assert within.interval()[0, 0] < panel.theta < within.interval()[0, 1]


@settings(max_examples=10)
@given(outcome=st.floats(0.01, 100), treatment=st.floats(0.01, 100), shift=st.floats(-50, 50))
def test_scale_and_constant(draw, keys, outcome, treatment, shift):
    base = linear(draw, keys)
    scaled = partially_linear(
        outcome * draw.y + shift,
        treatment * draw.d - shift,
        draw.x,
        **keys,
        terms=["d"],
        fixed_effects="none",
        learner="linear",
        seed=4,
    )
    factor = outcome / treatment
    assert scaled.coefficients == pytest.approx(factor * base.coefficients, rel=1e-6)
    assert scaled.standard_errors == pytest.approx(factor * base.standard_errors, rel=1e-6)


@settings(max_examples=5)
@given(st.integers(0, 1000))
def test_row_order_does_not_matter(draw, seed):
    order = np.random.default_rng(seed).permutation(len(draw.y))
    numbers = draw.entity % 5
    results = []
    for rows in (np.arange(len(order)), order):
        y, d, x, entity, time = (a[rows] for a in draw[:5])
        results.append(
            partially_linear(
                y,
                d,
                x,
                entity=entity,
                time=time,
                terms=["d"],
                fixed_effects="within",
                learner="linear",
                fold_unit="clusters",
                errors="clustered",
                fold_numbers=numbers[rows],
                seed=1,
            )
        )
    assert results[0].coefficients == pytest.approx(results[1].coefficients, abs=ALGEBRA)
    assert results[0].covariance == pytest.approx(results[1].covariance, abs=ALGEBRA)


def test_same_seed_same_numbers_and_repeats_are_kept(draw, keys):
    first, again, other = (linear(draw, keys, repeats=3, seed=seed) for seed in (1, 1, 2))
    assert (first.repetitions == again.repetitions).all() and (first.repetitions != other.repetitions).any()
    assert first.repetitions.shape == (3, 1)
    assert first.coefficients[0] == np.median(first.repetitions)
    assert first.repeats == 3 and first.folds == 5 and first.learner == "linear" and first.seconds > 0


def test_no_covariates_means_deviations_from_training_means(draw, keys):
    found = partially_linear(draw.y, draw.d, None, **keys, terms=["d"], fixed_effects="none", seed=1)
    assert found.coefficients[0] == pytest.approx(np.polyfit(draw.d[:, 0], draw.y, 1)[0], rel=0.02)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"fixed_effects": "first_differences"}, "set fold_unit = 'clusters'"),
        ({"fixed_effects": "first_differences", "fold_unit": "clusters"}, "needs errors = 'clustered'"),
        ({"errors": "driscoll_kraay"}, "use one of: robust, clustered"),
        ({"fixed_effects": "two_way"}, "is not one of: dummies"),
        ({"folds": 41, "fold_unit": "clusters"}, "number of clusters, 40"),
        ({"fold_numbers": np.arange(240) % 5, "fold_unit": "clusters"}, "splits an entity"),
        ({"fold_numbers": [0, 1]}, "fold_numbers has 2 rows"),
    ],
)
def test_contradictions_are_refused(draw, keys, options, says):
    with pytest.raises(ParameterError, match=says):
        linear(draw, keys, **options)


@pytest.mark.parametrize("fixed_effects", ["within", "first_differences"])
def test_absorbed_treatment_is_named(draw, keys, fixed_effects):
    still = draw.x[:, 0][draw.entity * 6]
    with pytest.raises(DataError, match="no variation is left in 'stays'"):
        partially_linear(
            draw.y,
            np.column_stack([draw.d, still]),
            draw.x,
            **keys,
            terms=["d", "stays"],
            fixed_effects=fixed_effects,
            fold_unit="clusters",
            errors="clustered",
            learner="linear",
            seed=1,
        )


def test_treatment_that_dummies_predict_perfectly_is_named(draw, keys):
    still = draw.x[:, 0][draw.entity * 6]
    with pytest.raises(DataError, match="no variation is left in 'stays'"):
        partially_linear(draw.y, still, None, **keys, terms=["stays"], learner="linear", seed=1)


def test_residuals_of_differences_keep_to_clustered_errors(draw, keys):
    residuals = partial_out(
        *draw[:3],
        **keys,
        terms=["d"],
        fixed_effects="first_differences",
        learner="linear",
        fold_unit="clusters",
        seed=1,
    )
    assert estimate_partialled_out(residuals, errors="clustered").n_observations == 200
    with pytest.raises(ParameterError, match="needs errors = 'clustered'"):
        estimate_partialled_out(residuals)


def test_collinear_treatments_are_named(draw, keys):
    with pytest.raises(DataError, match="'twice' is a linear combination"):
        partially_linear(
            draw.y,
            np.column_stack([draw.d, 2 * draw.d]),
            draw.x,
            **keys,
            terms=["d", "twice"],
            fixed_effects="none",
            learner="linear",
            seed=1,
        )

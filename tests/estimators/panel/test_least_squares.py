from typing import get_args

import numpy as np
import pandas as pd
import pytest

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.options import Effects, ErrorRule
from digital_clusters.estimators.panel.arrays import check_panel
from digital_clusters.estimators.panel.demeaning import demean_two_way, indicators
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects
from digital_clusters.estimators.panel.least_squares import least_squares_estimate, within_panel

SAME = 1e-9  # relative; the same sums in another order

LIBRARY = 1e-10  # relative; exact algorithms on columns of ordinary size, in another order of sums

TERMS = ["d", "a", "b", "c"]


@pytest.fixture(scope="module")
def unbalanced(draw):
    kept = np.random.default_rng(4).permutation(len(draw.y))[:200]
    keys = {"entity": draw.entity[kept], "time": draw.time[kept]}
    return draw.y[kept], np.hstack([draw.d, draw.x])[kept], keys


@pytest.mark.parametrize("effects", ["two_way", "entity", "time", "none"])
@pytest.mark.parametrize("errors", ["homoskedastic", "robust", "clustered"])
def test_one_equation_is_the_library(unbalanced, effects, errors):
    y, w, keys = unbalanced
    panel = within_panel(y, w, **keys, terms=TERMS, effects=effects, errors=errors)
    found = panel.estimate(panel.fit(panel.y, panel.d, panel.raw.terms), "m")
    expected = two_way_fixed_effects(y, w, **keys, terms=TERMS, effects=effects, errors=errors)
    assert found.coefficients == pytest.approx(expected.coefficients, rel=SAME)
    assert found.covariance == pytest.approx(expected.covariance, rel=SAME, abs=1e-12)
    assert found.degrees_of_freedom == expected.degrees_of_freedom
    assert found.n_clusters == expected.n_clusters


ELSEWHERE = ("cv3", "hc3", "newey_west", "conley")
"""Rules with tests of their own: no library here has them with effects, gaps or weights."""

ERRORS = [rule for rule in get_args(ErrorRule) if rule not in ELSEWHERE]
"""Sandwiches that two libraries have."""

LAGS = 2
"""Of Driscoll–Kraay, in both."""


def same(found, coefficients, covariance):
    """Coefficients and covariance relative to the errors, as a covariance may be near zero."""
    assert found.coefficients == pytest.approx(coefficients, rel=LIBRARY)
    assert (np.diag(covariance) > 0).all(), "a negative variance is mended here, and is not in libraries"
    scale = np.sqrt(np.diag(covariance))
    assert found.covariance / np.outer(scale, scale) == pytest.approx(
        covariance / np.outer(scale, scale), rel=LIBRARY, abs=LIBRARY
    )


@pytest.mark.parametrize("effects", get_args(Effects))
@pytest.mark.parametrize("errors", ERRORS)
def test_linearmodels_has_the_same_numbers(unbalanced, effects, errors):
    from linearmodels.panel import PanelOLS

    y, w, keys = unbalanced
    index = pd.MultiIndex.from_arrays([keys["entity"], keys["time"]])
    x = pd.DataFrame(w, index, columns=TERMS)
    model = PanelOLS(
        pd.Series(y, index, name="y"),
        x.assign(one=1.0) if effects == "none" else x,
        entity_effects=effects in ("two_way", "entity"),
        time_effects=effects in ("two_way", "time"),
    )
    options = {
        "homoskedastic": {"cov_type": "unadjusted"},
        "robust": {"cov_type": "robust"},
        "clustered": {"cov_type": "clustered", "cluster_entity": True},
        "two_way_clustered": {"cov_type": "clustered", "cluster_entity": True, "cluster_time": True},
        "driscoll_kraay": {"cov_type": "driscoll-kraay", "bandwidth": LAGS},
    }[errors]
    bare = {"debiased": False, "auto_df": False, "count_effects": False}
    theirs = model.fit(**bare, **options)
    bandwidth = LAGS if errors == "driscoll_kraay" else None
    rule = {"effects": effects, "errors": errors, "bandwidth": bandwidth, "small_sample": "none"}
    found = two_way_fixed_effects(y, w, **keys, terms=TERMS, **rule)
    same(found, theirs.params[TERMS].to_numpy(), theirs.cov.loc[TERMS, TERMS].to_numpy())


@pytest.mark.parametrize("effects", get_args(Effects))
@pytest.mark.parametrize("errors", ERRORS)
@pytest.mark.parametrize("weighted", [False, True])
def test_statsmodels_with_every_dummy_has_the_same_numbers(unbalanced, effects, errors, weighted):
    import statsmodels.api as sm

    y, w, keys = unbalanced
    order = np.argsort(keys["time"], kind="stable")  # statsmodels sums runs of periods
    y, w, keys = y[order], w[order], {name: key[order] for name, key in keys.items()}
    raw = check_panel(y, w, None, **keys, terms=TERMS)
    weights = np.random.default_rng(5).uniform(0.5, 2, len(y)) if weighted else None
    removed = {"two_way": ("entity", "time"), "none": ()}.get(effects, (effects,))
    dummies = [indicators(getattr(raw, name), drop_first=True) for name in removed]
    model = sm.WLS(y, np.hstack([w, np.ones((len(y), 1)), *dummies]), 1.0 if weights is None else weights)
    groups = raw.entity if errors == "clustered" else np.column_stack([raw.entity, raw.time])
    kind, options = {
        "homoskedastic": ("nonrobust", {}),
        "robust": ("HC0", {}),
        "clustered": ("cluster", {"groups": groups, "use_correction": False}),
        "two_way_clustered": ("cluster", {"groups": groups, "use_correction": False}),
        "driscoll_kraay": ("hac-groupsum", {"time": raw.time, "maxlags": LAGS, "use_correction": False}),
    }[errors]
    theirs = model.fit(cov_type=kind, cov_kwds=options)
    covariance = theirs.cov_params()[:4, :4]
    bandwidth = LAGS if errors == "driscoll_kraay" else None
    rule = {"effects": effects, "errors": errors, "bandwidth": bandwidth, "weights": weights}
    bare = "nested" if errors == "homoskedastic" else "none"  # statsmodels counts every parameter there
    found = least_squares_estimate(raw, method="m", **rule, small_sample=bare)
    same(found, theirs.params[:4], covariance)


@pytest.mark.parametrize("effects", get_args(Effects))
def test_jackknife_by_leaving_out_one_entity_after_another(unbalanced, effects):
    y, w, keys = unbalanced
    rule = {"terms": TERMS, "effects": effects}
    found = two_way_fixed_effects(y, w, **keys, **rule, errors="cv3")
    gaps = []
    for entity in np.unique(keys["entity"]):
        kept = keys["entity"] != entity
        rest = {name: key[kept] for name, key in keys.items()}
        gaps.append(two_way_fixed_effects(y[kept], w[kept], **rest, **rule).coefficients - found.coefficients)
    same(found, found.coefficients, 39 / 40 * np.transpose(gaps) @ gaps)


def test_combinations_without_a_meaning_are_refused(unbalanced):
    y, w, keys = unbalanced
    raw = check_panel(y, w, None, **keys, terms=TERMS)
    for errors in ("cv3", "hc3"):
        with pytest.raises(ParameterError, match=f"'{errors}' takes no weights"):
            least_squares_estimate(raw, method="m", errors=errors, weights=np.ones(len(y)))
    with pytest.raises(ParameterError, match="'robust' takes no clusters"):
        least_squares_estimate(raw, method="m", errors="robust", clusters=raw.time)


@pytest.mark.parametrize("errors", ["clustered", "two_way_clustered", "driscoll_kraay", "cv3"])
def test_one_cluster_or_period_has_no_error(errors):
    rng = np.random.default_rng(1)
    y, x = rng.normal(size=(2, 12))
    if errors == "driscoll_kraay":
        keys, effects = {"entity": range(12), "time": [0] * 12}, "time"
    else:
        keys, effects = {"entity": [0] * 12, "time": range(12)}, "entity"
    with pytest.raises(DataError, match="more than one cluster or period"):
        two_way_fixed_effects(y, x, **keys, terms=["x"], effects=effects, errors=errors)


def test_driscoll_kraay_of_two_periods_has_no_error():
    """Scores of two balanced periods are the same in both, and the normal equations make their sum zero."""
    rng = np.random.default_rng(2)
    y, x = rng.normal(size=(2, 40))
    keys = {"entity": np.repeat(np.arange(20), 2), "time": np.tile([0, 1], 20)}
    found = two_way_fixed_effects(y, x, **keys, terms=["x"], errors="driscoll_kraay")
    assert np.isnan(found.standard_errors).all()
    assert "no variance between periods is left" in found.warnings[0]


def test_indicators_that_add_up_to_the_intercept_are_named(unbalanced):
    y, w, keys = unbalanced
    first = (w[:, 0] > 0).astype(float)
    both = np.column_stack([first, 1 - first])
    with pytest.raises(DataError, match="'rest' is a linear combination"):
        two_way_fixed_effects(y, both, **keys, terms=["first", "rest"], effects="none")


def test_covariance_between_equations_by_loops(unbalanced):
    y, w, keys = unbalanced
    panel = within_panel(y, w, **keys, terms=TERMS)
    small, large = (
        panel.fit(panel.y, panel.d[:, :1], ("d",)),
        panel.fit(panel.d[:, 1], panel.d[:, 2:], ("b", "c")),
    )
    codes = {name: np.unique(key, return_inverse=True)[1] for name, key in keys.items()}
    y, w = (demean_two_way(array, codes["entity"], codes["time"]) for array in (y, w))

    def influence(outcome, regressors):
        inverse = np.linalg.inv(regressors.T @ regressors)
        scores = regressors * (outcome - regressors @ (inverse @ regressors.T @ outcome))[:, None]
        return np.array([scores[codes["entity"] == g].sum(axis=0) @ inverse for g in range(40)])

    expected = influence(y, w[:, :1]).T @ influence(w[:, 1], w[:, 2:])
    n, years = 200, 6
    factors = [40 / 39 * (n - 1) / (n - k - years) for k in (1, 2)]
    found = panel.covariance([small, large])[:1, 1:]
    assert found == pytest.approx(np.sqrt(np.prod(factors)) * expected, rel=1e-7)


def test_homoskedastic_covariance_of_two_equations_is_a_kronecker_product(unbalanced):
    y, w, keys = unbalanced
    panel = within_panel(y, w, **keys, terms=TERMS, errors="homoskedastic")
    equations = [panel.fit(outcome, panel.d[:, 2:], ("b", "c")) for outcome in (panel.y, panel.d[:, 0])]
    residuals = np.column_stack([equation.residual for equation in equations])
    sigma = residuals.T @ residuals / (200 - 2 - 40 - 6 + 1)
    expected = np.kron(sigma, np.linalg.inv(panel.d[:, 2:].T @ panel.d[:, 2:]))
    assert panel.covariance(equations) == pytest.approx(expected, rel=1e-7)


def test_refusals(draw, keys):
    with pytest.raises(DataError, match="'fixed'"):
        within_panel(draw.y, draw.entity, **keys, terms=["fixed"])
    with pytest.raises(DataError, match="too few"):
        within_panel([1, 2, 4, 3.0], [1, 0, 0, 1.5], entity=[0, 0, 1, 1], time=[0, 1, 0, 1], terms=["x"])
    with pytest.raises(DataError, match="one entity"):
        within_panel(
            [1, 2, 4, 3.0], [1, 0, 0, 1.5], entity=[0] * 4, time=range(4), terms=["x"], effects="entity"
        )
    with pytest.raises(ParameterError, match="homoskedastic, robust, clustered"):
        within_panel(draw.y, draw.d, **keys, terms=["d"], errors="driscoll_kraay")

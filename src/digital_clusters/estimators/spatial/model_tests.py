"""Tests between spatial panel models: Lagrange multiplier, likelihood ratio, Wald, Hausman."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from digital_clusters.errors import DataError, ParameterError, check_option
from digital_clusters.estimators.few_clusters import joint_warnings
from digital_clusters.estimators.spatial.arrays import SpatialEffects, lag, spatial_arrays
from digital_clusters.estimators.spatial.durbin import spatial_panel
from digital_clusters.estimators.spatial.estimate import SpatialEstimate, SpatialModel
from digital_clusters.estimators.spatial.likelihood import least_squares
from digital_clusters.estimators.spatial.weights_algebra import constant_row_sum
from digital_clusters.estimators.wald import quadratic_test

NULLS = {"lag": "θ = 0", "error": "θ + ρβ = 0", "slx": "ρ = 0", "none": "no spatial term"}
"""What must hold for a Durbin model to reduce to each of the others."""

HausmanVariance = Literal["likelihood", "degrees_of_freedom"]
"""Residual sums over the observations, as maximum likelihood has it; or over what the coefficients leave of
them, as generalised least squares has it (Swamy & Arora 1972)."""


@dataclass(frozen=True)
class TestResult:
    """A χ² test, or an F test where the errors have few degrees of freedom.

    Attributes
    ----------
    name : str
    null : str
        What is true if the hypothesis holds.
    statistic : float
        χ², also where ``statistic / degrees_of_freedom`` is compared with F.
    degrees_of_freedom : int
    warnings : tuple of str
        Sentences where the test rejects a true hypothesis more often than its level.
    df_denominator : int or None
        Of F; ``None`` means χ².
    """

    __test__ = False  # pytest would collect the class for its name

    name: str
    null: str
    statistic: float
    degrees_of_freedom: int
    warnings: tuple[str, ...] = ()
    df_denominator: int | None = None

    @property
    def p_value(self) -> float:
        if self.df_denominator is not None:
            mean_square = self.statistic / self.degrees_of_freedom
            return float(stats.f.sf(mean_square, self.degrees_of_freedom, self.df_denominator))
        return float(stats.chi2.sf(self.statistic, self.degrees_of_freedom))


def lm_tests(
    y, x, w, *, entity, time, terms, lagged=(), effects: SpatialEffects = "two_way"
) -> dict[str, TestResult]:
    """Lagrange multiplier tests on least-squares residuals, classical and robust.

    Robust means: of one kind of dependence where the other may be there in a small amount
    (Anselin, Bera, Florax & Yoon 1996). Fixed effects are removed first, and the demeaned data are taken for
    the model (Elhorst 2014).

    Parameters
    ----------
    y, x, w, entity, time, terms, effects
        As in :func:`~digital_clusters.estimators.spatial.durbin.spatial_panel`, with its errors.
    lagged : sequence of str
        Terms whose spatial lag is among the regressors; none by default.

    Returns
    -------
    dict
        ``lag``, ``error``, ``robust_lag``, ``robust_error``, each with one degree of freedom.
    """
    panel = spatial_arrays(y, x, w, entity=entity, time=time, terms=terms, lagged=lagged, effects=effects)
    columns = panel.regressors()
    columns, shape = columns.reshape(-1, columns.shape[2]), panel.y.shape
    outcome = panel.within(panel.y)
    fitted = (columns @ least_squares(columns, outcome.ravel())).reshape(shape)
    residuals = outcome - fitted
    if effects == "none":
        outcome, fitted = panel.y, panel.y - residuals
    variance = np.mean(residuals**2)
    score_lag = np.sum(residuals * lag(panel.w, outcome)) / variance
    score_error = np.sum(residuals * lag(panel.w, residuals)) / variance
    trace = panel.n_periods * float((panel.w**2).sum() + panel.w.multiply(panel.w.T).sum())
    moved = lag(panel.w, fitted)
    moved = (panel.within(moved) if effects == "none" else moved).ravel()
    left = moved - columns @ least_squares(columns, moved)
    whole = trace + left @ left / variance
    numbers = {
        "lag": ("no spatial lag, no spatial error", score_lag**2 / whole),
        "error": ("no spatial lag, no spatial error", score_error**2 / trace),
        "robust_lag": ("no spatial lag", (score_lag - score_error) ** 2 / (whole - trace)),
        "robust_error": (
            "no spatial error",
            (score_error - trace / whole * score_lag) ** 2 / (trace * (1 - trace / whole)),
        ),
    }
    return {
        name: TestResult(f"LM {name.replace('_', ' ')}", null, float(statistic), 1)
        for name, (null, statistic) in numbers.items()
    }


def likelihood_ratio(unrestricted: SpatialEstimate, restricted: SpatialEstimate) -> TestResult:
    """Twice the difference of log-likelihoods of two nested models of the same data.

    Parameters
    ----------
    unrestricted, restricted : SpatialEstimate
        Durbin beside any other model; lag, error or SLX beside none. The error model is inside the Durbin
        model only if every term has a spatial lag there.

    Raises
    ------
    ParameterError
        Models that are not nested, or fits of other data, effects or corrections.
    """
    pair = (unrestricted.model, restricted.model)
    nested = restricted.model == "none" or unrestricted.model == "durbin"
    if not nested or pair[0] == pair[1]:
        raise ParameterError(f"the model '{pair[1]}' is not a restriction of '{pair[0]}'")
    if pair == ("durbin", "error") and unrestricted.lagged != unrestricted.terms:
        raise ParameterError(
            "the error model is a restriction of a Durbin model in which every term has a spatial lag: "
            "use wald_tests"
        )
    for name in ("effects", "terms"):
        if getattr(unrestricted, name) != getattr(restricted, name):
            raise ParameterError(f"the two fits differ in {name}")
    if "bias" in (unrestricted.correction, restricted.correction) or (
        unrestricted.correction != restricted.correction
    ):
        raise ParameterError("likelihood ratios need both fits with correction 'none' or 'transformation'")
    return TestResult(
        f"LR {pair[0]} → {pair[1]}",
        NULLS[pair[1]],
        2 * (unrestricted.log_likelihood - restricted.log_likelihood),
        len(unrestricted.estimate.terms) - len(restricted.estimate.terms),
    )


def wald_tests(durbin: SpatialEstimate) -> dict[str, TestResult]:
    """Wald tests of a Durbin model against what it may be reduced to, with the covariance of the fit.

    Parameters
    ----------
    durbin : SpatialEstimate

    Returns
    -------
    dict
        ``lag``: θ = 0. ``error``: θ + ρβ = 0 for the terms that have a spatial lag. ``slx``: ρ = 0.
        ``none``: θ = 0 and ρ = 0.

    Raises
    ------
    ParameterError
        Another model than ``durbin``.
    """
    if durbin.model != "durbin":
        raise ParameterError(
            f"Wald tests of reduction start from the Durbin model, not from '{durbin.model}'"
        )
    own, lags = durbin.positions(durbin.lagged)
    values, k = durbin.estimate.coefficients, len(durbin.estimate.terms)
    rho = durbin.estimate.terms.index("rho")
    eye, beta, theta = np.eye(k), values[own], values[lags]
    common = eye[lags] + values[rho] * eye[own] + np.outer(beta, eye[rho])
    restrictions = {
        "lag": (theta, eye[lags]),
        "error": (theta + values[rho] * beta, common),
        "slx": (values[[rho]], eye[[rho]]),
        "none": (np.append(theta, values[rho]), np.vstack([eye[lags], eye[rho]])),
    }
    return {
        name: TestResult(
            f"Wald durbin → {name}",
            NULLS[name],
            quadratic_test(gap, jacobian @ durbin.estimate.covariance @ jacobian.T).statistic,
            len(gap),
        )
        for name, (gap, jacobian) in restrictions.items()
    }


def reduction_tests(y, x, w, *, entity, time, terms, lagged=None, **options) -> dict[str, TestResult]:
    """Likelihood-ratio and Wald tests of a Durbin model against all that it may be reduced to.

    Parameters
    ----------
    y, x, w, entity, time, terms, lagged, options
        As in :func:`~digital_clusters.estimators.spatial.durbin.spatial_panel`, with its errors.

    Returns
    -------
    dict
        ``lr_lag``, ``lr_slx``, ``lr_none`` and ``wald_*``; ``lr_error`` only where every term is lagged.
    """
    panel = {"entity": entity, "time": time, "terms": terms} | options
    durbin = spatial_panel(y, x, w, lagged=lagged, model="durbin", **panel)
    panel["log_determinant"] = durbin.log_determinant
    models = ["lag", "slx", "none"] + (["error"] if durbin.lagged == durbin.terms else [])
    found = {}
    for model in models:
        fields = panel | ({"lagged": lagged} if model == "slx" else {})
        found[f"lr_{model}"] = likelihood_ratio(durbin, spatial_panel(y, x, w, model=model, **fields))
    return found | {f"wald_{name}": test for name, test in wald_tests(durbin).items()}


def hausman(
    y,
    x,
    w,
    *,
    entity,
    time,
    terms,
    lagged=None,
    model: SpatialModel = "durbin",
    effects: SpatialEffects = "two_way",
    log_determinant="auto",
    variance: HausmanVariance = "likelihood",
) -> TestResult:
    """Hausman test of random against fixed unit effects, in a spatial model or without one.

    Random effects are right only if units differ from each other as a unit differs over time. The test
    compares the two estimates directly: within (Lee & Yu's transformation) and between (the same model of the
    unit means). It is the comparison of fixed with random effects in another form (Hausman & Taylor 1981),
    and its variance, a sum, cannot be indefinite.

    Parameters
    ----------
    y, x, w, entity, time, terms, lagged, model
        As in :func:`~digital_clusters.estimators.spatial.durbin.spatial_panel`, with its errors.
    effects : {'two_way', 'individual'}
        Of the within estimate. With time effects and rows of ``w`` that have different sums, the within
        estimate is the bias-corrected one.
    log_determinant : method or LogDeterminant
    variance : {'likelihood', 'degrees_of_freedom'}
        Of both estimates. The second is that of random effects by generalised least squares; as the variance
        between units is estimated from few of them, the test is then an F test whose denominator has the
        degrees of freedom between units. With few units only it keeps its level.

    Raises
    ------
    ParameterError
        Effects without unit effects, or an unknown variance.
    DataError
        Also: a term whose unit means do not vary, or too few units for the degrees of freedom.
    """
    check_option("variance", variance, HausmanVariance)
    if effects not in ("two_way", "individual"):
        raise ParameterError(f"effects = '{effects}': a Hausman test needs two_way or individual")
    panel = spatial_arrays(y, x, w, entity=entity, time=time, terms=terms, lagged=(), effects="none")
    exact = effects == "individual" or constant_row_sum(panel.w) is not None
    within = spatial_panel(
        y,
        x,
        panel.w,
        entity=entity,
        time=time,
        terms=terms,
        lagged=lagged,
        model=model,
        effects=effects,
        correction="transformation" if exact else "bias",
        log_determinant=log_determinant,
    )
    between = spatial_panel(
        panel.y.mean(axis=1),
        panel.x.mean(axis=1),
        panel.w,
        entity=np.arange(panel.n_units),
        time=np.zeros(panel.n_units),
        terms=terms,
        lagged=lagged,
        model=model,
        effects="none",
        log_determinant=within.log_determinant,
    )
    k = len(within.estimate.terms) - 1
    gap = within.estimate.coefficients[:k] - between.estimate.coefficients[:k]
    inside, outside = within.estimate.covariance[:k, :k], between.estimate.covariance[:k, :k]
    warnings, left = joint_warnings(k, panel.n_units, "compare variance = 'degrees_of_freedom'"), None
    if variance == "degrees_of_freedom":
        units = panel.n_units - (effects == "two_way" and exact)
        rows, left, warnings = units * (panel.n_periods - 1), panel.n_units - k - 1, ()
        if left < 1:
            raise DataError(f"{panel.n_units} units are too few for {k + 1} coefficients between them")
        inside, outside = inside * rows / (rows - k), outside * panel.n_units / left
    statistic = quadratic_test(gap, inside + outside).statistic
    return TestResult("Hausman", "unit effects are random", statistic, k, warnings, left)

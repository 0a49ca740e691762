"""Double machine learning of the partially linear model y = d'θ + g(x, effects) + error."""

from dataclasses import replace
from time import perf_counter

import numpy as np

from digital_clusters.errors import ParameterError, check_option
from digital_clusters.estimators.double_ml.cross_fitting import PartialledOut, cross_fit, cross_fit_panel
from digital_clusters.estimators.double_ml.folds import draw_folds
from digital_clusters.estimators.double_ml.learners import as_learner, learner_label
from digital_clusters.estimators.double_ml.scores import Aggregation, aggregate, solve, weigh_units
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.few_clusters import cluster_warnings
from digital_clusters.estimators.options import ErrorRule, FixedEffects, FoldUnit, Learner
from digital_clusters.estimators.panel.arrays import PanelArrays, check_panel
from digital_clusters.estimators.panel.collinearity import refuse_absorbed, refuse_collinear
from digital_clusters.estimators.panel.demeaning import demean_two_way, group_means, indicators
from digital_clusters.estimators.units import unit_of

PANEL_APPROACHES = {
    "first_differences": "fd_exact",
    "within_approximate": "wg_approx",
    "correlated_random_effects": "cre_general",
}
"""Names of ``DoubleMLPLPR`` for the approaches of Clarke & Polselli (2025)."""

SCORE_ERRORS = ("robust", "clustered")
"""Covariance rules that are computed from the score."""


def partially_linear(
    y,
    d,
    x,
    *,
    entity,
    time,
    terms,
    fixed_effects: FixedEffects = "dummies",
    learner: Learner = "gradient_boosting",
    folds: int = 5,
    fold_unit: FoldUnit = "rows",
    repeats: int = 1,
    errors: ErrorRule = "robust",
    seed: int,
    aggregation: Aggregation = "upper_bound",
    fold_numbers=None,
) -> Estimate:
    """Coefficients of ``d`` with everything else learnt.

    Outcome and each column of ``d`` are predicted from the covariates on held-out folds, and the residual
    of the outcome is regressed on the residuals of ``d`` (Chernozhukov et al. 2018, eq. 4.4; Robinson 1988
    for several columns).

    Parameters
    ----------
    y : array_like, shape (n,)
    d : array_like, shape (n,) or (n, k)
    x : array_like, shape (n, p), or None
    entity, time : array_like, shape (n,)
        Labels that can be sorted.
    terms : sequence of str, length k
    fixed_effects : str
        See :data:`digital_clusters.estimators.options.FixedEffects`. The three of Clarke & Polselli need
        ``fold_unit='clusters'`` and ``errors='clustered'``.
    learner : str or scikit-learn regressor
    folds, repeats : int
    fold_unit : {'rows', 'clusters'}
    errors : {'robust', 'clustered'}
        ``robust`` is the score variance of ``doubleml``; ``clustered`` sums the score within entities first,
        whatever the folds were drawn over. Neither has a small-sample factor; intervals are normal, and
        ``warnings`` says where few clusters stand behind an error.
    seed : int
        Of folds and learner.
    aggregation : {'upper_bound', 'variance'}
        Error of the median over repetitions:
        :data:`digital_clusters.estimators.double_ml.scores.Aggregation`.
    fold_numbers : array_like of int, shape (repeats, n), optional
        Folds to use instead of drawing them.

    Returns
    -------
    Estimate

    Raises
    ------
    ParameterError
        Unknown option, options that contradict each other, more folds than rows or clusters.
    DataError
        Missing values, repeated keys, a treatment that the fixed effects absorb.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x, v = rng.normal(size=(400, 2)), rng.normal(size=400)
    >>> fit = partially_linear(x[:, 0] + 0.5 * v, x[:, 1] + v, x, entity=range(400), time=[0] * 400,
    ...                        terms=["d"], fixed_effects="none", learner="linear", seed=1)
    >>> round(float(fit.coefficients[0]), 3)
    0.5
    """
    check_option("fixed_effects", fixed_effects, FixedEffects)
    check_option("fold_unit", fold_unit, FoldUnit)
    _check_panel_folds(fixed_effects, fold_unit)
    _check_rules(fixed_effects, errors, aggregation)
    residuals = partial_out(
        y,
        d,
        x,
        entity=entity,
        time=time,
        terms=terms,
        fixed_effects=fixed_effects,
        learner=learner,
        folds=folds,
        fold_unit=fold_unit,
        repeats=repeats,
        seed=seed,
        fold_numbers=fold_numbers,
    )
    return estimate_partialled_out(residuals, errors=errors, aggregation=aggregation)


def partial_out(
    y,
    d,
    x,
    *,
    entity,
    time,
    terms,
    fixed_effects: FixedEffects = "dummies",
    learner: Learner = "gradient_boosting",
    folds: int = 5,
    fold_unit: FoldUnit = "rows",
    repeats: int = 1,
    seed: int,
    fold_numbers=None,
) -> PartialledOut:
    """Cross-fitted residuals of outcome and treatments; parameters as in :func:`partially_linear`."""
    started = perf_counter()
    check_option("fixed_effects", fixed_effects, FixedEffects)
    check_option("fold_unit", fold_unit, FoldUnit)
    _check_panel_folds(fixed_effects, fold_unit)
    panel = check_panel(y, d, x, entity=entity, time=time, terms=terms)
    # rows in the order of their labels: folds and learners then give the same however the rows came
    order = np.lexsort((panel.time, panel.entity))
    given = None if fold_numbers is None else _in_order(fold_numbers, order)
    panel, outcome_unit, treatment_units = _unit_free(panel, order)
    numbers = _fold_numbers(panel, folds, fold_unit, repeats, seed, given)
    chosen = as_learner(learner, seed)
    codes = {"entity": panel.entity, "time": panel.time, "learner": chosen, "fold_numbers": numbers}
    if fixed_effects in PANEL_APPROACHES:
        refuse_absorbed(panel.terms, panel.d, demean_two_way(panel.d, panel.entity, panel.time))
        covariates = np.hstack([panel.x, indicators(panel.time, drop_first=True)])
        approach = PANEL_APPROACHES[fixed_effects]
        fitted = cross_fit_panel(panel.y, panel.d, covariates, approach=approach, **codes)
    else:
        fitted = cross_fit(*transform(panel, fixed_effects), **codes)
    refuse_absorbed(panel.terms, panel.d, fitted.treatments[0])
    refuse_collinear(panel.terms, fitted.treatments[0])
    nuisance = {"outcome": fitted.outcome_fit}
    nuisance |= {f"treatment:{t}": r for t, r in zip(panel.terms, fitted.treatment_fit, strict=True)}
    back = slice(None) if fixed_effects in PANEL_APPROACHES else np.argsort(order)
    return PartialledOut(
        outcome=fitted.outcome[:, back] * outcome_unit,
        treatments=fitted.treatments[:, back] * treatment_units,
        entity=fitted.entity[back],
        time=fitted.time[back],
        fold_numbers=fitted.fold_numbers[:, back],
        whole_entities=fold_unit == "clusters",
        fixed_effects=fixed_effects,
        terms=panel.terms,
        nuisance=nuisance,
        learner=learner_label(learner),
        folds=int(numbers.max()) + 1,
        seed=seed,
        seconds=perf_counter() - started,
    )


def estimate_partialled_out(
    residuals: PartialledOut, *, errors: ErrorRule = "robust", aggregation: Aggregation = "upper_bound"
) -> Estimate:
    """The regression of residual on residuals, for either rule of errors, without learning again."""
    _check_rules(residuals.fixed_effects, errors, aggregation)
    started = perf_counter()
    clusters = np.unique(residuals.entity, return_inverse=True)[1]
    units = clusters if errors == "clustered" else np.arange(len(clusters))
    of_outcome, of_treatments = unit_of(residuals.outcome[0]), unit_of(residuals.treatments[0])
    solved = []
    for outcome, treatments, numbers in zip(
        residuals.outcome, residuals.treatments, residuals.fold_numbers, strict=True
    ):
        weights = weigh_units(units, clusters, numbers, whole_entities=residuals.whole_entities)
        scaled = treatments / of_treatments
        solved.append(solve(outcome / of_outcome, scaled, units=units, unit_weights=weights))
    repetitions = np.array([theta for theta, _ in solved])
    left = residuals.treatments[0] / of_treatments
    projection = np.linalg.solve(left.T @ left, left.T).T
    coefficients, covariance = aggregate(repetitions, np.array([v for _, v in solved]), aggregation)
    return Estimate(
        terms=residuals.terms,
        coefficients=coefficients,
        covariance=covariance,
        n_observations=len(clusters),
        method="double_machine_learning",
        errors=errors,
        n_clusters=int(units.max()) + 1 if errors == "clustered" else None,
        learner=residuals.learner,
        folds=residuals.folds,
        repeats=len(repetitions),
        seed=residuals.seed,
        repetitions=repetitions,
        nuisance=residuals.nuisance,
        seconds=residuals.seconds + perf_counter() - started,
        warnings=cluster_warnings(residuals.terms, projection, clusters) if errors == "clustered" else (),
    ).in_units(of_outcome / of_treatments)


def _unit_free(panel: PanelArrays, order: np.ndarray) -> tuple[PanelArrays, np.ndarray, np.ndarray]:
    """The panel with rows in ``order`` and columns in units of their own; units of outcome and terms."""
    outcome, treatments = unit_of(panel.y), unit_of(panel.d)
    changed = replace(
        panel,
        y=panel.y[order] / outcome,
        d=panel.d[order] / treatments,
        x=panel.x[order] / unit_of(panel.x),
        entity=panel.entity[order],
        time=panel.time[order],
    )
    return changed, outcome, treatments


def _in_order(fold_numbers, order: np.ndarray) -> np.ndarray:
    numbers = np.atleast_2d(np.asarray(fold_numbers))
    return numbers[:, order] if numbers.shape[1] == len(order) else numbers


def transform(panel: PanelArrays, fixed_effects: FixedEffects) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcome, treatments and covariates as the learner sees them, for the options without Clarke & Polselli.

    Returns
    -------
    y, d, x : numpy.ndarray, shapes (n,), (n, k), (n, q)
    """
    y, d, x, entity, time = panel.y, panel.d, panel.x, panel.entity, panel.time
    if fixed_effects == "none":
        return y, d, x
    if fixed_effects == "dummies":
        return y, d, np.hstack([x, indicators(entity), indicators(time)])
    if fixed_effects == "mundlak":
        means = group_means(np.hstack([d, x]), entity)
        return y, d, np.hstack([x, means, indicators(time, drop_first=True)])
    within_d, within_x = demean_two_way(d, entity, time), demean_two_way(x, entity, time)
    refuse_absorbed(panel.terms, d, within_d)
    covariates = within_x if fixed_effects == "within" else np.hstack([x, within_x])
    return demean_two_way(y, entity, time), within_d, covariates


def _fold_numbers(panel, folds, fold_unit, repeats, seed, given) -> np.ndarray:
    """Fold numbers 0, 1, …, shape (repeats, n): those given, or drawn one after another from the seed."""
    n = len(panel.y)
    if given is None:
        rng = np.random.default_rng(seed)
        clusters = panel.entity if fold_unit == "clusters" else None
        return np.array([draw_folds(n, folds, clusters=clusters, seed=rng) for _ in range(repeats)])
    given = np.atleast_2d(np.asarray(given))
    if given.shape[1] != n:
        raise ParameterError(f"fold_numbers has {given.shape[1]} rows, the outcome has {n}")
    if fold_unit == "clusters":
        for numbers in given:
            if len(np.unique(np.column_stack([panel.entity, numbers]), axis=0)) > panel.entity.max() + 1:
                raise ParameterError("fold_numbers splits an entity, but fold_unit = 'clusters'")
    return np.array([np.unique(numbers, return_inverse=True)[1] for numbers in given])


def _check_panel_folds(fixed_effects: str, fold_unit: str) -> None:
    if fixed_effects in PANEL_APPROACHES and fold_unit != "clusters":
        raise ParameterError(
            f"fixed_effects = '{fixed_effects}' keeps entities together: set fold_unit = 'clusters'"
        )


def _check_rules(fixed_effects: str, errors: str, aggregation: str) -> None:
    check_option("errors", errors, ErrorRule)
    check_option("aggregation", aggregation, Aggregation)
    if errors not in SCORE_ERRORS:
        known = ", ".join(SCORE_ERRORS)
        raise ParameterError(
            f"errors = '{errors}' is not there for double machine learning; use one of: {known}"
        )
    if fixed_effects in PANEL_APPROACHES and errors != "clustered":
        raise ParameterError(f"fixed_effects = '{fixed_effects}' needs errors = 'clustered'")

"""Regressions on a panel by names of columns: two-way, double machine learning, instruments, mediators."""

from dataclasses import replace
from typing import Any

import numpy as np

from digital_clusters.errors import ParameterError
from digital_clusters.estimators.double_ml import sensitivity as strengths
from digital_clusters.estimators.double_ml.cross_fitting import PartialledOut
from digital_clusters.estimators.double_ml.partially_linear import estimate_partialled_out, partial_out
from digital_clusters.estimators.double_ml.sensitivity import Sensitivity
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.options import Effects, ErrorRule, FixedEffects, FoldUnit, Learner
from digital_clusters.estimators.panel import instrumental
from digital_clusters.estimators.panel import mediation as steps
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects, weighted_two_way
from digital_clusters.estimators.panel.instrumental import InstrumentalEstimate
from digital_clusters.estimators.panel.least_squares import SandwichRule
from digital_clusters.estimators.panel.mediation import MediationEstimate
from digital_clusters.measures.panel import Panel
from digital_clusters.verbs.columns import Names, arrays, as_names, check_columns, stamped


def two_way(
    panel: Panel,
    outcome: str,
    treatment: Names,
    *,
    controls: Names = (),
    effects: Effects = "two_way",
    errors: ErrorRule = "clustered",
    clusters: str | None = None,
    cutoff: float | None = None,
    bandwidth: int | None = None,
    weights: str | None = None,
) -> Estimate:
    """Least squares with city and year effects.

    Parameters
    ----------
    panel : Panel
        Complete in the columns that are named; it may be unbalanced.
    outcome : str
    treatment, controls : str or sequence of str
        Columns, squares ``a^2`` and products ``a:b``; all of them are reported.
    effects : {'two_way', 'entity', 'time', 'none'}
    errors : str
        One of :data:`digital_clusters.estimators.options.ErrorRule`: ``clustered`` by city,
        ``homoskedastic``, ``robust``, ``hc3``, ``two_way_clustered``, ``cv3``, ``newey_west``,
        ``driscoll_kraay``, or ``conley``, for which the panel has longitudes ``lon`` and latitudes ``lat``.
    clusters : str, optional
        Column whose values are the clusters, such as a province; with ``errors='clustered'``.
    cutoff : float, optional
        Kilometres from which on ``conley`` takes cities for independent.
    bandwidth : int, optional
        Lags of ``newey_west`` and ``driscoll_kraay``, and of ``conley`` within a city.
    weights : str, optional
        Column of weights, not negative; rows of weight zero take no part.

    Raises
    ------
    MissingTableError, DataError, ParameterError
        As :func:`digital_clusters.verbs.columns.arrays`; a term that is absorbed or collinear; an option with
        errors that it is not for; weights with other effects than two-way or other errors than clustered.

    Examples
    --------
    >>> import digital_clusters as dc
    >>> panel = dc.city_panel("twin").complete("growth_gap", "internet", "income")
    >>> estimate = dc.two_way(panel, "growth_gap", "internet", controls="income", clusters="province")
    >>> estimate.terms, estimate.n_observations, estimate.n_clusters
    (('internet', 'income'), 5220, 30)
    >>> near = dc.two_way(
    ...     panel, "growth_gap", "internet", controls="income", errors="conley", cutoff=500
    ... )
    >>> near.errors, bool((near.coefficients == estimate.coefficients).all())
    ('conley', True)
    """
    given = arrays(panel, outcome, treatment=treatment, controls=controls)
    terms = (*as_names(treatment), *as_names(controls))
    columns = given.regressors("treatment", "controls")
    call = {"outcome": outcome, "effects": effects, "clusters": clusters, "cutoff": cutoff}
    shared: dict[str, Any] = {**given.keys, "terms": terms}
    shared["clusters"] = None if clusters is None else panel.require(clusters)[clusters].to_numpy()
    if weights is None:
        points = panel.require("lon", "lat")[["lon", "lat"]].to_numpy(float) if errors == "conley" else None
        shared |= {"effects": effects, "points": points, "cutoff": cutoff, "bandwidth": bandwidth}
        found = two_way_fixed_effects(given.outcome, columns, errors=errors, **shared)
    elif effects != "two_way" or errors != "clustered":
        raise ParameterError("weights go with effects = 'two_way' and errors = 'clustered'")
    else:
        found = weighted_two_way(given.outcome, columns, weights=_weights(panel, weights), **shared)
    return stamped(found, panel, **call, bandwidth=bandwidth, weights=weights)


def double_ml(
    panel: Panel,
    outcome: str,
    treatment: Names,
    *,
    controls: Names = (),
    learner: Learner = "gradient_boosting",
    fixed_effects: FixedEffects = "within",
    folds: int = 5,
    fold_unit: FoldUnit = "rows",
    repeats: int = 1,
    errors: ErrorRule = "clustered",
    seed: int = 0,
) -> Estimate:
    """Double machine learning of the partially linear model, city and year effects by choice.

    Parameters
    ----------
    panel : Panel
    outcome : str
    treatment, controls : str or sequence of str
        The treatments' coefficients are reported; the controls are learnt.
    learner : str or scikit-learn regressor
    fixed_effects : str
        :data:`digital_clusters.estimators.options.FixedEffects`.
    folds, repeats, seed : int
    fold_unit : {'rows', 'clusters'}
    errors : {'clustered', 'robust'}

    Raises
    ------
    MissingTableError, DataError, ParameterError
        As :func:`digital_clusters.verbs.columns.arrays` and
        :func:`digital_clusters.estimators.double_ml.partially_linear.partially_linear`.

    Examples
    --------
    >>> import digital_clusters as dc
    >>> panel = dc.city_panel("twin").complete("growth_gap", "internet", "income")
    >>> estimate = dc.double_ml(panel, "growth_gap", "internet", controls="income", learner="linear")
    >>> estimate.method, estimate.learner, estimate.folds
    ('double_machine_learning', 'linear', 5)
    """
    options: dict[str, Any] = {"learner": learner, "fixed_effects": fixed_effects, "folds": folds}
    options |= {"fold_unit": fold_unit, "repeats": repeats, "seed": seed}
    residuals = _partialled_out(panel, outcome, treatment, controls, options)
    found = estimate_partialled_out(residuals, errors=errors)
    return stamped(found, panel, outcome=outcome, controls=as_names(controls), **options)


def sensitivity(
    panel: Panel,
    outcome: str,
    treatment: str,
    *,
    controls: Names = (),
    cf_y: float = 0.03,
    cf_d: float = 0.03,
    rho: float = 1.0,
    level: float = 0.95,
    errors: ErrorRule = "clustered",
    **options,
) -> Sensitivity:
    """How strong an omitted variable must be to overturn an estimate of :func:`double_ml`.

    Parameters
    ----------
    panel, outcome, treatment, controls, errors
        As :func:`double_ml`, with one treatment.
    cf_y, cf_d : float in [0, 1)
        Shares of what is left of outcome and treatment that the omitted variable explains.
    rho : float in [-1, 1]
    level : float
    **options
        ``learner``, ``fixed_effects``, ``folds``, ``fold_unit``, ``repeats``, ``seed`` of :func:`double_ml`.

    Raises
    ------
    MissingTableError, DataError, ParameterError
        As :func:`double_ml`; a strength out of its range.

    Examples
    --------
    >>> import digital_clusters as dc
    >>> panel = dc.city_panel("twin").complete("growth_gap", "internet", "income")
    >>> found = dc.sensitivity(panel, "growth_gap", "internet", controls="income", learner="linear")
    >>> found.bounds[0] < found.coefficient < found.bounds[1]
    True
    """
    chosen = {"fixed_effects": "within", "seed": 0} | options
    residuals = _partialled_out(panel, outcome, treatment, controls, chosen)
    return strengths.sensitivity(residuals, cf_y=cf_y, cf_d=cf_d, rho=rho, level=level, errors=errors)


def iv(
    panel: Panel,
    outcome: str,
    treatment: str,
    *,
    instrument: Names,
    controls: Names = (),
    effects: Effects = "two_way",
    errors: SandwichRule = "clustered",
    level: float = 0.95,
) -> InstrumentalEstimate:
    """Two-stage least squares with first stage, reduced form, and a set that holds with weak instruments.

    Parameters
    ----------
    panel : Panel
    outcome, treatment : str
    instrument : str or sequence of str
        Columns that move the treatment and reach the outcome through it alone, which no number tests.
    controls : str or sequence of str
    effects : {'two_way', 'entity', 'time', 'none'}
    errors : {'clustered', 'robust', 'homoskedastic'}
    level : float
        Of the Anderson–Rubin set.

    Raises
    ------
    MissingTableError, DataError, ParameterError
        As :func:`digital_clusters.verbs.columns.arrays`; instruments that are absorbed or do not move the
        treatment.

    Examples
    --------
    >>> import digital_clusters as dc
    >>> panel = dc.city_panel("twin").complete("growth_gap", "virtual", "telephone_shift")
    >>> found = dc.iv(panel, "growth_gap", "virtual", instrument="telephone_shift")
    >>> found.first_stage_f > found.critical_f
    True
    """
    given = arrays(panel, outcome, treatment=treatment, instrument=instrument, controls=controls)
    found = instrumental.instrumental_variables(
        given.outcome,
        given.terms["treatment"],
        given.terms["instrument"],
        given.terms["controls"],
        **given.keys,
        terms=(*as_names(treatment), *as_names(controls)),
        instruments=as_names(instrument),
        effects=effects,
        errors=errors,
        level=level,
    )
    call = {"outcome": outcome, "instrument": as_names(instrument), "effects": effects}
    return replace(found, estimate=stamped(found.estimate, panel, **call))


def mediation(
    panel: Panel,
    outcome: str,
    treatment: str,
    *,
    mediators: Names,
    controls: Names = (),
    draws: int = 2000,
    seed: int = 0,
    effects: Effects = "two_way",
    errors: SandwichRule = "clustered",
) -> MediationEstimate:
    """Effect of a treatment split over mediators, with a bootstrap of whole cities.

    Parameters
    ----------
    panel : Panel
    outcome, treatment : str
    mediators, controls : str or sequence of str
    draws, seed : int
        Resamples of cities with all their years.
    effects : {'two_way', 'entity', 'time', 'none'}
    errors : {'clustered', 'robust', 'homoskedastic'}

    Raises
    ------
    MissingTableError, DataError, ParameterError
        As :func:`digital_clusters.verbs.columns.arrays`; fewer than 100 draws.

    Examples
    --------
    >>> import digital_clusters as dc
    >>> panel = dc.city_panel("twin").complete("growth_gap", "internet", "market_demand")
    >>> found = dc.mediation(panel, "growth_gap", "internet", mediators="market_demand", draws=100)
    >>> found.indirect.terms
    ('via market_demand', 'indirect')
    """
    given = arrays(panel, outcome, treatment=treatment, mediators=mediators, controls=controls)
    found = steps.mediation(
        given.outcome,
        given.terms["treatment"],
        given.terms["mediators"],
        given.terms["controls"],
        **given.keys,
        terms=(*as_names(treatment), *as_names(controls)),
        mediators=as_names(mediators),
        draws=draws,
        seed=seed,
        effects=effects,
        errors=errors,
    )
    return replace(found, indirect=stamped(found.indirect, panel, outcome=outcome, effects=effects))


def _partialled_out(
    panel: Panel, outcome: str, treatment: Names, controls: Names, options: dict
) -> PartialledOut:
    given = arrays(panel, outcome, treatment=treatment, controls=controls)
    return partial_out(
        given.outcome,
        given.terms["treatment"],
        given.terms["controls"],
        **given.keys,
        terms=as_names(treatment),
        **options,
    )


def _weights(panel: Panel, column: str | None) -> np.ndarray:
    if column is None:
        return np.ones(len(panel.frame))
    check_columns(panel, [column])
    return panel.frame[column].to_numpy(float)

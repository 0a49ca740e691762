"""Spatial panel models by maximum likelihood: lag, error, Durbin, and least squares beside them."""

from dataclasses import replace
from time import perf_counter

import numpy as np
from scipy.sparse import csr_array

from digital_clusters.errors import ParameterError, check_option
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.few_clusters import correction_warnings
from digital_clusters.estimators.spatial.arrays import (
    Concentration,
    SpatialEffects,
    SpatialPanel,
    spatial_arrays,
)
from digital_clusters.estimators.spatial.estimate import (
    PARAMETERS,
    Correction,
    SpatialErrors,
    SpatialEstimate,
    SpatialModel,
)
from digital_clusters.estimators.spatial.information import (
    Point,
    bias,
    clustered_covariance,
    covariance,
)
from digital_clusters.estimators.spatial.likelihood import (
    Jacobian,
    error_profile,
    lag_profile,
    log_likelihood,
    maximise,
)
from digital_clusters.estimators.spatial.log_determinant import (
    LogDeterminant,
    LogDeterminantMethod,
    log_determinant,
)
from digital_clusters.estimators.spatial.weights_algebra import constant_row_sum


def spatial_panel(
    y,
    x,
    w,
    *,
    entity,
    time,
    terms,
    model: SpatialModel = "durbin",
    effects: SpatialEffects = "two_way",
    lagged=None,
    log_determinant: LogDeterminantMethod | LogDeterminant = "auto",
    errors: SpatialErrors = "information",
    correction: Correction = "none",
    concentration: Concentration = "exact",
) -> SpatialEstimate:
    """Maximum likelihood of a spatial panel model with fixed effects.

    Parameters
    ----------
    y : array_like, shape (n T,)
    x : array_like, shape (n T, k)
    w : scipy sparse matrix, array_like, or weights with labels, shape (n, n)
        Not negative, zero diagonal. Weights with labels (a data frame, libpysal's ``W`` or ``Graph``, an
        object with ``matrix`` and ``cities``) are put in order by them; a bare matrix has rows and columns in
        sorted order of the labels in ``entity``. Rows may have any sums.
    entity, time : array_like, shape (n T,)
        Labels that can be sorted; every entity has every period.
    terms : sequence of str, length k
    model : {'durbin', 'lag', 'error', 'slx', 'none'}
    effects : {'two_way', 'individual', 'time', 'none'}
    lagged : sequence of str, optional
        Terms with a spatial lag in ``durbin`` and ``slx``; all of them by default.
    log_determinant : {'auto', 'eigenvalues', 'lu', 'chebyshev'} or LogDeterminant
        Method, or what :func:`~digital_clusters.estimators.spatial.log_determinant.log_determinant`
        returned for
        these weights, so that many fits pay for it once.
    errors : {'information', 'information_of_demeaned', 'clustered'}
        The bias of ``correction='bias'`` uses the same information.
    correction : {'none', 'bias', 'transformation'}
        ``transformation`` with time effects needs rows of ``w`` with one sum.
    concentration : {'exact', 'demean_first'}
        How time effects are removed from Wy.

    Returns
    -------
    SpatialEstimate
        Without correction σ² divides by n T, and ``warnings`` says where periods are few.

    Raises
    ------
    ParameterError
        Unknown option, a correction that the model does not allow, a lagged name that is not a term.
    DataError
        Unbalanced panel, weights that are unusable or of other units, absorbed or collinear
        regressors, a likelihood without maximum.
    """
    started = perf_counter()
    check_option("model", model, SpatialModel)
    check_option("errors", errors, SpatialErrors)
    check_option("correction", correction, Correction)
    with_lags = model in ("durbin", "slx")
    if lagged is not None and not with_lags:
        raise ParameterError(f"lagged: the model '{model}' has no spatial lags of terms")
    panel = spatial_arrays(
        y,
        x,
        w,
        entity=entity,
        time=time,
        terms=terms,
        lagged=(terms if lagged is None else lagged) if with_lags else (),
        effects=effects,
        concentration=concentration,
    )
    jacobian = model_jacobian(panel, log_determinant, correction)
    point, coefficients, likelihood = _fit(panel, jacobian, model)
    point = replace(point, of_demeaned=errors == "information_of_demeaned")
    if correction == "bias":
        point, coefficients = _corrected(point, coefficients)
    found = _estimate(point, coefficients, errors, started)
    said = correction_warnings(panel.n_periods) if panel.has_unit_effects and correction == "none" else ()
    return SpatialEstimate(
        estimate=replace(found, warnings=(*found.warnings, *(said if PARAMETERS[model] == "rho" else ()))),
        model=model,
        effects=effects,
        correction=correction,
        terms=panel.terms,
        lagged=panel.lagged,
        weights=panel.w,
        log_determinant=jacobian.log_determinant,
        log_likelihood=likelihood,
        point=point,
    )


def usual_correction(w, effects: SpatialEffects, model: SpatialModel = "durbin") -> Correction:
    """The correction whose intervals hold their level, as far as weights and effects allow it.

    Parameters
    ----------
    w : scipy sparse matrix or array_like, shape (n, n)
    effects : {'two_way', 'individual', 'time', 'none'}
    model : {'durbin', 'lag', 'error', 'slx', 'none'}

    Returns
    -------
    str
        ``transformation``; ``bias`` where time effects meet rows with different sums, and ``none`` there if
        the model has no spatial parameter to be biased, or without effects.
    """
    if effects == "none":
        return "none"
    if effects == "individual" or constant_row_sum(csr_array(w)) is not None:
        return "transformation"
    return "none" if PARAMETERS[model] == "none" else "bias"


def model_jacobian(panel: SpatialPanel, method, correction: Correction) -> Jacobian:
    """The Jacobian of a model, its degrees of freedom after effects; ``method`` as for ``spatial_panel``."""
    if correction != "none" and panel.effects == "none":
        raise ParameterError(f"correction = '{correction}' is for models with effects: there are none")
    if correction != "none" and panel.has_time_effects and panel.concentration != "exact":
        raise ParameterError(f"correction = '{correction}' needs concentration = 'exact'")
    prepared = log_determinant(panel.w, method=method) if isinstance(method, str) else method
    if prepared.n_units != panel.n_units:
        raise ParameterError(f"log_determinant is of {prepared.n_units} units, the panel has {panel.n_units}")
    if correction != "transformation":
        return Jacobian(prepared, periods=panel.n_periods, units=panel.n_units)
    row_sum = constant_row_sum(panel.w)
    if panel.has_time_effects and row_sum is None:
        raise ParameterError(
            "correction = 'transformation' with time effects needs weights whose rows have one sum: "
            "row-standardise them or use correction = 'bias'"
        )
    return _transformed(panel, prepared, row_sum)


def _transformed(panel: SpatialPanel, prepared: LogDeterminant, row_sum: float | None) -> Jacobian:
    """One period less for unit effects; for time effects one unit less, if rows have one sum."""
    fewer = panel.has_time_effects and row_sum is not None
    return Jacobian(
        prepared,
        periods=panel.n_periods - panel.has_unit_effects,
        units=panel.n_units - fewer,
        removed=row_sum if fewer else 0.0,
    )


def _fit(panel: SpatialPanel, jacobian: Jacobian, model: SpatialModel) -> tuple[Point, np.ndarray, float]:
    """The maximum, its coefficients, and its log-likelihood."""
    parameter = PARAMETERS[model]
    profile = error_profile(panel) if parameter == "lambda" else lag_profile(panel)
    spatial = 0.0 if parameter == "none" else maximise(profile.misfit, jacobian)
    at = profile.at(spatial)
    point = Point(
        panel=panel,
        jacobian=jacobian,
        parameter=parameter,
        spatial=spatial,
        variance=at.sum_of_squares / jacobian.observations,
        residuals=at.residuals,
        regressors=at.regressors,
    )
    return point, at.coefficients, log_likelihood(at, float(jacobian(spatial)), jacobian.observations)


def _corrected(point: Point, coefficients: np.ndarray) -> tuple[Point, np.ndarray]:
    """Lee & Yu's bias correction; the covariance is then that of the transformed data."""
    panel, p = point.panel, len(coefficients)
    moved = np.array([*coefficients, point.spatial, point.variance])
    moved[point.kept] -= bias(point)
    jacobian = _transformed(panel, point.jacobian.log_determinant, constant_row_sum(panel.w))
    return (
        replace(
            point,
            jacobian=jacobian,
            spatial=float(moved[p]),
            variance=float(moved[p + 1]) * panel.n_periods / jacobian.periods,
            **_residuals_at(point, moved[:p], float(moved[p])),
        ),
        moved[:p],
    )


def _residuals_at(point: Point, coefficients: np.ndarray, spatial: float) -> dict[str, np.ndarray]:
    """Residuals and regressors at other coefficients and another spatial parameter."""
    profile = error_profile if point.parameter == "lambda" else lag_profile
    at = profile(point.panel).at(spatial)
    return {
        "regressors": at.regressors,
        "residuals": at.residuals + at.regressors @ (at.coefficients - coefficients),
    }


def _estimate(point: Point, coefficients, errors: SpatialErrors, started: float) -> Estimate:
    variance = clustered_covariance(point) if errors == "clustered" else covariance(point)
    names = [*point.panel.regressor_names, point.parameter, "sigma2"]
    values = np.array([*coefficients, point.spatial, point.variance])
    return Estimate(
        terms=tuple(names[k] for k in point.kept),
        coefficients=values[point.kept],
        covariance=variance,
        n_observations=point.panel.y.size,
        n_clusters=point.panel.n_units if errors == "clustered" else None,
        method="spatial_panel",
        errors=errors,
        seconds=perf_counter() - started,
    )

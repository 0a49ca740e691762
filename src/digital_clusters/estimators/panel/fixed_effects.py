"""Least squares with entity and time effects, on ``linearmodels``."""

from dataclasses import replace
from time import perf_counter
from typing import Literal

import numpy as np
import pandas as pd

from digital_clusters.errors import DataError, ParameterError, check_option
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.few_clusters import cluster_warnings, period_warnings, without_vanished
from digital_clusters.estimators.options import Effects, ErrorRule
from digital_clusters.estimators.panel.arrays import PanelArrays, check_panel
from digital_clusters.estimators.panel.collinearity import refuse_absorbed, refuse_collinear
from digital_clusters.estimators.panel.demeaning import demean, demean_two_way
from digital_clusters.estimators.panel.fixed_b import default_lags, fixed_b_degrees
from digital_clusters.estimators.panel.jackknife import jackknife_covariance
from digital_clusters.estimators.units import unit_of

SmallSample = Literal["nested", "none", "fixed_b"]
"""``nested``: the factor of Stata and fixest. ``none``: the bare sandwich. ``fixed_b``: the factor and the
critical values of Kiefer & Vogelsang (2005), for Driscoll–Kraay."""


def two_way_fixed_effects(
    y,
    x,
    *,
    entity,
    time,
    terms,
    effects: Effects = "two_way",
    errors: ErrorRule = "clustered",
    bandwidth: int | None = None,
    small_sample: SmallSample = "nested",
) -> Estimate:
    """Least squares of ``y`` on ``x`` with fixed effects.

    Parameters
    ----------
    y : array_like, shape (n,)
    x : array_like, shape (n, k)
        Treatment and controls, all of them reported. With ``effects='none'`` an intercept is fitted and not
        reported, unless a column of ``x`` is constant.
    entity, time : array_like, shape (n,)
        Labels that can be sorted; the panel may be unbalanced.
    terms : sequence of str, length k
    effects : {'two_way', 'entity', 'time', 'none'}
    errors : str
        ``clustered`` by entity; ``two_way_clustered`` by entity and time (Cameron, Gelbach & Miller 2011);
        ``driscoll_kraay`` with a Bartlett kernel (Driscoll & Kraay 1998); ``cv3``, the jackknife over
        entities (MacKinnon, Nielsen & Webb 2023), for few or unequal clusters.
    bandwidth : int, optional
        Lags of Driscoll–Kraay; the default is the integer part of 4 (T/100)^(2/9).
    small_sample : {'nested', 'none', 'fixed_b'}
        With K parameters in all (slopes, intercept, effects), the covariance is multiplied by N/(N−K)
        (``homoskedastic``, ``robust``), or by G/(G−1) · (N−1)/(N−K') for clusters, where K' omits effects
        nested in the clusters (``two_way_clustered``: each of the three parts with its own G), or by
        T/(T−1) · (N−1)/(N−K) for Driscoll–Kraay. ``none`` leaves the sandwich as it is, and for
        ``homoskedastic`` divides the squared residuals by N. ``cv3`` has its own factor, (G−1)/G.
        ``fixed_b`` changes the degrees of freedom of Driscoll–Kraay intervals, not the errors.

    Returns
    -------
    Estimate
        Intervals use Student's t with N−K degrees of freedom, or one less than the number of clusters (the
        smaller one of two), or T−1 for Driscoll–Kraay (``fixed_b``: see
        :func:`~digital_clusters.estimators.panel.fixed_b.fixed_b_degrees`). ``warnings`` says where
        few clusters or periods stand behind an error; where a variance of two-way clusters is negative,
        negative eigenvalues are set to zero (Cameron, Gelbach & Miller 2011). A term that one cluster alone
        decides has no clustered error.

    Raises
    ------
    ParameterError
        Unknown option, ``fixed_b`` with other errors, or a bandwidth that is not between 0 and T−1.
    DataError
        Missing values, repeated keys, a term that is absorbed by the effects or collinear.
    """
    started = perf_counter()
    check_option("effects", effects, Effects)
    check_option("errors", errors, ErrorRule)
    check_option("small_sample", small_sample, SmallSample)
    if small_sample == "fixed_b" and errors != "driscoll_kraay":
        raise ParameterError(f"small_sample = 'fixed_b' is for errors = 'driscoll_kraay', not '{errors}'")
    panel = check_panel(y, x, None, entity=entity, time=time, terms=terms)
    periods, entities = int(panel.time.max()) + 1, int(panel.entity.max()) + 1
    if bandwidth is not None and not 0 <= bandwidth < periods:
        raise ParameterError(f"bandwidth = {bandwidth}: choose between 0 and {periods - 1}")
    _refuse_unidentified(panel, effects)
    coefficients, bare = _fit(panel, effects, errors, bandwidth, group_debias=small_sample != "none")
    covariance = bare if errors == "cv3" or small_sample == "none" else _factor(panel, effects, errors) * bare
    covariance, warnings = _judge(panel, effects, errors, coefficients, covariance)
    groups = {
        "clustered": entities,
        "cv3": entities,
        "two_way_clustered": min(entities, periods),
        "driscoll_kraay": periods,
    }
    degrees = float(
        groups[errors] - 1 if errors in groups else len(panel.y) - count_parameters(panel, effects)
    )
    if small_sample == "fixed_b":
        degrees = fixed_b_degrees(default_lags(periods) if bandwidth is None else bandwidth, periods)
    return Estimate(
        terms=panel.terms,
        coefficients=coefficients,
        covariance=covariance,
        n_observations=len(panel.y),
        method="two_way_fixed_effects",
        errors=errors,
        n_clusters=groups[errors] if errors in ("clustered", "two_way_clustered", "cv3") else None,
        degrees_of_freedom=degrees,
        seconds=perf_counter() - started,
        warnings=warnings,
    )


def remove_effects(columns, panel: PanelArrays, effects: Effects) -> np.ndarray:
    """Columns less their fixed effects (less nothing for ``none``)."""
    if effects == "two_way":
        return demean_two_way(columns, panel.entity, panel.time)
    if effects == "none":
        return columns
    return demean(columns, panel.entity if effects == "entity" else panel.time)


def count_parameters(panel: PanelArrays, effects: Effects, *, nested: tuple[str, ...] = ()) -> int:
    """Slopes, intercept and effects, without the effects of dimensions named in ``nested``."""
    intercept = 0 if effects == "none" and _has_constant(panel.d) else 1
    removed = {"two_way": ("entity", "time"), "entity": ("entity",), "time": ("time",), "none": ()}[effects]
    levels = {"entity": int(panel.entity.max()), "time": int(panel.time.max())}
    return panel.d.shape[1] + intercept + sum(levels[name] for name in removed if name not in nested)


def _refuse_unidentified(panel: PanelArrays, effects: Effects) -> None:
    left = remove_effects(panel.d, panel, effects)
    refuse_absorbed(panel.terms, panel.d, left)
    refuse_collinear(panel.terms, left)
    parameters = count_parameters(panel, effects)
    if len(panel.y) <= parameters:
        raise DataError(f"{len(panel.y)} rows are too few for {parameters} parameters")


def _judge(panel: PanelArrays, effects: Effects, errors: ErrorRule, coefficients, covariance):
    """The covariance without variances that are negative or rounding, and sentences on what it rests on."""
    if errors == "driscoll_kraay":
        return covariance, period_warnings(int(panel.time.max()) + 1)
    if errors not in ("clustered", "two_way_clustered", "cv3"):
        return covariance, ()
    columns = np.column_stack([panel.y, panel.d])
    if effects == "none" and not _has_constant(panel.d):
        columns = columns - columns.mean(axis=0)
    columns = remove_effects(columns, panel, effects)
    units = unit_of(columns[:, 1:])
    q, r = np.linalg.qr(columns[:, 1:] / units)
    projection = np.linalg.solve(r, q.T).T / units
    residual = columns[:, 0] - columns[:, 1:] @ coefficients
    independent = np.mean(residual**2) * (projection**2).sum(axis=0)
    covariance, mended = _without_negative(covariance)
    covariance, vanished = without_vanished(panel.terms, covariance, independent)
    found = cluster_warnings(panel.terms, projection, panel.entity) if errors != "cv3" else ()
    return covariance, (*mended, *vanished, *found)


def _without_negative(covariance: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    if (np.diag(covariance) >= 0).all():
        return covariance, ()
    scale = np.sqrt(np.abs(np.diag(covariance)))
    scale = np.where(scale > 0, scale, 1.0)
    values, vectors = np.linalg.eigh(covariance / np.outer(scale, scale))
    mended = vectors * np.maximum(values, 0.0) @ vectors.T * np.outer(scale, scale)
    return mended, (
        "a two-way clustered variance was negative: negative eigenvalues are set to zero, and errors may be "
        "too small; compare errors = 'clustered'",
    )


def _fit(panel: PanelArrays, effects: Effects, errors: ErrorRule, bandwidth, *, group_debias: bool):
    """Coefficients and the sandwich, with G/(G-1)·(N-1)/N for each clustering if ``group_debias``."""
    if errors == "cv3":
        coefficients, _ = _fit(panel, effects, "clustered", bandwidth, group_debias=group_debias)
        return coefficients, jackknife_covariance(panel, effects, intercept=not _has_constant(panel.d))
    from linearmodels.panel import PanelOLS

    units, unit = unit_of(panel.d), unit_of(panel.y)
    panel = replace(panel, y=panel.y / unit, d=panel.d / units)
    index = pd.MultiIndex.from_arrays([panel.entity, panel.time], names=["entity", "time"])
    x = panel.d
    if effects == "none" and not _has_constant(x):
        x = np.column_stack([x, np.ones(len(x))])
    model = PanelOLS(
        pd.DataFrame({"y": panel.y}, index=index),
        pd.DataFrame(x, index=index, columns=[f"x{j}" for j in range(x.shape[1])]),
        entity_effects=effects in ("two_way", "entity"),
        time_effects=effects in ("two_way", "time"),
        check_rank=False,
    )
    rules = {
        "homoskedastic": {"cov_type": "unadjusted"},
        "robust": {"cov_type": "robust"},
        "clustered": {"cov_type": "clustered", "cluster_entity": True, "group_debias": group_debias},
        "two_way_clustered": {
            "cov_type": "clustered",
            "cluster_entity": True,
            "cluster_time": True,
            "group_debias": group_debias,
        },
        "driscoll_kraay": {"cov_type": "driscoll-kraay", "bandwidth": bandwidth},
    }
    fit = model.fit(debiased=False, auto_df=False, count_effects=False, **rules[errors])
    k = panel.d.shape[1]
    back = unit / units
    return back * fit.params.to_numpy()[:k], back[:, None] * fit.cov.to_numpy()[:k, :k] * back


def _factor(panel: PanelArrays, effects: Effects, errors: ErrorRule) -> float:
    n, periods = len(panel.y), int(panel.time.max()) + 1
    nested = {"clustered": ("entity",), "two_way_clustered": ("entity", "time")}.get(errors, ())
    factor = n / (n - count_parameters(panel, effects, nested=nested))
    return factor * periods / (periods - 1) * (n - 1) / n if errors == "driscoll_kraay" else factor


def _has_constant(x: np.ndarray) -> bool:
    return bool((np.ptp(x, axis=0) == 0).any())

"""Least squares with entity and time effects: two doors to the engine in ``least_squares``."""

from dataclasses import replace
from time import perf_counter

import numpy as np
import pandas as pd

from digital_clusters.errors import DataError, ParameterError, check_option
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.options import Effects, ErrorRule
from digital_clusters.estimators.panel.arrays import PanelArrays, check_panel, label_codes
from digital_clusters.estimators.panel.dependence import distance_kernel
from digital_clusters.estimators.panel.least_squares import SmallSample, least_squares_estimate


def two_way_fixed_effects(
    y,
    x,
    *,
    entity,
    time,
    terms,
    effects: Effects = "two_way",
    errors: ErrorRule = "clustered",
    clusters=None,
    points=None,
    cutoff: float | None = None,
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
        entities (MacKinnon, Nielsen & Webb 2023), for few or unequal clusters; ``hc3`` (MacKinnon & White
        1985), with the leverage of the effects; ``newey_west``, a Bartlett kernel over the years of an entity
        (Newey & West 1987); ``conley``, a Bartlett kernel over kilometres between entities in the same year
        plus the years of an entity (Conley 1999). ``conley`` is ``clustered`` where no two entities are
        within the cutoff.
    clusters : array_like, shape (n,), optional
        Labels of the clusters of ``clustered`` errors; entities by default.
    points : array_like, shape (n, 2), optional
        Longitude and latitude of the row's entity, for ``conley``.
    cutoff : float, optional
        Kilometres at which the weight of ``conley`` reaches zero.
    bandwidth : int, optional
        Lags of Driscoll–Kraay and Newey–West, in periods of the sample; the default is the integer part of
        4 (T/100)^(2/9). Of ``conley`` within an entity; by default all its years count alike.
    small_sample : {'nested', 'none', 'fixed_b'}
        With K parameters in all (slopes, intercept, effects), the covariance is multiplied by N/(N−K)
        (``homoskedastic``, ``robust``), or by G/(G−1) · (N−1)/(N−K') for clusters, where K' omits effects
        nested in the clusters (``two_way_clustered``: each of the three parts with its own G), or by
        T/(T−1) · (N−1)/(N−K) for Driscoll–Kraay; ``newey_west`` has N/(N−K), ``conley`` the factor of
        clusters that are entities, ``hc3`` none. ``none`` leaves the sandwich as it is, and for
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
        Unknown option, ``fixed_b`` with other errors, a bandwidth that is not between 0 and T−1, ``conley``
        without points and cutoff or these with other errors, or clusters with errors that are not
        ``clustered``.
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
    periods = int(panel.time.max()) + 1
    if bandwidth is not None and not 0 <= bandwidth < periods:
        raise ParameterError(f"bandwidth = {bandwidth}: choose between 0 and {periods - 1}")
    kernel = _kernel(errors, points, cutoff, panel)
    found = least_squares_estimate(
        panel,
        method="two_way_fixed_effects",
        effects=effects,
        errors=errors,
        clusters=None
        if clusters is None
        else _cluster_codes(np.asarray(clusters), np.ones(len(panel.y), bool)),
        bandwidth=bandwidth,
        kernel=kernel,
        small_sample=small_sample,
    )
    return replace(found, seconds=perf_counter() - started)


def weighted_two_way(y, x, *, weights, entity, time, terms, clusters=None) -> Estimate:
    """Weighted least squares of ``y`` on ``x`` with entity and time effects, clustered errors.

    With equal weights it is :func:`two_way_fixed_effects`, small-sample factor and all. Rows of weight zero
    take no part and are not counted.

    Parameters
    ----------
    y : array_like, shape (n,)
    x : array_like, shape (n, k)
    weights : array_like, shape (n,)
        Nonnegative; their scale does not matter.
    entity, time : array_like, shape (n,)
    terms : sequence of str, length k
    clusters : array_like, shape (n,), optional
        Labels of the clusters of the errors; entities by default. Effects of entities or periods that lie in
        one cluster each count as nested in the small-sample factor, as in Stata and fixest.

    Raises
    ------
    DataError
        A negative or missing weight, a missing cluster or a single one, too few rows, or a term that is
        absorbed or collinear.
    """
    weights = np.asarray(weights, dtype=float).reshape(-1)
    if len(weights) != len(np.asarray(entity)):
        raise ParameterError(f"{len(weights)} weights for {len(np.asarray(entity))} rows")
    if not (np.isfinite(weights) & (weights >= 0)).all():
        raise DataError("a weight is missing, infinite or negative")
    label_codes("entity", entity)
    label_codes("time", time)
    used = weights > 0
    if not used.any():
        raise DataError("no row has a positive weight")
    rows = (np.asarray(column, dtype)[used] for column, dtype in ((y, float), (entity, None), (time, None)))
    y, entity, time = rows
    panel = check_panel(
        y, np.asarray(x, float).reshape(len(used), -1)[used], None, entity=entity, time=time, terms=terms
    )
    return least_squares_estimate(
        panel,
        method="weighted_two_way_fixed_effects",
        weights=weights[used] / weights[used].mean(),
        clusters=None if clusters is None else _cluster_codes(np.asarray(clusters), used),
    )


def _kernel(errors: ErrorRule, points, cutoff: float | None, panel: PanelArrays) -> np.ndarray | None:
    """Weights of ``conley`` between entities; ``None`` for other errors."""
    given = [name for name, value in (("points", points), ("cutoff", cutoff)) if value is not None]
    if errors != "conley":
        if given:
            raise ParameterError(f"{' and '.join(given)} are for errors = 'conley', not '{errors}'")
        return None
    if cutoff is None or points is None:
        raise ParameterError(
            "errors = 'conley' needs points, the place of each row, and cutoff, in kilometres"
        )
    return distance_kernel(points, panel.entity, cutoff)


def _cluster_codes(clusters: np.ndarray, used: np.ndarray) -> np.ndarray:
    """Codes 0, 1, … of the clusters of the rows that are used."""
    if len(clusters) != len(used):
        raise ParameterError(f"{len(clusters)} clusters for {len(used)} rows")
    if pd.isna(clusters[used]).any():
        raise DataError(
            f"{int(pd.isna(clusters[used]).sum())} rows have no cluster: fill them in or leave them out"
        )
    codes, labels = pd.factorize(clusters[used])
    if len(labels) < 2:
        raise DataError(f"one cluster ({labels[0]}) is not enough: errors need several")
    return codes

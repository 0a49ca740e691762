"""Least squares on a panel less its fixed effects: the one engine of every linear panel regression.

Columns lose their effects once (:func:`within_panel`); equations on them are fitted by :func:`solve`, and
:meth:`WithinPanel.covariance` is their sandwich, jointly for several equations. Weights enter as square roots
on the rows, so that everything after the effects are removed is plain least squares.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from digital_clusters.errors import DataError, ParameterError, check_option
from digital_clusters.estimators.equation import Equation, solve
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.few_clusters import (
    NO_PERIODS,
    cluster_warnings,
    period_warnings,
    without_negative,
    without_vanished,
)
from digital_clusters.estimators.options import Effects, ErrorRule
from digital_clusters.estimators.panel.arrays import PanelArrays, check_panel
from digital_clusters.estimators.panel.collinearity import refuse_absorbed, refuse_collinear
from digital_clusters.estimators.panel.demeaning import demean, demean_two_way, group_sums
from digital_clusters.estimators.panel.dependence import (
    bartlett_sum,
    by_entity,
    effect_leverage,
    neighbours_sum,
    without_own_pull,
)
from digital_clusters.estimators.panel.fixed_b import default_lags, fixed_b_degrees
from digital_clusters.estimators.panel.jackknife import jackknife_covariance
from digital_clusters.estimators.units import unit_of

SandwichRule = Literal["homoskedastic", "robust", "clustered"]
"""Covariance rules that :func:`within_panel` offers for several equations; clusters are entities."""


SmallSample = Literal["nested", "none", "fixed_b"]
"""``nested``: the factor of Stata and fixest. ``none``: the bare sandwich. ``fixed_b``: the factor and the
critical values of Kiefer & Vogelsang (2005), for Driscoll–Kraay."""

REMOVED: dict[Effects, tuple[str, ...]] = {
    "two_way": ("entity", "time"),
    "entity": ("entity",),
    "time": ("time",),
    "none": (),
}
"""Dimensions whose indicators each choice of effects stands for."""

CLUSTERED = ("clustered", "two_way_clustered", "cv3")
"""Covariance rules that rest on a number of clusters."""


@dataclass(frozen=True, eq=False)
class WithinPanel:
    """A panel less its fixed effects, and the rule of its covariances.

    Attributes
    ----------
    y : numpy.ndarray, shape (n,)
    d : numpy.ndarray, shape (n, k)
    x : numpy.ndarray, shape (n, p)
    raw : PanelArrays
        As it came in, with its codes and names.
    effects : {'two_way', 'entity', 'time', 'none'}
        ``none`` removes the mean, unless ``intercept`` is false.
    errors : str
        One of :data:`~digital_clusters.estimators.options.ErrorRule`.
    clusters : numpy.ndarray of int, shape (n,)
        Codes 0, 1, … of the clusters of ``clustered`` errors; entities unless others are given.
    root : numpy.ndarray, shape (n,), or None
        Square roots of the weights, by which ``y``, ``d`` and ``x`` are already multiplied.
    bandwidth : int or None
        Lags of Driscoll–Kraay and Newey–West; of ``conley`` within entities, where ``None`` is all alike.
    kernel : numpy.ndarray, shape (entities, entities), or None
        Weights of ``conley`` between entities.
    small_sample : {'nested', 'none', 'fixed_b'}
    intercept : bool
        Whether a constant is among the parameters that are removed.
    """

    y: np.ndarray
    d: np.ndarray
    x: np.ndarray
    raw: PanelArrays
    effects: Effects
    errors: ErrorRule
    clusters: np.ndarray
    root: np.ndarray | None = None
    bandwidth: int | None = None
    kernel: np.ndarray | None = None
    small_sample: SmallSample = "nested"
    intercept: bool = True

    def fit(self, outcome: np.ndarray, regressors: np.ndarray, terms: tuple[str, ...]) -> Equation:
        """Least squares of ``outcome`` on ``regressors``, both without their effects."""
        refuse_collinear(terms, regressors)
        return solve(outcome, regressors, regressors, terms)

    def estimate(self, equation: Equation, method: str, covariance: np.ndarray | None = None) -> Estimate:
        """The equation with its scaled covariance and the degrees of freedom of its intervals.

        Parameters
        ----------
        equation : Equation
        method : str
        covariance : numpy.ndarray, shape (k, k), optional
            In place of the sandwich of :meth:`covariance`.
        """
        covariance = self.covariance([equation]) if covariance is None else covariance
        covariance, warnings = self._judge(equation, covariance)
        return Estimate(
            terms=equation.terms,
            coefficients=equation.coefficients,
            covariance=covariance,
            warnings=warnings,
            n_observations=len(self.y),
            method=method,
            errors=self.errors,
            n_clusters=self.groups if self.errors in CLUSTERED else None,
            degrees_of_freedom=self.degrees_of_freedom(len(equation.terms)),
        )

    def covariance(self, equations: Sequence[Equation]) -> np.ndarray:
        """Joint covariance of all coefficients, equation after equation, small-sample factors included.

        With K parameters in all (slopes, intercept, effects), the factor is N/(N−K) for ``homoskedastic`` and
        ``robust``; G/(G−1) · (N−1)/(N−K') for clusters, where K' omits effects nested in the clusters, each
        part of ``two_way_clustered`` with its own G; the same with entities for G for ``conley``; T/(T−1) ·
        (N−1)/(N−K) for Driscoll–Kraay; N/(N−K) for ``newey_west``; one for ``hc3`` and where ``small_sample``
        is ``none``. Between two equations it is the geometric mean of theirs.
        """
        projections = np.hstack([np.sqrt(self._factor(len(e.terms))) * e.projection for e in equations])
        residuals = np.column_stack([self._residual(e) for e in equations])
        owner = np.repeat(np.arange(len(equations)), [len(e.terms) for e in equations])
        if self.errors == "homoskedastic":
            moments = residuals.T @ residuals / len(residuals)
            return projections.T @ projections * moments[np.ix_(owner, owner)]
        return self._meat(projections * residuals[:, owner])

    def degrees_of_freedom(self, k: int) -> float:
        """Clusters or periods less one, or rows less all parameters of an equation with ``k`` slopes.

        ``fixed_b`` has those of :func:`~digital_clusters.estimators.panel.fixed_b.fixed_b_degrees`.
        """
        if self.small_sample == "fixed_b":
            return fixed_b_degrees(self._lags, self.periods)
        return float(len(self.y) - self.parameters(k) if self.groups is None else self.groups - 1)

    def parameters(self, k: int, *, without: tuple[str, ...] = ()) -> int:
        """Slopes, intercept and effects, less the effects of the dimensions named in ``without``."""
        levels = {"entity": self.entities - 1, "time": self.periods - 1}
        effects = sum(levels[name] for name in REMOVED[self.effects] if name not in without)
        return k + int(self.intercept) + effects

    @property
    def entities(self) -> int:
        """Number of entities."""
        return int(self.raw.entity.max()) + 1

    @property
    def periods(self) -> int:
        """Number of periods."""
        return int(self.raw.time.max()) + 1

    @property
    def groups(self) -> int | None:
        """Clusters or periods that the degrees of freedom count; ``None`` where these are rows."""
        counts = {
            "clustered": int(self.clusters.max()) + 1,
            "cv3": self.entities,
            "conley": self.entities,
            "two_way_clustered": min(self.entities, self.periods),
            "driscoll_kraay": self.periods,
        }
        return counts.get(self.errors)

    @cached_property
    def nested(self) -> tuple[str, ...]:
        """Dimensions each of whose groups lies in one cluster, so that the factor does not count them."""
        codes = {"entity": self.raw.entity, "time": self.raw.time}
        return tuple(
            name for name, groups in codes.items() if any(_is_nested(groups, by) for by in self._clusterings)
        )

    def _residual(self, equation: Equation) -> np.ndarray:
        if self.errors != "hc3":
            return equation.residual
        absorbed = effect_leverage(self.raw.entity, self.raw.time, self.effects, intercept=self.intercept)
        return without_own_pull(equation.residual, equation.projection, absorbed)

    @property
    def _clusterings(self) -> tuple[np.ndarray, ...]:
        both = (self.raw.entity, self.raw.time)
        one_way = {"clustered": (self.clusters,), "conley": (self.raw.entity,)}
        return (one_way | {"two_way_clustered": both}).get(self.errors, ())

    @property
    def _lags(self) -> int:
        return default_lags(self.periods) if self.bandwidth is None else self.bandwidth

    def _factor(self, k: int) -> float:
        n = len(self.y)
        if self.small_sample == "none" or self.errors == "hc3":
            return 1.0
        return n / (n - self.parameters(k, without=self.nested))

    def _of_groups(self, groups: int) -> float:
        n = len(self.y)
        return groups / (groups - 1) * (n - 1) / n if self.small_sample != "none" else 1.0

    def _meat(self, scores: np.ndarray) -> np.ndarray:
        """Sum over groups of rows of the outer products of their scores, shape (n, k) → (k, k)."""
        if self.errors == "driscoll_kraay":
            sums = group_sums(scores, self.raw.time)
            return self._of_groups(self.periods) * bartlett_sum(sums[None], self._lags)
        if self.errors in ("robust", "hc3"):
            return scores.T @ scores
        if self.errors in ("newey_west", "conley"):
            return self._dependent(by_entity(scores, self.raw.entity, self.raw.time))
        total = np.zeros((scores.shape[1],) * 2)
        for codes in self._clusterings:
            sums = group_sums(scores, codes)
            total += self._of_groups(len(sums)) * sums.T @ sums
        # an entity has one row a period, so that rows are the clusters that both ways share
        return total - scores.T @ scores if self.errors == "two_way_clustered" else total

    def _dependent(self, series: np.ndarray) -> np.ndarray:
        """Over time within entities and, for ``conley``, over space within periods; (m, T, k) → (k, k)."""
        if self.errors == "newey_west":
            return bartlett_sum(series, self._lags)
        assert self.kernel is not None
        whole = series.sum(axis=1)
        own = whole.T @ whole if self.bandwidth is None else bartlett_sum(series, self.bandwidth)
        return self._of_groups(self.entities) * (own + neighbours_sum(series, self.kernel))

    def _judge(self, equation: Equation, covariance: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
        """The covariance without variances that are negative or rounding; sentences on what it rests on."""
        if self.errors not in (*CLUSTERED, "driscoll_kraay", "conley"):
            return covariance, ()
        projection, residual = equation.projection, equation.residual
        if self.root is not None:
            projection, residual = projection * self.root[:, None], residual / self.root
        independent = np.mean(residual**2) * (projection**2).sum(axis=0)
        if self.errors == "driscoll_kraay":
            covariance, vanished = without_vanished(equation.terms, covariance, independent, NO_PERIODS)
            return covariance, (*vanished, *period_warnings(self.periods))
        covariance, mended = without_negative(covariance, self.errors)
        covariance, vanished = without_vanished(equation.terms, covariance, independent)
        by = self.clusters if self.errors == "clustered" else self.raw.entity
        few = cluster_warnings(equation.terms, projection, by) if self.errors != "cv3" else ()
        return covariance, (*mended, *vanished, *few)


def within_panel(
    y,
    d,
    x=None,
    *,
    entity,
    time,
    terms,
    effects: Effects = "two_way",
    errors: SandwichRule = "clustered",
) -> WithinPanel:
    """Check a panel and remove its effects.

    Parameters
    ----------
    y : array_like, shape (n,)
    d : array_like, shape (n, k)
        Regressors named by ``terms``.
    x : array_like, shape (n, p), optional
        Further columns to be treated alike.
    entity, time : array_like, shape (n,)
    terms : sequence of str, length k
    effects : {'two_way', 'entity', 'time', 'none'}
    errors : {'homoskedastic', 'robust', 'clustered'}

    Raises
    ------
    ParameterError
        Unknown option, or lengths that do not agree.
    DataError
        Missing values, repeated keys, a term absorbed by the effects, too few rows or one cluster.
    """
    check_option("effects", effects, Effects)
    check_option("errors", errors, SandwichRule)
    raw = check_panel(y, d, x, entity=entity, time=time, terms=terms)
    panel = _remove(raw, None, effects=effects, errors=errors, clusters=raw.entity)
    refuse_absorbed(raw.terms, raw.d, panel.d)
    _refuse_few_rows(panel)
    if panel.entities < 2:
        raise DataError("one entity is not enough: errors and effects need several")
    return panel


def least_squares_estimate(
    raw: PanelArrays,
    *,
    method: str,
    effects: Effects = "two_way",
    errors: ErrorRule = "clustered",
    weights: np.ndarray | None = None,
    clusters: np.ndarray | None = None,
    bandwidth: int | None = None,
    kernel: np.ndarray | None = None,
    small_sample: SmallSample = "nested",
) -> Estimate:
    """Least squares of the outcome on all named columns of a checked panel.

    Parameters
    ----------
    raw : PanelArrays
        With ``effects='none'`` a constant column takes the place of the intercept.
    method : str
        Written into the result.
    effects, errors, bandwidth, small_sample
        As :func:`~digital_clusters.estimators.panel.fixed_effects.two_way_fixed_effects`.
    weights : numpy.ndarray, shape (n,), optional
        Positive; inversely proportional to the variance of the row where errors are ``homoskedastic``.
    clusters : numpy.ndarray of int, shape (n,), optional
        Codes 0, 1, … of the clusters of ``clustered`` errors; entities by default.
    kernel : numpy.ndarray, shape (entities, entities), optional
        Of ``conley``: :func:`~digital_clusters.estimators.panel.dependence.distance_kernel`.

    Raises
    ------
    DataError
        A term that is absorbed by the effects or collinear, too few rows, or one cluster or period.
    ParameterError
        Weights with ``errors='cv3'`` or ``'hc3'``, or clusters with other errors than ``clustered``.
    """
    if errors in ("cv3", "hc3") and weights is not None:
        raise ParameterError(f"errors = '{errors}' takes no weights: choose errors = 'clustered'")
    if clusters is not None and errors != "clustered":
        raise ParameterError(f"errors = '{errors}' takes no clusters: choose errors = 'clustered'")
    unit, units = unit_of(raw.y), unit_of(raw.d)
    raw = replace(raw, y=raw.y / unit, d=raw.d / units)
    panel = _remove(
        raw,
        weights,
        effects=effects,
        errors=errors,
        clusters=raw.entity if clusters is None else clusters,
        bandwidth=bandwidth,
        kernel=kernel,
        small_sample=small_sample,
        intercept=effects != "none" or not _has_constant(raw.d),
    )
    refuse_absorbed(raw.terms, raw.d, panel.d)
    equation = panel.fit(panel.y, panel.d, raw.terms)
    _refuse_few_rows(panel)
    if panel.groups == 1:
        raise DataError(f"errors = '{errors}' need more than one cluster or period")
    jackknife = jackknife_covariance(raw, effects, intercept=panel.intercept) if errors == "cv3" else None
    return panel.estimate(equation, method, jackknife).in_units(unit / units)


def _remove(raw: PanelArrays, weights: np.ndarray | None, **rule) -> WithinPanel:
    """The columns less their effects, times the square roots of the weights."""
    columns, effects = np.vstack([raw.y, raw.d.T, raw.x.T]).T, rule["effects"]
    if effects == "two_way":
        columns = demean_two_way(columns, raw.entity, raw.time, weights)
    elif effects in ("entity", "time"):
        columns = demean(columns, raw.entity if effects == "entity" else raw.time, weights)
    elif rule.get("intercept", True):
        columns = columns - np.average(columns, axis=0, weights=weights)
    root = None if weights is None else np.sqrt(weights)
    columns = columns if root is None else root[:, None] * columns
    k = raw.d.shape[1]
    return WithinPanel(columns[:, 0], columns[:, 1 : k + 1], columns[:, k + 1 :], raw, root=root, **rule)


def _refuse_few_rows(panel: WithinPanel) -> None:
    parameters = panel.parameters(panel.d.shape[1] + panel.x.shape[1])
    if len(panel.y) <= parameters:
        raise DataError(f"{len(panel.y)} rows are too few for {parameters} parameters")


def _is_nested(groups: np.ndarray, clusters: np.ndarray) -> bool:
    """Whether each group lies in one cluster."""
    last = np.empty(groups.max() + 1, dtype=clusters.dtype)
    last[groups] = clusters
    return bool((last[groups] == clusters).all())


def _has_constant(x: np.ndarray) -> bool:
    return bool((np.ptp(x, axis=0) == 0).any())

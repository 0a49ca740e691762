"""Difference-in-differences when units adopt in different periods: static, event study, group-time.

The group-time effects of Callaway & Sant'Anna (2021) come from ``diff_diff``; regressions from this package.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from digital_clusters.errors import DataError, ParameterError, check_option
from digital_clusters.estimators.did.adoption import AdoptionPanel, AlwaysTreated, prepare_rows
from digital_clusters.estimators.did.callaway_santanna import cell_table, event_covariance, fit_group_time
from digital_clusters.estimators.estimate import Estimate, ShowsEstimate
from digital_clusters.estimators.few_clusters import LEAST_CLUSTERS, LEAST_TREATED
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects, weighted_two_way
from digital_clusters.estimators.units import unit_of
from digital_clusters.estimators.wald import WaldTest, wald_test

ControlGroup = Literal["never_treated", "not_yet_treated"]
"""Units a cohort is compared with: those that never adopt, or those that have not adopted yet as well."""

BasePeriod = Literal["varying", "universal"]
"""Base of effects before adoption: the period before each, or the last before adoption for all."""

Adjustment = Literal["dr", "ipw", "reg"]
"""Use of covariates: doubly robust, inverse probability weights, outcome regression."""


@dataclass(frozen=True, eq=False, repr=False)
class EventStudy(ShowsEstimate):
    """Two-way fixed effects with indicators of time since adoption.

    Attributes
    ----------
    path : pandas.DataFrame
        relative, effect, se, low, high (95 %), binned, n_units. The omitted period has effect and error 0.
    estimate : Estimate
        Terms are relative periods as text (``-3``, ``0``, …), then covariates.
    pretrend : WaldTest or None
        That all effects before adoption are zero; ``None`` without such terms or without variance. With few
        treated units behind a period it rejects a true hypothesis too often: bin the ends, and see
        :func:`~digital_clusters.estimators.did.placebo.placebo_pretrend`.
    n_always_treated : int
        Units treated from the first period on, dropped or kept as asked.
    """

    path: pd.DataFrame
    estimate: Estimate
    pretrend: WaldTest | None
    n_always_treated: int

    def remarks(self) -> list[str]:
        """The pre-trend test."""
        return [] if self.pretrend is None else [f"effects before adoption: p = {self.pretrend.p_value:.3g}"]

    def warnings_of_tests(self) -> tuple[str, ...]:
        """Of the pre-trend test."""
        return () if self.pretrend is None else self.pretrend.warnings


@dataclass(frozen=True, eq=False, repr=False)
class GroupTimeEffects(ShowsEstimate):
    """Effects of each cohort in each period, and their averages.

    Attributes
    ----------
    cells : pandas.DataFrame
        group, time, relative, effect, se, p_value, n_treated, n_control; NaN without an estimate. Errors,
        here and below, are NaN where fewer than three treated units stand behind them.
    event_study : pandas.DataFrame
        relative, effect, se, low, high (95 %), n_groups. A universal base has effect and error 0.
    groups : pandas.DataFrame
        group, effect (mean over periods since adoption), se, low, high (95 %), n_units.
    overall : Estimate
        Term ``att``: mean over treated units and periods. Errors are analytic, clustered by unit;
        ``warnings`` says where treated units are few.
    dynamic : Estimate
        Term ``att``: mean over relative periods from 0 on.
    relative : Estimate
        Terms are relative periods as text, without the reference of a universal base; with the covariance
        that bounds under deviations from parallel trends need
        (:mod:`digital_clusters.estimators.did.honest`).
    pretrend : WaldTest or None
        That all effects before adoption are zero, as for :class:`EventStudy`.
    n_always_treated : int
        Units dropped because no period shows them untreated.
    """

    cells: pd.DataFrame
    event_study: pd.DataFrame
    groups: pd.DataFrame
    overall: Estimate
    dynamic: Estimate
    relative: Estimate
    pretrend: WaldTest | None
    n_always_treated: int

    shown = "overall"

    def remarks(self) -> list[str]:
        """The pre-trend test."""
        return [] if self.pretrend is None else [f"effects before adoption: p = {self.pretrend.p_value:.3g}"]

    def warnings_of_tests(self) -> tuple[str, ...]:
        """Of the pre-trend test."""
        return () if self.pretrend is None else self.pretrend.warnings


def two_way_did(
    y,
    *,
    entity,
    time,
    adoption,
    covariates=None,
    terms: Sequence[str] = (),
    weights=None,
    always_treated: AlwaysTreated = "keep",
) -> Estimate:
    """Static difference-in-differences: outcome on treatment, entity and time effects, clustered by entity.

    Parameters
    ----------
    y, entity, time : array_like, shape (n,)
    adoption : array_like, shape (n,)
        First treated period of the row's unit; NaN for never.
    covariates : array_like, shape (n, k), optional
    terms : sequence of str, length k
        Names of the covariates.
    weights : array_like, shape (n,), optional
        Rows with weight zero are left out.
    always_treated : {'keep', 'drop'}
        Kept, units treated from the first period on serve as controls.

    Returns
    -------
    Estimate
        Term ``did``, then the covariates. Where effects differ over cohorts or time it is an average
        whose weights can be negative: see :mod:`digital_clusters.estimators.did.decomposition`.
    """
    panel, x, weights, _ = prepare_rows(y, entity, time, adoption, covariates, weights, always_treated)
    return _regress(panel, panel.treated[:, None], ("did",), x, terms, weights)


def event_study(
    y,
    *,
    entity,
    time,
    adoption,
    covariates=None,
    terms: Sequence[str] = (),
    weights=None,
    leads: int | None = None,
    lags: int | None = None,
    reference: int = -1,
    always_treated: AlwaysTreated = "drop",
) -> EventStudy:
    """Two-way fixed effects with one indicator for each period since adoption.

    Parameters
    ----------
    y, entity, time, adoption, covariates, terms, weights
        As in :func:`two_way_did`.
    leads, lags : int, optional
        Relative periods up to ``-leads`` share one indicator, and those from ``lags`` on another; by default
        every period has its own.
    reference : int
        Relative period that is omitted.
    always_treated : {'drop', 'keep'}

    Raises
    ------
    ParameterError
        ``leads`` or ``lags`` do not leave the reference inside.
    DataError
        The reference is not observed, or the indicators are collinear: without units that never adopt they
        are, unless an end is binned.
    """
    panel, x, weights, always = prepare_rows(y, entity, time, adoption, covariates, weights, always_treated)
    dummies, periods, binned = event_indicators(panel, leads, lags, reference)
    estimate = _regress(panel, dummies, tuple(str(p) for p in periods), x, terms, weights)
    path = _path(panel, binned, estimate)
    fewest = path.loc[(path["relative"] < 0) & (path["relative"] != reference), "n_units"].min()
    pretrend = _pretrend(estimate, [str(p) for p in periods if p < 0], fewest)
    return EventStudy(path, estimate, pretrend, always)


def event_indicators(panel: AdoptionPanel, leads: int | None, lags: int | None, reference: int):
    """Indicators of time since adoption, as :func:`event_study` describes them.

    Returns
    -------
    numpy.ndarray of shape (n, k), list of int of length k, numpy.ndarray of shape (n,)
        Indicators without the reference, their relative periods, and each row's relative period with the
        ends binned (NaN for never).

    Raises
    ------
    ParameterError, DataError
        The reference is outside the bins, or not observed.
    """
    relative = panel.relative
    low = -leads if leads is not None else int(np.nanmin(relative))
    high = lags if lags is not None else int(np.nanmax(relative))
    if not low <= reference <= high:
        raise ParameterError(f"reference = {reference} is outside the relative periods {low} to {high}")
    binned = np.clip(relative, low, high)
    shown = np.unique(binned[np.isfinite(binned)]).astype(int)
    if reference not in shown:
        raise DataError(f"no unit is observed {reference} periods from adoption")
    periods = [int(p) for p in shown if p != reference]
    return np.column_stack([binned == p for p in periods]).astype(float), periods, binned


def group_time_effects(
    y,
    *,
    entity,
    time,
    adoption,
    covariates=None,
    weights=None,
    control: ControlGroup = "never_treated",
    base: BasePeriod = "varying",
    adjustment: Adjustment = "dr",
) -> GroupTimeEffects:
    """Effects by cohort and period without forbidden comparisons (Callaway & Sant'Anna 2021).

    Parameters
    ----------
    y, entity, time, adoption
        As in :func:`two_way_did`. Units treated from the first period on are dropped and counted. In an
        unbalanced panel each cell uses the units seen in both of its periods.
    covariates : array_like, shape (n, k), optional
        Parallel trends are assumed given their values in each cell's base period.
    weights : array_like, shape (n,), optional
        Constant within units, such as those of a matching; units with weight zero are left out.
    control : {'never_treated', 'not_yet_treated'}
    base : {'varying', 'universal'}
    adjustment : {'dr', 'ipw', 'reg'}

    Raises
    ------
    DataError
        No unit can serve as control, a weight changes within a unit, or no cell can be estimated.
    """
    for name, value, words in (
        ("control", control, ControlGroup),
        ("base", base, BasePeriod),
        ("adjustment", adjustment, Adjustment),
    ):
        check_option(name, value, words)
    panel, x, weights, always = prepare_rows(y, entity, time, adoption, covariates, weights, "drop")
    unit = float(unit_of(panel.y))
    fit = fit_group_time(
        replace(panel, y=panel.y / unit),
        x,
        weights,
        control_group=control,
        base_period=base,
        estimation_method=adjustment,
    )
    study, simple = fit.aggregate("event_study"), fit.aggregate("simple")
    estimated = np.isfinite(study.se)
    relative = Estimate(
        terms=tuple(str(int(e)) for e in study.event_time[estimated]),
        coefficients=study.att[estimated],
        covariance=event_covariance(study, estimated),
        **_common(panel),
    ).in_units(unit)
    overall = Estimate(("att",), simple.att, np.square(simple.se), **_common(panel)).in_units(unit)
    cells = _times(cell_table(fit.group_time_effects, int(panel.time.min()) - 1), unit)
    treated = cells.groupby("relative")["n_treated"].sum()
    early = [term for term in relative.terms if int(term) < 0]
    behind = _units(cells[(cells["relative"] >= 0) & cells["effect"].notna()])
    events, groups = (
        _event_table(study, unit),
        _group_table(fit.aggregate("group").to_dataframe(), panel, unit),
    )
    reference = events["se"] == 0
    return GroupTimeEffects(
        cells=_only_with(cells, cells["n_treated"] >= LEAST_TREATED),
        event_study=_only_with(events, reference | (events["relative"].map(treated) >= LEAST_TREATED)),
        groups=_only_with(groups, groups["n_units"] >= LEAST_TREATED),
        overall=judge_treated(overall, behind),
        dynamic=judge_treated(_mean_since_adoption(relative, panel), behind),
        relative=relative,
        pretrend=_pretrend(relative, early, treated.reindex([int(term) for term in early]).min()),
        n_always_treated=always,
    )


def _only_with(table: pd.DataFrame, enough: pd.Series) -> pd.DataFrame:
    """The table without the errors of rows that too few treated units stand behind."""
    errors = [name for name in ("se", "p_value", "low", "high") if name in table]
    return table.assign(**{name: table[name].where(enough) for name in errors})


def judge_treated(estimate: Estimate, treated: int) -> Estimate:
    """An estimate of term ``att`` with a sentence on its treated units, and without an error where they are
    too few."""
    if treated >= LEAST_CLUSTERS:
        return estimate
    said = f"'att': {treated} treated units stand behind it"
    if treated >= LEAST_TREATED:
        said += f", fewer than {LEAST_CLUSTERS}: its error is too small; compare placebo_adoption"
        return replace(estimate, warnings=(said,))
    said += f", fewer than {LEAST_TREATED}: it has no error that could be believed; use placebo_adoption"
    return replace(estimate, covariance=np.full((1, 1), np.nan), warnings=(said,))


def _pretrend(estimate: Estimate, terms: list[str], fewest: float) -> WaldTest | None:
    """The joint test of ``terms``; ``fewest`` treated units stand behind one of them.

    χ² with the rank of their covariance, as treated units are often fewer than the terms; ``None`` without
    terms, or where their covariance is zero or not finite.
    """
    where = [estimate.position(term) for term in terms]
    covariance = estimate.covariance[np.ix_(where, where)]
    if not np.isfinite(covariance).all() or not covariance.any():
        return None
    clusters = int(fewest) if np.isfinite(fewest) else None
    few = {"clusters": clusters, "remedy": "use placebo_pretrend"}
    return wald_test(estimate, terms, rank="reduced", reference="chi2", **few)


def _units(part: pd.DataFrame) -> int:
    return int(part.groupby("group")["n_treated"].max().sum())


def _regress(panel: AdoptionPanel, d, names: tuple[str, ...], x, terms, weights) -> Estimate:
    keys = {"entity": panel.entity, "time": panel.time, "terms": (*names, *terms)}
    columns = np.column_stack([d, x])
    if weights is None:
        return two_way_fixed_effects(panel.y, columns, **keys)
    return weighted_two_way(panel.y, columns, weights=weights, **keys)


def _path(panel: AdoptionPanel, binned: np.ndarray, estimate: Estimate) -> pd.DataFrame:
    interval = dict(zip(estimate.terms, estimate.interval(), strict=True))
    rows = []
    for period in (int(p) for p in np.unique(binned[np.isfinite(binned)])):
        term, here = str(period), binned == period
        effect, se = estimate[term] if term in interval else (0.0, 0.0)
        low, high = interval.get(term, (0.0, 0.0))
        pooled = bool((panel.relative[here] != period).any())
        rows.append((period, effect, se, low, high, pooled, len(np.unique(panel.entity[here]))))
    return pd.DataFrame(rows, columns=["relative", "effect", "se", "low", "high", "binned", "n_units"])


def _event_table(study, unit: float) -> pd.DataFrame:
    table = pd.DataFrame({"relative": study.event_time, "effect": study.att, "se": study.se})
    table.loc[study.is_reference, ["effect", "se"]] = 0.0
    return _intervals(_times(table, unit)).assign(
        n_groups=np.where(study.is_reference, 0, study.n).astype(int)
    )


def _group_table(found: pd.DataFrame, panel: AdoptionPanel, unit: float) -> pd.DataFrame:
    """The library's effects of cohorts; it counts periods from 1."""
    group = found["label"].astype(int) + int(panel.time.min()) - 1
    sizes = pd.Series(panel.adoption).value_counts().reindex(group).to_numpy(int)
    table = pd.DataFrame({"group": group, "effect": found["att"], "se": found["se"]})
    return _intervals(_times(table, unit)).assign(n_units=sizes)


def _mean_since_adoption(relative: Estimate, panel: AdoptionPanel) -> Estimate:
    since = np.array([int(term) >= 0 for term in relative.terms], dtype=float)
    part = since / since.sum()
    return Estimate(
        ("att",), part @ relative.coefficients, part @ relative.covariance @ part, **_common(panel)
    )


def _common(panel: AdoptionPanel) -> dict:
    return {
        "n_observations": len(panel.y),
        "n_clusters": len(panel.units),
        "method": "group_time_effects",
        "errors": "clustered",
    }


def _times(table: pd.DataFrame, unit: float) -> pd.DataFrame:
    return table.assign(effect=table["effect"] * unit, se=table["se"] * unit)


def _intervals(table: pd.DataFrame) -> pd.DataFrame:
    half = stats.norm.ppf(0.975) * table["se"]
    return table.assign(low=table["effect"] - half, high=table["effect"] + half)

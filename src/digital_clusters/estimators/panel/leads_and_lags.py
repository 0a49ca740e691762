"""Leads and lags of a treatment: does the outcome move before the treatment does, and for how long after?"""

from dataclasses import dataclass

import numpy as np

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.options import Effects, ErrorRule
from digital_clusters.estimators.panel.arrays import as_matrix, label_codes
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects
from digital_clusters.estimators.wald import WaldTest, wald_test


@dataclass(frozen=True, eq=False)
class LeadLagColumns:
    """The treatment at other periods of the same entity.

    Attributes
    ----------
    columns : numpy.ndarray, shape (n, leads + lags + 1)
        Column j holds d at period t − ``relative[j]``; NaN where the entity has no such row.
    relative : numpy.ndarray of int, shape (leads + lags + 1,)
        −leads, …, 0, …, lags: periods since the treatment. At negative ones, the leads, it is still to come.
    complete : numpy.ndarray of bool, shape (n,)
        Rows without NaN.
    """

    columns: np.ndarray
    relative: np.ndarray
    complete: np.ndarray


@dataclass(frozen=True, eq=False)
class LeadLagEstimate:
    """A distributed lag with leads.

    Attributes
    ----------
    estimate : Estimate
        Terms in the order of ``relative`` (``<name>, lead 1``, ``<name>``, ``<name>, lag 1``), then controls.
    relative : numpy.ndarray of int, shape (leads + lags + 1,)
    leads_test : WaldTest or None
        All leads are zero; ``None`` without leads.
    cumulative : Estimate
        Sum of the coefficients from 0 to the last lag: the effect, after so many periods, of one more unit
        that stays.
    n_dropped : int
        Rows at the edges of an entity, or next to its gaps, that lack a lead or lag.
    """

    estimate: Estimate
    relative: np.ndarray
    leads_test: WaldTest | None
    cumulative: Estimate
    n_dropped: int

    def path(self, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """Coefficients over ``relative``, shape (k,), and their pointwise intervals, shape (k, 2)."""
        k = len(self.relative)
        return self.estimate.coefficients[:k], self.estimate.interval(level)[:k]


def lead_lag_columns(d, *, entity, time, leads: int, lags: int) -> LeadLagColumns:
    """Shift the treatment within entities by calendar time, so that a gap is a gap.

    Parameters
    ----------
    d : array_like, shape (n,)
    entity : array_like, shape (n,)
    time : array_like of int, shape (n,)
        Periods one apart; rows may come in any order.
    leads, lags : int
        Not negative.

    Raises
    ------
    ParameterError
        Negative leads or lags, or lengths that do not agree.
    DataError
        A missing label, periods that are not whole numbers, or an entity with two rows in one.
    """
    if leads < 0 or lags < 0:
        raise ParameterError(f"leads = {leads}, lags = {lags}: choose numbers that are not negative")
    d, time = np.asarray(d, dtype=float).reshape(-1), np.asarray(time)
    codes = label_codes("entity", entity)[1]
    label_codes("time", time)
    if not len(d) == len(codes) == len(time):
        raise ParameterError(f"lengths differ: d {len(d)}, entity {len(codes)}, time {len(time)}")
    periods = time.astype(int)
    if (periods != time).any():
        raise DataError("leads and lags need periods that are whole numbers, such as years")
    start, relative = periods.min(), np.arange(-leads, lags + 1)
    width = periods.max() - start + 1 + leads + lags
    grid = np.full((codes.max() + 1, width), np.nan)
    seen = np.zeros(grid.shape, dtype=int)
    place = periods - start + lags
    np.add.at(seen, (codes, place), 1)
    if seen.max() > 1:
        raise DataError("an entity has more than one row in a period")
    grid[codes, place] = d
    columns = grid[codes[:, None], place[:, None] - relative]
    return LeadLagColumns(columns, relative, np.isfinite(columns).all(axis=1))


def lead_lag_effects(
    y,
    d,
    x=None,
    *,
    entity,
    time,
    leads: int,
    lags: int,
    name: str,
    controls=(),
    effects: Effects = "two_way",
    errors: ErrorRule = "clustered",
) -> LeadLagEstimate:
    """Outcome on leads and lags of the treatment, fixed effects and controls.

    Parameters
    ----------
    y, d : array_like, shape (n,)
    x : array_like, shape (n, p), optional
    entity, time : array_like, shape (n,)
        As in :func:`lead_lag_columns`.
    leads, lags : int
    name : str
        Of the treatment.
    controls : sequence of str, length p
    effects, errors
        As in :func:`fixed_effects.two_way_fixed_effects`.

    Raises
    ------
    ParameterError, DataError
        As :func:`lead_lag_columns` and :func:`fixed_effects.two_way_fixed_effects`; no complete row.
    """
    design = lead_lag_columns(d, entity=entity, time=time, leads=leads, lags=lags)
    n, kept = len(design.columns), design.complete
    if not kept.any():
        raise DataError(
            f"no entity is seen over {leads + lags + 1} periods in a row: take fewer leads or lags"
        )
    x = as_matrix("x", x, n)
    terms = tuple(_term(name, period) for period in design.relative)
    estimate = two_way_fixed_effects(
        np.asarray(y, dtype=float)[kept],
        np.hstack([design.columns, x])[kept],
        entity=np.asarray(entity)[kept],
        time=np.asarray(time)[kept],
        terms=(*terms, *controls),
        effects=effects,
        errors=errors,
    )
    return LeadLagEstimate(
        estimate=estimate,
        relative=design.relative,
        leads_test=wald_test(estimate, terms[:leads]) if leads else None,
        cumulative=_sum(estimate, leads, leads + lags + 1, name),
        n_dropped=int(n - kept.sum()),
    )


def _term(name: str, period: int) -> str:
    if period == 0:
        return name
    return f"{name}, lead {-period}" if period < 0 else f"{name}, lag {period}"


def _sum(estimate: Estimate, first: int, last: int, name: str) -> Estimate:
    weights = np.zeros(len(estimate.terms))
    weights[first:last] = 1
    return Estimate(
        terms=(f"{name}, sum of lags",),
        coefficients=[weights @ estimate.coefficients],
        covariance=[[weights @ estimate.covariance @ weights]],
        n_observations=estimate.n_observations,
        method="sum_of_lags",
        errors=estimate.errors,
        n_clusters=estimate.n_clusters,
        degrees_of_freedom=estimate.degrees_of_freedom,
    )

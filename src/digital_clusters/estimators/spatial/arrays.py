"""A balanced panel and its spatial lags as arrays of shape (units, periods, columns)."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from scipy import sparse

from digital_clusters.errors import DataError, ParameterError, check_option
from digital_clusters.estimators.panel.arrays import check_panel, label_codes
from digital_clusters.estimators.panel.collinearity import refuse_absorbed, refuse_collinear
from digital_clusters.estimators.spatial.labelled_weights import aligned_weights
from digital_clusters.estimators.spatial.weights_algebra import check_weights
from digital_clusters.wording import suggestion

SpatialEffects = Literal["two_way", "individual", "time", "none"]
"""Which fixed effects are in the model; with ``none`` there is an intercept."""

Concentration = Literal["exact", "demean_first"]
"""How time effects leave the likelihood. ``exact``: Wy is demeaned (JWy), which is what indicator columns
do. ``demean_first``: demeaned y is lagged (WJy; Elhorst 2014, splm). They agree without time effects, and
where all rows and all columns of W have one sum."""

ABSENT = -1
"""Number of the row of a unit and period that the data do not have."""

LAG_PREFIX = "W·"
"""Stands before the name of a term to name its spatial lag."""


@dataclass(frozen=True, eq=False)
class SpatialPanel:
    """A balanced panel sorted by unit and period.

    Attributes
    ----------
    y, wy : numpy.ndarray, shape (n, T)
        Outcome and its spatial lag, as they came.
    x : numpy.ndarray, shape (n, T, k)
    lagged_x : numpy.ndarray, shape (n, T, m)
        Spatial lags of the terms named in ``lagged``.
    w : scipy.sparse.csr_array, shape (n, n)
    terms, lagged : tuple of str, length k and m
    effects : str
    concentration : str
    """

    y: np.ndarray
    wy: np.ndarray
    x: np.ndarray
    lagged_x: np.ndarray
    w: sparse.csr_array
    terms: tuple[str, ...]
    lagged: tuple[str, ...]
    effects: SpatialEffects
    concentration: Concentration

    @property
    def n_units(self) -> int:
        return self.y.shape[0]

    @property
    def n_periods(self) -> int:
        return self.y.shape[1]

    @property
    def has_unit_effects(self) -> bool:
        return self.effects in ("two_way", "individual")

    @property
    def has_time_effects(self) -> bool:
        return self.effects in ("two_way", "time")

    @property
    def regressor_names(self) -> tuple[str, ...]:
        return (*self.terms, *(LAG_PREFIX + term for term in self.lagged))

    def within(self, columns: np.ndarray) -> np.ndarray:
        """Columns, shape (n, T) or (n, T, c), less their fixed effects (or less the grand mean)."""
        if self.effects == "none":
            return columns - columns.mean(axis=(0, 1))
        if self.has_unit_effects:
            columns = columns - columns.mean(axis=1, keepdims=True)
        return columns - columns.mean(axis=0, keepdims=True) if self.has_time_effects else columns

    def outcome_lag(self) -> np.ndarray:
        """Wy less its effects, or the lag of y less its effects for ``demean_first``, shape (n, T)."""
        if self.concentration == "demean_first" and self.has_time_effects:
            return lag(self.w, self.within(self.y))
        return self.within(self.wy)

    @cached_property
    def _regressors(self) -> np.ndarray:
        return self.within(np.concatenate([self.x, self.lagged_x], axis=2))

    def regressors(self) -> np.ndarray:
        """Terms and spatial lags less effects, shape (n, T, k + m), made once."""
        return self._regressors


def spatial_arrays(
    y, x, w, *, entity, time, terms, lagged, effects: SpatialEffects, concentration: Concentration = "exact"
) -> SpatialPanel:
    """Check and sort a balanced panel and lag it in space.

    Parameters
    ----------
    y : array_like, shape (n T,)
    x : array_like, shape (n T, k)
    w : scipy sparse matrix, array_like, or weights with labels, shape (n, n)
        Labelled weights are put in order by their labels
        (:func:`~digital_clusters.estimators.spatial.labelled_weights.matrix_and_labels`); a bare matrix
        has rows and columns in sorted order of the labels in ``entity``.
    entity, time : array_like, shape (n T,)
    terms : sequence of str, length k
    lagged : sequence of str
        The terms that get a spatial lag too.
    effects, concentration : str

    Raises
    ------
    ParameterError
        Unknown option, lengths that differ, a name in ``lagged`` that is not a term.
    DataError
        Missing values, repeated keys, a gap in the panel, weights that are not usable or of other units, a
        regressor that is absorbed by the effects or collinear.
    """
    check_option("effects", effects, SpatialEffects)
    check_option("concentration", concentration, Concentration)
    checked = check_panel(y, x, None, entity=entity, time=time, terms=terms)
    unknown = [term for term in lagged if term not in checked.terms]
    if unknown:
        near = suggestion(unknown[0], checked.terms)
        raise ParameterError(
            f"lagged: '{unknown[0]}' is not one of the terms {', '.join(checked.terms)}{near}"
        )
    units = label_codes("entity", entity)[0]
    n, periods = len(units), int(checked.time.max()) + 1
    place = checked.entity * periods + checked.time
    order = np.full(n * periods, ABSENT)
    order[place] = np.arange(len(place))
    _refuse_gaps(order.reshape(n, periods) != ABSENT, units, time)
    outcome = checked.y[order].reshape(n, periods)
    columns = checked.d[order].reshape(n, periods, -1)
    weights = check_weights(aligned_weights(w, units), n)
    lagged = tuple(term for term in checked.terms if term in lagged)
    lagged_x = lag(weights, columns[:, :, [checked.terms.index(term) for term in lagged]])
    panel = SpatialPanel(
        y=outcome,
        wy=lag(weights, outcome),
        x=columns,
        lagged_x=lagged_x,
        w=weights,
        terms=checked.terms,
        lagged=lagged,
        effects=effects,
        concentration=concentration,
    )
    _refuse_unidentified(panel)
    return panel


def lag(w: sparse.csr_array, columns: np.ndarray) -> np.ndarray:
    """W times each period and column of an array of shape (n, T) or (n, T, c)."""
    return (w @ columns.reshape(len(columns), -1)).reshape(columns.shape)


def _refuse_gaps(present: np.ndarray, units: np.ndarray, time) -> None:
    if not present.all():
        periods = label_codes("time", time)[0]
        unit, period = np.argwhere(~present)[0]
        raise DataError(
            f"the panel has no row for entity {units[unit]} in period {periods[period]} "
            f"({(~present).sum()} of {present.size} missing): spatial models need a balanced panel"
        )


def _refuse_unidentified(panel: SpatialPanel) -> None:
    names, k = panel.regressor_names, len(panel.regressor_names)
    raw = np.concatenate([panel.x, panel.lagged_x], axis=2).reshape(-1, k)
    left = panel.regressors().reshape(-1, k)
    refuse_absorbed(names, raw, left)
    refuse_collinear(names, left)
    used = {
        "two_way": sum(panel.y.shape) - 1,
        "individual": panel.n_units,
        "time": panel.n_periods,
        "none": 1,
    }
    parameters = k + used[panel.effects] + 2
    if panel.y.size <= parameters:
        raise DataError(f"{panel.y.size} rows are too few for {parameters} parameters")

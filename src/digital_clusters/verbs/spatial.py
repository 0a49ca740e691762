"""Space on a panel by names of columns: weights, spatial models, Moran's I."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from digital_clusters.errors import DataError, ParameterError, check_option
from digital_clusters.estimators.spatial import durbin
from digital_clusters.estimators.spatial.arrays import SpatialEffects
from digital_clusters.estimators.spatial.estimate import (
    Correction,
    SpatialErrors,
    SpatialEstimate,
    SpatialModel,
)
from digital_clusters.estimators.spatial.labelled_weights import aligned_weights, matrix_and_labels
from digital_clusters.measures.panel import Panel
from digital_clusters.measures.space import moran as maps
from digital_clusters.measures.space import weights as links
from digital_clusters.measures.space.moran import LocalMoran, MultipleTesting
from digital_clusters.measures.space.weights import SpatialWeights, Weights
from digital_clusters.verbs.columns import Names, arrays, as_names, check_columns, stamped

COMPARED = ("economic", "nested")
"""Kinds of weights that compare cities by a column."""


def spatial_weights(panel: Panel, kind: Weights, *, values: str | None = None, **options) -> SpatialWeights:
    """Spatial weights of the cities of a panel.

    Parameters
    ----------
    panel : Panel
        With ``lon`` and ``lat`` in degrees, the same in every year of a city.
    kind : {'contiguity', 'inverse_distance', 'nearest', 'economic', 'nested'}
    values : str, optional
        For ``economic`` and ``nested``: the column by which cities are compared, by its mean over years.
    **options
        ``neighbours``, ``power``, ``cutoff_km``, ``standardise``, ``adjacency``, ``islands``, ``metric`` of
        :func:`digital_clusters.measures.space.weights.spatial_weights`.

    Raises
    ------
    MissingTableError, DataError, ParameterError
        No coordinates, or other ones in another year; a kind that needs a column without one.

    Examples
    --------
    >>> import digital_clusters as dc
    >>> weights = dc.spatial_weights(dc.city_panel("twin"), "nearest", neighbours=4)
    >>> weights.matrix.shape, weights.note
    ((290, 290), '4 nearest by great-circle distance; rows sum to one; no islands')
    """
    check_option("kind", kind, Weights)
    if kind not in COMPARED:
        return links.spatial_weights(_places(panel), kind, **options)
    if values is None:
        numbers = panel.frame.select_dtypes("number").columns.difference(["city", "year", "lon", "lat"])
        raise ParameterError(
            f"'{kind}' weights compare cities by a column: name it with values=…, such as GDP per head. "
            f"Columns of numbers: {', '.join(numbers)}"
        )
    check_columns(panel, [values])
    means = panel.frame.groupby("city")[values].mean()
    return links.spatial_weights(_places(panel), kind, values=means, **options)


def spatial_panel(
    panel: Panel,
    outcome: str,
    treatment: Names,
    *,
    controls: Names = (),
    weights: Any = "nearest",
    values: str | None = None,
    model: SpatialModel = "durbin",
    effects: SpatialEffects = "two_way",
    errors: SpatialErrors = "clustered",
    correction: Correction | None = None,
) -> SpatialEstimate:
    """A spatial panel model by maximum likelihood: lag, error, Durbin, SLX.

    Parameters
    ----------
    panel : Panel
        Balanced.
    outcome : str
    treatment, controls : str or sequence of str
        All of them have a spatial lag in the models that have any.
    weights : str, SpatialWeights, libpysal W or Graph, or pandas.DataFrame
        A kind of :func:`spatial_weights`, or weights with labels: those of the panel's cities, in any order.
    values : str, optional
        For kinds that compare cities, as in :func:`spatial_weights`.
    model : {'durbin', 'lag', 'error', 'slx', 'none'}
    effects : {'two_way', 'individual', 'time', 'none'}
    errors : {'clustered', 'information', 'information_of_demeaned'}
    correction : {'none', 'bias', 'transformation'}, optional
        Of the bias that many effects bring. By default the transformation, whose intervals cover what they
        say (:doc:`/book/spatial`); the subtracted bias where weights whose rows have different sums do not
        allow it; none in a model without effects.

    Raises
    ------
    MissingTableError, DataError, ParameterError
        As :func:`digital_clusters.verbs.columns.arrays`; a gap in the panel; weights of other cities, or a
        bare matrix, which does not say whose rows it has.

    Examples
    --------
    >>> import digital_clusters as dc
    >>> panel = dc.city_panel("twin").complete("misallocation", "uil", balanced=True)
    >>> durbin = dc.spatial_panel(panel, "misallocation", "uil", weights="nearest")
    >>> durbin.estimate.terms
    ('uil', 'W·uil', 'rho', 'sigma2')
    """
    given = arrays(panel, outcome, treatment=treatment, controls=controls)
    matrix, note = _matrix(panel, weights, values)
    found = durbin.spatial_panel(
        given.outcome,
        given.regressors("treatment", "controls"),
        matrix,
        **given.keys,
        terms=(*as_names(treatment), *as_names(controls)),
        model=model,
        effects=effects,
        errors=errors,
        correction=correction or durbin.usual_correction(matrix, effects, model),
    )
    call = {"outcome": outcome, "model": model, "effects": effects, "weights": note}
    return replace(found, estimate=stamped(found.estimate, panel, **call))


def moran(
    panel: Panel,
    column: str,
    *,
    weights: Weights | SpatialWeights = "nearest",
    values: str | None = None,
    permutations: int = 999,
    seed: int = 0,
) -> pd.DataFrame:
    """Moran's I of a column in every year, with a permutation test.

    Parameters
    ----------
    panel : Panel
    column : str
        Cities without a value in a year are left out of that year.
    weights : str or SpatialWeights
    values : str, optional
        As in :func:`spatial_weights`.
    permutations, seed : int

    Returns
    -------
    pandas.DataFrame
        One row a year: ``year``, ``moran``, ``expected``, ``z_score``, ``p_permutation`` and the other fields
        of :class:`digital_clusters.measures.space.moran.GlobalMoran`.

    Examples
    --------
    >>> import digital_clusters as dc
    >>> found = dc.moran(dc.city_panel("twin").complete("income", years=(2019, 2021)), "income")
    >>> found["year"].tolist(), bool(found["p_permutation"].between(0, 1).all())
    ([2019, 2020, 2021], True)
    """
    frame = panel.require("city", "year", column)
    chosen = _weights(panel, weights, values)
    return maps.moran_by_year(frame, column, chosen, seed=seed, permutations=permutations)


def local_moran(
    panel: Panel,
    column: str,
    year: int,
    *,
    weights: Weights | SpatialWeights = "nearest",
    values: str | None = None,
    permutations: int = 9_999,
    level: float = 0.05,
    multiple_testing: MultipleTesting = "fdr",
    seed: int = 0,
) -> LocalMoran:
    """Local Moran of every city in one year: where like stands beside like.

    Parameters
    ----------
    panel : Panel
    column : str
        With a value for every city of the weights in that year.
    year : int
    weights : str or SpatialWeights
    values : str, optional
        As in :func:`spatial_weights`.
    permutations, seed : int
    level : float
    multiple_testing : {'fdr', 'bonferroni', 'none'}

    Examples
    --------
    >>> import digital_clusters as dc
    >>> found = dc.local_moran(dc.city_panel("twin"), "income", 2021, permutations=999)
    >>> found.table.columns.tolist()[:3]
    ['city', 'z', 'lag']
    """
    there = panel.complete(column, years=(year, year))
    return maps.local_moran(
        there.frame[column].to_numpy(float),
        _weights(there, weights, values),
        rng=np.random.default_rng(seed),
        permutations=permutations,
        level=level,
        multiple_testing=multiple_testing,
    )


def _places(panel: Panel) -> pd.DataFrame:
    """City, lon and lat, one row a city."""
    check_columns(panel, ["lon", "lat"])
    places = panel.frame[["city", "lon", "lat"]].drop_duplicates()
    moved = places.loc[places["city"].duplicated(), "city"]
    if len(moved):
        raise DataError(
            f"city {moved.iloc[0]} has more than one place: lon and lat must not change with years"
        )
    return places


def _weights(panel: Panel, weights: Weights | SpatialWeights, values: str | None) -> SpatialWeights:
    if not isinstance(weights, str):
        return weights
    check_option("weights", weights, Weights)
    return spatial_weights(panel, weights, values=values)


def _matrix(panel: Panel, weights: Any, values: str | None):
    """The matrix in the order of the panel's cities, and what it is in words."""
    weights = _weights(panel, weights, values)
    if matrix_and_labels(weights)[1] is None:
        raise ParameterError(
            "weights: a bare matrix does not say which city each row is. Pass a pandas.DataFrame with the "
            "cities' codes as index and columns, libpysal's W or Graph, or the result of spatial_weights"
        )
    return aligned_weights(weights, np.unique(panel.frame["city"])), getattr(
        weights, "note", "the reader's own"
    )

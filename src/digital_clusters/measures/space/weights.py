"""Spatial weights between cities: who is whose neighbour, and how much."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.sparse import linalg

from digital_clusters.errors import DataError, ParameterError, check_option
from digital_clusters.measures.space.proximity import Metric, distances, gabriel, k_nearest

Weights = Literal["contiguity", "inverse_distance", "nearest", "economic", "nested"]
"""What makes two cities neighbours; see :func:`spatial_weights`."""

Standardise = Literal["rows", "eigenvalue", "none"]
"""Rows that sum to one, a spectral radius of one, or the weights as they are."""

Islands = Literal["nearest", "keep"]
"""A city without neighbours is linked with the nearest city, or keeps a row of zeros."""

_DENSE_UNITS = 500  # up to here all eigenvalues are computed, above only the largest one


@dataclass(frozen=True, eq=False)
class SpatialWeights:
    """A matrix of spatial weights with a zero diagonal and no negative entry.

    Attributes
    ----------
    matrix : scipy.sparse.csr_array, shape (n, n)
        Row i holds the weights of the neighbours of ``cities[i]``.
    cities : numpy.ndarray, shape (n,)
        Codes in ascending order: the order of rows and columns.
    kind, standardise : str
    islands : tuple
        Codes of the cities that had no neighbour before the rule for islands was applied.
    note : str
        The rules behind the matrix, in words for the foot of a table.
    raw : scipy.sparse.csr_array, shape (n, n)
        The weights before they were standardised.
    """

    matrix: sparse.csr_array
    cities: np.ndarray
    kind: str
    standardise: str
    islands: tuple
    note: str
    raw: sparse.csr_array

    def lag(self, values: ArrayLike) -> np.ndarray:
        """W times values, shape (n,) or (n, k), in the order of ``cities``; see :meth:`in_order`."""
        return self.matrix @ self.in_order(values)

    def in_order(self, values: ArrayLike) -> np.ndarray:
        """Values as floats in the order of ``cities``, shape (n,) or (n, k).

        Parameters
        ----------
        values : pandas.Series, pandas.DataFrame or array_like
            A series or frame is put in order by its index of city codes. An array, or a frame whose rows
            are merely numbered, is in order already.

        Raises
        ------
        DataError
            Another number of rows; a city twice, or codes in the index that are not those of the weights.
        """
        if isinstance(values, pd.Series | pd.DataFrame) and _is_of_cities(values.index, self.cities):
            values = _by_city(values, self.cities)
        values = np.asarray(values, dtype=float)
        if values.ndim == 0 or values.shape[0] != len(self.cities):
            count = values.shape[0] if values.ndim else 1
            raise DataError(f"{count} values for {len(self.cities)} cities: one row a city is needed")
        return values

    def edges(self) -> np.ndarray:
        """Positions of linked cities, each pair once, shape (m, 2)."""
        either = sparse.coo_array(sparse.triu(self.raw + self.raw.T, k=1))
        return np.column_stack([either.row, either.col])

    def subset(self, codes: ArrayLike) -> "SpatialWeights":
        """The links among some of the cities, standardised anew.

        A city that loses all its neighbours is reported in ``islands`` and keeps a row of zeros. For other
        neighbours in place of those left out, make the weights from the table of the cities that stay.

        Raises
        ------
        DataError
            A code that is not among ``cities``, or no link between those that stay.
        """
        codes = np.unique(np.asarray(codes))
        unknown = codes[~np.isin(codes, self.cities)]
        if unknown.size:
            raise DataError(f"city {unknown[0]} is not among the {len(self.cities)} cities of these weights")
        kept = np.searchsorted(self.cities, codes)
        raw = sparse.csr_array(self.raw[kept][:, kept])
        alone = _without_neighbours(raw)
        lost = f"; {alone.sum()} of them left without neighbours" if alone.any() else ""
        return replace(
            self,
            matrix=_standardised(raw, self.standardise),
            raw=raw,
            cities=codes,
            islands=tuple(codes[alone].tolist()),
            note=f"{self.note}; {codes.size} of {len(self.cities)} cities{lost}",
        )


def spatial_weights(
    cities: pd.DataFrame,
    kind: Weights,
    *,
    neighbours: int = 5,
    power: float = 1.0,
    cutoff_km: float | None = None,
    standardise: Standardise = "rows",
    adjacency: pd.DataFrame | None = None,
    values: pd.Series | None = None,
    islands: Islands = "nearest",
    metric: Metric = "great_circle",
) -> SpatialWeights:
    """Spatial weights of every city of a table.

    Parameters
    ----------
    cities : pandas.DataFrame
        One row a city, with ``city``, ``lon`` and ``lat`` (degrees).
    kind : {'contiguity', 'inverse_distance', 'nearest', 'economic', 'nested'}
        ``contiguity``: 1 for cities that share a border. ``inverse_distance``: distance to the power
        −``power``. ``nearest``: 1 for each of the ``neighbours`` nearest cities; not symmetric.
        ``economic``: 1 / \\|difference of ``values``\\|. ``nested``: inverse distance times economic.
    neighbours : int
        For ``nearest``.
    power : float
        For ``inverse_distance`` and ``nested``; positive.
    cutoff_km : float, optional
        For ``inverse_distance`` and ``nested``: the weight beyond it is zero.
    standardise : {'rows', 'eigenvalue', 'none'}
        ``eigenvalue`` divides by the largest eigenvalue, which keeps a symmetric matrix symmetric
        (Kelejian & Prucha 2010).
    adjacency : pandas.DataFrame, optional
        For ``contiguity``: pairs of cities that share a border, columns ``city`` and ``neighbour``, in either
        order; pairs with a city that is not in the table are left out. Without it the neighbours of a
        city are those of the Gabriel graph; see :func:`digital_clusters.measures.space.proximity.gabriel`.
    values : pandas.Series, optional
        For ``economic`` and ``nested``: index of city codes, such as mean GDP per head in yuan.
    islands : {'nearest', 'keep'}
        ``nearest`` links a city without neighbours and the nearest city both ways, by the rule of ``kind``
        without its cutoff.
    metric : {'great_circle', 'plane'}

    Returns
    -------
    SpatialWeights

    Raises
    ------
    ParameterError
        An unknown option or a number out of range.
    DataError
        A city twice, without coordinates or without a value; two cities at one place or with equal values
        (whose weight would be infinite).

    Examples
    --------
    >>> table = pd.DataFrame({"city": [1, 2, 3], "lon": [110, 111, 113], "lat": [30, 30, 30]})
    >>> spatial_weights(table, "nearest", neighbours=1, metric="plane").matrix.toarray()
    array([[0., 1., 0.],
           [1., 0., 0.],
           [0., 1., 0.]])
    """
    _check_options(kind, standardise, islands, metric, power, cutoff_km)
    table = _checked_table(cities)
    codes = table["city"].to_numpy()
    distance = distances(table["lon"], table["lat"], metric)
    np.fill_diagonal(distance, np.inf)
    if (distance == 0).any():
        first, second = codes[np.argwhere(distance == 0)[0]]
        raise DataError(f"cities {first} and {second} are at the same place: correct lon or lat")
    reach = distance if cutoff_km is None else np.where(distance <= cutoff_km, distance, np.inf)
    if kind == "contiguity":
        weight = np.ones_like(distance)
        linked = (
            gabriel(table["lon"], table["lat"], metric) if adjacency is None else _listed(adjacency, codes)
        )
    elif kind == "nearest":
        weight, linked = np.ones_like(distance), k_nearest(distance, neighbours)
    else:
        weight = np.ones_like(distance) if kind == "economic" else distance**-power
        weight = weight if kind == "inverse_distance" else weight * _likeness(values, codes)
        linked = np.isfinite(distance if kind == "economic" else reach)
    alone = ~linked.any(axis=1)
    if islands == "nearest":
        rows = np.flatnonzero(alone)
        columns = distance[rows].argmin(axis=1)
        linked[rows, columns] = linked[columns, rows] = True
    raw = sparse.csr_array(np.where(linked, weight, 0.0))
    rule = _rule(kind, neighbours, power, cutoff_km, metric, listed=adjacency is not None)
    return SpatialWeights(
        matrix=_standardised(raw, standardise),
        cities=codes,
        kind=kind,
        standardise=standardise,
        islands=tuple(codes[alone].tolist()),
        note=f"{rule}; {_SCALES[standardise]}; {_island_note(int(alone.sum()), islands)}",
        raw=raw,
    )


def _check_options(kind, standardise, islands, metric, power, cutoff_km) -> None:
    check_option("kind", kind, Weights)
    check_option("standardise", standardise, Standardise)
    check_option("islands", islands, Islands)
    check_option("metric", metric, Metric)
    if not power > 0:
        raise ParameterError(f"power = {power}: choose a positive number")
    if cutoff_km is not None and metric == "plane":
        raise ParameterError("cutoff_km is in kilometres: leave it out with metric = 'plane'")
    if cutoff_km is not None and not cutoff_km > 0:
        raise ParameterError(f"cutoff_km = {cutoff_km}: choose a positive number")


def _checked_table(cities: pd.DataFrame) -> pd.DataFrame:
    table = cities[["city", "lon", "lat"]].sort_values("city", ignore_index=True)
    if table["city"].isna().any():
        raise DataError("a row of the table has no city code: fill it in or leave the row out")
    if table["city"].duplicated().any():
        twice = table.loc[table["city"].duplicated(), "city"].iloc[0]
        raise DataError(f"city {twice} is in the table twice: keep one row a city")
    unknown = ~np.isfinite(table[["lon", "lat"]].to_numpy(float)).all(axis=1)
    if unknown.any():
        raise DataError(f"city {table.loc[unknown, 'city'].iloc[0]} has no coordinates: leave it out")
    if len(table) < 2:
        raise DataError(f"{len(table)} city is too few for spatial weights")
    return table


def _is_of_cities(index: pd.Index, codes: np.ndarray) -> bool:
    if index.name == "city":
        return True
    return not isinstance(index, pd.RangeIndex) and bool(np.isin(codes, index).any())


def _by_city(values: pd.Series | pd.DataFrame, codes: np.ndarray) -> pd.Series | pd.DataFrame:
    if not values.index.is_unique:
        raise DataError(f"city {values.index[values.index.duplicated()][0]} has more than one value")
    for one, other, fault in (
        (codes, values.index, "has no value"),
        (values.index, codes, "is not among the cities of the weights"),
    ):
        odd = np.asarray(one)[~np.isin(one, other)]
        if len(odd):
            raise DataError(f"city {odd[0]} {fault} ({len(odd)} cities in all)")
    return values.loc[codes]


def _listed(adjacency: pd.DataFrame, codes: np.ndarray) -> np.ndarray:
    pairs = adjacency[["city", "neighbour"]].to_numpy()
    if len(pairs) and not np.isin(pairs, codes).any():
        raise DataError(
            f"no border is between cities of the table: they have codes such as {pairs[0, 0]!r}, it has such "
            f"as {codes[0]!r}"
        )
    pairs = pairs[np.isin(pairs, codes).all(axis=1) & (pairs[:, 0] != pairs[:, 1])]
    first, second = np.searchsorted(codes, pairs).T
    linked = np.zeros((codes.size, codes.size), dtype=bool)
    linked[first, second] = linked[second, first] = True
    return linked


def _likeness(values: pd.Series | None, codes: np.ndarray) -> np.ndarray:
    if values is None:
        raise ParameterError("economic weights need values: a series such as GDP per head, indexed by city")
    if not values.index.is_unique:
        twice = values.index[values.index.duplicated()][0]
        raise DataError(f"city {twice} has more than one value for the economic weights: keep one")
    level = values.reindex(codes).to_numpy(float)
    if not np.isfinite(level).all():
        raise DataError(f"city {codes[~np.isfinite(level)][0]} has no value for the economic weights")
    gap = np.abs(level[:, None] - level)
    np.fill_diagonal(gap, np.inf)
    if (gap == 0).any():
        first, second = codes[np.argwhere(gap == 0)[0]]
        raise DataError(f"cities {first} and {second} have the same value: their weight would be infinite")
    return 1 / gap


def _standardised(raw: sparse.csr_array, rule: Standardise) -> sparse.csr_array:
    if not raw.nnz:
        raise DataError("no city has a neighbour: widen the cutoff or add pairs to the list of borders")
    if rule == "none":
        return raw.copy()
    if rule == "eigenvalue":
        return raw / _largest_eigenvalue(raw)
    total = raw.sum(axis=1)
    return sparse.csr_array(sparse.diags_array(1 / np.where(total > 0, total, 1.0)) @ raw)


def _largest_eigenvalue(raw: sparse.csr_array) -> float:
    """The spectral radius, which is an eigenvalue of a matrix without negative entries."""
    symmetric = (raw != raw.T).nnz == 0
    if raw.shape[0] <= _DENSE_UNITS:
        dense = raw.toarray()
        found = np.linalg.eigvalsh(dense) if symmetric else np.linalg.eigvals(dense).real
    else:
        start = np.ones(raw.shape[0])  # fixed, for the same digits in every run
        solve, largest = (linalg.eigsh, "LA") if symmetric else (linalg.eigs, "LR")
        found = solve(raw, k=1, which=largest, v0=start, return_eigenvectors=False).real
    radius = float(found.max())
    if radius <= 0:
        raise DataError("the largest eigenvalue is zero: standardise by rows instead")
    return radius


def _without_neighbours(raw: sparse.csr_array) -> np.ndarray:
    return np.diff(raw.indptr) == 0


_SCALES = {"rows": "rows sum to one", "eigenvalue": "largest eigenvalue one", "none": "not standardised"}


def _rule(kind, neighbours, power, cutoff_km, metric, *, listed: bool) -> str:
    unit = "great-circle distance" if metric == "great_circle" else "distance in degrees"
    cutoff = "" if cutoff_km is None else f", zero beyond {cutoff_km:g} km"
    inverse = f"{unit} to the power {-power:g}{cutoff}"
    return {
        "contiguity": "shared borders" if listed else "Gabriel graph of the cities' places",
        "inverse_distance": inverse,
        "nearest": f"{neighbours} nearest by {unit}",
        "economic": "1 / |difference of values|",
        "nested": f"{inverse}, times 1 / |difference of values|",
    }[kind]


def _island_note(count: int, rule: Islands) -> str:
    if not count:
        return "no islands"
    word = "island" if count == 1 else "islands"
    return f"{count} {word}, " + ("linked with the nearest city" if rule == "nearest" else "rows of zeros")

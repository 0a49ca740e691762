"""Spatial autocorrelation: Moran's I of a whole map and of every city on it."""

import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from digital_clusters.errors import DataError, ParameterError, check_option
from digital_clusters.measures.space.weights import SpatialWeights

MultipleTesting = Literal["fdr", "bonferroni", "none"]
"""Rule for many p-values: false discovery rate (Benjamini & Hochberg 1995), Bonferroni, or as they are."""

QUADRANTS = ("high-high", "low-high", "low-low", "high-low")
"""Own value and mean of the neighbours, above (high) or below (low) the mean of all cities."""

NOT_SIGNIFICANT, NO_NEIGHBOUR = "not significant", "no neighbour"
"""What :attr:`LocalMoran.table` says where no cluster is found, and where none can be."""

NULL_BAND = (0.025, 0.975)
"""Quantiles of Moran's I over permutations that a figure draws as a band."""

_SAME_SUM = 1e-12  # relative; the same map summed in another order
_LEAST_CITIES = 4  # the variance under randomisation divides by n - 3


@dataclass(frozen=True, eq=False)
class GlobalMoran:
    """Moran's I with what is expected when the values are shuffled over the cities.

    Attributes
    ----------
    moran : float
        n / (sum of weights) · z'Wz / z'z, with z the deviations from the mean.
    expected : float
        −1 / (n − 1).
    standard_deviation : float
        Under randomisation (Cliff & Ord 1981).
    z_score, p_randomisation : float
        Normal approximation, two-sided.
    p_permutation : float
        Two-sided: twice the smaller tail of the permutations, each tail counted with the observed map.
    null_low, null_high : float
        Quantiles ``NULL_BAND`` of I over the permutations.
    permutations, n_cities : int
    """

    moran: float
    expected: float
    standard_deviation: float
    z_score: float
    p_randomisation: float
    p_permutation: float
    null_low: float
    null_high: float
    permutations: int
    n_cities: int


@dataclass(frozen=True, eq=False)
class LocalMoran:
    """Local Moran of every city (Anselin 1995).

    Attributes
    ----------
    table : pandas.DataFrame
        One row a city, in the order of the weights: ``city``, ``z`` (standard deviations from the mean),
        ``lag`` (W z), ``local_moran`` (z · lag · (n − 1)/n), ``quadrant`` (of ``QUADRANTS``),
        ``p_permutation`` (two-sided; the city keeps its value, the others are shuffled), ``p_adjusted`` by
        ``multiple_testing``, ``cluster`` (the quadrant where ``p_adjusted`` ≤ ``level``, else
        ``not significant``; ``no neighbour`` for a row of zeros, whose p is missing).
    level : float
    multiple_testing : str
    permutations : int
    """

    table: pd.DataFrame
    level: float
    multiple_testing: str
    permutations: int

    @property
    def slope(self) -> float:
        """Slope of ``lag`` on ``z``: the global Moran's I of weights whose rows sum to one."""
        z, lag = self.table["z"].to_numpy(), self.table["lag"].to_numpy()
        return float(z @ lag / (z @ z))


def global_moran(
    values: ArrayLike, weights: SpatialWeights, *, rng: np.random.Generator, permutations: int = 999
) -> GlobalMoran:
    """Moran's I of a map, by ``esda``, with a permutation test.

    ``esda`` draws from numpy's global generator, so the permutations are made here.

    Parameters
    ----------
    values : pandas.Series or array_like, shape (n,)
        A series is put in order by its index of city codes; an array is in the order of ``weights.cities``.
    weights : SpatialWeights
        Used as they are standardised. A city without neighbours counts in n and adds nothing to z'Wz.
    rng : numpy.random.Generator
    permutations : int
        At least 19.

    Raises
    ------
    DataError
        A missing value, the same value everywhere, a wrong length, or fewer than 4 cities.
    ParameterError
        Too few permutations.
    """
    y = _checked(values, weights, permutations)
    from esda.moran import Moran

    found = Moran(y, _libpysal(weights), transformation="O", permutations=0)
    z = y - y.mean()
    shuffled = rng.permuted(np.tile(z, (permutations, 1)), axis=1)
    scale = y.size / weights.matrix.sum() / (z @ z)
    null = scale * np.einsum("pi,ip->p", shuffled, weights.matrix @ shuffled.T)
    low, high = np.quantile(null, NULL_BAND)
    return GlobalMoran(
        moran=float(found.I),
        expected=float(found.EI),
        standard_deviation=float(found.seI_rand),
        z_score=float(found.z_rand),
        p_randomisation=float(found.p_rand),
        p_permutation=_two_sided(null, found.I),
        null_low=float(low),
        null_high=float(high),
        permutations=permutations,
        n_cities=y.size,
    )


def local_moran(
    values: ArrayLike,
    weights: SpatialWeights,
    *,
    rng: np.random.Generator,
    permutations: int = 9_999,
    level: float = 0.05,
    multiple_testing: MultipleTesting = "fdr",
) -> LocalMoran:
    """Local Moran of every city, by ``esda``, with conditional permutations.

    Parameters
    ----------
    values, weights, rng
        As :func:`global_moran`.
    permutations : int
        The smallest p is 2 / (permutations + 1): for a rule over hundreds of cities take thousands.
    level : float
        Of the adjusted p-values.
    multiple_testing : {'fdr', 'bonferroni', 'none'}

    Raises
    ------
    DataError, ParameterError
        As :func:`global_moran`; an unknown rule, a level outside (0, 1), or fewer permutations than
        Bonferroni needs to find anything.
    """
    check_option("multiple_testing", multiple_testing, MultipleTesting)
    if not 0 < level < 1:
        raise ParameterError(f"level = {level}: choose a number between 0 and 1")
    y = _checked(values, weights, permutations)
    if multiple_testing == "bonferroni" and (needed := int(np.ceil(2 * y.size / level))) > permutations + 1:
        raise ParameterError(
            f"permutations = {permutations}: by Bonferroni over {y.size} cities no p can be below {level}; "
            f"take {needed - 1} or more, or multiple_testing = 'fdr'"
        )
    from esda.moran import Moran_Local

    with warnings.catch_warnings():  # esda adds a filter for the whole process
        found = Moran_Local(y, _libpysal(weights), transformation="O", permutations=0)
    p = _conditional_p(found.z, weights, found.Is, rng, permutations)
    quadrant = np.array(QUADRANTS)[found.q - 1]
    adjusted = _adjusted(p, multiple_testing)
    cluster = np.where(adjusted <= level, quadrant, NOT_SIGNIFICANT)
    table = pd.DataFrame(
        {
            "city": weights.cities,
            "z": found.z,
            "lag": weights.lag(found.z),
            "local_moran": found.Is,
            "quadrant": quadrant,
            "p_permutation": p,
            "p_adjusted": adjusted,
            "cluster": np.where(np.isnan(p), NO_NEIGHBOUR, cluster),
        }
    )
    return LocalMoran(table, level, multiple_testing, permutations)


def moran_by_year(
    frame: pd.DataFrame, column: str, weights: SpatialWeights, *, seed: int = 0, permutations: int = 999
) -> pd.DataFrame:
    """Global Moran's I of every year.

    Parameters
    ----------
    frame : pandas.DataFrame
        ``city``, ``year`` and ``column``. Cities without a value, or that are not in the weights, are left
        out of that year and the weights standardised anew.
    seed : int
        A year's permutations depend on it and on the year alone.

    Returns
    -------
    pandas.DataFrame
        One row a year: ``year`` and the fields of :class:`GlobalMoran`.
    """
    rows = []
    for year, values, kept in _maps(frame, column, weights):
        rng = np.random.default_rng([seed, year])
        rows.append({"year": year} | vars(global_moran(values, kept, rng=rng, permutations=permutations)))
    return pd.DataFrame(rows)


def _maps(frame: pd.DataFrame, column: str, weights: SpatialWeights):
    """Year, values and weights of the cities with a value, year by year."""
    for key in ("city", "year"):
        if frame[key].isna().any():
            raise DataError(f"a row has no {key}: fill it in or leave the row out")
    known = frame.loc[frame["city"].isin(weights.cities) & frame[column].notna(), ["city", "year", column]]
    if known.empty:
        raise DataError(f"no city of the weights has a value of {column}")
    if known.duplicated(["city", "year"]).any():
        raise DataError("a city and year appears twice: keep one row for each")
    kept = weights
    for year, part in known.sort_values("city").groupby("year"):
        codes = part["city"].to_numpy()
        if not np.array_equal(codes, kept.cities):
            kept = weights if codes.size == weights.cities.size else weights.subset(codes)
        yield int(year), part[column].to_numpy(float), kept


def _checked(values: ArrayLike, weights: SpatialWeights, permutations: int) -> np.ndarray:
    labelled = isinstance(values, pd.Series)
    y = weights.in_order(values) if labelled else np.asarray(values, dtype=float)
    if y.shape != weights.cities.shape:
        raise DataError(f"values of shape {y.shape} for {weights.cities.size} cities: one a city is needed")
    if y.size < _LEAST_CITIES:
        raise DataError(f"{y.size} cities are too few for Moran's I: {_LEAST_CITIES} are needed")
    if not np.isfinite(y).all():
        raise DataError(f"{(~np.isfinite(y)).sum()} values are missing: take weights.subset of the others")
    if np.ptp(y) == 0:
        raise DataError("every city has the same value: there is nothing to correlate")
    if permutations < 19:
        raise ParameterError(f"permutations = {permutations}: at least 19 are needed")
    return y


def _libpysal(weights: SpatialWeights):
    from libpysal.weights import W

    matrix = weights.matrix
    starts = zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True)
    rows = {i: slice(low, high) for i, (low, high) in enumerate(starts)}
    return W(
        {i: matrix.indices[part].tolist() for i, part in rows.items()},
        {i: matrix.data[part].tolist() for i, part in rows.items()},
        id_order=list(rows),
        silence_warnings=True,
    )


def _conditional_p(z, weights: SpatialWeights, observed, rng, permutations: int) -> np.ndarray:
    """Two-sided p of each city; all cities share the same draws, so p-values are dependent."""
    matrix, n = weights.matrix, z.size
    degree = np.diff(matrix.indptr)
    draws = rng.permuted(np.tile(np.arange(n - 1), (permutations, 1)), axis=1)[:, : degree.max()]
    p = np.full(n, np.nan)
    for i in np.flatnonzero(degree):
        others = np.delete(z, i)
        own = slice(matrix.indptr[i], matrix.indptr[i + 1])
        null = (n - 1) / n * z[i] * (others[draws[:, : degree[i]]] @ matrix.data[own])
        p[i] = _two_sided(null, observed[i])
    return p


def _two_sided(null: np.ndarray, observed: float) -> float:
    """Twice the smaller tail, at most one; a draw equal to the observed value is in both tails."""
    close = _SAME_SUM * abs(observed)
    tail = min((null >= observed - close).sum(), (null <= observed + close).sum())
    return float(min(2 * (tail + 1) / (null.size + 1), 1))


def _adjusted(p: np.ndarray, rule: MultipleTesting) -> np.ndarray:
    out = p.copy()
    tested = ~np.isnan(p)
    if rule == "fdr":
        out[tested] = stats.false_discovery_control(p[tested])
    elif rule == "bonferroni":
        out[tested] = np.minimum(p[tested] * tested.sum(), 1)
    return out

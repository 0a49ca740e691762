"""Permutation tests for staggered adoption, which do not need many treated units.

For the effect, adoption periods are dealt anew over the units. For the pre-trend, residual paths are dealt
anew, so that effects after adoption may be what they are.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np

from digital_clusters.errors import DataError, ParameterError, check_option
from digital_clusters.estimators.did.adoption import AdoptionPanel, AlwaysTreated, prepare_rows
from digital_clusters.estimators.did.staggered import event_indicators
from digital_clusters.estimators.panel.collinearity import refuse_collinear
from digital_clusters.estimators.panel.demeaning import demean_two_way
from digital_clusters.estimators.units import unit_of

_CHUNK = 128
"""Draws whose treatment columns are held at once."""

_EQUAL = 1e-9
"""Relative; a placebo this near to the observed size is the observed size, which an enumeration contains."""


@dataclass(frozen=True, eq=False)
class AdoptionPlacebo:
    """The estimate beside those under adoption that was dealt at random.

    Attributes
    ----------
    observed : float
        Static two-way estimate.
    draws : numpy.ndarray, shape (b,)
        The same estimate under each dealing.
    p_value : float
        Two-sided. ``exact``: the share of all dealings whose estimate is at least as large in absolute value.
        Otherwise (1 + those as large) / (1 + b) (Phipson & Smyth 2010), which is never zero.
    exact : bool
        Whether ``draws`` are all dealings there are.
    """

    observed: float
    draws: np.ndarray
    p_value: float
    exact: bool


def placebo_adoption(
    y,
    *,
    entity,
    time,
    adoption,
    rng: np.random.Generator,
    covariates=None,
    weights=None,
    draws: int = 500,
    always_treated: AlwaysTreated = "keep",
) -> AdoptionPlacebo:
    """Deal the adoption periods anew over the units, keeping how many adopt when, and estimate again.

    Under the hypothesis that adoption has no effect on anyone and was dealt at random the observed estimate
    is one more draw. Each draw is a regression on the residual of treatment (Frisch & Waugh 1933).

    Parameters
    ----------
    y, entity, time, adoption, covariates, weights, always_treated
        As in :func:`~digital_clusters.estimators.did.staggered.two_way_did`. Weights stay with their units,
        and
        only units with weight take part.
    rng : numpy.random.Generator
    draws : int
        If there are no more dealings than this, all are enumerated and the p-value is exact.

    Raises
    ------
    ParameterError
        Fewer than one draw.
    DataError
        Treatment does not vary once effects are removed.
    """
    check_option("always_treated", always_treated, AlwaysTreated)
    if draws < 1:
        raise ParameterError(f"draws = {draws}: choose at least one")
    panel, x, weights, _ = prepare_rows(y, entity, time, adoption, covariates, weights, always_treated)
    codes = np.unique(panel.time, return_inverse=True)[1]
    w = np.ones(len(panel.y)) if weights is None else weights / weights.mean()
    residual = _remover(panel, codes, weights)
    controls = residual(x / unit_of(x))
    project = np.linalg.pinv(np.sqrt(w)[:, None] * controls) * np.sqrt(w)
    outcome = residual(panel.y[:, None])
    outcome = outcome - controls @ (project @ outcome)

    def estimate(dealt: np.ndarray) -> np.ndarray:
        d = (panel.time[:, None] >= dealt.T[panel.entity]).astype(float)
        d = residual(d)
        d = d - controls @ (project @ d)
        variation = w @ d**2
        if (variation <= _EQUAL).any():
            raise DataError("treatment does not vary once effects and covariates are removed")
        return (w * outcome[:, 0]) @ d / variation

    observed = float(estimate(panel.adoption[None])[0])
    exact = count_dealings(panel.adoption) <= draws
    source = _all_dealings(panel.adoption) if exact else _shuffles(panel.adoption, draws, rng)
    found = np.concatenate([estimate(part) for part in _chunks(source)])
    as_large = int((np.abs(found) >= abs(observed) * (1 - _EQUAL)).sum())
    p_value = as_large / len(found) if exact else (1 + as_large) / (1 + len(found))
    return AdoptionPlacebo(observed, found, p_value, exact)


@dataclass(frozen=True, eq=False)
class PretrendPlacebo:
    """A joint test of effects before adoption by permutation.

    Attributes
    ----------
    statistic : float
        Ratio of the sum of squares that periods before adoption explain to what is left.
    draws : numpy.ndarray, shape (b,)
        The same ratio where residual paths are dealt anew over the units.
    p_value : float
        (1 + draws as large) / (1 + b).
    degrees_of_freedom : int
        Periods before adoption that are tested.
    """

    statistic: float
    draws: np.ndarray
    p_value: float
    degrees_of_freedom: int


def placebo_pretrend(
    y,
    *,
    entity,
    time,
    adoption,
    rng: np.random.Generator,
    covariates=None,
    weights=None,
    draws: int = 500,
    leads: int | None = 5,
    lags: int | None = None,
    reference: int = -1,
    always_treated: AlwaysTreated = "drop",
) -> PretrendPlacebo:
    """Test that nothing precedes adoption without relying on clustered errors of few treated units.

    The event study is fitted without its periods before adoption; the residual paths of whole units are
    shuffled over the units and regressed on those periods (Freedman & Lane 1983). The test is right where
    residual paths of units are exchangeable, however few units adopt.

    Parameters
    ----------
    y, entity, time, adoption, covariates, weights, leads, lags, reference, always_treated
        As in :func:`~digital_clusters.estimators.did.staggered.event_study`; the panel must be balanced.
    rng : numpy.random.Generator
    draws : int

    Raises
    ------
    DataError
        The panel is not balanced, has no period before adoption to test, or its indicators are collinear.
    """
    if draws < 1:
        raise ParameterError(f"draws = {draws}: choose at least one")
    panel, x, weights, _ = prepare_rows(y, entity, time, adoption, covariates, weights, always_treated)
    codes = np.unique(panel.time, return_inverse=True)[1]
    if len(panel.y) != len(panel.units) * (codes.max() + 1):
        raise DataError("shuffling residual paths needs a balanced panel: every unit in every period")
    dummies, periods, _ = event_indicators(panel, leads, lags, reference)
    early = np.array(periods) < 0
    if not early.any():
        raise DataError("no period before adoption is left to test")
    remove = _remover(panel, codes, weights)
    root = np.sqrt(np.ones(len(panel.y)) if weights is None else weights / weights.mean())[:, None]
    columns = root * remove(np.column_stack([dummies[:, ~early], x, dummies[:, early]]))
    refuse_collinear(tuple(f"column {j + 1}" for j in range(columns.shape[1])), columns)
    others, basis = np.split(np.linalg.qr(columns)[0], [columns.shape[1] - early.sum()], axis=1)

    def unexplained(columns: np.ndarray) -> np.ndarray:
        left = root * remove(columns)
        return left - others @ (others.T @ left)

    def ratio(columns: np.ndarray) -> np.ndarray:
        left = unexplained(columns)
        explained = ((basis.T @ left) ** 2).sum(axis=0)
        return explained / ((left**2).sum(axis=0) - explained)

    statistic = float(ratio(panel.y[:, None])[0])
    paths = np.empty((len(panel.units), codes.max() + 1))
    paths[panel.entity, codes] = (unexplained(panel.y[:, None]) / root)[:, 0]
    orders = _shuffles(np.arange(len(panel.units)), draws, rng)
    found = np.concatenate([ratio(paths[part[:, panel.entity], codes].T) for part in _chunks(orders)])
    p_value = (1 + int((found >= statistic * (1 - _EQUAL)).sum())) / (1 + draws)
    return PretrendPlacebo(statistic, found, p_value, int(early.sum()))


def count_dealings(adoption: np.ndarray) -> int:
    """How many different ways there are to deal the adoption periods over the units."""
    sizes = np.unique(adoption, return_counts=True)[1]
    left, ways = len(adoption), 1
    for size in sizes:
        ways *= comb(left, int(size))
        left -= int(size)
    return ways


def _remover(panel: AdoptionPanel, codes: np.ndarray, weights) -> Callable[[np.ndarray], np.ndarray]:
    """A function that takes entity and time effects out of columns."""
    return lambda columns: demean_two_way(columns, panel.entity, codes, weights)


def _all_dealings(adoption: np.ndarray) -> Iterator[np.ndarray]:
    periods, sizes = np.unique(adoption[~np.isnan(adoption)], return_counts=True)

    def deal(free: tuple[int, ...], step: int, dealt: np.ndarray) -> Iterator[np.ndarray]:
        if step == len(periods):
            yield dealt
            return
        for chosen in combinations(free, int(sizes[step])):
            further = dealt.copy()
            further[list(chosen)] = periods[step]
            yield from deal(tuple(set(free) - set(chosen)), step + 1, further)

    yield from deal(tuple(range(len(adoption))), 0, np.full(len(adoption), np.nan))


def _shuffles(of_units: np.ndarray, draws: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    for _ in range(draws):
        yield rng.permutation(of_units)


def _chunks(dealings: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    held: list[np.ndarray] = []
    for dealt in dealings:
        held.append(dealt)
        if len(held) == _CHUNK:
            yield np.array(held)
            held = []
    if held:
        yield np.array(held)

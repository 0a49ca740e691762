"""Is a coefficient different in two groups? A z test, and Fisher's permutation of the labels."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import combinations, islice
from math import comb

import numpy as np

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.panel.arrays import label_codes
from digital_clusters.estimators.panel.demeaning import demean, group_sums

MOST_RELABELLINGS = 5_000_000
"""Enumerating more than this would take minutes."""

BATCH = 20_000
"""Relabellings held in memory at a time."""

LEAST_RELABELLINGS = 20
"""Different relabellings below which no p value can be under 5 %."""

TIE = 1e-9
"""Share of the observed statistic within which a relabelling ties with it, whatever the rounding."""


@dataclass(frozen=True, eq=False)
class PermutationTest:
    """A statistic and its distribution over relabellings.

    Attributes
    ----------
    observed : float
        Of :func:`permute_slopes`: slope in the group labelled one, less the slope in the group labelled zero.
    draws : numpy.ndarray, shape (relabellings,)
        The same statistic under each relabelling; the observed one is among them if ``exact``.
    p_value : float
        Two-sided: share of relabellings at least as far from zero. Without enumeration the observed labelling
        counts as one more, (1 + hits)/(1 + draws).
    p_value_one_sided : float
        In the direction of the observed difference.
    exact : bool
        Whether all relabellings were enumerated.
    warnings : tuple of str
        Sentences on what the test cannot bear, such as a group of one unit.
    """

    observed: float
    draws: np.ndarray
    p_value: float
    p_value_one_sided: float
    exact: bool
    warnings: tuple[str, ...] = field(default=(), kw_only=True)


def difference(first: Estimate, second: Estimate, term: str) -> Estimate:
    """Coefficient of ``term`` in ``first`` less that in ``second``, for samples that share no units.

    The variances add; the interval is normal (Clogg, Petkova & Haritou 1995). Where the same city is in both
    samples the estimates are not independent, and an interaction on the stacked sample is the right test.

    Raises
    ------
    ParameterError
        ``term`` is missing from one of them.
    """
    for estimate in (first, second):
        if term not in estimate.terms:
            raise ParameterError(
                f"'{term}' is not a term of this estimate; it has: {', '.join(estimate.terms)}"
            )
    (a, se_a), (b, se_b) = first[term], second[term]
    same_rule = first.errors if first.errors == second.errors else f"{first.errors}, {second.errors}"
    return Estimate(
        terms=(f"{term}: difference",),
        coefficients=np.array([a - b]),
        covariance=np.array([[se_a**2 + se_b**2]]),
        n_observations=first.n_observations + second.n_observations,
        method="difference",
        errors=same_rule,
        seconds=first.seconds + second.seconds,
    )


def permute_slopes(
    y,
    x,
    group,
    *,
    units=None,
    within_groups: bool = True,
    relabellings: int | None = 9999,
    seed: int | np.random.Generator = 0,
) -> PermutationTest:
    """Fisher's permutation test of equal slopes of ``y`` on ``x`` in two groups.

    Labels are exchangeable only where errors are alike in both groups: with thirty units against sixty and
    errors twice as large among the thirty, a test at 5 % rejects equal slopes in 13 % of samples.

    Parameters
    ----------
    y, x : array_like, shape (n,)
    group : array_like of bool, shape (n,)
    units : array_like, shape (n,), optional
        Labels are moved over units as a whole (all years of a city together); default, over rows.
    within_groups : bool
        Demean ``y`` and ``x`` within the observed groups first. Without it the labels also carry the
        difference of levels, which has nothing to do with slopes and widens the distribution.
    relabellings : int or None
        Number of random ones; ``None`` enumerates all that keep the group sizes.
    seed : int or numpy.random.Generator

    Raises
    ------
    DataError
        A unit with two labels or without a name, or a group without variation in ``x``.
    ParameterError
        Too many relabellings to enumerate.
    """
    y, x = np.asarray(y, dtype=float), np.asarray(x, dtype=float)
    group = np.asarray(group).astype(bool)
    codes = np.arange(len(y)) if units is None else label_codes("units", units)[1]
    labels = _unit_labels(group, codes)
    xy = np.column_stack([x, y])
    xy = demean(xy, group.astype(int)) if within_groups else xy - xy.mean(axis=0)
    x, y = xy.T
    sums = group_sums(np.column_stack([np.ones(len(y)), x, y, x * x, x * y]), codes)
    observed = float(_slope_differences(labels[None, :], sums)[0])
    if not np.isfinite(observed):
        raise DataError("the regressor does not vary in one of the two groups")
    batches = _all_labels(labels) if relabellings is None else _random_labels(labels, relabellings, seed)
    draws = np.concatenate([_slope_differences(batch, sums) for batch in batches])
    draws = draws[np.isfinite(draws)]
    test = permutation_test(observed, draws, exact=relabellings is None)
    return replace(test, warnings=_relabelling_warnings(labels))


def permutation_test(observed: float, draws: np.ndarray, *, exact: bool) -> PermutationTest:
    """Compare a statistic with the same statistic under relabellings, shape (relabellings,).

    ``exact`` says that the draws are all relabellings there are, the observed one among them.
    """
    bar = abs(observed) * (1 - TIE)
    extra = 0 if exact else 1
    two = (np.count_nonzero(np.abs(draws) >= bar) + extra) / (len(draws) + extra)
    one = (np.count_nonzero(draws * np.sign(observed) >= bar) + extra) / (len(draws) + extra)
    return PermutationTest(observed, draws, float(two), float(one), exact)


def _relabelling_warnings(labels: np.ndarray) -> tuple[str, ...]:
    """A sentence where so few relabellings exist that no difference can be significant."""
    ways = comb(len(labels), int(labels.sum()))
    if ways >= LEAST_RELABELLINGS:
        return ()
    return (
        f"{ways} relabellings of {len(labels)} units exist: no p value can be below {1 / ways:.2g}; "
        "compare larger groups",
    )


def _unit_labels(group: np.ndarray, codes: np.ndarray) -> np.ndarray:
    share = group_sums(group.astype(float), codes)[:, 0] / np.bincount(codes)
    if not np.isin(share, (0.0, 1.0)).all():
        raise DataError("a unit has rows in both groups, so that its label cannot be moved")
    if share.min() == share.max():
        raise DataError("one of the two groups is empty")
    return share.astype(bool)


def _slope_differences(labels: np.ndarray, sums: np.ndarray) -> np.ndarray:
    """Slope differences for labels (b, units) from sums (units, 5) of 1, x, y, xx and xy."""
    inside = labels.astype(float) @ sums
    return _slopes(inside) - _slopes(sums.sum(axis=0) - inside)


def _slopes(sums: np.ndarray) -> np.ndarray:
    n, x, y, xx, xy = sums.T
    with np.errstate(invalid="ignore", divide="ignore"):
        return (n * xy - x * y) / (n * xx - x * x)


def _random_labels(labels: np.ndarray, relabellings: int, seed) -> Iterator[np.ndarray]:
    rng = np.random.default_rng(seed)
    for start in range(0, relabellings, BATCH):
        rows = min(BATCH, relabellings - start)
        yield rng.permuted(np.tile(labels, (rows, 1)), axis=1)


def _all_labels(labels: np.ndarray) -> Iterator[np.ndarray]:
    units, ones = len(labels), int(labels.sum())
    if comb(units, ones) > MOST_RELABELLINGS:
        raise ParameterError(
            f"{ones} out of {units} give {comb(units, ones):,} relabellings: pass a number of random ones"
        )
    chosen = combinations(range(units), ones)
    while batch := list(islice(chosen, BATCH)):
        out = np.zeros((len(batch), units), dtype=bool)
        np.put_along_axis(out, np.array(batch), True, axis=1)
        yield out

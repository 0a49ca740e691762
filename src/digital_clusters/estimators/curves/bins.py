"""The effect of a treatment in bins of a moderator, beside the straight line of one interaction."""

from dataclasses import dataclass, replace

import numpy as np

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.panel.arrays import check_panel
from digital_clusters.estimators.panel.collinearity import LOST
from digital_clusters.estimators.panel.demeaning import demean_two_way
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects
from digital_clusters.estimators.units import unit_of
from digital_clusters.estimators.wald import WaldTest, wald_test

BINS = 3


@dataclass(frozen=True, eq=False)
class BinnedInteraction:
    """Effects in bins of a moderator with as many rows each.

    Attributes
    ----------
    medians : numpy.ndarray, shape (bins,)
        Of the moderator in each bin, where the effect is taken.
    rows : tuple of int, length bins
    effects : Estimate
        Terms ``bin 1``, …: the effect at each median.
    line : Estimate
        Terms ``treatment`` (the effect at the moderator's mean) and ``interaction`` of the straight line.
    test : WaldTest
        That the effects lie on one straight line, within bins and across them.
    """

    medians: np.ndarray
    rows: tuple[int, ...]
    effects: Estimate
    line: Estimate
    test: WaldTest


def binned_interaction(y, d, m, x=None, *, entity, time, bins: int = BINS) -> BinnedInteraction:
    """Two-way regression in which the effect of ``d`` has a line of its own in each bin of ``m``.

    In bin j with median m_j the effect is α_j + β_j (m − m_j) (Hainmueller, Mummolo & Xu 2019, eq. 4). The
    straight line is the special case in which all bins share one; what the moderator does by itself has a
    line in each bin in both. Errors are clustered by entity.

    Parameters
    ----------
    y, d, m : array_like, shape (n,)
    x : array_like, shape (n, p), optional
        Controls.
    entity, time : array_like, shape (n,)
    bins : int
        At least two.

    Raises
    ------
    ParameterError
        Fewer than two bins, or lengths that do not agree.
    DataError
        Missing values, repeated keys, a moderator with too few values for the bins, a treatment that does
        not vary in one of them.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> unit, year = np.divmod(np.arange(600), 6)
    >>> d, m = rng.normal(size=(2, 600))
    >>> found = binned_interaction(d * np.maximum(m, 0), d, m, entity=unit, time=year)
    >>> found.effects.coefficients.round(1).tolist(), found.test.p_value < 0.001
    ([0.0, 0.1, 0.9], True)
    """
    if bins < 2:
        raise ParameterError(f"bins = {bins}: choose at least 2")
    controls = np.empty((len(np.asarray(y)), 0)) if x is None else x
    panel = check_panel(
        y, np.column_stack([d, m]), controls, entity=entity, time=time, terms=["treatment", "moderator"]
    )
    treatment, moderator = panel.d.T
    scale = unit_of(moderator)
    centred = (moderator - moderator.mean()) / scale
    member = _bins(centred, bins)
    medians = np.array([np.median(centred[member == j]) for j in range(bins)])
    bent = np.column_stack([member == j for j in range(1, bins)]).astype(float)
    own = _kept(np.column_stack([centred, bent, bent * centred[:, None]]), panel.entity, panel.time)
    product = treatment * centred
    extra = np.column_stack([bent * treatment[:, None], bent * product[:, None]])
    names = ["treatment", "interaction"]
    own_names = [f"moderator {k}" for k in range(own.shape[1])]
    more = [f"{name} in bin {j + 1}" for name in names for j in range(1, bins)]
    rest = [f"control {k + 1}" for k in range(panel.x.shape[1])]
    keys = {"entity": panel.entity, "time": panel.time}
    straight = np.column_stack([treatment, product, own, panel.x])
    line = two_way_fixed_effects(panel.y, straight, **keys, terms=[*names, *own_names, *rest])
    whole = two_way_fixed_effects(
        panel.y,
        np.column_stack([treatment, product, extra, own, panel.x]),
        **keys,
        terms=[*names, *more, *own_names, *rest],
    )
    return BinnedInteraction(
        medians=medians * scale + moderator.mean(),
        rows=tuple(int((member == j).sum()) for j in range(bins)),
        effects=_combined(whole, _at_medians(medians, len(whole.terms)), _names(bins)),
        line=_combined(line, np.eye(2, len(line.terms)), tuple(names)).in_units([1.0, 1 / scale]),
        test=wald_test(whole, more),
    )


def _bins(values: np.ndarray, bins: int) -> np.ndarray:
    """Number of the bin of each value, shape (n,); ties share a bin."""
    edges = np.quantile(values, np.arange(1, bins) / bins)
    member = np.searchsorted(edges, values, side="right")
    thin = [j + 1 for j in range(bins) if len(np.unique(values[member == j])) < 2]
    if thin:
        raise DataError(
            f"bin {thin[0]} of {bins} has fewer than two values of the moderator: ask for fewer bins, or "
            "compare groups where the moderator has few values"
        )
    return member


def _kept(columns: np.ndarray, entity: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Columns that the effects do not absorb."""
    left = np.linalg.norm(demean_two_way(columns, entity, time), axis=0)
    return columns[:, left > LOST * np.linalg.norm(columns, axis=0)]


def _at_medians(medians: np.ndarray, k: int) -> np.ndarray:
    """Effect at each bin's median as combinations of treatment, interaction and what each bin adds."""
    bins = len(medians)
    weights = np.zeros((bins, k))
    weights[:, 0], weights[:, 1] = 1.0, medians
    for j in range(1, bins):
        weights[j, 1 + j], weights[j, bins + j] = 1.0, medians[j]
    return weights


def _combined(estimate: Estimate, weights: np.ndarray, terms: tuple[str, ...]) -> Estimate:
    return replace(
        estimate,
        terms=terms,
        coefficients=weights @ estimate.coefficients,
        covariance=weights @ estimate.covariance @ weights.T,
    )


def _names(bins: int) -> tuple[str, ...]:
    return tuple(f"bin {j + 1}" for j in range(bins))

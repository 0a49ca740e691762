"""What the static two-way estimate averages when adoption is staggered.

Goodman-Bacon (2021) writes it as an average of two-by-two comparisons, some of which use units already
treated as controls. De Chaisemartin & D'Haultfœuille (2020) write it as an average of effects of treated
cells, some with negative weights. Units treated from the first period on are comparisons of a kind of
their own here: pooled with the never treated, they would hide where their weight goes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from digital_clusters.errors import DataError, check_option
from digital_clusters.estimators.did.adoption import (
    AdoptionPanel,
    AlwaysTreated,
    check_adoption,
    drop_always_treated,
)
from digital_clusters.estimators.panel.demeaning import demean_two_way

ControlKind = Literal["never", "not_yet", "already", "always"]
"""Controls of a comparison: units that never adopt, adopt later, adopted earlier within the panel, or were
treated from its first period on. With the last two, changing effects on the controls enter with a minus."""


@dataclass(frozen=True, eq=False)
class BaconDecomposition:
    """The two-by-two comparisons behind a static two-way estimate.

    Attributes
    ----------
    comparisons : pandas.DataFrame
        treated (adoption period), control (adoption period; NaN for never), kind, estimate, weight (sum 1).
    by_kind : pandas.DataFrame, index kind
        weight (sum) and estimate (weighted mean; NaN without weight).
    estimate : float
        The weighted sum, which is the two-way estimate.
    n_always_treated : int
    """

    comparisons: pd.DataFrame
    by_kind: pd.DataFrame
    estimate: float
    n_always_treated: int


@dataclass(frozen=True, eq=False)
class CellWeights:
    """Weights of treated cells in a static two-way estimate.

    Attributes
    ----------
    cells : pandas.DataFrame
        adoption, time, n_units, weight (of all units of the cell; the sum is 1).
    share_negative : float
        Share of treated unit-periods with a negative weight.
    sum_negative : float
        Sum of the negative weights.
    estimate : float
        The two-way estimate.
    reversal_spread : float
        Smallest standard deviation of effects over treated unit-periods at which the estimate and the mean
        effect can have different signs (their corollary 1).
    n_always_treated : int
    """

    cells: pd.DataFrame
    share_negative: float
    sum_negative: float
    estimate: float
    reversal_spread: float
    n_always_treated: int


def goodman_bacon(y, *, entity, time, adoption, always_treated: AlwaysTreated = "keep") -> BaconDecomposition:
    """Two-by-two comparisons and their weights (Goodman-Bacon 2021, theorem 1) in a balanced panel.

    Parameters
    ----------
    y, entity, time, adoption
        As in :func:`~digital_clusters.estimators.did.staggered.two_way_did`.
    always_treated : {'keep', 'drop'}

    Raises
    ------
    DataError
        The panel is not balanced, or has nothing to compare.
    """
    panel, always = _panel(y, entity, time, adoption, always_treated)
    periods, counts = np.unique(panel.time), np.bincount(panel.entity)
    if (counts != len(periods)).any():
        raise DataError("the decomposition needs a balanced panel: every unit in every period")
    rows = list(_comparisons(panel, periods))
    if not rows:
        raise DataError("nothing to compare: all units adopt in one period")
    table = pd.DataFrame(rows, columns=["treated", "control", "kind", "estimate", "weight"])
    table["weight"] /= table["weight"].sum()
    product = table["weight"] * table["estimate"]
    kinds = list(get_args(ControlKind))
    weight = table.groupby("kind")["weight"].sum().reindex(kinds, fill_value=0.0)
    mean = product.groupby(table["kind"]).sum().reindex(kinds) / weight
    by_kind = pd.DataFrame({"weight": weight, "estimate": mean})
    return BaconDecomposition(table, by_kind, float(product.sum()), always)


def two_way_weights(y, *, entity, time, adoption, always_treated: AlwaysTreated = "keep") -> CellWeights:
    """Weights of treated cells in the two-way estimate (de Chaisemartin & D'Haultfœuille 2020, theorem 1).

    The weight of a treated unit-period is its residual of treatment on entity and time effects, divided by
    the sum of those residuals over treated unit-periods.

    Parameters
    ----------
    y, entity, time, adoption, always_treated
        As in :func:`goodman_bacon`; the panel may be unbalanced.
    """
    panel, always = _panel(y, entity, time, adoption, always_treated)
    codes = np.unique(panel.time, return_inverse=True)[1]
    d = panel.treated
    left = demean_two_way(d, panel.entity, codes)
    if left @ left <= 1e-12 * (d @ d):
        raise DataError("treatment does not vary once entity and time effects are removed")
    treated = d == 1
    weight = left[treated] / left[treated].sum()
    estimate = float(left @ panel.y / (left @ left))
    cells = pd.DataFrame(
        {
            "adoption": panel.adoption[panel.entity][treated].astype(int),
            "time": panel.time[treated],
            "weight": weight,
        }
    )
    relative = weight * len(weight)
    return CellWeights(
        cells=cells.groupby(["adoption", "time"])["weight"].agg(n_units="size", weight="sum").reset_index(),
        share_negative=float((weight < 0).mean()),
        sum_negative=float(weight[weight < 0].sum()),
        estimate=estimate,
        reversal_spread=float(abs(estimate) / relative.std()) if np.ptp(relative) > 1e-9 else np.inf,
        n_always_treated=always,
    )


def _panel(y, entity, time, adoption, always_treated: AlwaysTreated) -> tuple[AdoptionPanel, int]:
    check_option("always_treated", always_treated, AlwaysTreated)
    panel = check_adoption(y, entity=entity, time=time, adoption=adoption)
    always = int(panel.always.sum())
    if always_treated == "drop" and always:
        panel, _ = drop_always_treated(panel)
    return panel, always


def _comparisons(panel: AdoptionPanel, periods: np.ndarray) -> Iterator[tuple]:
    """Every two-by-two comparison: treated, control, kind, estimate, weight up to a common factor."""
    cohort = np.where(panel.always, periods[0], panel.adoption)
    labels = [float(c) for c in np.unique(cohort[~np.isnan(cohort)])]
    groups = {c: cohort == c for c in labels}
    if panel.never.any():
        groups[np.nan] = panel.never
    outcome = np.empty((len(panel.units), len(periods)))
    outcome[panel.entity, np.searchsorted(periods, panel.time)] = panel.y
    paths = {c: outcome[members].mean(axis=0) for c, members in groups.items()}
    sizes = {c: members.mean() for c, members in groups.items()}
    for k in (c for c in labels if c > periods[0]):
        for other in groups:
            if other != k:
                yield _two_by_two(k, other, periods, paths, sizes)


def _two_by_two(k: float, other: float, periods, paths, sizes) -> tuple:
    """Cohort ``k`` as treated against ``other`` within the window where ``other`` does not change."""
    window, kind = np.ones(len(periods), bool), "never"
    if other == periods[0]:
        kind = "always"
    elif other > k:
        window, kind = periods < other, "not_yet"
    elif other < k:
        window, kind = periods >= other, "already"
    post, pre = window & (periods >= k), window & (periods < k)
    change = {c: paths[c][post].mean() - paths[c][pre].mean() for c in (k, other)}
    # The variance of treatment within the two groups and the window, times the square of its share of rows.
    both, length = sizes[k] + sizes[other], window.mean()
    part, share = sizes[k] / both, post.sum() / window.sum()
    weight = (both * length) ** 2 * part * (1 - part) * share * (1 - share)
    return int(k), other, kind, change[k] - change[other], weight

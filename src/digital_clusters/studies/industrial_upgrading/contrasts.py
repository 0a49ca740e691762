"""Differences between groups and effects over a moderator, with the tests that belong to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from digital_clusters.analysis.fit import fit_nearest
from digital_clusters.analysis.replication.columns import Replication, nearest
from digital_clusters.analysis.spec import Spec
from digital_clusters.estimators.curves.moderation import MarginalEffects, effects_over_moderator
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.resampling.permutation import PermutationTest, difference, permute_slopes
from digital_clusters.measures.panel import Panel
from digital_clusters.studies.industrial_upgrading.specs import BASELINE

METHOD_NAMES = {
    "double_machine_learning": "double machine learning",
    "two_way_fixed_effects": "two-way fixed effects",
}


@dataclass(frozen=True)
class EffectsOverIndex:
    """Effect of the treatment at each value of the digital finance index.

    Attributes
    ----------
    method : str
    effects : MarginalEffects
        Over the index as the regression holds it.
    index : numpy.ndarray, shape (m,)
        The same values in index points.
    observed : numpy.ndarray, shape (n,)
        Index of the city-years behind the estimate.
    truth : numpy.ndarray, shape (m,), or None
        Planted effect at each value, on the twin.
    """

    method: str
    effects: MarginalEffects
    index: np.ndarray
    observed: np.ndarray
    truth: np.ndarray | None


def apart(first: Estimate, second: Estimate) -> Estimate:
    """Difference of the treatment's coefficient between two subsamples, as if they were independent."""
    return difference(first, second, "uil")


def permuted(panel: Panel, *, draws: int, seed: int, spec: Spec = BASELINE) -> PermutationTest:
    """Fisher's permutation test of the high − low difference, labels moved over whole cities.

    A city is *high* if its mean index of structure is at or above the median of cities: a label that
    changes from year to year cannot be dealt over whole cities. Slopes are those of the outcome's on the
    treatment's residual.

    Parameters
    ----------
    draws : int
        Random relabellings.
    seed : int
    """
    found, _ = fit_nearest(spec, panel)
    parts = found.partialled_out
    means = found.sample.groupby("city")["uil"].mean()
    high = (means >= means.median()).to_numpy()[parts.entity]
    return permute_slopes(
        parts.outcome[0],
        parts.treatments[0, :, 0],
        high,
        units=parts.entity,
        relabellings=draws,
        seed=seed,
    )


def both_curves(replications: Sequence[Replication], panel: Panel, data: str) -> list[EffectsOverIndex]:
    """Effects over the index by the recipe and by two-way fixed effects.

    Parameters
    ----------
    replications : sequence of Replication
        With terms ``uil`` and ``uil:difi``; the key says what each line is called.
    panel : Panel
        Of ``data``, which is ``twin`` or ``public``.
    """
    return [
        effects_over_index(
            replication.estimates[data],
            nearest(replication.spec, panel)[0].sample,
            method=METHOD_NAMES[replication.spec.method],
            truth=replication.truth if data == "twin" else None,
        )
        for replication in replications
    ]


def effects_over_index(
    estimate: Estimate,
    sample: pd.DataFrame,
    *,
    method: str,
    truth: Mapping[str, float] | None = None,
    points: int = 61,
) -> EffectsOverIndex:
    """The effect of the treatment from the least to the most digital city-year of the sample.

    Parameters
    ----------
    estimate : Estimate
        With terms ``uil`` and ``uil:difi``; its specification says how the index was scaled.
    sample : pandas.DataFrame
        City-years of the estimate, with the index.
    method : str
        What the line is called.
    truth : mapping, optional
        Planted values of the same terms.
    points : int
    """
    difi = sample["difi"].to_numpy()
    unit = np.ptp(difi) if estimate.spec["scaling"] == "normalised" else 1.0
    index = np.linspace(difi.min(), difi.max(), points)
    scaled = (index - difi.mean()) / unit
    effects = effects_over_moderator(estimate, scaled, treatment="uil", interaction="uil:difi")
    planted = None if not truth else truth["uil"] + truth["uil:difi"] * scaled
    return EffectsOverIndex(method, effects, index, difi, planted)


def at_quantiles(curves: list[EffectsOverIndex], shares: tuple[float, ...] = (0.1, 0.5, 0.9)) -> pd.DataFrame:
    """Effects at quantiles of the index: method, share, index, effect, lower, upper, truth.

    Between two points of a curve its line is exact and its band straight.
    """
    rows = []
    for curve in curves:
        lines = {name: getattr(curve.effects, name) for name in ("effect", "lower", "upper")}
        lines["truth"] = np.full(len(curve.index), np.nan) if curve.truth is None else curve.truth
        for share, value in zip(shares, np.quantile(curve.observed, shares), strict=True):
            at = {name: float(np.interp(value, curve.index, line)) for name, line in lines.items()}
            rows.append({"method": curve.method, "share": share, "index": float(value)} | at)
    return pd.DataFrame(rows)

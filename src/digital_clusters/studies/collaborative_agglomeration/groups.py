"""Differences of a marginal effect between groups of cities, and between the two sides of a turning point."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from digital_clusters.analysis.fit import fit
from digital_clusters.analysis.spec import Spec
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.resampling.multiple_testing import adjust
from digital_clusters.estimators.spatial.effects import spatial_effects
from digital_clusters.measures.panel import Panel

GROUPS = {
    "is_provincial_capital": "provincial capitals, less others",
    "is_old_industrial_base": "old industrial bases, less others",
    "western_third": "western third of the map, less others",
    "eastern_third": "eastern third of the map, less others",
}
"""Binary column → the difference it stands for."""

SIDES = ("below", "above")
"""Of a turning point; also the terms of the broken line."""


def with_thirds(panel: Panel) -> Panel:
    """A panel with ``western_third`` and ``eastern_third``: the cities' longitudes at their terciles."""
    lon = panel.require("city", "lon").groupby("city")["lon"].first()
    low, high = lon.quantile([1 / 3, 2 / 3])
    frame = panel.frame.assign(
        western_third=panel.frame["lon"] <= low, eastern_third=panel.frame["lon"] > high
    )
    return replace(panel, frame=frame)


def group_specs(spec: Spec, *, keep_moderator: bool = False) -> dict[str, Spec]:
    """A squared specification with each of :data:`GROUPS` as moderator, by the words for the difference.

    Parameters
    ----------
    spec : Spec
    keep_moderator : bool
        The specification's own moderator and its product stay among the controls.
    """
    kept = (spec.moderator, f"{spec.treatment}:{spec.moderator}") if keep_moderator else ()
    terms = (*spec.contemporaneous, *kept)
    return {words: spec.change(moderator=column, contemporaneous=terms) for column, words in GROUPS.items()}


def differences(specs: Mapping[str, Spec], panel: Panel) -> pd.DataFrame:
    """How much larger the direct effect is in one group, for a family of groups.

    Parameters
    ----------
    specs : mapping of str to Spec
        With a binary moderator, of method ``spatial_panel``.
    panel : Panel
        Of :func:`with_thirds`.

    Returns
    -------
    pandas.DataFrame
        ``words``, ``value``, ``standard_error``, ``low``, ``high``, ``p``, ``holm``,
        ``benjamini_hochberg``, ``n``.
    """
    rows = []
    for words, spec in specs.items():
        model = fit(spec, panel)
        found = spatial_effects(model.spatial, terms=[model.product], intervals="delta")
        names = ("value", "standard_error", "low", "high", "p")
        arrays = (found.effects, found.standard_errors, found.lower, found.upper, found.p_values)
        numbers = {name: float(array[0, 0]) for name, array in zip(names, arrays, strict=True)}
        rows.append({"words": words} | numbers | {"n": model.estimate.n_observations})
    table = pd.DataFrame(rows)
    adjusted = adjust(dict(zip(table["words"], table["p"], strict=True)))
    return table.assign(
        holm=adjusted["holm"].to_numpy(), benjamini_hochberg=adjusted["benjamini_hochberg"].to_numpy()
    )


def moderator_gaps(specs: Mapping[str, Spec], panel: Panel, column: str) -> dict[str, float]:
    """Mean of a column in each group less its mean in the other cities."""
    gaps = {}
    for words, spec in specs.items():
        sample = fit(spec.change(contemporaneous=(*spec.contemporaneous, column)), panel).sample
        inside = sample[spec.moderator].to_numpy(bool)
        gaps[words] = float(sample.loc[inside, column].mean() - sample.loc[~inside, column].mean())
    return gaps


def broken_line(spec: Spec, panel: Panel, at: float) -> Estimate:
    """Two slopes of the treatment, below and above a value, in one spatial model of the whole sample.

    The model is the squared specification with min(c, at) and max(c − at, 0) for c and c². A moderator is
    centred at its mean in the sample, so that both slopes are those at the mean.

    Returns
    -------
    Estimate
        Terms ``below`` and ``above``: direct effects with delta-method errors.
    """
    frame, c = panel.frame, panel.frame[spec.treatment]
    columns = {"below": np.minimum(c, at), "above": np.maximum(c - at, 0)}
    kept: tuple[str, ...] = ()
    if spec.moderator is not None:
        mean = float(fit(spec, panel).sample[spec.moderator].mean())
        columns["centred"] = frame[spec.moderator] - mean
        kept = ("centred", f"{spec.treatment}:centred")
    changed = spec.change(
        squared=False,
        moderator=None,
        treatment="below",
        contemporaneous=("above", *kept, *spec.contemporaneous),
    )
    model = fit(changed, replace(panel, frame=frame.assign(**columns))).spatial
    found = spatial_effects(model, terms=SIDES, intervals="delta")
    return replace(
        model.estimate,
        terms=SIDES,
        coefficients=found.effects[:, 0],
        covariance=np.diag(found.standard_errors[:, 0] ** 2),
    )


def split_slopes(spec: Spec, panel: Panel, at: float) -> dict[str, Estimate]:
    """The linear two-way effect of the treatment in the city-years on each side of a value, by themselves."""
    linear = spec.change(method="two_way_fixed_effects", squared=False, moderator=None)
    below = panel.frame[spec.treatment] < at
    return {
        side: fit(linear, replace(panel, frame=panel.frame.loc[rows].reset_index(drop=True))).estimate
        for side, rows in zip(SIDES, (below, ~below), strict=True)
    }

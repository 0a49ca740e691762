"""Effects on the two sides of a turning point, by a curve, a broken line and a cut of the sample."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from digital_clusters.analysis.fit import fit
from digital_clusters.analysis.spatial.curves import effects_at, mean_moderator
from digital_clusters.analysis.spec import Spec
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.measures.panel import Panel
from digital_clusters.studies.collaborative_agglomeration.groups import SIDES, broken_line, split_slopes
from digital_clusters.studies.collaborative_agglomeration.planted import (
    index_gap,
    planted_marginal_effects,
    with_planted_part,
)


def ways(spec: Spec, panel: Panel, at: float, words: str) -> list[dict[str, Any]]:
    """Direct effects below and above ``at`` on the twin, three ways.

    Parameters
    ----------
    spec : Spec
        Squared, of method ``spatial_panel``.
    panel : Panel
        Of the twin.
    at : float
        A value of the treatment.
    words : str
        What kind of turning point it is.

    Returns
    -------
    list of dict
        ``words``; ``below`` and ``above``, each (effect, standard error); ``planted``, the two true numbers;
        ``n``, city-years on each side as text.
    """
    curve = fit(spec, panel)
    c = curve.values(spec.treatment)
    below = c < at
    means = [float(c[below].mean()), float(c[~below].mean())]
    effects = effects_at(curve, means, draws=2)
    direct = effects[effects["kind"] == "direct"]
    smooth = {
        side: (row.effect, row.standard_error) for side, row in zip(SIDES, direct.itertuples(), strict=True)
    }
    truth = with_planted_part(panel)
    of_planted = spec.change(outcome="planted_part")
    broken, split = broken_line(spec, panel, at), split_slopes(spec, panel, at)
    planted_line = broken_line(of_planted.change(spatial_model="slx"), truth, at)
    planted_split = _first(split_slopes(of_planted, truth, at))
    planted_direct = planted_marginal_effects(means, mean_moderator(curve), gap=index_gap(panel))[:, 0]
    counts = f"{below.sum():,} and {(~below).sum():,}"
    rows = [
        ("marginal effect of the curve", smooth, planted_direct),
        ("broken line, all city-years", {side: broken[side] for side in SIDES}, planted_line.coefficients),
        ("separate regressions", _first(split), [planted_split[side][0] for side in SIDES]),
    ]
    return [
        {"words": f"{name}, {words} point", **found, "planted": np.asarray(planted).tolist(), "n": counts}
        for name, found, planted in rows
    ]


def _first(found: Mapping[str, Estimate]) -> dict[str, tuple[float, float]]:
    return {
        side: (float(estimate.coefficients[0]), float(estimate.standard_errors[0]))
        for side, estimate in found.items()
    }

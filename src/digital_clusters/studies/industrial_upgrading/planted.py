"""What was planted in the synthetic twin, in the terms of a specification."""

import numpy as np
import pandas as pd

from digital_clusters.analysis.spec import Spec
from digital_clusters.sources.twin.truth import Truth, project_truth, true_effects


def planted_effects(spec: Spec, sample: pd.DataFrame, truth: Truth | None = None) -> dict[str, float]:
    """True value of each term of a specification, averaged over its sample.

    The effect of the treatment differs from city to city; its average over the sample is what a
    single coefficient can at best be. With the digital index as moderator, the product's value is the
    planted interaction and the index's own value its effect at the sample's mean of the treatment.
    With a binary moderator the product's value is the difference of the average effects.

    Parameters
    ----------
    spec : Spec
        With ``gini`` as outcome and ``uil`` as treatment; for any other the mapping is empty.
    sample : pandas.DataFrame
        City-years of the twin, with ``uil`` and ``difi``.
    truth : Truth, optional
        Default: the project's own.
    """
    if (spec.outcome, spec.treatment) != ("gini", "uil"):
        return {}
    truth = truth or project_truth()
    effects = true_effects(sample, truth)
    values = {"uil": float(effects.mean())}
    if spec.moderator is None:
        return values
    product = f"uil:{spec.moderator}"
    if spec.moderator == "difi":
        unit = np.ptp(sample["difi"].to_numpy()) if spec.scaling == "normalised" else 1.0
        mean_structure = sample["uil"].mean() - truth.moments["uil"][0]
        own = truth.outcome.digital + truth.outcome.interaction * mean_structure
        return values | {product: truth.outcome.interaction * unit, "difi": own * unit}
    group = sample[spec.moderator].to_numpy()
    if group.dtype == bool:
        values[product] = float(effects[group].mean() - effects[~group].mean())
    return values

"""Counts with zeros: the log of one plus the count, and the log of its mean, on planted and on public counts.

The twin's storefronts are many in nearly every city, and there the two come near each other. Public counts
are those of the villages on published lists, of which most cities have none; storefronts of a platform are
not public.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from digital_clusters.analysis.data import load_city_panel, load_tables
from digital_clusters.analysis.fit import Fit, fit
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.power import truth_hash
from digital_clusters.analysis.spec import Spec
from digital_clusters.analysis.study import Study
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects
from digital_clusters.estimators.panel.poisson import poisson_fixed_effects
from digital_clusters.measures.panel import Panel
from digital_clusters.studies.virtual_agglomeration.specs import BASELINE, PUBLIC, STUDY

RECORD = f"{STUDY}.counts"
"""Name of the frozen file."""

PUBLIC_COUNTS: dict[str, Spec] = {
    name: PUBLIC["villages"].change(outcome="taobao_villages", treatment=treatment)
    for name, treatment in (
        ("villages on internet users", "digital_infrastructure"),
        ("villages on digital finance", "digital_finance"),
    )
}
"""What the number of villages may depend on: outcome log(1 + villages)."""

TRIED = BASELINE.change(
    treatment="digital_infrastructure", outcome="virtual", first_year=2014, last_year=2016
)
"""Cities, years and controls of the twin on which counts are drawn."""

SLOPE = 0.5
"""Planted change of the log mean count by one s.d. of the treatment."""

MEANS = (0.5, 5.0, 50.0)
"""Mean counts: of few shops most cities have none, of many hardly one."""

DISPERSION = 1.0
"""Variance of the gamma shock of a city-year, of mean one: counts vary more than Poisson's."""

DRAWS, SEED = 500, 20140613

WAYS = ("log(1 + count)", "log mean (PPML)")


def counts_results(study: Study) -> dict[str, Any]:
    """Public counts and the trial: the arguments of ``frozen.freeze``."""
    facts = {
        "public": count_rows(PUBLIC_COUNTS, load_city_panel("public")),
        "trial": try_counts(fit(TRIED, load_city_panel("twin"))),
        "draws": DRAWS,
    }
    inputs = dict(load_tables("public").provenance) | {"data/twin.yml": truth_hash()}
    return {"estimates": {}, "notes": {}, "facts": facts, "inputs": inputs}


def public_counts(data: str = "twin") -> list[Mapping[str, Any]]:
    """Rows of public data: made now if ``data`` is ``public``, else as frozen."""
    if data == "public":
        return list(count_rows(PUBLIC_COUNTS, load_city_panel("public")))
    return load_frozen(RECORD).facts["public"]


def count_rows(specs: Mapping[str, Spec], panel: Panel) -> list[dict[str, Any]]:
    """Each specification, whose outcome is log(1 + count), by both ways.

    Returns
    -------
    list of dict
        ``design``, ``n``, ``zeros`` (share of the rows); for each of :data:`WAYS` ``value``, ``error``, ``p``
        in ``ways``; ``used``: rows of cities and years that are not all zeros.
    """
    rows = []
    for words, spec in specs.items():
        found = fit(spec, panel)
        count = np.rint(np.expm1(found.design.outcome))
        logs, means = both_ways(found, count)
        rows.append(
            {
                "design": words,
                "n": len(count),
                "zeros": float((count == 0).mean()),
                "used": means.n_observations,
                "ways": {way: _pair(one) for way, one in zip(WAYS, (logs, means), strict=True)},
            }
        )
    return rows


def both_ways(found: Fit, count: np.ndarray) -> tuple[Estimate, Estimate]:
    """Least squares of log(1 + count) and PPML of the count on the specification's regressors."""
    arrays = found.design
    given: dict[str, Any] = {"terms": arrays.names} | arrays.keys
    logs = two_way_fixed_effects(np.log1p(count), arrays.regressors, **given)
    return logs, poisson_fixed_effects(count, arrays.regressors, **given).estimate


def _pair(estimate: Estimate) -> dict[str, float]:
    number = estimate.term(estimate.terms[0])
    return {"value": number.value, "error": number.error, "p": number.p_value}


def try_counts(found: Fit, *, draws: int = DRAWS, seed: int = SEED) -> list[dict[str, Any]]:
    """Both ways on counts drawn with a known slope on the twin's treatment and controls.

    The log mean is :data:`SLOPE` times the treatment, and city effects that go with the city's mean
    storefront density; a gamma shock makes counts vary more than Poisson's.

    Returns
    -------
    list of dict
        For each of :data:`MEANS` and :data:`WAYS`: ``mean``, ``way``, ``zeros``, ``bias``, ``spread``,
        ``coverage`` of 95 % intervals.
    """
    arrays, rng = found.design, np.random.default_rng(seed)
    treatment = arrays.treatments[:, 0]
    city = pd.Series(arrays.outcome).groupby(arrays.entity).transform("mean").to_numpy()
    city = (city - city.mean()) / city.std()
    index = SLOPE * treatment + city
    rows = []
    for mean in MEANS:
        rate = mean * np.exp(index) / np.exp(index).mean()
        for _ in range(draws):
            count = rng.poisson(rate * rng.gamma(1 / DISPERSION, DISPERSION, size=len(rate)))
            for way, estimate in zip(WAYS, both_ways(found, count.astype(float)), strict=True):
                number = estimate.term(arrays.terms[0])
                row = {"off": number.value - SLOPE, "held": number.low <= SLOPE <= number.high}
                rows.append(row | {"mean": mean, "way": way, "zeros": float((count == 0).mean())})
    grouped = pd.DataFrame(rows).groupby(["mean", "way"], sort=False)
    table = grouped.agg(
        zeros=("zeros", "mean"), bias=("off", "mean"), spread=("off", "std"), coverage=("held", "mean")
    )
    return table.astype(float).reset_index().to_dict("records")

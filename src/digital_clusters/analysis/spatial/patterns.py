"""How an indicator lies on the map: weights, Moran's I by year, clusters of cities."""

from typing import get_args

import numpy as np
import pandas as pd

from digital_clusters.analysis.fit import weights_of
from digital_clusters.analysis.sample import select_sample
from digital_clusters.analysis.spec import Spec
from digital_clusters.measures.panel import Panel
from digital_clusters.measures.space.moran import LocalMoran, MultipleTesting, local_moran, moran_by_year
from digital_clusters.measures.space.weights import SpatialWeights, Weights
from digital_clusters.sources.columns import words_of

KINDS: tuple[Weights, ...] = get_args(Weights)
INDICATORS = {column: words_of(column) for column in ("coagglomeration", "misallocation")}
"""Columns whose Moran's I is told, and their names."""


def every_weights(spec: Spec, panel: Panel) -> dict[Weights, SpatialWeights]:
    """The five kinds of weights between the cities of a specification's sample."""
    sample = select_sample(spec, panel)
    return {kind: weights_of(spec.change(weights=kind), sample, panel.source) for kind in KINDS}


def weights_rows(weights: dict[Weights, SpatialWeights]) -> list[dict]:
    """One row a kind of weights: cities, links a city (mean, smallest, largest), islands, rules."""
    rows = []
    for kind, found in weights.items():
        links = np.diff(found.matrix.indptr)
        rows.append(
            {
                "kind": kind,
                "cities": len(found.cities),
                "links_mean": float(links.mean()),
                "links_min": int(links.min()),
                "links_max": int(links.max()),
                "islands": len(found.islands),
                "note": found.note,
            }
        )
    return rows


def moran_tables(spec: Spec, panel: Panel, *, permutations: int, seed: int = 0) -> dict[str, pd.DataFrame]:
    """Global Moran's I by year of each of :data:`INDICATORS` over the sample of a specification."""
    sample = select_sample(spec, panel)
    weights = weights_of(spec, sample, panel.source)
    return {
        name: moran_by_year(sample, column, weights, seed=seed, permutations=permutations)
        for column, name in INDICATORS.items()
    }


def clusters(
    spec: Spec,
    panel: Panel,
    column: str,
    *,
    permutations: int,
    seed: int = 0,
    multiple_testing: MultipleTesting = "fdr",
) -> LocalMoran:
    """Local Moran of a column's mean over the years of a specification's sample."""
    sample = select_sample(spec, panel)
    weights = weights_of(spec, sample, panel.source)
    mean = sample.groupby("city")[column].mean().reindex(weights.cities)
    rng, rules = np.random.default_rng(seed), {"multiple_testing": multiple_testing}
    return local_moran(mean.to_numpy(), weights, rng=rng, permutations=permutations, **rules)

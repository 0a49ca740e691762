"""How an indicator lies on the map: weights, Moran's I by year, clusters of cities."""

from collections.abc import Mapping
from typing import Any, get_args

import numpy as np
import pandas as pd

from digital_clusters.analysis.fit import Fit, weights_of
from digital_clusters.measures.space.moran import LocalMoran, MultipleTesting, local_moran, moran_by_year
from digital_clusters.measures.space.weights import SpatialWeights, Weights

KINDS: tuple[Weights, ...] = get_args(Weights)


def every_weights(fit: Fit) -> dict[Weights, SpatialWeights]:
    """The five kinds of weights between the cities of a sample."""
    return {kind: weights_of(fit.spec.change(weights=kind), fit.sample, fit.panel.source) for kind in KINDS}


def weights_rows(weights: Mapping[Weights, SpatialWeights]) -> list[dict[str, Any]]:
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


def moran_tables(
    fit: Fit, columns: Mapping[str, str], *, permutations: int, seed: int = 0
) -> dict[str, pd.DataFrame]:
    """Global Moran's I by year over a sample, with the specification's weights.

    Parameters
    ----------
    fit : Fit
    columns : mapping of str to str
        Column → its name in the result.
    permutations, seed : int
    """
    return {
        name: moran_by_year(fit.sample, column, fit.weights, seed=seed, permutations=permutations)
        for column, name in columns.items()
    }


def clusters(
    fit: Fit,
    column: str,
    *,
    permutations: int,
    seed: int = 0,
    multiple_testing: MultipleTesting = "fdr",
) -> LocalMoran:
    """Local Moran of a column's mean over the years of a sample."""
    weights = fit.weights
    mean = fit.sample.groupby("city")[column].mean().reindex(weights.cities)
    rng = np.random.default_rng(seed)
    return local_moran(
        mean.to_numpy(), weights, rng=rng, permutations=permutations, multiple_testing=multiple_testing
    )

"""Panels that the multiverse of co-agglomeration names: columns at the two sides, and kinds of neighbours."""

from dataclasses import replace

import numpy as np
import pandas as pd

from digital_clusters.analysis.data import multiverse_panels
from digital_clusters.analysis.fit import weights_of
from digital_clusters.measures.panel import Panel
from digital_clusters.measures.space.weights import SpatialWeights, Weights
from digital_clusters.studies.collaborative_agglomeration.specs import BASELINE

SIDES = (0.25, 0.98)
"""Quantiles of the index left and right of where a turning point would be."""

OTHER_NEIGHBOURS: dict[str, Weights] = {
    "shared borders": "contiguity",
    "inverse distance": "inverse_distance",
    "economic distance": "economic",
    "nested distance": "nested",
}
"""Panel of the multiverse → weights of its neighbours; in all others they are the five nearest cities."""


FIRST_YEAR = 2003
"""From which on the territory of a city is constant where that is asked for."""


def curve_panels(panel: Panel) -> dict[str, Panel]:
    """The study's panel by the names that options give: those of every study, and one by kind of weights."""
    panels = multiverse_panels(curve_columns(panel), since=FIRST_YEAR)
    return panels | {name: _with_lead(panel, kind) for name, kind in OTHER_NEIGHBOURS.items()}


def curve_columns(panel: Panel, weights: Weights = "nearest") -> Panel:
    """A panel whose linear terms are slopes at the :data:`SIDES`, in the city and next door.

    ``index_low`` and ``index_high`` are the index less its quantile over the rows that have misallocation, so
    that beside their squares they have the slope there as coefficient; ``near_low``, ``near_low_square`` and
    so on are means over the neighbours that have a value in the year, weighted as ``weights`` says.
    ``misallocation_asinh`` is the inverse hyperbolic sine of the size of the wedges.
    """
    frame, links = panel.frame, _links(panel, weights)
    known = frame.loc[frame["misallocation"].notna(), "coagglomeration"]
    new = {}
    for side, at in zip(("low", "high"), SIDES, strict=True):
        new[f"index_{side}"] = frame["coagglomeration"] - known.quantile(at)
        new[f"near_{side}"] = mean_nearby(frame.assign(x=new[f"index_{side}"]), links)
        new[f"near_{side}_square"] = mean_nearby(frame.assign(x=new[f"index_{side}"] ** 2), links)
    new["misallocation_asinh"] = np.arcsinh(frame["misallocation_level"])
    return replace(panel, frame=frame.assign(**new))


def _with_lead(panel: Panel, weights: Weights) -> Panel:
    """:func:`curve_columns`, and ``neighbours_lead``: neighbours' internet use less all, a year before."""
    frame = panel.frame
    near = mean_nearby(frame.assign(x=frame["internet"]), _links(panel, weights))
    lead = pd.Series(near - frame.groupby("year")["internet"].transform("mean"), frame.index)
    before = lead.set_axis(pd.MultiIndex.from_frame(frame[["city", "year"]]))
    keys = pd.MultiIndex.from_arrays([frame["city"], frame["year"] - 1])
    changed = frame.assign(neighbours_lead=before.reindex(keys).to_numpy(float))
    return curve_columns(replace(panel, frame=changed), weights)


def _links(panel: Panel, weights: Weights) -> SpatialWeights:
    """Weights between the cities of a panel that have a place and, for likeness, an income."""
    needed = ["lon", "lat", "income"] if weights in ("economic", "nested") else ["lon", "lat"]
    return weights_of(BASELINE.change(weights=weights), panel.frame.dropna(subset=needed), panel.source)


def mean_nearby(frame: pd.DataFrame, links: SpatialWeights) -> np.ndarray:
    """Weighted mean of ``x`` over each city's neighbours that have one in the year, shape (n,).

    NaN where no neighbour has one, and for a city that is not among those of the weights.
    """
    wide = frame.pivot(index="city", columns="year", values="x")
    values = wide.reindex(links.cities).to_numpy(float)
    there = np.isfinite(values)
    weight = links.matrix @ there.astype(float)
    total = links.matrix @ np.where(there, values, 0.0)
    mean = np.divide(total, weight, out=np.full_like(total, np.nan), where=weight > 0)
    rows, columns = links.cities.searchsorted(frame["city"]), wide.columns.get_indexer(frame["year"])
    found = mean[np.minimum(rows, len(mean) - 1), columns]
    return np.where(frame["city"].isin(links.cities), found, np.nan)

"""Tables and quoted numbers of the models in the chapter on the theory of virtual clusters."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from digital_clusters.report.glue import glue
from digital_clusters.report.tables import number, styled
from digital_clusters.theory.cluster_evolution import REGIONS_ACROSS
from digital_clusters.theory.cluster_phases import starts
from digital_clusters.theory.cluster_size import ClusterSize
from digital_clusters.theory.cluster_trials import Outcome, rule_sensitivity, summary
from digital_clusters.theory.division_of_labour import DivisionOfLabour

if TYPE_CHECKING:
    from great_tables import GT

LABEL = "model, illustrative parameters"


def depths(cluster: ClusterSize, here: tuple[float, float]) -> pd.DataFrame:
    """Equilibria at the reader's distances and where the story's steps lead from there.

    Returns
    -------
    pandas.DataFrame
        Index ``traditional``, ``here``, ``virtual`` (no spatial distance), ``community`` (half the
        psychological distance), ``both`` (both steps), ``none`` (no distance); columns ``spatial``,
        ``psychological``, ``depth``, ``product``, ``firms``, ``goods``.
    """
    spatial, psychological = here
    places = {
        "traditional": (1.0, 1.0),
        "here": here,
        "virtual": (0.0, psychological),
        "community": (spatial, psychological / 2),
        "both": (0.0, psychological / 2),
        "none": (0.0, 0.0),
    }
    rows = []
    for place in places.values():
        found = cluster.equilibrium(*place)
        product = float(cluster.labour.product(found.depth, *place))
        rows.append((*place, found.depth, product, found.firms, found.goods))
    columns = ["spatial", "psychological", "depth", "product", "firms", "goods"]
    return pd.DataFrame(rows, index=list(places), columns=columns)


def depths_table(cluster: ClusterSize, here: tuple[float, float]) -> "GT":
    """The frame of :func:`depths` for the page."""
    names = {
        "traditional": "traditional cluster",
        "here": "your distances",
        "virtual": "yours, gone virtual",
        "community": "yours, psychological distance halved",
        "both": "yours, both steps",
        "none": "no distance at all",
    }
    frame = depths(cluster, here).rename(index=names).reset_index(names="Cluster")
    headings = {
        "spatial": "Spatial distance",
        "psychological": "Psychological distance",
        "depth": "Tasks n*",
        "product": "Product per head",
        "firms": "Firms",
        "goods": "Goods",
    }
    places = {"spatial": 2, "psychological": 2, "depth": 1, "product": 1, "firms": 0, "goods": 0}
    return styled(
        frame,
        "Depth and size over distance",
        "Finite market, no rent.",
        LABEL,
        decimals=places,
        headings=headings,
    )


def glue_depths(cluster: ClusterSize, here: tuple[float, float]) -> None:
    """Quote the reader's numbers: ``n-`` and each row of :func:`depths`, and the sign of the complement."""
    frame = depths(cluster, here)
    for name, depth in frame["depth"].items():
        glue(f"n-{name}", depth, ".1f")
    team = cluster.labour
    glue("spatial", here[0], ".2f")
    glue("psychological", here[1], ".2f")
    tau = team.cost_of_distance(*here)
    glue("spatial-share", team.per_spatial * here[0] / tau if tau else 0.0, ".0%")
    glue("spatial-share-needed", min(team.spatial_share_needed(*here), 1.0), ".0%")
    glue("complement", complement(team, here, 1.0))


def complement(team: DivisionOfLabour, here: tuple[float, float], remaining: float) -> str:
    """In words: whether moving online and moving closer reinforce each other at n*."""
    slope = team.virtual_cross_slope(*here, remaining)
    if slope == 0:
        return "neither reinforce nor replace each other"
    return "reinforce each other" if slope > 0 else "replace each other"


def trials_table(outcomes: Mapping[str, Outcome]) -> "GT":
    """Which share of the runs follows the story, with every assumption and without one at a time."""
    frame = summary(outcomes)
    shown = frame.assign(
        on_path=[f"{share:.0%}" for share in frame["on_path"]],
        most_common=[
            f"{words} ({share:.0%})"
            for words, share in zip(frame["most_common"], frame["most_common_share"], strict=True)
        ],
    )[["story", "change", "on_path", "most_common", "firms", "openness", "growth"]]
    headings = {
        "story": "Expected path",
        "change": "Model",
        "on_path": "Runs on that path",
        "most_common": "Path seen most",
        "firms": "Firms at the end",
        "openness": "Openness at the end",
        "growth": "Growth of firms",
    }
    note = "Medians over runs; growth is log growth per period over the last ten periods."
    return styled(
        shown.reset_index(drop=True),
        "The two paths, and what they need",
        note,
        LABEL,
        decimals={"firms": 0, "openness": 2, "growth": 3},
        headings=headings,
    )


def glue_trials(outcomes: Mapping[str, Outcome]) -> None:
    """Quote columns of the summary as ``path-``, ``firms-``, ``openness-`` and ``growth-`` with the key.

    ``lowest-`` and ``highest-`` are shares on the path over other thresholds of the rule; ``strangers-`` is
    the share of firms in the two regions whose norms are farthest from the others'.
    """
    frame = summary(outcomes)
    for key in ("platform_only", "virtual"):
        regions = np.concatenate([run.region for run in outcomes[key].runs])
        # norms run with the number of the region: its first and last are the farthest from each other
        glue(f"strangers-{key}", np.isin(regions, (0, REGIONS_ACROSS**2 - 1)).mean(), ".0%")
    other = rule_sensitivity(outcomes)
    for key in ("traditional", "virtual"):
        glue(f"lowest-{key}", other[key].min(), ".0%")
        glue(f"highest-{key}", other[key].max(), ".0%")
    for key in frame.index:
        glue(f"path-{key}", frame.loc[key, "on_path"], ".0%")
        glue(f"firms-{key}", frame.loc[key, "firms"], ".0f")
        glue(f"openness-{key}", frame.loc[key, "openness"], ".2f")
        glue(f"growth-{key}", frame.loc[key, "growth"], ".1%")


def starts_table(outcomes: Mapping[str, Outcome], keys: tuple[str, ...]) -> "GT":
    """When each phase of the expected path begins: median and range over the runs that have it."""
    rows = []
    for key in keys:
        outcome = outcomes[key]
        begun = pd.DataFrame([starts(labels) for labels in outcome.labels()])
        for phase in outcome.trial.expected:
            periods = begun[phase].dropna() + 1 if phase in begun else pd.Series(dtype=float)
            low, middle, high = (number(periods.quantile(level), 0) for level in (0.1, 0.5, 0.9))
            share = f"{len(periods) / len(outcome.runs):.0%}"
            rows.append((phase, share, middle, f"{low} to {high}"))
    columns = ["Phase", "Runs that reach it", "First period, median", "10th to 90th percentile"]
    return styled(pd.DataFrame(rows, columns=columns), "When a phase begins", "", LABEL)


def rule_table(outcomes: Mapping[str, Outcome], keys: tuple[str, ...]) -> "GT":
    """Share of runs on the expected path under other thresholds of the rule of the phases."""
    words = {
        "none": "the rule as stated",
        "open": "openness from which a cluster is open",
        "borderless": "openness from which it is borderless",
        "research": "share of firms with research",
        "strange": "distance of norms left",
        "growing": "growth of a borderless cluster",
        "reach": "periods to either side of a growth rate",
        "lasting": "periods a phase must last",
    }
    frame = rule_sensitivity({key: outcomes[key] for key in keys})
    shown = pd.DataFrame(
        {
            "Threshold changed": frame["threshold"].map(words),
            "To": [number(value, 3).rstrip("0").rstrip(".") for value in frame["value"]],
            **{" → ".join(outcomes[key].trial.expected): [f"{x:.0%}" for x in frame[key]] for key in keys},
        }
    )
    return styled(shown, "Runs on the expected path under other thresholds", "", LABEL)

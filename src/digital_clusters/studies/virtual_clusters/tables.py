"""Tables of the models in the chapter on virtual clusters."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from digital_clusters.report.tables import styled
from digital_clusters.report.words import number
from digital_clusters.studies.virtual_clusters.predictions import LABEL, equilibria
from digital_clusters.theory.clusters.marshall import MarshallianCluster
from digital_clusters.theory.clusters.phases import starts
from digital_clusters.theory.clusters.size import ClusterSize
from digital_clusters.theory.clusters.trials import Outcome, rule_sensitivity, summary

if TYPE_CHECKING:
    from great_tables import GT


def depths(cluster: ClusterSize, here: tuple[float, float]) -> "GT":
    """The frame of :func:`equilibria` for the page."""
    names = {
        "traditional": "traditional cluster",
        "here": "your distances",
        "virtual": "yours, gone virtual",
        "community": "yours, psychological distance halved",
        "both": "yours, both steps",
        "none": "no distance at all",
    }
    frame = equilibria(cluster, here).rename(index=names).reset_index(names="Cluster")
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


def economies_of_number(
    cluster: ClusterSize, here: tuple[float, float], externalities: Sequence[float], worlds: Sequence[float]
) -> "GT":
    """Firms and product per head at the same distances, over the size of the world, by Marshall's term."""
    rows = []
    for world in worlds:
        row: dict[str, float] = {"Radius of the world": world}
        for externality in externalities:
            model = MarshallianCluster(replace(cluster, world=world), externality)
            found = model.equilibrium(*here)
            row[f"Firms, {externality:g}"] = found.firms
            row[f"Product per head, {externality:g}"] = model.product(found.firms, *here)
        rows.append(row)
    frame = pd.DataFrame(rows)
    places = {name: 0 if name.startswith("Firms") else 1 for name in frame}
    spanners = {
        f"ε = {one:g}": [name for name in frame if name.endswith(f", {one:g}")] for one in externalities
    }
    return styled(
        frame,
        "More buyers at the same distances",
        "ε: elasticity of the gain with respect to the firms on the site. Radius: 1 is where demand has "
        "faded to 1/e at a spatial distance of one.",
        LABEL,
        decimals=places,
        spanners=spanners,
        headings={name: name.partition(",")[0] for name in frame},
    )


def trials(outcomes: Mapping[str, Outcome]) -> "GT":
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


def starting(outcomes: Mapping[str, Outcome], keys: tuple[str, ...]) -> "GT":
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


def rule(outcomes: Mapping[str, Outcome], keys: tuple[str, ...]) -> "GT":
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

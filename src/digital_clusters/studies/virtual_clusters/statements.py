"""The abstract of the paper sentence by sentence: what the models of the chapter say to each."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import pandas as pd

from digital_clusters.report.tables import styled
from digital_clusters.report.words import number
from digital_clusters.studies.virtual_clusters.predictions import LABEL
from digital_clusters.theory.clusters.marshall import break_even
from digital_clusters.theory.clusters.size import ClusterSize
from digital_clusters.theory.clusters.trials import Outcome, reaching, summary

if TYPE_CHECKING:
    from great_tables import GT

Standing = Literal["implied", "conditional", "put in", "silent"]
"""True for all parameters; true under a condition; an assumption of the model; not in the model."""

TOPICS = (
    "strength of a cluster",
    "external economies",
    "platform",
    "community",
    "institutions",
    "interface rule",
    "organisation form",
    "operation mechanism",
    "cluster into firm",
    "firm into community",
    "experiment base",
    "traditional path",
    "brand",
    "virtual path",
    "borderless size",
    "borderless ability",
)
"""What the abstract, its outline and its footnotes speak of, in the order of the table."""


@dataclass(frozen=True)
class Statement:
    """One thing the paper says, in our words, how it stands in the models, and what they show of it."""

    topic: str
    says: str
    standing: Standing
    shown: str


def statements(cluster: ClusterSize, outcomes: Mapping[str, Outcome]) -> list[Statement]:
    """Every statement with the model's numbers, in the order of :data:`TOPICS`.

    Parameters
    ----------
    cluster : ClusterSize
    outcomes : mapping of str to Outcome
        From :func:`digital_clusters.theory.clusters.trials.run_trials`.
    """
    found = [*_of_division(cluster), *_of_organisation(cluster, outcomes), *_of_paths(outcomes)]
    order = {topic: place for place, topic in enumerate(TOPICS)}
    return sorted(found, key=lambda statement: order[statement.topic])


def abstract_table(cluster: ClusterSize, outcomes: Mapping[str, Outcome]) -> "GT":
    """The statements with where each stands."""
    frame = pd.DataFrame([vars(statement) for statement in statements(cluster, outcomes)])
    return styled(
        frame,
        "The abstract, sentence by sentence",
        "Implied: for all parameters. Conditional: under what is said. Put in: an assumption of the model, "
        "from "
        "which it cannot be concluded. Silent: not in the models.",
        LABEL,
        headings={
            "topic": "Topic",
            "says": "The paper, in our words",
            "standing": "In the models",
            "shown": "What they show",
        },
    )


def _of_division(cluster: ClusterSize) -> list[Statement]:
    team = cluster.labour
    near, far = team.optimum(0.5, 0.5), team.optimum(1.0, 1.0)
    return [
        Statement(
            "strength of a cluster",
            "A cluster is strong because it shortens distance and so deepens the division of labour.",
            "implied",
            f"∂n*/∂distance is never positive; at half of both distances n* is {number(near, 1)} instead of "
            f"{number(far, 1)}",
        ),
        Statement(
            "external economies",
            "External economies of scale come from the division of labour and not from the cluster.",
            "put in",
            "at given distances product per head does not depend on the number of firms; with Marshall's "
            f"term it does, and from ε = {number(break_even(cluster, 1.0))} on, going virtual lowers it",
        ),
        Statement(
            "borderless size",
            "A cluster holds firms from everywhere without limit of number and size.",
            "conditional",
            f"number: if the market or the demand reached has no end; in a finite world it stops at "
            f"{number(cluster.equilibrium(0.0, 0.0).firms, 0)} firms. Depth: if attention costs nothing; "
            "else it "
            f"stops at {number(team.optimum(0.0, 0.0), 1)} tasks",
        ),
        Statement(
            "interface rule",
            "Partners meet by a rule of contact, as modules of a program exchange data.",
            "conditional",
            "read as less attention for each further partner: half of it moves n* without any distance from "
            f"{number(team.optimum(0.0, 0.0), 1)} to "
            f"{number(replace(team, attention=team.attention / 2).optimum(0.0, 0.0), 1)}",
        ),
    ]


def _of_organisation(cluster: ClusterSize, outcomes: Mapping[str, Outcome]) -> list[Statement]:
    frame = summary(outcomes)
    opened = {key: number(frame.loc[key, "openness"], 2) for key in frame.index}
    team = cluster.equilibrium(0.0, 1.0)
    return [
        Statement(
            "platform",
            "Information technology takes the spatial distance between firms to zero.",
            "put in",
            "a switch; what it does not remove is the distance between norms",
        ),
        Statement(
            "community",
            "A community narrows the psychological distance between its members.",
            "put in",
            "a switch that pulls norms together; why a community arises is not in the model",
        ),
        Statement(
            "institutions",
            "Formal and informal institutions of the community narrow psychological distance together.",
            "conditional",
            "read as two parameters: informal, the pace at which norms meet; formal, what a distance in "
            "norms "
            f"costs. Platform alone: openness {opened['platform_only']}; with informal ones "
            f"{opened['virtual']}; "
            f"with informal ones and strangeness free of cost {opened['no_strangers']}",
        ),
        Statement(
            "organisation form",
            "The organisation of a cluster changes from neighbours on a site to members of a platform.",
            "conditional",
            f"links cross regions {opened['virtual']} times as often as pairs of firms do with both "
            f"switches, {opened['traditional']} times with neither",
        ),
        Statement(
            "operation mechanism",
            "A virtual cluster is driven by its platform and run as a community.",
            "conditional",
            f"needs both: community alone leaves openness at {opened['community_only']}",
        ),
        Statement(
            "cluster into firm",
            "The cluster becomes like one firm.",
            "silent",
            "a team is as many firms as tasks; nothing says where a firm ends. Without spatial distance a "
            "team "
            f"holds {number(team.depth, 0)} of {number(team.firms, 0)} firms",
        ),
        Statement(
            "experiment base",
            "The cluster becomes a base of experiments in search of effective institutions.",
            "silent",
            "rules of a run are fixed: no firm tries, compares or copies a rule. The trials of this chapter "
            "change rules from outside",
        ),
        Statement(
            "borderless ability",
            "Ability develops without borders, too.",
            "conditional",
            "product per head has no limit if attention costs nothing, and one of "
            f"{number(float(cluster.labour.product(cluster.labour.optimum(0, 0), 0, 0)), 1)} otherwise; in "
            "the "
            "simulation quality ends at a frontier that is put in",
        ),
    ]


def _of_paths(outcomes: Mapping[str, Outcome]) -> list[Statement]:
    shares = {key: f"{share:.0%}" for key, share in summary(outcomes)["on_path"].items()}
    communal = {key: f"{reaching(outcome, 'community'):.0%}" for key, outcome in outcomes.items()}
    return [
        Statement(
            "firm into community",
            "The virtual cluster becomes a community.",
            "conditional",
            f"the phase of the community is in {communal['virtual']} of the runs with both switches and in "
            f"{communal['norms_at_once']} where norms give way at once; with the platform alone it is in "
            f"{communal['platform_only']}, where strangeness costs nothing in {communal['no_strangers']}",
        ),
        Statement(
            "traditional path",
            "Traditional clusters grow in number, then in quality, then by research.",
            "conditional",
            f"{shares['traditional']} of the runs; {shares['research_free']} where research needs no "
            "quality, "
            f"{shares['land_free']} where land is free",
        ),
        Statement(
            "brand",
            "In the last traditional phase research and brands dominate.",
            "silent",
            "research only. A brand would be a lower elasticity of demand σ; clusters of different σ cannot "
            "be "
            "compared in number, because the comparison depends on the unit of product",
        ),
        Statement(
            "virtual path",
            "Virtual clusters go from platform to community to borderless growth.",
            "conditional",
            f"{shares['virtual']} of the runs; {shares['platform_only']} without the community, "
            f"{shares['size_costs']} where coordination gets dearer with size",
        ),
    ]

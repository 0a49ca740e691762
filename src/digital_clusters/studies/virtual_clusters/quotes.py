"""Numbers of the models that the chapter on virtual clusters quotes."""

import math
from collections.abc import Mapping

import numpy as np

from digital_clusters.report.figures.monte_carlo import wilson_limits
from digital_clusters.report.glue import glue
from digital_clusters.report.words import number
from digital_clusters.studies.virtual_clusters.predictions import complement, equilibria, spatial_part
from digital_clusters.theory.clusters.evolution import REGIONS_ACROSS
from digital_clusters.theory.clusters.marshall import MarshallianCluster, break_even
from digital_clusters.theory.clusters.phases import PhaseRule
from digital_clusters.theory.clusters.rules import ClusterRules
from digital_clusters.theory.clusters.size import ClusterSize
from digital_clusters.theory.clusters.trials import Outcome, reaching, rule_sensitivity, summary


def depth(cluster: ClusterSize, here: tuple[float, float]) -> None:
    """Quote the reader's numbers: ``n-`` and each row of ``equilibria``, and the sign of the complement.

    ``firms-none`` are the firms without any distance, ``n-halved`` the depth at half of a traditional
    cluster's distances.

    ``yield-`` is product per head at the depth that is best ``here``, at ``half`` of it and at ``twice`` as
    much, the last without spatial distance too.
    """
    frame = equilibria(cluster, here)
    for name, depth in frame["depth"].items():
        glue(f"n-{name}", depth, ".1f")
    glue("firms-none", number(frame.loc["none", "firms"], 0))
    team = cluster.labour
    glue("n-halved", number(team.optimum(0.5, 0.5), 1))
    best = team.optimum(*here)
    for name, depth in {"here": best, "half": best / 2, "twice": 2 * best}.items():
        glue(f"yield-{name}", float(team.product(depth, *here)), ".1f")
    glue("yield-twice-virtual", float(team.product(2 * best, 0.0, here[1])), ".1f")
    glue("spatial", here[0], ".2f")
    glue("psychological", here[1], ".2f")
    glue("spatial-part", spatial_part(team, here))
    glue("complement", complement(team, here, 1.0))


def marshall(cluster: ClusterSize, here: tuple[float, float]) -> None:
    """Quote ``break-even`` at the reader's psychological distance, and what holds on the site there.

    ``break-even-firms`` are the firms on the site, ``break-even-product`` the elasticity of product per head
    with respect to them, which estimates of economies of number are about.
    """
    at = break_even(cluster, here[1])
    glue("break-even", number(at))
    there = None if math.isnan(at) else MarshallianCluster(cluster, at)
    glue("break-even-firms", number(there.equilibrium(1.0, here[1]).firms if there else math.nan, 0))
    glue("break-even-product", number(there.product_elasticity(1.0, here[1]) if there else math.nan))


def trials(outcomes: Mapping[str, Outcome]) -> None:
    """Quote columns of the summary as ``path-``, ``firms-``, ``openness-`` and ``growth-`` with the key.

    ``lowest-`` and ``highest-`` are shares on the path over other thresholds of the rule; ``strangers-`` is
    the share of firms in the two regions whose norms are farthest from the others'. ``limits-`` are 95 per
    cent limits (Wilson) of a share on the path; ``rule-`` are thresholds of the rule and constants of the
    model, and ``rule-tried`` counts other thresholds, of which ``rule-higher`` find the virtual path more
    often and ``rule-lower`` less often. ``platform-`` and ``community-`` are shares of the runs with that
    phase.
    """
    frame = summary(outcomes)
    runs = len(outcomes["virtual"].runs)
    glue("runs", runs)
    glue("one-run", f"{1 / runs:.0%}")
    for key in ("traditional", "virtual"):
        low, high = wilson_limits(frame.loc[key, "on_path"], runs)
        glue(f"limits-{key}", f"{low:.0%} to {high:.0%}")
    _rule(PhaseRule())
    for key in ("platform_only", "virtual"):
        regions = np.concatenate([run.region for run in outcomes[key].runs])
        # norms run with the number of the region: its first and last are the farthest from each other
        glue(f"strangers-{key}", np.isin(regions, (0, REGIONS_ACROSS**2 - 1)).mean(), ".0%")
    other = rule_sensitivity(outcomes)
    stated, tried = other["virtual"].iloc[0], other["virtual"].iloc[1:]
    glue("rule-tried", len(tried))
    glue("rule-higher", int((tried > stated).sum()) or "none")
    glue("rule-lower", int((tried < stated).sum()) or "none")
    glue("periods", len(outcomes["virtual"].runs[0].aggregates.firms))
    for key, outcome in outcomes.items():
        for phase in ("platform", "community"):
            glue(f"{phase}-{key}", f"{reaching(outcome, phase):.0%}")
    for key in ("traditional", "virtual"):
        glue(f"lowest-{key}", other[key].min(), ".0%")
        glue(f"highest-{key}", other[key].max(), ".0%")
    for key in frame.index:
        glue(f"path-{key}", frame.loc[key, "on_path"], ".0%")
        glue(f"firms-{key}", frame.loc[key, "firms"], ".0f")
        glue(f"openness-{key}", frame.loc[key, "openness"], ".2f")
        glue(f"growth-{key}", frame.loc[key, "growth"], ".1%")


def _rule(rule: PhaseRule) -> None:
    glue("rule-regions", REGIONS_ACROSS**2)
    glue("rule-pace", f"{ClusterRules().community_pace:.0%}")
    for name in ("research", "growing", "strange"):
        glue(f"rule-{name}", f"{getattr(rule, name):.0%}")
    for name in ("open", "borderless", "reach", "lasting"):
        glue(f"rule-{name}", getattr(rule, name), "g")

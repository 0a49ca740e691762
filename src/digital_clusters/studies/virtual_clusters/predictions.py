"""What the models of virtual clusters say about the claims of the study of virtual agglomeration."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pandas as pd

from digital_clusters.analysis.claims import load_claims
from digital_clusters.report.tables import styled
from digital_clusters.theory.clusters.division_of_labour import DivisionOfLabour
from digital_clusters.theory.clusters.size import ClusterSize

if TYPE_CHECKING:
    from great_tables import GT

LABEL = "model, illustrative parameters"


def equilibria(cluster: ClusterSize, here: tuple[float, float]) -> pd.DataFrame:
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


def complement(team: DivisionOfLabour, here: tuple[float, float], remaining: float) -> str:
    """In words: whether moving online and moving closer reinforce each other at n*."""
    slope = team.virtual_cross_slope(*here, remaining)
    if slope == 0:
        return "neither reinforce nor replace each other"
    return "reinforce each other" if slope > 0 else "replace each other"


def spatial_part(team: DivisionOfLabour, here: tuple[float, float]) -> str:
    """In words: the spatial part of the cost of distance, and the part from which steps reinforce each other.

    Both have as many decimals of a per cent as it takes to tell them apart.
    """
    cost = team.cost_of_distance(*here)
    part = team.per_spatial * here[0] / cost if cost else 0.0
    needed = team.spatial_share_needed(*here)
    if needed >= 1:
        return f"{part:.0%}, and no part would be enough"
    for decimals in range(5):
        shown, limit = f"{part:.{decimals}%}", f"{needed:.{decimals}%}"
        if shown != limit:
            return f"{shown}, {'more' if part > needed else 'less'} than the {limit} that are needed"
    return f"{part:.0%}, exactly what is needed"


STUDY = "virtual_agglomeration"


Says = Literal["implied", "conditional", "silent"]
"""True for all parameters of the model; true under a stated condition or reading; not in the model."""


@dataclass(frozen=True)
class Prediction:
    """What the model says about one claim, with its numbers, and what the claim needs beyond it."""

    says: Says
    model: str
    beyond: str


def predictions(cluster: ClusterSize, here: tuple[float, float]) -> dict[str, Prediction]:
    """A prediction for each claim of the study, by the claim's key, at the distances ``here``."""
    team, (spatial, psychological) = cluster.labour, here
    start = team.optimum(*here)
    half, whole = (team.optimum(left * spatial, psychological) - start for left in (0.5, 0.0))
    closer = team.optimum(0.0, psychological / 2) - team.optimum(spatial, psychological / 2)
    reached = cluster.market(spatial) / cluster.market(0.0)
    taken = f"half of it taken away adds {half:.1f} tasks to n* = {start:.1f}, all of it {whole:.1f}"
    factors = Prediction(
        "silent", "one factor at one wage: nothing can be misallocated", "a model with two factors"
    )
    return {
        "raises_resilience": Prediction(
            "silent",
            f"going virtual adds {whole:.1f} tasks to n* = {start:.1f}; no shock ever hits",
            "that a deeper division, which depends on more partners, bears shocks better",
        ),
        "less_in_old_bases": Prediction("silent", "no state is an old industrial base", "a reason"),
        "more_with_digital_infrastructure": Prediction(
            "implied",
            f"for n*, with infrastructure as the share of spatial distance taken away: {taken}",
            "from n* to resilience",
        ),
        "more_with_regional_integration": Prediction(
            "conditional",
            f"for n*, with integration as a short psychological distance: at half of it going virtual "
            f"adds {closer:.1f} tasks instead of {whole:.1f}; sure to be more if β > θ and κ = 0 or "
            f"0 ≤ χ − β ≤ 1",
            "that membership of a council shortens that distance; from n* to resilience",
        ),
        "more_with_fusion": Prediction(
            "conditional",
            "as for infrastructure, if fusion means that more of the spatial distance is taken away",
            "that reading; from n* to resilience",
        ),
        "eases_misallocation": factors,
        "through_misallocation": factors,
        "boosts_demand": Prediction(
            "implied",
            f"for demand reached: {reached:.0%} of the world's at your spatial distance, all of it at zero",
            "that demand reached shows in the city's own retail sales",
        ),
        "through_demand": Prediction(
            "silent",
            "more demand makes a larger cluster; no shock ever hits",
            "that size bears shocks better",
        ),
        "complements_geography": Prediction(
            "conditional",
            f"at your distances the first step online and a step closer {complement(team, here, 1.0)}; with "
            f"no spatial distance left they {complement(team, here, 0.0)}",
            "that going virtual leaves distance a cost; from n* to resilience",
        ),
    }


def predictions_table(cluster: ClusterSize, here: tuple[float, float]) -> "GT":
    """The claims of the study, the regression that decides each, and what the model says about it."""
    found = predictions(cluster, here)
    rows = [
        {"Claim": claim.statement, "Decided by": claim.spec, **vars(found[claim.key])}
        for claim in load_claims(STUDY).claims
    ]
    return styled(
        pd.DataFrame(rows),
        "From the model to the claims of the empirical study",
        "Implied: for all parameters. Conditional: under the condition or reading given. Silent: not in it.",
        LABEL,
        headings={
            "says": "In the model",
            "model": "What the model says",
            "beyond": "What the claim needs beyond it",
        },
    )

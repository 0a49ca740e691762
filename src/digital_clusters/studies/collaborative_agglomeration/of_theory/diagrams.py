"""Causal diagrams of the chapter on theory: the map of the study, and the argument with its signs."""

from typing import TYPE_CHECKING

from digital_clusters.report.figures.diagram import Edge, Node, causal_diagram

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def study_map(*, label: str) -> "Figure":
    """Association, spillover and institution: what each stands for and what it acts on."""
    nodes = {
        "association": Node(0, 1, "association:\nco-agglomeration", "treatment"),
        "digital": Node(1.6, 2, "digital\ntechnology", "moderator"),
        "institution": Node(0, 2.2, "institution:\nintegration", "moderator"),
        "wedges": Node(3, 1, "misallocation", "outcome"),
        "productivity": Node(4.6, 1, "productivity", "outcome"),
        "spillover": Node(3, -0.1, "spillover:\nneighbours", "outcome"),
    }
    edges = [
        Edge("association", "wedges", "corrects, then worsens"),
        Edge("wedges", "productivity", "costs"),
        Edge("institution", "digital", "diffuses"),
        Edge("wedges", "spillover", dashed=True),
        Edge("digital", ("association", "wedges")),
    ]
    return causal_diagram(nodes, edges, label=label)


def argument(*, label: str) -> "Figure":
    """Two roads from co-agglomeration to misallocation, and what digital technology and integration do."""
    nodes = {
        "linked": Node(0, 1, "co-agglomeration", "treatment"),
        "barrier": Node(2, 2, "barriers around\nthe core"),
        "crowding": Node(2, 0, "unpaid\ncongestion"),
        "digital": Node(2, 1, "digital technology", "moderator"),
        "integration": Node(0.2, 2.2, "integration", "moderator"),
        "here": Node(4, 1.4, "misallocation\nin the city", "outcome"),
        "there": Node(4, 0.1, "misallocation\nnext door", "outcome"),
    }
    edges = [
        Edge("linked", "barrier", "lowers"),
        Edge("linked", "crowding", "raises"),
        Edge("barrier", "here"),
        Edge("crowding", "here"),
        Edge("here", "there", dashed=True),
        Edge("digital", "barrier", "lowers"),
        Edge("digital", "crowding", "lowers"),
        Edge("integration", ("linked", "barrier")),
    ]
    return causal_diagram(nodes, edges, label=label)

"""Causal diagrams: who acts on whom, and what changes how strongly."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from digital_clusters.errors import ParameterError, check_option
from digital_clusters.report.style import (
    BLACK,
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    WIDTH,
    canvas,
    house_style,
    stamp,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

Role = Literal["treatment", "outcome", "control", "moderator", "unobserved"]

_COLOURS: dict[str, str] = {
    "treatment": BLUE,
    "outcome": GREEN,
    "control": BLACK,
    "moderator": ORANGE,
    "unobserved": PURPLE,
}


_MARGIN = 0.17
"""Room for half a box on each side, as a share of the distance between the outermost nodes."""


_ASIDE = 0.36
"""Where the text of an arrow stands that another arrow points at: short of its middle."""


@dataclass(frozen=True)
class Node:
    """A variable: where it stands (any units, y upwards), what is written in its box, its role."""

    x: float
    y: float
    text: str
    role: Role = "control"

    def __post_init__(self):
        check_option("role", self.role, Role)


@dataclass(frozen=True)
class Edge:
    """An arrow from one node to another, or to the middle of another edge (a moderator's arrow).

    ``bend`` curves it, as a share of its length; ``dashed`` marks an effect that is only suspected.
    """

    source: str
    target: str | tuple[str, str]
    text: str = ""
    dashed: bool = False
    bend: float = 0.0


@house_style
def causal_diagram(
    nodes: Mapping[str, Node], edges: Sequence[Edge], *, label: str, height: float = 4.0
) -> "Figure":
    """Draw a directed acyclic graph with the layout of the caller.

    Parameters
    ----------
    nodes : mapping of str to Node
    edges : sequence of Edge
        Names of nodes, or for a moderator a node and the edge it acts on.
    label : str
        Written at the lower right; for a diagram of a theory, whose theory.
    height : float
        Inches.

    Raises
    ------
    ParameterError
        If an edge names a node or edge that is not there, or the arrows go round in a circle.
    """
    _check(nodes, edges)
    fig, ax = canvas(height, layout="none")
    _frame(ax, nodes, WIDTH / height)
    boxes = {name: _draw_node(ax, node) for name, node in nodes.items()}
    # a box has its size only once it is drawn
    fig.draw_without_rendering()
    for edge in edges:
        if isinstance(edge.target, str):
            moderated = any(other.target == (edge.source, edge.target) for other in edges)
            _draw_edge(ax, nodes, boxes, edge, _ASIDE if moderated else 0.5)
        else:
            _draw_moderation(ax, nodes, boxes, edge, edges)
    return stamp(fig, label)


def _check(nodes: Mapping[str, Node], edges: Sequence[Edge]) -> None:
    import networkx

    plain = [(edge.source, edge.target) for edge in edges if isinstance(edge.target, str)]
    for edge in edges:
        names = [edge.source, *([edge.target] if isinstance(edge.target, str) else edge.target)]
        unknown = [name for name in names if name not in nodes]
        if unknown:
            raise ParameterError(
                f"the arrow {edge.source} → {edge.target} names no node: {', '.join(unknown)}"
            )
        if not isinstance(edge.target, str) and edge.target not in plain:
            raise ParameterError(f"{edge.source} acts on {edge.target}, which is no arrow of the diagram")
    graph = networkx.DiGraph(plain)
    if not networkx.is_directed_acyclic_graph(graph):
        circle = " → ".join(source for source, _ in networkx.find_cycle(graph))
        raise ParameterError(f"the arrows go round in a circle: {circle}")


def _draw_node(ax: "Axes", node: Node):
    colour = _COLOURS[node.role]
    dashed = "--" if node.role == "unobserved" else "-"
    box = {"boxstyle": "round,pad=0.5", "facecolor": "white", "edgecolor": colour, "linestyle": dashed}
    return ax.text(
        node.x,
        node.y,
        node.text,
        ha="center",
        va="center",
        size=9.5,
        color=BLACK,
        zorder=2,
        bbox=box | {"linewidth": 1.6},
    )


def _frame(ax: "Axes", nodes: Mapping[str, Node], shape: float) -> None:
    """Limits around the nodes with one scale on both axes: the middle of a bend is known only then."""
    xs, ys = [node.x for node in nodes.values()], [node.y for node in nodes.values()]
    wide, tall = max(xs) - min(xs) or 1.0, max(ys) - min(ys) or 1.0
    half_width = max(wide * (0.5 + _MARGIN), tall * (0.5 + _MARGIN) * shape)
    x, y = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2
    ax.set_position((0, 0, 1, 1))
    ax.set_xlim(x - half_width, x + half_width)
    ax.set_ylim(y - half_width / shape, y + half_width / shape)
    ax.set_axis_off()


def _draw_edge(ax: "Axes", nodes: Mapping[str, Node], boxes: Mapping, edge: Edge, at: float) -> None:
    start, end = nodes[edge.source], nodes[edge.target]
    _arrow(ax, (start.x, start.y), (end.x, end.y), edge, boxes[edge.source], boxes[edge.target])
    if edge.text:
        written = _write(ax, _along(start, end, edge.bend, at), edge.text)
        _keep_off(written, boxes.values())


def _draw_moderation(ax: "Axes", nodes, boxes, edge: Edge, edges: Sequence[Edge]) -> None:
    start = nodes[edge.source]
    bend = next(
        other.bend for other in edges if other.target == edge.target[1] and other.source == edge.target[0]
    )
    place = _along(nodes[edge.target[0]], nodes[edge.target[1]], bend)
    _arrow(ax, (start.x, start.y), place, edge, boxes[edge.source], None)
    if edge.text:
        _write(ax, ((start.x + place[0]) / 2, (start.y + place[1]) / 2), edge.text)


def _arrow(ax: "Axes", start, end, edge: Edge, source_box, target_box) -> None:
    ax.annotate(
        "",
        xy=end,
        xytext=start,
        zorder=3,
        arrowprops={
            "arrowstyle": "-|>",
            "mutation_scale": 14,
            "color": "#444444",
            "linewidth": 1.3,
            "linestyle": "--" if edge.dashed else "-",
            "connectionstyle": f"arc3,rad={edge.bend}",
            "patchA": source_box.get_bbox_patch(),
            "patchB": None if target_box is None else target_box.get_bbox_patch(),
            "shrinkA": 1,
            "shrinkB": 2,
        },
    )


def _along(start: Node, end: Node, bend: float, at: float = 0.5) -> tuple[float, float]:
    """Point at a share of the quadratic curve that matplotlib's ``arc3`` draws between two points."""
    control_x = (start.x + end.x) / 2 + bend * (end.y - start.y)
    control_y = (start.y + end.y) / 2 - bend * (end.x - start.x)
    first, middle, last = (1 - at) ** 2, 2 * at * (1 - at), at**2
    return (
        first * start.x + middle * control_x + last * end.x,
        first * start.y + middle * control_y + last * end.y,
    )


def _write(ax: "Axes", place: tuple[float, float], text: str) -> "Text":
    box = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.9}
    return ax.text(
        *place, text, ha="center", va="center", size=8.5, style="italic", color="#333333", zorder=4, bbox=box
    )


def _keep_off(written: "Text", boxes: Iterable["Text"]) -> None:
    """Write the words of an arrow in two lines where one line would run into the box of a node."""
    place = written.get_window_extent()
    spaces = [at for at, letter in enumerate(written.get_text()) if letter == " "]
    if spaces and any(place.overlaps(box.get_bbox_patch().get_window_extent()) for box in boxes):
        text = written.get_text()
        middle = min(spaces, key=lambda at: abs(2 * at - len(text)))
        written.set_text(f"{text[:middle]}\n{text[middle + 1 :]}")

"""Figures of the theory of clusters: depth over distance, size, and the evolution of a simulated cluster."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from digital_clusters.report.figures.diagram import Edge, Node, causal_diagram
from digital_clusters.report.style import (
    BLACK,
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    RED,
    SKY,
    canvas,
    colour_bar,
    house_style,
    name_levels,
    stamp,
)
from digital_clusters.theory.clusters.division_of_labour import DivisionOfLabour
from digital_clusters.theory.clusters.evolution import REGIONS_ACROSS, Evolution
from digital_clusters.theory.clusters.phases import TRADITIONAL, VIRTUAL, bands, phase_shares
from digital_clusters.theory.clusters.size import ClusterSize

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DEPTH = "depth of the division of labour n*, tasks"

PHASE_COLOURS = {
    "quantity": SKY,
    "quality": BLUE,
    "research": GREEN,
    "platform": ORANGE,
    "community": RED,
    "borderless": PURPLE,
}

PHASE_HATCHES = ("", "///", "...", "", "\\\\\\", "xxx")
"""Of the areas of the phases, in their order: neighbours differ in more than colour."""

AGGREGATES = {
    "firms": "firms",
    "quality": "mean quality",
    "research": "share with research",
    "partners": "partners of a firm",
    "openness": "openness, ratio",
    "strangeness": "distance of norms left",
}
"""Field of the aggregates → what its axis says."""


def argument(*, label: str) -> "Figure":
    """Causal diagram of the theory: from platform and community to the number of firms and goods."""
    nodes = {
        "platform": Node(0, 2, "platform", "treatment"),
        "community": Node(0, 0, "community", "treatment"),
        "spatial": Node(1.6, 2, "spatial\ndistance"),
        "psychological": Node(1.6, 0, "psychological\ndistance"),
        "cost": Node(3.2, 1, "cost of\ncooperation"),
        "attention": Node(3.2, -0.4, "attention", "unobserved"),
        "depth": Node(4.7, 1, "division of\nlabour n*"),
        "market": Node(4.7, 2.2, "extent of\nthe market"),
        "size": Node(6.2, 1, "firms and\ngoods", "outcome"),
    }
    edges = [
        Edge("platform", "spatial"),
        Edge("community", "psychological"),
        Edge("spatial", "cost"),
        Edge("psychological", "cost"),
        Edge("attention", "cost", dashed=True),
        Edge("cost", "depth"),
        Edge("depth", "size"),
        Edge("spatial", "market"),
        Edge("market", "size"),
    ]
    return causal_diagram(nodes, edges, label=label, height=3.2)


@house_style
def marginal_gain_and_cost(
    team: DivisionOfLabour, places: Mapping[str, tuple[float, float]], *, label: str
) -> "Figure":
    """Marginal gain of a finer division, and its marginal cost at several distances, which cross at n*.

    Parameters
    ----------
    team : DivisionOfLabour
    places : mapping of str to (spatial, psychological)
        Name of a line → its distances.
    label : str
    """
    fig, ax = canvas(3.6)
    optima = [team.optimum(*distances) for distances in places.values()]
    most = 1.25 * max([n for n in optima if np.isfinite(n)], default=20.0)
    depth = np.linspace(1, most, 400)
    ax.plot(depth, team.marginal_gain(depth), color=BLACK, label="marginal gain")
    colours = (RED, BLUE, PURPLE, ORANGE, GREEN)
    for (name, distances), n, colour in zip(places.items(), optima, colours, strict=False):
        ax.plot(depth, team.marginal_cost(depth, *distances), color=colour, label=f"marginal cost: {name}")
        if np.isfinite(n):
            ax.plot(n, team.marginal_gain(n), "o", color=colour, markersize=5)
    ax.set(xlabel="depth of the division n, tasks", ylabel="product per head, per task")
    ax.set(xlim=(1, most), ylim=(0, float(team.marginal_gain(1)) * 1.02))
    ax.legend()
    return stamp(fig, label)


@house_style
def depth_over_distance(
    team: DivisionOfLabour, here: tuple[float, float], *, label: str, levels: Sequence[float] = (0, 0.5, 1)
) -> "Figure":
    """n* over each distance at three levels of the other; a star marks the distances ``here``."""
    fig, axes = canvas(3.5, columns=2, sharey=True)
    grid = np.linspace(0, max(2.0, 1.1 * max(here)), 121)
    for side, ax in enumerate(axes):
        other = ("psychological", "spatial")[side]
        for level, colour in zip(levels, (GREEN, BLUE, RED), strict=True):
            pairs = [(x, level) if side == 0 else (level, x) for x in grid]
            depth = np.array([team.optimum(*pair) for pair in pairs])
            ax.plot(grid, np.where(np.isfinite(depth), depth, np.nan), color=colour, label=f"{level:g}")
        ax.plot(here[side], team.optimum(*here), "*", color=BLACK, markersize=12, zorder=3)
        ax.set(xlabel=f"{('spatial', 'psychological')[side]} distance", ylim=(0, None))
        ax.legend(title=f"{other} distance")
    axes[0].set_ylabel(DEPTH)
    return stamp(fig, label)


@house_style
def going_virtual(team: DivisionOfLabour, here: tuple[float, float], *, label: str) -> "Figure":
    """n* over the plane of distances with the two steps of the story, and what each step adds."""
    fig, (left, right) = canvas(3.6, columns=2)
    edge = max(1.5, 1.1 * max(here))
    grid = np.linspace(0.02, edge, 60)
    depth = [[team.optimum(s, p) for s in grid] for p in grid]
    lines = left.contour(grid, grid, depth, levels=10, colors="#888888")
    corners = ((here[0], here[1]), (0.0, here[1]), (0.0, 0.0))
    for start, end, colour in zip(corners, corners[1:], (BLUE, RED), strict=False):
        arrow = {"arrowstyle": "-|>", "color": colour, "linewidth": 2, "mutation_scale": 14}
        left.annotate("", xy=end, xytext=start, arrowprops=arrow | {"shrinkA": 0, "shrinkB": 0})
    left.plot(*here, "*", color=BLACK, markersize=12)
    left.set(xlabel="spatial distance", ylabel="psychological distance")
    left.set(xlim=(-0.04, edge), ylim=(-0.04, edge))
    name_levels(left, lines, "%g", near=(0.6, 0.3))
    distance = np.linspace(0.02, edge, 80)
    spatial = here[0] or 1.0
    gain = [team.optimum(0.0, p) - team.optimum(spatial, p) for p in distance]
    right.plot(distance, gain, color=BLUE)
    right.set(
        xlabel="psychological distance",
        ylabel=f"tasks gained by taking spatial\ndistance {spatial:g} to zero",
    )
    right.set_ylim(0, None)
    return stamp(fig, label)


@house_style
def bounded_or_not(
    teams: Mapping[str, DivisionOfLabour], clusters: Mapping[str, ClusterSize], *, label: str
) -> "Figure":
    """Depth as all distance goes, and firms as spatial distance goes, on logarithmic scales.

    Parameters
    ----------
    teams : mapping of str to DivisionOfLabour
        Both distances shrink together.
    clusters : mapping of str to ClusterSize
        Spatial distance shrinks at a psychological distance of one.
    label : str
    """
    fig, (left, right) = canvas(3.8, columns=2)
    distance = np.geomspace(1e-3, 2, 60)
    colours = (BLUE, RED, GREEN, PURPLE)
    for (name, team), colour in zip(teams.items(), colours, strict=False):
        left.loglog(distance, [team.optimum(d, d) for d in distance], color=colour, label=name)
    for (name, cluster), colour in zip(clusters.items(), colours, strict=False):
        firms = [cluster.equilibrium(d, 1.0).firms for d in distance]
        right.loglog(distance, firms, color=colour, label=name)
    left.set(xlabel="spatial = psychological distance", ylabel="depth n*, tasks")
    right.set(xlabel="spatial distance", ylabel="firms in equilibrium")
    for ax in (left, right):
        ax.invert_xaxis()
        ax.legend(loc="upper left")
        low, high = ax.get_ylim()
        # room for the legend above the curves, which fall towards its side
        ax.set_ylim(low, high * (high / low) ** 0.35)
    return stamp(fig, label)


@house_style
def evolution(settings: Mapping[str, Sequence[Evolution]], *, label: str) -> "Figure":
    """The six aggregates over time: medians and bands from the tenth to the ninetieth percentile of runs.

    Parameters
    ----------
    settings : mapping of str to sequence of Evolution
        Name of a setting → its runs; three settings or fewer.
    label : str
    """
    fig, axes = canvas(4.8, rows=2, columns=3, sharex=True)
    for ax, (aggregate, words) in zip(axes.flat, AGGREGATES.items(), strict=True):
        for (name, runs), colour in zip(settings.items(), (BLUE, ORANGE, PURPLE), strict=False):
            low, middle, high = bands(runs, aggregate)
            period = np.arange(1, len(middle) + 1)
            ax.plot(period, middle, color=colour, label=name)
            ax.fill_between(period, low, high, color=colour, alpha=0.2, linewidth=0)
        ax.set(ylabel=words, ylim=(0, None))
    for ax in axes[1]:
        ax.set_xlabel("period")
    handles, names = axes[0, 0].get_legend_handles_labels()
    fig.legend(handles, names, loc="outside upper center", ncols=3)
    return stamp(fig, label)


@house_style
def phases_over_time(settings: Mapping[str, Sequence[Evolution]], *, label: str) -> "Figure":
    """Share of the runs in each phase at each period, one panel a setting."""
    fig, axes = canvas(3.4, columns=len(settings), sharey=True, squeeze=False)
    for ax, (name, runs) in zip(axes[0], settings.items(), strict=True):
        shares = phase_shares(runs)
        names = (*TRADITIONAL, *VIRTUAL)
        period = np.arange(1, len(shares["gone"]) + 1)
        colours = [PHASE_COLOURS[phase] for phase in names]
        stacked = [shares[phase] for phase in names]
        areas = ax.stackplot(period, stacked, colors=colours, labels=names, alpha=0.85)
        for area, hatch in zip(areas, PHASE_HATCHES, strict=True):
            area.set(hatch=hatch, edgecolor="white", linewidth=0.4)
        ax.set(xlabel=f"period\n{name}", xlim=(1, period[-1]), ylim=(0, 1))
        ax.grid(visible=False)
    axes[0, 0].set_ylabel("share of runs")
    handles, names = axes[0, 0].get_legend_handles_labels()
    fig.legend(handles, names, loc="outside upper center", ncols=6, handlelength=1.2, columnspacing=1.2)
    return stamp(fig, label)


@house_style
def networks(settings: Mapping[str, Evolution], *, label: str) -> "Figure":
    """Firms and links in the last period, one panel a run.

    Colour is a firm's norm. Links are drawn between regions, as wide as there are many; a region is the
    darker, the more of the pairs inside it are linked.
    """
    fig, axes = canvas(3.0 if len(settings) > 2 else 3.8, columns=len(settings), squeeze=False)
    points = None
    most = max(max((count for *_, count in _links_between(run)), default=1) for run in settings.values())
    for ax, (name, run) in zip(axes[0], settings.items(), strict=True):
        _shade_regions(ax, run)
        for start, end, count in _links_between(run):
            ax.plot(
                *zip(start, end, strict=True), color=BLACK, alpha=0.7, linewidth=6 * count / most, zorder=1
            )
        points = ax.scatter(
            *run.position.T, c=run.norm, cmap="viridis", vmin=0, vmax=1, s=11, linewidths=0, zorder=2
        )
        links = int(np.triu(run.links, 1).astype(bool).sum())
        across = sum(count for *_, count in _links_between(run))
        ax.set(xlim=(0, REGIONS_ACROSS), ylim=(0, REGIONS_ACROSS), aspect="equal", xticks=[], yticks=[])
        ax.set_xlabel(f"{name}\n{len(run.position)} firms, {links:,} links,\n{across:,} across regions")
        ax.grid(visible=False)
        ax.spines[["top", "right"]].set_visible(True)
    colour_bar(fig, points, list(axes[0]), "norm", shrink=0.8)
    return stamp(fig, label)


def _links_between(run: Evolution) -> list[tuple[np.ndarray, np.ndarray, int]]:
    """Middles of two regions' firms and the links between them, where there are any."""
    regions = [int(region) for region in np.unique(run.region)]
    middle = {region: run.position[run.region == region].mean(axis=0) for region in regions}
    found = []
    for number, one in enumerate(regions):
        for other in regions[number + 1 :]:
            count = int(run.links[np.ix_(run.region == one, run.region == other)].astype(bool).sum())
            if count:
                found.append((middle[one], middle[other], count))
    return found


def _shade_regions(ax: "Axes", run: Evolution) -> None:
    """Squares of the regions, darker where more of the pairs inside are linked."""
    for region in np.unique(run.region):
        inside = run.region == region
        pairs = inside.sum() * (inside.sum() - 1) / 2
        linked = np.triu(run.links[np.ix_(inside, inside)], 1).astype(bool).sum()
        corner = np.floor(run.position[inside].mean(axis=0))
        share = float(linked / pairs) if pairs else 0.0
        across, up = corner[0] + np.array([0, 1, 1, 0]), corner[1] + np.array([0, 0, 1, 1])
        ax.fill(across, up, color=SKY, alpha=0.5 * share, linewidth=0, zorder=0)
    for border in range(1, REGIONS_ACROSS):
        ax.axhline(border, color="#999999", linewidth=0.6, zorder=0)
        ax.axvline(border, color="#999999", linewidth=0.6, zorder=0)

"""Figures of core-periphery models and of the forces on the allocation of a factor in them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from digital_clusters.errors import ParameterError
from digital_clusters.report.style import BLACK, BLUE, CYCLE, GREEN, ORANGE, RED, canvas, house_style, stamp
from digital_clusters.theory.regions.core_periphery import CorePeriphery
from digital_clusters.theory.regions.footloose_entrepreneurs import FootlooseEntrepreneurs
from digital_clusters.theory.regions.linked_industries import REGIMES, LinkedIndustries
from digital_clusters.theory.regions.linked_regions import LinkedRegions, effects

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHARE = "share of the mobile factor in region 1"
CO_AGGLOMERATION = "co-agglomeration c in the core, 0 to 1"

LEVELS = (0.0, 0.5, 1.0)
"""Of digital technology or integration, for three curves: none, half, full."""

_REGIME_LOOKS = ((GREEN, ""), (BLUE, "///"), (RED, "..."))
"""Colour and hatching of each of :data:`REGIMES`."""

_HATCH = "#444444"
_CELLS = 121
_ROOTS = 41
"""Cells of a map on a side, without and with a root to be found in each."""

_POINTS = 101


@house_style
def footloose_entrepreneurs(model: FootlooseEntrepreneurs, *, label: str) -> "Figure":
    """An entrepreneur's gain from moving, and the equilibria over freeness of trade around its two points."""
    fig, axes = canvas(3.4, columns=2)
    points = model.sustain_point(), model.break_point()
    _gaps_and_tomahawk(axes, model, points, "freeness of trade φ", ".3f")
    axes[0].set_ylabel("log utility, region 1 less 2")
    return stamp(fig, label)


@house_style
def core_periphery(model: CorePeriphery, *, label: str) -> "Figure":
    """A worker's gain from moving, and the equilibria over the transport cost around its two points."""
    fig, axes = canvas(3.4, columns=2)
    points = model.break_point(), model.sustain_point()
    _gaps_and_tomahawk(axes, model, points, "transport cost T", ".2f")
    axes[0].set_ylabel("log real wage, region 1 less 2")
    return stamp(fig, label)


def _gaps_and_tomahawk(
    axes: Sequence["Axes"],
    model: FootlooseEntrepreneurs | CorePeriphery,
    points: tuple[float, float],
    name: str,
    fmt: str,
) -> None:
    """``points`` are the two between which dispersion and agglomeration are both stable, in rising order."""
    low, high = points
    room = 0.8 * (low - 1 if low > 1 else min(low, 1 - high))
    margin = min(high - low, room)
    share = np.linspace(0.001, 0.999, 301)
    for cost, colour in zip((low - margin, (low + high) / 2, high + margin), CYCLE, strict=False):
        axes[0].plot(share, model.log_gap(share, cost), color=colour, label=f"{name[-1]} = {cost:{fmt}}")
    axes[0].axhline(0, color=BLACK, linewidth=0.8)
    axes[0].margins(y=0.3)
    axes[0].legend(loc="lower right")
    axes[0].set(xlabel=SHARE, xlim=(0, 1))
    costs = np.unique(np.r_[np.linspace(low - margin, high + margin, 60), np.linspace(low, high, 60)[1:-1]])
    _tomahawk(axes[1], costs, model)
    for place, side in ((low, "right"), (high, "left")):
        axes[1].axvline(place, color="#999999", linewidth=0.8, linestyle=":")
        axes[1].annotate(
            f"{place:{fmt}}",
            (place, 0.36),
            (-3 if side == "right" else 3, 0),
            textcoords="offset points",
            ha=side,
            size=9,
        )
    axes[1].set(xlabel=name, ylabel=SHARE)


def _tomahawk(ax: "Axes", costs: np.ndarray, model: FootlooseEntrepreneurs | CorePeriphery) -> None:
    """Stable equilibria as full lines, unstable ones dashed; a branch is one line."""
    branches: dict[tuple[str, bool], list[tuple[float, float]]] = {}
    for cost in costs:
        for point in model.equilibria(float(cost)):
            side = np.sign(round(point.share - 0.5, 9))
            kind = f"{side} corner" if point.share in (0.0, 1.0) else f"{side} inside"
            branches.setdefault((kind, point.stable), []).append((float(cost), point.share))
    for side in (-1.0, 1.0):
        inside = branches.setdefault((f"{side} inside", False), [])
        inside += [(model.break_point(), 0.5), (model.sustain_point(), 0.5 + side / 2)]
    for (_, stable), line in branches.items():
        xs, ys = zip(*sorted(line), strict=True)
        ax.plot(xs, ys, color=BLUE if stable else RED, linestyle="-" if stable else "--")
    ax.plot([], [], color=BLUE, label="stable")
    ax.plot([], [], color=RED, linestyle="--", label="unstable")
    towards_core = model.break_point() > model.sustain_point()
    ax.legend(loc="upper left" if towards_core else "upper right", bbox_to_anchor=(0, 0, 1, 0.9))


@house_style
def correction(regions: LinkedRegions, digital: float, *, label: str) -> "Figure":
    """Correction over co-agglomeration at three levels of digital technology, and the core's two shares."""
    fig, (left, right) = canvas(3.6, columns=2)
    c, forces = np.linspace(0, 1, _POINTS), regions.forces
    for level, colour in zip(LEVELS, CYCLE, strict=False):
        left.plot(c, _correction(forces, c, level), color=colour, label=f"digital technology {level:g}")
        turn = forces.turning_point(level)
        left.plot(turn, _correction(forces, turn, level), "o", color=colour, markersize=5)
    left.axhline(0, color=BLACK, linewidth=0.8)
    left.set(xlabel=CO_AGGLOMERATION, ylabel="correction of misallocation, log points")
    left.legend(loc="upper left")
    left.margins(y=0.2)
    path = regions.path(c, digital)
    right.plot(c, [point.shares[0] for point in path], color=BLUE, label="equilibrium")
    right.plot(c, [point.efficient[0] for point in path], color=GREEN, linestyle="--", label="efficient")
    turn = forces.turning_point(digital)
    if np.isfinite(turn):
        right.axvline(turn, color="#999999", linewidth=0.8, linestyle=":")
    right.set(xlabel=CO_AGGLOMERATION, ylabel="core's share of the mobile factor")
    right.legend()
    return stamp(fig, label)


def _correction(forces: LinkedIndustries, c, digital: float = 0.0, integration: float = 0.0) -> np.ndarray:
    before = forces.misallocation(0.0, digital, integration)
    return before - forces.misallocation(c, digital, integration)


@house_style
def regimes(forces: LinkedIndustries, digital: float, *, label: str) -> "Figure":
    """Where the correction is an inverted U: over barrier and congestion, over elasticity and linkage."""
    from matplotlib.colors import to_rgba
    from matplotlib.patches import Patch

    fig, axes = canvas(3.9, columns=2)
    barrier, congestion = np.linspace(0, 0.6, _CELLS), np.linspace(0, 0.2, _CELLS)
    elasticity, linkage = np.linspace(1.5, 10, _CELLS), np.linspace(0, 0.08, _CELLS)
    _regime_map(axes[0], forces, digital, barrier=barrier, congestion=congestion)
    _regime_map(axes[1], forces, digital, elasticity=elasticity, linkage=linkage)
    axes[0].set(xlabel="barrier β, log points", ylabel="congestion k, elasticity")
    axes[1].set(xlabel="elasticity of substitution σ", ylabel="linkage ℓ, elasticity")
    patches = [
        Patch(facecolor=to_rgba(colour, 0.35), edgecolor=_HATCH, linewidth=0, hatch=hatch, label=name)
        for name, (colour, hatch) in zip(REGIMES, _REGIME_LOOKS, strict=True)
    ]
    fig.legend(handles=patches, loc="outside upper center", ncols=len(patches))
    return stamp(fig, label)


def _regime_map(ax: "Axes", forces: LinkedIndustries, digital: float, **grids: np.ndarray) -> None:
    """Colours and hatching of regimes over two fields; cells of a negative marginal product stay white."""
    from matplotlib.colors import ListedColormap

    (across, xs), (up, ys) = grids.items()
    cells = np.full((len(ys), len(xs)), np.nan)
    for row, y in enumerate(ys):
        for column, x in enumerate(xs):
            try:
                economy = replace(forces, **{across: float(x), up: float(y)})
            except ParameterError:
                continue
            cells[row, column] = REGIMES.index(economy.regime(digital))
    colours = ListedColormap([colour for colour, _ in _REGIME_LOOKS])
    ax.pcolormesh(
        xs, ys, cells, cmap=colours, vmin=-0.5, vmax=len(REGIMES) - 0.5, alpha=0.35, rasterized=True
    )
    for regime, (_, hatch) in enumerate(_REGIME_LOOKS):
        if hatch and (cells == regime).any():
            ax.contourf(xs, ys, cells == regime, levels=[0.5, 1.5], colors="none", hatches=[hatch])
    ax.plot(getattr(forces, across), getattr(forces, up), "o", color=BLACK, markersize=5)
    ax.grid(visible=False)


@house_style
def turning_points(forces: LinkedIndustries, *, label: str) -> "Figure":
    """The turning point over digital technology, and for which strengths it comes later."""
    fig, (left, right) = canvas(3.6, columns=2)
    levels = np.linspace(0, 1, _POINTS)
    for space, colour in zip((0.0, 0.2, 0.5), CYCLE, strict=False):
        economy = replace(forces, digital_space=space)
        turns = [economy.turning_point(level) for level in levels]
        left.plot(levels, turns, color=colour, label=f"κ = {space:g}")
    left.set(xlabel="digital technology d, 0 to 1", ylabel="turning point c*", ylim=(0, 1))
    left.legend(title="relief of congestion")
    strengths = np.linspace(0, 1, _ROOTS)
    shift = [
        [replace(forces, digital_reach=x, digital_space=y).digital_shift() for x in strengths]
        for y in strengths
    ]
    right.contourf(strengths, strengths, shift, levels=[-1e9, 0, 1e9], colors=[ORANGE, GREEN], alpha=0.35)
    for x, y, words in ((0.3, 0.75, "turn comes later"), (0.7, 0.1, "turn comes earlier")):
        right.text(x, y, words, ha="center", va="center", size=9)
    right.plot(forces.digital_reach, forces.digital_space, "o", color=BLACK, markersize=5)
    right.set(xlabel="relief of barriers ρ", ylabel="relief of congestion κ", xlim=(0, 1), ylim=(0, 1))
    right.grid(visible=False)
    return stamp(fig, label)


@house_style
def integration(forces: LinkedIndustries, digital: float, *, label: str) -> "Figure":
    """Misallocation over co-agglomeration at three levels of integration, and what a first unit corrects."""
    fig, (left, right) = canvas(3.6, columns=2)
    c, levels = np.linspace(0, 1, _POINTS), np.linspace(0, 1, _POINTS)
    for level, colour in zip(LEVELS, CYCLE, strict=False):
        size = forces.misallocation(c, digital, level)
        left.plot(c, size, color=colour, label=f"integration {level:g}")
    left.set(xlabel=CO_AGGLOMERATION, ylabel="misallocation, mean |log wedge|", ylim=(0, None))
    left.legend()
    most = 1 / forces.relief - 1
    for diffusion, colour in zip((0.0, most / 2, most), CYCLE, strict=False):
        economy = replace(forces, diffusion=diffusion)
        first = -economy.first_step(digital, levels) / 2
        right.plot(levels, first, color=colour, label=f"ω = {diffusion:.2f}")
    right.axhline(0, color=BLACK, linewidth=0.8)
    right.set(xlabel="integration g, 0 to 1", ylabel="correction by a first unit of c")
    right.legend(title="diffusion", loc="lower left", frameon=True, framealpha=1, edgecolor="none")
    return stamp(fig, label)


@house_style
def neighbours(cases: dict[str, LinkedRegions], digital: float, *, label: str) -> "Figure":
    """Effects of the core's co-agglomeration on its own wedge and its neighbours': one panel, one ring."""
    fig, axes = canvas(3.4, columns=len(cases), sharey=True)
    c = np.linspace(0, 1, _POINTS)
    for ax, (name, regions) in zip(axes, cases.items(), strict=True):
        local, neighbour = effects(regions.path(c, digital), c)
        ax.plot(c, local, color=BLUE, label="local")
        ax.plot(c, neighbour, color=RED, linestyle="--", label="neighbour")
        shared = (local < 0) & (neighbour < 0)
        floor_to_top = ax.get_xaxis_transform()
        ax.fill_between(c, 0, 1, where=shared, transform=floor_to_top, color=GREEN, alpha=0.15, linewidth=0)
        ax.axhline(0, color=BLACK, linewidth=0.8)
        ax.text(0.04, 0.02, name, transform=ax.transAxes, size=9)
        ax.set(xlabel="co-agglomeration c", xlim=(0, 1), xticks=(0, 0.5, 1))
    axes[0].margins(y=0.25)
    axes[0].set_ylabel("effect of c on |log wedge|")
    axes[0].legend(loc="upper left")
    return stamp(fig, label)

"""Figures of quadratic effects and their turning points."""

from typing import TYPE_CHECKING

import numpy as np

from digital_clusters.errors import ParameterError
from digital_clusters.estimators.curves.moving import TurningPath
from digital_clusters.estimators.curves.ratios import ConfidenceSet
from digital_clusters.estimators.curves.turning_points import turning_point, u_test
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.report.style import BLACK, BLUE, GREEN, RED, canvas, house_style, stamp

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_POINTS = 201
_TANGENT = 0.16
"""Length of a tangent, as a share of the range."""


@house_style
def turning_curve(
    estimate: Estimate,
    *,
    linear: str,
    square: str,
    low: float,
    high: float,
    xlabel: str,
    ylabel: str,
    label: str,
    level: float = 0.95,
    truth: float | None = None,
) -> "Figure":
    """The fitted curve over a range, its slopes at both ends and the Fieller set of its turning point.

    The curve is the effect of being at c rather than in the middle of the range, so its pointwise band is
    empty there.

    Parameters
    ----------
    estimate : Estimate
    linear, square : str
        Terms of c and c².
    low, high : float
        Range of c.
    xlabel, ylabel : str
        Name and unit.
    label : str
        Of the data.
    level : float
        Of the band and of the set.
    truth : float, optional
        A planted turning point.
    """
    test = u_test(estimate, linear=linear, square=square, low=low, high=high)
    point = turning_point(estimate, linear=linear, square=square, level=level)
    c = np.linspace(low, high, _POINTS)
    effect, error = _effect(estimate, linear, square, c, middle=(low + high) / 2)
    half = estimate.critical_value(level) * error
    fig, ax = canvas(4.0)
    _shade(ax, point.fieller, low, high, f"turning point, {level:.0%} set: {point.fieller}")
    ax.fill_between(c, effect - half, effect + half, color=BLUE, alpha=0.18, linewidth=0)
    ax.plot(c, effect, color=BLUE, label=f"fitted, with a pointwise {level:.0%} band")
    if test.inside:
        ax.axvline(point.value, color=GREEN, linewidth=1.2, label=f"estimate {point.value:.3g}")
    if truth is not None:
        ax.axvline(truth, color=BLACK, linewidth=1.2, linestyle=":", label=f"planted {truth:.3g}")
    reach = _TANGENT * (high - low)
    for end, way, slope, t, height in zip(
        test.ends, (1, -1), test.slopes, test.t, (effect[0], effect[-1]), strict=True
    ):
        words = f"slope at {end:.3g}: {slope:.3g} (t = {t:.1f})".replace("-", "−")
        ax.plot([end, end + way * reach], [height, height + way * reach * slope], color=RED, label=words)
    ax.set(xlabel=xlabel, ylabel=ylabel, xlim=(low, high))
    fig.legend(loc="outside upper center", ncols=2)
    return stamp(fig, label)


@house_style
def turning_path(
    path: TurningPath,
    *,
    xlabel: str,
    ylabel: str,
    label: str,
    span: tuple[float, float] | None = None,
    truth=None,
) -> "Figure":
    """Turning point over a moderator, with pointwise Fieller sets and the ends of the delta intervals.

    The line is broken where the curvature changes sign.

    Parameters
    ----------
    path : TurningPath
    xlabel, ylabel : str
        Moderator and turning point, with units.
    label : str
        Of the data.
    span : (float, float), optional
        Range of the turning point to draw, such as the sample's range of c, which then is marked; without
        it the figure shows the delta intervals.
    truth : array_like, shape (m,), optional
        Planted turning points at the values of the moderator.
    """
    if path.moderator.size < 2:
        raise ParameterError("a path needs two values of the moderator or more")
    order = np.argsort(path.moderator)
    z = path.moderator[order]
    low, high = _span(path, span)
    fig, ax = canvas(3.8)
    _columns(ax, path, low, high)
    turns = np.flatnonzero(np.diff(np.sign(path.curvature[order]))) + 1
    for number, run in enumerate(np.split(order, turns)):
        words = (f"{path.level:.0%}, delta", "turning point") if not number else (None, None)
        for edge, name in ((path.delta_lower, None), (path.delta_upper, words[0])):
            ax.plot(path.moderator[run], edge[run], color=BLUE, linestyle="--", linewidth=0.9, label=name)
        ax.plot(path.moderator[run], path.value[run], color=BLUE, marker="o", markersize=3.5, label=words[1])
    if truth is not None:
        ax.plot(z, np.asarray(truth, float)[order], color=GREEN, linestyle=":", label="planted")
    if span is not None:
        for end in span:
            ax.axhline(end, color="#888888", linewidth=0.8)
    margin = 0.04 * (high - low)
    ax.set(xlabel=xlabel, ylabel=ylabel, ylim=(low - margin, high + margin))
    fig.legend(loc="outside upper center", ncols=4)
    return stamp(fig, label)


def _effect(estimate: Estimate, linear: str, square: str, c: np.ndarray, middle: float):
    """b1 (c − m) + b2 (c² − m²) and its standard error."""
    weights = np.zeros((c.size, len(estimate.terms)))
    weights[:, estimate.position(linear)] = c - middle
    weights[:, estimate.position(square)] = c**2 - middle**2
    variance = np.einsum("ij,jk,ik->i", weights, estimate.covariance, weights)
    return weights @ estimate.coefficients, np.sqrt(variance.clip(0))


def _shade(ax: "Axes", found: ConfidenceSet, low: float, high: float, words: str) -> None:
    pieces = [(max(a, low), min(b, high)) for a, b in found.pieces if a < high and b > low]
    for number, (left, right) in enumerate(pieces):
        ax.axvspan(left, right, color=GREEN, alpha=0.15, linewidth=0, label=words if not number else None)


def _span(path: TurningPath, span: tuple[float, float] | None) -> tuple[float, float]:
    if span is None:
        return float(path.delta_lower.min()), float(path.delta_upper.max())
    if not span[0] < span[1]:
        raise ParameterError(f"span = {span!r} must be two numbers in ascending order")
    return float(span[0]), float(span[1])


def _columns(ax: "Axes", path: TurningPath, low: float, high: float) -> None:
    """The Fieller set at each value of the moderator, as far as it is within the figure."""
    pieces = [
        (z, max(bottom, low), min(top, high))
        for z, found in zip(path.moderator, path.fieller, strict=True)
        for bottom, top in found.pieces
        if bottom < high and top > low
    ]
    if pieces:
        z, bottom, top = np.array(pieces).T
        width = np.diff(np.sort(path.moderator)).min()
        style = {"color": BLUE, "alpha": 0.18, "linewidth": 0}
        ax.bar(z, top - bottom, bottom=bottom, width=width, label=f"{path.level:.0%}, Fieller", **style)

"""What a figure shows, in words and numbers read off it: the computed part of its text alternative."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from digital_clusters.report.words import power_of_ten

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

LONGEST = 500
"""Characters; what is beyond is left to the caption and the page."""

MOST_POINTS = 8
"""Points of a series that are told one by one."""

MOST_SERIES = 6
UNNAMED = "Estimates"
"""What points are called that no legend names."""

DIGITS = 3


def numbers_drawn(fig: "Figure") -> str:
    """Axes and series of a figure with their numbers, as sentences.

    Series are those with a name in a legend; a series of few points is told point by point, by the words on
    the axis where there are any, a longer one by its ends. Empty for a figure without a named series.

    Parameters
    ----------
    fig : matplotlib.figure.Figure

    Returns
    -------
    str
        At most :data:`LONGEST` characters.
    """
    told = ""
    for ax in fig.axes:
        for sentence in _of_axes(ax):
            if len(told) + len(sentence) + 1 > LONGEST:
                return told
            told = f"{told} {sentence}".strip()
    return told


def _of_axes(ax: "Axes") -> Iterator[str]:
    lines = [line for line in _drawn(ax) if line.get_xdata(orig=False).size]
    pairs = [pair for line in lines if _name(ax, line) == UNNAMED for pair in _by_row(ax, line)]
    series = [line for line in lines if _name(ax, line) != UNNAMED or not _by_row(ax, line)][:MOST_SERIES]
    bars = list(_of_bars(ax))[:MOST_SERIES]
    if not series and not bars and not pairs:
        return
    names = {"horizontal": _plain(ax.get_xlabel()), "vertical": _plain(ax.get_ylabel())}
    if axes := [f"{way} {name}" for way, name in names.items() if name]:
        yield f"Axes: {', '.join(axes)}."
    yield from bars
    if pairs:
        yield f"{UNNAMED}: {', '.join(pairs[:MOST_POINTS])}."
    for line in series:
        yield _of_series(ax, line)


def _drawn(ax: "Axes") -> Iterator["Line2D"]:
    """Named lines, and the points of named estimates with intervals."""
    containers = {bars.lines[0]: bars.get_label() for bars in ax.containers if getattr(bars, "lines", None)}
    for line in ax.get_lines():
        name = str(containers.get(line, line.get_label()))
        if line in containers or not name.startswith("_"):
            yield line


def _of_series(ax: "Axes", line: "Line2D") -> str:
    x, y = _points(line)
    name = _name(ax, line)
    if line.get_linestyle() != "None" and _is_reference(x, y):
        place = x[0] if x[0] == x[1] else y[0]
        return f"{name}." if any(map(str.isdigit, name)) else f"{name}, at {_number(place)}."
    if pairs := _by_row(ax, line):
        return f"{name}: {', '.join(pairs)}."
    if x.size <= MOST_POINTS:
        return f"{name}: {', '.join(_at(a, b) for a, b in zip(x, y, strict=True))}."
    known = np.flatnonzero(np.isfinite(y))
    if not known.size:
        return f"{name}."
    first, last = known[[0, -1]]
    return f"{name}: from {_at(x[first], y[first])} to {_at(x[last], y[last])}."


def _by_row(ax: "Axes", line: "Line2D") -> list[str]:
    """Each point with the words of its row, where rows have words and are not too many."""
    x, y = _points(line)
    rows = _words_of_ticks(ax, y)
    if not rows or len(rows) > 2 * MOST_POINTS:
        return []
    return [f"{row} {_number(value)}" for row, value in zip(rows, x, strict=True)]


def _points(line: "Line2D") -> tuple[np.ndarray, np.ndarray]:
    return np.asarray(line.get_xdata(orig=False), float), np.asarray(line.get_ydata(orig=False), float)


def _is_reference(x: np.ndarray, y: np.ndarray) -> bool:
    """Whether a line stands upright or lies level between two points."""
    return x.size == 2 and bool((x[0] == x[1]) != (y[0] == y[1]))


def _of_bars(ax: "Axes") -> Iterator[str]:
    """Bars that have words beside them, with their lengths."""
    for bars in ax.containers:
        patches = getattr(bars, "patches", None) or []
        middles = [patch.get_y() + patch.get_height() / 2 for patch in patches]
        rows = _words_of_ticks(ax, middles)
        if rows and len(rows) <= 2 * MOST_POINTS:
            pairs = [f"{row} {_number(patch.get_width())}" for row, patch in zip(rows, patches, strict=True)]
            name = str(bars.get_label())
            yield f"{'Bars' if name.startswith('_') else _plain(name)}: {', '.join(pairs)}."


def _name(ax: "Axes", line: "Line2D") -> str:
    for bars in ax.containers:
        if (
            getattr(bars, "lines", None)
            and bars.lines[0] is line
            and not str(bars.get_label()).startswith("_")
        ):
            return _plain(str(bars.get_label()))
    name = str(line.get_label())
    if name.startswith("_"):
        return UNNAMED
    legend = ax.get_legend()
    title = legend.get_title().get_text() if legend is not None else ""
    # a legend of numbers has its words in the title
    return _plain(f"{title} {name}" if title and not any(map(str.isalpha, name)) else name)


def _words_of_ticks(ax: "Axes", at: Sequence[float]) -> list[str]:
    """The words beside the points of a vertical axis that has words and no numbers; else none.

    Marks of several series stand side by side: a point has the words of the nearest tick, if that is nearer
    than half the way to the next.
    """
    ticks = np.asarray(ax.get_yticks(), float)
    labels = [_plain(label.get_text()) for label in ax.get_yticklabels()]
    if not labels or len(labels) != len(ticks):
        return []
    reach = np.diff(np.sort(ticks)).min() / 2 if len(ticks) > 1 else 0.5
    apart = np.abs(np.asarray(at, float)[:, None] - ticks)
    words = [labels[k] if row[k] < reach else "" for row, k in zip(apart, apart.argmin(axis=1), strict=True)]
    return words if words and all(any(map(str.isalpha, word)) for word in words) else []


def _at(x: float, y: float) -> str:
    return f"{_number(y)} at {_number(x)}"


def _number(value: float) -> str:
    if not np.isfinite(value):
        return "none"
    value += 0.0  # no negative zero
    whole = 1000 <= abs(value) < 1e6
    text = f"{value:.0f}" if whole else f"{value:.{DIGITS}g}"
    return power_of_ten(value, DIGITS) if "e" in text else text.replace("-", "−")


def _plain(text: str) -> str:
    return " ".join(text.replace("$", "").split())

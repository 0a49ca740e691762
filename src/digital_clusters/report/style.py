"""House style of the book's figures: colours, sizes, and the stamp that names the data."""

import re
from collections.abc import Callable
from functools import wraps
from itertools import cycle
from typing import TYPE_CHECKING, ParamSpec

from digital_clusters.errors import ParameterError
from digital_clusters.report.spoken.numbers import numbers_drawn

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.contour import ContourSet
    from matplotlib.figure import Figure

P = ParamSpec("P")

# Okabe & Ito (2008), distinguishable with the common kinds of colour blindness and in grey.
BLACK, ORANGE, SKY, GREEN, BLUE, RED, PURPLE = (
    "#222222",
    "#E69F00",
    "#56B4E9",
    "#009E73",
    "#0072B2",
    "#D55E00",
    "#CC79A7",
)
CYCLE = (BLUE, RED, GREEN, PURPLE, ORANGE, SKY, BLACK)

SERIES = {
    "published": (BLACK, "s"),
    "synthetic twin": (BLUE, "o"),
    "public data": (RED, "^"),
    "your own data": (PURPLE, "v"),
    "truth": (GREEN, "D"),
}
"""Colour and marker of each kind of number, the same in every figure."""

DASHES = ("-", (0, (5, 1.6)), (0, (1, 1.2)), (0, (6, 1.5, 1, 1.5)), (0, (3, 1, 1, 1, 1, 1)), (0, (9, 2)))
"""Line styles in the order in which lines of one figure take them: none rests on its colour alone."""

DESCRIBED = "described: "
"""Before what a figure shows in words and numbers, in the name of its drawing's outermost group."""

WIDTH = 7.0
"""Inches; the text column of the book is about 750 px wide."""

PHONE_WIDTH = 3.6
"""Inches of a second drawing for the screen of a phone, whose text column is about 340 px wide."""

_STYLE = {
    "figure.dpi": 150,
    "figure.constrained_layout.use": True,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.edgecolor": "#666666",
    "axes.labelsize": 10,
    "axes.titlesize": 10,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.7,
    "font.size": 10,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.fontsize": 9,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "hatch.color": "#444444",
    "hatch.linewidth": 0.8,
    "svg.hashsalt": "digital-clusters",
}

_STAMP_MARGIN, _STAMP_FOOT = 0.22, 0.04
"""Inches kept free below the axes for the stamp, and of them below it."""

_ROOM_OF_LEVELS = 0.07
"""Share of width and height that the level of a contour keeps from the frame."""

_ASCII_MINUS = re.compile(r"(?<![\w)\]-])-(?=\.?\d)")
"""A hyphen before a number that nothing stands before: a minus sign."""


def house_style(draw: Callable[P, "Figure"]) -> Callable[P, "Figure"]:
    """Draw in the house style, with lines that differ in more than colour; leave nothing behind in pyplot.

    The figure carries what it shows in words, for its text alternative. It is closed in pyplot, so that a
    notebook that returns it shows it once.
    """

    @wraps(draw)
    def styled(*args: P.args, **kwargs: P.kwargs) -> "Figure":
        import matplotlib.pyplot as plt

        with plt.rc_context(_STYLE | {"axes.prop_cycle": plt.cycler(color=CYCLE)}):
            before = set(plt.get_fignums())
            try:
                fig = draw(*args, **kwargs)
                for ax in fig.axes:
                    tell_lines_apart(ax)
                write_minus_signs(fig)
                # drawings keep it as the name of their outermost group, where the built pages find it
                fig.set_gid(f"{DESCRIBED}{numbers_drawn(fig)}")
                return fig
            finally:
                for number in set(plt.get_fignums()) - before:
                    plt.close(number)

    return styled


def canvas(
    height: float, rows: int = 1, columns: int = 1, *, width: float = WIDTH, **options
) -> tuple["Figure", "Axes"]:
    """An empty figure, by default as wide as the text, and its axes."""
    import matplotlib.pyplot as plt

    return plt.subplots(rows, columns, figsize=(width, height), **options)


def name_axes_once(axes: "np.ndarray", x: str, y: str) -> None:
    """Name the x axis of the lowest figure of each column and the y axis of the first one of each row.

    Parameters
    ----------
    axes : numpy.ndarray of matplotlib.axes.Axes, shape (rows, columns)
        Those that are switched off are passed over.
    """
    for column in axes.T:
        lowest = [ax for ax in column if ax.axison][-1]
        lowest.tick_params(labelbottom=True)
        lowest.set_xlabel(x)
    for row in axes:
        row[0].set_ylabel(y)


def tell_lines_apart(ax: "Axes") -> None:
    """Give solid lines without markers that differ in colour alone a style each, in the legends too."""
    plain = [line for line in ax.get_lines() if _is_plain(line)]
    if len({line.get_color() for line in plain}) < 2:
        return
    fig = ax.get_figure()
    legends = [*fig.legends, *(legend for one in fig.axes if (legend := one.get_legend()) is not None)]
    for line, dashes in zip(plain, cycle(DASHES), strict=False):
        line.set_linestyle(dashes)
        for legend in legends:
            for handle, text in zip(legend.legend_handles, legend.get_texts(), strict=True):
                if text.get_text() == line.get_label() and hasattr(handle, "set_linestyle"):
                    handle.set_linestyle(dashes)


def name_levels(
    ax: "Axes",
    drawn: "ContourSet",
    fmt: "Callable[[float], str] | str | None" = None,
    near: tuple[float, float] = (0.75, 0.35),
) -> None:
    """Write the levels of contours where their lines pass a place; none where the frame would cut it.

    To be called once the limits of the axes, which are linear, are set.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    drawn : matplotlib.contour.ContourSet
    fmt : callable or str, optional
        As for ``clabel``.
    near : (float, float)
        Shares of width and height.
    """
    import numpy as np

    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    corner, size = np.array([left, low]), np.array([right - left, high - low])
    places = []
    for path in drawn.get_paths():
        at = (path.vertices - corner) / size
        inside = at[(np.abs(at - 0.5) < 0.5 - _ROOM_OF_LEVELS).all(axis=1)]
        if inside.size:
            closest = inside[((inside - near) ** 2).sum(axis=1).argmin()]
            places.append(tuple(corner + size * closest))
    if places:
        ax.clabel(drawn, fmt=fmt, fontsize=8, manual=places)


def colour_bar(fig: "Figure", points: "ScalarMappable", axes, label: str, **options) -> None:
    """A bar of colours beside axes, in the drawing and not as a picture within it.

    The dark theme exchanges the colours of drawings: those of a picture would stay, and say something else
    than the points.
    """
    bar = fig.colorbar(points, ax=axes, label=label, **options)
    bar.solids.set_rasterized(False)
    bar.solids.set_edgecolor("face")


def write_minus_signs(fig: "Figure") -> None:
    """Write the hyphen before a number as a minus sign, in all words of a figure but formulas."""
    from matplotlib.text import Text

    for text in fig.findobj(Text):
        words = text.get_text()
        if "-" in words and "$" not in words:
            text.set_text(_ASCII_MINUS.sub("−", words))


def _is_plain(line) -> bool:
    named = not str(line.get_label()).startswith("_")
    return named and line.get_linestyle() == "-" and line.get_marker() in (None, "None", "", " ")


def stamp(fig: "Figure", label: str) -> "Figure":
    """Write the label of the data at the lower right, below everything else.

    An invisible frame keeps a figure at its full width where it is cropped to what is drawn, as notebooks
    do: all figures of a page then have letters of one size.

    Raises
    ------
    ParameterError
        If the label is empty: a figure must say what it was made from.
    """
    if not label:
        raise ParameterError("a figure needs the label of its data, such as 'synthetic twin'")
    from matplotlib.patches import Rectangle

    height = fig.get_size_inches()[1]
    margin = _STAMP_MARGIN / height
    engine = fig.get_layout_engine()
    if engine is not None:
        engine.set(rect=(0, margin, 1, 1 - margin))
    frame = Rectangle((0, 0), 1, 1, transform=fig.transFigure, facecolor="none", edgecolor="none")
    fig.add_artist(frame)
    fig.text(
        0.995,
        _STAMP_FOOT / height,
        label,
        ha="right",
        va="bottom",
        size=8.5,
        style="italic",
        color="#555555",
        gid="data-label",
    )
    return fig


def series(label: str) -> tuple[str, str]:
    """Colour and marker of a kind of number; blue circles for one without its own."""
    return SERIES.get(label, (BLUE, "o"))

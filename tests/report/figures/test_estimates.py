import io
import re

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from digital_clusters.analysis.published import PrintedTerm
from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.pipeline.site.pictures import dark_palette
from digital_clusters.report import figures
from digital_clusters.report.compare import Row
from digital_clusters.report.figures import Edge, Node
from digital_clusters.report.figures.estimates import NORMAL_95, differences_figure
from digital_clusters.report.figures.monte_carlo import wilson_limits
from digital_clusters.report.spoken.numbers import numbers_drawn
from digital_clusters.report.style import WIDTH
from digital_clusters.studies.industrial_upgrading import figures_of_theory
from digital_clusters.theory.regions.growth_pole import GrowthPole

LABEL = "synthetic twin"
RANDOM = np.random.default_rng(11)


def estimate(value, error=0.03):
    return Estimate(("uil",), [value], [[error**2]], 2783, method="double_machine_learning", errors="robust")


def rows():
    printed = PrintedTerm(term="uil", coefficient="-0.099", standard_error="0.035", stars="***")
    first = Row("Table 2 (2)", "uil", printed, 2783, estimate(-0.1), estimate(-0.2), truth=-0.04)
    second = Row(
        "Table 4 (4)", "uil", printed, 2783, estimate(-0.08), public_note="no data", term_label="UIL"
    )
    return [first, second]


def simple_diagram(**changes):
    nodes = {"d": Node(0, 0, "cause", "treatment"), "y": Node(2, 0, "effect", "outcome")}
    nodes |= {"m": Node(1, 1, "condition", "moderator"), "u": Node(1, -1, "unknown", "unobserved")}
    edges = [Edge("d", "y", "H1"), Edge("m", ("d", "y"), "H4"), Edge("u", "y", dashed=True, bend=0.2)]
    return figures.causal_diagram(nodes, changes.get("edges", edges), label=LABEL)


FRAME = pd.DataFrame({"year": np.repeat(range(2011, 2022), 30), "gini": RANDOM.beta(4, 6, 330)})
GRID = np.linspace(-1, 1, 9)
DRAWS = pd.DataFrame(
    {
        "method": ["a", "b"],
        "bias": [-0.2, 0.01],
        "spread": [0.03, 0.05],
        "coverage": [0.0, 0.94],
        "draws": 100,
    }
)

DRAWINGS = {
    "coefficients": lambda: figures.coefficients(rows(), xlabel="Gini per unit of UIL", label=LABEL),
    "marginal_effect": lambda: figures.marginal_effect(
        GRID,
        -GRID,
        -GRID - 1,
        -GRID + 1,
        xlabel="index points",
        ylabel="effect",
        label=LABEL,
        observed=GRID,
        truth=GRID,
    ),
    "residual_scatter": lambda: figures.residual_scatter(
        -0.5 * GRID, GRID, xlabel="UIL, residual", ylabel="Gini, residual", label=LABEL
    ),
    "split_spread": lambda: figures.split_spread(
        [-0.1, -0.12, -0.09], 0.03, xlabel="coefficient", label=LABEL, published=-0.099
    ),
    "forest": lambda: figures.forest(
        {"one": estimate(-0.1), "two": estimate(0.1)},
        "uil",
        xlabel="coefficient",
        label=LABEL,
        published=(-0.099, 0.035),
        truth=-0.04,
    ),
    "sensitivity_contour": lambda: figures.sensitivity_contour(
        -0.1, 1.2, 0.08, label=LABEL, benchmarks={"GDP": (0.1, 0.05)}
    ),
    "monte_carlo": lambda: figures.monte_carlo(DRAWS, xlabel="Gini per unit of UIL", label=LABEL),
    "histogram": lambda: figures.histogram(FRAME["gini"], xlabel="Gini", label=LABEL, reference=0.407),
    "trend": lambda: figures.trend(FRAME, "gini", ylabel="Gini", label=LABEL),
    "binned_scatter": lambda: figures.binned_scatter(
        FRAME["gini"], FRAME["gini"], xlabel="x", ylabel="y", label=LABEL, bins=10
    ),
    "city_map": lambda: figures.city_map(
        [100, 110, 120], [20, 30, 40], [1, 2, np.nan], value_label="Gini", label=LABEL
    ),
    "lorenz_curves": lambda: figures.lorenz_curves({"Nanhu 2011": [0, 0, 1, 3]}, label=LABEL),
    "causal_diagram": simple_diagram,
    "correlations": lambda: figures.correlations(
        FRAME[["gini", "year"]].corr(), FRAME[["gini", "year"]].corr(), label=LABEL
    ),
    "growth_pole": lambda: figures_of_theory.growth_pole(GrowthPole(), label=LABEL),
    "leftover_bars": lambda: figures.leftover_bars(
        pd.DataFrame({"way": ["a", "b"], "share": [0.5, 0.1], "noise": [0.09, 0.09]}), label=LABEL
    ),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_every_figure_is_stamped_drawn_whole_and_forgotten_by_pyplot(name):
    before = dict(plt.rcParams)
    fig = DRAWINGS[name]()
    assert plt.get_fignums() == []
    assert dict(plt.rcParams) == before
    assert [text.get_text() for text in fig.texts if text.get_gid() == "data-label"] == [LABEL]
    assert fig.get_figwidth() == WIDTH and fig.dpi == 150
    file = io.BytesIO()
    fig.savefig(file, format="png", bbox_inches="tight")
    height, width = plt.imread(io.BytesIO(file.getvalue())).shape[:2]
    assert width >= WIDTH * 150 and height >= fig.get_figheight() * 150
    words = [text.get_text() for text in fig.findobj(Text)]
    assert not [text for text in words if "$" not in text and re.search(r"(?<!\w)-\.?\d", text)]
    if name not in ("causal_diagram", "correlations"):
        main = fig.axes[0]
        assert main.get_xlabel() and (main.get_ylabel() or len(main.get_yticklabels()) > 1)


def test_a_hyphen_before_a_number_is_written_as_a_minus_sign_and_other_hyphens_stay():
    fig = figures.forest(
        {"one": estimate(-0.1)}, "uil", xlabel="from -0.5, in 2011-2021 (-.2), x-1", label=LABEL
    )
    assert fig.axes[0].get_xlabel() == "from −0.5, in 2011-2021 (−.2), x-1"


def test_families_of_differences_have_a_marker_each():
    table = pd.DataFrame({"words": ["a"], "value": [0.1], "low": [0.0], "high": [0.2]})
    fig = differences_figure({"with it": table, "without": table}, label=LABEL)
    assert [bars.lines[0].get_marker() for bars in fig.axes[0].containers] == ["o", "s"]


def test_every_public_drawing_is_tried():
    assert set(DRAWINGS) == (set(figures.__all__) | {"growth_pole"}) - {"Edge", "Node", "stamp"}


def test_a_figure_must_name_its_data():
    with pytest.raises(ParameterError, match="label"):
        figures.histogram([1, 2, 3], xlabel="x", label="")
    assert plt.get_fignums() == []


def test_scatter_shows_the_slope_of_the_partially_linear_model():
    fig = DRAWINGS["residual_scatter"]()
    assert fig.axes[0].get_legend_handles_labels()[1] == ["slope −0.500"]


def test_scatter_takes_the_slope_apart_into_between_and_within():
    cities = np.repeat([1, 2], 3)
    treatment = np.array([-3.0, -2, -1, 1, 2, 3])
    means = np.repeat([-2.0, 2.0], 3)
    outcome = 3 * means - 0.5 * (treatment - means)  # up between the cities, down within each
    fig = figures.residual_scatter(outcome, treatment, xlabel="x", ylabel="y", label=LABEL, groups=cities)
    all_of_it = (treatment @ outcome) / (treatment @ treatment)
    assert fig.axes[0].get_legend_handles_labels()[1] == [
        f"all city-years: slope {all_of_it:.3f}",
        "between means of cities: slope 3.000",
        "within cities: slope −0.500",
    ]


@pytest.mark.parametrize("share", [0.0, 0.5, 0.98, 1.0])
@pytest.mark.parametrize("count", [5, 200])
def test_limits_of_a_coverage_stay_where_a_share_can_be(share, count):
    low, high = wilson_limits(share, count)
    assert 0 <= low <= share <= high <= 1
    assert high - low > 0
    # the limits are the shares at which the observed one is 1.96 standard errors away
    for limit in (low, high):
        if 0 < limit < 1:
            assert abs(share - limit) / np.sqrt(limit * (1 - limit) / count) == pytest.approx(NORMAL_95)


def test_lines_of_a_figure_differ_in_more_than_colour_and_the_legend_says_so():
    fig = figures.lorenz_curves({"one": [0, 1], "two": [1, 2], "three": [1, 5]}, label=LABEL)
    drawn = {
        line.get_label(): (line._dash_pattern, line.get_color())
        for line in fig.axes[0].get_lines()
        if line.get_label() != "equal shares"
    }
    assert len({str(dashes) for dashes, _ in drawn.values()}) == len(drawn) == 3
    (legend,) = fig.legends
    told = {text.get_text(): handle for handle, text in zip(legend.legend_handles, legend.texts, strict=True)}
    for name, (dashes, colour) in drawn.items():
        assert told[name].get_color() == colour
        assert (told[name].get_linestyle() == "-") == (dashes[1] is None)


def test_each_form_of_a_correlation_is_on_its_side_of_the_diagonal():
    names = ["a", "b"]
    overall = pd.DataFrame([[1, 0.8], [0.8, 1]], names, names)
    within = pd.DataFrame([[1, -0.1], [-0.1, 1]], names, names)
    fig = figures.correlations(overall, within, label=LABEL)
    written = {text.get_position(): text.get_text() for text in fig.axes[0].texts}
    assert written == {(0, 1): "0.80", (1, 0): "−0.10"}


def test_coefficients_are_where_they_belong():
    fig = DRAWINGS["coefficients"]()
    drawn = {bars.get_label(): bars.lines[0].get_xdata().tolist() for bars in fig.axes[0].containers}
    assert drawn == {  # the second row has no public estimate and no truth
        "published": [-0.099, -0.099],
        "synthetic twin": [-0.1, -0.08],
        "public data": [-0.2],
        "truth": [-0.04],
    }


def test_contour_of_zero_passes_through_the_robustness_value():
    q = 0.1 / 1.2
    robustness = 0.5 * (np.sqrt(q**4 + 4 * q**2) - q**2)
    fig = figures.sensitivity_contour(-0.1, 1.2, robustness, label=LABEL)
    zero = fig.axes[0].collections[-1]
    points = np.vstack([path.vertices for path in zero.get_paths()])
    assert np.abs(points - robustness).sum(axis=1).min() < 2 * 0.5 / 200  # a cell of the grid


def test_the_bar_of_colours_changes_with_its_points_in_the_dark():
    fig = figures.city_map([100, 110, 120], [20, 30, 40], [1, 2, 3], value_label="Gini", label=LABEL)
    file = io.StringIO()
    fig.savefig(file, format="svg")
    light, dark = file.getvalue(), dark_palette(file.getvalue())
    assert "<image" not in light
    highest = "#fde725"  # of viridis
    assert light.count(highest) >= 2 and highest not in dark


def test_no_level_of_a_contour_is_cut_by_the_frame():
    fig = figures.sensitivity_contour(-0.1, 1.2, 0.08, label=LABEL)
    fig.draw_without_rendering()
    (ax,) = fig.axes
    frame = ax.get_window_extent()
    shown = [text for text in ax.texts if text.get_visible()]
    assert len(shown) > 3 and "zero" in {text.get_text() for text in shown}
    for text in shown:
        box = text.get_window_extent()
        assert frame.x0 <= box.x0 and box.x1 <= frame.x1
        assert frame.y0 <= box.y0 and box.y1 <= frame.y1


def test_lorenz_curve_by_hand():
    line = DRAWINGS["lorenz_curves"]().axes[0].lines[1]
    assert line.get_xdata() == pytest.approx([0, 0.25, 0.5, 0.75, 1])
    assert line.get_ydata() == pytest.approx([0, 0, 0, 0.25, 1])
    assert "Gini 0.62" in line.get_label()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: figures.histogram([np.nan], xlabel="x", label=LABEL), DataError, "no value"),
        (
            lambda: figures.lorenz_curves({"dark": [0, 0]}, label=LABEL),
            DataError,
            "dark: every value is zero",
        ),
        (
            lambda: figures.trend(FRAME, "gini", ylabel="y", label=LABEL, band=(0.9, 0.1)),
            ParameterError,
            "ascending",
        ),
        (lambda: figures.coefficients([], xlabel="x", label=LABEL), ParameterError, "at least one"),
        (lambda: simple_diagram(edges=[Edge("d", "y"), Edge("y", "d")]), ParameterError, "circle"),
        (lambda: simple_diagram(edges=[Edge("d", "z")]), ParameterError, "names no node: z"),
        (lambda: simple_diagram(edges=[Edge("m", ("d", "y"))]), ParameterError, "no arrow of the diagram"),
        (lambda: Node(0, 0, "x", "cause"), ParameterError, "treatment, outcome"),
    ],
)
def test_what_cannot_be_drawn_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()
    assert plt.get_fignums() == []


def test_the_words_of_an_arrow_keep_off_the_boxes():
    """One line of them would run into both boxes; two lines do not, and short words stay in one."""
    nodes = {"x": figures.Node(0, 0, "a long name\nin a box"), "y": figures.Node(1.2, 0, "y")}
    nodes["z"] = figures.Node(3.4, 0, "z")
    edges = [figures.Edge("x", "y", "corrects, then worsens"), figures.Edge("y", "z", "costs")]
    figure = figures.causal_diagram(nodes, edges, label=LABEL)
    figure.draw_without_rendering()
    words = {text.get_text(): text for text in figure.axes[0].texts}
    wrapped = words["corrects,\nthen worsens"].get_window_extent()
    boxes = [words[node.text].get_bbox_patch().get_window_extent() for node in nodes.values()]
    assert "costs" in words and not any(wrapped.overlaps(box) for box in boxes)


def test_a_plot_of_coefficients_is_told_by_series_and_row():
    told = numbers_drawn(figures.coefficients(rows(), xlabel="Gini per unit of UIL", label=LABEL))
    first, second = "Table 2 (2) uil", "Table 4 (4) UIL"
    assert f"published: {first} −0.099, {second} −0.099." in told
    assert f"synthetic twin: {first} −0.1, {second} −0.08." in told
    assert f"public data: {first} −0.2. truth: {first} −0.04." in told
    assert "Estimates" not in told

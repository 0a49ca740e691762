"""The computed part of text alternatives: its numbers are those that are drawn."""

import io

import numpy as np
import pandas as pd

from digital_clusters.pipeline.site.pictures import numbers_of
from digital_clusters.report.figures import trend
from digital_clusters.report.spoken.numbers import LONGEST, numbers_drawn
from digital_clusters.report.style import canvas, house_style, stamp


@house_style
def drawn(*lines, words=(), reference=None, bars=()):
    fig, ax = canvas(3.0)
    for name, x, y in lines:
        ax.plot(x, y, label=name)
    if reference is not None:
        ax.axvline(reference, label="planted")
    if len(bars):
        ax.barh(range(len(bars)), bars)
    if words:
        ax.set_yticks(range(len(words)), words)
    ax.set(xlabel="years since $t$", ylabel="effect")
    return stamp(fig, "synthetic twin")


def test_long_series_are_told_by_their_ends_and_short_ones_by_their_points():
    x = np.arange(30.0)
    told = numbers_drawn(drawn(("falls", x, -x / 4), ("short", [0, 1], [2.0, 3.5])))
    assert told.startswith("Axes: horizontal years since t, vertical effect.")
    assert "falls: from 0 at 0 to −7.25 at 29." in told and "short: 2 at 0, 3.5 at 1." in told


def test_what_is_missing_is_passed_over_and_what_has_no_name_is_not_told():
    told = numbers_drawn(drawn(("a", np.arange(12.0), [np.nan, *np.arange(11.0)]), ("_b", [0, 1], [5, 6])))
    assert "a: from 0 at 1 to 10 at 11." in told and "5 at 0" not in told
    assert numbers_drawn(drawn(("_b", [0, 1], [5, 6]))) == ""


def test_rows_are_told_by_their_words():
    told = numbers_drawn(
        drawn(("effect", [0.1, -0.2, 0.3], [0, 1, 2]), words=("one", "two", "three"), reference=0.5)
    )
    assert "effect: one 0.1, two −0.2, three 0.3." in told and "planted, at 0.5." in told
    bars = numbers_drawn(drawn(words=("low", "high"), bars=[0.25, 0.75]))
    assert "Bars: low 0.25, high 0.75." in bars


def test_marks_side_by_side_have_the_words_of_their_row():
    told = numbers_drawn(
        drawn(("paper", [0.1, -0.2], [-0.24, 0.76]), ("public", [0.5], [1.24]), words=("one", "two"))
    )
    assert "paper: one 0.1, two −0.2. public: two 0.5." in told
    between = numbers_drawn(drawn(("paper", [0.1, -0.2], [0.5, 1]), words=("one", "two")))
    assert "paper: 0.5 at 0.1, 1 at −0.2." in between


def test_points_that_no_legend_names_are_one_series():
    fig = drawn(words=("one", "two", "three"))
    for row, value in enumerate((0.1, -0.2, 0.3)):
        fig.axes[0].errorbar(value, row, xerr=[[0.1], [0.1]], fmt="o")
    assert "Estimates: one 0.1, two −0.2, three 0.3." in numbers_drawn(fig)


def test_numbers_in_a_legend_are_told_with_its_title():
    fig = drawn(("0.5", [0, 1], [2.0, 3.5]))
    fig.axes[0].legend(title="psychological distance")
    assert "psychological distance 0.5: 2 at 0, 3.5 at 1." in numbers_drawn(fig)


def test_it_ends_in_time():
    many = [
        (f"a series with a rather long name, number {k}", np.arange(8.0), np.arange(8.0)) for k in range(6)
    ]
    assert 0 < len(numbers_drawn(drawn(*many))) <= LONGEST


def test_a_drawing_carries_it_to_the_page(tmp_path):
    frame = pd.DataFrame({"year": [2010, 2011] * 5, "x": np.arange(10.0)})
    fig = trend(frame, "x", ylabel='light < dark & "bright"', label="synthetic twin")
    file = tmp_path / "figure.svg"
    text = io.BytesIO()
    fig.savefig(text, format="svg")
    file.write_bytes(text.getvalue())
    assert numbers_of(file) == numbers_drawn(fig)
    assert "mean: 4 at 2010, 5 at 2011." in numbers_of(file)

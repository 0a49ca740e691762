import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba

from digital_clusters.errors import ParameterError
from digital_clusters.estimators.did.balance import balance
from digital_clusters.estimators.did.decomposition import goodman_bacon
from digital_clusters.estimators.did.staggered import group_time_effects
from digital_clusters.report.figures.matching import (
    KINDS,
    bacon_scatter,
    group_time,
    love_plot,
    propensity_overlap,
)

LABEL = "synthetic twin"


def stamped(fig):
    assert [t.get_text() for t in fig.texts if t.get_gid() == "data-label"] == [LABEL]
    fig.draw_without_rendering()
    return fig.axes[0]


def by_label(ax):
    return dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))


@pytest.fixture(scope="module")
def panel():
    rng = np.random.default_rng(0)
    adoption = np.repeat([2001.0, 2004, 2006, 2008, np.nan], [4, 6, 5, 7, 20])
    entity, time = np.repeat(np.arange(42), 10), np.tile(np.arange(2001, 2011), 42)
    y = rng.normal(size=420) + (time >= adoption[entity])
    return y, {"entity": entity, "time": time, "adoption": adoption[entity]}


def test_love_plot_shows_both_differences_by_size():
    rng = np.random.default_rng(1)
    treated = np.arange(60) < 20
    x = rng.normal(size=(60, 3)) + treated[:, None] * [0.1, -6, 1]
    table = balance(x, treated, rng.uniform(0.1, 1, 60), terms=["a", "b", "c"])
    ax = stamped(love_plot(table, label=LABEL))
    size = 100 * table.abs().loc[["b", "c", "a"]]
    handles = by_label(ax)
    for when in ("before", "after"):
        shown = handles[f"{when} matching"].get_xdata()
        assert list(shown) == pytest.approx(size[f"difference_{when}"].tolist())
    assert [t.get_text() for t in ax.get_yticklabels()] == ["b", "c", "a"]
    assert list(handles["10 %"].get_xdata()) == pytest.approx([10, 10])
    with pytest.raises(ParameterError, match="at least one covariate"):
        love_plot(table.iloc[:0], label=LABEL)


def test_overlap_mirrors_the_groups():
    score, treated = np.array([0.12, 0.18, 0.33, 0.05, 0.12, 0.12]), np.array([1, 1, 1, 0, 0, 0])
    ax = stamped(propensity_overlap(score, treated, bins=7, weights=[1, 1, 1, 0, 3, 0], label=LABEL))
    handles = by_label(ax)
    shown = {name: patch.get_data().values for name, patch in handles.items()}
    assert shown["treated"].sum() == pytest.approx(100)
    assert shown["untreated"].sum() == pytest.approx(-100)
    assert shown["untreated"].tolist() == pytest.approx([0, -100 / 3, -200 / 3, 0, 0, 0, 0])
    assert shown["untreated, weighted"].tolist() == pytest.approx([0, 0, -100, 0, 0, 0, 0])
    assert ax.get_xlim() == (0, pytest.approx(0.35))


def test_group_time_has_a_panel_for_each_cohort(panel):
    y, keys = panel
    effects = group_time_effects(y, **keys)
    fig = group_time(effects, ylabel="log points", label=LABEL)
    stamped(fig)
    shown = [ax for ax in fig.axes if ax.get_visible()]
    assert [ax.texts[0].get_text() for ax in shown] == [
        "adopts in 2004 (6 units)",
        "adopts in 2006 (5 units)",
        "adopts in 2008 (7 units)",
    ]
    assert [ax.get_xlabel() for ax in shown] == ["", "period", "period"]
    for ax, cohort in zip(shown, (2004, 2006, 2008), strict=True):
        cells = effects.cells.query("group == @cohort")
        before, since = (c.lines[0] for c in ax.containers)
        assert list(before.get_xdata()) == [t for t in cells["time"] if t < cohort]
        assert list(since.get_ydata()) == cells.query("time >= @cohort")["effect"].tolist()


def test_bacon_scatter_marks_every_comparison(panel):
    y, keys = panel
    found = goodman_bacon(y, **keys)
    ax = stamped(bacon_scatter(found, ylabel="log points", label=LABEL))
    points = pd.concat(
        [
            pd.DataFrame({"kind": kind, "weight": line.get_xdata(), "estimate": line.get_ydata()})
            for kind, (colour, marker, _) in KINDS.items()
            for line in ax.lines
            if line.get_marker() == marker and to_rgba(line.get_color()) == to_rgba(colour)
        ]
    )
    assert len(points) == len(found.comparisons) == 12
    merged = found.comparisons.assign(weight=100 * found.comparisons["weight"])
    for kind, part in merged.groupby("kind"):
        drawn = points[points["kind"] == kind]
        assert sorted(drawn["weight"]) == pytest.approx(sorted(part["weight"]))
        assert sorted(drawn["estimate"]) == pytest.approx(sorted(part["estimate"]))
    words = ax.get_legend_handles_labels()[1]
    assert words[0] == f"two-way estimate {found.estimate:.3f}"
    assert sum("of the weight" in w for w in words) == 4

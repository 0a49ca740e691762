import io
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.panel.instrumental import instrumental_variables
from digital_clusters.estimators.panel.mediation import mediation
from digital_clusters.estimators.resampling.permutation import PermutationTest
from digital_clusters.report.figures import designs as figures
from digital_clusters.report.style import GREEN, RED, WIDTH

LABEL = "synthetic twin"
SAME = 1e-9  # relative; numbers are drawn as they came

RANDOM = np.random.default_rng(3)
ENTITY, TIME = np.divmod(np.arange(200), 5)
KEYS = {"entity": ENTITY, "time": TIME, "terms": ["d"]}
STRONG, USELESS = RANDOM.normal(size=200), RANDOM.normal(size=200)
D = STRONG + RANDOM.normal(size=200)
M = np.column_stack([0.5 * D, -0.2 * D]) + RANDOM.normal(size=(200, 2))
Y = 0.3 * D + M @ [0.4, 0.5] + RANDOM.normal(size=200)


@pytest.fixture(scope="module")
def found():
    return mediation(Y, D, M, **KEYS, mediators=["wedges", "demand"], draws=200)


@pytest.fixture(scope="module")
def results():
    return {
        name: instrumental_variables(Y, D, z, **KEYS) for name, z in (("strong", STRONG), ("none", USELESS))
    }


def event_study(**changes):
    values = {
        "relative": [-3, -2, 0, 1],
        "estimates": [0.0, 0.1, 0.4, 0.6],
        "intervals": [[-0.1, 0.1], [0.0, 0.2], [0.2, 0.6], [0.3, 0.8]],
    }
    options = {"xlabel": "years since accession", "ylabel": "log points", "label": LABEL}
    return figures.event_study(**values | options | changes)


def placebo(**changes):
    draws = RANDOM.normal(size=500)
    test = PermutationTest(-2.5, draws, 0.012, 0.006, False)
    return figures.placebo_histogram(changes.get("test", test), xlabel="coefficient", label=LABEL)


def test_every_figure_is_stamped_drawn_whole_and_forgotten_by_pyplot(found, results):
    drawings = [
        lambda: event_study(base=-1, truth=[0, 0, 0.5, 0.5]),
        placebo,
        lambda: figures.mediation_bars(found, xlabel="log points", label=LABEL),
        lambda: figures.robust_sets(results, xlabel="log points", label=LABEL, truth=0.3),
    ]
    before = dict(plt.rcParams)
    for draw in drawings:
        fig = draw()
        assert plt.get_fignums() == [] and dict(plt.rcParams) == before
        assert [text.get_text() for text in fig.texts if text.get_gid() == "data-label"] == [LABEL]
        assert fig.get_figwidth() == WIDTH
        file = io.BytesIO()
        fig.savefig(file, format="png", bbox_inches="tight")
        assert plt.imread(io.BytesIO(file.getvalue())).shape[1] >= WIDTH * 150
        main = fig.axes[0]
        assert main.get_xlabel() and (main.get_ylabel() or len(main.get_yticklabels()) > 1)


def names(fig):
    return [text.get_text() for legend in fig.legends for text in legend.get_texts()]


def test_event_study_draws_estimates_ends_and_base():
    fig = event_study(base=-1, level=0.9)
    bars = fig.axes[0].containers[0]
    assert bars.lines[0].get_ydata() == pytest.approx([0.0, 0.1, 0.4, 0.6], rel=SAME)
    ends = [segment[:, 1] for segment in bars.lines[2][0].get_segments()]
    assert np.array(ends) == pytest.approx(np.array([[-0.1, 0.1], [0.0, 0.2], [0.2, 0.6], [0.3, 0.8]]))
    assert set(names(fig)) == {"before the treatment", "estimate, 90 % interval", "base period"}
    plain = event_study(base=0, truth=[0, 0, 0.5, 0.5])
    assert "base period" not in names(plain) and "true effect" in names(plain)


def test_event_study_after_the_treatment_only_is_not_shaded():
    after = event_study(relative=[0, 1], estimates=[0, 1], intervals=[[0, 0], [1, 1]])
    assert "before the treatment" not in names(after)


def test_placebo_marks_the_observed_coefficient():
    fig = placebo()
    assert fig.axes[0].lines[0].get_xdata()[0] == -2.5
    assert names(fig) == ["500 placebos", "observed, −2.5 (p = 0.012)"]
    assert sum(bar.get_height() for bar in fig.axes[0].patches) == 500


def test_mediation_bars_are_the_effects(found):
    truth = [0.4, 0.3, 0.2, -0.1, 0.1]
    fig = figures.mediation_bars(found, xlabel="x", label=LABEL, names=["capital", "sales"], truth=truth)
    widths = [bar.get_width() for bar in fig.axes[0].patches]
    expected = [found.total["d"][0], found.direct[0], *found.indirect.coefficients]
    assert widths == pytest.approx(expected, rel=SAME)
    rows = [text.get_text() for text in fig.axes[0].get_yticklabels()]
    assert rows == ["total", "direct", "via capital", "via sales", "sum of indirect"]
    diamonds = [line for line in fig.axes[0].lines if line.get_color() == GREEN]
    assert diamonds[0].get_xdata() == pytest.approx(truth)
    segments = fig.axes[0].collections[0].get_segments()
    assert segments[3][:, 0] == pytest.approx(found.bias_corrected[1], rel=1e-6)


def test_unbounded_sets_end_in_arrows_at_the_edge(results):
    assert results["strong"].anderson_rubin.shape == "interval"
    assert results["none"].anderson_rubin.shape in ("line", "complement")
    ax = figures.robust_sets(results, xlabel="x", label=LABEL).axes[0]
    assert sorted(line.get_marker() for line in ax.lines if line.get_marker() in ("<", ">")) == ["<", ">"]
    low, high = results["strong"].anderson_rubin.intervals[0]
    first = next(line for line in ax.lines if line.get_color() == RED and len(line.get_xdata()) == 2)
    assert first.get_xdata() == pytest.approx([low, high], rel=SAME)
    assert "F = " in ax.get_yticklabels()[0].get_text()


def test_sets_beyond_the_axis_and_empty_ones_are_marked(results):
    strong = results["strong"]
    far = replace(strong.anderson_rubin, intervals=((-np.inf, -500.0), (900.0, np.inf)), shape="complement")
    empty = replace(strong.anderson_rubin, intervals=(), shape="empty")
    drawn = {"far": replace(strong, anderson_rubin=far), "empty": replace(strong, anderson_rubin=empty)}
    ax = figures.robust_sets(drawn, xlabel="x", label=LABEL).axes[0]
    places = {line.get_marker(): line.get_xdata()[0] for line in ax.lines if line.get_marker() in ("<", ">")}
    assert (places["<"], places[">"]) == ax.get_xlim()
    assert [text.get_text() for text in ax.texts] == ["empty set"]


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: event_study(estimates=[0.0]), ParameterError, "4 periods, 1 estimates, 4 intervals"),
        (lambda: event_study(label=""), ParameterError, "label"),
        (
            lambda: placebo(test=PermutationTest(1.0, np.array([]), 1.0, 1.0, False)),
            DataError,
            "no placebo",
        ),
        (lambda: figures.robust_sets({}, xlabel="x", label=LABEL), ParameterError, "at least one"),
    ],
)
def test_what_cannot_be_drawn_is_refused(call, error, says):
    with pytest.raises(error, match=says):
        call()
    assert plt.get_fignums() == []


def test_names_and_true_effects_must_be_as_many_as_the_mediators(found):
    for options in ({"names": ["one"]}, {"truth": [0.1, 0.2]}):
        with pytest.raises(ParameterError, match="2 names and 5 true effects"):
            figures.mediation_bars(found, xlabel="x", label=LABEL, **options)

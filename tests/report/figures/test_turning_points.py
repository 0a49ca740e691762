import matplotlib.pyplot as plt
import numpy as np
import pytest

from digital_clusters.errors import ParameterError
from digital_clusters.estimators.curves.moving import turning_point_path
from digital_clusters.estimators.curves.turning_points import turning_point
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.report.figures.turning_points import turning_curve, turning_path

LABEL = "synthetic twin"
CURVE = {"linear": "c", "square": "c2"}
AXES = {"xlabel": "co-agglomeration, index", "ylabel": "wedge, log points", "label": LABEL}


def estimate(scale=0.001):
    covariance = scale * np.array([[4, -1, 0, 0], [-1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0.1]])
    return Estimate(("c", "c2", "cz", "c2z"), [1.0, -0.5, 0.3, 0.1], covariance, 100, "by hand", "none")


def path(z, scale=0.001):
    return turning_point_path(estimate(scale), z, **CURVE, interaction="cz", square_interaction="c2z")


def labelled(fig):
    return {line.get_label(): line for line in fig.axes[0].lines if not line.get_label().startswith("_")}


def test_curve_with_its_slopes_and_turning_point():
    fig = turning_curve(estimate(), **CURVE, low=-1, high=3, truth=1.2, **AXES)
    lines = labelled(fig)
    c, effect = lines["fitted, with a pointwise 95% band"].get_data()
    assert effect == pytest.approx(c - 0.5 * c**2 - (1 - 0.5), abs=1e-12)  # less its height at c = 1
    left, right = lines["slope at −1: 2 (t = 18.3)"], lines["slope at 3: −2 (t = −12.0)"]
    for line, slope in ((left, 2.0), (right, -2.0)):
        x, y = line.get_data()
        assert (y[1] - y[0]) / (x[1] - x[0]) == pytest.approx(slope)
    assert lines["estimate 1"].get_xdata() == [1.0, 1.0]
    assert lines["planted 1.2"].get_xdata() == [1.2, 1.2]
    low, high = turning_point(estimate(), **CURVE).fieller.interval
    shaded = [(p.get_x(), p.get_x() + p.get_width()) for p in fig.axes[0].patches]
    assert shaded == [pytest.approx((low, high))]
    band = fig.axes[0].collections[0].get_paths()[0].vertices
    middle = band[np.abs(band[:, 0] - 1) < 1e-9, 1]
    assert np.ptp(middle) == pytest.approx(0, abs=1e-9)


def test_an_unbounded_set_shades_what_it_holds():
    # t of c²: 1.83, below 1.96; joint Wald statistic of both terms: 4.4, above 1.96²
    weak = estimate(scale=0.075)
    found = turning_point(weak, **CURVE).fieller
    assert found.shape == "two_rays"
    fig = turning_curve(weak, **CURVE, low=-40, high=40, **AXES)
    shaded = sorted((p.get_x(), p.get_x() + p.get_width()) for p in fig.axes[0].patches)
    assert shaded == [
        pytest.approx((-40, found.pieces[0][1])),
        pytest.approx((found.pieces[1][0], 40)),
    ]
    assert any(str(found).replace("-", "−") in text.get_text() for text in fig.legends[0].get_texts())


def test_no_line_for_a_turning_point_outside_the_range():
    lines = labelled(turning_curve(estimate(), **CURVE, low=2, high=3, **AXES))
    assert not [name for name in lines if name.startswith("estimate")]


def test_path_with_its_intervals():
    z = np.linspace(1, -1, 5)
    found = path(z)
    fig = turning_path(found, **AXES, truth=1 + 0.5 * z)
    lines = labelled(fig)
    x, y = lines["turning point"].get_data()
    assert x.tolist() == z[::-1].tolist() and y == pytest.approx(found.value[::-1])
    assert lines["95%, delta"].get_ydata() == pytest.approx(found.delta_upper[::-1])
    assert lines["planted"].get_ydata() == pytest.approx(1 + 0.5 * z[::-1])
    low, high = found.delta_lower.min(), found.delta_upper.max()
    bars = {round(bar.get_x() + bar.get_width() / 2, 9): bar for bar in fig.axes[0].patches}
    for value, piece in zip(z, found.fieller, strict=True):
        bottom, top = max(piece.interval[0], low), min(piece.interval[1], high)
        bar = bars[round(value, 9)]
        assert (bar.get_y(), bar.get_y() + bar.get_height()) == pytest.approx((bottom, top))


def test_path_is_broken_where_the_curve_turns_over():
    found = path(np.array([3.0, 4.0, 6.0, 7.0]))  # the curvature is zero at 5
    fig = turning_path(found, **AXES, span=(-30, 30))
    runs = [line.get_xdata().tolist() for line in fig.axes[0].lines if line.get_marker() == "o"]
    assert runs == [[3, 4], [6, 7]]
    assert fig.axes[0].get_ylim() == pytest.approx((-32.4, 32.4))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: turning_path(path([1.0]), **AXES), "two values"),
        (lambda: turning_path(path([0.0, 1.0]), **AXES, span=(2, 1)), "ascending"),
        (lambda: turning_curve(estimate(), **CURVE, low=3, high=1, **AXES), "must have a length"),
    ],
)
def test_what_cannot_be_drawn_is_refused(call, words):
    with pytest.raises(ParameterError, match=words):
        call()
    assert plt.get_fignums() == []

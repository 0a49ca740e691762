"""Models drawn side by side: the marks and intervals are those of the estimates, in their order."""

import numpy as np
import pytest

import digital_clusters as dc
from digital_clusters.errors import ParameterError


@pytest.fixture(scope="module")
def models():
    panel = dc.city_panel("twin").complete("growth_gap", "internet", "income", years=(2015, 2019))
    return {
        "alone": dc.two_way(panel, "growth_gap", "internet"),
        "both": dc.two_way(panel, "growth_gap", "internet", controls="income"),
    }


def drawn(ax):
    """Model → its marks and the ends of its intervals, from top to bottom."""
    return {
        bars.get_label(): (bars.lines[0].get_xdata(), np.array(bars.lines[2][0].get_segments())[:, :, 0])
        for bars in ax.containers
    }


def test_marks_and_intervals_are_those_of_the_estimates(models):
    (ax,) = dc.coefficient_plot(models).axes
    assert [text.get_text() for text in ax.get_yticklabels()] == [
        "internet users per 10 residents",
        "log GDP per head",
    ]
    marks = drawn(ax)
    assert list(marks) == list(models)
    for name, found in models.items():
        values, ends = marks[name]
        known = [found.term(term) for term in found.terms]
        assert values == pytest.approx([mark.value for mark in known])
        assert ends.ravel() == pytest.approx([end for mark in known for end in (mark.low, mark.high)])


def test_terms_are_drawn_in_the_order_that_is_asked_for(models):
    (ax,) = dc.coefficient_plot([models["both"]], terms=["income"]).axes
    assert drawn(ax)["(1)"][0] == pytest.approx([models["both"]["income"][0]])


def test_the_figure_says_its_data(models):
    figure = dc.coefficient_plot(models)
    assert "synthetic twin" in {text.get_text() for text in figure.texts}


@pytest.mark.parametrize(("given", "terms"), [({}, None), ([3], None), (None, ["incom"])])
def test_what_cannot_be_drawn_is_refused(models, given, terms):
    with pytest.raises(ParameterError):
        dc.coefficient_plot(models if given is None else given, terms=terms)

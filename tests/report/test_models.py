import numpy as np
import pytest

from digital_clusters.errors import ParameterError
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.report.models import estimate_of, table


def estimate(terms=("income", "x"), values=(0.5, -0.01), clusters=7) -> Estimate:
    return Estimate(
        terms, values, np.diag([0.01] * len(terms)), 1234, "m", "clustered", clusters, data="mine"
    )


def test_models_stand_side_by_side():
    html = table({"plain": estimate(("x",), (0.4,)), "both": estimate()}).as_raw_html()
    for text in ("plain", "both", "log GDP per head", "0.500***", "−0.010", "(0.100)", "1,234", "Data: mine"):
        assert text in html


def test_a_model_without_a_term_has_an_empty_cell():
    latex = table([estimate(("x",), (0.4,)), estimate()], terms=["income"]).as_latex()
    assert r"log GDP per head &  & 0.500***" in latex
    assert "(2)" in latex and "Clusters" in latex


def test_clusters_are_shown_where_there_are_some():
    assert "Clusters" not in table([estimate(clusters=None)]).as_raw_html()


class Holder:
    did = estimate()


def test_results_show_the_estimate_they_hold():
    assert estimate_of(Holder()) is Holder.did


@pytest.mark.parametrize(
    ("models", "options", "words"),
    [
        ([], {}, "at least one model"),
        ([3], {}, "a int holds no estimate"),
        ([estimate()], {"terms": ["z"]}, "no model has the term 'z'; they have: income, x"),
    ],
)
def test_what_cannot_be_shown_is_refused(models, options, words):
    with pytest.raises(ParameterError, match=words):
        table(models, **options)

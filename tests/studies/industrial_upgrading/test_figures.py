"""Figures of the chapters: a live figure holds the estimates of the rows that it is given."""

import numpy as np
import pytest

from digital_clusters.analysis.published import load_published
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.report.compare import Row
from digital_clusters.studies.industrial_upgrading.figures import live_methods


def estimate(value):
    return Estimate(
        method="least squares",
        terms=("uil",),
        coefficients=np.array([value]),
        covariance=np.array([[0.01]]),
        n_observations=100,
        errors="robust",
    )


def test_methods_are_switched_beside_the_printed_number_and_the_planted_one():
    rows = [
        Row("recipe", "uil", twin=estimate(-0.2), public=estimate(0.1), truth=-0.05),
        Row("fixed effects", "uil", twin=estimate(-0.1), public_note="no public data", truth=-0.05),
    ]
    figure = live_methods(rows)
    printed = load_published("industrial_upgrading").column("table2.column2").term("uil").value
    first, second = (one["points"] for one in figure.data["sets"])
    assert [point["value"] for point in first] == [printed, -0.2, 0.1]
    assert np.isnan(second[2]["value"]) and "public data –" in figure.data["sets"][1]["words"]
    assert first[1]["low"] == pytest.approx(-0.2 - 1.959964 * 0.1, rel=1e-5)
    assert figure.data["truth"] == [{"at": 1, "name": "synthetic twin", "value": -0.05}]
    assert '"value":null' in figure._repr_html_()

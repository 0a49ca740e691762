"""What stands behind a coefficient on the twin."""

import pytest

from digital_clusters.analysis.diagnostics import made_of
from digital_clusters.errors import ParameterError
from digital_clusters.studies.industrial_upgrading.diagnostics import PLANTED, with_caused_part
from digital_clusters.studies.industrial_upgrading.replication import load_panel
from digital_clusters.studies.industrial_upgrading.specs import BASELINE, TWO_WAY

ROUNDING = 1e-9
"""Least squares of a sum and the sum of least squares, on columns of order one."""


def test_least_squares_takes_a_coefficient_apart_without_a_rest():
    parts = made_of({"two-way fixed effects": TWO_WAY}, with_caused_part(load_panel("twin")), PLANTED).iloc[0]
    assert parts["effect"] + parts["rest"] == pytest.approx(parts["coefficient"], abs=ROUNDING)
    assert parts["rest"] != pytest.approx(0, abs=0.01)  # the twin is planted with a confounder that moves


def test_a_learner_is_refused_because_its_parts_do_not_add_up():
    with pytest.raises(ParameterError, match="'recipe' is not least squares"):
        made_of({"recipe": BASELINE}, load_panel("twin"), PLANTED)

"""What the chapter on robustness counts over its lines, on lines whose counts are known."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from digital_clusters.estimators.curves.ratios import ConfidenceSet
from digital_clusters.studies.collaborative_agglomeration import quotes
from digital_clusters.studies.collaborative_agglomeration.robustness import quotes as moved


@pytest.fixture
def said(monkeypatch):
    found = {}
    for module in (quotes, moved):
        monkeypatch.setattr(module, "glue", found.__setitem__)
    return found


def line(square=0.25, rho=0.25, **effects) -> dict:
    values = {
        "direct left": -0.3,
        "direct right": 0.3,
        "indirect left": -0.4,
        "indirect right": 0.1,
    } | effects
    return {"square": [square, 0.02], "rho": [rho, 0.03]} | {
        name: {"effect": value, "standard_error": 0.1} for name, value in values.items()
    }


def test_signs_and_clear_effects_are_counted_by_kind_and_side(said):
    lines = {"baseline": line(), "other": line(0.18, **{"indirect left": -0.1, "direct right": -0.3})}
    moved.quote_signs(lines, 0.2)
    assert said == {
        "signs-kept": "7 of 8",
        "signs-direct": "3 of 4",
        "signs-indirect-left": "1 of 2",
        "signs-indirect-right": "0 of 2",
        "signs-steep": "1 of 2",
    }


def test_a_line_without_spatial_terms_has_no_indirect_effects_to_count(said):
    alone = {name: value for name, value in line().items() if not name.startswith("indirect")}
    moved.quote_signs({"baseline": line(), "no spatial terms": alone}, 0.2)
    assert (said["signs-kept"], said["signs-indirect-left"]) == ("6 of 6", "1 of 1")


def test_corrections_are_told_by_what_they_move(said):
    found = {
        "baseline": line(),
        "bias subtracted": line(),
        "without bias correction": line(rho=0.241, **{"indirect left": -0.397}),
    }
    moved.quote_corrections(found)
    assert said == {
        "subtracted-rho": "0.000",
        "subtracted-effects": "0.000",
        "left-rho": "0.009",
        "left-effects": "0.003",
    }


def test_an_interval_that_leaves_out_zero_is_not_said_to_hold_it(said):
    def estimate(value, low, high):
        return SimpleNamespace(coefficients=[value], interval=lambda: np.array([[low, high]]))

    found = SimpleNamespace(
        least_squares=estimate(-0.058, -0.114, -0.002),
        estimate=estimate(-0.031, -0.123, 0.062),
        endogeneity=SimpleNamespace(p_values=[0.327]),
    )
    moved.quote_line(found, line())
    assert said["line-sentence"] == (
        "Least squares gives −0.058, whose interval leaves out zero, two stages −0.031, whose interval holds "
        "zero; their difference has p = 0.327."
    )


def test_intervals_that_disagree_on_zero_are_counted(said):
    rows = [(0.007, 0.580, -0.002, 0.608), (0.1, 0.5, 0.1, 0.48)]
    moments = pd.DataFrame(rows, columns=["low", "high", "simulated_low", "simulated_high"])
    quotes.two_intervals(moments)
    assert said == {"ends-apart": "5", "ends-disagree": 1, "ends-effects": 2}


@pytest.mark.parametrize(
    ("planted", "where", "off"), [(2.606, "inside", "0.09 early"), (2.4, "outside", "0.12 late")]
)
def test_the_planted_turning_point_is_in_the_set_or_not(said, planted, where, off):
    held = ConfidenceSet("bounded", ((2.436, 2.625),), 0.95)
    quotes.turning(SimpleNamespace(value=2.522, fieller=held), planted)
    assert (said["turn-where"], said["turn-off"]) == (where, off)

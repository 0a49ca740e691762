"""What the twin knows: coefficients split into planted effect and rest, hidden factor, simulated shock."""

import numpy as np
import pytest

from digital_clusters.analysis.data import load_city_panel
from digital_clusters.analysis.diagnostics import made_of
from digital_clusters.analysis.fit import fit
from digital_clusters.errors import ParameterError
from digital_clusters.measures.panel import Panel
from digital_clusters.studies.virtual_agglomeration import planted as truth
from digital_clusters.studies.virtual_agglomeration.designs import control_timings
from digital_clusters.studies.virtual_agglomeration.specs import BASELINE, INSTRUMENTED, MEDIATED
from digital_clusters.studies.virtual_agglomeration.study import VIRTUAL_AGGLOMERATION

EXACT = 1e-9
"""Sums of the same numbers in another order."""
ERRORS = 2.5
"""Standard errors within which the one twin's estimate lies of its planted size: it is one draw."""


def test_effect_and_rest_add_to_the_coefficient():
    panel = truth.with_planted_outcome(load_city_panel("twin"))
    parts = made_of({"a": BASELINE, "b": INSTRUMENTED}, panel, truth.PLANTED)
    np.testing.assert_allclose(parts["effect"] + parts["rest"], parts["coefficient"], rtol=EXACT)


def test_the_planted_part_is_the_planted_size_and_the_rest_is_the_hidden_factor():
    panel, planted = load_city_panel("twin"), VIRTUAL_AGGLOMERATION.planted_sizes()["raises_resilience"]
    (part,) = made_of({"a": BASELINE}, truth.with_planted_outcome(panel), truth.PLANTED).to_dict("records")
    # effects differ between cities, so that the regression's mean of them is not the plain mean
    assert part["effect"] == pytest.approx(planted, rel=0.05)
    known = BASELINE.change(contemporaneous=(truth.HIDDEN,))
    value, error = fit(known, truth.with_hidden_factor(panel)).estimate["virtual"]
    assert abs(value - planted) < ERRORS * error
    assert part["coefficient"] - planted > ERRORS * error


def test_another_country_has_another_planted_part():
    parts = truth.other_countries({"a": BASELINE}, [3])
    assert parts["seed"].tolist() == [3]
    planted = VIRTUAL_AGGLOMERATION.planted_sizes(3)["raises_resilience"]
    assert parts["effect"].iloc[0] == pytest.approx(planted, rel=0.05)


@pytest.mark.parametrize("look_up", [truth.with_hidden_factor, truth.with_planted_outcome])
def test_only_the_twin_can_be_looked_into(look_up):
    frame = load_city_panel("twin").frame
    with pytest.raises(ParameterError, match="only the twin"):
        look_up(Panel(frame, "public", "public data", ""))


def test_planted_parts_add_up():
    total, direct, *through, both = truth.planted_parts(
        VIRTUAL_AGGLOMERATION.planted_sizes(), MEDIATED.mediators
    )
    assert sum(through) == pytest.approx(both)
    assert direct + both == pytest.approx(total)


def test_a_shock_common_to_demand_and_growth_moves_credit_to_demand():
    panel = load_city_panel("twin")
    trials = truth.mediation_trials(MEDIATED, panel, draws=100, seed=4)
    for found in trials.values():
        whole = found.direct[0] + found.indirect.coefficients[-1]
        assert whole == pytest.approx(found.total.coefficients[0], rel=EXACT)
    plain, shocked = (trials[name].indirect for name in (truth.PLAIN, truth.SHOCKED))
    demand = plain.terms.index("via market_demand")
    assert shocked.coefficients[demand] > 1.3 * plain.coefficients[demand]
    planted = truth.planted_parts(VIRTUAL_AGGLOMERATION.planted_sizes(), MEDIATED.mediators)[1]
    direct, error = trials[truth.CONTROLLED].direct
    assert abs(direct - planted) < ERRORS * error


def test_the_shock_is_one_and_the_same():
    panel = load_city_panel("twin")
    moved = truth.with_common_shock(panel, 4).frame
    added = {name: (moved[name] - panel.frame[name]) / size for name, size in truth.SHOCK.items()}
    both = added["market_demand"].notna() & added["resilience"].notna()
    np.testing.assert_allclose(added["market_demand"][both], added["resilience"][both], atol=EXACT)


def test_growth_that_feeds_back_moves_controls_of_its_own_year_and_nothing_else():
    panel = load_city_panel("twin")
    moved = truth.with_feedback(panel).frame
    assert moved.drop(columns=list(truth.FEEDBACK)).equals(panel.frame.drop(columns=list(truth.FEEDBACK)))
    for name, size in truth.FEEDBACK.items():
        added = moved[name] - panel.frame[name]
        np.testing.assert_allclose(added, size * panel.frame["resilience"].fillna(0), atol=EXACT)


def test_controls_that_hold_the_outcome_hide_the_effect_and_earlier_ones_do_not():
    planted = VIRTUAL_AGGLOMERATION.planted_sizes()["raises_resilience"]
    found = control_timings({})
    off = {words: (found[words].term("virtual").value - planted) for words in found}
    errors = {words: ERRORS * found[words].term("virtual").error for words in found}
    bad = "feedback, controls of the same year"
    assert off[bad] < -errors[bad]
    assert all(abs(off[words]) < errors[words] for words in found if words != bad)

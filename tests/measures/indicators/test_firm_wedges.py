import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.measures.indicators.firm_wedges import firm_wedges

ROUNDING = 1e-9
"""Powers and sums of a handful of doubles."""

SIGMA, ALPHA, RENTAL = 3.0, 1 / 3, 0.1
"""Of the planted economies below."""

firms = st.lists(
    st.tuples(st.floats(0.2, 5), st.floats(-0.5, 0.5), st.floats(-0.5, 1)), min_size=2, max_size=8
)


@pytest.fixture(scope="module")
def sector(reference_case):
    case = reference_case("D2")
    frame = pd.read_csv(case["folder"] / case["data"])
    options = {"alpha": case["expected"]["alpha"], "sigma": case["expected"]["sigma"]}
    found = firm_wedges(frame["PY"], frame["K"], frame["wL"], rental=case["expected"]["R"], **options)
    return case, frame, found


def test_planted_wedges_and_productivities_are_recovered(sector):
    case, frame, found = sector
    assert found.tau_capital == pytest.approx(frame["tauK_true"].to_numpy(), abs=case["tolerance"])
    assert found.tau_output == pytest.approx(frame["tauY_true"].to_numpy(), abs=case["tolerance"])
    assert found.tfpr == pytest.approx(frame["TFPR"].to_numpy(), rel=case["tolerance"])
    relative = found.tfpq / found.tfpq[0]
    assert relative == pytest.approx((frame["A_true"] / frame["A_true"][0]).to_numpy(), rel=case["tolerance"])


def test_efficiency_of_the_sector(sector):
    case, frame, found = sector
    expected, unit = case["expected"], frame["A_true"][0] / found.tfpq[0]
    assert unit * found.tfp == pytest.approx(expected["TFP"], abs=case["tolerance"])
    assert unit * found.tfp == pytest.approx(expected["TFP_eq15"], abs=case["tolerance"])
    assert unit * found.efficient_tfp == pytest.approx(expected["Abar"], abs=case["tolerance"])
    assert 100 * found.gain == pytest.approx(expected["gain_pct"], rel=case["tolerance"])
    assert found.tfp / found.efficient_tfp == pytest.approx(expected["Y_over_Yeff"], abs=case["tolerance"])
    assert found.variance_log_tfpr == pytest.approx(expected["var_log_TFPR"], abs=case["tolerance"])


def economy(rows):
    """Revenue, capital and wage bill of firms that maximise profit under their wedges, wage 1.

    With constant markups a firm's price is its marginal cost over 1 − τ_Y, and demand P^(1−σ) gives revenue.
    """
    a, tau_output, tau_capital = np.array(rows).T
    user_cost = (1 + tau_capital) * RENTAL
    unit_cost = (user_cost / ALPHA) ** ALPHA * (1 / (1 - ALPHA)) ** (1 - ALPHA) / a
    price = SIGMA / (SIGMA - 1) * unit_cost / (1 - tau_output)
    revenue = price ** (1 - SIGMA)
    cost = (SIGMA - 1) / SIGMA * (1 - tau_output) * revenue
    return a, tau_output, tau_capital, revenue, ALPHA * cost / user_cost, (1 - ALPHA) * cost


@given(firms)
def test_any_planted_economy_is_recovered(rows):
    a, tau_output, tau_capital, *accounts = economy(rows)
    found = firm_wedges(*accounts, alpha=ALPHA, sigma=SIGMA, rental=RENTAL)
    assert found.tau_output == pytest.approx(tau_output, abs=ROUNDING)
    assert found.tau_capital == pytest.approx(tau_capital, abs=ROUNDING)
    assert found.tfpq / found.tfpq[0] == pytest.approx(a / a[0], rel=ROUNDING)
    assert found.gain >= -ROUNDING


def test_equal_wedges_cost_nothing():
    rows = [(1.0, 0.3, 0.5), (2.0, 0.3, 0.5), (0.5, 0.3, 0.5)]
    found = firm_wedges(*economy(rows)[3:], alpha=ALPHA, sigma=SIGMA, rental=RENTAL)
    assert found.gain == pytest.approx(0, abs=ROUNDING)
    assert found.variance_log_tfpr == pytest.approx(0, abs=ROUNDING)


def test_impossible_firms_and_parameters_are_refused():
    with pytest.raises(DataError, match="capital is missing or not positive in 1 of 2"):
        firm_wedges([1, 1], [0, 1], [1, 1], alpha=0.3)
    with pytest.raises(DataError, match="shapes"):
        firm_wedges([1, 1], [1, 1], [1], alpha=0.3)
    for name, value in (("alpha", 1.0), ("sigma", 1.0), ("rental", 0.0)):
        options = {"alpha": 0.3} | {name: value}
        with pytest.raises(ParameterError, match=f"{name} = {value}"):
            firm_wedges([1, 1], [1, 1], [1, 1], **options)

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from digital_clusters.errors import DataError, MissingTableError, ParameterError
from digital_clusters.measures.indicators.misallocation import (
    NO_DATA,
    NO_ELASTICITY,
    efficiency_loss,
    log_size,
    misallocation,
    relative_distortion,
)

ROUNDING = 1e-9
"""Sums of a few dozen doubles of like magnitude."""
OPTIMISED = 1e-6
"""A numerical maximum is flat: shares off by a thousandth move output by a millionth."""

positive = st.floats(0.1, 100)
cities = st.lists(st.tuples(positive, positive, st.floats(0.05, 0.95)), min_size=2, max_size=8)


@pytest.fixture(scope="module")
def states(reference_case):
    case = reference_case("D3")
    frame = pd.read_csv(case["folder"] / case["data"]).assign(year=1986)
    return case, frame.rename(columns={"state": "city"})


def run(frame, capital, labour, **options):
    columns = {"output": "gsp", "capital": "pc", "labour": "emp"}
    return misallocation(frame, capital, labour, **columns, **options).set_index("city")


def test_american_states_with_common_elasticities(states):
    case, frame = states
    found = run(frame, 0.35, 0.65, size="tau")
    for factor, key in (("capital", "a_tauK"), ("labour", "a_tauL")):
        for state, expected in case["expected"][key].items():
            assert found.loc[state, f"tau_{factor}"] == pytest.approx(expected, abs=case["tolerance"]), state
    for factor, key in (("capital", "a_mean_abs_tauK"), ("labour", "a_mean_abs_tauL")):
        mean = found[f"misallocation_{factor}"].mean()
        assert mean == pytest.approx(case["expected"][key], abs=case["tolerance"])


def test_american_states_with_their_own_elasticities(states):
    case, frame = states
    own = frame.set_index("city")
    found = run(frame, own["betaK"], own["betaL"])
    for state, expected in case["expected"]["b_tauK"].items():
        assert found.loc[state, "tau_capital"] == pytest.approx(expected, abs=case["tolerance"]), state
    for factor, column in (("capital", "tauK"), ("labour", "tauL")):
        assert found[f"tau_{factor}"].to_numpy() == pytest.approx(
            own[column].reindex(found.index).to_numpy(), abs=case["tolerance"]
        )
    distortion = relative_distortion(own["gsp"], own["pc"], own["betaK"])
    weights = own["gsp"] * own["betaK"]
    identity = (weights * distortion.gamma).sum() / weights.sum()
    assert identity == pytest.approx(case["expected"]["identity_sum_s*beta_i*gamma_i/beta"])


@given(cities, st.floats(0.1, 10))
def test_weighted_mean_of_gamma_is_one_and_units_do_not_matter(rows, scale):
    y, k, beta = np.array(rows).T
    found = relative_distortion(y, k, beta)
    assert np.average(found.gamma, weights=y * beta) == pytest.approx(1, rel=ROUNDING)
    moved = relative_distortion(scale * y, k / scale, beta)
    assert moved.gamma == pytest.approx(found.gamma, rel=ROUNDING)
    assert found.wedge == pytest.approx(np.log1p(found.tau))


def test_planted_wedges_come_back_up_to_their_mean():
    rng = np.random.default_rng(11)
    y, tau = rng.lognormal(size=30), rng.normal(0, 0.3, 30)
    k = y * np.exp(-tau)  # a city that pays e^tau times the price holds that much less
    found = relative_distortion(y, k, 0.4).wedge
    assert found - tau == pytest.approx(np.full(30, (found - tau)[0]), abs=ROUNDING)
    assert relative_distortion(y, 3 * y, 0.4).wedge == pytest.approx(np.zeros(30), abs=ROUNDING)


def test_years_are_countries_and_incomplete_cities_are_not_in_them():
    y, k = np.array([[1.0, 1, np.nan], [1, 3, 4]]), np.array([[3.0, 1, 500], [1, 3, 0]])
    found = relative_distortion(y, k, 0.5).gamma
    assert found == pytest.approx(np.array([[1.5, 0.5, np.nan], [1, 1, np.nan]]), nan_ok=True)
    impossible = relative_distortion([1, 1, 9], [3, 1, 9], [0.5, 0.5, -0.2]).gamma
    assert impossible == pytest.approx([1.5, 0.5, np.nan], nan_ok=True)


def test_a_city_without_workers_is_in_no_factors_country():
    frame = pd.DataFrame({"city": [1, 2, 3], "year": 2010, "gdp_real": 1.0, "employment": [1.0, 1, np.nan]})
    found = misallocation(frame.assign(capital_stock=[3.0, 1, 50]), 0.5, 0.5)
    assert found["tau_capital"].to_numpy() == pytest.approx([1 / 1.5 - 1, 1, np.nan], nan_ok=True)
    assert found["reason"].tolist() == ["", "", NO_DATA]


def test_frame_says_why_a_city_has_none():
    frame = pd.DataFrame(
        {
            "city": [1, 2, 3, 4],
            "year": 2010,
            "gdp_real": [1.0, 1, 1, np.nan],
            "capital_stock": [2.0, 1, 50, 1],
            "employment": [1.0, 1, 50, 1],
        }
    )
    elasticity = pd.Series({1: 0.4, 2: 0.4, 3: -0.1, 4: 0.4})
    found = misallocation(frame, elasticity, 0.6)
    assert found["reason"].tolist() == ["", "", NO_ELASTICITY, NO_DATA]
    assert found["wedge_capital"].to_numpy()[:2] == pytest.approx(-np.log([4 / 3, 2 / 3]))
    assert found.loc[2:, "tau_capital":"log_misallocation"].isna().all(axis=None)
    assert found["wedge_labour"].to_numpy()[:2] == pytest.approx([0, 0])


def test_sizes_and_their_mean_log():
    frame = pd.DataFrame({"city": [1, 2, 3], "year": 2010, "gdp_real": 1.0})
    frame = frame.assign(capital_stock=[1.0, 2, 5], employment=[4.0, 1, 2])
    wedge, tau = (misallocation(frame, 0.4, 0.6, size=size) for size in ("wedge", "tau"))
    assert wedge["misallocation_capital"].to_numpy() == pytest.approx(wedge["wedge_capital"].abs())
    assert tau["misallocation_capital"].to_numpy() == pytest.approx(tau["tau_capital"].abs())
    expected = (np.log(wedge["misallocation_capital"]) + np.log(wedge["misallocation_labour"])) / 2
    assert wedge["log_misallocation"].to_numpy() == pytest.approx(expected)
    assert log_size([-1.0, 0.0, np.nan], [np.e, 1.0, 1.0]) == pytest.approx(
        [0.5, np.nan, np.nan], nan_ok=True
    )


def test_wrong_requests_are_explained():
    frame = pd.DataFrame({"city": [1], "year": [2010], "gdp_real": [1.0], "employment": [1.0]})
    with pytest.raises(MissingTableError, match="misallocation needs 'capital_stock'"):
        misallocation(frame, 0.4, 0.6)
    with pytest.raises(ParameterError, match="tau, wedge"):
        misallocation(frame, 0.4, 0.6, size="gamma")
    with pytest.raises(DataError, match="negative"):
        relative_distortion([1, -1], [1, 1], 0.4)


@pytest.mark.parametrize(("alpha", "sigma"), [(0.5, 3.0), (0.3, 2.0), (0.4, 6.0)])
def test_the_loss_is_what_the_best_allocation_would_add(alpha, sigma):
    """Against output maximised over shares of both factors by a general optimiser."""
    rng = np.random.default_rng(7)
    s, k, n = (x / x.sum() for x in rng.lognormal(0, 0.6, (3, 4)))
    power = (sigma - 1) / sigma
    made = s ** (1 / power) / (k**alpha * n ** (1 - alpha))

    def output(free):
        shares = [np.exp(part) / np.exp(part).sum() for part in np.split(free, 2)]
        return float(np.sum((made * shares[0] ** alpha * shares[1] ** (1 - alpha)) ** power) ** (1 / power))

    assert output(np.log(np.r_[k, n])) == pytest.approx(1, abs=ROUNDING)
    best = minimize(lambda free: -output(free), np.log(np.r_[k, n]), method="BFGS", options={"gtol": 1e-9})
    frame = pd.DataFrame({"city": range(4), "year": 2011, "gdp_real": s, "capital_stock": k, "employment": n})
    found = efficiency_loss(frame, alpha, substitution=sigma)
    assert found["loss"].iloc[0] == pytest.approx(1 - 1 / output(best.x), abs=OPTIMISED)
    scaled = frame.assign(gdp_real=frame["gdp_real"] * 1e4, employment=frame["employment"] / 10)
    pd.testing.assert_frame_equal(efficiency_loss(scaled, alpha, substitution=sigma), found, rtol=ROUNDING)


def test_nothing_is_lost_where_factors_earn_the_same_and_incomplete_cities_are_left_out():
    frame = pd.DataFrame({"city": [1, 2, 3], "year": 2011, "gdp_real": [1.0, 2.0, 5.0]})
    frame = frame.assign(capital_stock=frame["gdp_real"] * 3, employment=[1.0, 2.0, np.nan])
    found = efficiency_loss(frame, 0.5)
    assert found["loss"].iloc[0] == pytest.approx(0, abs=ROUNDING)
    assert found["cities"].tolist() == [2]
    for wrong in ({"capital_elasticity": 1.0}, {"capital_elasticity": 0.5, "substitution": 1.0}):
        with pytest.raises(ParameterError, match="choose a number"):
            efficiency_loss(frame, **wrong)

"""Numbers that the chapters on virtual agglomeration quote of what was tested."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from digital_clusters.analysis.scorecard.noise import Noise, public_noise
from digital_clusters.estimators.estimate import Coefficient, Estimate
from digital_clusters.report.inference import counts
from digital_clusters.studies.virtual_agglomeration import quotes

HALF_WIDTH = 1.96
"""Of a 95 per cent interval, in standard errors."""


@pytest.fixture
def said(monkeypatch):
    found = {}
    monkeypatch.setattr(quotes, "glue", lambda name, value, fmt="": found.update({name: format(value, fmt)}))
    return found


def estimate(term: str, value: float, error: float) -> Estimate:
    return Estimate((term,), np.array([value]), np.array([[error**2]]), 800, method="m", errors="clustered")


def coefficient(value: float, error: float) -> Coefficient:
    low, high = value - HALF_WIDTH * error, value + HALF_WIDTH * error
    return Coefficient("x", value, error, low, high, 0.5, 800)


def test_every_estimate_with_a_small_p_is_named_and_no_other(said):
    found = {
        "villages": (estimate("taobao_villages", 0.01, 0.03), ""),
        "digital finance": (estimate("digital_finance", -0.12, 0.03), ""),
        "villages on misallocation": (estimate("taobao_villages", -0.1, 0.045), "note"),
    }
    quotes.public_small_p(found)
    words = "2 of 3 public estimates have p < 0.05 (digital finance: −0.120 (0.030), p < 0.001;"
    assert said["small-p"].startswith(words)
    assert "villages:" not in said["small-p"]
    quotes.public_small_p({"villages": found["villages"]})
    assert said["small-p"] == "none of 1 public estimates have p < 0.05"


def test_years_of_a_recovery_are_counted_without_the_year_in_which_it_starts(said):
    spans = [("slowdown", 2007, 2009), ("recovery", 2009, 2011), ("slowdown", 2011, 2021)]
    spans += [("recovery", 2021, 2022), ("slowdown", 2022, 2023)]
    windows = [{"phase": phase, "start": start, "end": end} for phase, start, end in spans]
    quotes.phases(SimpleNamespace(resilience=SimpleNamespace(windows=windows)))
    assert said["longest-slowdown"] == "2011 to 2021"
    assert said["recovery-study"] == "2 years (2010, 2011)"
    assert said["recovery-index"] == "2 years (2011, 2022)"


def test_the_growth_gap_is_quoted_of_the_year_in_which_the_response_is_widest(said):
    spreads = {2018: (0.3, 0.05), 2019: (0.2, 0.07), 2020: (1.1, 0.06)}
    years = [
        {"year": year, "response_sd": sd, "growth_gap_p10": -width / 2, "growth_gap_p90": width / 2}
        for year, (sd, width) in spreads.items()
    ]
    quotes.growth_gaps(SimpleNamespace(by_year=years))
    assert (said["gap-widest"], said["gap-usual"]) == ("6.0", "6.0")
    quotes.growth_gaps(SimpleNamespace(by_year=years[:2]))
    assert (said["gap-widest"], said["gap-usual"]) == ("5.0", "6.0")


def test_city_years_without_a_storefront_are_a_share(said):
    quotes.storefronts(pd.DataFrame({2018: [0, 5, 900], 2019: [3, 20, 2000]}))
    assert (said["shops-median"], said["shops-none"]) == ("12", "16.7 %")


def test_public_specifications_of_a_page_are_counted(said):
    found = {
        "villages": (estimate("v", 0.01, 0.03), "v"),
        "digital finance": (estimate("d", -0.02, 0.03), "d"),
        "digital finance, no controls": (estimate("d", -0.2, 0.03), "d"),
    }
    quotes.public_checked(found)
    assert "Of 3 public specifications of this chapter 1 differs from zero" in said["public-checked"]
    assert "(digital finance, no controls −0.200 (0.030))" in said["public-checked"]


def test_splits_on_public_data_hold_zero_or_not(said):
    claims = {"one": coefficient(0.1, 0.2), "two": coefficient(1.0, 0.1), "untouched": None}
    quotes.held_by_villages(claims, coefficient(0.015, 0.028))
    assert (said["splits-zero"], said["splits-public"], said["splits-first"]) == ("1", "2", "0.015 (0.028)")
    least, most = (public_noise(claims[key]).detectable for key in ("two", "one"))
    assert (said["splits-least"], said["splits-most"]) == (f"{least:.3f}", f"{most:.3f}")


def test_power_at_public_noise_counts_what_would_be_missed(said):
    claims = [SimpleNamespace(key=key, spec=key, sign=1) for key in ("sure", "rare", "untouched")]
    power = SimpleNamespace(of=lambda key: {"share_recovered": {"sure": 1.0}.get(key, 0.5)})
    noises = {"sure": Noise(0.1), "rare": Noise(1.0)}
    planted = dict.fromkeys(("sure", "rare", "untouched"), 0.5)
    quotes.powers(SimpleNamespace(claims=claims), power, planted, noises)
    assert (said["noise-weak"], said["noise-known"]) == ("1", "2")
    assert said["weak-names"] == "rare 50%, untouched 50%"


def test_what_is_not_the_effect_is_told_by_method(said):
    rows = pd.DataFrame({"method": ["a", "b", "a", "b"], "rest": [0.02, -0.1, 0.04, 0.1]})
    quotes.rests(rows)
    assert said["rest-ols"].startswith("from 0.020 to 0.040, mean 0.030")
    assert said["rest-iv"].startswith("from −0.100 to 0.100, mean 0.000")


def test_the_range_of_one_number_is_that_of_its_estimates(said):
    quotes.same_number({"a": (estimate("x", 0.2, 0.1), "x"), "b": (estimate("x", 0.19, 0.1), "x")})
    assert (said["same-low"], said["same-high"]) == ("0.190", "0.200")


def test_coverage_of_the_log_mean_is_told_over_all_mean_counts(monkeypatch):
    said = {}
    monkeypatch.setattr(counts, "glue", said.__setitem__)
    covered = {(0.5, "log"): 0.0, (0.5, "mean"): 0.86, (50, "log"): 0.99, (50, "mean"): 0.91}
    trial = [
        {"mean": mean, "way": way, "coverage": share, "bias": 0.1} for (mean, way), share in covered.items()
    ]
    one = {"value": 0.1, "error": 0.2}
    rows = [{"zeros": 0.7, "ways": {"log": one | {"p": p}, "mean": one | {"p": 0.4}}} for p in (0.04, 0.3)]
    counts.quote_counts(rows, trial)
    assert (said["counts-mean-least"], said["counts-mean-most"]) == ("86%", "91%")
    assert said["counts-clear"] == "1 of the 4"

"""Detectable effects and power against closed forms and simulation."""

import math

import numpy as np
import pytest
from scipy import stats

from digital_clusters.analysis.multiverse.summary import POWER_FACTOR
from digital_clusters.analysis.scorecard.claimed import public_noises
from digital_clusters.analysis.scorecard.noise import CRITICAL, DETECTABLE, Noise, public_noise
from digital_clusters.analysis.scorecard.variation import load_variation
from digital_clusters.estimators.estimate import Coefficient

MONTE_CARLO = 4 * (0.25 / 200_000) ** 0.5
"""Four standard errors of a share over 200,000 draws."""


def test_a_detectable_effect_is_found_in_four_of_five_samples():
    noise = Noise(error=0.25)
    assert noise.power(noise.detectable, 1) == pytest.approx(0.8)
    assert noise.power(-noise.detectable, -1) == pytest.approx(0.8)
    assert pytest.approx(POWER_FACTOR, abs=0.005) == DETECTABLE, "multiverses round it to 2.8"


@pytest.mark.parametrize(("size", "sign"), [(-0.268, -1), (0.1, 1), (0.0, 1), (0.3, -1)])
def test_power_is_the_share_of_samples_with_the_sign_and_a_test_that_rejects(size, sign):
    draws = np.random.default_rng(1).normal(size, 0.25, 200_000)
    found = (draws * sign > 0) & (np.abs(draws) > stats.norm.ppf(0.975) * 0.25)
    assert Noise(0.25).power(size, sign) == pytest.approx(found.mean(), abs=MONTE_CARLO)


def test_the_error_is_read_off_the_interval_in_the_unit_of_the_planted_size():
    found = Coefficient("d", 0.1, float("nan"), 0.1 - CRITICAL * 0.05, 0.1 + CRITICAL * 0.05, 0.05, 100)
    assert public_noise(found).error == pytest.approx(0.05)
    assert public_noise(found, scale=2.0).error == pytest.approx(0.1)
    endless = Coefficient("d", 0.1, float("nan"), -math.inf, math.inf, 0.5, 100)
    assert math.isnan(public_noise(endless).error) and math.isnan(public_noise(endless).power(1.0, 1))


@pytest.mark.parametrize("study", ["virtual_agglomeration", "collaborative_agglomeration"])
def test_frozen_units_are_ratios_of_frozen_spreads(study):
    for key, unit in load_variation(study)["stand_ins"].items():
        assert unit["scale"] > 0 and (unit["scale"] == 1.0 or unit["words"]), key
        assert public_noises(study)[key].scale == unit["scale"]

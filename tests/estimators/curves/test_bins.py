"""Effects in bins of a moderator and the test of one line, against least squares with all indicators."""

import numpy as np
import pytest

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.curves.bins import binned_interaction

ALGEBRA = 1e-8  # two ways of solving the same normal equations with some thirty columns
UNITS, PERIODS = 30, 7


@pytest.fixture(scope="module")
def panel():
    rng = np.random.default_rng(11)
    entity, time = np.divmod(np.arange(UNITS * PERIODS), PERIODS)
    unit = rng.normal(size=UNITS)[entity]
    m = rng.normal(size=len(entity)) + 0.5 * unit
    d = rng.normal(size=len(entity)) + unit
    x = rng.normal(size=(len(entity), 2))
    y = d * (0.3 + 0.2 * m) + x @ [1.0, -0.5] + unit + 0.1 * time + rng.normal(size=len(entity))
    return {"y": y, "d": d, "m": m, "x": x, "entity": entity, "time": time}


def _by_indicators(panel, bins=3):
    """Equation 4 of Hainmueller, Mummolo & Xu as it is printed, with every indicator, clustered by hand."""
    m, d, entity = panel["m"], panel["d"], panel["entity"]
    edges = np.quantile(m, np.arange(1, bins) / bins)
    member = np.searchsorted(edges, m, side="right")
    medians = np.array([np.median(m[member == j]) for j in range(bins)])
    groups = [member == j for j in range(bins)]
    alpha = [g * d for g in groups]
    beta = [g * d * (m - at) for g, at in zip(groups, medians, strict=True)]
    rest = [*groups[1:], *(g * (m - at) for g, at in zip(groups, medians, strict=True)), *panel["x"].T]
    effects = [*np.eye(UNITS)[entity].T, *np.eye(PERIODS)[panel["time"]][:, 1:].T]
    z = np.column_stack([*alpha, *beta, *rest, *effects]).astype(float)
    slopes = np.linalg.lstsq(z, panel["y"], rcond=None)[0]
    left, bread = panel["y"] - z @ slopes, np.linalg.inv(z.T @ z)
    scores = np.array([(z * left[:, None])[entity == g].sum(axis=0) for g in range(UNITS)])
    nested = z.shape[1] - (UNITS - 1)
    factor = UNITS / (UNITS - 1) * (len(left) - 1) / (len(left) - nested)
    return medians, slopes, factor * bread @ scores.T @ scores @ bread


def test_effects_are_those_of_the_printed_equation(panel):
    found = binned_interaction(**panel)
    medians, slopes, covariance = _by_indicators(panel)
    assert found.medians == pytest.approx(medians, rel=ALGEBRA)
    assert found.effects.coefficients == pytest.approx(slopes[:3], rel=ALGEBRA)
    assert found.effects.standard_errors == pytest.approx(np.sqrt(np.diag(covariance)[:3]), rel=ALGEBRA)
    assert sum(found.rows) == len(panel["y"]) and max(found.rows) - min(found.rows) <= 1


def test_the_wald_test_asks_whether_all_bins_share_one_line(panel):
    found = binned_interaction(**panel)
    medians, slopes, covariance = _by_indicators(panel)
    restrictions = np.zeros((4, len(slopes)))
    for row, j in enumerate((1, 2)):
        restrictions[row, [3 + j, 3]] = 1, -1
        restrictions[2 + row, [j, 0, 3]] = 1, -1, -(medians[j] - medians[0])
    gap = restrictions @ slopes
    chi2 = gap @ np.linalg.solve(restrictions @ covariance @ restrictions.T, gap)
    assert found.test.df == 4
    assert found.test.statistic == pytest.approx(chi2 / 4, rel=ALGEBRA)


def test_the_line_is_the_usual_regression_at_the_mean(panel):
    found = binned_interaction(**panel | {"y": panel["d"] * (2 + 3 * (panel["m"] - panel["m"].mean()))})
    assert found.line.coefficients == pytest.approx([2, 3], rel=ALGEBRA)
    assert found.effects.coefficients == pytest.approx(
        2 + 3 * (found.medians - panel["m"].mean()), rel=ALGEBRA
    )


def test_a_moderator_of_cities_has_no_line_of_its_own(panel):
    fixed = np.repeat(np.random.default_rng(3).normal(size=UNITS), PERIODS)
    assert np.isfinite(binned_interaction(**panel | {"m": fixed}).test.p_value)


def test_two_values_are_groups_and_no_bins(panel):
    with pytest.raises(DataError, match="compare groups"):
        binned_interaction(**panel | {"m": (panel["m"] > 0).astype(float)})
    with pytest.raises(ParameterError, match="at least 2"):
        binned_interaction(**panel, bins=1)

import itertools

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from digital_clusters.analysis.fit import fit
from digital_clusters.analysis.joint_null import CRITICAL, influence, joint_tests, without_each
from digital_clusters.analysis.spec import Spec
from digital_clusters.errors import ParameterError
from digital_clusters.measures.panel import Panel

YEARS = 8
NULL_PANELS = 1000
MONTE_CARLO = 3 * np.sqrt(0.05 * 0.95 / NULL_PANELS)
"""Three standard errors of a rejection rate of 5 %."""


def frame(rng, cities, effect=0.0):
    """Persistent regressor, control and errors: what makes errors by row too small."""

    def walk():
        return (rng.normal(size=(cities, YEARS)).cumsum(axis=1) + rng.normal(size=(cities, 1))).ravel()

    x, z = walk(), walk()
    keys = {
        "city": np.repeat(np.arange(cities), YEARS),
        "year": np.tile(np.arange(2010, 2010 + YEARS), cities),
    }
    return pd.DataFrame({**keys, "x": x, "z": z, "y": effect * x + 0.3 * z + walk()})


def spec(**changes):
    said = {"outcome": "y", "treatment": "x", "first_year": 2010, "last_year": 2030, "errors": "clustered"}
    return Spec(**{"method": "two_way_fixed_effects", **said, **changes})


def test_influence_is_what_leaving_a_city_out_changes():
    panel = Panel.of(frame(np.random.default_rng(1), 40))
    found = fit(spec(controls=("z",)), panel)
    by_city = influence(found, "x")
    rows = panel.frame
    columns = rows[["y", "x", "z"]]
    for level in ("city", "year"):
        columns = columns - columns.groupby(rows[level]).transform("mean")
    for city in (0, 17):
        left = columns[rows["city"] != city]
        without = np.linalg.lstsq(left[["x", "z"]], left["y"])[0][0]
        assert by_city[city] == pytest.approx(found.term("x").value - without, rel=1e-8)


def test_influence_does_not_depend_on_units():
    data = frame(np.random.default_rng(1), 40)
    plain = influence(fit(spec(controls=("z",)), Panel.of(data)), "x")
    scaled = data.assign(z=1e9 * data["z"] + 1e10, x=data["x"] / 1e6)
    assert_allclose(influence(fit(spec(controls=("z",)), Panel.of(scaled)), "x") / 1e6, plain, rtol=1e-6)


def test_influence_of_double_machine_learning_is_near_its_score():
    panel = Panel.of(frame(np.random.default_rng(1), 60))
    changes = {"method": "double_machine_learning", "learner": "linear", "controls": ("z",), "folds": 4}
    found = fit(spec(**changes, fold_unit="clusters", fixed_effects="within"), panel)
    by_city = influence(found, "x")
    assert len(by_city) == 60
    # the jackknife is wider than the plain sum of squared scores, by little where no city dominates
    assert 1 < np.sqrt((by_city**2).sum()) / found.term("x").error < 1.15


def test_another_estimator_has_no_influence_here():
    panel = Panel.of(frame(np.random.default_rng(1), 20).assign(w=np.random.default_rng(2).normal(size=160)))
    changes = {"method": "instrumental_variables", "instrument": "z"}
    assert influence(fit(spec(**changes), panel), "x") is None


def test_one_specification_alone_is_its_own_test():
    rng = np.random.default_rng(5)
    effects = rng.normal(size=(60, 1)) / 60
    error = np.sqrt((effects**2).sum())
    found = joint_tests([2.5 * error], [error], effects, sign=1, draws=19_999, seed=1)
    # the signs of sixty cities are nearly normal: 2 (1 − Φ(2.5)) = 0.0124
    assert found["p_median"] == pytest.approx(0.0124, abs=0.004)
    assert found["p_stouffer"] == pytest.approx(0.0062, abs=0.003)
    assert found["p_search"] == found["p_median"]
    against = joint_tests([-2.5 * error], [error], effects, sign=1, draws=999, seed=1)
    assert against["p_stouffer"] > 0.95 and against["p_against"] < 0.05


def test_no_draws_are_refused():
    with pytest.raises(ParameterError, match="draws = 0"):
        joint_tests([1.0], [1.0], [[1.0]], sign=1, draws=0, seed=1)


def curve(data, cities):
    """Eight specifications of one panel by plain numpy: values, errors, effects of cities."""
    y, x, z = (data[name].to_numpy().reshape(cities, YEARS) for name in ("y", "x", "z"))
    found = []
    for columns, first, last in itertools.product(((y, x), (y, x, z)), (0, 1), (YEARS - 1, YEARS)):
        cut = [column[:, first:last] for column in columns]
        left = [c - c.mean(axis=1, keepdims=True) - c.mean(axis=0) + c.mean() for c in cut]
        outcome, regressors = left[0], np.stack(left[1:], axis=-1)
        flat, codes = regressors.reshape(-1, len(left) - 1), np.arange(cities).repeat(outcome.shape[1])
        slopes = np.linalg.lstsq(flat, outcome.ravel())[0]
        score = np.bincount(codes, np.linalg.pinv(flat)[0] * (outcome.ravel() - flat @ slopes))
        error = np.sqrt((score**2).sum() * cities / (cities - 1))
        found.append((slopes[0], error, without_each(outcome.ravel(), flat, codes)[:, 0]))
    values, errors, effects = zip(*found, strict=True)
    return np.array(values), np.array(errors), np.array(effects).T


@pytest.mark.slow
def test_a_curve_of_null_effects_is_found_significant_in_five_of_a_hundred_panels():
    cities, rejected = 250, []
    for k in range(NULL_PANELS):
        data = frame(np.random.default_rng(k), cities)
        found = joint_tests(*curve(data, cities), sign=1, draws=199, seed=k)
        rejected.append({name: p <= 0.05 for name, p in found.items() if name != "specs"})
    size = pd.DataFrame(rejected).mean()
    for exact in ("p_median", "p_stouffer", "p_search"):
        assert abs(size[exact] - 0.05) <= MONTE_CARLO, size.to_dict()
    # shares are discrete: their test may reject less often, not more
    assert size["p_share"] <= 0.05 + MONTE_CARLO and size["p_against"] <= 0.05 + MONTE_CARLO


@pytest.mark.slow
def test_a_planted_effect_is_found():
    data = frame(np.random.default_rng(0), 50, effect=0.4)
    values, errors, effects = curve(data, 50)
    assert (values > CRITICAL * errors).all()
    found = joint_tests(values, errors, effects, sign=1, draws=199, seed=1)
    assert max(found["p_median"], found["p_stouffer"], found["p_share"]) <= 0.01

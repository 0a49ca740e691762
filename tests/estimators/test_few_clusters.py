"""Few clusters, few treated, few periods: results say so, and the remedies hold."""

import re

import numpy as np
import pandas as pd
import pytest

from digital_clusters.errors import DataError
from digital_clusters.estimators.did.psm_did import psm_did
from digital_clusters.estimators.did.staggered import event_study, group_time_effects, two_way_did
from digital_clusters.estimators.double_ml.partially_linear import estimate_partialled_out, partial_out
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.estimators.few_clusters import effective_clusters
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects, weighted_two_way
from digital_clusters.estimators.panel.mediation import mediation
from digital_clusters.estimators.resampling.permutation import permute_slopes
from digital_clusters.estimators.resampling.simulated_panels import correlated_effects
from digital_clusters.estimators.spatial.durbin import spatial_panel
from digital_clusters.estimators.spatial.model_tests import hausman
from digital_clusters.estimators.spatial.simulated import durbin_panel, near_neighbours
from digital_clusters.estimators.wald import wald_test

SAME = 1e-9  # relative; the same regressions through other sums
YEARS = 6


def adopted(treated, units=30, seed=0, year=4):
    """Units over six years of which the first ``treated`` adopt in the fourth; no effect."""
    rng = np.random.default_rng(seed)
    entity, time = np.divmod(np.arange(units * YEARS), YEARS)
    y = rng.normal(size=units)[entity] + rng.normal(size=len(entity))
    return y, {"entity": entity, "time": time + 1, "adoption": np.where(entity < treated, year, np.nan)}


def panel(units=12, years=6, seed=0):
    draw = correlated_effects(np.random.default_rng(seed), n_units=units, n_years=years, n_covariates=3)
    x = np.column_stack([draw.d, draw.x])
    return draw.y, x, {"entity": draw.entity, "time": draw.time, "terms": ["d", "a", "b", "c"]}


def test_effective_clusters_count_those_that_carry_a_coefficient():
    cluster = np.repeat(np.arange(10), 3)
    assert effective_clusters(np.ones((30, 1)), cluster) == pytest.approx([10], rel=SAME)
    one = (cluster == 4).astype(float)[:, None]
    assert effective_clusters(one, cluster) == pytest.approx([1], rel=SAME)
    parts = np.repeat([1.0, 1, 1, 2, 0, 0, 0, 0, 0, 0], 3)  # squares 1, 1, 1, 4: (Σ)² / Σ² = 49 / 19
    assert effective_clusters(parts[:, None], cluster) == pytest.approx([49 / 19], rel=SAME)


@pytest.mark.parametrize("effects", ["two_way", "entity", "time", "none"])
def test_cv3_is_the_jackknife_over_entities(effects):
    y, x, keys = panel()
    kept = np.random.default_rng(1).uniform(size=len(y)) < 0.9
    y, x, entity, time = y[kept], x[kept], keys["entity"][kept], keys["time"][kept]
    found = two_way_fixed_effects(
        y, x, entity=entity, time=time, terms=keys["terms"], effects=effects, errors="cv3"
    )
    without = []
    for g in range(12):
        rows = entity != g
        part = {"entity": entity[rows], "time": time[rows], "terms": keys["terms"], "effects": effects}
        without.append(two_way_fixed_effects(y[rows], x[rows], **part).coefficients)
    gaps = np.array(without) - found.coefficients
    assert found.covariance == pytest.approx(11 / 12 * gaps.T @ gaps, rel=1e-7)
    assert (found.n_clusters, found.degrees_of_freedom, found.warnings) == (12, 11.0, ())


def test_cv3_with_a_constant_among_the_terms():
    y, x, keys = panel()
    keys = {name: keys[name] for name in ("entity", "time")} | {"effects": "none", "errors": "cv3"}
    bare = two_way_fixed_effects(y, x[:, :1], **keys, terms=["d"])
    full = two_way_fixed_effects(y, np.column_stack([x[:, 0], np.ones(len(y))]), **keys, terms=["d", "one"])
    assert full["d"] == pytest.approx(bare["d"], rel=SAME)


def test_cv3_of_one_treated_unit_is_refused():
    y, keys = adopted(1)
    treated = (keys["time"] >= keys["adoption"]).astype(float)
    with pytest.raises(DataError, match="one entity alone decides a coefficient"):
        two_way_fixed_effects(
            y, treated, entity=keys["entity"], time=keys["time"], terms=["did"], errors="cv3"
        )


def test_few_effective_clusters_are_said():
    few, many = (two_way_did(y, **keys) for y, keys in (adopted(5, 200), adopted(100, 200)))
    assert re.search(r"'did': 5\.\d effective clusters of 200, fewer than 20", few.warnings[0])
    assert many.warnings == ()
    assert Estimate.from_dict(few.to_dict()).warnings == few.warnings
    assert "warnings" not in many.to_dict()


def test_an_effect_that_one_unit_decides_has_no_error_and_says_why():
    y, keys = adopted(1)
    late = [(keys["entity"] == 0) & (keys["time"] == year) for year in range(2, YEARS + 1)]
    found = two_way_fixed_effects(
        y,
        np.column_stack(late),
        entity=keys["entity"],
        time=keys["time"],
        terms=list("abcde"),
        effects="entity",
    )
    assert np.isnan(found.standard_errors).all() and np.isfinite(found.coefficients).all()
    assert found.warnings[0].startswith("'a', 'b', 'c' and 2 more: no clustered variance is left")


def test_an_event_study_of_one_unit_says_what_it_rests_on():
    y, keys = adopted(1)
    study = event_study(y, **keys)
    assert re.search(r"1\.\d effective clusters of 30", study.estimate.warnings[0])
    assert "2 restrictions on 1 clusters" in study.pretrend.warnings[0]


def test_weighted_effects_say_the_same():
    y, keys = adopted(1)
    treated = (keys["time"] == keys["adoption"]).astype(float)
    found = weighted_two_way(
        y, treated, weights=np.ones(len(y)), entity=keys["entity"], time=keys["time"], terms=["now"]
    )
    assert "effective clusters" in found.warnings[-1]


@pytest.mark.parametrize(("treated", "known"), [(1, False), (2, False), (3, True), (10, True), (25, True)])
def test_group_time_effects_of_few_treated_units(treated, known):
    y, keys = adopted(treated, 60)
    found = group_time_effects(y, **keys)
    for estimate in (found.overall, found.dynamic):
        assert np.isfinite(estimate.standard_errors[0]) == known
        assert np.isfinite(estimate.coefficients[0])
        assert bool(estimate.warnings) == (treated < 20)
    assert found.cells["se"].notna().all() == known and found.cells["effect"].notna().all()
    assert found.groups["se"].notna().all() == known
    if treated == 10:
        assert "2 restrictions on 10 clusters or treated units" in found.pretrend.warnings[0]
        assert "placebo_pretrend" in found.pretrend.warnings[0]
    if treated == 25:
        assert found.pretrend.warnings == ()


def test_a_pretrend_test_of_few_treated_units_says_that_it_rejects_too_often():
    (few, few_keys), (many, many_keys) = adopted(10, 100), adopted(60, 100)
    assert "10 clusters or treated units" in event_study(few, **few_keys).pretrend.warnings[0]
    assert event_study(many, **many_keys).pretrend.warnings == ()


def test_joint_tests_of_few_clusters_say_so():
    for units, said in ((30, 1), (40, 0)):
        y, x, keys = panel(units)
        test = wald_test(two_way_fixed_effects(y, x, **keys), keys["terms"])
        assert len(test.warnings) == said
    y, x, keys = panel(30)
    assert wald_test(two_way_fixed_effects(y, x, **keys, errors="robust"), keys["terms"]).warnings == ()


def test_hausman_with_few_units_says_so():
    for units, said in ((10, 1), (40, 0)):
        rng = np.random.default_rng(2)
        w = near_neighbours(rng, units, neighbours=3)
        draw = durbin_panel(rng, w, n_years=8, rho=0.2, beta=(1.0,), theta=(0.0,))
        keys = {"entity": draw.entity, "time": draw.time, "terms": ["x"], "model": "slx"}
        assert len(hausman(draw.y, draw.x, w, **keys).warnings) == said


def test_driscoll_kraay_with_few_periods_says_so():
    for years, said in ((10, 1), (25, 0)):
        y, x, keys = panel(30, years)
        found = two_way_fixed_effects(y, x, **keys, errors="driscoll_kraay")
        assert len(found.warnings) == said


def test_negative_variances_of_two_way_clusters_are_mended_and_said():
    """Outcomes whose sums over units and over periods vanish leave less variance than none."""
    entity, time = np.divmod(np.arange(64), 8)
    sign = (-1.0) ** (entity + time)
    x, y = np.ones(64), sign
    keys = {"entity": entity, "time": time, "terms": ["one"], "effects": "none"}
    found = two_way_fixed_effects(y, x, **keys, errors="two_way_clustered")
    assert np.isnan(found.standard_errors[0]), "nothing is left once it is set to zero"
    assert "negative eigenvalues are set to zero" in found.warnings[0]
    assert "no clustered variance is left" in found.warnings[1]


def test_an_estimate_with_a_negative_variance_says_so():
    found = Estimate(("a", "b"), [1.0, 2.0], [[-1e-9, 0], [0, 1]], 9, method="m", errors="robust")
    assert np.isnan(found.standard_errors[0]) and found.standard_errors[1] == 1
    assert found.warnings == ("'a': the variance is negative, so that it has no error; use another rule",)
    assert found.with_provenance(seconds=1.0).warnings == found.warnings


@pytest.mark.parametrize("treated", [1, 2, 5, 20])
def test_mediation_leaves_out_resamples_without_treated_units(treated):
    rng = np.random.default_rng(1)
    entity, time = np.divmod(np.arange(400), 10)
    policy = ((entity < treated) & (time >= 5)).astype(float)
    m = 0.8 * policy + rng.normal(size=400)
    y = 0.5 * policy + 0.6 * m + rng.normal(size=400)
    found = mediation(y, policy, m, entity=entity, time=time, terms=["policy"], mediators=["m"], draws=500)
    lost = 500 - len(found.draws)
    assert np.isfinite(found.percentile).all() and np.isfinite(found.draws).all()
    chance = (1 - treated / 40) ** 40
    assert abs(lost - 500 * chance) <= 4 * np.sqrt(500 * chance * (1 - chance)) + 1
    assert any(said.startswith(f"{lost} of 500 resamples") for said in found.indirect.warnings) == (lost > 0)


def test_mediation_with_too_few_usable_resamples_is_refused():
    entity, time = np.divmod(np.arange(40), 10)
    rng = np.random.default_rng(0)
    policy = ((entity == 0) & (time >= 5)).astype(float)
    m, y = rng.normal(size=(2, 40))
    with pytest.raises(DataError, match="of 100 resamples of entities"):
        mediation(y, policy, m, entity=entity, time=time, terms=["policy"], mediators=["m"], draws=100)


def test_results_pass_on_the_warnings_of_what_they_hold():
    y, keys = adopted(10, 100)
    study = event_study(y, **keys)
    assert study.warnings == (*study.estimate.warnings, *study.pretrend.warnings)
    assert f"caution: {study.pretrend.warnings[0]}" in repr(study)
    covariates = pd.DataFrame({"x": np.random.default_rng(1).normal(size=100)})
    matched = psm_did(y, **keys, unit_covariates=covariates)
    assert {*matched.did.warnings, *matched.event_study.pretrend.warnings} == set(matched.warnings)
    assert matched.did.warnings and matched.event_study.pretrend.warnings


@pytest.mark.parametrize(("units", "said"), [(10, 1), (60, 0)])
def test_double_machine_learning_of_few_clusters_says_so(units, said):
    y, x, keys = panel(units)
    options = keys | {"terms": ["d"], "learner": "linear", "fixed_effects": "within", "seed": 1}
    residuals = partial_out(y, x[:, 0], x[:, 1:], **options)
    assert len(estimate_partialled_out(residuals, errors="clustered").warnings) == said
    assert estimate_partialled_out(residuals, errors="robust").warnings == ()


@pytest.mark.parametrize(("ones", "said"), [(1, True), (2, False)])
def test_a_permutation_of_few_labels_says_that_it_can_find_nothing(ones, said):
    x, y = np.random.default_rng(2).normal(size=(2, 40))
    entity = np.repeat(np.arange(8), 5)
    test = permute_slopes(y, x, entity < ones, units=entity, relabellings=None)
    assert bool(test.warnings) == said
    if said:
        assert "8 relabellings of 8 units" in test.warnings[0] and test.p_value >= 1 / 8


def test_a_spatial_panel_of_few_periods_without_correction_says_so():
    w = near_neighbours(np.random.default_rng(1), 12, neighbours=3)
    for years, options, said in (
        (6, {}, 1),
        (30, {}, 0),
        (6, {"correction": "transformation"}, 0),
        (6, {"model": "slx"}, 0),
        (6, {"effects": "time"}, 0),
    ):
        draw = durbin_panel(np.random.default_rng(2), w, n_years=years, rho=0.2, beta=(1.0,), theta=(0.0,))
        keys = {"entity": draw.entity, "time": draw.time, "terms": ["x"]}
        found = spatial_panel(draw.y, draw.x, w, **keys, **options).estimate.warnings
        assert len(found) == said, (years, options)

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects
from digital_clusters.estimators.panel.products import entity_design
from digital_clusters.estimators.resampling.multiple_testing import (
    FamilyMember,
    adjust,
    family_tests,
    step_down,
    wild_statistics,
)
from digital_clusters.estimators.resampling.simulated_panels import autocorrelated

EXACT = 1e-8  # relative; sums by entity against a library's regression

# p values of the cardiac trial in Benjamini & Hochberg (1995), section 4
TRIAL = [1e-4, 4e-4, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719]
TRIAL += [0.6528, 0.759, 1.0]


def panel(rng, *, n_units=30, n_years=4, theta=0.0):
    entity, time = np.divmod(np.arange(n_units * n_years), n_years)
    d, x, u = (autocorrelated(rng, n_units, n_years, 0.5).ravel() for _ in range(3))
    return theta * d + 0.5 * x + u, np.column_stack([d, x]), entity, time


def test_the_published_example():
    table = adjust({f"outcome {j}": p for j, p in enumerate(TRIAL)})
    assert (table["benjamini_hochberg"] <= 0.05).sum() == 4
    assert (table["holm"] <= 0.05).sum() == 3


@settings(max_examples=8)
@given(p=st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_corrections_are_the_library(p):
    from statsmodels.stats.multitest import multipletests

    table = adjust({f"outcome {j}": value for j, value in enumerate(p)})
    assert table["p"].tolist() == p
    assert table["holm"].to_numpy() == pytest.approx(multipletests(p, method="holm")[1])
    assert table["benjamini_hochberg"].to_numpy() == pytest.approx(multipletests(p, method="fdr_bh")[1])


@settings(max_examples=50)
@given(seed=st.integers(0, 10_000), k=st.integers(1, 6))
def test_step_down_by_loops(seed, k):
    rng = np.random.default_rng(seed)
    observed, null = np.round(3 * rng.normal(size=k), 1), np.round(rng.normal(size=(40, k)), 1)
    expected, left, floor = np.empty(k), list(range(k)), 0.0
    while left:
        first = max(left, key=lambda j: abs(observed[j]))
        hits = sum(max(abs(row[j]) for j in left) >= abs(observed[first]) for row in null)
        floor = expected[first] = max(floor, (1 + hits) / 41)
        left.remove(first)
    assert step_down(observed, null) == pytest.approx(expected)


@pytest.mark.parametrize("effects", ["two_way", "entity", "time", "none"])
def test_each_draw_is_a_regression_on_flipped_residuals(effects):
    rng = np.random.default_rng(2)
    y, w, entity, time = panel(rng, theta=0.3)
    kept = rng.permutation(len(y))[:90]
    y, w, entity, time = y[kept], w[kept], np.unique(entity[kept], return_inverse=True)[1], time[kept]
    options = {"entity": entity, "time": time, "effects": effects, "small_sample": "none"}
    design = entity_design(np.column_stack([y, w[:, 0]]), w[:, 1:], entity, time, effects)
    signs = np.vstack([np.ones(entity.max() + 1), rng.choice([-1.0, 1.0], size=(4, entity.max() + 1))])
    found = wild_statistics(design, signs)
    basis = np.linalg.qr(design.nuisance)[0]
    residual = design.columns[:, 0] - basis @ (basis.T @ design.columns[:, 0])
    for statistic, sign in zip(found, signs, strict=True):
        flipped = two_way_fixed_effects(sign[entity] * residual, w, terms=["d", "x"], **options)
        assert statistic == pytest.approx(flipped["d"][0] / flipped["d"][1], rel=EXACT)
    sample = two_way_fixed_effects(y, w, terms=["d", "x"], **options)
    assert found[0] == pytest.approx(sample["d"][0] / sample["d"][1], rel=EXACT)


def test_coefficients_are_the_library_and_one_member_needs_no_correction():
    y, w, entity, time = panel(np.random.default_rng(3), theta=0.2)
    table = family_tests([FamilyMember("all", y, w, entity, time)], draws=199)
    expected = two_way_fixed_effects(y, w, entity=entity, time=time, terms=["d", "x"])
    row = table.loc["all"]
    assert (row["coefficient"], row["standard_error"]) == pytest.approx(expected["d"], rel=EXACT)
    assert row["p"] == pytest.approx(expected.p_values[0], rel=EXACT)
    assert row["p"] == row["holm"] == row["benjamini_hochberg"] and row["p_wild"] == row["romano_wolf"]
    assert row["n_observations"] == 120


def test_dependence_is_used():
    y, w, entity, time = panel(np.random.default_rng(4), theta=0.2)
    copies = [FamilyMember(f"copy {j}", y, w, entity, time) for j in range(5)]
    table = family_tests(copies, draws=199)
    assert (table["romano_wolf"] == table["p_wild"]).all()
    assert table["holm"].to_numpy() == pytest.approx(np.minimum(5 * table["p"], 1).to_numpy())


def test_a_city_has_one_sign_in_all_samples():
    rng = np.random.default_rng(5)
    y, w, entity, time = panel(rng)
    names = np.array([f"city {j:02d}" for j in range(30)])[entity]
    order = rng.permutation(len(y))
    members = [
        FamilyMember("sorted", y, w, names, time),
        FamilyMember("shuffled", y[order], w[order], names[order], time[order]),
        FamilyMember("half", y[entity < 15], w[entity < 15], names[entity < 15], time[entity < 15]),
    ]
    table = family_tests(members, draws=499, seed=1)
    assert table.loc["sorted", "p_wild"] == table.loc["shuffled", "p_wild"]
    assert table.loc["half", "n_observations"] == 60
    again = family_tests(members, draws=499, seed=1)
    assert again.equals(table)


def test_false_rejections_in_a_family_are_held_at_the_level():
    rng = np.random.default_rng(6)
    families, any_false, single = 150, 0, 0
    for _ in range(families):
        y, w, entity, time = panel(rng, n_units=24)
        others = [panel(rng, n_units=24)[0] for _ in range(3)]
        members = [FamilyMember(str(j), one, w, entity, time) for j, one in enumerate([y, *others])]
        table = family_tests(members, draws=99, seed=rng)
        any_false += (table["romano_wolf"] <= 0.05).any()
        single += (table["p_wild"] <= 0.05).any()
    # three binomial standard deviations of 150 families at 5 % are 0.053
    assert any_false / families <= 0.05 + 0.053
    assert single / families > 0.05 + 0.053  # four looks without a correction: 1 − 0.95⁴ = 0.19


def test_a_real_effect_among_false_ones_is_found():
    rng = np.random.default_rng(7)
    y, w, entity, time = panel(rng, n_units=60, theta=0.8)
    members = [FamilyMember("real", y, w, entity, time)]
    members += [FamilyMember(str(j), panel(rng, n_units=60)[0], w, entity, time) for j in range(3)]
    table = family_tests(members, draws=499)
    assert table.loc["real", "romano_wolf"] == 1 / 500
    assert (table["romano_wolf"] >= table["p_wild"]).all()


def test_refusals():
    y, w, entity, time = panel(np.random.default_rng(0))
    member = FamilyMember("a", y, w, entity, time)
    for call, says in [
        (lambda: family_tests([]), "at least one member"),
        (lambda: family_tests([member, member]), "own name"),
        (lambda: family_tests([member], draws=10), "at least 99"),
        (lambda: family_tests([FamilyMember("a", y, w[1:], entity, time)]), "x has 119 rows"),
        (lambda: adjust({}), "at least one"),
        (lambda: adjust({"a": 1.2}), "between 0 and 1"),
        (lambda: adjust({"a": float("nan")}), "between 0 and 1"),
    ]:
        with pytest.raises(ParameterError, match=says):
            call()
    with pytest.raises(DataError, match="linear combination"):
        family_tests([FamilyMember("a", y, np.column_stack([w, w[:, 0]]), entity, time)])
    with pytest.raises(DataError, match="no variation"):
        design = entity_design(np.column_stack([y, w[:, 0]]), w[:, :1], entity, time, "two_way")
        wild_statistics(design, np.ones((1, 30)))

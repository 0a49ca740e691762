import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digital_clusters.errors import DataError
from digital_clusters.estimators.did.decomposition import goodman_bacon, two_way_weights
from digital_clusters.estimators.did.staggered import two_way_did

EXACT = 1e-9  # algebraic identities in double precision
PRECISE = 1e-7  # relative; the case prints ten digits


def panel(adoption, periods=8, seed=0, noise=1.0):
    rng = np.random.default_rng(seed)
    adoption = np.asarray(adoption, float)
    entity, time = np.repeat(np.arange(len(adoption)), periods), np.tile(np.arange(periods), len(adoption))
    y = rng.normal(size=len(adoption))[entity] + noise * rng.normal(size=len(time))
    return y, {"entity": entity, "time": time, "adoption": adoption[entity]}


cohorts = st.lists(st.sampled_from([0.0, 2.0, 3.0, 5.0, 7.0, np.nan]), min_size=6, max_size=25)


@settings(max_examples=20)
@given(adoption=cohorts, seed=st.integers(0, 1000))
def test_weighted_comparisons_are_the_two_way_estimate(adoption, seed):
    kinds = {("never" if np.isnan(a) else a) for a in adoption}
    if len(kinds) < 2 or not kinds - {0.0, "never"}:
        return
    y, keys = panel(adoption, seed=seed)
    found = goodman_bacon(y, **keys)
    assert found.comparisons["weight"].sum() == pytest.approx(1, rel=EXACT)
    assert (found.comparisons["weight"] > 0).all()
    assert found.estimate == pytest.approx(two_way_did(y, **keys)["did"][0], abs=EXACT)
    assert found.by_kind["weight"].sum() == pytest.approx(1, rel=EXACT)
    product = (found.by_kind["weight"] * found.by_kind["estimate"]).sum()
    assert product == pytest.approx(found.estimate, abs=EXACT)


def test_counties_and_the_library(reference_case):
    from diff_diff import BaconDecomposition

    case = reference_case("I1")
    frame = pd.read_csv(case["folder"] / case["data"]).rename(columns={"first.treat": "first"})
    adoption = frame["first"].replace(0, np.nan)
    found = goodman_bacon(frame["lemp"], entity=frame["countyreal"], time=frame["year"], adoption=adoption)
    assert found.estimate == pytest.approx(case["expected"]["twfe"][0], rel=PRECISE)
    theirs = BaconDecomposition().fit(
        frame, outcome="lemp", unit="countyreal", time="year", first_treat="first"
    )
    for comparison in theirs.comparisons:
        control = pd.to_numeric(comparison.control_group, errors="coerce")
        rows = found.comparisons.query("treated == @comparison.treated_group")
        row = rows[rows["control"].fillna(0) == np.nan_to_num(control)].iloc[0]
        assert (row["estimate"], row["weight"]) == pytest.approx(
            (comparison.estimate, comparison.weight), rel=PRECISE
        )
    assert len(theirs.comparisons) == len(found.comparisons) == 9


def test_one_cohort_is_one_comparison():
    y, keys = panel([4] * 5 + [np.nan] * 7)
    found = goodman_bacon(y, **keys)
    assert len(found.comparisons) == 1
    row = found.comparisons.iloc[0]
    assert (row["treated"], row["kind"], row["weight"]) == (4, "never", 1.0)


def test_kinds_of_controls():
    """Steps of cohort 3 by 1 at once and of cohort 6 by 10: each kind of comparison sees its own."""
    adoption = [0, 0, 3, 3, 6, 6, np.nan, np.nan]
    y, keys = panel(adoption, noise=0)
    a = keys["adoption"]
    y = y + np.where(a == 3, 1.0, 10.0) * (keys["time"] >= a)
    found = goodman_bacon(y, **keys)
    kind = found.comparisons.set_index(["treated", "kind"])["estimate"]
    assert kind.to_dict() == pytest.approx(
        {
            (3, "never"): 1,
            (3, "always"): 1,
            (3, "not_yet"): 1,
            (6, "never"): 10,
            (6, "always"): 10,
            (6, "already"): 10,
        },
        abs=EXACT,
    )
    assert found.n_always_treated == 2
    dropped = goodman_bacon(y, **keys, always_treated="drop")
    assert dropped.by_kind.loc["always", "weight"] == 0
    assert dropped.estimate == pytest.approx(
        two_way_did(y, **keys, always_treated="drop")["did"][0], rel=EXACT
    )


def test_growing_effects_of_controls_enter_with_a_minus():
    y, keys = panel([0] * 10 + [4] * 10, noise=0)
    y = y + 0.5 * (keys["adoption"] == 0) * keys["time"]
    row = goodman_bacon(y, **keys).comparisons.iloc[0]
    assert row["kind"] == "always"
    assert row["estimate"] == pytest.approx(-0.5 * (5.5 - 1.5), rel=EXACT), "mean of 4..7 less mean of 0..3"


@settings(max_examples=15)
@given(adoption=cohorts, seed=st.integers(0, 1000), share=st.floats(0.7, 1.0))
def test_the_estimate_is_the_weighted_effect_of_treated_cells(adoption, seed, share):
    """Without noise beyond unit and period effects theorem 1 is exact, in unbalanced panels too."""
    rng = np.random.default_rng(seed)
    kinds = {("never" if np.isnan(a) else a) for a in adoption}
    if len(kinds) < 3 or not kinds - {0.0, "never"}:
        return
    y, keys = panel(adoption, seed=seed, noise=0)
    effect = {(a, t): rng.normal() for a in set(adoption) if a == a for t in range(8)}
    cells = list(zip(keys["adoption"], keys["time"], strict=True))
    y = y + [effect[a, t] if t >= a else 0.0 for a, t in cells]
    rows = rng.random(len(y)) < share
    rows[::8] = rows[7::8] = True
    keys = {name: column[rows] for name, column in keys.items()}
    found = two_way_weights(y[rows], **keys)
    table = found.cells
    assert table["weight"].sum() == pytest.approx(1, rel=EXACT)
    total = sum(
        w * effect[a, t] for a, t, w in zip(table["adoption"], table["time"], table["weight"], strict=True)
    )
    estimate = two_way_did(y[rows], **keys)["did"][0]
    assert (total, found.estimate) == pytest.approx((estimate, estimate), abs=1e-7)


def test_a_clean_design_has_no_negative_weights():
    y, keys = panel([4] * 5 + [np.nan] * 7)
    found = two_way_weights(y, **keys)
    assert (found.share_negative, found.sum_negative, found.reversal_spread) == (0, 0, np.inf)
    assert found.cells["weight"].to_numpy() == pytest.approx(np.full(4, 0.25), rel=EXACT)
    assert found.cells["n_units"].tolist() == [5] * 4


def test_late_periods_of_early_adopters_get_negative_weights():
    y, keys = panel([1] * 10 + [5] * 10 + [np.nan])
    found = two_way_weights(y, **keys)
    negative = found.cells[found.cells["weight"] < 0]
    assert set(negative["adoption"]) == {1} and negative["time"].min() == 5
    share = negative["n_units"].sum() / found.cells["n_units"].sum()
    assert found.share_negative == pytest.approx(share, rel=EXACT)
    assert found.sum_negative == pytest.approx(negative["weight"].sum(), rel=EXACT)


def test_effects_of_the_reversal_spread_turn_the_sign():
    """Effects proportional to the weights' deviations, of just that spread, make a mean effect of zero."""
    y, keys = panel([1] * 10 + [5] * 10 + [np.nan], seed=3)
    found = two_way_weights(y, **keys)
    table = found.cells
    n = table["n_units"].to_numpy()
    relative = table["weight"].to_numpy() / n * n.sum()
    spread = np.sqrt(np.average((relative - 1) ** 2, weights=n))
    effect = (relative - 1) * found.estimate / spread**2
    assert table["weight"] @ effect == pytest.approx(found.estimate, rel=EXACT)
    assert np.average(effect, weights=n) == pytest.approx(0, abs=EXACT)
    assert np.sqrt(np.average(effect**2, weights=n)) == pytest.approx(found.reversal_spread, rel=EXACT)


def test_what_cannot_be_decomposed_is_refused():
    y, keys = panel([3] * 4 + [np.nan] * 4)
    with pytest.raises(DataError, match="balanced panel"):
        goodman_bacon(y[:-1], **{name: column[:-1] for name, column in keys.items()})
    y, keys = panel([3] * 4)
    with pytest.raises(DataError, match="nothing to compare"):
        goodman_bacon(y, **keys)
    with pytest.raises(DataError, match="does not vary"):
        two_way_weights(y, **keys)

import warnings

import numpy as np
import pandas as pd
import pytest

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.did.staggered import (
    event_study,
    group_time_effects,
    two_way_did,
)

REFERENCE = 2e-6  # absolute; the case prints six decimals of effects and errors of the cells
PRECISE = 1e-7  # relative; the case prints ten digits of averages and regressions
EXACT = 1e-9  # closed forms
YEARS = np.arange(2001, 2011)


@pytest.fixture(scope="module")
def counties(reference_case):
    case = reference_case("I1")
    frame = pd.read_csv(case["folder"] / case["data"])
    adoption = frame["first.treat"].replace(0, np.nan)
    keys = {"entity": frame["countyreal"], "time": frame["year"], "adoption": adoption}
    return case["expected"], frame, keys


def counted(slopes):
    """The case's errors count the slopes and one more as parameters; ours the periods as well."""
    n, years = 2500, 5
    return np.sqrt((n - slopes - 1) / (n - slopes - years))


def test_counties_static(counties):
    expected, frame, keys = counties
    b, se = two_way_did(frame["lemp"], **keys)["did"]
    assert b == pytest.approx(expected["twfe"][0], rel=PRECISE)
    assert se == pytest.approx(expected["twfe"][1] * counted(1), rel=PRECISE)


def test_counties_event_study(counties):
    expected, frame, keys = counties
    found = event_study(frame["lemp"], **keys)
    path = found.path.set_index("relative")
    for name, (b, se) in expected["es_twfe"].items():
        row = path.loc[int(name[2:]) * (-1 if name[1] == "m" else 1)]
        assert row["effect"] == pytest.approx(b, rel=PRECISE)
        assert row["se"] == pytest.approx(se * counted(7), rel=PRECISE)
    assert path.loc[-1, ["effect", "se"]].tolist() == [0, 0]
    wald = expected["pretrend_wald_chi2_3"] / counted(7) ** 2
    assert found.pretrend.statistic == pytest.approx(wald, rel=PRECISE)
    assert found.pretrend.df == 3


@pytest.mark.parametrize("control", ["never_treated", "not_yet_treated"])
def test_counties_group_time(counties, control):
    expected, frame, keys = counties
    found = group_time_effects(frame["lemp"], **keys, control=control)
    cells = found.cells.set_index(["group", "time"])
    listed = expected["attgt" if control == "never_treated" else "attgt_notyet"]
    assert len(cells) == len(listed) == 12
    for name, value in listed.items():
        row = cells.loc[tuple(int(part) for part in name.split(","))]
        effect, se = value if control == "never_treated" else (value, row["se"])
        assert (row["effect"], row["se"]) == pytest.approx((effect, se), abs=REFERENCE)


def test_counties_averages(counties):
    expected, frame, keys = counties
    found = group_time_effects(frame["lemp"], **keys)
    assert found.overall["att"][0] == pytest.approx(expected["simple"], rel=PRECISE)
    assert found.dynamic["att"][0] == pytest.approx(expected["dynamic_overall"], rel=PRECISE)
    path = found.event_study.set_index("relative")["effect"]
    assert path.to_dict() == pytest.approx({int(e): v for e, v in expected["dynamic"].items()}, rel=1e-6)
    groups = {int(g): v for g, v in expected["group"].items()}
    assert found.groups.set_index("group")["effect"].to_dict() == pytest.approx(groups, rel=PRECISE)


def test_counties_with_a_covariate(counties):
    expected, frame, keys = counties
    found = group_time_effects(frame["lemp"], **keys, covariates=frame["lpop"])
    assert found.overall["att"][0] == pytest.approx(expected["with_lpop_dr"]["simple"], abs=REFERENCE)
    assert found.dynamic["att"][0] == pytest.approx(expected["with_lpop_dr"]["dynamic"], abs=REFERENCE)


def staggered(cohorts, effect, noise=0.0, seed=0):
    """Outcome, keys and effects of units that adopt in given years, with unit and year effects."""
    rng = np.random.default_rng(seed)
    adoption = np.repeat([float(year) for year, _ in cohorts], [n for _, n in cohorts])
    entity, time = np.repeat(np.arange(len(adoption)), 10), np.tile(YEARS, len(adoption))
    since = time - adoption[entity]
    true = np.where(since >= 0, effect(since), 0.0)
    y = rng.normal(size=len(adoption))[entity] + 0.1 * time + true + noise * rng.normal(size=len(time))
    return y, {"entity": entity, "time": time, "adoption": adoption[entity]}, true


GROWING = ([(2002, 30), (2006, 30), (np.nan, 3)], lambda since: 1.0 + since)


def test_two_by_two_closed_form():
    """Two groups, two periods: everything is the difference of the mean changes."""
    rng = np.random.default_rng(3)
    change = rng.normal(size=30)
    change[:10] += 1
    start = rng.normal(size=30)
    y = np.column_stack([start, start + change]).ravel()
    keys = {"entity": np.repeat(np.arange(30), 2), "time": np.tile([1, 2], 30)}
    keys["adoption"] = np.where(keys["entity"] < 10, 2, np.nan)
    expected = change[:10].mean() - change[10:].mean()
    found = group_time_effects(y, **keys)
    assert two_way_did(y, **keys)["did"][0] == pytest.approx(expected, rel=EXACT)
    assert found.overall["att"][0] == pytest.approx(expected, rel=EXACT)
    assert event_study(y, **keys).estimate["0"][0] == pytest.approx(expected, rel=EXACT)
    squares = sum(((g - g.mean()) ** 2).sum() / len(g) ** 2 for g in (change[:10], change[10:]))
    assert found.overall["att"][1] == pytest.approx(np.sqrt(squares), rel=EXACT)
    assert found.pretrend is None and found.n_always_treated == 0


def test_two_way_has_the_wrong_sign_where_group_time_is_right():
    """Every effect is positive and growing; units treated early are controls for those treated late."""
    y, keys, true = staggered(*GROWING)
    assert true[true != 0].min() == 1
    assert two_way_did(y, **keys)["did"][0] < 0
    found = group_time_effects(y, **keys)
    cells = found.cells
    right = np.where(cells["relative"] >= 0, 1.0 + cells["relative"], 0.0)
    assert cells["effect"].to_numpy() == pytest.approx(right, abs=EXACT)
    assert found.overall["att"][0] == pytest.approx(true[true != 0].mean(), rel=EXACT)
    assert found.dynamic["att"][0] == pytest.approx(np.mean(1 + np.arange(9)), rel=EXACT)


def test_intervals_cover_under_noise():
    """Coverage of a 95 % interval over 40 draws: below 33 has probability .0007."""
    hits = 0
    for seed in range(40):
        y, keys, true = staggered([(2004, 20), (2007, 15), (np.nan, 40)], lambda s: 1.0 + s, 1.0, seed)
        low, high = group_time_effects(y, **keys).overall.interval()[0]
        hits += low < true[true != 0].mean() < high
    assert hits >= 33


def test_units_treated_from_the_start_are_dropped_and_counted():
    y, keys, _ = staggered([(2001, 7), (1999, 2), (2005, 10), (np.nan, 20)], lambda s: 1.0 + 0 * s, 0.5)
    kept = ~(keys["adoption"] <= 2001)
    part = {name: column[kept] for name, column in keys.items()}
    for estimate, value in (
        (group_time_effects, lambda r: r.overall["att"]),
        (event_study, lambda r: r.estimate["0"]),
    ):
        whole = estimate(y, **keys)
        assert whole.n_always_treated == 9
        assert value(whole) == pytest.approx(value(estimate(y[kept], **part)), rel=EXACT)
    dropped = two_way_did(y, **keys, always_treated="drop")
    assert dropped["did"] == pytest.approx(two_way_did(y[kept], **part)["did"], rel=EXACT)
    assert dropped["did"][0] != pytest.approx(two_way_did(y, **keys)["did"][0], rel=1e-3)


def test_event_study_finds_the_path_with_binned_ends():
    y, keys, _ = staggered([(2005, 20), (2007, 20), (np.nan, 20)], lambda s: np.minimum(s + 1, 3.0))
    found = event_study(y, **keys, leads=3, lags=2)
    path = found.path
    assert path["relative"].tolist() == [-3, -2, -1, 0, 1, 2]
    assert path["effect"].to_numpy() == pytest.approx([0, 0, 0, 1, 2, 3], abs=EXACT)
    assert path["binned"].tolist() == [True, False, False, False, False, True]
    assert path["n_units"].tolist() == [40] * 6
    assert found.pretrend.terms == ("-3", "-2")


def test_pretrend_test_rejects_a_trend_and_not_its_absence():
    rng = np.random.default_rng(5)
    y, keys, _ = staggered([(2006, 40), (np.nan, 60)], lambda s: 1.0 + 0 * s)
    y = y + 0.3 * rng.normal(size=len(y))
    parallel = event_study(y, **keys, leads=4)
    trend = 0.3 * (keys["time"] - 2001) * ~np.isnan(keys["adoption"])
    assert parallel.pretrend.p_value > 0.01
    assert event_study(y + trend, **keys, leads=4).pretrend.p_value < 1e-6
    assert group_time_effects(y + trend, **keys).pretrend.p_value < parallel.pretrend.p_value


def test_weights_are_those_of_the_units():
    """Integer weights are copies of units; weight zero leaves a unit out."""
    y, keys, _ = staggered([(2004, 12), (np.nan, 18)], lambda s: 1.0 + 0 * s, 0.5)
    copies = np.random.default_rng(2).integers(0, 4, 30)
    rows = np.concatenate([np.flatnonzero(keys["entity"] == i) for i in np.repeat(np.arange(30), copies)])
    repeated = {name: column[rows] for name, column in keys.items()}
    repeated["entity"] = np.repeat(np.arange(copies.sum()), 10)
    weights = copies[keys["entity"]].astype(float)
    for estimate in (
        lambda *a, **k: two_way_did(*a, **k)["did"][0],
        lambda *a, **k: group_time_effects(*a, **k).overall["att"][0],
        lambda *a, **k: event_study(*a, **k).path["effect"].to_numpy(),
    ):
        assert estimate(y, **keys, weights=weights) == pytest.approx(estimate(y[rows], **repeated), rel=1e-7)


def test_zero_one_weights_are_a_sample():
    y, keys, _ = staggered([(2004, 12), (np.nan, 18)], lambda s: 1.0 + 0 * s, 0.5)
    kept = keys["entity"] % 3 > 0
    part = {name: column[kept] for name, column in keys.items()}
    whole = group_time_effects(y, **keys, weights=2.0 * kept)
    assert whole.overall["att"] == pytest.approx(
        group_time_effects(y[kept], **part).overall["att"], rel=EXACT
    )


def test_covariates_enter_and_are_reported():
    y, keys, _ = staggered([(2004, 20), (np.nan, 30)], lambda s: 2.0 + 0 * s, 0.1)
    x = np.random.default_rng(9).normal(size=len(y))
    found = two_way_did(y + 3 * x, **keys, covariates=x, terms=["x"])
    assert found.terms == ("did", "x")
    assert found.coefficients == pytest.approx([2, 3], abs=0.1)
    assert event_study(y + 3 * x, **keys, covariates=x, terms=["x"]).estimate["x"][0] == pytest.approx(
        3, abs=0.1
    )


def test_a_universal_base_is_the_period_before_adoption():
    y, keys, _ = staggered([(2004, 20), (2006, 20), (np.nan, 30)], lambda s: 1.0 + 0 * s, 0.5)
    path = group_time_effects(y, **keys, base="universal").event_study.set_index("relative")
    assert path.loc[-1, ["effect", "se", "n_groups"]].tolist() == [0, 0, 0]
    varying = group_time_effects(y, **keys).event_study.set_index("relative")
    assert path.loc[0:, "effect"].tolist() == pytest.approx(varying.loc[0:, "effect"].tolist(), rel=EXACT)


def test_the_library_keeps_its_messages_to_itself():
    y, keys, _ = staggered([(2004, 3), (2006, 4), (np.nan, 12)], lambda s: 1.0 + 0 * s, 0.5)
    rows = np.random.default_rng(0).random(len(y)) < 0.95
    weights = 1.0 + keys["entity"] % 3
    part = {name: column[rows] for name, column in keys.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = group_time_effects(y[rows], **part, weights=weights[rows], base="universal")
    assert np.isfinite(found.overall["att"]).all()


def test_what_cannot_be_estimated_is_refused():
    y, keys, _ = staggered([(2004, 10), (2006, 10)], lambda s: 1.0 + 0 * s)
    with pytest.raises(DataError, match="no unit is never treated: choose control='not_yet_treated'"):
        group_time_effects(y, **keys)
    assert group_time_effects(y, **keys, control="not_yet_treated").overall["att"][0] == pytest.approx(1)
    with pytest.raises(DataError, match="a weight changes within a unit"):
        group_time_effects(y, **keys, weights=1.0 + np.arange(200) % 2, control="not_yet_treated")
    with pytest.raises(DataError, match="is a linear combination"):
        event_study(y, **keys)
    with pytest.raises(ParameterError, match="reference = -1 is outside"):
        event_study(y, **keys, leads=0)
    with pytest.raises(ParameterError, match="7 weights for 200 rows"):
        two_way_did(y, **keys, weights=np.ones(7))
    for wrong in ({"control": "all"}, {"base": "long"}, {"adjustment": "ols"}):
        with pytest.raises(ParameterError, match="is not one of"):
            group_time_effects(y, **keys, **wrong)
    with pytest.raises(ParameterError, match="drop, keep"):
        two_way_did(y, **keys, always_treated="impute")

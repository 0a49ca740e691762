"""Estimators of staggered adoption against published numbers and against least squares by hand."""

from typing import get_args

import numpy as np
import pandas as pd
import pytest

from digital_clusters.errors import DataError, ParameterError
from digital_clusters.estimators.did.adoption import check_adoption
from digital_clusters.estimators.did.robust import RobustMethod, robust_did
from digital_clusters.estimators.did.spillovers import donut_did
from digital_clusters.estimators.did.staggered import group_time_effects
from digital_clusters.estimators.panel.demeaning import indicators

EXACT = 1e-9  # closed forms; the same sums in another order
SOLVED = 1e-6  # relative; the library iterates or regularises where the derivation solves
METHODS = get_args(RobustMethod)

COUNTIES = {
    "sun_abraham": (-0.039951, 0.011796),
    "imputation": (-0.047710, None),
    "two_stage": (-0.047710, None),
    "extended_two_way": (-0.047710, None),
}
"""County teen employment: R's fixest (sunab, aggregated) and did2s print these six decimals; the last is the
same estimate in a balanced panel."""


@pytest.fixture(scope="module")
def counties(reference_case):
    case = reference_case("I1")
    frame = pd.read_csv(case["folder"] / case["data"])
    adoption = frame["first.treat"].replace(0, np.nan)
    return frame["lemp"], {"entity": frame["countyreal"], "time": frame["year"], "adoption": adoption}


SEEN = 2
"""Periods after adoption in which both cohorts below are seen."""


def staggered(seed=0, noise=0.4, never=12, effect=lambda since: 1.0 + since):
    """Two cohorts among units seen eight years; every effect is positive and grows."""
    rng = np.random.default_rng(seed)
    adoption = np.repeat([4.0, 6.0, np.nan], [6, 5, never])
    entity, time = np.repeat(np.arange(len(adoption)), 8), np.tile(np.arange(1, 9), len(adoption))
    since = time - adoption[entity]
    true = np.where(since >= 0, effect(since), 0.0)
    y = rng.normal(size=len(adoption))[entity] + 0.3 * time + true + noise * rng.normal(size=len(time))
    return y, {"entity": entity, "time": time, "adoption": adoption[entity]}, true


@pytest.mark.parametrize("method", COUNTIES)
def test_counties(counties, method):
    y, keys = counties
    effect, error = COUNTIES[method]
    found = robust_did(y, **keys, method=method)
    assert found["att"][0] == pytest.approx(effect, abs=1e-6)
    if error is not None:
        assert found["att"][1] == pytest.approx(error, abs=1e-6)


def test_counties_against_those_not_treated_yet(counties):
    y, keys = counties
    found = robust_did(y, **keys, method="chaisemartin_dhaultfoeuille")
    group_time = group_time_effects(y, **keys, control="not_yet_treated").overall
    assert found["att"] == group_time["att"]


@pytest.mark.slow
def test_without_leavers_de_chaisemartin_dhaultfoeuille_is_group_time_against_not_yet_treated(counties):
    """Horizon by horizon, effect and error; the mean too. The library adds the errors of horizons as if they
    were independent, so its error of the mean, 0.0093, is not used."""
    from diff_diff import ChaisemartinDHaultfoeuille

    y, keys = counties
    frame = pd.DataFrame({"y": y, "unit": keys["entity"], "time": keys["time"]})
    frame["d"] = (keys["time"] >= keys["adoption"]).astype(int)
    theirs = ChaisemartinDHaultfoeuille(placebo=False, twfe_diagnostic=False).fit(
        frame, outcome="y", unit="unit", time="time", treatment="d", L_max=4
    )
    ours = group_time_effects(y, **keys, control="not_yet_treated").event_study.set_index("relative")
    for horizon, found in theirs.event_study_effects.items():
        assert ours.loc[horizon - 1, "effect"] == pytest.approx(found["effect"], rel=SOLVED)
        # their recentred variance has other small-sample terms
        assert ours.loc[horizon - 1, "se"] == pytest.approx(found["se"], rel=0.015)
    att = robust_did(y, **keys, method="chaisemartin_dhaultfoeuille")["att"]
    assert att[0] == pytest.approx(theirs.overall_att, rel=SOLVED)
    independent = np.sqrt(
        sum((found["n_obs"] * found["se"]) ** 2 for found in theirs.event_study_effects.values())
    ) / sum(found["n_obs"] for found in theirs.event_study_effects.values())
    assert theirs.overall_se == pytest.approx(independent, rel=SOLVED) and att[1] > 1.2 * independent


def untreated_fit(y, panel):
    """Unit and period effects of untreated rows, predicted for every row, and the matrices behind it."""
    codes = np.unique(panel.time, return_inverse=True)[1]
    x = np.hstack([indicators(panel.entity), indicators(codes, drop_first=True)])
    early = panel.treated == 0
    return x, early, x @ np.linalg.lstsq(x[early], y[early], rcond=None)[0]


def test_imputation_by_hand():
    """Estimate: mean of y less what untreated rows predict. Error: Borusyak, Jaravel & Spiess (2024),
    theorem 3, with each unit left out of the mean of its cohort and horizon (A.9)."""
    y, keys, _ = staggered()
    panel = check_adoption(y, **keys)
    x, early, predicted = untreated_fit(y, panel)
    late = ~early
    w = late / late.sum()
    effects = y - predicted
    found = robust_did(y, **keys, method="imputation")
    assert found["att"][0] == pytest.approx(w @ effects, rel=EXACT)
    v = np.where(late, w, 0.0)
    v[early] = -(x[early] @ np.linalg.pinv(x[early].T @ x[early]) @ (x[late].T @ w[late]))
    residual = np.where(early, effects, 0.0)
    for cohort in (4, 6):
        for horizon in np.unique(panel.relative[late & (panel.adoption[panel.entity] == cohort)]):
            cell = late & (panel.adoption[panel.entity] == cohort) & (panel.relative == horizon)
            own = v[cell] ** 2 / (v[cell] ** 2).sum()
            residual[cell] = (effects[cell] - own @ effects[cell]) / (1 - own)
    scores = np.bincount(panel.entity, v * residual)
    assert found["att"][1] == pytest.approx(np.sqrt((scores**2).sum()), rel=SOLVED)


def test_two_stage_by_hand():
    """The influence function of both stages (Gardner 2022): second stage, less first stage carried over."""
    y, keys, _ = staggered()
    panel = check_adoption(y, **keys)
    x, early, predicted = untreated_fit(y, panel)
    late, d = ~early, panel.treated
    att = (y - predicted)[late].mean()
    first = np.where(early, y - predicted, 0.0)[:, None] * x
    carried = (d @ x) @ np.linalg.pinv(x[early].T @ x[early])
    influence = (d * (y - predicted - att * d) - first @ carried) / late.sum()
    scores = np.bincount(panel.entity, influence)
    found = robust_did(y, **keys, method="two_stage")
    assert found["att"][0] == pytest.approx(att, rel=EXACT)
    assert found["att"][1] == pytest.approx(np.sqrt((scores**2).sum()), rel=0.05)  # their G/(G-1) factor


def test_sun_abraham_by_hand():
    """Least squares on cohort × relative period, averaged over treated rows."""
    y, keys, _ = staggered()
    panel = check_adoption(y, **keys)
    codes = np.unique(panel.time, return_inverse=True)[1]
    cohort = panel.adoption[panel.entity]
    cells = [(g, e) for g in (4.0, 6.0) for e in np.unique(panel.relative[cohort == g]) if e != -1]
    d = np.column_stack([(cohort == g) & (panel.relative == e) for g, e in cells]).astype(float)
    x = np.hstack([d, indicators(panel.entity), indicators(codes, drop_first=True)])
    b = np.linalg.lstsq(x, y, rcond=None)[0][: len(cells)]
    late = np.array([e >= 0 for _, e in cells])
    size = d.sum(axis=0)[late]
    expected = b[late] @ size / size.sum()
    assert robust_did(y, **keys, method="sun_abraham")["att"][0] == pytest.approx(expected, rel=SOLVED)


def test_extended_two_way_by_hand():
    """Least squares on an indicator for each cohort and period from adoption on (Wooldridge 2021), averaged
    over treated rows, clustered by unit; in a balanced panel the estimate of imputation."""
    y, keys, _ = staggered()
    panel = check_adoption(y, **keys)
    cohort, codes = panel.adoption[panel.entity], np.unique(panel.time, return_inverse=True)[1]
    cells = [(g, t) for g in (4.0, 6.0) for t in range(int(g), 9)]
    d = np.column_stack([(cohort == g) & (panel.time == t) for g, t in cells]).astype(float)
    x = np.hstack([d, indicators(panel.entity), indicators(codes, drop_first=True)])
    bread = np.linalg.pinv(x.T @ x)
    b = bread @ x.T @ y
    size = d.sum(axis=0) / d.sum()
    found = robust_did(y, **keys, method="extended_two_way")
    assert found["att"][0] == pytest.approx(b[: len(cells)] @ size, rel=SOLVED)
    assert found["att"][0] == pytest.approx(robust_did(y, **keys, method="imputation")["att"][0], rel=SOLVED)
    influence = (x @ bread[:, : len(cells)] @ size) * (y - x @ b)
    scores = np.bincount(panel.entity, influence)
    # their factors for few clusters and for the columns
    assert found["att"][1] == pytest.approx(np.sqrt((scores**2).sum()), rel=0.1)


def test_stacked_by_hand():
    """Wing, Freedman & Hollingsworth (2024): the change of each cohort less that of the units not treated
    before its window ends, averaged by the cohorts' sizes and over the window."""
    y, keys, _ = staggered()
    panel = check_adoption(y, **keys)
    changes, sizes = [], []
    for g in (4, 6):
        treated = panel.adoption == g
        clean = panel.never | (panel.adoption > g + SEEN)
        for since in range(SEEN + 1):
            change = y[panel.time == g + since] - y[panel.time == g - 1]
            changes.append(change[treated].mean() - change[clean].mean())
            sizes.append(treated.sum())
    expected = np.average(changes, weights=sizes)
    assert robust_did(y, **keys, method="stacked")["att"][0] == pytest.approx(expected, rel=SOLVED)


@pytest.mark.parametrize("method", METHODS)
def test_growing_effects_are_found_without_noise(method):
    y, keys, true = staggered(noise=0.0)
    found = robust_did(y, **keys, method=method)
    panel = check_adoption(y, **keys)
    counted = (true > 0) & ((panel.relative <= SEEN) | (method != "stacked"))
    assert found["att"][0] == pytest.approx(true[counted].mean(), rel=SOLVED)
    assert found.n_clusters == 23 and found.method == method
    assert "11 treated units stand behind it" in found.warnings[0]


@pytest.mark.parametrize("method", METHODS)
def test_units_and_row_order_change_nothing(method):
    y, keys, _ = staggered(seed=4)
    order = np.random.default_rng(1).permutation(len(y))
    one = robust_did(y, **keys, method=method)["att"]
    shuffled = {name: np.asarray(column)[order] for name, column in keys.items()}
    shuffled["entity"] = np.array([f"u{999 - e}" for e in shuffled["entity"]])
    other = robust_did(1e6 * y[order], **shuffled, method=method)["att"]
    assert other == pytest.approx([1e6 * one[0], 1e6 * one[1]], rel=SOLVED)


def test_what_cannot_be_done_is_said():
    y, keys, _ = staggered(never=0)
    for method in ("sun_abraham", "extended_two_way", "stacked"):
        with pytest.raises(DataError, match="never treated"):
            robust_did(y, **keys, method=method)
    with pytest.raises(ParameterError, match="method"):
        robust_did(y, **keys, method="borusyak")


# a donut


def ring_panel(effect_on_neighbours: float, noise=0.0):
    """Units on a line; the middle adopts in year 4, and the unit on each side of it is reached."""
    rng = np.random.default_rng(0)
    n = 30
    middle = (np.arange(n) >= 10) & (np.arange(n) < 16)
    links = np.abs(np.subtract.outer(np.arange(n), np.arange(n))) == 1
    reached = ~middle & links[:, middle].any(axis=1)
    entity, time = np.repeat(np.arange(n), 8), np.tile(np.arange(1, 9), n)
    after = time >= 4
    y = (
        rng.normal(size=n)[entity]
        + 0.2 * time
        + after * (2.0 * middle + effect_on_neighbours * reached)[entity]
    )
    adoption = np.where(middle, 4.0, np.nan)[entity]
    return y + noise * rng.normal(size=len(y)), {"entity": entity, "time": time, "adoption": adoption}, links


@pytest.mark.parametrize("method", METHODS)
def test_a_donut_takes_out_what_reaches_neighbours(method):
    y, keys, links = ring_panel(-1.0)
    found = donut_did(y, **keys, links=links, method=method)
    assert found.effect["att"][0] == pytest.approx(2.0, rel=SOLVED)
    assert found.ring["att"][0] == pytest.approx(-1.0, rel=SOLVED)
    assert (found.n_reached, found.n_far) == (2, 22)
    # with them the controls fall by a share of their fall
    assert robust_did(y, **keys, method=method)["att"][0] == pytest.approx(2 + 2 / 24, rel=SOLVED)


def test_a_donut_without_ring_is_the_plain_estimate():
    y, keys, links = ring_panel(0.0, noise=0.3)
    found = donut_did(y, **keys, links=np.zeros_like(links))
    assert found.ring is None and found.n_reached == 0
    assert found.effect["att"] == robust_did(y, **keys)["att"]


def test_a_donut_needs_far_controls_and_links_of_all_units():
    y, keys, links = ring_panel(0.0)
    with pytest.raises(DataError, match="no control is left"):
        donut_did(y, **keys, links=np.ones_like(links))
    with pytest.raises(ParameterError, match="30 units"):
        donut_did(y, **keys, links=links[:-1])

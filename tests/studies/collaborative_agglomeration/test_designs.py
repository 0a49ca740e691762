"""The computations behind the chapters on collaborative agglomeration, on a panel with known effects."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from digital_clusters.analysis import adoption
from digital_clusters.analysis.claims import load_claims
from digital_clusters.analysis.fit import fit
from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.analysis.multiverse.declared import Multiverse, multiverse_file, read_multiverse
from digital_clusters.analysis.multiverse.explored import explore, frozen_multiverse
from digital_clusters.analysis.multiverse.points import plan_points
from digital_clusters.analysis.spatial import curves
from digital_clusters.analysis.spatial.model_tests import reduction_table
from digital_clusters.analysis.spatial.patterns import every_weights, weights_rows
from digital_clusters.analysis.spec import override
from digital_clusters.estimators.did.staggered import two_way_did
from digital_clusters.measures.panel import Panel
from digital_clusters.measures.space.proximity import EARTH_RADIUS_KM
from digital_clusters.measures.space.weights import spatial_weights
from digital_clusters.sources.twin.truth import project_truth
from digital_clusters.studies.collaborative_agglomeration import figures, groups, planted
from digital_clusters.studies.collaborative_agglomeration import record as public
from digital_clusters.studies.collaborative_agglomeration.multiverse import panels, results
from digital_clusters.studies.collaborative_agglomeration.sides import ways
from digital_clusters.studies.collaborative_agglomeration.specs import (
    BASELINE,
    BENT,
    COUNCIL,
    PUBLIC,
    STUDY,
    weighted,
)
from digital_clusters.studies.collaborative_agglomeration.variants import omission

EXACT = 1e-9
"""The same sums in another order."""
INVERSE = 1e-6
"""Moments of (I − ρW)⁻¹ are summed as a series to this relative accuracy or better."""
RHO, SLOPE, BEND, MORE = 0.3, -1.2, 0.25, -0.5
"""Planted: spatial lag, linear term, square, and what the slope is more in provincial capitals."""
CURVE = ("coagglomeration", "coagglomeration^2", "coagglomeration:internet")
NEAREST = 5
"""Neighbours where nothing else is said."""
FOUR_ERRORS = 4
"""Standard errors within which a known effect has to lie: missed once in 16,000 draws."""


@pytest.fixture(scope="module")
def panel() -> Panel:
    rng = np.random.default_rng(5)
    cities, years = 60, np.arange(2003, 2017)
    places = pd.DataFrame(
        {
            "city": np.arange(cities) + 1,
            "lon": rng.uniform(100, 120, cities),
            "lat": rng.uniform(25, 40, cities),
            "is_provincial_capital": np.arange(cities) % 4 == 0,
            "is_old_industrial_base": np.arange(cities) % 3 == 0,
            "delta_council_year": np.repeat([2003.0, 2010, 2013, np.nan], [4, 10, 10, 36]),
        }
    )
    frame = places.merge(pd.DataFrame({"year": years}), how="cross")
    n = len(frame)
    joined = frame["delta_council_year"]
    frame["delta_member"] = frame["year"] >= joined
    frame["years_as_member"] = (frame["year"] - joined).clip(lower=0).fillna(0.0)
    frame["coagglomeration"] = rng.uniform(1.0, 4.0, n)
    frame["coagglomeration_before"] = frame["coagglomeration"] + rng.normal(0, 0.2, n)
    for name in ("income", "population", "uil", "finance", "internet", "digital_finance"):
        frame[name] = rng.normal(size=n)
    c = frame["coagglomeration"].to_numpy().reshape(cities, -1)
    capital = places["is_provincial_capital"].to_numpy()[:, None]
    own = SLOPE * c + BEND * c**2 + MORE * c * capital + rng.normal(0, 0.1, c.shape)
    w = spatial_weights(places, "nearest").matrix.toarray()
    outcome = np.linalg.solve(np.eye(cities) - RHO * w, own)
    frame["misallocation"] = outcome.ravel()
    for name in ("misallocation_level", "capital_misallocation", "labour_misallocation"):
        frame[name] = np.exp(frame["misallocation"] / 4) + rng.normal(0, 0.01, n)
    return Panel(frame, "folder", "a small panel", "")


SMALL = PUBLIC["public"]


def test_total_effect_is_that_of_weights_whose_rows_sum_to_one(panel):
    curve = fit(SMALL, panel)
    found = curves.effects_at(curve, [1.5, 3.0], draws=50)
    b = {term: curve.estimate[term][0] for term in curve.estimate.terms}
    for c in (1.5, 3.0):
        p, q = (b[f"{lag}coagglomeration"] + 2 * c * b[f"{lag}coagglomeration^2"] for lag in ("", "W·"))
        total = found.loc[(found["c"] == c) & (found["kind"] == "total"), "effect"].item()
        assert total == pytest.approx((p + q) / (1 - b["rho"]), rel=INVERSE)
    assert (found["low"] < found["effect"]).all() and (found["simulated_low"] < found["simulated_high"]).all()


def test_turning_point_is_where_the_slope_is_zero(panel):
    curve = fit(SMALL, panel)
    point, test = curves.turning(curve)
    linear, square = (curve.estimate[t][0] for t in ("coagglomeration", "coagglomeration^2"))
    assert point.value == pytest.approx(-linear / (2 * square), rel=EXACT)
    assert test.inside and test.overall_p < 0.001
    assert curves.inner(curve)[0] < point.value < curves.inner(curve)[1]


def test_moderator_moves_the_turning_point_along_a_line(panel):
    curve = fit(SMALL.change(moderator="internet"), panel)
    path, shift = curves.moving(curve, points=5)
    steps = np.diff(path.value) / np.diff(path.moderator)
    assert steps == pytest.approx(np.full(4, shift.value), rel=1e-6)  # differences of nearly equal numbers


def test_reductions_reject_what_is_there(panel):
    table = reduction_table(fit(SMALL, panel)).set_index("test")
    assert (table["p_value"].between(0, 1)).all() and table.index.is_unique
    moran = table.index[table.index.str.startswith("Moran's I of residuals")]
    assert len(moran) == 1 and table.loc[moran[0], "p_value"] < 0.001
    assert table.loc["LM lag", "p_value"] < 0.001 and table.loc["Wald durbin → slx", "p_value"] < 0.001
    k = len(fit(SMALL, panel).spatial.lagged)
    assert table.loc["LR durbin → none", "degrees_of_freedom"] == k + 1


def test_groups_differ_where_they_do(panel):
    with_thirds = groups.with_thirds(panel)
    thirds = with_thirds.frame.groupby("city")[["western_third", "eastern_third"]].first().sum()
    assert thirds.tolist() == [20, 20]
    found = groups.differences(groups.group_specs(SMALL), with_thirds)
    found = found.set_index("words")
    capitals = found.loc["provincial capitals, less others"]
    # the multiplier's own part is a little above one
    assert abs(capitals["value"] - MORE) < FOUR_ERRORS * capitals["standard_error"] + 0.03 * abs(MORE)
    assert capitals["holm"] < 0.001 and (found["holm"] >= found["p"]).all()


def test_kept_moderator_is_a_control_with_its_product():
    specs = groups.group_specs(BASELINE, keep_moderator=True)
    for spec in specs.values():
        assert {"internet", "coagglomeration:internet"} <= set(spec.contemporaneous)
    assert {spec.moderator for spec in specs.values()} == set(groups.GROUPS)


def test_broken_line_and_split_find_two_slopes(panel):
    rng = np.random.default_rng(1)
    c = panel.frame["coagglomeration"]
    outcome = np.where(c < 2.5, -1.0 * (c - 2.5), 0.5 * (c - 2.5)) + rng.normal(0, 0.01, len(c))
    bent = Panel(panel.frame.assign(misallocation=outcome), panel.source, panel.label, "")
    broken = groups.broken_line(SMALL, bent, 2.5)
    split = groups.split_slopes(SMALL.change(controls=()), bent, 2.5)
    for side, slope in (("below", -1.0), ("above", 0.5)):
        for value, error in (broken[side], split[side]["coagglomeration"]):
            assert abs(value - slope) < FOUR_ERRORS * error
    below = (c < 2.5).sum()
    assert [split[side].n_observations for side in ("below", "above")] == [below, len(c) - below]


def test_weights_rows_count_links_and_islands(panel):
    rows = {row["kind"]: row for row in weights_rows(every_weights(fit(SMALL, panel)))}
    assert rows["nearest"]["links_min"] == rows["nearest"]["links_max"] == 5
    assert rows["inverse_distance"]["links_mean"] == 59
    assert all(row["cities"] == 60 and row["note"] for row in rows.values())


def test_moments_know_what_effects_of_city_and_year_leave():
    frame = pd.DataFrame({"city": np.repeat([1, 2, 3], 4), "year": np.tile([1, 2, 3, 4], 3)})
    frame["sum"] = 10.0 * frame["city"] + frame["year"] ** 2
    frame["product"] = (frame["city"] - 2.0) * (frame["year"] - 2.5)
    rows = {row["column"]: row for row in public.moments(frame, ["sum", "product"])}
    assert rows["sum"]["within"] == pytest.approx(0, abs=EXACT)
    assert rows["product"]["within"] == pytest.approx(1)


def test_designs_are_those_of_the_estimators(panel):
    spec = PUBLIC["public, accession"]
    designs = adoption.every_design(spec, panel, COUNCIL, draws=19, seed=3)
    arrays = designs.arrays
    named = adoption.estimates_of(designs)
    again = two_way_did(arrays.outcome, **arrays.keys, always_treated="drop")
    assert named["two-way, cohort of the first year dropped"][0]["did"] == again["did"]
    assert designs.placebo.observed == pytest.approx(again["did"][0])
    counts = adoption.cohorts(arrays)
    assert dict(zip(counts["year"].fillna(0).astype(int), counts["cities"], strict=True)) == {
        2003: 4,
        2010: 10,
        2013: 10,
        0: 36,
    }
    assert designs.event_study.n_always_treated == 4
    pairs = designs.matched[adoption.PAIRS]
    assert designs.bacon_matched.estimate == pytest.approx(pairs.did["did"][0])
    assert designs.bacon_matched.by_kind.loc["always", "weight"] == 0


def test_record_is_plain_and_has_every_part(panel):
    record = json.loads(json.dumps(public.make_record(panel), default=float))
    assert set(record) == {"patterns", "tests", "curve", "variants", "groups", "adoption"}
    # the panel begins in 2003, and controls are of the year before
    assert record["patterns"]["n"] == 780 and record["patterns"]["years"] == [2004, 2016]
    assert record["adoption"]["always"] == 4
    left = record["variants"]["public"]["direct left"]["effect"]
    at = next(
        row
        for row in record["curve"]["quantiles"]
        if row["quantile"] == panels.SIDES[0] and row["kind"] == "direct"
    )
    assert left == pytest.approx(at["effect"])


def test_frozen_record_has_the_same_parts_and_sample_as_the_frozen_estimate():
    frozen, record = load_frozen(STUDY), public.public_record()
    assert record["curve"]["n"] == record["patterns"]["n"] == frozen.estimates["public"].n_observations
    assert record["curve"]["cities"] == frozen.estimates["public"].n_clusters
    assert set(record["variants"]) == set(public.VARIANTS)


def test_sides_differ_in_more_than_colour_and_names_of_axes_keep_apart():
    planted = {f"{kind} {side}": 0.1 for kind in ("direct", "indirect") for side in ("left", "right")}
    fig = figures.variants(public.public_record()["variants"], label="public data", planted=planted)
    fig.draw_without_rendering()
    left, right = (ax.xaxis.label.get_window_extent() for ax in fig.axes)
    assert left.x1 < right.x0
    for ax in fig.axes:
        assert [bars.lines[0].get_marker() for bars in ax.containers] == ["o", "s"]
        assert [line.get_linestyle() for line in ax.lines if line.get_xdata()[0] == 0.1] == ["--", ":"]


def test_omitted_variable_is_an_identity_of_least_squares(panel):
    spec = SMALL.change(moderator="internet", controls=("income",))
    for row in omission(spec, panel, "finance"):
        assert row["without"] == pytest.approx(row["with_it"] + row["moves"] * row["effect"], rel=EXACT)


def test_a_square_that_moves_too_lets_the_moderator_bend_the_curve(panel):
    """With c²z in the model the derivative at z is b1 + 2 b2 c + b4 z + 2 b5 c z, and zero at the turn."""
    spec = SMALL.change(moderator="internet", contemporaneous=(BENT,))
    found = fit(spec, panel)
    b1, b2, b4, b5 = (found.term(name).value for name in (*CURVE, BENT))
    z = curves.mean_moderator(found)
    point, _ = curves.turning(found)
    assert point.value == pytest.approx(-(b1 + b4 * z) / (2 * (b2 + b5 * z)), rel=EXACT)
    effects = curves.effects_at(found, [point.value], draws=2)
    own = effects.loc[effects["kind"] == "total", "effect"].iloc[0]
    theta = [found.term(f"W·{name}").value for name in (*CURVE, BENT)]
    slope = np.dot(theta, [1, 2 * point.value, z, 2 * point.value * z])
    assert own == pytest.approx(slope / (1 - found.term("rho").value), rel=INVERSE)
    _, shift = curves.moving(found)
    assert shift.value == pytest.approx((b1 * b5 - b2 * b4) / (2 * (b2 + b5 * z) ** 2), rel=EXACT)


def test_weights_that_link_everybody_are_not_corrected(panel):
    assert weighted(BASELINE, "contiguity") == BASELINE.change(weights="contiguity")
    dense = weighted(SMALL, "inverse_distance")
    assert (dense.weights, dense.correction) == ("inverse_distance", "none")
    assert abs(fit(dense, panel).term("rho").value) < 1


def test_checks_that_cut_the_years_keep_their_own_ends():
    checks = {"all": BASELINE, "late": BASELINE.change(first_year=2012)}
    specs = override(checks, BASELINE, {"first_year": 2005, "last_year": 2015})
    assert [(s.first_year, s.last_year) for s in specs.values()] == [(2005, 2015), (2012, 2015)]


# the multiverse


def test_recentred_terms_are_slopes_at_the_sides_and_means_next_door(panel):
    frame = panels.curve_columns(panel).frame
    c, rows = frame["coagglomeration"], frame["misallocation"].notna()
    for side, at in zip(("low", "high"), panels.SIDES, strict=True):
        assert np.allclose(frame[f"index_{side}"], c - c[rows].quantile(at), atol=EXACT)
    spec = PUBLIC["public, no spatial terms"].change(controls=(), contemporaneous=())
    curve = fit(spec, panel)
    recentred = fit(spec.change(treatment="index_low"), panels.curve_columns(panel))
    b, square = (curve.term(name).value for name in ("coagglomeration", "coagglomeration^2"))
    slope = b + 2 * square * c[rows].quantile(panels.SIDES[0])
    assert recentred.term("index_low").value == pytest.approx(slope, rel=1e-6)  # sums of squares, not centred

    one = frame.loc[(frame["city"] == 7) & (frame["year"] == 2009)].iloc[0]
    there = frame.loc[(frame["year"] == 2009) & (frame["city"] != 7)]
    lon, lat, lon0, lat0 = (np.radians(x) for x in (there["lon"], there["lat"], one["lon"], one["lat"]))
    cosine = np.sin(lat) * np.sin(lat0) + np.cos(lat) * np.cos(lat0) * np.cos(lon - lon0)
    near = there.loc[cosine.sort_values().index[-NEAREST:], "index_low"]
    assert one["near_low"] == pytest.approx(near.mean(), rel=EXACT)
    assert one["near_low_square"] == pytest.approx((near**2).mean(), rel=EXACT)


def test_a_neighbour_without_a_value_is_left_out_of_the_mean(panel):
    frame = panel.frame.copy()
    gone = frame["city"] == 3
    frame.loc[gone, "coagglomeration"] = np.nan
    found = panels.curve_columns(replace(panel, frame=frame)).frame
    assert found.loc[~gone, "near_low"].notna().all() and found.loc[gone, "near_low"].notna().all()


def _km(one, there):
    lon, lat, lon0, lat0 = (np.radians(x) for x in (there["lon"], there["lat"], one["lon"], one["lat"]))
    half = np.sin((lat - lat0) / 2) ** 2 + np.cos(lat) * np.cos(lat0) * np.sin((lon - lon0) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(half))


@pytest.mark.parametrize("name", ["inverse distance", "economic distance", "nested distance"])
def test_each_kind_of_weights_has_its_panel_of_neighbours(panel, name):
    found = panels.curve_panels(panel)[name].frame
    income = np.exp(found.groupby("city")["income"].mean())
    one = found.loc[(found["city"] == 11) & (found["year"] == 2010)].iloc[0]
    there = found.loc[(found["year"] == 2010) & (found["city"] != 11)]
    likeness = 1 / np.abs(income[there["city"]].to_numpy() - income[11])
    weight = {
        "inverse distance": 1 / _km(one, there),
        "economic distance": likeness,
        "nested distance": likeness / _km(one, there),
    }[name]
    assert one["near_high"] == pytest.approx(np.average(there["index_high"], weights=weight), rel=EXACT)
    assert one["near_low_square"] == pytest.approx(
        np.average(there["index_low"] ** 2, weights=weight), rel=EXACT
    )
    use = found.loc[found["year"] == 2010, "internet"].mean()
    after = found.loc[(found["city"] == 11) & (found["year"] == 2011), "neighbours_lead"].item()
    assert after == pytest.approx(np.average(there["internet"], weights=weight) - use, rel=EXACT)


def test_the_size_of_wedges_has_its_inverse_hyperbolic_sine(panel):
    found = panels.curve_columns(panel).frame
    assert np.allclose(np.sinh(found["misallocation_asinh"]), found["misallocation_level"], rtol=EXACT)


def test_every_panel_that_the_declared_multiverse_names_is_made(panel):
    named = {point.panel for point in plan_points(read_multiverse(multiverse_file(STUDY))).points}
    assert named == panels.curve_panels(panel).keys()


def test_what_is_frozen_is_the_declared_multiverse():
    frozen, declared = frozen_multiverse(STUDY), read_multiverse(multiverse_file(STUDY))
    assert frozen.declared == declared
    assert len(frozen.table) == len(plan_points(declared).points)


def test_every_point_of_the_declared_multiverse_is_a_specification():
    plan = plan_points(read_multiverse(multiverse_file(STUDY)))
    claimed = {claim.key for claim in load_claims(STUDY).claims} - {"later_with_digital"}
    assert {point.choices["claim"].split(",")[0] for point in plan.points} == claimed


# what is planted


def test_planted_effects_add_up_to_the_multiplier_and_vanish_at_the_turning_point():
    p = project_truth().misallocation
    at = planted.planted_turning_points(2.0, gap=0.05)
    turn = planted.planted_marginal_effects([float(at), float(at) + 1], 2.0, gap=0.05)
    assert turn[0] == pytest.approx(np.zeros(3), abs=EXACT)
    # rows of the neighbours' matrix sum to one
    assert turn[1, 2] == pytest.approx(2 * p.fall * (1 + p.spillover) / (1 - p.spatial), rel=EXACT)
    assert turn[1, 0] + turn[1, 1] == pytest.approx(turn[1, 2], rel=EXACT)
    steps = np.diff(planted.planted_turning_points(np.array([1.0, 2.0]), gap=0.0))
    assert steps.item() == pytest.approx(p.digital / (2 * p.fall), rel=EXACT)


def test_council_lowers_misallocation_the_more_the_longer():
    path = planted.accession_path(2003, 2020).set_index("relative")["effect"]
    assert path[-1] == 0 and path[0] < -project_truth().misallocation.member
    assert path[6] < path[3] < path[0]
    # what earlier members pass on to cities about to join
    assert path.loc[-5:-1].abs().max() < 0.2 * abs(path[0])


@pytest.mark.slow
def test_regression_of_the_planted_part_finds_the_planted_curve():
    from digital_clusters.analysis.data import load_city_panel

    panel = load_city_panel("twin")
    rows = ways(BASELINE, panel, at=2.6, words="planted")
    smooth, broken, split = rows
    for row in (broken, split):
        assert row["planted"][0] == pytest.approx(smooth["planted"][0], abs=0.06)
        assert row["planted"][0] < 0 < row["planted"][1]
    with_change = planted.with_council_change(panel)
    assert len(with_change.frame) == len(panel.frame)
    assert with_change.frame["council_change"].notna().all()


TOY = {
    "study": STUDY,
    "base": {"method": "two_way_fixed_effects", "outcome": "misallocation", "treatment": "index_low"}
    | {"first_year": 2003, "last_year": 2016, "errors": "clustered"},
    "claims": {
        "line": {"statement": "a line", "term": "index_low", "sign": -1},
        "bend": {"statement": "a bend", "term": "index_low^2", "sign": 1, "change": {"squared": True}},
    },
    "axes": {"controls": {"options": {"none": {}, "one": {"controls": ["income"]}}}},
    "constraints": [{"choose": {"claim": ["line"]}, "only_if": {"controls": ["none"]}, "why": "short"}],
}


def test_claims_estimated_apart_are_the_multiverse(panel):
    declared, found = Multiverse.model_validate(TOY), {"public": panels.curve_columns(panel)}
    whole, apart = explore(declared, found), results.by_claim(declared, found, workers=1)
    pd.testing.assert_frame_equal(apart.table, whole.table)
    pd.testing.assert_frame_equal(apart.joint, whole.joint)
    assert (apart.ruled_out, apart.repeated) == (whole.ruled_out, whole.repeated) == ({"short": 1}, 0)

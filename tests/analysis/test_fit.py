"""A specification on a panel: made once, read as table and term, and overridden by one rule."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digital_clusters.analysis import fit as module
from digital_clusters.analysis.claims import load_claims
from digital_clusters.analysis.designs import effects_over
from digital_clusters.analysis.fit import fit, fit_nearest
from digital_clusters.analysis.readings import measure, twin_claims
from digital_clusters.analysis.spec import Spec
from digital_clusters.errors import MissingTableError, ParameterError
from digital_clusters.estimators.panel.fixed_effects import two_way_fixed_effects
from digital_clusters.measures.panel import Panel
from digital_clusters.paths import LEARNT_VARIABLE
from digital_clusters.studies.collaborative_agglomeration.study import COLLABORATIVE_AGGLOMERATION

EXACT = 1e-12
"""The same closed form in double precision."""

SPEC = Spec(
    method="two_way_fixed_effects",
    outcome="y",
    treatment="d",
    controls=("x",),
    first_year=2001,
    last_year=2006,
    errors="clustered",
)
SPATIAL = SPEC.change(method="spatial_panel")
LEARNED = SPEC.change(method="double_machine_learning", learner="linear", fixed_effects="within")


@pytest.fixture
def panel():
    rng = np.random.default_rng(11)
    keys = pd.MultiIndex.from_product([range(1, 21), range(2001, 2007)], names=["city", "year"])
    frame = keys.to_frame(index=False)
    for name in ("d", "x", "m"):
        frame[name] = rng.standard_normal(len(frame))
    frame["y"] = 0.5 * frame["d"] + frame["x"] + 0.3 * frame["m"] + rng.standard_normal(len(frame))
    frame["lon"], frame["lat"] = 100.0 + frame["city"] % 5, 30.0 + frame["city"] // 5
    frame["is_municipality"] = frame["is_provincial_capital"] = False
    return Panel(frame, "folder", "a <small> panel", "")


def counting(calls, name):
    made = getattr(module, name)

    def count(*given, **options):
        calls[name] = calls.get(name, 0) + 1
        return made(*given, **options)

    return count


@pytest.fixture
def counted(monkeypatch):
    """Calls of the estimators and of the sample, by name, in a process that remembers nothing."""
    for remembered in (module._fit, module._sampled):
        remembered.cache_clear()
    calls = {}
    for name in ("select_sample", "two_way_fixed_effects", "spatial_panel", "partial_out", "mediation"):
        monkeypatch.setattr(module, name, counting(calls, name))
    yield calls
    for remembered in (module._fit, module._sampled):
        remembered.cache_clear()


def test_a_fit_is_made_once_for_panels_that_are_alike(panel, counted):
    first = fit(SPEC, panel)
    assert counted == {"select_sample": 1}  # nothing is estimated before it is asked for
    same = fit(SPEC.change(folds=5), replace(panel, frame=panel.frame.copy()))
    assert same is first and same.estimate is first.estimate
    assert counted == {"select_sample": 1, "two_way_fixed_effects": 1}
    other = fit(SPEC, replace(panel, frame=panel.frame.assign(y=-panel.frame["y"])))
    assert other.term("d").value == pytest.approx(-first.term("d").value, abs=EXACT)
    named = fit(SPEC, replace(panel, label="another label"))
    assert named.estimate.data == "another label" and counted["two_way_fixed_effects"] == 3


def test_residuals_and_estimate_come_from_one_learning(panel, counted):
    found = fit(LEARNED, panel)
    residuals, treatments = found.partialled_out.outcome[0], found.partialled_out.treatments[0, :, 0]
    slope = residuals @ treatments / (treatments @ treatments)
    assert found.term("d").value == pytest.approx(slope, rel=EXACT)
    assert counted["partial_out"] == 1


def test_claims_on_one_model_estimate_it_once(counted):
    found = twin_claims(COLLABORATIVE_AGGLOMERATION)
    claims = load_claims(COLLABORATIVE_AGGLOMERATION.key).claims
    assert list(found) == [claim.key for claim in claims]
    specs = {COLLABORATIVE_AGGLOMERATION.specs[claim.spec] for claim in claims}
    assert counted["spatial_panel"] == len({spec for spec in specs if spec.method == "spatial_panel"}) == 1
    assert counted["select_sample"] <= len(specs) + 1  # accession selects whole cities


def test_what_a_fit_holds_is_what_the_estimator_gives(panel):
    found = fit(SPEC, panel)
    frame = panel.frame
    keys = {"entity": frame["city"], "time": frame["year"], "terms": ("d", "x"), "errors": "clustered"}
    again = two_way_fixed_effects(frame["y"], frame[["d", "x"]].to_numpy(), **keys)
    np.testing.assert_allclose(found.estimate.coefficients, again.coefficients, rtol=EXACT)
    assert found.design.names == ("d", "x") and found.design.regressors.shape == (len(frame), 2)
    assert found.estimate.data_hash == panel.hash and found.estimate.spec["outcome"] == "y"
    low, high = again.interval()[0]
    term = found.term("d")
    assert (term.value, term.error) == again["d"] and (term.low, term.high) == (low, high)
    assert term.n == len(frame) and term.p_value == again.p_values[0]


def test_the_kind_of_result_follows_from_the_specification(panel):
    assert fit(SPATIAL, panel).spatial.model == "durbin"
    instrumented = fit(SPEC.change(method="instrumental_variables", instrument="x", controls=()), panel)
    assert instrumented.estimate["d"] == instrumented.instrumented.estimate["d"]
    few, more = (fit(SPEC.change(mediators=("m",)), panel, draws=draws) for draws in (100, 200))
    assert len(few.mediated.draws) == 100 and len(more.mediated.draws) == 200
    assert few.estimate["d"] == few.mediated.total["d"] == pytest.approx(fit(SPEC, panel).estimate["d"])


@pytest.mark.parametrize("kind", ["spatial", "instrumented", "mediated", "partialled_out"])
def test_a_result_of_another_method_is_refused_in_words(panel, kind):
    with pytest.raises(ParameterError, match="is needed, not: y on d|predicts nothing"):
        getattr(fit(SPEC, panel), kind)


def test_a_moderator_that_is_not_there_is_asked_for_in_words(panel):
    with pytest.raises(ParameterError, match="a moderator is needed, which is not in: y on d"):
        effects_over(fit(SPEC, panel))


def test_weights_without_their_column_are_refused_by_its_name(panel):
    with pytest.raises(MissingTableError, match="'economic' need the column 'income'"):
        fit(SPATIAL.change(weights="economic"), panel).term("d")


def test_a_control_that_is_not_there_is_left_out_and_said(panel):
    found, note = fit_nearest(SPEC.change(controls=("x", "nowhere"), first_year=1999), panel)
    assert found.spec.controls == ("x",) and note == "without nowhere; years 2001–2006"


def test_prints_as_text_and_as_html(panel):
    found = fit(SPEC, panel)
    for text, digits in ((repr(found), 6), (found._repr_html_(), 4)):
        assert "y on d, controls x; two-way fixed effects, errors clustered by city; 2001–2006" in text
        assert f"{found.term('d').value:.{digits}g}" in text and "N = 120" in text and "20 clusters" in text
    assert "a <small> panel" in repr(found) and "a &lt;small&gt; panel" in found._repr_html_()
    table = found.table()
    assert list(table.columns) == ["coefficient", "standard_error", "low", "high", "p_value"]
    assert table.loc["d", "coefficient"] == found.term("d").value and list(table.index) == ["d", "x"]


def test_a_misspelt_term_is_answered_with_the_names_near_it(panel):
    estimate = fit(SPATIAL.change(squared=True), panel).estimate
    with pytest.raises(ParameterError, match=r"'d\^3' is not one of the terms d, .*did you mean 'd\^2'"):
        estimate.term("d^3")
    with pytest.raises(ParameterError, match="'elsewhere' is not one of the terms"):
        estimate["elsewhere"]


def test_a_claim_on_a_policy_needs_one():
    study = replace(COLLABORATIVE_AGGLOMERATION, policy=None)
    claim = load_claims(study.key).claim("integration_corrects")
    with pytest.raises(ParameterError, match="'integration_corrects' is about adopting a policy"):
        measure(claim, study, study.panel("twin"))


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "folds": st.integers(2, 6),
        "winsorise": st.sampled_from([0.0, 0.01, 0.05]),
        "controls": st.sampled_from([(), ("x",), ("x", "m")]),
        "weights": st.sampled_from(["nearest", "contiguity"]),
        "first_year": st.integers(2001, 2003),
        "last_year": st.integers(2004, 2006),
    },
)


@given(own=CHANGES, asked=CHANGES)
def test_an_override_changes_what_a_specification_shares_with_the_base(own, asked):
    spec = SPEC.change(**own)
    found = spec.override(SPEC, asked)
    for name in Spec.model_fields:
        before, base = getattr(spec, name), getattr(SPEC, name)
        expected = asked.get(name, before) if before == base else before
        assert getattr(found, name) == expected
    assert found.override(SPEC, asked) == found
    assert SPEC.override(SPEC, asked) == SPEC.change(**asked)


@given(first=st.integers(2001, 2006), last=st.integers(2001, 2006))
def test_years_that_leave_a_check_nothing_are_not_taken_over(first, last):
    asked = {"first_year": min(first, last), "last_year": max(first, last)}
    late = SPEC.change(first_year=2004)
    found = late.override(SPEC, asked)
    assert found.first_year == 2004
    assert found.last_year == (asked["last_year"] if asked["last_year"] >= 2004 else 2006)


def test_an_override_of_an_unknown_field_is_refused():
    with pytest.raises(ParameterError, match="unknown field 'fold'"):
        SPEC.override(SPEC, {"fold": 6})


def located(seed=5, cities=24, years=6):
    """A panel with places and provinces; one city lacks its last year."""
    rng = np.random.default_rng(seed)
    grid = pd.MultiIndex.from_product([range(cities), range(2001, 2001 + years)], names=["city", "year"])
    keys = grid.to_frame(index=False)
    x = rng.normal(size=len(keys))
    y = 0.4 * x + 0.1 * keys["city"] + rng.normal(size=len(keys))
    lon, lat = 100 + keys["city"] % 6 * 2.0, 25 + keys["city"] // 6 * 1.5
    frame = keys.assign(y=y, x=x, lon=lon, lat=lat, province=[f"p{city // 4}" for city in keys["city"]])
    return Panel.of(frame.drop(index=frame.index[5]))


def test_clusters_and_places_come_from_the_panel():
    panel = located()
    spec = Spec(method="two_way_fixed_effects", outcome="y", treatment="x", first_year=2001, last_year=2006)
    frame, keys = panel.frame, {"entity": panel.frame["city"], "time": panel.frame["year"], "terms": ["x"]}
    by_hand = {
        "province": two_way_fixed_effects(frame["y"], frame["x"], **keys, clusters=frame["province"]),
        "conley": two_way_fixed_effects(
            frame["y"], frame["x"], **keys, errors="conley", points=frame[["lon", "lat"]], cutoff=400.0
        ),
    }
    found = {
        "province": fit(spec.change(errors="clustered", clusters="province"), panel),
        "conley": fit(spec.change(errors="conley", cutoff=400), panel),
    }
    for name, one in found.items():
        assert one.term("x").error == pytest.approx(by_hand[name].standard_errors[0], rel=1e-12), name
    assert found["province"].estimate.n_clusters == 6


def test_errors_whose_column_is_not_there_say_which():
    bare = located()
    without = Panel.of(bare.frame.drop(columns=["lon", "province"]))
    spec = Spec(method="two_way_fixed_effects", outcome="y", treatment="x", first_year=2001, last_year=2006)
    for change, column in (
        ({"errors": "conley"}, "lon"),
        ({"errors": "clustered", "clusters": "province"}, "province"),
    ):
        with pytest.raises(MissingTableError, match=f"need the column '{column}'"):
            fit(spec.change(**change), without).term("x")


def test_a_balanced_sample_has_cities_with_every_year():
    spec = Spec(method="two_way_fixed_effects", outcome="y", treatment="x", first_year=2001, last_year=2006)
    kept = fit(spec.change(balanced=True, errors="clustered"), located()).sample
    assert kept["city"].nunique() == 23 and (kept.groupby("city").size() == 6).all()
    assert len(fit(spec.change(errors="clustered"), located()).sample) == 143


def forget():
    module._fit.cache_clear()
    module._sampled.cache_clear()


def test_pages_of_a_build_find_what_another_has_learnt(panel, tmp_path, monkeypatch):
    alone = fit(LEARNED, panel).partialled_out
    forget()
    monkeypatch.setenv(LEARNT_VARIABLE, str(tmp_path))
    made = fit(LEARNED, panel).partialled_out
    kept = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*.json")}
    assert len(kept) == 2
    forget()
    read = fit(LEARNED, panel).partialled_out
    assert {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*.json")} == kept
    for found in (made, read):
        assert np.array_equal(found.outcome, alone.outcome)
        assert np.array_equal(found.treatments, alone.treatments)
    forget()
    assert fit(LEARNED.change(seed=LEARNED.seed + 1), panel).estimate.n_observations == 120
    assert len(list(tmp_path.rglob("*.json"))) == 4
    forget()
    monkeypatch.setenv(LEARNT_VARIABLE, "")
    assert fit(LEARNED.change(seed=LEARNED.seed + 2), panel).estimate.n_observations == 120
    assert len(list(tmp_path.rglob("*.json"))) == 4

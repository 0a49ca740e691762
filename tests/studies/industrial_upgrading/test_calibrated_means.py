"""The calibration to means over countries at public noise: ladder, stand-in, memory, noise, record."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from digital_clusters.analysis.scorecard.variation import variation_of
from digital_clusters.errors import DataError, FileError
from digital_clusters.measures.panel import Panel
from digital_clusters.sources.twin.country import TwinCountry
from digital_clusters.sources.twin.truth import marginal_effect, named_truth, project_truth
from digital_clusters.studies.industrial_upgrading.calibration import (
    ladder,
    means,
    noise,
    noise_of_claims,
    record,
    record_pages,
    stand_in,
    truths,
)
from digital_clusters.studies.industrial_upgrading.calibration.search import STEPS, printed_targets
from digital_clusters.studies.industrial_upgrading.specs import BASELINE

# Sums in another order.
ROUNDING = 1e-9
# Numbers are written with four digits.
WRITTEN = 5e-4
RUNGS = {rung.key: rung for rung in truths.RUNGS}
TARGETS = len(printed_targets())


@pytest.fixture(scope="module")
def country():
    return TwinCountry(project_truth(), project_truth().seed)


def test_each_truth_has_the_one_before_it_as_a_special_case():
    for simpler, richer in zip(truths.RUNGS, truths.RUNGS[1:], strict=False):
        assert set(simpler.free) < set(richer.free)
        assert simpler.parameters < richer.parameters
    assert set(truths.RUNGS[-1].free) <= set(STEPS)


def test_the_first_truth_has_one_effect_everywhere():
    truth = truths.with_rung(project_truth(), truths.RUNGS[0], {"slope": -0.2})
    effect = marginal_effect(np.linspace(1.9, 2.8, 5), np.linspace(20, 350, 5), truth)
    np.testing.assert_allclose(effect, -0.2, atol=ROUNDING)
    assert truth.outcome.hidden_turn == truth.outcome.capital == 0.0
    assert truth.outcome.city == project_truth().outcome.city


def test_spread_within_is_that_of_the_frozen_records():
    rng = np.random.default_rng(5)
    values = rng.standard_normal((30, 1)) + rng.standard_normal((30, 7)).cumsum(axis=1)
    frame = pd.DataFrame(
        {"city": np.repeat(np.arange(30), 7), "year": np.tile(np.arange(2011, 2018), 30), "x": values.ravel()}
    )
    expected = variation_of(Panel.of(frame), "x", (2011, 2017))
    share, ar1 = noise.spread_within(values)
    assert share == pytest.approx(expected["within_share"], abs=ROUNDING)
    assert ar1 == pytest.approx(expected["ar1"], abs=ROUNDING)


def test_the_noise_of_a_variable_meets_public_data(country):
    """Solved and judged in one country: the search ends within a hundredth, and rounding adds less."""
    truth = noise.without_extras(project_truth())
    truth = truth.model_copy(update={"panel": {"students": truth.panel["students"]}})
    solved = noise.panel_noise(truth, [country.seed])
    from digital_clusters.sources.twin.economy import panel_variable, study_sample

    values = panel_variable("students", country.places, solved, country.seed)[0]
    sample = study_sample(country.places, solved)
    share, ar1 = noise.spread_within(values[np.ix_(sample.cities, sample.years)])
    public = noise.public_spread()["students"]
    assert share == pytest.approx(public[0], rel=0.02)
    assert ar1 == pytest.approx(public[1], abs=0.02)


def test_the_study_panel_of_a_country_is_that_of_its_tables(country):
    from digital_clusters.sources.twin import open_twin
    from digital_clusters.studies.industrial_upgrading.panel import build_panel

    slow, fast = build_panel(open_twin()).frame, means.study_panel(country, country.gini).frame
    assert fast[["city", "year"]].equals(slow[["city", "year"]])
    for name in ("gini", "uil", "difi", "science", "loans_deposits"):
        np.testing.assert_allclose(fast[name], slow[name], atol=1e-6)


def test_a_normalised_moderator_is_the_centred_one_in_another_unit(country):
    short = BASELINE.change(last_year=2012, folds=2, moderator="difi")
    specs = {"centred": short, "normalised": short.change(scaling="normalised")}
    panel = means.study_panel(country, country.gini)
    found = stand_in.StandInColumns(specs, panel).coefficients(panel.frame["gini"].to_numpy())
    unit = np.ptp(panel.frame.loc[panel.frame["year"] <= 2012, "difi"])
    for term, scale in (("uil", 1.0), ("uil:difi", unit), ("difi", unit)):
        assert found["normalised"][term] == pytest.approx(scale * found["centred"][term], rel=1e-6)


def test_the_stand_in_finds_an_effect_that_covariates_do_not_hide():
    """Treatment and noise are independent of city, year and controls: the slope is the planted one."""
    rng = np.random.default_rng(3)
    cities, years = 120, 4
    frame = pd.DataFrame(
        {
            "city": np.repeat(np.arange(cities), years),
            "year": np.tile(np.arange(2011, 2011 + years), cities),
            "uil": rng.standard_normal(cities * years),
        }
    ).assign(is_municipality=False)
    for name in BASELINE.controls:
        frame[name] = rng.standard_normal(len(frame))
    frame["gini"] = 2.0 * frame["uil"] + 0.1 * rng.standard_normal(len(frame))
    found = stand_in.StandInColumns({"a": BASELINE.change(last_year=2014)}, Panel.of(frame))
    # trees fit noise of the treatment: the outcome's residual keeps the slope to a few per cent
    assert found.coefficients(frame["gini"].to_numpy())["a"]["uil"] == pytest.approx(2.0, rel=0.1)


def test_known_countries_are_not_made_again_and_a_torn_line_is_forgotten(tmp_path, monkeypatch):
    made = []

    def count(truth, seed):
        made.append(seed)
        return [float(seed)] * TARGETS

    monkeypatch.setattr(means, "coefficients_in", count)
    path, truth = tmp_path / "coefficients.jsonl", project_truth()
    first = means.Memory(path).table(truth, [1, 2, 3])
    assert first.shape == (3, TARGETS) and made == [1, 2, 3]
    with path.open("a", encoding="utf-8") as file:
        file.write('{"key": "half')
    again = means.Memory(path).mean(truth, [1, 2, 3])
    assert made == [1, 2, 3] and again[0] == 2.0
    other = truths.with_rung(truth, truths.RUNGS[0], {"slope": 0.0})
    assert means.key_of(other, 1) != means.key_of(truth, 1) != means.key_of(truth, 2)


def test_a_rung_is_solved_where_the_recipe_is_linear():
    """A memory whose means are linear in two parameters and meet every target at one place."""
    printed = np.array([t.value for t in printed_targets()])
    toward = {"slope": 1.0, "digital": 50.0}
    wanted = {"slope": -0.3, "digital": -0.002, "interaction": 0.0}

    def mean(truth, seeds):
        gap = sum(size * (getattr(truth.outcome, name) - wanted[name]) for name, size in toward.items())
        spread = np.linspace(0.5, 1.5, TARGETS)
        return printed + gap * spread + (truth.outcome.slope - wanted["slope"]) * spread**2

    rung = RUNGS["interaction"]
    start = {"slope": -0.2, "interaction": 0.0, "digital": -0.001}
    found = ladder.solve_rung(SimpleNamespace(mean=mean), project_truth(), rung, start, np.zeros(TARGETS))
    solved = truths.with_rung(project_truth(), rung, found)
    assert ladder.unmet(ladder.in_errors(mean(solved, range(1)))) < 0.5


def test_a_step_to_an_outcome_without_its_moments_is_halved():
    """The one target lies where the moments cannot be met: the search ends on this side of it."""

    def mean(truth, seeds):
        if truth.outcome.slope < -0.25:
            raise DataError("the twin cannot meet mean, s.d., minimum, maximum")
        printed = np.array([t.value for t in printed_targets()])
        return printed + (truth.outcome.slope + 0.4)

    rung = truths.RUNGS[0]
    memory = SimpleNamespace(mean=mean)
    found = ladder.solve_rung(memory, project_truth(), rung, {"slope": 0.0}, np.zeros(TARGETS))
    assert -0.25 <= found["slope"] < 0


def test_a_target_out_of_reach_costs_one_and_one_at_the_edge_a_half():
    assert ladder.unmet(np.array([1.0])) == 0.5
    assert ladder.unmet(np.array([100.0, 0.0])) == pytest.approx(1.0, abs=1e-6)


def test_changes_are_written_and_read_as_the_same_truth(tmp_path):
    base, rung = project_truth(), RUNGS["hidden"]
    truth = truths.with_rung(base, rung, {"slope": -0.1234, "interaction": -0.002})
    panel = truth.panel | {"uil": truth.panel["uil"].model_copy(update={"turn": 0.0, "drift": 0.0123})}
    truth = truth.model_copy(update={"panel": panel})
    path = record.write_changes(truth, base, rung, tmp_path)
    assert named_truth(path.stem, tmp_path) == truth
    assert path.read_text(encoding="utf-8").splitlines()[1] == f"# {rung.sentence}"


def test_the_claimed_outcomes_are_those_that_the_studies_measure(country):
    from digital_clusters.analysis.data import load_city_panel

    frame = load_city_panel("twin").frame
    for claimed in noise_of_claims.CLAIMED:
        measured = frame[claimed.column].to_numpy().reshape(len(country.places), -1)
        made = claimed.of(country)
        both = np.isfinite(measured) & np.isfinite(made)
        assert both.mean() > 0.9
        # investment cannot be negative, so that a few capital stocks are not the intended ones
        assert np.corrcoef(measured[both], made[both])[0, 1] > 0.98


def _calibrated(key, met, spread):
    mean = [t.value + (0.0 if k < met else 3 * t.error) for k, t in enumerate(printed_targets())]
    flags = [k < met for k in range(TARGETS)]
    moments = {"uil": [2.309, 0.142, 1.9, 2.836]}
    return record.Calibrated(
        key, f"truth {key}", "A sentence.", 6, 4, {}, mean, [0.1] * TARGETS, flags, [met, 1], moments, spread
    )


@pytest.fixture
def calibration():
    close = {"uil": {"within_share": 0.06, "ar1": 0.78, "sd": 0.142}}
    far = {"uil": {"within_share": 0.12, "ar1": 0.40, "sd": 0.142}}
    made = [_calibrated("today", 5, far), _calibrated("constant", 2, close), _calibrated("hidden", 9, close)]
    targets = [
        {"column": t.column, "term": t.term, "printed": t.value, "error": t.error} for t in printed_targets()
    ]
    return record.Calibration(50, targets, made, "hidden", close, [0.1] * 17 + [-0.4], "a", "b", "c", "d")


def test_the_sentences_say_what_came_out(calibration):
    words = record_pages.outcome_sentence(calibration)
    assert "mean of 50 countries" in words and "meets 5;" in words and "meets 9;" in words
    assert "Table 6 (2), digital index" in words
    assert "2 (truth constant), 9 (truth hidden)" in record_pages.ladder_sentence(calibration)
    assert "Of 3 numbers of the noise the simple truth meets 3 " in record_pages.noise_sentence(calibration)
    assert "0.10 printed" in record_pages.stand_in_sentence(calibration)
    assert "at most 0.40 (Table 6 (2), digital index)" in record_pages.stand_in_sentence(calibration)
    shifted = replace(calibration, public={"uil": {"within_share": 0.06, "ar1": 0.5, "sd": 0.142}})
    assert "Not met: AR(1) of" in record_pages.noise_sentence(shifted)
    printed = {"uil": (2.309, 0.142, 1.9, 2.836 + 0.0142)}
    assert "the 4 moments" in record_pages.moments_sentence(calibration, printed)
    assert "0.100 s.d." in record_pages.moments_sentence(calibration, printed)
    for table in (record_pages.means_table, record_pages.ladder_table, record_pages.noise_table):
        assert "synthetic twin" in table(calibration).as_raw_html()


class Linear:
    """A memory whose coefficients are linear in the outcome, with some luck of the country."""

    def __init__(self, path):
        self.path = path

    def table(self, truth, seeds):
        moved = 3 * truth.outcome.slope + 100 * truth.outcome.digital + truth.outcome.peak
        printed = np.array([t.value for t in printed_targets()])
        luck = 0.0003 * np.sin(np.outer(list(seeds), np.arange(1, TARGETS + 1)))
        return printed + (moved + 0.3) * np.linspace(0.5, 1.5, TARGETS) + luck

    def mean(self, truth, seeds):
        return self.table(truth, seeds).mean(axis=0)

    def recipe(self, truth, seed):
        return self.mean(truth, [seed]) + 0.01


@pytest.fixture
def calibrated(tmp_path, monkeypatch):
    """A data folder that the whole calibration was written to; the noise and the countries are short cuts."""
    monkeypatch.setattr(record, "SHOWN_COUNTRIES", range(1, 2))
    monkeypatch.setattr(record, "CLAIMED", ())
    quiet = truths.with_rung(project_truth(), truths.RUNGS[0], {"slope": -0.1})
    monkeypatch.setattr(record, "noisy_truth", lambda today, kept: quiet)
    lines = []
    path = record.calibrate_to_means(Linear(tmp_path / "memory"), "abc", 20, lines.append, tmp_path)
    assert path == tmp_path / "results" / record.CALIBRATION_FILE
    assert len(lines) == 2 + len(truths.RUNGS)
    return tmp_path


def test_the_calibration_is_kept_and_read_and_refused_when_stale(calibrated):
    found = record.load_calibration(calibrated)
    assert [one.key for one in found.truths] == ["today", *(rung.key for rung in truths.RUNGS)]
    assert (found.countries, found.commit, len(found.gap)) == (20, "abc", TARGETS)
    # a constant effect solves the linear problem, so that every rung meets every target
    assert all(all(one.met) for one in found.truths if one.key != "today")
    assert found.simple == truths.RUNGS[0].key
    assert found.of(found.simple).met_by_country == [TARGETS] * 20
    own = {name: own["sd"] for name, own in found.of("today").noise.items()}
    assert own["uil"] == pytest.approx(project_truth().moments["uil"][1], rel=WRITTEN)
    printed = {name: project_truth().moments[name] for name in found.of("today").moments}
    assert "the 32 moments" in record_pages.moments_sentence(found, printed)
    path = calibrated / "results" / record.CALIBRATION_FILE
    text = json.loads(path.read_text(encoding="utf-8"))
    for name, words in (("truth", r"another data/twin\.yml"), ("changes", "another data/twins/public_noise")):
        path.write_text(json.dumps(text | {name: "0" * 64}), encoding="utf-8")
        with pytest.raises(FileError, match=words):
            record.load_calibration(calibrated)
    path.write_text("{", encoding="utf-8")
    with pytest.raises(FileError, match="damaged"):
        record.load_calibration(calibrated)
    path.unlink()
    with pytest.raises(FileError, match="does not exist.*digital-clusters calibrate"):
        record.load_calibration(calibrated)


def test_the_noise_of_an_earlier_run_counts_if_it_is_of_the_same_truth(tmp_path, monkeypatch):
    truth, made = project_truth(), []
    monkeypatch.setattr(record.noise, "panel_noise", lambda plain: made.append(1) or plain)
    monkeypatch.setattr(record.noise, "gini_noise", lambda plain: plain)
    monkeypatch.setattr(record, "claims_noise", lambda plain: plain)
    first = record.noisy_truth(truth, tmp_path / "noise.json")
    assert record.noisy_truth(truth, tmp_path / "noise.json") == first and made == [1]
    other = truth.model_copy(update={"seed": truth.seed + 1})
    record.noisy_truth(other, tmp_path / "noise.json")
    assert made == [1, 1]

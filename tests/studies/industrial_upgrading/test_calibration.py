"""The calibration of the twin: targets, fast columns and search.

The page of the twin estimates the 18 coefficients by the exact recipe, another country, and methods that
absorb cities; ``tests/book/test_cells_stand_alone.py`` runs it and holds what must be true of them.
"""

import shutil

import numpy as np
import pandas as pd
import pytest

from digital_clusters.errors import FileError
from digital_clusters.estimators.double_ml.partially_linear import partially_linear
from digital_clusters.sources.twin import open_twin
from digital_clusters.sources.twin.truth import project_truth, read_truth, truth_file
from digital_clusters.studies.industrial_upgrading.calibration import countries, pages, search, spread
from digital_clusters.studies.industrial_upgrading.calibration.columns import FastColumn
from digital_clusters.studies.industrial_upgrading.panel import build_panel
from digital_clusters.studies.industrial_upgrading.specs import BASELINE, COLUMNS

# Numbers in data/twin.yml are written with six digits.
WRITTEN = 1e-5
# The same trees on the same rows; sums of residual products in another order.
ROUNDING = 1e-9


@pytest.fixture(scope="module")
def panel():
    return build_panel(open_twin())


def test_there_are_18_targets_in_14_columns():
    targets = search.printed_targets()
    assert len(targets) == 18
    assert {t.column for t in targets} == set(COLUMNS)
    assert all(t.error > 0 for t in targets)


def test_the_trial_goes_through_the_twins_own_outcome(panel):
    """At the truth's own parameters the trial's outcome is the Gini measured from township lights."""
    from digital_clusters.sources.twin.country import TwinCountry
    from digital_clusters.sources.twin.economy import study_sample
    from digital_clusters.sources.twin.outcome import planted_gini

    truth = project_truth()
    country = TwinCountry(truth, truth.seed)
    values = {name: getattr(truth.outcome, name) for name in search.STEPS}
    outcome = planted_gini(country.places, country.panel, search.with_outcome(truth, values), truth.seed)
    sample = study_sample(country.places, truth)
    np.testing.assert_allclose(sample.of(outcome), panel.frame["gini"], atol=1e-9)


def test_fast_columns_use_the_recipes_sample_folds_and_covariates(panel):
    """With the same learner the fast column is the project's estimator to rounding."""
    spec = BASELINE.change(last_year=2013, folds=2)
    column = FastColumn(spec, panel)
    fast = column.coefficients(column.residual_outcome(panel.frame["gini"].to_numpy()))
    frame = panel.frame[panel.frame["year"] <= 2013]
    exact = partially_linear(
        frame["gini"], frame["uil"], frame[list(spec.controls)],
        entity=frame["city"], time=frame["year"], terms=["uil"],
        learner="fast_gradient_boosting", folds=2, seed=spec.seed,
    )  # fmt: skip
    assert fast["uil"] == pytest.approx(exact["uil"][0], abs=ROUNDING)


def test_search_solves_a_linear_problem():
    targets = [search.Target("a", "x", 1.0, 0.1), search.Target("b", "x", -0.5, 0.1)]

    def linear(values):
        return {
            "a": {"x": 4 * values["slope"] + values["bend"]},
            "b": {"x": values["slope"] - 3 * values["bend"]},
        }

    lines = []
    found = search.search(linear, {"slope": 0.0, "bend": 0.0}, targets, report=lines.append)
    assert np.abs(search.misses(linear(found), targets)).max() <= search.GOOD_ENOUGH
    assert lines[0].startswith("start: 0 of 2")


def test_rewriting_keeps_comments_and_the_other_blocks(tmp_path):
    copy = tmp_path / "twin.yml"
    shutil.copy(truth_file(), copy)
    search.rewrite_outcome(copy, {"slope": 0.123456789, "size": -0.5})
    before, after = read_truth(), read_truth(copy)
    assert after.outcome.slope == pytest.approx(0.123456789, abs=WRITTEN)
    assert after.outcome.size == -0.5
    assert after.model_copy(update={"outcome": before.outcome}) == before
    comments = [line.partition("#")[2] for line in truth_file().read_text(encoding="utf-8").splitlines()]
    assert [line.partition("#")[2] for line in copy.read_text(encoding="utf-8").splitlines()] == comments
    assert [path.name for path in tmp_path.iterdir()] == ["twin.yml"]


def test_an_outcome_without_parts_left_out_is_the_twins_own(panel):
    same = spread.with_parts_left_out(panel, {})
    assert np.abs(same.frame["gini"] - panel.frame["gini"]).max() < ROUNDING
    still = spread.with_parts_left_out(panel, {"hidden_turn": 0.0})
    assert np.abs(still.frame["gini"] - panel.frame["gini"]).max() > 0.01
    assert still.frame.drop(columns="gini").equals(panel.frame.drop(columns="gini"))


def test_counts_over_countries_are_kept_and_refused_when_stale(tmp_path):
    misses = pd.DataFrame({"seed": [1, 1, 2, 2], "miss": [0.5, -1.5, 0.2, -0.9]})
    path = countries.freeze_countries(misses, "abc", tmp_path)
    found = countries.load_countries(tmp_path)
    assert (found.seeds, found.met, found.targets, found.commit) == ((1, 2), (1, 2), 2, "abc")
    path.write_text(path.read_text(encoding="utf-8").replace(found.truth, "0" * 64), encoding="utf-8")
    with pytest.raises(FileError, match=r"another data/twin\.yml.*calibration\.countries"):
        countries.load_countries(tmp_path)
    path.write_text("{", encoding="utf-8")
    with pytest.raises(FileError, match="damaged"):
        countries.load_countries(tmp_path)
    path.unlink()
    with pytest.raises(FileError, match="does not exist"):
        countries.load_countries(tmp_path)


def test_the_frozen_counts_are_of_this_truth_and_of_every_target():
    found = countries.load_countries()
    assert len(found.seeds) == len(set(found.seeds)) == len(found.met) and len(found.seeds) >= 12
    assert found.targets == len(search.printed_targets())
    assert all(0 <= met <= found.targets for met in found.met)


def test_the_country_is_counted_and_not_remembered(panel, monkeypatch):
    found = {}
    monkeypatch.setattr(pages, "glue", found.__setitem__)
    twin = open_twin()
    pages.glue_country(twin, panel.frame)
    units = twin.table("lights").groupby(["city", "year"])["unit"].nunique()
    assert found["country-townships"] == f"{units.min()} to {units.max()}"
    assert (found["country-cities"], found["study-cities"]) == (290, 253)
    assert found["study-left-out"] == 290 - 253 and found["country-years"] == "2003 to 2021"

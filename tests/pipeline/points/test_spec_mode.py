import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from digital_clusters.analysis.fit import fit
from digital_clusters.analysis.multiverse.explored import frozen_multiverse
from digital_clusters.analysis.spec import Spec
from digital_clusters.errors import FileError, ParameterError
from digital_clusters.pipeline.points import spec_mode
from digital_clusters.pipeline.points.curves import draw_curves
from digital_clusters.pipeline.points.spec_mode import PART, open_spec_sweep, plan_sentences, run_spec_sweep
from digital_clusters.pipeline.points.verify import verify_folder

REPOSITORY = Path(__file__).parents[3]

DECLARED = """\
study: virtual_agglomeration
base:
  method: two_way_fixed_effects
  outcome: growth_gap
  treatment: virtual
  first_year: 2010
  last_year: 2019
  errors: clustered
claims:
  up: {statement: growth holds where shops gather, term: virtual, sign: 1}
axes:
  outcome:
    splits: true
    options:
      growth gap: {}
      nowhere: {outcome: nowhere}
  controls:
    options:
      none: {}
      income: {controls: [income]}
      three: {controls: [income, population, uil]}
  errors:
    options:
      by city: {}
      by row: {errors: robust}
constraints:
  - choose: {outcome: [nowhere]}
    only_if: {errors: [by city]}
    why: once is enough
"""


@pytest.fixture
def declared(tmp_path):
    file = tmp_path / "small.yml"
    file.write_text(DECLARED, encoding="utf-8")
    return file


@pytest.fixture
def sweep(declared, tmp_path, monkeypatch):
    monkeypatch.setattr(spec_mode, "PART", 4)
    return open_spec_sweep(declared, tmp_path, "twin")


def test_what_is_estimated_and_what_not_is_said_first(sweep):
    said = list(plan_sentences(sweep))
    assert said[0] == "12 combinations of 1 claims and 3 axes"
    assert said[1] == "  3 are ruled out: once is enough"
    assert said[-1] == "9 specifications are estimated on synthetic twin"
    assert not sweep.folder.exists()


def test_every_row_is_its_specification_and_a_failing_point_a_row(sweep):
    told = []
    table = pd.read_parquet(run_spec_sweep(sweep, told.append))
    assert told == [4, 4, 1] and list(table["point"]) == list(range(9))
    failed = table["outcome"] == "nowhere"
    assert failed.sum() == 3 and table.loc[failed, "problem"].str.contains("nowhere").all()
    for row in table[~failed].itertuples():
        number = fit(Spec.model_validate_json(row.spec), sweep.panel).term(row.term)
        assert [row.value, row.error, row.p_value] == pytest.approx(
            [number.value, number.error, number.p_value], rel=1e-8
        )


def test_an_interrupted_run_leaves_a_table_and_goes_on_to_the_same_bytes(sweep, tmp_path):
    whole = run_spec_sweep(sweep).read_bytes()
    for path in sweep.folder.rglob("*.parquet"):
        path.unlink()

    def interrupt(count):
        raise KeyboardInterrupt

    said = []
    with pytest.raises(KeyboardInterrupt):
        run_spec_sweep(sweep, interrupt, say=said.append)
    assert re.match(r"[\d,]+ of [\d,]+ specifications are in .*; started again, the rest is done", said[-1])
    assert len(pd.read_parquet(sweep.folder / "estimates.parquet")) == 4
    assert run_spec_sweep(sweep).read_bytes() == whole


def test_another_declaration_forgets_the_parts_of_the_first(sweep, declared, tmp_path):
    run_spec_sweep(sweep)
    declared.write_text(DECLARED.replace("three:", "many:"), encoding="utf-8")
    other = open_spec_sweep(declared, tmp_path, "twin")
    table = pd.read_parquet(run_spec_sweep(other))
    assert set(table["controls"]) == {"none", "income", "many"}
    assert len(list((other.folder / ".parts").iterdir())) == 1


def test_a_sample_is_drawn_in_the_order_of_the_file_and_said(declared, tmp_path):
    drawn = open_spec_sweep(declared, tmp_path, "twin", sample=4, seed=2)
    assert len(drawn.plan.points) == 4
    assert "  at most 4 of the others are drawn, seed 2" in list(plan_sentences(drawn))
    whole = [point.spec for point in open_spec_sweep(declared, tmp_path, "twin").plan.points]
    places = [whole.index(point.spec) for point in drawn.plan.points]
    assert places == sorted(places)


def test_a_grid_too_large_is_refused_unless_it_is_sampled(declared, tmp_path):
    options = "\n".join(f"      w{k}: {{winsorise: {k / 1e5}}}" for k in range(5000))
    large = DECLARED.replace(
        "  errors:\n    options:", f"  tails:\n    options:\n{options}\n  errors:\n    options:", 1
    )
    declared.write_text(large, encoding="utf-8")
    with pytest.raises(ParameterError, match="45,000 combinations.*or estimate a sample of them"):
        open_spec_sweep(declared, tmp_path, "twin")
    assert len(open_spec_sweep(declared, tmp_path, "twin", sample=7).plan.points) <= 7


def test_another_panel_than_the_one_asked_for_is_refused(declared, tmp_path):
    declared.write_text(DECLARED.replace("none: {}", "none: {panel: other}"), encoding="utf-8")
    with pytest.raises(
        ParameterError, match="options name the panels other; there are: public, constant territory"
    ):
        open_spec_sweep(declared, tmp_path, "twin")


def test_a_folder_is_verified_and_a_changed_number_is_found(sweep, tmp_path):
    table = run_spec_sweep(sweep)
    assert not [str(one) for one in verify_folder(sweep.folder, tmp_path, points=9) if one.fault]
    frame = pd.read_parquet(table)
    frame.loc[1, "value"] *= 1.001
    frame.to_parquet(table, index=False)
    faults = [str(one) for one in verify_folder(sweep.folder, tmp_path, points=9) if one.fault]
    assert len(faults) == 2
    assert "sha256" in faults[0] and "point 1 comes out again: value was" in faults[1]


def test_a_folder_without_a_record_is_no_sweep(tmp_path):
    with pytest.raises(FileError, match=r"there is no run\.json"):
        verify_folder(tmp_path, tmp_path)


def test_curves_are_drawn_for_units_with_numbers_and_are_the_same_twice(sweep):
    table = run_spec_sweep(sweep)
    (curve,) = draw_curves(sweep, table)
    first = curve.read_bytes()
    assert curve.name == "01-up_growth-gap.svg" and b"<svg" in first
    (again,) = draw_curves(sweep, table)
    assert again == curve and again.read_bytes() == first


LONG = bool(os.environ.get("DIGITAL_CLUSTERS_LONG_CAMPAIGN"))
"""Whether whole declarations are estimated, in parts of the size that the command has."""

SIZE = PART if LONG else 16
KILLED = None if LONG else 7 * SIZE
"""Specifications of a part, and of the table that is killed: kills at one, three and five parts leave some to
be done, and no part depends on another."""

FOUND_AGAIN = None if LONG else 400
"""Of 4,132 frozen specifications; every option of every axis must be among them."""


@pytest.mark.slow
def test_killed_three_times_and_resumed_is_uninterrupted_to_the_byte(tmp_path, monkeypatch):
    """Real kills of the real command, on the largest declared multiverse."""
    monkeypatch.setattr(spec_mode, "PART", SIZE)
    file = REPOSITORY / "data" / "multiverse" / "virtual_agglomeration.yml"
    sweep = open_spec_sweep(file, tmp_path, "twin", sample=KILLED)
    assert len(list(sweep.parts())) >= 7
    whole = run_spec_sweep(sweep).read_bytes()
    for path in sweep.folder.rglob("*.parquet"):
        path.unlink()
    code = (
        "from pathlib import Path; from digital_clusters.pipeline.points import spec_mode; "
        f"spec_mode.PART = {SIZE}; spec_mode.run_spec_sweep(spec_mode.open_spec_sweep("
        f"Path({str(file)!r}), Path({str(tmp_path)!r}), 'twin', sample={KILLED}))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for wanted in (1, 3, 5):
        started = subprocess.Popen([sys.executable, "-c", code], env=environment)
        while started.poll() is None and len(list(sweep.folder.rglob("0*.parquet"))) < wanted:
            time.sleep(0.01)
        started.send_signal(signal.SIGKILL)
        started.wait()
    assert run_spec_sweep(sweep).read_bytes() == whole


@pytest.mark.slow
@pytest.mark.skipif("DIGITAL_CLUSTERS_MIRROR" not in os.environ, reason="needs the public files")
def test_spec_mode_finds_what_is_frozen(tmp_path):
    file = REPOSITORY / "data" / "multiverse" / "virtual_agglomeration.yml"
    sweep = open_spec_sweep(file, tmp_path, "public", sample=FOUND_AGAIN)
    table, kept = pd.read_parquet(run_spec_sweep(sweep)), frozen_multiverse("virtual_agglomeration").table
    axes = ["claim", *sweep.declared.axes]
    assert not kept.duplicated(axes).any()
    assert all(set(table[axis]) == set(kept[axis]) for axis in axes)
    assert len(table) == (FOUND_AGAIN or len(kept))
    kept = kept.set_index(axes).loc[pd.MultiIndex.from_frame(table[axes])]
    # what is frozen has six significant digits
    for name in ("value", "error", "p_value"):
        np.testing.assert_allclose(table[name], kept[name], rtol=1e-5, atol=1e-12)

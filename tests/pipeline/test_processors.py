"""Numbers of two builds: which differ, where they stand, and how the status page tells it."""

import json
import math

import pytest

from digital_clusters.errors import FileError
from digital_clusters.pipeline import generated
from digital_clusters.pipeline.upkeep.processors import (
    Processors,
    differing,
    read_processors,
    saved_numbers,
    write_processors,
)

ROW = {
    "column": "Table 1 (1)",
    "estimate": {"coefficients": [0.5, 2.0], "n": 3, "clustered": True, "seconds": 9.0},
}
RECORD = Processors(
    "Zen",
    "Nehalem",
    12,
    9,
    {"a / coefficients / 0": 0.02, "b / y": math.inf},
    date="2026-01-02",
    commit="abc",
)


def results(folder, *rows):
    folder.mkdir()
    (folder / "study.baseline.json").write_text(json.dumps(rows))
    return saved_numbers(folder)


def test_numbers_are_named_by_where_they_stand_and_times_are_none(tmp_path):
    place = "study.baseline / Table 1 (1) / estimate"
    expected = {f"{place} / coefficients / 0": 0.5, f"{place} / coefficients / 1": 2.0, f"{place} / n": 3.0}
    assert results(tmp_path / "a", ROW) == expected


def test_what_agrees_in_the_stated_digits_does_not_differ():
    assert differing({"a": 1.0, "b": 0.0, "c": math.nan}, {"a": 1.0 + 1e-12, "b": 0.0, "c": math.nan}) == {}
    assert differing({"a": 1.0}, {"a": 1.0 + 1e-12}, digits=14) == {"a": 1e-12}


def test_what_only_one_build_has_differs():
    assert differing({"a": 1.0}, {"b": 1.0}) == {"a": math.inf, "b": math.inf}
    assert differing({"a": math.nan}, {"a": 1.0}) == {"a": math.inf}


def test_results_that_are_no_json_are_one_sentence(tmp_path):
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(FileError, match="x.json is not JSON"):
        saved_numbers(tmp_path)


def test_the_record_is_read_as_it_was_written(tmp_path):
    assert read_processors(tmp_path) is None
    write_processors(tmp_path, RECORD)
    assert read_processors(tmp_path) == RECORD
    (tmp_path / "data/processors.yml").write_text("- 3\n")
    with pytest.raises(FileError, match="is not a record of two processors"):
        read_processors(tmp_path)


def test_the_status_page_lists_the_largest_difference_first():
    page = generated.status_page(None, [], processors=RECORD)
    assert "of 12 saved numbers 2 differ in their first 9" in page
    assert page.index("`b / y` | inf") < page.index("`a / coefficients / 0` | 0.02")
    assert "1 coefficients among them by at most 2.0% of their size" in page
    assert "processor" not in generated.status_page(None, [])

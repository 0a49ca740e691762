"""The transcription of the printed tables, held to what must be true of them."""

import pytest

from digital_clusters.analysis.published import load_published
from digital_clusters.errors import DataError, FileError
from digital_clusters.studies.industrial_upgrading.specs import COLUMNS

PAPER = load_published("industrial_upgrading")


def test_every_printed_column_has_a_specification_and_the_other_way_round():
    assert [column.key for column in PAPER.columns] == list(COLUMNS)


def test_counts_of_printed_numbers():
    assert len(PAPER.columns) == 14
    assert sum(len(column.terms) for column in PAPER.columns) == 18
    assert 4 * len(PAPER.table1) == 32


def test_keys_say_table_and_column():
    assert all(column.key == f"table{column.table}.column{column.column}" for column in PAPER.columns)


def test_moments_are_in_order():
    for row in PAPER.table1:
        assert float(row.min) < float(row.mean) < float(row.max), row.variable
        assert 0 < float(row.sd) < float(row.max) - float(row.min), row.variable


def test_every_prediction_points_at_a_printed_coefficient():
    for hypothesis in PAPER.hypotheses:
        for prediction in hypothesis.predictions:
            assert PAPER.column(prediction.column).term(prediction.term).value * prediction.sign > 0


def test_an_unknown_study_is_named():
    with pytest.raises(FileError, match="no printed numbers for 'nothing'"):
        load_published("nothing")


def test_a_broken_file_names_the_place(tmp_path):
    (tmp_path / "broken.yml").write_text("study: broken\n", encoding="utf-8")
    with pytest.raises(DataError, match="broken.yml: title"):
        load_published("broken", tmp_path)

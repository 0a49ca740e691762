"""The envelope of the learnt columns: what is declared, and what is said of it."""

import numpy as np
import pytest

from digital_clusters.analysis.multiverse.declared import CLAIM, multiverse_file, read_multiverse
from digital_clusters.analysis.multiverse.points import plan_points
from digital_clusters.analysis.published import load_published
from digital_clusters.studies.industrial_upgrading.inference.envelope import (
    RECORD,
    envelope_sentence,
    frozen_envelope,
    widths,
)
from digital_clusters.studies.industrial_upgrading.specs import COLUMNS, STUDY


def test_a_declared_column_is_that_of_the_paper():
    declared = read_multiverse(multiverse_file(RECORD))
    axes = {"learner", "folds", "seed", "errors"}
    first = {}
    for point in plan_points(declared).points:
        first.setdefault(point.choices[CLAIM], point.spec)
    assert len(first) == 12
    for key, spec in first.items():
        assert spec.model_dump(exclude=axes) == COLUMNS[key].model_dump(exclude=axes)
        assert declared.claims[key].term in {item.term for item in _printed(key).terms}


def test_columns_that_are_not_declared_are_draws_of_another():
    """Table 3 changes the folds and the learner of Table 2 (2)."""
    left = COLUMNS.keys() - read_multiverse(multiverse_file(RECORD)).claims.keys()
    assert left == {"table3.column1", "table3.column2"}
    base = COLUMNS["table2.column2"].model_dump(exclude={"folds", "learner"})
    assert all(COLUMNS[key].model_dump(exclude={"folds", "learner"}) == base for key in left)


def test_the_frozen_record_is_of_what_is_declared_and_has_every_number():
    explored = frozen_envelope()
    assert explored.declared.axes == read_multiverse(multiverse_file(RECORD)).axes
    assert len(explored.table) == explored.declared.size
    assert not explored.table["problem"].any()


def test_widths_are_those_by_hand():
    explored = frozen_envelope()
    table = explored.table
    for row, key in zip(widths(explored).itertuples(), explored.declared.claims, strict=True):
        mine = table[table[CLAIM] == key]
        unit = _printed(key).term(row.term).error
        values = mine["value"].to_numpy()
        assert row.width == pytest.approx(np.ptp(values) / unit)
        ranges = [np.ptp(part["value"].to_numpy()) for _, part in mine.groupby(["learner", "folds"])]
        assert row.draws == pytest.approx(max(ranges) / unit)
        assert row.draws <= row.width
        assert row.both_signs == (values.min() < 0 < values.max())


def test_the_sentence_counts_the_rows_of_the_table():
    found = widths(frozen_envelope())
    said = envelope_sentence(found)
    assert f"{found['both_signs'].sum()} of the 12 ranges hold values of both signs" in said
    assert f"{found['inside'].sum()} of the 12 printed coefficients" in said


def _printed(key):
    return next(column for column in load_published(STUDY).columns if column.key == key)

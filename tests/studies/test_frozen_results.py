"""The estimates frozen into data/results, made again from the public files."""

import pytest

from digital_clusters.analysis.frozen import Tolerance, compare, load_frozen
from digital_clusters.sources.upstream import upstream_files
from digital_clusters.studies.industrial_upgrading.specs import EVERY_SPEC, STUDY
from digital_clusters.studies.industrial_upgrading.study import INDUSTRIAL_UPGRADING

SAME = Tolerance(
    absolute=2e-3,
    relative=0.01,
    reason="trees break near ties by the last digits of sums, which processors round differently; a sparse "
    "instead of a dense matrix does the same and moved a coefficient of the benchmark panel by 0.0005, a "
    "quarter of what is allowed",
)
MOMENTS = 1e-9
"""Relative: sums of three thousand numbers in another order."""


def test_every_specification_is_frozen_with_its_inputs():
    frozen = load_frozen(STUDY)
    assert set(frozen.estimates) == set(EVERY_SPEC)
    pinned = {file.sha256 for file in upstream_files().values()}
    assert frozen.inputs and set(frozen.inputs.values()) <= pinned
    assert all(estimate.data == "public data" for estimate in frozen.estimates.values())


def test_a_note_says_where_a_frozen_estimate_differs_from_what_was_asked():
    frozen = load_frozen(STUDY)
    for key, estimate in frozen.estimates.items():
        asked = EVERY_SPEC[key]
        differs = (
            tuple(estimate.spec["controls"]) != asked.controls or asked.last_year > frozen.facts["years"][1]
        )
        assert bool(frozen.notes.get(key)) == differs, key


@pytest.mark.slow
@pytest.mark.usefixtures("mirror")
def test_frozen_estimates_come_out_again():
    frozen, made = load_frozen(STUDY), INDUSTRIAL_UPGRADING.records[STUDY](INDUSTRIAL_UPGRADING)
    differences = compare(frozen.estimates, made["estimates"], SAME)
    assert not differences, "\n".join(map(str, differences))
    assert made["inputs"] == frozen.inputs
    for old, new in zip(frozen.facts["moments"], made["facts"]["moments"], strict=True):
        assert old["n"] == new["n"]
        assert old["mean"] == (None if new["mean"] is None else pytest.approx(new["mean"], rel=MOMENTS))

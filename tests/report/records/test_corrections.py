"""What changed: every entry has a number or a word of now, a page that exists, and stands in its table."""

import html

import pytest
import yaml

from digital_clusters.analysis.frozen import load_frozen
from digital_clusters.errors import DataError, FileError
from digital_clusters.paths import data_folder, project_root
from digital_clusters.report.records.corrections import (
    NowCounted,
    NowEstimated,
    NowTested,
    NowTurning,
    corrections_table,
    load_corrections,
)

FOUND = load_corrections()


@pytest.mark.parametrize("part", FOUND.parts)
def test_every_entry_is_in_the_table_of_its_part(part):
    text = html.unescape(corrections_table(FOUND, part, label="public data").as_raw_html())
    for entry in FOUND.entries:
        shown = (entry.what, entry.then, entry.now.text(), entry.why, entry.said, entry.says)
        assert (entry.what in text) == (entry.part == part)
        if entry.part == part:
            assert all(words in text for words in shown), entry.what


@pytest.mark.parametrize("entry", FOUND.entries, ids=lambda entry: entry.what)
def test_every_page_exists(entry):
    assert any((project_root() / f"{entry.page}{ending}").is_file() for ending in (".py", ".md"))


def test_what_is_said_now_is_the_frozen_number():
    now = NowEstimated(record="virtual_agglomeration", estimate="villages", term="taobao_villages")
    found = load_frozen("virtual_agglomeration").estimates["villages"].term("taobao_villages")
    assert now.text() == f"{found.value:.3f} ({found.error:.3f}), N {found.n:,}"


def test_a_turning_point_is_told_with_its_set():
    path = ("record", "variants", "public, digital finance")
    now = NowTurning(record="collaborative_agglomeration", turning=path).text()
    found = load_frozen("collaborative_agglomeration").facts["record"]["variants"][path[-1]]
    assert now.startswith(f"{found['turning_point']:.2f}, set {found['set']}, U: p = ")


def test_the_page_has_a_table_of_every_part():
    page = (project_root() / "book" / "corrections.md").read_text(encoding="utf-8")
    for part in FOUND.parts:
        assert f'corrections_table(corrections, "{part}"' in page


def test_what_is_not_frozen_is_named():
    with pytest.raises(DataError, match="no estimate 'villages on the moon'"):
        NowEstimated(record="virtual_agglomeration", estimate="villages on the moon", term="x").text()
    with pytest.raises(DataError, match="leads / nobody"):
        NowTested(record="virtual_measures", path=("leads", "nobody")).text()
    with pytest.raises(DataError, match="variants / none"):
        NowTurning(record="collaborative_agglomeration", turning=("record", "variants", "none")).text()
    with pytest.raises(DataError, match="0 rows"):
        NowCounted(design="none", check="none").text()


def test_wrong_files_are_refused(tmp_path):
    with pytest.raises(FileError, match="what changed"):
        load_corrections(tmp_path)
    whole = yaml.safe_load((data_folder() / "corrections.yml").read_text(encoding="utf-8"))
    whole["entries"][0]["guess"] = "x"
    (tmp_path / "corrections.yml").write_text(yaml.safe_dump(whole), encoding="utf-8")
    with pytest.raises(DataError, match="entries.0.guess"):
        load_corrections(tmp_path)

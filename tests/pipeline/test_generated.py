"""Pages whose tables are written from the build: options with their limits, and what the campaign found."""

import pytest

from digital_clusters.errors import FileError
from digital_clusters.pipeline import generated
from digital_clusters.pipeline.notebooks import notebooks
from digital_clusters.pipeline.upkeep.campaign import Tried, add_to_record, read_campaign

KILLS = Tried("Kills", 1113, 0, "2026-01-02", "abc")
MAPS = Tried("Maps", 7, 1, "2026-01-03", "def+")


def test_the_parameters_page_shows_the_limits_of_each_notebook(project):
    project.replace(
        "notebooks/study/first.py",
        '# %% tags=["parameters"]\n',
        '# %% tags=["parameters"] limits={"folds": {"ge": 4}, "last_year": {"span": 3}}\nlast_year = 2019\n',
    )
    page = generated.parameters_page(None, notebooks(project.root))
    (first,) = [line for line in page.splitlines() if line.startswith("| [study/first]")]
    assert "`folds` (≥ 4," in first
    assert "at least 3 years from the first to the last)" in first
    assert "`data`, " in first
    (second,) = [line for line in page.splitlines() if line.startswith("| [study/second]")]
    assert "(≥" not in second


def test_the_record_keeps_what_is_not_tried_again(tmp_path):
    assert read_campaign(tmp_path) == []
    add_to_record(tmp_path, [MAPS, KILLS])
    assert read_campaign(tmp_path) == [KILLS, MAPS]
    mended = Tried("Maps", 9, 0, "2026-02-01", "123")
    add_to_record(tmp_path, [mended])
    assert read_campaign(tmp_path) == [KILLS, mended]


def test_a_part_of_a_campaign_replaces_a_larger_one_only_with_a_loss(tmp_path):
    add_to_record(tmp_path, [KILLS])
    add_to_record(tmp_path, [Tried("Kills", 1, 0, "2026-03-01", "456")])
    assert read_campaign(tmp_path) == [KILLS]
    lost = Tried("Kills", 1, 1, "2026-03-01", "456")
    add_to_record(tmp_path, [lost])
    assert read_campaign(tmp_path) == [lost]


@pytest.mark.parametrize("text", ["a: [", "- 3\n", "- {kind: x}\n", "7\n"])
def test_a_record_that_is_none_is_one_sentence(tmp_path, text):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/campaign.yml").write_text(text)
    with pytest.raises(FileError, match="is not a record of the campaign"):
        read_campaign(tmp_path)


def test_the_status_page_shows_the_record_where_there_is_one():
    page = generated.status_page(None, [], campaign=[KILLS, MAPS])
    assert "| Kills | 1,113 | 0 | 2026-01-02 | `abc` |" in page
    assert "| Maps | 7 | 1 | 2026-01-03 | `def+` |" in page
    assert "Lost" not in generated.status_page(None, [])

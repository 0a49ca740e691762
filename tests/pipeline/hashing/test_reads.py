import pytest

from digital_clusters.pipeline.hashing.reads import index_of_reads, still_reads

TEXT = "a: 1\nb: [x, y]\n"


@pytest.mark.parametrize(
    ("now", "same"),
    [
        ("# what a is\n\na:   1  # one\nb:\n  - x\n  - y\n", True),
        ("a: 2\nb: [x, y]\n", False),
        ("a: '1'\nb: [x, y]\n", False),
        ("a: 1\nb: [y, x]\n", False),
        ("b: [x, y]\na: 1\n", False),
        ("a: 1\nb: [x, y]\nc:\n", False),
        ("a: [1\n", False),
    ],
)
def test_of_yaml_that_was_read_for_its_values_the_values_count(tmp_path, now, same):
    file = tmp_path / "a.yml"
    file.write_text(TEXT)
    values, whole = (index_of_reads({"a.yml"}, said, tmp_path) for said in ({"a.yml"}, set()))
    assert still_reads(values, tmp_path) and still_reads(whole, tmp_path)
    file.write_text(now)
    assert still_reads(values, tmp_path) is same
    assert not still_reads(whole, tmp_path)
    file.unlink()
    assert not still_reads(values, tmp_path)


def test_what_is_no_yaml_counts_by_its_bytes(tmp_path):
    file = tmp_path / "a.yml"
    file.write_text("a: [1\n")
    index = index_of_reads({"a.yml"}, {"a.yml"}, tmp_path)
    assert still_reads(index, tmp_path)
    file.write_text("a: [1 # more\n")
    assert not still_reads(index, tmp_path)


def test_files_without_a_project_do_not_hold():
    assert still_reads({}, None)
    assert not still_reads({"said": {"a.yml": "x"}}, None)
    assert not still_reads({"said": []}, None)

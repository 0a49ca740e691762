import pytest

from digital_clusters.pipeline.hashing.reads import hashes_of_reads, still_read

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
    values, whole = (hashes_of_reads({"a.yml"}, said, tmp_path) for said in ({"a.yml"}, set()))
    assert still_read(values, tmp_path) and still_read(whole, tmp_path)
    file.write_text(now)
    assert still_read(values, tmp_path) is same
    assert not still_read(whole, tmp_path)
    file.unlink()
    assert not still_read(values, tmp_path)


def test_what_is_no_yaml_counts_by_its_bytes(tmp_path):
    file = tmp_path / "a.yml"
    file.write_text("a: [1\n")
    index = hashes_of_reads({"a.yml"}, {"a.yml"}, tmp_path)
    assert still_read(index, tmp_path)
    file.write_text("a: [1 # more\n")
    assert not still_read(index, tmp_path)


def test_a_file_that_was_looked_for_in_vain_may_not_appear(tmp_path):
    hashes = hashes_of_reads({"a.yml", "b.csv"}, {"a.yml"}, tmp_path)
    assert hashes == {"a.yml": None, "b.csv": None} and still_read(hashes, tmp_path)
    (tmp_path / "a.yml").write_text(TEXT)
    assert not still_read(hashes, tmp_path)

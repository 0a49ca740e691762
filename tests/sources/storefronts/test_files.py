"""Which files hold storefront records: paths, patterns and folders."""

import pytest

from digital_clusters.errors import FileError
from digital_clusters.sources.storefronts.files import record_files


def test_paths_patterns_and_folders_name_each_file_once(tmp_path):
    folder, nested = tmp_path / "all", tmp_path / "all" / "more"
    nested.mkdir(parents=True)
    for name in ("part-0.parquet", "part-1.parquet", "more/part-0.csv"):
        (folder / name).touch()
    (folder / "notes.txt").write_text("no records")
    found = record_files([folder, folder / "*.parquet", nested / "part-0.csv"])
    names = [path.rpartition("all/")[2] for path in found]
    assert names == ["more/part-0.csv", "part-0.parquet", "part-1.parquet"]
    for named, text in {
        folder / "notes.txt": "storefront records are read from",
        folder / "none.csv": "is missing: no file has that name",
        f"{folder}/*.xlsx": "is missing",
    }.items():
        with pytest.raises(FileError, match=text):
            record_files(named)
    with pytest.raises(FileError, match="no file of storefront records is named"):
        record_files([])

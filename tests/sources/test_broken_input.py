"""Ten kinds of broken input: each gives the right class of error, with file and place in the text."""

import re
from pathlib import Path

import pandas as pd
import pytest
import yaml

from digital_clusters.errors import DataError, FileError
from digital_clusters.sources import open_source
from digital_clusters.sources.upstream import fetch, upstream_files

FIRST_PUBLIC_FILE = "digital_finance"

GOOD = pd.DataFrame(
    {
        "code": [110000, 110000, 120000],
        "year": [2010, 2011, 2010],
        "gdp": [1.0, 2.0, 3.0],
        "gini": [0.1, 0.2, 0.3],
    }
)
MAP = {
    "city_year": {
        "file": "panel.csv",
        "columns": {"city": "code", "year": "year", "gdp": "gdp", "lights_gini": "gini"},
    }
}


def own_panel(folder: Path, text: str | bytes) -> None:
    (folder / "columns.yml").write_text(yaml.safe_dump(MAP), encoding="utf-8")
    content = text if isinstance(text, bytes) else text.encode()
    (folder / "panel.csv").write_bytes(content)
    open_source("folder", folder=folder).table("city_year")


def csv(**changes) -> str:
    return GOOD.assign(**changes).to_csv(index=False)


def mirrored(folder: Path, content: bytes) -> None:
    path = folder / upstream_files()[FIRST_PUBLIC_FILE].local_name
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    open_source("public", mirror=folder)


def truncated_file(folder: Path) -> None:
    mirrored(folder, b"x" * 1000)


def wrong_checksum(folder: Path) -> None:
    mirrored(folder, b"x" * upstream_files()[FIRST_PUBLIC_FILE].bytes)


def duplicate_key(folder: Path) -> None:
    own_panel(folder, csv(year=[2010, 2010, 2010]))


def share_above_one(folder: Path) -> None:
    own_panel(folder, csv(gini=[0.1, 1.2, 0.3]))


def missing_column(folder: Path) -> None:
    own_panel(folder, GOOD.drop(columns="gdp").to_csv(index=False))


def text_in_a_number(folder: Path) -> None:
    own_panel(folder, csv(gdp=[1.0, 2.0, "about 3"]))


def unknown_code(folder: Path) -> None:
    own_panel(folder, csv(code=[110000, 110000, 123456]))


def empty_file(folder: Path) -> None:
    own_panel(folder, "")


def wrong_encoding(folder: Path) -> None:
    own_panel(folder, "code,year,gdp,gini,名\n110000,2010,1,0.1,北京\n".encode("gb18030"))


def unwritable_folder(folder: Path) -> None:
    # A path below a regular file cannot be made by anyone, root included.
    (folder / "file").write_text("")
    fetch([FIRST_PUBLIC_FILE], cache=folder / "file" / "cache", progress=False)


BROKEN = [
    (truncated_file, FileError, r"PKU_DFIIC_city\.dta is truncated: 1,000 bytes, expected 828,095"),
    (wrong_checksum, FileError, r"PKU_DFIIC_city\.dta has changed: sha256 \w{12}…, expected 3f15563f2a60…"),
    (
        duplicate_key,
        DataError,
        r"panel\.csv.*duplicate key \(city, year\) in row 3 \(city 110000, year 2010\)",
    ),
    (share_above_one, DataError, r"panel\.csv.*'lights_gini'.*row 3 \(city 110000, year 2011\): 1\.2"),
    (missing_column, DataError, r"panel\.csv.*needs column 'gdp'.*Columns there: code, year, gini"),
    (text_in_a_number, DataError, r"panel\.csv.*'gdp'.*row 4 \(city 120000, year 2010\): 'about 3'"),
    (unknown_code, DataError, r"panel\.csv.*'city': unknown city code in row 4 \(year 2010\): 123456"),
    (empty_file, FileError, r"panel\.csv is empty"),
    (wrong_encoding, FileError, r"panel\.csv is not in encoding 'utf-8' \(byte \d+\).*gb18030"),
    (unwritable_folder, FileError, r"cannot write to the cache folder .*file/cache: Not a directory"),
]


@pytest.mark.parametrize(("broken", "error", "text"), BROKEN, ids=[case[0].__name__ for case in BROKEN])
def test_error_names_file_and_place(broken, error, text, tmp_path, monkeypatch):
    monkeypatch.delenv("DIGITAL_CLUSTERS_MIRROR", raising=False)
    with pytest.raises(error) as caught:
        broken(tmp_path)
    assert re.search(text, str(caught.value), re.DOTALL)
    # What to do: the last sentence is an order or an offer, and the text is no traceback.
    assert str(caught.value).rstrip().endswith((".", ").")) or "export" in str(caught.value)
    assert "Traceback" not in str(caught.value)


def test_the_unbroken_panel_is_read(tmp_path):
    own_panel(tmp_path, csv())
    assert len(open_source("folder", folder=tmp_path).table("city_year")) == len(GOOD)

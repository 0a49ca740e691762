"""Whatever stands in a folder of one's own is opened, or refused in a sentence that names the file."""

import io
import os

import pandas as pd
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digital_clusters.errors import DigitalClustersError
from digital_clusters.sources import open_source

KIND = "A column map or a table of one's own holds anything at all"

LONGEST_MESSAGE = 6000
"""Characters of a refusal: up to twenty things that are wrong, and the names that would be right."""

SETTINGS = settings(
    derandomize=True,
    deadline=None,
    max_examples=max(150, round(550 * float(os.environ.get("DIGITAL_CLUSTERS_LONG_CAMPAIGN") or 0))),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
KEYS = st.sampled_from(
    ["city_year", "cities", "lights", "file", "columns", "city", "year", "gdp", "units", "codes"]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
VALUES = st.recursive(
    SCALARS | st.sampled_from(["a.csv", "../a.csv", "/", "a.xlsx", "city", "year", "gdp"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | SCALARS, inner, max_size=4),
)
MAPS = st.one_of(
    st.dictionaries(KEYS, VALUES, max_size=3),
    st.fixed_dictionaries(
        {"city_year": st.fixed_dictionaries({"file": st.just("a.csv") | VALUES, "columns": VALUES})}
    ),
    VALUES,
)
GOOD = "city_year:\n  file: a.csv\n  columns: {city: city, year: year, gdp: gdp}\n"
CELLS = st.one_of(
    st.sampled_from(["110000", "2011", "1", "", "NA", "1e999", "-1", "北京市", "北京", "110000.0", "2011年"]),
    st.text(max_size=8),
)
ROWS = st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=6)


def refused_or_opened(folder):
    try:
        open_source("folder", folder=folder)
    except DigitalClustersError as error:
        assert 0 < len(str(error)) < LONGEST_MESSAGE


def folder_with(tmp_path_factory, text, table):
    folder = tmp_path_factory.mktemp("own")
    (folder / "columns.yml").write_bytes(text)
    (folder / "a.csv").write_bytes(table)
    return folder


@SETTINGS
@given(MAPS)
def test_maps_of_plain_values(tmp_path_factory, record_property, content):
    record_property("tried", 1)
    text = yaml.safe_dump(content, allow_unicode=True).encode()
    refused_or_opened(folder_with(tmp_path_factory, text, b"city,year,gdp\n110000,2011,1\n"))


@SETTINGS
@given(st.binary(max_size=100) | st.text("-:[]{}&*!|>#'\" \n\tcityyeargdp.01").map(str.encode))
def test_maps_of_any_bytes(tmp_path_factory, record_property, content):
    record_property("tried", 1)
    refused_or_opened(folder_with(tmp_path_factory, content, b"city,year,gdp\n110000,2011,1\n"))


@SETTINGS
@given(ROWS, st.sampled_from([",", ";", "\t"]), st.sampled_from(["utf-8", "gb18030", "utf-16"]))
def test_tables_of_any_cells(tmp_path_factory, record_property, rows, sign, encoding):
    record_property("tried", 1)
    lines = ["city,year,gdp".replace(",", sign), *(sign.join(row) for row in rows)]
    table = "\n".join(lines).encode(encoding, errors="replace")
    refused_or_opened(folder_with(tmp_path_factory, GOOD.encode(), table))


@SETTINGS
@given(st.binary(max_size=300))
@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.xls", "a.dta", "a.parquet"])
def test_files_of_any_bytes(tmp_path_factory, record_property, name, content):
    record_property("tried", 1)
    folder = folder_with(tmp_path_factory, GOOD.replace("a.csv", name).encode(), b"")
    (folder / name).write_bytes(content)
    refused_or_opened(folder)


def whole(suffix):
    """A good file of a kind."""
    frame = pd.DataFrame({"city": [110000, 120000], "year": [2011, 2012], "gdp": [1.0, 2.0]})
    kept = io.BytesIO()
    if suffix == ".dta":
        frame.to_stata(kept, write_index=False)
    else:
        frame.to_parquet(kept)
    return kept.getvalue()


@SETTINGS
@given(st.data())
@pytest.mark.parametrize("suffix", [".dta", ".parquet"])
def test_files_with_wrong_bytes(tmp_path_factory, record_property, suffix, data):
    """Cut somewhere, or with up to five bytes changed."""
    record_property("tried", 1)
    content = bytearray(whole(suffix))
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=5)):
        content[place] = data.draw(st.integers(0, 255))
    left = data.draw(st.just(len(content)) | st.integers(0, len(content)))
    folder = folder_with(tmp_path_factory, GOOD.replace(".csv", suffix).encode(), b"")
    (folder / f"a{suffix}").write_bytes(content[:left])
    refused_or_opened(folder)

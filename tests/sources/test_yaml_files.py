"""YAML written by hand: plain values and their lines, or a sentence with file and line."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digital_clusters import yaml_files
from digital_clusters.errors import DigitalClustersError, FileError
from digital_clusters.sources.folder.column_map import parse_map
from digital_clusters.yaml_files import DEEPEST, LARGEST, LONGEST_SHOWN, cut, parse_yaml, read_yaml

LONGEST_MESSAGE = 4000
"""Characters: a message lists tables and columns of the codebook, and never a whole hostile value."""


def read(tmp_path, text):
    path = tmp_path / "a.yml"
    path.write_text(text, encoding="utf-8")
    return read_yaml(path)


def test_values_and_lines(tmp_path):
    found = read(tmp_path, "a: 1\nb:\n  - x\n  - {c: 1e-4, d: ~}\n")
    assert found.data == {"a": 1, "b": ["x", {"c": 1e-4, "d": None}]}
    assert found.lines[("a",)] == 1 and found.lines[("b", 1, "c")] == 4
    assert found.where("b", 1, "e").endswith("a.yml, line 4, key 'b.1.e'")


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("1e-4", 1e-4),
        ("-.5", -0.5),
        ("010", 10),
        ("no", "no"),
        ("on", "on"),
        ("true", True),
        ("2011-01-01", "2011-01-01"),
        ("1:30", "1:30"),
        ("1_000", "1_000"),
        ("0x10", "0x10"),
        ("'1'", "1"),
        (".inf", math.inf),
        ("", None),
    ],
)
def test_words_are_those_of_yaml_1_2(word, value, tmp_path):
    assert read(tmp_path, f"a: {word}\n").data == {"a": value}


def test_not_a_number_is_read(tmp_path):
    assert math.isnan(read(tmp_path, "a: .nan\n").data["a"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", r"a\.yml, line 3: key 'a' is there twice, first in line 1"),
        ("a: {b: 1, b: 2}", r"line 1: key 'a\.b' is there twice"),
        ("a: &x [1]\nb: *x\n", r"line 2: '\*x': aliases are not read"),
        ("a: " + "[" * 5000, rf"line 1: nested deeper than {DEEPEST} levels"),
        ("a: !!python/object/apply:os.system ['true']", "line 1: the tag .* is not read"),
        ("a: !!binary aGk=", "the tag .* is not read"),
        ("a: !!int x", "'x' is not a number that can be read"),
        ("a: " + "9" * 5000, "is not a number that can be read"),
        ("? [a, b]\n: 1", "line 1: a list or a mapping cannot be a key"),
        ("a: [1", r"a\.yml, line 1, is not YAML"),
        ("a: 1\n---\nb: 1\n", "is not YAML"),
        ("a: \x07", "is not YAML"),
    ],
)
def test_what_is_refused(text, message, tmp_path):
    with pytest.raises(FileError, match=message) as caught:
        read(tmp_path, text)
    assert len(str(caught.value)) < LONGEST_MESSAGE


def test_files_that_are_no_text(tmp_path):
    with pytest.raises(FileError, match="is missing"):
        read_yaml(tmp_path / "none.yml")
    path = tmp_path / "a.yml"
    path.write_bytes("a: 北京".encode("gb18030"))
    with pytest.raises(FileError, match=r"not in UTF-8 .byte 3."):
        read_yaml(path)
    path.write_bytes(b"a" * (LARGEST + 1))
    with pytest.raises(FileError, match="more than 262,144 are not read"):
        read_yaml(path)
    path.write_bytes(b"\xef\xbb\xbfa: 1")
    assert read_yaml(path).data == {"a": 1}


def test_values_are_cut():
    assert cut("x" * 10**6) == f"{'x' * LONGEST_SHOWN!r}…"
    assert cut([0] * 10**6) == "a list of 1000000"
    assert len(cut(10**3000)) < LONGEST_SHOWN


leaves = st.one_of(
    st.sampled_from(
        ["p.csv", "city", "gdp", "1e-4", "2011", ".nan", "true", "~", "''", "'{year}'", "x" * 300]
    ),
    st.text(max_size=12),
    st.integers().map(str),
    st.floats().map(str),
)
keys = st.one_of(
    st.sampled_from(
        ["city_year", "lights", "storefronts", "cities", "file", "files", "sheet", "encoding", "columns"]
        + ["missing", "leave_out", "out_of_range", "city", "year", "gdp", "column", "factor", "threads"]
    ),
    st.text(max_size=6),
)


def flow(value):
    """Flow YAML of nested lists and of pairs (in which a key may be there twice)."""
    if isinstance(value, list):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    if isinstance(value, tuple):
        return "{" + ", ".join(f"{key}: {flow(item)}" for key, item in value) + "}"
    return value


nodes = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.lists(st.tuples(keys, inner), max_size=4).map(tuple),
    max_leaves=12,
)
hostile = nodes.map(flow) | st.text(max_size=80) | st.text("{}[]:,&*!|>-'\"\n a1#?%@`", max_size=40)


@given(hostile)
def test_any_text_is_a_map_or_a_sentence(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "columns.yml"
    try:
        parse_map(parse_yaml(text, path))
    except DigitalClustersError as error:
        assert str(error).startswith(str(path)) and len(str(error)) < LONGEST_MESSAGE


@given(nodes.map(flow), st.sampled_from(["city_year", "storefronts", "cities"]))
def test_any_entry_is_a_map_or_a_sentence(tmp_path_factory, text, table):
    path = tmp_path_factory.getbasetemp() / "columns.yml"
    for wrapped in (f"{table}: {text}", f"{table}:\n  file: a.csv\n  columns: {text}"):
        try:
            parse_map(parse_yaml(wrapped, path))
        except DigitalClustersError as error:
            assert str(path) in str(error) and len(str(error)) < LONGEST_MESSAGE


def test_what_pages_read_is_read_here():
    # a page is kept by the values of YAML only where this module reads it
    package = Path(yaml_files.__file__).parent
    others = [file for file in package.rglob("*.py") if file.name != "yaml_files.py"]
    rooms = [file for file in others if file.relative_to(package).parts[0] not in ("pipeline", "cli")]
    assert len(rooms) > 100
    assert [file for file in rooms if "import yaml" in file.read_text(encoding="utf-8")] == []

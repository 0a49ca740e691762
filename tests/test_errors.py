"""What the project says of a mistyped word: the right words, and the near one, wherever the word is typed."""

from pathlib import Path
from typing import Literal

import pandas as pd
import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

import digital_clusters as dc
from digital_clusters.analysis.spec import read_spec
from digital_clusters.errors import ParameterError, check_option
from digital_clusters.report.figures.diagram import Node
from digital_clusters.sources import open_source, own_folder
from digital_clusters.yaml_files import parse_yaml

PACKAGE = Path(dc.__file__).parent


@pytest.fixture(scope="module")
def panel():
    frame = pd.DataFrame(
        [
            (c, t, c * t % 7, c * c * t % 5, 100 + c, 30 + c % 4)
            for c in range(1, 16)
            for t in range(2001, 2007)
        ],
        columns=["city", "year", "y", "x", "lon", "lat"],
    )
    return dc.Panel.of(frame, city="city", year="year")


def test_a_right_word_passes():
    check_option("side", "left", Literal["left", "right"])
    check_option("side", "left", ["left", "right"])


@pytest.mark.parametrize("value", ["lfet", "", None, 3, ["left"], float("nan"), pd.Series(["left"])])
def test_a_wrong_word_is_refused_with_the_right_ones(value):
    with pytest.raises(ParameterError, match="^side = .* is not one of: left, right"):
        check_option("side", value, Literal["left", "right"])


@pytest.mark.parametrize(
    ("call", "near"),
    [
        (lambda p: dc.two_way(p, "y", "x", errors="clusterd"), "clustered"),
        (lambda p: dc.two_way(p, "y", "x", effects="twoway"), "two_way"),
        (lambda p: dc.spatial_panel(p, "y", "x", weights="nearst"), "nearest"),
        (lambda p: dc.spatial_panel(p, "y", "x", model="durbn"), "durbin"),
        (lambda p: dc.moran(p, "y", weights="contiguty"), "contiguity"),
        (lambda p: dc.spatial_weights(p, "nearst"), "nearest"),
        (lambda p: dc.double_ml(p, "y", "x", learner="xgbost"), "xgboost"),
        (lambda p: dc.sensitivity(p, "y", "x", learner="linear", errors="robst"), "robust"),
        (lambda p: dc.iv(p, "y", "x", instrument="lon", errors="robst"), "robust"),
        (lambda p: open_source("pubic"), "public"),
        (lambda p: Node(0, 0, "x", role="outcom"), "outcome"),
        (lambda p: read_spec({"outcom": "y"}), "outcome"),
        (lambda p: read_spec({"outcome": "y", "treatment": "x", "weights": "nearst"}), "nearest"),
        (lambda p: dc.table([dc.two_way(p, "y", "x")], terms=["xx"]), "x"),
    ],
)
def test_the_near_word_is_offered(panel, call, near):
    with pytest.raises(ParameterError, match=rf"\(did you mean '{near}'\?\)"):
        call(panel)


def test_words_are_checked_in_one_place():
    """A second way of refusing words would not offer the near one."""
    saying = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if "} is not one of: {" in path.read_text(encoding="utf-8")
    }
    assert saying == {"errors.py", "pipeline/parameters.py"}


@pytest.mark.parametrize("word", ["", " "])
def test_no_path_is_no_folder(word):
    assert own_folder(word) is None
    with pytest.raises(ParameterError, match="names no folder: write folder:PATH"):
        own_folder(f"folder:{word}")


class Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")
    place: str
    rule: Literal["nearest", "half_up"] = "nearest"


class Declared(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str = ""
    entries: list[Entry] = []
    named: dict[str, Entry | None] = {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("titel: x", "line 1, key 'titel': unknown key 'titel' (did you mean 'title'?); the keys are: title"),
        (
            "title: x\nentries:\n- {plase: x}",
            "line 3, key 'entries.0.plase': unknown key 'plase' (did you mean 'place'?); the keys are: place",
        ),
        (
            "named: {a: {place: x, rull: y}}",
            "key 'named.a.rull': unknown key 'rull' (did you mean 'rule'?); the keys are: place, rule",
        ),
        ("entries: [{place: x, rule: neerest}]", "(did you mean 'nearest'?)"),
    ],
)
def test_a_wrong_key_of_a_file_is_refused_with_the_near_one(text, said):
    source = parse_yaml(text, Path("own.yml"))
    with pytest.raises(ValidationError) as refused:
        Declared.model_validate(source.data)
    assert said in source.explain(refused.value, Declared)

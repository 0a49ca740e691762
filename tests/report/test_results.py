import json

import numpy as np
import pytest

from digital_clusters.errors import FileError
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.paths import RESULTS_VARIABLE, build_folder, results_folder
from digital_clusters.report.results import save


def estimate():
    return Estimate(
        ("uil",),
        np.array([-0.1]),
        np.array([[0.04**2]]),
        2783,
        method="double_machine_learning",
        errors="robust",
        repetitions=np.array([[-0.1], [-0.11]]),
        data="synthetic twin",
        data_hash="0" * 64,
        spec={"controls": ("a", "b")},
    )


def test_what_is_saved_comes_back(tmp_path):
    row = {"column": "table2.column1", "published": {"coefficient": -0.262}, "estimate": estimate()}
    path = save("industrial_upgrading", "baseline", [row], tmp_path)
    assert path.name == "industrial_upgrading.baseline.json"
    [found] = json.loads(path.read_text(encoding="utf-8"))
    assert found["column"] == "table2.column1" and found["published"] == {"coefficient": -0.262}
    again = Estimate.from_dict(found["estimate"])
    assert again["uil"] == estimate()["uil"] and again.data == "synthetic twin"
    assert again.repetitions.tolist() == [[-0.1], [-0.11]]
    assert [item.name for item in tmp_path.iterdir()] == [path.name]


def test_arrays_and_missing_numbers_are_plain_json(tmp_path):
    values = {
        "a": np.float64(1.5),
        "b": np.array([1, 2]),
        "c": float("nan"),
        "d": np.int64(3),
        "e": np.bool_(True),
    }
    path = save("s", "t", [values], tmp_path)
    assert json.loads(path.read_text()) == [{"a": 1.5, "b": [1, 2], "c": None, "d": 3, "e": True}]


def test_a_failing_save_leaves_the_old_file(tmp_path):
    path = save("s", "t", [{"a": 1}], tmp_path)
    with pytest.raises(TypeError, match="object"):
        save("s", "t", [{"a": object()}], tmp_path)
    assert json.loads(path.read_text()) == [{"a": 1}] and len(list(tmp_path.iterdir())) == 1


def test_what_cannot_be_written_is_named(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(FileError, match=r"s\.t\.json cannot be written"):
        save("s", "t", [], blocked / "folder")


def test_default_folder_is_the_one_that_the_executor_names(tmp_path, monkeypatch):
    monkeypatch.setenv(RESULTS_VARIABLE, str(tmp_path / "of this run"))
    assert save("s", "t", []) == tmp_path / "of this run" / "s.t.json"
    monkeypatch.delenv(RESULTS_VARIABLE)
    assert results_folder() == build_folder() / "results"

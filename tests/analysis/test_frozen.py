import json
from dataclasses import replace

import numpy as np
import pytest

from digital_clusters.analysis.frozen import Tolerance, compare, freeze, load_frozen
from digital_clusters.errors import DataError, FileError
from digital_clusters.estimators.estimate import Estimate

INPUTS = {"panel.dta": "0" * 63 + "a"}
TIGHT = Tolerance(0.0, 1e-6, "sums in another order")


def estimate(coefficient=0.5, variance=0.04, n=100):
    return Estimate(
        terms=("uil", "uil x difi"),
        coefficients=[coefficient, 1.0],
        covariance=np.diag([variance, 0.01]),
        n_observations=n,
        method="double_machine_learning",
        errors="robust",
        folds=np.int64(5),
        nuisance={"outcome": np.float64(0.9)},
        spec={"controls": ("a", "b")},
    )


def test_what_is_frozen_comes_back(tmp_path):
    path = freeze(
        "study", {"table2.column1": estimate()}, INPUTS, commit="abc", date="2024-01-01", folder=tmp_path
    )
    assert path == tmp_path / "study.json"
    frozen = load_frozen("study", tmp_path)
    assert (frozen.study, frozen.commit, frozen.date, frozen.inputs) == ("study", "abc", "2024-01-01", INPUTS)
    back = frozen.estimates["table2.column1"]
    assert back["uil"] == estimate()["uil"]
    assert back.folds == 5
    assert back.nuisance == {"outcome": 0.9}
    assert compare({"a": estimate()}, {"a": back}, Tolerance(0, 0, "the same file")) == []
    assert [file.name for file in tmp_path.iterdir()] == ["study.json"]


def test_the_date_is_now_in_utc_unless_given(tmp_path):
    freeze("study", {"a": estimate()}, INPUTS, commit="abc", folder=tmp_path)
    assert load_frozen("study", tmp_path).date.endswith("+00:00")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        (estimate(), estimate(coefficient=0.5001), ["a, uil: coefficient was 0.5, is 0.5001"]),
        (estimate(), estimate(coefficient=0.5 + 4e-7), []),
        (estimate(), estimate(variance=0.0441), ["a, uil: standard error was 0.2, is 0.21"]),
        (estimate(), estimate(n=101), ["a, all: observations was 100, is 101"]),
        (estimate(), estimate(coefficient=np.nan), ["a, uil: coefficient was 0.5, is nan"]),
    ],
)
def test_differences_beyond_the_tolerance_are_named(old, new, named):
    found = [str(difference) for difference in compare({"a": old}, {"a": new}, TIGHT)]
    assert len(found) == len(named)
    assert all(text.startswith(start) for text, start in zip(found, named, strict=True))


def test_a_column_or_term_on_one_side_only_is_a_difference():
    assert len(compare({"a": estimate()}, {}, TIGHT)) == 5
    one_term = replace(estimate(), terms=("uil",), coefficients=[0.5], covariance=[[0.04]])
    missing = compare({"a": estimate()}, {"a": one_term}, TIGHT)
    assert {difference.term for difference in missing} == {"uil x difi"}


@pytest.mark.parametrize(
    ("estimates", "inputs", "message"),
    [
        ({}, INPUTS, "no estimates"),
        ({"a": estimate()}, {}, "without the sha256 of its inputs"),
        ({"a": estimate()}, {"panel.dta": "abc"}, "sha256 of input 'panel.dta'"),
    ],
)
def test_incomplete_provenance_is_refused(tmp_path, estimates, inputs, message):
    with pytest.raises(DataError, match=message):
        freeze("study", estimates, inputs, commit="abc", folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_missing_damaged_and_unwritable_files(tmp_path):
    with pytest.raises(FileError, match="digital-clusters freeze study"):
        load_frozen("study", tmp_path)
    for text in ("", "{", json.dumps({"study": "study", "estimates": {"a": {}}})):
        (tmp_path / "study.json").write_text(text)
        with pytest.raises(FileError, match="damaged"):
            load_frozen("study", tmp_path)
    with pytest.raises(FileError, match="cannot be written"):
        freeze("study", {"a": estimate()}, INPUTS, commit="abc", folder=tmp_path / "study.json")


def test_a_tolerance_has_a_reason_and_no_sign():
    with pytest.raises(ValueError, match="reason"):
        Tolerance(0, 0, " ")
    with pytest.raises(ValueError, match="negative"):
        Tolerance(-1, 0, "because")

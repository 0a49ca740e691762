import json
from pathlib import Path

import pandas as pd
import pytest
import yaml

from digital_clusters.errors import ParameterError
from digital_clusters.pipeline.cache import Entry
from digital_clusters.pipeline.sweep import estimates_of, plan, point_id, read_sweep

MOST_POINTS = 6
"""CI runs them all."""

ESTIMATE = {
    "terms": ["uil"],
    "coefficients": [1.0],
    "covariance": [[0.25]],
    "n_observations": 10,
    "method": "double_machine_learning",
    "errors": "robust",
}


def declare(project, **content):
    return project.write("sweeps/small.yml", yaml.safe_dump({"notebook": "study/first"} | content))


def labels(project, **content):
    return [request.label for request in plan(read_sweep(declare(project, **content)), project.root, "small")]


def test_points_are_the_product_and_the_list(project):
    assert labels(project, grid={"folds": [5, 6], "outcome": ["a", "b"]}, points=[{"folds": 7}]) == [
        "small/folds-5_outcome-a",
        "small/folds-5_outcome-b",
        "small/folds-6_outcome-a",
        "small/folds-6_outcome-b",
        "small/folds-7",
    ]


def test_a_point_declared_twice_runs_once(project):
    # folds = 5 is the notebook's own default: a point that says so is the same run
    assert len(labels(project, grid={"folds": [5, 5]}, points=[{"folds": 5}, {"outcome": "gini"}])) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"gird": {"folds": [5]}}, "unknown key 'gird'; the keys are: notebook, fixed, grid, points"),
        ({"grid": {"folds": 5}}, "grid.folds"),
        ({"grid": {"folds": []}}, "no values for folds"),
        ({}, "declares no point"),
        ({"grid": {"fold": [5]}}, "did you mean 'folds'"),
        ({"grid": {"folds": [5, 1]}}, "nothing was run.*folds = 1"),
        ({"points": [{"folds": "many"}]}, "folds = 'many'"),
        ({"fixed": {"seed": 1}, "points": [{}]}, "does not declare it"),
        ({"notebook": "study/frist", "points": [{}]}, "did you mean 'study/first'"),
    ],
)
def test_everything_is_validated_before_anything_starts(project, content, message):
    with pytest.raises(ParameterError, match=f"(?s){message}"):
        labels(project, **content)
    assert not (project.root / "_build").exists()


@pytest.mark.parametrize("text", ["", "- a", "a: [", "1: 2"])
def test_a_file_that_is_no_sweep_is_refused(project, text):
    with pytest.raises(ParameterError, match="bad.yml"):
        read_sweep(project.write("sweeps/bad.yml", text))


def test_the_projects_own_sweeps_are_sweeps():
    files = list((Path(__file__).parents[2] / "sweeps").glob("*.yml"))
    assert files
    for file in files:
        assert 1 <= len(read_sweep(file).declared_points()) <= MOST_POINTS


def test_names_of_points_are_safe_and_distinct():
    assert point_id({"folds": 6, "controls": ["a", "b"]}) == "folds-6_controls-a+b"
    assert point_id({}) == "defaults"
    unsafe = [point_id({"outcome": text}) for text in ("a/b", "a b", "x" * 200, "x" * 201)]
    assert len(set(unsafe)) == 4
    assert all(len(name) <= 80 and "/" not in name and " " not in name for name in unsafe)


def test_estimates_are_found_wherever_they_stand_in_a_results_file(tmp_path):
    rows = [{"key": "c1", "estimate": ESTIMATE}, {"found": {"twin": ESTIMATE, "public": None}}, {"test": 3}]
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "study.first.json").write_text(json.dumps(rows))
    found = [(file, place) for file, place, _ in estimates_of(Entry(tmp_path))]
    assert found == [("study.first", "c1.estimate"), ("study.first", "1.found.twin")]


@pytest.mark.slow
def test_a_failing_point_is_reported_and_only_it_runs_again(project):
    declare(project, grid={"folds": [5, 13]})
    first = project.command("sweep", "sweeps/small.yml")
    assert first.returncode == 1
    assert "small/folds-13 failed in code cell 2" in first.stderr
    assert "ValueError: thirteen folds" in first.stderr
    assert "Traceback" not in first.stderr
    folder = project.root / "_build/sweeps/small"
    assert [file.name for file in folder.glob("*.ipynb")] == ["folds-5.ipynb"]
    assert json.loads((folder / "points.json").read_text())["folds-13"]["state"] == "failed"
    assert pd.read_parquet(folder / "estimates.parquet")["point"].tolist() == ["folds-5"]

    (project.root / "repaired").touch()
    second = project.command("sweep", "sweeps/small.yml")
    assert second.returncode == 0, second.stderr
    told = {line.split()[0]: line for line in second.stderr.splitlines() if line.startswith("small/")}
    assert "from the cache" in told["small/folds-5"]
    assert "from the cache" not in told["small/folds-13"]
    table = pd.read_parquet(folder / "estimates.parquet").set_index("point")
    assert table["coefficient"].to_dict() == {"folds-5": 10.0, "folds-13": 26.0}
    assert table["standard_error"].tolist() == [0.5, 0.5]
    assert table["folds"].to_dict() == {"folds-5": 5, "folds-13": 13}
    assert table["column"].tolist() == ["column1.estimate"] * 2
    assert project.leftovers() == []


@pytest.mark.slow
def test_points_run_on_the_workers_of_a_dask_scheduler(project, monkeypatch):
    from distributed import LocalCluster

    monkeypatch.setenv("PYTHONPATH", project.environment["PYTHONPATH"])
    declare(project, grid={"folds": [5, 6, 13]})
    with LocalCluster(n_workers=1, threads_per_worker=2, processes=True, dashboard_address=None) as cluster:
        done = project.command("sweep", "sweeps/small.yml", "--scheduler", cluster.scheduler_address)
    assert done.returncode == 1
    assert "1 of 3 points failed" in done.stderr
    table = pd.read_parquet(project.root / "_build/sweeps/small/estimates.parquet")
    assert dict(zip(table["folds"], table["coefficient"], strict=True)) == {5: 10.0, 6: 12.0}
    assert project.leftovers() == []


@pytest.mark.slow
def test_a_scheduler_that_does_not_answer_is_one_sentence(project):
    declare(project, grid={"folds": [5]})
    done = project.command("sweep", "sweeps/small.yml", "--scheduler", "tcp://127.0.0.1:9")
    assert done.returncode == 1
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in done.stderr
    assert "Traceback" not in done.stderr

import json
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import pandas as pd
import pytest
import yaml

from digital_clusters.errors import NotebookError, ParameterError
from digital_clusters.files import draft_prefix
from digital_clusters.pipeline import runs
from digital_clusters.pipeline.cache import CacheEntry
from digital_clusters.pipeline.notebooks import notebooks
from digital_clusters.pipeline.points import workers
from digital_clusters.pipeline.sweep import may_save, plan, point_id, read_sweep, run_sweep, saved_estimates
from digital_clusters.pipeline.sweep_table import write_table

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
        (
            {"gird": {"folds": [5]}},
            "unknown key 'gird' .did you mean 'grid'.*; the keys are: notebook, fixed, grid, points",
        ),
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


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "notebook: study/first\ngrid:\n  folds: [5]\n  folds: [6]\n",
            "line 4: key 'grid.folds' is there twice",
        ),
        (
            "notebook: study/first\ngrid:\n  folds: [5, '6']\n",
            "line 3.*folds is text here; write 6 without quotes",
        ),
        ("notebook: study/first\npoints:\n- folds: [5]\n", "line 3, key 'points.0.folds'.*folds = \\[5\\]"),
        ("notebook: study/first\ngrid: {folds: [.nan]}\n", "line 2, key 'grid.folds.0'.*folds = nan"),
        ("notebook: study/first\ngrid: {folds: &a [5], outcome: *a}\n", "line 2.*aliases"),
        ("notebook: study/first\ngrid: " + "[" * 5000 + "]" * 5000, "nested deeper"),
        ("notebook: study/first\npoints: [{1: 5}]\n", "[Ss]tring"),
        ("notebook: study/first\ngrid: {folds: !!python/name:os.system x}\n", "line 2"),
    ],
)
def test_a_wrong_line_is_named(project, text, message):
    with pytest.raises(ParameterError, match=f"(?s)bad.yml.*{message}"):
        plan(read_sweep(project.write("sweeps/bad.yml", text)), project.root, "bad")


def test_a_million_points_are_refused_before_they_are_made(project):
    grid = {name: list(range(2, 102)) for name in ("folds", "a", "b", "c", "d", "e")}
    with pytest.raises(ParameterError, match="1,000,000,000,000 points; at most 10,000"):
        read_sweep(declare(project, grid=grid))


@pytest.mark.parametrize("name", ["...yml", "..yml", ".hidden.yml", "a\nb.yml"])
def test_a_file_whose_name_is_no_name_of_a_sweep_is_refused(project, name):
    file = project.write(f"sweeps/{name}", "notebook: study/first\npoints: [{}]\n")
    with pytest.raises(ParameterError, match="rename the file"):
        run_sweep(file, project.root)
    assert not (project.root / "_build").exists()


def test_points_that_a_file_system_takes_for_one_have_names_of_their_own(project):
    alike = [{"outcome": word} for word in ("Gini", "gini", "GINI", "e\u0301", "\u00e9", "a+b", "a b")]
    found = labels(project, points=alike)
    assert len({unicodedata.normalize("NFC", label).casefold() for label in found}) == len(alike)
    assert point_id({"controls": ["a+b"]}) != point_id({"controls": ["a", "b"]})
    assert point_id({"outcome": "x_folds-5"}) != point_id({"outcome": "x", "folds": 5})


def entry_with(tmp_path, text):
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "study.first.json").write_bytes(text)
    (tmp_path / "page.ipynb").write_text(
        '{"metadata": {"papermill": {"duration": 1.0}, "digital_clusters": {}}}'
    )
    return CacheEntry(tmp_path)


def table_of(tmp_path, text, project):
    page = notebooks(project.root)[0]
    wanted = runs.request(page, {}, project.root, "small/defaults")
    written = write_table(
        tmp_path / "t.parquet", [runs.Run(wanted, entry_with(tmp_path, text), cached=False)]
    )
    return written, pd.read_parquet(tmp_path / "t.parquet")


def test_every_saved_number_is_a_row(project, tmp_path):
    size = {"name": "size", "share": 0.25, "cities": [3, None, 4], "ok": True}
    rows = [
        {"key": "c1", "estimate": ESTIMATE},
        size,
    ]
    written, table = table_of(tmp_path, json.dumps(rows).encode(), project)
    assert written == 4
    assert table[["column", "term", "value"]].to_numpy().tolist() == [
        ["c1.estimate", "uil", 1.0],
        ["size", "share", 0.25],
        ["size.cities", "0", 3.0],
        ["size.cities", "2", 4.0],
    ]
    assert table["standard_error"].tolist()[0] == 0.5


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"\xff",
        b"[" * 100_000,
        json.dumps(ESTIMATE | {"coefficients": "many"}).encode(),
        json.dumps(ESTIMATE | {"covariance": [[1, 2]]}).encode(),
        json.dumps(ESTIMATE | {"terms": 3}).encode(),
        json.dumps(ESTIMATE | {"terms": [["a"]]}).encode(),
        json.dumps(ESTIMATE | {"n_observations": "ten"}).encode(),
        json.dumps({key: ESTIMATE[key] for key in ("terms", "coefficients", "covariance")}).encode(),
    ],
)
def test_results_that_are_none_are_a_row_with_its_error(project, tmp_path, text):
    written, table = table_of(tmp_path, text, project)
    assert written == 0
    assert table["error"].str.contains("study.first.json").all() and len(table) == 1


def test_a_page_that_saves_nothing_is_known_before_it_runs(project):
    assert may_save(notebooks(project.root)[0], project.root)
    project.write("notebooks/study/first.py", "# %%\nprint(1)\n")
    assert not may_save(notebooks(project.root)[0], project.root)


def test_two_files_of_one_name_do_not_share_a_folder(project):
    text = "notebook: study/first\npoints: [{}]\n"
    mine, yours = (project.write(f"{place}/grid.yml", text) for place in ("mine", "yours"))
    project.write("_build/sweeps/grid/sweep.json", '{"file": "mine/grid.yml"}')
    with pytest.raises(ParameterError, match="holds the sweep of .*mine/grid.yml"):
        run_sweep(yours, project.root)
    assert not list((project.root / "_build/sweeps/grid").glob("*.parquet"))
    assert mine.is_file()


@pytest.mark.slow
def test_what_a_killed_sweep_left_half_written_is_cleared_away(project):
    declare(project, grid={"folds": [5]})
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    half = project.write(f"_build/sweeps/small/{draft_prefix(dead.pid)}estimates.parquet", "half")
    mine = project.write(f"_build/sweeps/small/{draft_prefix()}other", "half")
    run_sweep(project.root / "sweeps/small.yml", project.root, expect=lambda _: mine.unlink())
    assert not half.exists()
    assert project.leftovers() == []


@pytest.mark.slow
def test_an_interrupted_sweep_leaves_its_table(project):
    declare(project, grid={"folds": [5, 6, 7]})

    def interrupt(run):
        raise KeyboardInterrupt

    said = []
    with pytest.raises(KeyboardInterrupt):
        run_sweep(project.root / "sweeps/small.yml", project.root, jobs=1, tell=interrupt, say=said.append)
    assert re.match(r"1 of \d points are in .*estimates.parquet; started again, the rest is done", said[-1])
    table = pd.read_parquet(project.root / "_build/sweeps/small/estimates.parquet")
    assert table["coefficient"].tolist() == [10.0]
    assert project.leftovers() == []


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
    found = [(file, place) for file, place, _ in saved_estimates(CacheEntry(tmp_path))]
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
    table = pd.read_parquet(folder / "estimates.parquet").set_index("point")
    assert table["coefficient"].dropna().to_dict() == {"folds-5": 10.0}
    assert "ValueError: thirteen folds" in table.loc["folds-13", "error"]

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
    found = table[table["error"].isna()]
    assert dict(zip(found["folds"], found["coefficient"], strict=True)) == {5: 10.0, 6: 12.0}
    assert project.leftovers() == []


@pytest.mark.slow
def test_a_scheduler_that_does_not_answer_is_one_sentence(project):
    declare(project, grid={"folds": [5]})
    done = project.command("sweep", "sweeps/small.yml", "--scheduler", "tcp://127.0.0.1:9")
    assert done.returncode == 1
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_scheduler_without_workers_is_said_and_not_waited_for(project, monkeypatch):
    from distributed import LocalCluster

    declare(project, grid={"folds": [5]})
    monkeypatch.setattr(workers, "WORKER_SECONDS", 1)
    said = []
    with (
        LocalCluster(
            n_workers=0, processes=False, dashboard_address=None, scheduler_port=0, protocol="tcp"
        ) as cluster,
        pytest.raises(NotebookError, match="has no workers: start some"),
    ):
        file = project.root / "sweeps/small.yml"
        run_sweep(file, project.root, scheduler=cluster.scheduler_address, say=said.append)
    assert any("has no workers yet; waiting for 1 seconds" in sentence for sentence in said)


@pytest.mark.slow
def test_the_curve_of_each_coefficient_is_drawn_after_the_run(project):
    declare(project, grid={"folds": [5, 6], "outcome": ["a", "b"]})
    done = project.command("sweep", "sweeps/small.yml", "--plot")
    assert done.returncode == 0, done.stderr
    table, curve = done.stdout.splitlines()
    assert table.endswith("estimates.parquet") and curve.endswith(".svg") and "uil" in curve
    text = Path(curve).read_text(encoding="utf-8")
    assert "<svg" in text
    first = Path(curve).read_bytes()
    assert project.command("sweep", "sweeps/small.yml", "--plot").returncode == 0
    assert Path(curve).read_bytes() == first


RULES = [
    {"choose": {"folds": [6]}, "not_with": {"outcome": ["b"]}, "why": "six folds are of a"},
    {"choose": {"outcome": ["a"]}, "only_if": {"folds": [6, 7]}, "why": "a wants many folds"},
]


def test_constraints_rule_points_out_and_say_how_many_and_why(project):
    grid = {"folds": [5, 6, 7], "outcome": ["a", "b"]}
    found = read_sweep(declare(project, grid=grid, constraints=RULES))
    assert labels(project, grid=grid, constraints=RULES) == [
        "small/folds-5_outcome-b",
        "small/folds-6_outcome-a",
        "small/folds-7_outcome-a",
        "small/folds-7_outcome-b",
    ]
    assert list(found.thinned().sentences()) == [
        "1 points are ruled out: six folds are of a",
        "1 points are ruled out: a wants many folds",
    ]


def test_a_sample_is_drawn_after_constraints_and_told_before_anything_runs(project):
    grid = {"folds": [5, 6, 7], "outcome": ["a", "b"]}
    content = {"grid": grid, "constraints": RULES, "sample": 2, "seed": 3}
    whole = labels(project, grid=grid, constraints=RULES)
    drawn = labels(project, **content)
    assert len(drawn) == 2 and [label for label in whole if label in drawn] == drawn
    assert (
        "2 points are drawn, 2 others are not"
        in read_sweep(declare(project, **content)).thinned().sentences()
    )


def test_a_large_grid_is_run_as_a_sample_only(project):
    grid = {"folds": [5, 6], "outcome": [f"o{k}" for k in range(8000)]}
    with pytest.raises(ParameterError, match="16,000 points.*give it a 'sample'"):
        read_sweep(declare(project, grid=grid))
    assert len(read_sweep(declare(project, grid=grid, sample=5)).declared_points()) == 5


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"choose": {"folds": [9]}, "not_with": {"folds": [5]}, "why": "x"}, "no point has folds = 9"),
        ({"choose": {"fold": [5]}, "not_with": {"folds": [5]}, "why": "x"}, "no point has fold = 5"),
        ({"choose": {"folds": [5]}, "why": "x"}, "either 'only_if' or 'not_with'"),
        ({"choose": {"folds": [5]}, "not_with": {"folds": [6]}}, "why"),
    ],
)
def test_a_constraint_that_no_point_can_meet_is_refused_with_its_line(project, rule, message):
    with pytest.raises(ParameterError, match=f"(?s)small.yml.*{message}"):
        read_sweep(declare(project, grid={"folds": [5, 6]}, constraints=[rule]))

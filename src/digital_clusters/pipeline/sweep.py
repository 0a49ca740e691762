"""A declared grid of parameters over one notebook: every point an executed page, all estimates one table."""

import hashlib
import itertools
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from digital_clusters.errors import NotebookError, ParameterError
from digital_clusters.estimators.estimate import Estimate
from digital_clusters.files import copy, write_text
from digital_clusters.pipeline import notebooks, runs
from digital_clusters.pipeline.cache import Entry, Store
from digital_clusters.pipeline.runs import Request, Run

LONGEST_NAME = 80
"""Characters of a point's name before a hash takes the place of the rest."""

NAMES = ("key", "column", "name")
"""Fields that say which row of a list of results one is; a row without them goes by its number."""


class Sweep(BaseModel):
    """What a sweep file declares.

    ``grid`` is a product of lists; ``points`` are single points beside it; ``fixed`` holds for all of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    notebook: str
    fixed: dict[str, Any] = Field(default_factory=dict)
    grid: dict[str, list[Any]] = Field(default_factory=dict)
    points: list[dict[str, Any]] = Field(default_factory=list)

    def declared_points(self) -> list[dict[str, Any]]:
        """Parameters of every point, the product first; one that is declared twice is there once."""
        product = itertools.product(*self.grid.values()) if self.grid else ()
        found = [{**self.fixed, **dict(zip(self.grid, values, strict=True))} for values in product]
        found += [{**self.fixed, **point} for point in self.points]
        return list({json.dumps(point, sort_keys=True, default=str): point for point in found}.values())


@dataclass(frozen=True)
class SweepResult:
    """What a sweep left: the table of estimates, and the points that failed."""

    folder: Path
    table: Path
    runs: list[Run]

    @property
    def failures(self) -> list[str]:
        """One sentence a failed point."""
        return [run.error for run in self.runs if run.error]


def read_sweep(file: Path) -> Sweep:
    """Read a sweep file.

    Raises
    ------
    ParameterError
        If it cannot be read, has an unknown key or a wrong type, or declares no point.
    """
    try:
        declared = yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ParameterError(f"there is no sweep file {file}") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ParameterError(f"{file} cannot be read: {error}") from None
    if not isinstance(declared, dict):
        raise ParameterError(f"{file} is empty or not a mapping; it needs: {', '.join(Sweep.model_fields)}")
    try:
        sweep = Sweep(**declared)
    except (ValidationError, TypeError) as error:
        raise ParameterError(f"{file}: {_explain(error)}") from None
    if empty := [name for name, values in sweep.grid.items() if not values]:
        raise ParameterError(f"{file}: no values for {', '.join(empty)}")
    if not sweep.declared_points():
        raise ParameterError(f"{file} declares no point: give it a 'grid' or 'points'")
    return sweep


def plan(sweep: Sweep, root: Path, name: str) -> list[Request]:
    """Validated requests, one a point; no kernel is started.

    Raises
    ------
    ParameterError
        Naming every point that is not valid, and why.
    """
    page = notebooks.find(root, sweep.notebook)
    requests, problems = {}, []
    for point in sweep.declared_points():
        try:
            wanted = runs.request(page, point, root, f"{name}/{point_id(point)}")
        except ParameterError as error:
            problems.append(str(error))
        else:
            requests.setdefault(wanted.key, wanted)
    if problems:
        raise ParameterError("nothing was run:\n" + "\n".join(dict.fromkeys(problems)))
    return list(requests.values())


def run_sweep(
    file: Path,
    root: Path,
    *,
    jobs: int | None = None,
    scheduler: str | None = None,
    tell: Callable[[Run], None] = lambda run: None,
) -> SweepResult:
    """Run the points of a sweep that have no result yet, and write the table of all.

    Parameters
    ----------
    file : pathlib.Path
        Sweep file; its name without suffix is the sweep's name.
    root, jobs, scheduler, tell
        As in :func:`digital_clusters.pipeline.runs.run_all`.

    Returns
    -------
    SweepResult
        Under ``_build/sweeps/<name>``: ``<point>.ipynb``, ``points.json``, ``estimates.parquet``.
    """
    name = file.stem
    requests = plan(read_sweep(file), root, name)
    folder = root / "_build" / "sweeps" / name
    store = Store(folder / ".store")
    ended = runs.run_all(requests, root, store, jobs=jobs, scheduler=scheduler, tell=tell)
    _publish(folder, ended)
    table = folder / "estimates.parquet"
    _write_table(table, ended)
    return SweepResult(folder, table, ended)


def point_id(point: Mapping[str, Any]) -> str:
    """A file name that says what is particular about a point.

    Examples
    --------
    >>> point_id({"folds": 6, "learner": "lasso"})
    'folds-6_learner-lasso'
    """
    text = "_".join(f"{name}-{_word(value)}" for name, value in point.items()) or "defaults"
    if len(text) <= LONGEST_NAME and re.fullmatch(r"[\w.+-]+", text):
        return text
    digest = hashlib.sha256(json.dumps(point, sort_keys=True, default=str).encode()).hexdigest()[:10]
    return re.sub(r"[^\w.+-]+", "-", text)[: LONGEST_NAME - 11] + f"-{digest}"


def estimates_of(entry: Entry) -> Iterator[tuple[str, str, Estimate]]:
    """Every estimate a run saved: the file it is in, where in the file, and the estimate."""
    for file in entry.results:
        record = json.loads(file.read_text(encoding="utf-8"))
        for place, values in _estimates_in(record, ()):
            yield file.stem, ".".join(place), Estimate.from_dict(values)


def _estimates_in(value: Any, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], dict]]:
    """Walk a record of results; an estimate is a mapping with terms, coefficients and covariance."""
    if isinstance(value, dict):
        if {"terms", "coefficients", "covariance"} <= value.keys():
            yield place, value
            return
        for name, inner in value.items():
            yield from _estimates_in(inner, (*place, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            names = [inner[word] for word in NAMES if word in inner] if isinstance(inner, dict) else []
            yield from _estimates_in(inner, (*place, str(names[0] if names else index)))


def _publish(folder: Path, ended: Sequence[Run]) -> None:
    """Pages beside each other under the points' names, and a list of what became of each point."""
    folder.mkdir(parents=True, exist_ok=True)
    points = {}
    for run in ended:
        point = _point(run)
        points[point] = {
            "parameters": dict(run.request.values),
            "state": "failed" if run.error else "done",
            "error": run.error,
            "seconds": run.seconds if run.entry else None,
        }
        if run.entry:
            copy(run.entry.page, folder / f"{point}.ipynb")
    for old in folder.glob("*.ipynb"):
        if points.get(old.stem, {}).get("state") != "done":
            old.unlink()
    write_text(folder / "points.json", json.dumps(points, indent=1, ensure_ascii=False) + "\n")


def _write_table(path: Path, ended: Sequence[Run]) -> None:
    import pandas as pd

    names = list(dict.fromkeys(name for run in ended for name in run.request.values))
    columns = ["point", *names, "file", "column", "term", "coefficient", "standard_error", "low", "high"]
    columns += ["n", "n_clusters", "data_label", "data_hash", "seconds", "run_seconds"]
    rows = [row for run in ended if run.entry for row in _rows(run)]
    # a results file may hold the same estimate in several rows, one a coefficient
    frame = pd.DataFrame(rows, columns=columns).drop_duplicates(ignore_index=True)
    draft = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        frame.to_parquet(draft, index=False)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _rows(run: Run) -> Iterator[dict[str, Any]]:
    parameters = {name: _cell(value) for name, value in run.request.values.items()}
    shared = {"point": _point(run), "run_seconds": run.seconds, **parameters}
    for file, column, estimate in estimates_of(run.entry):
        intervals = estimate.interval()
        for position, term in enumerate(estimate.terms):
            coefficient, error = estimate[term]
            yield shared | {
                "file": file,
                "column": column,
                "term": term,
                "coefficient": coefficient,
                "standard_error": error,
                "low": intervals[position, 0],
                "high": intervals[position, 1],
                "n": estimate.n_observations,
                "n_clusters": estimate.n_clusters,
                "data_label": estimate.data,
                "data_hash": estimate.data_hash,
                "seconds": estimate.seconds,
            }


def _point(run: Run) -> str:
    return run.request.label.partition("/")[2]


def _cell(value: Any) -> Any:
    """Lists as text: a column of the table has one type."""
    return ", ".join(str(item) for item in value) if isinstance(value, (list, tuple)) else value


def _word(value: Any) -> str:
    return "+".join(str(item) for item in value) if isinstance(value, (list, tuple)) else str(value)


def _explain(error: ValidationError | TypeError) -> str:
    if isinstance(error, TypeError):
        return "its keys must be words"
    known = ", ".join(Sweep.model_fields)
    lines = []
    for item in error.errors():
        place = ".".join(str(part) for part in item["loc"])
        unknown = item["type"] == "extra_forbidden"
        lines.append(
            f"unknown key '{place}'; the keys are: {known}" if unknown else f"{place}: {item['msg']}"
        )
    return "; ".join(lines)


def raise_for_failures(result: SweepResult) -> None:
    """Raise one :class:`NotebookError` that lists the failed points, if there are any."""
    if result.failures:
        text = "\n\n".join(result.failures)
        raise NotebookError(
            f"{text}\n\n{len(result.failures)} of {len(result.runs)} points failed; the others are in "
            f"{result.table}; started again, the sweep does only what is missing"
        )

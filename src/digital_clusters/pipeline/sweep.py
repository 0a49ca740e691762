"""A declared grid of parameters over one notebook: every point an executed page, all numbers one table."""

import itertools
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError

from digital_clusters.errors import FileError, NotebookError, ParameterError
from digital_clusters.files import copy, sweep_drafts, write_text
from digital_clusters.pipeline import notebooks, parameters, runs
from digital_clusters.pipeline.cache import Store
from digital_clusters.pipeline.hashing.sources import SourceTree
from digital_clusters.pipeline.kernels.forked import imported_by
from digital_clusters.pipeline.points.names import name_with_digest, point_id
from digital_clusters.pipeline.points.thinning import PointConstraint, Thinned, thin
from digital_clusters.pipeline.runs import Request, Run
from digital_clusters.pipeline.sweep_table import point_name, saved_estimates, write_table
from digital_clusters.wording import file_suggestion, shortened
from digital_clusters.yaml_files import YamlFile, read_yaml

__all__ = ["saved_estimates", "plan", "point_id", "raise_for_failures", "read_sweep", "run_sweep"]

MOST_POINTS = 10_000
"""Points of one sweep; at ten seconds each they take a day."""

MOST_DECLARED = 200_000
"""Points from which a sample is drawn; each is looked at."""

OWNER = "sweep.json"
"""File in a sweep's folder that says which sweep file it belongs to."""

SPECIFIED = {"study", "base", "axes"}
"""Keys of a declaration of the other mode."""

SHOWN_PROBLEMS = 5


class Sweep(BaseModel):
    """What a sweep file declares.

    ``grid`` is a product of lists; ``points`` are single points beside it; ``fixed`` holds for all of them.
    ``constraints`` rule points out, and ``sample`` of the others are drawn with ``seed``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    notebook: str
    fixed: dict[str, Any] = Field(default_factory=dict)
    grid: dict[str, list[Any]] = Field(default_factory=dict)
    points: list[dict[str, Any]] = Field(default_factory=list)
    constraints: list[PointConstraint] = Field(default_factory=list)
    sample: int | None = Field(None, ge=1, strict=True)
    seed: int = Field(1, ge=0, strict=True)
    _source: YamlFile | None = PrivateAttr(None)

    @property
    def size(self) -> int:
        """Number of points as declared, duplicates counted; nothing is expanded."""
        product = math.prod(len(values) for values in self.grid.values()) if self.grid else 0
        return product + len(self.points)

    def where(self, *keys: str | int) -> str:
        """File, line and key of a value, for a message; empty where the sweep was not read from a file."""
        return f"{self._source.where(*keys)}: " if self._source else ""

    @property
    def most(self) -> int:
        """Declared points that are allowed."""
        return MOST_POINTS if self.sample is None else MOST_DECLARED

    def declared_points(self) -> list[dict[str, Any]]:
        """Parameters of every point that is run, the product first; one declared twice is there once."""
        return self.thinned().points

    def thinned(self) -> Thinned:
        """The points that are run, and those that are not, with the reasons."""
        product = itertools.product(*self.grid.values()) if self.grid else ()
        found = [{**self.fixed, **dict(zip(self.grid, values, strict=True))} for values in product]
        found += [{**self.fixed, **point} for point in self.points]
        once = {json.dumps(point, sort_keys=True, default=str): point for point in found}
        return thin(list(once.values()), self.constraints, self.sample, self.seed)


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
        If it cannot be read, has an unknown key or a wrong type, declares no point or more than
        :data:`MOST_POINTS`. The text names file, line and key.
    """
    if not file.is_file():
        named = f"{shortened(str(file), 200)}{file_suggestion(file)}"
        raise ParameterError(f"there is no sweep file {named}; see the folder sweeps")
    try:
        source = read_yaml(file)
    except FileError as error:
        raise ParameterError(str(error)) from None
    if not isinstance(source.data, dict):
        raise ParameterError(f"{file} is empty or not a mapping; it needs: {', '.join(Sweep.model_fields)}")
    try:
        sweep = Sweep.model_validate(source.data)
    except ValidationError as error:
        raise ParameterError(_explain(source, error)) from None
    sweep._source = source
    if empty := [name for name, values in sweep.grid.items() if not values]:
        raise ParameterError(f"{sweep.where('grid', empty[0])}no values for {', '.join(empty)}")
    if not sweep.size:
        raise ParameterError(f"{file} declares no point: give it a 'grid' or 'points'")
    if sweep.size > sweep.most or (sweep.sample or 0) > MOST_POINTS:
        raise ParameterError(
            f"{sweep.where('grid')}{sweep.size:,} points; at most {MOST_POINTS:,} are run in one sweep, "
            f"drawn from {MOST_DECLARED:,}: shorten lists, give it a 'sample', or make several files of it"
        )
    if unknown := list(_unknown_in_constraints(sweep)):
        raise ParameterError("\n".join(unknown))
    return sweep


def _unknown_in_constraints(sweep: Sweep) -> Iterator[str]:
    """One sentence for each value of a constraint that no point can have."""
    values: dict[str, list[Any]] = {name: [value] for name, value in sweep.fixed.items()}
    for name, several in sweep.grid.items():
        values.setdefault(name, []).extend(several)
    for point in sweep.points:
        for name, value in point.items():
            values.setdefault(name, []).append(value)
    for number, constraint in enumerate(sweep.constraints):
        for part, name, value in constraint.named():
            if value not in values.get(name, []):
                shown = shortened(json.dumps(value, default=str, ensure_ascii=False))
                yield f"{sweep.where('constraints', number, part, name)}no point has {name} = {shown}"


def plan(sweep: Sweep, root: Path, name: str) -> list[Request]:
    """Validated requests, one a point; no kernel is started.

    Raises
    ------
    ParameterError
        Naming every value and every point that is not valid, and why.
    """
    page = _page_of(sweep, root)
    problems = list(_value_problems(sweep, page))
    requests: dict[str, Request] = {}
    points: dict[str, Mapping[str, Any]] = {}
    sources = SourceTree(root)
    for point in () if problems else sweep.declared_points():
        try:
            wanted = runs.request(page, point, root, f"{name}/{point_id(point)}", sources)
        except ParameterError as error:
            problems.append(str(error))
        else:
            requests.setdefault(wanted.key, wanted)
            points.setdefault(wanted.key, point)
    if problems:
        different = list(dict.fromkeys(problems))
        more = len(different) - SHOWN_PROBLEMS
        tail = f"\n… {more:,} more" if more > 0 else ""
        raise ParameterError("nothing was run:\n" + "\n".join(different[:SHOWN_PROBLEMS]) + tail)
    return _with_own_names(requests, points, name)


def run_sweep(
    file: Path,
    root: Path,
    *,
    jobs: int | None = None,
    scheduler: str | None = None,
    tell: Callable[[Run], None] = lambda run: None,
    expect: Callable[[int], None] = lambda total: None,
    say: Callable[[str], None] = lambda sentence: None,
) -> SweepResult:
    """Run the points of a sweep that have no result yet, and write the table of all.

    An interrupt leaves the table of what has ended.

    Parameters
    ----------
    file : pathlib.Path
        Sweep file; its name without suffix is the sweep's name.
    root, jobs, scheduler, tell, say
        As in :func:`digital_clusters.pipeline.runs.run_all`.
    expect : callable
        Called with the number of points before the first one starts.

    Returns
    -------
    SweepResult
        Under ``_build/sweeps/<name>``: ``<point>.ipynb``, ``points.json``, ``estimates.parquet``.

    Raises
    ------
    ParameterError
        Before anything runs; also if the name belongs to another sweep file.
    """
    name = _sweep_name(file)
    sweep = read_sweep(file)
    requests = plan(sweep, root, name)
    folder = root / "_build" / "sweeps" / name
    _claim(folder, file, root)
    sweep_drafts(folder)
    page = _page_of(sweep, root)
    if not may_save(page, root):
        say(
            f"{page.name} saves no number: the table of this sweep will be empty, its pages are there to read"
        )
    for sentence in sweep.thinned().sentences():
        say(sentence)
    expect(len(requests))
    ended: list[Run] = []

    def end(run: Run) -> None:
        ended.append(run)
        tell(run)

    try:
        store = Store(folder / ".store")
        options: dict[str, Any] = {"jobs": jobs, "scheduler": scheduler, "tell": end, "say": say}
        runs.run_all(requests, root, store, imports=lambda page: imported_by(page.notebook.cells), **options)
    finally:
        order = {wanted.label: position for position, wanted in enumerate(requests)}
        ended.sort(key=lambda run: order[run.request.label])
        _publish(folder, ended)
        table = folder / "estimates.parquet"
        numbers = write_table(table, ended)
        if len(ended) < len(requests):
            say(f"{len(ended)} of {len(requests)} points are in {table}; started again, the rest is done")
    if not numbers:
        say(f"no page of this sweep saved a number: {table} has none")
    return SweepResult(folder, table, ended)


def _page_of(sweep: Sweep, root: Path) -> notebooks.Page:
    try:
        return notebooks.find(root, sweep.notebook)
    except ParameterError as error:
        raise ParameterError(f"{sweep.where('notebook')}{error}") from None


def may_save(page: notebooks.Page, root: Path) -> bool:
    """Whether the code of a page, or a function that it calls, names something that saves results."""
    code = "\n".join(cell.source for cell in page.notebook.cells if cell.cell_type == "code")
    if re.search(r"\bsave\w*\(|DIGITAL_CLUSTERS_RESULTS|results_folder", code):
        return True
    words = set(re.findall(r"\w+", code))
    for module in root.glob("src/*/report/*.py"):
        text = module.read_text(encoding="utf-8")
        bodies = re.split(r"^def (\w+)", text, flags=re.M)[1:]
        saving = {name for name, body in zip(bodies[::2], bodies[1::2], strict=True) if "    save(" in body}
        if saving & words:
            return True
    return False


def _with_own_names(
    requests: Mapping[str, Request], points: Mapping[str, Mapping[str, Any]], name: str
) -> list[Request]:
    """Requests none of whose labels is another's, whatever the file system takes for equal."""
    alike = Counter(request.label.casefold() for request in requests.values())
    return [
        request
        if alike[request.label.casefold()] == 1
        else replace(request, label=f"{name}/{name_with_digest(point_id(points[key]), points[key])}")
        for key, request in requests.items()
    ]


def _sweep_name(file: Path) -> str:
    name = file.stem
    if not name.strip(".") or name.startswith(".") or not name.isprintable() or len(name.encode()) > 100:
        raise ParameterError(
            f"{shortened(str(file), 200)!r}: a sweep is called by its file's name, which must not begin with "
            "a dot, hold signs that cannot be printed or have more than 100 bytes: rename the file"
        )
    return name


def _claim(folder: Path, file: Path, root: Path) -> None:
    """Make the sweep's folder this file's own, unless it is another's."""
    record = folder / OWNER
    place = file.resolve()
    if record.is_file():
        try:
            other = (root / json.loads(record.read_text(encoding="utf-8"))["file"]).resolve()
        except (ValueError, KeyError, TypeError):
            # a record that cannot be read says nothing about whose the folder is
            other = place
        if other.is_file() and not other.samefile(place):
            raise ParameterError(
                f"{folder} holds the sweep of {other}; {file} has the same name: rename one of the files"
            )
    shown = place.relative_to(root).as_posix() if place.is_relative_to(root) else str(place)
    write_text(record, json.dumps({"file": shown}, ensure_ascii=False) + "\n")


def _value_problems(sweep: Sweep, page: notebooks.Page) -> Iterator[str]:
    """One sentence for each declared value that the notebook would refuse, with its line."""
    places: list[tuple[tuple[str | int, ...], str, Any]] = [
        (("fixed", name), name, value) for name, value in sweep.fixed.items()
    ]
    places += [
        (("grid", name, position), name, value)
        for name, values in sweep.grid.items()
        for position, value in enumerate(values)
    ]
    places += [
        (("points", position, name), name, value)
        for position, point in enumerate(sweep.points)
        for name, value in point.items()
    ]
    for keys, name, value in places:
        try:
            read = parameters.validate_one(page.name, page.defaults, name, value, page.limits)
        except ParameterError as error:
            yield f"{sweep.where(*keys)}{error}"
            continue
        if isinstance(value, str) and not isinstance(read, str | None):
            plain = shortened(json.dumps(read))
            yield f"{sweep.where(*keys)}{name} is text here; write {plain} without quotes"


def _publish(folder: Path, ended: Sequence[Run]) -> None:
    """Pages beside each other under the points' names, and a list of what became of each point."""
    folder.mkdir(parents=True, exist_ok=True)
    points = {}
    for run in ended:
        point = point_name(run)
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


def _explain(source: YamlFile, error: ValidationError) -> str:
    """One sentence for each thing that the schema refuses: file, line, key and rule."""
    if source.data.keys() >= SPECIFIED:
        return f"{source.path} declares specifications and no pages: run it with --mode spec"
    return source.explain(error, Sweep)


def raise_for_failures(result: SweepResult) -> None:
    """Raise one :class:`NotebookError` that lists the failed points, if there are any."""
    if result.failures:
        text = "\n\n".join(result.failures)
        raise NotebookError(
            f"{text}\n\n{len(result.failures)} of {len(result.runs)} points failed; the others are in "
            f"{result.table}; started again, the sweep does only what is missing"
        )

"""A declared multiverse estimated without a kernel: every specification one row of a table.

What is estimated is kept in parts as it is made, so that a run that was killed goes on where it ended; the
parts are cut the same way each time, so that the table does not tell how often it was started.
"""

import hashlib
import io
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from digital_clusters.analysis.many_specs.fits import FIELDS, fit_many
from digital_clusters.analysis.multiverse.declared import (
    CLAIM,
    MOST_COMBINATIONS,
    MOST_POINTS,
    Multiverse,
    checked_multiverse,
)
from digital_clusters.analysis.multiverse.points import ONLY_PANEL, SpecPlan, SpecPoint, plan_points
from digital_clusters.errors import FileError, NotebookError, ParameterError
from digital_clusters.estimators.spatial.log_determinant import shared_log_determinants
from digital_clusters.files import draft_prefix, remove, sweep_drafts, write_text
from digital_clusters.kept_lines import code_hash
from digital_clusters.measures.panel import Panel
from digital_clusters.pipeline.hashing.files import file_hash
from digital_clusters.pipeline.lock import held
from digital_clusters.pipeline.points.workers import client_of, on_dask
from digital_clusters.sources import SourceName
from digital_clusters.studies.catalogue import find_study
from digital_clusters.wording import file_suggestion
from digital_clusters.yaml_files import read_yaml

PART = 64
"""Specifications of one part: what is lost by a kill. Families of regressions are solved within one."""

TABLE = "estimates.parquet"
RECORD = "run.json"
PARTS = ".parts"


@dataclass(frozen=True)
class SpecRun:
    """What a table of specifications was made of, and its hash.

    Attributes
    ----------
    file : str
        Declaration, relative to the project where it is in it.
    declared, code, data_hash, table : str
        Sha256 of the declaration, of the package, of the panels and of the table.
    data, label : str
        Source of the panel, and the words it carries.
    sample : int or None
    seed : int
    points : int
    """

    file: str
    declared: str
    code: str
    data: SourceName
    label: str
    data_hash: str
    sample: int | None
    seed: int
    points: int
    table: str


@dataclass(frozen=True, eq=False)
class SpecSweep:
    """A declaration, its plan and its panels: all that is known before anything is estimated."""

    file: Path
    root: Path
    declared: Multiverse
    plan: SpecPlan
    panels: Mapping[str, Panel]
    data: SourceName
    sample: int | None
    seed: int

    @property
    def folder(self) -> Path:
        """Where its table and its record are."""
        return self.root / "_build" / "sweeps" / f"{self.file.stem}.{self.data}"

    @property
    def panel(self) -> Panel:
        """That of points whose options name none."""
        return self.panels[ONLY_PANEL]

    @property
    def data_hash(self) -> str:
        """Of all panels."""
        hashes = [f"{name} {panel.hash}" for name, panel in self.panels.items()]
        return hashlib.sha256("\n".join(hashes).encode()).hexdigest()

    @property
    def key(self) -> str:
        """Hash of all that decides its numbers."""
        parts = [
            declaration_hash(self.declared),
            self.panel.hash,
            code_hash(),
            str(self.sample),
            str(self.seed),
        ]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def parts(self) -> Iterator[Sequence[SpecPoint]]:
        """Points cut into parts, the same way each time."""
        points = self.plan.points
        return (points[start : start + PART] for start in range(0, len(points), PART))


def open_spec_sweep(
    file: Path, root: Path, data: SourceName, *, sample: int | None = None, seed: int = 1
) -> SpecSweep:
    """Read a declaration, plan its points and build its panels; nothing is estimated.

    Parameters
    ----------
    file : pathlib.Path
        Such as ``data/multiverse/<study>.yml``.
    root : pathlib.Path
        The project.
    data : {'twin', 'public'}
    sample : int, optional
        How many of the combinations are drawn; needed where more than ``MOST_POINTS`` are declared.
    seed : int
        Of the draw.

    Raises
    ------
    ParameterError
        A declaration that is not valid, with file, line and key, or one of pages; an unknown study; an option
        that names a panel that is none of the study's.
    """
    if not file.is_file():
        raise ParameterError(f"there is no file {file}{file_suggestion(file)}; see data/multiverse")
    source = read_yaml(file)
    if "notebook" in (source.data or ()):
        raise ParameterError(f"{file} declares pages and no specifications: run it without --mode spec")
    declared = checked_multiverse(source, most=MOST_POINTS if sample is None else MOST_COMBINATIONS)
    try:
        study = find_study(declared.study)
    except ParameterError as error:
        raise ParameterError(f"{source.where('study')}: {error}") from None
    plan = plan_points(declared, sample=sample, seed=seed)
    panels = study.explored(study.panel(data))
    if others := {point.panel for point in plan.points} - panels.keys():
        raise ParameterError(
            f"{file}: options name the panels {', '.join(sorted(others))}; there are: {', '.join(panels)}"
        )
    return SpecSweep(file, root, declared, plan, panels, data, sample, seed)


def plan_sentences(sweep: SpecSweep) -> Iterator[str]:
    """What will be estimated, what not, and why."""
    declared, plan = sweep.declared, sweep.plan
    yield f"{declared.size:,} combinations of {len(declared.claims)} claims and {len(declared.axes)} axes"
    yield from (f"  {count:,} are ruled out: {why}" for why, count in plan.ruled_out.items() if count)
    if sweep.sample is not None:
        yield f"  at most {sweep.sample:,} of the others are drawn, seed {sweep.seed}"
    if plan.repeated:
        yield f"  {plan.repeated:,} are the same regression as another one"
    yield f"{len(plan.points):,} specifications are estimated on {sweep.panel.label}"


def run_spec_sweep(
    sweep: SpecSweep,
    advance: Callable[[int], None] = lambda count: None,
    *,
    scheduler: str | None = None,
    say: Callable[[str], None] = print,
) -> Path:
    """Estimate the points that have no row yet, and write the table of all.

    An interrupt leaves the table of what was estimated. Started again, by whomever and however often, here or
    on Dask, the table is the same to the byte on one type of processor.

    Parameters
    ----------
    sweep : SpecSweep
    advance : callable
        Called with the number of points that a part adds.
    scheduler : str, optional
        Address of a Dask scheduler. Its workers need this package and nothing of this machine's files: the
        panels travel to each of them once, the points with each part, the rows back.
    say : callable
        Called with a sentence where the scheduler is waited for.

    Returns
    -------
    pathlib.Path
        ``estimates.parquet``: a row a point with ``point`` (its number), ``claim``, a column an axis,
        ``term``, ``panel``, value, error, p_value, n, n_clusters, ``spec`` (JSON), ``data_label``,
        ``data_hash``, ``problem``.

    Raises
    ------
    FileError
        If the folder cannot be written.
    NotebookError
        If no scheduler answers, it has no workers, their package is another one, or a part failed there.
    """
    folder = sweep.folder
    with held(folder), shared_log_determinants():
        sweep_drafts(folder)
        store = folder / PARTS / sweep.key[:16]
        _forget_others(store)
        lacking = []
        for number, points in enumerate(sweep.parts()):
            if (store / _part_name(number)).is_file():
                advance(len(points))
            else:
                lacking.append(SpecPart(number, number * PART, points))
        made = _on_workers(sweep, lacking, scheduler, say) if scheduler else _here(sweep, lacking)
        try:
            for part, rows in made:
                _write_frame(store / _part_name(part.number), rows)
                advance(len(part.points))
        except BaseException:
            say(_left_of(sweep, _collect(sweep, store)))
            raise
        return _collect(sweep, store)


def _left_of(sweep: SpecSweep, table: Path) -> str:
    made = pq.read_metadata(table).num_rows if table.is_file() else 0
    where = (
        f"{made:,} of {len(sweep.plan.points):,} specifications are in {table}" if made else "no row is made"
    )
    return f"{where}; started again, the rest is done"


def read_spec_run(folder: Path) -> SpecRun:
    """The record of a table of specifications.

    Raises
    ------
    FileError
        If there is none, or it is not whole.
    """
    path = folder / RECORD
    try:
        return SpecRun(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise FileError(f"{folder} holds no sweep of specifications: there is no {RECORD}") from None
    except (ValueError, TypeError) as error:
        raise FileError(f"{path} is damaged ({error}): run the sweep again") from None


@dataclass(frozen=True)
class SpecPart:
    """Points that are estimated together: the number of the part, that of its first point, the points."""

    number: int
    first: int
    points: Sequence[SpecPoint]


def _part_name(number: int) -> str:
    return f"{number:05}.parquet"


def _here(sweep: SpecSweep, parts: Sequence[SpecPart]) -> Iterator[tuple[SpecPart, pd.DataFrame]]:
    return ((part, _rows(sweep, part)) for part in parts)


def _on_workers(
    sweep: SpecSweep, parts: Sequence[SpecPart], scheduler: str, say: Callable[[str], None]
) -> Iterator[tuple[SpecPart, pd.DataFrame]]:
    if not parts:
        return
    # points come with their part: what all parts share is the declaration and the panels
    shared = replace(sweep, plan=replace(sweep.plan, points=()))
    with client_of(scheduler, say) as client:
        if others := set(client.run(code_hash).values()) - {code_hash()}:
            raise NotebookError(
                f"{len(others)} other versions of this package answer at {scheduler}: install on its workers "
                "what is installed here"
            )
        failed: dict[int, BaseException] = {}
        for ended in on_dask(client, _rows, parts, say, shared=shared):
            if ended.failure:
                failed[ended.number] = ended.failure
            else:
                yield parts[ended.number], ended.result
    # parts end in any order: what is sound is kept before anything is said of what is not
    if failed:
        first = min(failed)
        last = parts[first].first + len(parts[first].points) - 1
        more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        raise NotebookError(
            f"points {parts[first].first} to {last}{more}: the Dask worker failed: {failed[first]!r}; "
            "parts that were done are kept"
        )


def _rows(sweep: SpecSweep, part: SpecPart) -> pd.DataFrame:
    first, points = part.first, part.points
    terms = [sweep.declared.claims[point.choices[CLAIM]].term for point in points]
    frame = pd.DataFrame({"point": range(first, first + len(points))})
    for name in (CLAIM, *sweep.declared.axes):
        frame[name] = [point.choices[name] for point in points]
    frame = frame.assign(term=terms, panel=[point.panel for point in points])
    found = _on_each_panel(sweep, points, terms)
    for name in FIELDS[:-1]:
        frame[name] = found[name].astype("float64")
    frame["spec"] = [point.spec.model_dump_json() for point in points]
    hashes = [sweep.panels[point.panel].hash for point in points]
    return frame.assign(data_label=sweep.panel.label, data_hash=hashes, problem=found["problem"])


def _on_each_panel(sweep: SpecSweep, points: Sequence[SpecPoint], terms: Sequence[str]) -> pd.DataFrame:
    """The columns :data:`FIELDS` of the points, in their order."""
    parts = []
    for name in dict.fromkeys(point.panel for point in points):
        here = [k for k, point in enumerate(points) if point.panel == name]
        fits = fit_many([points[k].spec for k in here], sweep.panels[name], [terms[k] for k in here])
        parts.append(fits.table.set_axis(here))
    return pd.concat(parts).sort_index()


def _collect(sweep: SpecSweep, store: Path) -> Path:
    """The table of all parts that are there, and its record."""
    parts = [pd.read_parquet(path) for path in sorted(store.glob("*.parquet"))]
    table = sweep.folder / TABLE
    if not parts:
        return table
    whole = pd.concat(parts, ignore_index=True)
    _write_frame(table, whole)
    run = SpecRun(
        file=_shown(sweep.file, sweep.root),
        declared=declaration_hash(sweep.declared),
        code=code_hash(),
        data=sweep.data,
        label=sweep.panel.label,
        data_hash=sweep.data_hash,
        sample=sweep.sample,
        seed=sweep.seed,
        points=len(whole),
        table=file_hash(table),
    )
    write_text(sweep.folder / RECORD, json.dumps(asdict(run), indent=1, ensure_ascii=False) + "\n")
    return table


def _write_frame(path: Path, frame: pd.DataFrame) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    memory = io.BytesIO()
    frame.to_parquet(memory, index=False)
    draft = path.with_name(f"{draft_prefix()}{path.name}")
    try:
        draft.write_bytes(memory.getvalue())
        os.replace(draft, path)
    except OSError as error:
        raise FileError(f"{path} cannot be written: {error.strerror}") from None
    finally:
        draft.unlink(missing_ok=True)


def _forget_others(store: Path) -> None:
    """Parts of another declaration, panel or state of the code."""
    if store.parent.is_dir():
        for old in store.parent.iterdir():
            if old != store:
                remove(old)


def declaration_hash(declared: Multiverse) -> str:
    """Sha256 of what a declaration says, comments and layout aside."""
    return hashlib.sha256(declared.model_dump_json().encode()).hexdigest()


def _shown(file: Path, root: Path) -> str:
    place = file.resolve()
    return place.relative_to(root).as_posix() if place.is_relative_to(root) else str(place)

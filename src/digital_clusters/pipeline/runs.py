"""Many notebooks at once: from the cache where they are there, each in a kernel of its own where not."""

import hashlib
import json
import os
import subprocess
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from digital_clusters.errors import DigitalClustersError, NotebookError
from digital_clusters.files import sweep_drafts
from digital_clusters.pipeline import parameters
from digital_clusters.pipeline.cache import RESULTS, CacheEntry, Key, Store, page_key
from digital_clusters.pipeline.hashing.sources import SourceTree
from digital_clusters.pipeline.kernels.cells import Stop, clear_dead_folders
from digital_clusters.pipeline.kernels.execute import METADATA, Job, execute
from digital_clusters.pipeline.kernels.forked import Imports, Modules, end_servers
from digital_clusters.pipeline.notebooks import Page
from digital_clusters.pipeline.own_data.pages import on_own_data
from digital_clusters.pipeline.points.workers import client_of, on_dask
from digital_clusters.sources.public import public_files


@dataclass(frozen=True)
class Request:
    """A notebook to be run with validated parameters.

    ``label`` is what messages call it: the page's name, or a point of a sweep.
    """

    page: Page
    values: Mapping[str, Any]
    key: Key
    label: str

    @property
    def overrides(self) -> dict[str, Any]:
        """The parameters that differ from the notebook's own defaults."""
        return {n: v for n, v in self.values.items() if not _same(v, self.page.defaults[n])}


@dataclass(frozen=True)
class Run:
    """What became of a request: an entry of the store, or the sentence that says why not."""

    request: Request
    entry: CacheEntry | None
    cached: bool
    error: str | None = None

    @property
    def made(self) -> CacheEntry:
        """The entry of a request that was fulfilled.

        Raises
        ------
        NotebookError
            With the sentence that says why there is none.
        """
        if self.entry is None:
            raise NotebookError(self.error or f"{self.request.label} was not made")
        return self.entry

    @cached_property
    def _metadata(self) -> dict[str, Any]:
        recorded = json.loads(self.made.page.read_text(encoding="utf-8"))["metadata"]
        return recorded["papermill"] | recorded[METADATA]

    def metadata(self) -> dict[str, Any]:
        """How the page was made: parameters, data, commit, key, and papermill's start, end, duration."""
        return dict(self._metadata)

    @property
    def day(self) -> str:
        """Day on which the page was executed, such as 2024-05-31 (UTC)."""
        return str(self.metadata()["start_time"])[:10]

    @property
    def seconds(self) -> float:
        """Wall time of the execution, kernel start included."""
        return float(self.metadata()["duration"])


@dataclass(frozen=True, eq=False)
class Task:
    """A request as it travels to a worker; each is one of its kind."""

    store: Store
    name: str
    key: str
    job: Job = field(repr=False)


def request(
    page: Page,
    overrides: Mapping[str, Any],
    root: Path,
    label: str | None = None,
    sources: SourceTree | None = None,
) -> Request:
    """Validate ``overrides`` and work out the key; no kernel is started.

    Where ``data`` is a folder of a reader's files it is the page's form for own files that runs. ``sources``
    are the project's files, where several requests are made at once.
    """
    page, overrides = on_own_data(page, overrides, root)
    values = parameters.validate_parameters(page.name, page.defaults, overrides, page.limits)
    return Request(page, values, page_key(page, values, root, sources), label or page.name)


def run_all(
    requests: Sequence[Request],
    root: Path,
    store: Store,
    *,
    jobs: int | None = None,
    force: bool = False,
    scheduler: str | None = None,
    learnt: Path | None = None,
    imports: Callable[[Page], Modules] | None = None,
    fewest: int = 1,
    tell: Callable[[Run], None] = lambda run: None,
    say: Callable[[str], None] = lambda sentence: None,
) -> list[Run]:
    """Run what is not in the store; failures are returned, not raised.

    Parameters
    ----------
    requests : sequence of Request
    root : pathlib.Path
        The project.
    store : Store
        Where executed pages are kept.
    jobs : int, optional
        Notebooks at a time; by default one a core, at least two.
    force : bool
        Run also what the store has.
    scheduler : str, optional
        Address of a Dask scheduler whose workers run the notebooks; they must see the project folder
        under the same path.
    learnt : pathlib.Path, optional
        Folder in which the pages share what learners predict, also with those of earlier calls; not where
        ``force`` asks for everything anew. By default each page learns by itself.
    imports : callable, optional
        What is imported for a page in the process that its kernel is forked from: the same pages, sooner. By
        default kernels start anew.
    fewest : int
        Pages to run from which on that process is worth its own start.
    tell : callable
        Called with each run as it ends.
    say : callable
        Called with a sentence about what is waited for.

    Returns
    -------
    list of Run
        In the order of ``requests``.

    Raises
    ------
    FileError
        Before a kernel starts here, if a page wants the public files and one is missing or changed.
    """
    clear_dead_folders()
    store.clear_drafts()
    sweep_drafts(root / "_build" / "logs")
    done: dict[int, Run] = {}

    def end(index: int, run: Run) -> None:
        done[index] = run
        tell(run)

    waiting: dict[Task, int] = {}
    commit, mark = git_commit(root), uuid.uuid4().hex
    for index, wanted in enumerate(requests):
        entry = None if force else store.get(wanted.page.name, wanted.key)
        if entry:
            end(index, Run(wanted, entry, cached=True))
        else:
            task = _task(wanted, root, store, commit, None if force else learnt)
            waiting[task] = index
    if imports and len(waiting) >= fewest:
        waiting = {
            _forking(task, Imports(mark, imports(requests[index].page))): index
            for task, index in waiting.items()
        }
    if not scheduler and any(task.job.record["data"] == "public" for task in waiting):
        _check_public_files(root)
    spread = _on_dask(list(waiting), scheduler, say) if scheduler else _here(list(waiting), jobs)
    try:
        for task, error in spread:
            wanted = requests[waiting[task]]
            entry = None if error else store.get(wanted.page.name, wanted.key)
            if entry is None and error is None:
                error = f"{wanted.label}: the worker wrote nothing that can be seen under {store.folder}"
            end(waiting[task], Run(wanted, entry, cached=False, error=error))
    finally:
        end_servers(mark)
        store.clear_drafts()
    return [done[index] for index in range(len(requests))]


def run_task(task: Task, stop: Stop | None = None) -> str | None:
    """What a worker does: run one notebook into the store. Returns the error, if there was one."""
    try:
        with task.store.new(task.name, task.key) as entry:
            job = _redirect(task.job, entry)
            execute(job, stop)
    except DigitalClustersError as error:
        return str(error)
    return None


def default_jobs() -> int:
    """One notebook a core, at least two: a kernel waits while it starts and stops."""
    return max(2, os.cpu_count() or 1)


def git_commit(root: Path) -> str:
    """Commit of the checkout, with ``+`` where files differ from it; ``unknown`` without git."""
    command = ["git", "-C", str(root), "describe", "--always", "--dirty=+", "--abbrev=12", "--exclude=*"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "unknown"
    return told.stdout.strip() if told.returncode == 0 else "unknown"


def _check_public_files(root: Path) -> None:
    """One sentence now, and not one from each page's kernel; a project of its own may list no files."""
    if (root / "data" / "upstream.yml").is_file():
        public_files()


def _task(wanted: Request, root: Path, store: Store, commit: str, learnt: Path | None) -> Task:
    name = file_name(wanted)
    job = Job(
        name=wanted.label,
        source=str(wanted.page.path),
        output="",
        results="",
        log=str(root / "_build" / "logs" / f"{name}.log"),
        failed=str(root / "_build" / "failed" / f"{name}.ipynb"),
        root=str(root),
        overrides=wanted.overrides,
        learnt=str(learnt or ""),
        record={
            "page": wanted.page.name,
            "parameters": dict(wanted.values),
            "data": wanted.values.get("data"),
            "commit": commit,
            "key": wanted.key,
        },
    )
    return Task(store, wanted.page.name, wanted.key, job)


def _forking(task: Task, imports: Imports) -> Task:
    return replace(task, job=replace(task.job, imports=imports))


def file_name(wanted: Request) -> str:
    """Name of the log, and of what is kept of a failure: two runs of one page with unlike values have two."""
    name = wanted.label.replace("/", ".")
    if wanted.label != wanted.page.name or not wanted.overrides:
        # the label of a point is its own already
        return name
    changed = json.dumps(wanted.overrides, sort_keys=True).encode()
    return f"{name}-{hashlib.sha256(changed).hexdigest()[:8]}"


def _redirect(job: Job, entry: CacheEntry) -> Job:
    return replace(job, output=str(entry.page), results=str(entry.folder / RESULTS))


def _here(tasks: list[Task], jobs: int | None) -> Iterator[tuple[Task, str | None]]:
    """Run tasks on this machine, in the order they end.

    A notebook's work is done by its kernel, a process of its own; a thread that listens to it is enough.
    """
    if not tasks:
        return
    stop = Stop()
    pool = ThreadPoolExecutor(min(jobs or default_jobs(), len(tasks)))
    try:
        futures = {pool.submit(run_task, task, stop): task for task in tasks}
        for future in as_completed(futures):
            yield futures[future], future.result()
    except BaseException:
        stop.request()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _on_dask(
    tasks: list[Task], address: str, say: Callable[[str], None]
) -> Iterator[tuple[Task, str | None]]:
    """Run tasks on the workers of a Dask scheduler, in the order they end."""
    if not tasks:
        return
    with client_of(address, say) as client:
        for ended in on_dask(client, run_task, tasks, say):
            task = tasks[ended.number]
            failed = f"{task.job.name}: the Dask worker failed: {ended.failure!r}"
            yield task, failed if ended.failure else ended.result


def _same(left: Any, right: Any) -> bool:
    """Equal once both are plain values: a tuple in a cell and a list in YAML are the same."""
    plain = [list(value) if isinstance(value, tuple) else value for value in (left, right)]
    return plain[0] == plain[1] and isinstance(plain[0], bool) == isinstance(plain[1], bool)

"""Dask: workers on this machine for the time of one command, and tasks on the workers of a scheduler."""

import logging
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from types import FrameType
from typing import Any

from digital_clusters.errors import NotebookError, ParameterError
from digital_clusters.wording import shortened

WORKER_SECONDS = 30
"""What a cluster is given to show a worker."""

AHEAD = 1000
"""Tasks that wait in the scheduler: its memory does not grow with what is still to do."""

LARGEST_SHARED = "1 GB"
"""Of what tasks share, before Dask warns of its size; the panels of a study have some ten million bytes."""


@dataclass(frozen=True)
class Ended:
    """A task that has ended.

    Attributes
    ----------
    number : int
        Its place in the order given.
    result : object
    failure : BaseException or None
        Why there is no result: the task's own, or that too many workers died with it.
    """

    number: int
    result: Any
    failure: BaseException | None


@contextmanager
def address_of_workers(scheduler: str | None, workers: int | None) -> Iterator[str | None]:
    """The address of a scheduler: the one that is given, one started here, or none.

    Workers started here are processes of one thread, children of this one: they end with it, however it ends.

    Raises
    ------
    ParameterError
        If both a scheduler and workers are asked for.
    """
    if scheduler and workers:
        raise ParameterError("--workers starts a scheduler of its own: leave --scheduler out, or --workers")
    if not workers:
        yield scheduler
        return
    from distributed import LocalCluster

    # what a worker warns of while it is ended is nothing to do; a task that fails is told by its sentence
    quiet = {"dashboard_address": None, "silence_logs": logging.ERROR}
    with _interrupts_wait() as obey:
        started = LocalCluster(n_workers=workers, threads_per_worker=1, processes=True, **quiet)
    with started as cluster:
        obey()
        yield cluster.scheduler_address


@contextmanager
def _interrupts_wait() -> Iterator[Callable[[], None]]:
    """Hold back Ctrl-C and requests to end until what is yielded is called: a half cluster cannot end."""
    came: list[tuple[int, FrameType | None]] = []
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def obey() -> None:
        for number, frame in came[:1]:
            handler = handlers[signal.Signals(number)]
            if callable(handler):
                handler(number, frame)

    for number in handlers:
        signal.signal(number, lambda number, frame: came.append((number, frame)))
    try:
        yield obey
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


@contextmanager
def client_of(address: str, say: Callable[[str], None]) -> Iterator[Any]:
    """A ``distributed.Client`` of a scheduler that has a worker, or has one before :data:`WORKER_SECONDS`.

    Raises
    ------
    NotebookError
        If no scheduler answers, or it has no workers.
    """
    from distributed import Client

    try:
        client = Client(address, timeout=10)
    except (OSError, ValueError) as error:
        raise NotebookError(f"no Dask scheduler answers at {shortened(address)}: {error}") from None
    with client:
        _await_workers(client, address, say)
        yield client


def on_dask(
    client: Any, run: Callable[..., Any], tasks: Iterable[Any], say: Callable[[str], None], shared: Any = None
) -> Iterator[Ended]:
    """``run(task)`` for each task on the workers, or ``run(shared, task)``, in the order they end.

    What is shared travels to each worker once, and is sent again when all workers that had it died.

    Raises
    ------
    NotebookError
        If the cluster loses all its workers and gets none back.
    """
    before = () if shared is None else (_sent_once(client, shared),)
    waiting = iter(enumerate(tasks))
    numbers: dict[str, int] = {}
    pending: set[Any] = set()
    try:
        while True:
            for number, task in islice(waiting, AHEAD - len(pending)):
                future = client.submit(run, *before, task, pure=False, retries=0)
                numbers[future.key] = number
                pending.add(future)
            if not pending:
                return
            done, pending = _some_ended(client, pending, say)
            for future in sorted(done, key=lambda one: numbers[one.key]):
                failure = future.exception()
                yield Ended(numbers.pop(future.key), None if failure else future.result(), failure)
    finally:
        client.cancel(list(pending))


def _sent_once(client: Any, shared: Any) -> Any:
    """A task and not data that is scattered: the scheduler can send it again, so it is large on purpose."""
    import dask

    with dask.config.set({"distributed.admin.large-graph-warning-threshold": LARGEST_SHARED}):
        return client.submit(_kept, shared, pure=False)


def _kept(shared: Any) -> Any:
    return shared


def _some_ended(client: Any, pending: set, say: Callable[[str], None]) -> tuple[set, set]:
    """Futures that ended and the others; a cluster without workers is not waited for in silence."""
    from distributed import wait

    while True:
        try:
            done, others = wait(pending, timeout=WORKER_SECONDS, return_when="FIRST_COMPLETED")
        except TimeoutError:
            _await_workers(client, client.scheduler.address, say)
        else:
            return done, others


def _await_workers(client: Any, address: str, say: Callable[[str], None]) -> None:
    if client.scheduler_info(n_workers=-1)["workers"]:
        return
    say(f"the Dask scheduler at {address} has no workers yet; waiting for {WORKER_SECONDS} seconds")
    try:
        client.wait_for_workers(1, timeout=WORKER_SECONDS)
    except TimeoutError:
        raise NotebookError(
            f"the Dask scheduler at {address} has no workers: start some with `dask worker {address}`, where "
            "they see this folder, or leave --scheduler out"
        ) from None

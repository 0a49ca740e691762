"""Dask workers on this machine for the time of one command."""

from collections.abc import Iterator
from contextlib import contextmanager

from digital_clusters.errors import ParameterError


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

    with LocalCluster(
        n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        yield cluster.scheduler_address

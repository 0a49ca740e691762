"""Specifications on Dask: the table is the one of this process, to the byte, also when a worker is killed."""

import os
import signal
import threading
import time
import warnings

import pytest
from tests.pipeline.points.test_spec_mode import DECLARED

from digital_clusters.errors import NotebookError
from digital_clusters.pipeline.points import spec_mode
from digital_clusters.pipeline.points.spec_mode import open_spec_sweep, run_spec_sweep
from digital_clusters.pipeline.points.workers import client_of, on_dask


@pytest.fixture
def sweep(tmp_path, monkeypatch):
    file = tmp_path / "small.yml"
    file.write_text(DECLARED, encoding="utf-8")
    monkeypatch.setattr(spec_mode, "PART", 2)
    return open_spec_sweep(file, tmp_path, "twin")


def forget(sweep):
    for path in sweep.folder.rglob("*.parquet"):
        path.unlink()


@pytest.fixture
def threads():
    """A scheduler with one worker, in threads of this process."""
    from distributed import LocalCluster

    options = {"processes": False, "dashboard_address": None, "scheduler_port": 0, "protocol": "tcp"}
    with LocalCluster(n_workers=1, threads_per_worker=1, **options) as cluster:
        yield cluster.scheduler_address


def test_the_table_is_that_of_this_process_to_the_byte(sweep, threads):
    whole = run_spec_sweep(sweep).read_bytes()
    forget(sweep)
    told = []
    assert run_spec_sweep(sweep, told.append, scheduler=threads).read_bytes() == whole
    assert sorted(told) == [1, 2, 2, 2, 2]
    # nothing is left to do: no scheduler is asked
    assert run_spec_sweep(sweep, scheduler="tcp://127.0.0.1:9").read_bytes() == whole


@pytest.mark.parametrize(
    ("failing", "said"),
    [
        ((4,), "points 8 to 8: the Dask worker failed: .*a fault"),
        ((0, 2), r"points 0 to 1 \(and 1 more\): the Dask worker failed: .*a fault"),
    ],
)
def test_a_part_that_fails_is_named_and_the_others_stay(sweep, threads, monkeypatch, failing, said):
    def rows(sweep, part, sound=spec_mode._rows):
        if part.number in failing:
            raise ValueError("a fault")
        return sound(sweep, part)

    monkeypatch.setattr(spec_mode, "_rows", rows)
    with pytest.raises(NotebookError, match=said):
        run_spec_sweep(sweep, scheduler=threads)
    assert len(list(sweep.folder.rglob("0*.parquet"))) == 5 - len(failing)


def test_workers_with_another_package_are_refused(sweep, threads, monkeypatch):
    own = threading.get_ident()
    monkeypatch.setattr(spec_mode, "code_hash", lambda: "here" if threading.get_ident() == own else "there")
    with pytest.raises(NotebookError, match="1 other versions of this package answer at tcp:"):
        run_spec_sweep(sweep, scheduler=threads)


def test_what_tasks_share_may_be_as_large_as_panels_without_a_warning(threads):
    with warnings.catch_warnings(), client_of(threads, print) as client:
        warnings.simplefilter("error")
        (ended,) = on_dask(client, lambda shared, task: len(shared) + task, [1], print, bytes(12_000_000))
    assert ended.result == 12_000_001


@pytest.mark.slow
def test_a_worker_that_is_killed_loses_nothing(sweep):
    """Two processes; one is killed once the first part is there, with what it was sent."""
    from distributed import LocalCluster

    whole = run_spec_sweep(sweep).read_bytes()
    forget(sweep)
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        pids = [worker.pid for worker in cluster.workers.values()]

        def kill(count):
            if len(pids) == 2:
                os.kill(pids.pop(), signal.SIGKILL)
                time.sleep(0.1)

        assert run_spec_sweep(sweep, kill, scheduler=cluster.scheduler_address).read_bytes() == whole
    assert len(pids) == 1

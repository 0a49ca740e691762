"""Dask workers for the time of one command: they do the work, and end with it, however it ends."""

import os
import signal
import subprocess
import sys
import time

import pandas as pd
import psutil
import pytest
import yaml

from digital_clusters.errors import ParameterError
from digital_clusters.pipeline.points.workers import address_of_workers

PATIENCE = 60
"""Seconds in which workers that lost their scheduler, and their kernels, end on a busy machine."""


def test_a_scheduler_and_workers_of_ones_own_are_one_too_many():
    with (
        pytest.raises(ParameterError, match="leave --scheduler out, or --workers"),
        address_of_workers("tcp://h:1", 2),
    ):
        pass


def test_without_workers_the_given_address_is_used():
    with address_of_workers("tcp://h:1", None) as address:
        assert address == "tcp://h:1"
    with address_of_workers(None, None) as address:
        assert address is None


@pytest.mark.slow
def test_one_flag_starts_workers_that_run_the_points(project):
    content = {"notebook": "study/first", "grid": {"folds": [5, 6, 7]}}
    project.write("sweeps/small.yml", yaml.safe_dump(content))
    done = project.command("sweep", "sweeps/small.yml", "--workers", "2")
    assert done.returncode == 0, done.stderr
    table = pd.read_parquet(project.root / "_build/sweeps/small/estimates.parquet")
    assert sorted(table["value"]) == [10.0, 12.0, 14.0]
    assert not project.leftovers()


@pytest.mark.slow
def test_a_killed_client_leaves_no_orphan(project):
    project.replace(
        "notebooks/study/first.py", "import json\n", "import json\nimport time\n\ntime.sleep(300)\n"
    )
    content = {"notebook": "study/first", "grid": {"folds": [5, 6, 7]}}
    project.write("sweeps/small.yml", yaml.safe_dump(content))
    command = [sys.executable, "-m", "digital_clusters.cli", "sweep", "sweeps/small.yml", "--workers", "2"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    client = subprocess.Popen(command, cwd=project.root, env=project.environment, **quiet)
    try:
        family = _once_kernels_run(client.pid)
        os.kill(client.pid, signal.SIGKILL)
        client.wait()
        _, alive = psutil.wait_procs(family, timeout=PATIENCE)
        assert not [" ".join(process.cmdline())[:120] for process in alive]
    finally:
        client.kill()


def _once_kernels_run(pid: int) -> list[psutil.Process]:
    """All descendants of a process, as soon as two kernels are among them."""
    for _ in range(10 * PATIENCE):
        family = psutil.Process(pid).children(recursive=True)
        lines = {process.pid: _words(process) for process in family}
        anew = sum("kernels/process.py" in line for line in lines.values())
        servers = {number for number, line in lines.items() if "kernels/server.py" in line}
        # a fork has the command line of its server
        forked = sum(_parent(process) in servers for process in family if process.pid in servers)
        if anew + forked >= 2:
            return family
        time.sleep(0.1)
    raise AssertionError("no kernel was started")


def _words(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def _parent(process: psutil.Process) -> int:
    try:
        return process.ppid()
    except psutil.NoSuchProcess:
        return 0


def test_ctrl_c_while_workers_start_is_obeyed_when_they_have(monkeypatch):
    started = []

    class Cluster:
        scheduler_address = "tcp://here"

        def __init__(self, **options):
            signal.raise_signal(signal.SIGINT)
            started.append("whole")

        def __enter__(self):
            return self

        def __exit__(self, *_):
            started.append("ended")

    monkeypatch.setattr("distributed.LocalCluster", Cluster)
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), address_of_workers(None, 2):
        started.append("used")
    assert started == ["whole", "ended"]
    assert signal.getsignal(signal.SIGINT) is before

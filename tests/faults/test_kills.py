"""The command line killed at a random moment, kernels running: a restart gives what no kill would give."""

import importlib.util
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from digital_clusters.files import is_alive
from digital_clusters.pipeline.kernels import process as kernel_process
from digital_clusters.pipeline.kernels import server as kernel_server

pytestmark = pytest.mark.slow

KIND = "A sweep or a build is killed at a random moment"
TESTS = Path(__file__).parents[1]
PATIENCE = 60
"""Seconds a busy machine may need to end a kernel whose parent is gone."""

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)


def toy(folder):
    spec = importlib.util.spec_from_file_location("toy", TESTS / "pipeline" / "conftest.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    project = module.Project(folder)
    project.write("sweeps/s.yml", "notebook: study/first\ngrid: {folds: [5, 6, 7]}\n")
    return project


def table(project):
    found = pd.read_parquet(project.root / "_build/sweeps/s/estimates.parquet")
    return found.drop(columns=["seconds", "run_seconds"]).astype(str).to_dict("records")


def kernels_below(folder):
    """Kernels, and servers that fork them, that work in a folder, whoever their parent is by now."""
    listed = subprocess.run(["ps", "-eww", "-o", "pid=,args="], capture_output=True, text=True, check=True)
    programs = (kernel_process.__file__, kernel_server.__file__)
    lines = [line for line in listed.stdout.splitlines() if any(program in line for program in programs)]
    numbers = [int(line.split(None, 1)[0]) for line in lines]
    return [number for number in numbers if works_in(number) == str(folder.resolve())]


def works_in(number):
    """The folder a process works in; None once it has ended, which may be since it was listed."""
    try:
        return os.readlink(f"/proc/{number}/cwd")
    except (FileNotFoundError, ProcessLookupError):
        return None


def killed_at(project, seconds, number):
    command = [sys.executable, "-m", "digital_clusters.cli", "sweep", "sweeps/s.yml", "--jobs", "2"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    process = subprocess.Popen(command, cwd=project.root, env=project.environment, text=True, **quiet)
    try:
        _, told = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(number)
        _, told = process.communicate(timeout=PATIENCE)
    return told


def wait_until_ended(kernels):
    deadline = time.monotonic() + PATIENCE
    while any(is_alive(kernel) for kernel in kernels):
        assert time.monotonic() < deadline, f"kernels {kernels} outlive the command"
        time.sleep(0.1)


def test_a_restart_gives_the_same_table(tmp_path, record_property, tries):
    whole = toy(tmp_path / "whole")
    began = time.monotonic()
    assert whole.command("sweep", "sweeps/s.yml").returncode == 0
    takes, expected, moments = time.monotonic() - began, table(whole), random.Random(0)
    for number in range(tries(1, 113)):
        project = toy(tmp_path / str(number))
        told = killed_at(project, moments.uniform(0.1, 1) * takes, SIGNALS[number % len(SIGNALS)])
        wait_until_ended(kernels_below(project.root))
        assert "Traceback" not in told
        again = project.command("sweep", "sweeps/s.yml")
        assert again.returncode == 0, again.stderr
        assert table(project) == expected
        assert project.leftovers() == []
        states = json.loads((project.root / "_build/sweeps/s/points.json").read_text())
        assert {point["state"] for point in states.values()} == {"done"}
        record_property("tried", 1)

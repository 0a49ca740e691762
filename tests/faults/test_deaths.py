"""A build or a sweep killed, or refused, at an operation on files: nothing mixed, a restart ends the same."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

KIND = "A build or a sweep dies at an operation on files, or the disk is full or read-only from there on"
LONG = "DIGITAL_CLUSTERS_LONG_CAMPAIGN"
SOURCE = Path(__file__).parents[2] / "src"
COARSE = 13
LEAST = 3
"""Operations that even a coarse step meets."""


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["death", "full", "read-only"])
@pytest.mark.parametrize("scenario", ["first", "again", "sweep"])
def test_it_may_fail_at_any_operation(tmp_path, record_property, scenario, fault):
    """Every operation in the whole long campaign, every 13th in the short one."""
    share = float(os.environ.get(LONG) or 0)
    step = str(min(round(1 / share), COARSE) if share else COARSE)
    command = [sys.executable, str(Path(__file__).with_name("deaths.py")), str(tmp_path), scenario, fault]
    done = subprocess.run(
        [*command, step], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(SOURCE)}
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    record_property("tried", told["tried"])
    record_property("lost", len(told["lost"]))
    assert told["lost"] == []
    assert told["tried"] >= LEAST

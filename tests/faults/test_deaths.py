"""A build killed at its operations on files: nothing published is mixed or lost, a restart ends the same."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

LONG = "DIGITAL_CLUSTERS_LONG_CAMPAIGN"
SOURCE = Path(__file__).parents[2] / "src"


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["first", "again"])
def test_a_build_may_die_at_any_operation(tmp_path, scenario):
    """Every operation in the long campaign, every seventh otherwise."""
    step = "1" if os.environ.get(LONG) else "7"
    command = [sys.executable, str(Path(__file__).with_name("deaths.py")), str(tmp_path), scenario, step]
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(SOURCE)}
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    print(f"\n{scenario} build: {told['tried']} deaths tried, {len(told['lost'])} lost")
    assert told["lost"] == []
    assert told["tried"] >= 10

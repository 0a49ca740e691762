"""Two commands on one project at the same time, locks, and what the dead leave."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from digital_clusters.errors import BuildError, FileError
from digital_clusters.files import MACHINE, draft_prefix, sweep_drafts
from digital_clusters.pipeline.lock import held

KIND = "Two builds at once, locks and drafts of the dead"
SOURCE = Path(__file__).parents[2] / "src"
HOLD = """
import sys, time
from pathlib import Path
from digital_clusters.pipeline.lock import held
with held(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock of ``tmp_path``."""
    settings = {**os.environ, "PYTHONPATH": str(SOURCE)}
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=settings)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_build_is_told_who_builds(tmp_path, holder):
    with (
        pytest.raises(BuildError, match=f"another build .*process {holder.pid} on .*since .*UTC"),
        held(tmp_path),
    ):
        pytest.fail("two hold it")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_lock_of_a_dead_process_is_free(tmp_path, holder, number):
    holder.send_signal(number)
    holder.wait()
    with held(tmp_path):
        assert str(os.getpid()) in (tmp_path / "lock.json").read_text()


def test_it_is_free_after_an_error_too(tmp_path):
    with pytest.raises(ValueError), held(tmp_path):
        raise ValueError
    with held(tmp_path), pytest.raises(BuildError), held(tmp_path):
        pytest.fail("two hold it")


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FileError, match="cannot write to"), held(tmp_path / "file"):
        pytest.fail("the block must not be entered")


def test_drafts_of_dead_processes_are_swept_and_no_others(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    here, gone = draft_prefix(), draft_prefix(dead.pid)
    elsewhere = gone.replace(MACHINE, "00000000")
    for prefix in (here, gone, elsewhere):
        (tmp_path / "cache" / f"{prefix}a").mkdir(parents=True)
        (tmp_path / "cache" / f"{prefix}a" / "page").write_text("half")
        (tmp_path / f"{prefix}file").write_text("half")
    sweep_drafts(tmp_path)
    left = {path.name for path in tmp_path.rglob(".draft-*")}
    assert left == {f"{here}a", f"{here}file", f"{elsewhere}a", f"{elsewhere}file"}


def test_the_text_of_the_lock_is_for_people_only(tmp_path):
    (tmp_path / "lock.json").write_text('{"pid": 1, "host": "x", "since": "ever"}')
    started = time.monotonic()
    with held(tmp_path):
        pass
    assert time.monotonic() - started < 30


@pytest.mark.slow
@pytest.mark.parametrize("pair", ["build+build", "build+sweep", "sweep+sweep"])
def test_two_at_once_end_well_or_one_says_why_not(tmp_path, record_property, tries, pair):
    times = str(tries(3, 19))
    script = str(Path(__file__).with_name("together.py"))
    done = subprocess.run(
        [sys.executable, script, str(tmp_path), pair, times],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    record_property("tried", told["tried"])
    record_property("lost", len(told["lost"]))
    assert told["lost"] == [], done.stderr
    assert "Traceback" not in done.stderr

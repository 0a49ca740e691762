"""One build at a time: a lock that says who holds it.

The lock is the operating system's and ends with its process, however that ends; the text in the file is for
people.
"""

import fcntl
import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from digital_clusters.errors import BuildError, FileError

LOCK = "lock.json"


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder of builds.

    Raises
    ------
    BuildError
        If another process holds it: which one, on which machine, since when, and what to do.
    FileError
        If the folder cannot be written, or its file system has no locks.
    """
    path = folder / LOCK
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stream = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise FileError(f"cannot write to {path}: {error.strerror}") from None
    with stream:
        _take(stream, path)
        _say(stream, {"pid": os.getpid(), "host": platform.node(), "since": f"{datetime.now(UTC):%F %T} UTC"})
        try:
            yield
        finally:
            _say(stream, {})


def holder_of(folder: Path) -> str | None:
    """Who holds the lock of a folder of builds, in words; ``None`` where nobody does, or nobody can tell."""
    try:
        stream = (folder / LOCK).open(encoding="utf-8")
    except OSError:
        return None
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _holder(folder / LOCK).strip(" ()") or "a process that does not say who it is"
        except OSError:
            return None
    return None


def _take(stream: TextIO, path: Path) -> None:
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BuildError(
            f"another build writes to {path.parent}{_holder(path)}; "
            f"wait until it ends, or end it, and start again"
        ) from None
    except OSError as error:
        raise FileError(f"{path} cannot be locked: {error.strerror}; build on another file system") from None


def _say(stream: TextIO, holder: dict[str, object]) -> None:
    stream.seek(0)
    stream.truncate()
    json.dump(holder, stream)
    stream.flush()


def _holder(path: Path) -> str:
    """Who holds it; nothing where the text is being written just now."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return f" (process {told['pid']} on {told['host']}, since {told['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""

"""The download of one public file: a part at a time, within a deadline, and by one process only."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from digital_clusters.errors import FileError
from digital_clusters.paths import MIRROR_VARIABLE
from digital_clusters.sources.listed_file import UpstreamFile, sha256

CHUNK = 1 << 14

LARGEST = 500_000_000
"""Bytes of a file whose size nobody has pinned."""

ATTEMPTS = 3

TIMEOUT = 30
"""Seconds without an answer after which a connection counts as lost."""

SLOWEST = 10_000
"""Bytes a second; a host that stays below this for the whole of a file is given up."""

GRACE_SECONDS = 60
"""Seconds of one file's download beside those that its size needs at the slowest rate."""

STALE_SECONDS = 120
"""Age after which the lock of a download counts as left behind; its owner touches it with each chunk."""

GONE = (401, 403, 404, 410, 451)
"""Answers that will be the same a second time."""


def retrieve(entry: UpstreamFile, folder: Path, progress: bool) -> Path:
    target = folder / entry.local_name
    lock = target.with_name(f"{target.name}.lock")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _alone(lock):
            if not _is_here(target, entry):
                _Download(target, lock, entry, progress).run()
    except OSError as error:
        raise FileError(f"cannot write {target}: {error.strerror or error}") from None
    return target


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Keep two fetches from writing one file; the second waits, and finds the file there."""
    while not _taken(lock):
        with suppress(FileNotFoundError):
            if time.time() - lock.stat().st_mtime > STALE_SECONDS:
                lock.unlink()
        time.sleep(0.05)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def _taken(lock: Path) -> bool:
    try:
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except FileExistsError:
        return False
    return True


def _is_here(path: Path, entry: UpstreamFile) -> bool:
    """Whether a file need not be fetched; without a checksum, that it is there."""
    return path.is_file() and entry.sha256 in (None, sha256(path))


def _of(entry: UpstreamFile) -> str:
    return "" if entry.bytes is None else f"of {entry.bytes:,} "


@dataclass(frozen=True)
class _Download:
    """One file, by way of a ``.part`` file from which the next try goes on."""

    target: Path
    lock: Path
    entry: UpstreamFile
    progress: bool

    @property
    def part(self) -> Path:
        return self.target.with_name(f"{self.target.name}.part")

    def run(self) -> None:
        import requests
        from urllib3.exceptions import HTTPError

        seconds = GRACE_SECONDS + self._most / SLOWEST
        deadline = time.monotonic() + seconds
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._go_on(deadline)
                break
            except (requests.RequestException, HTTPError) as error:
                # a redirection whose own body is not what it says ends in an error of the layer below
                if time.monotonic() >= deadline:
                    raise FileError(self._too_slow(seconds)) from None
                if attempt == ATTEMPTS:
                    raise FileError(self._broke_off(error)) from None
        self._finish()

    def _finish(self) -> None:
        """Put the file in its place, if it is the one that is listed."""
        pinned = self.entry.sha256
        if pinned and (self._have() != self.entry.bytes or sha256(self.part) != pinned):
            self.part.unlink()
            raise FileError(
                f"{self.entry.url} does not have the checksum of data/upstream.yml: expected sha256 "
                f"{pinned[:12]}… and {self.entry.bytes:,} bytes. The download was discarded; try "
                "again, and if that does not help the file was changed at its source."
            )
        os.replace(self.part, self.target)

    def _go_on(self, deadline: float) -> None:
        import requests

        start, size = self._have(), self.entry.bytes
        if start and (size is None or start > size):
            # without a size nothing tells a whole file from a part
            self.part.unlink()
            start = 0
        if start == size:
            return
        # as it is: a compressed answer would be counted in other bytes than the file's
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
        patience = max(0.1, min(TIMEOUT, deadline - time.monotonic()))
        with requests.get(self.entry.url, headers=headers, stream=True, timeout=patience) as answer:
            self._check_status(answer.status_code)
            # a server that does not know ranges answers 200 and sends everything
            start = start if answer.status_code == requests.codes.partial_content else 0
            self._write(answer, start, deadline)
        if self._have() < (self.entry.bytes or 1):
            raise requests.ConnectionError("the answer ended early")

    def _write(self, answer: Any, start: int, deadline: float) -> None:
        from tqdm import tqdm

        shown = {"unit": "B", "unit_scale": True, "desc": self.entry.key, "disable": not self.progress}
        bar = tqdm(total=self.entry.bytes, initial=start, **shown)
        left = self._most - start
        with self.part.open("ab" if start else "wb") as file, bar:
            for chunk in _chunks(answer, deadline):
                if len(chunk) > left:
                    self.part.unlink()
                    raise FileError(
                        f"{self.entry.url} sends more than the {self._most:,} bytes that data/upstream.yml "
                        "allows, so it is not the file that is listed: nothing was kept"
                    )
                file.write(chunk)
                left -= len(chunk)
                bar.update(len(chunk))
                os.utime(self.lock)

    def _check_status(self, status: int) -> None:
        import requests

        if status in GONE:
            raise FileError(
                f"{self.entry.url} is not there (HTTP {status}): it was moved or removed at its source, or "
                f"data/upstream.yml names it wrongly. A mirror folder ({MIRROR_VARIABLE}) works without it."
            )
        if status == requests.codes.requested_range_not_satisfiable:
            self.part.unlink(missing_ok=True)
        if status >= requests.codes.bad_request:
            raise requests.HTTPError(f"HTTP {status}")

    @property
    def _most(self) -> int:
        """Bytes that are taken at the most."""
        return LARGEST if self.entry.bytes is None else self.entry.bytes

    def _have(self) -> int:
        return self.part.stat().st_size if self.part.is_file() else 0

    def _broke_off(self, error: Exception) -> str:
        said = str(error) if str(error).startswith("HTTP ") else type(error).__name__
        return (
            f"download of {self.entry.url} broke off after {self._have():,} {_of(self.entry)}bytes "
            f"({said}). Run `digital-clusters data fetch` again: it goes on from there."
        )

    def _too_slow(self, seconds: float) -> str:
        return (
            f"{self.entry.url} is too slow: {self._have():,} {_of(self.entry)}bytes in "
            f"{seconds:.0f} seconds. Run `digital-clusters data fetch` again: it goes on from there."
        )


def _chunks(answer: Any, deadline: float) -> Iterator[bytes]:
    """What has arrived, as it arrives: waiting for a full chunk would let a slow host pass the deadline."""
    import requests
    from urllib3.exceptions import HTTPError

    while time.monotonic() < deadline:
        try:
            chunk = answer.raw.read1(CHUNK)
        except (HTTPError, OSError) as error:
            raise requests.ConnectionError(str(error)) from None
        if not chunk:
            return
        yield chunk
    raise requests.Timeout("the deadline of the file has passed")

"""The public files: fetched once into the user's cache, or read in place from a mirror folder."""

import hashlib
import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd
import yaml

from digital_clusters.errors import FileError
from digital_clusters.paths import MIRROR_VARIABLE, data_folder

HOST = "https://raw.githubusercontent.com"
CHUNK = 1 << 14
LARGEST = 500_000_000
"""Bytes of a file whose size nobody has pinned."""
ATTEMPTS = 3
ABSENT = "not here (optional)"
UNPINNED = "no checksum: its values are checked when it is read"
FAULTS = ("missing", "wrong checksum")
"""States of a file in which public data cannot be read."""

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


@dataclass(frozen=True)
class UpstreamFile:
    """One entry of ``data/upstream.yml``: where a public file is, its checksum and what it holds.

    ``bytes`` and ``sha256`` are ``None`` where nobody has pinned them; ``values_sha256`` is then the checksum
    of the numbers, for its reader to check. A file that is ``optional`` may be absent: its columns are then
    missing. One that is not ``hosted`` is an extract that only a mirror folder can have.
    """

    key: str
    repository: str
    commit: str
    path: str
    bytes: int | None
    sha256: str | None
    licence: str
    measures: str
    coverage: str
    citation: str
    tables: list[str] = field(default_factory=list)
    studies: list[str] = field(default_factory=list)
    values_sha256: str | None = None
    optional: bool = False
    hosted: bool = True

    def __post_init__(self):
        # a checksum means the same in capitals
        object.__setattr__(self, "sha256", self.sha256 and self.sha256.strip().lower())

    @property
    def url(self) -> str:
        """Address of the file at the pinned commit."""
        return f"{HOST}/{self.repository}/{self.commit}/{quote(self.path)}"

    @property
    def local_name(self) -> str:
        """Path below a mirror folder or the cache: ``<owner>__<repository>/<path>``."""
        return f"{self.repository.replace('/', '__')}/{self.path}"


@cache
def upstream_files() -> dict[str, UpstreamFile]:
    """Key → entry of ``data/upstream.yml``."""
    entries = yaml.safe_load((data_folder() / "upstream.yml").read_text(encoding="utf-8"))
    return {key: UpstreamFile(key, **entry) for key, entry in entries.items()}


def cache_folder() -> Path:
    """The user's cache folder for downloaded files."""
    import pooch

    return Path(pooch.os_cache("digital-clusters"))


def mirror_folder(mirror: Path | None = None) -> Path | None:
    """``mirror``, or the folder that ``DIGITAL_CLUSTERS_MIRROR`` names, or ``None``.

    Raises
    ------
    FileError
        If the folder does not exist.
    """
    named = mirror or os.environ.get(MIRROR_VARIABLE)
    if not named:
        return None
    if not Path(named).is_dir():
        raise FileError(f"mirror folder {named} does not exist: correct --mirror or {MIRROR_VARIABLE}")
    return Path(named)


def locate(
    files: Iterable[str] | None = None, *, mirror: Path | None = None, cache: Path | None = None
) -> dict[str, Path]:
    """Paths of files that are already here, each checked against its checksum; nothing is downloaded.

    An optional file that is not here is left out.

    Parameters
    ----------
    files : iterable of str, optional
        Keys of ``data/upstream.yml``; all by default.
    mirror, cache : Path, optional
        Folders to look in: the mirror if there is one, else the cache.

    Raises
    ------
    FileError
        For the first file that is missing, truncated or changed.
    """
    folder = mirror_folder(mirror)
    advice = "Mend the mirror, or leave it out and run `digital-clusters data fetch`."
    if folder is None:
        folder, advice = cache or cache_folder(), "Run `digital-clusters data fetch`."
    paths = {
        entry.key: folder / entry.local_name
        for entry in _entries(files)
        if not entry.optional or (folder / entry.local_name).is_file()
    }
    for key, path in paths.items():
        _verify(path, upstream_files()[key], advice)
    return paths


def fetch(
    files: Iterable[str] | None = None,
    *,
    mirror: Path | None = None,
    cache: Path | None = None,
    progress: bool = True,
) -> dict[str, Path]:
    """Paths of the public files, downloaded where they are not here yet.

    With a mirror folder the files are read in place and nothing is downloaded. An interrupted
    download leaves a ``.part`` file, from which the next one goes on.

    Parameters
    ----------
    files : iterable of str, optional
        Keys of ``data/upstream.yml``; all by default.
    mirror : Path, optional
        Mirror folder; by default the one that ``DIGITAL_CLUSTERS_MIRROR`` names.
    cache : Path, optional
        Folder for downloads; by default the user's cache folder.
    progress : bool
        Show a progress bar for each download.

    Raises
    ------
    FileError
        If the cache cannot be written, the host refuses, is too slow or breaks off, or a file does not
        have the size and checksum of ``data/upstream.yml``. Nothing beyond that size is read.
    """
    if mirror_folder(mirror) is not None:
        return locate(files, mirror=mirror)
    folder = cache or cache_folder()
    _make_writable(folder)
    return {entry.key: _retrieve(entry, folder, progress) for entry in _entries(files) if entry.hosted}


def check(*, mirror: Path | None = None, cache: Path | None = None) -> pd.DataFrame:
    """State of every public file: columns key, file, state, bytes, found_bytes.

    ``state`` is ``ok``, ``missing`` or ``wrong checksum``; for an optional file also :data:`ABSENT`, and
    :data:`UNPINNED` where only its reader can check it.
    """
    folder = mirror_folder(mirror) or cache or cache_folder()
    rows = []
    for entry in upstream_files().values():
        path = folder / entry.local_name
        state, found = ABSENT if entry.optional else "missing", None
        if path.is_file():
            found = path.stat().st_size
            state = _state(path, entry)
        rows.append((entry.key, entry.local_name, state, entry.bytes, found))
    frame = pd.DataFrame(rows, columns=["key", "file", "state", "bytes", "found_bytes"])
    return frame.astype({"bytes": "Int64", "found_bytes": "Int64"})


def _state(path: Path, entry: UpstreamFile) -> str:
    if entry.sha256 is None:
        return UNPINNED
    return "ok" if sha256(path) == entry.sha256 else "wrong checksum"


def sha256(path: Path) -> str:
    """Checksum of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _entries(files: Iterable[str] | None) -> list[UpstreamFile]:
    known = upstream_files()
    wanted = list(known) if files is None else list(files)
    unknown = [key for key in wanted if key not in known]
    if unknown:
        raise FileError(f"no public file '{unknown[0]}'; the files are: {', '.join(known)}")
    return [known[key] for key in wanted]


def _verify(path: Path, entry: UpstreamFile, advice: str) -> None:
    if not path.is_file():
        raise FileError(f"{path} is missing (public file '{entry.key}'). {advice}")
    if entry.sha256 is None:
        return
    size = path.stat().st_size
    if size != entry.bytes:
        what = "truncated" if size < entry.bytes else "longer than it should be"
        raise FileError(f"{path} is {what}: {size:,} bytes, expected {entry.bytes:,}. {advice}")
    found = sha256(path)
    if found != entry.sha256:
        raise FileError(
            f"{path} has changed: sha256 {found[:12]}…, expected {entry.sha256[:12]}… "
            f"({size:,} bytes). {advice}"
        )


def _make_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # a name of its own: another fetch at the same moment has another
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise FileError(
            f"cannot write to the cache folder {folder}: {error.strerror}. Mend its permissions, or use "
            f"a mirror folder (--mirror or {MIRROR_VARIABLE})."
        ) from None


def _retrieve(entry: UpstreamFile, folder: Path, progress: bool) -> Path:
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

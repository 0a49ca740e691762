"""The public files: fetched once into the user's cache, or read in place from a mirror folder."""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import quote

import pandas as pd
import yaml

from digital_clusters.errors import FileError
from digital_clusters.paths import MIRROR_VARIABLE, data_folder

HOST = "https://raw.githubusercontent.com"
CHUNK = 1 << 14
ATTEMPTS = 3
TIMEOUT = 30
"""Seconds without an answer after which a connection counts as lost."""


@dataclass(frozen=True)
class UpstreamFile:
    """One entry of ``data/upstream.yml``: where a public file is, its checksum and what it holds."""

    key: str
    repository: str
    commit: str
    path: str
    bytes: int
    sha256: str
    licence: str
    measures: str
    coverage: str
    citation: str
    tables: list[str] = field(default_factory=list)
    studies: list[str] = field(default_factory=list)

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
    paths = {entry.key: folder / entry.local_name for entry in _entries(files)}
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
        If the cache cannot be written, a download breaks off, or a file does not have the size and
        checksum of ``data/upstream.yml``.
    """
    if mirror_folder(mirror) is not None:
        return locate(files, mirror=mirror)
    folder = cache or cache_folder()
    _make_writable(folder)
    return {entry.key: _retrieve(entry, folder, progress) for entry in _entries(files)}


def check(*, mirror: Path | None = None, cache: Path | None = None) -> pd.DataFrame:
    """State of every public file: columns key, file, state, bytes, found_bytes.

    ``state`` is ``ok``, ``missing`` or ``wrong checksum``.
    """
    folder = mirror_folder(mirror) or cache or cache_folder()
    rows = []
    for entry in upstream_files().values():
        path = folder / entry.local_name
        state, found = "missing", None
        if path.is_file():
            found = path.stat().st_size
            state = "ok" if sha256(path) == entry.sha256 else "wrong checksum"
        rows.append((entry.key, entry.local_name, state, entry.bytes, found))
    frame = pd.DataFrame(rows, columns=["key", "file", "state", "bytes", "found_bytes"])
    return frame.astype({"found_bytes": "Int64"})


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
    probe = folder / ".writable"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise FileError(
            f"cannot write to the cache folder {folder}: {error.strerror}. Mend its permissions, or use "
            f"a mirror folder (--mirror or {MIRROR_VARIABLE})."
        ) from None


def _retrieve(entry: UpstreamFile, folder: Path, progress: bool) -> Path:
    import pooch
    import requests

    # pooch logs each download; the progress bar and the errors say all a reader needs.
    pooch.get_logger().setLevel("WARNING")
    store = pooch.create(
        folder, "", registry={entry.local_name: f"sha256:{entry.sha256}"}, urls={entry.local_name: entry.url}
    )
    part = folder / (entry.local_name + ".part")
    try:
        return Path(store.fetch(entry.local_name, downloader=_Resuming(part, entry, progress)))
    except ValueError:
        raise FileError(
            f"{entry.url} does not have the checksum of data/upstream.yml: expected sha256 "
            f"{entry.sha256[:12]}… and {entry.bytes:,} bytes. The download was discarded; try again, and "
            "if that does not help the file was changed at its source."
        ) from None
    except requests.RequestException as error:
        have = part.stat().st_size if part.is_file() else 0
        raise FileError(
            f"download of {entry.url} broke off after {have:,} of {entry.bytes:,} bytes "
            f"({type(error).__name__}). Run `digital-clusters data fetch` again: it goes on from there."
        ) from None
    except OSError as error:
        raise FileError(f"cannot write {folder / entry.local_name}: {error.strerror}") from None


@dataclass(frozen=True)
class _Resuming:
    """A pooch downloader that goes on from a ``.part`` file."""

    part: Path
    entry: UpstreamFile
    progress: bool

    def __call__(self, url: str, output_file: str, store: object) -> None:
        import requests

        self.part.parent.mkdir(parents=True, exist_ok=True)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._go_on(url)
                break
            except requests.RequestException:
                if attempt == ATTEMPTS:
                    raise
        os.replace(self.part, output_file)

    def _go_on(self, url: str) -> None:
        import requests
        from tqdm import tqdm

        start = self.part.stat().st_size if self.part.is_file() else 0
        if start > self.entry.bytes:
            self.part.unlink()
            start = 0
        if start == self.entry.bytes:
            return
        headers = {"Range": f"bytes={start}-"} if start else {}
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
            answer.raise_for_status()
            # A server that does not know ranges answers 200 and sends everything.
            start = start if answer.status_code == requests.codes.partial_content else 0
            bar = tqdm(
                total=self.entry.bytes,
                initial=start,
                unit="B",
                unit_scale=True,
                desc=self.entry.key,
                disable=not self.progress,
            )
            with self.part.open("ab" if start else "wb") as file, bar:
                for chunk in answer.iter_content(CHUNK):
                    file.write(chunk)
                    bar.update(len(chunk))

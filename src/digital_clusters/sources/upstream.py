"""The public files: fetched once into the user's cache, or read in place from a mirror folder."""

import os
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pandas as pd

from digital_clusters.errors import FileError
from digital_clusters.paths import MIRROR_VARIABLE, data_folder
from digital_clusters.sources.download import retrieve
from digital_clusters.sources.listed_file import UpstreamFile, sha256
from digital_clusters.yaml_files import plain_values

ABSENT = "not here (optional)"

UNPINNED = "no checksum: its values are checked when it is read"

FAULTS = ("missing", "wrong checksum")
"""States of a file in which public data cannot be read."""


@cache
def upstream_files() -> dict[str, UpstreamFile]:
    """Key → entry of ``data/upstream.yml``."""
    entries = plain_values(data_folder() / "upstream.yml")
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
    return {entry.key: retrieve(entry, folder, progress) for entry in _entries(files) if entry.hosted}


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

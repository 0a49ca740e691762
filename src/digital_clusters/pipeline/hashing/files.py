"""Hashes of files and folders, and the files of names and values that hold them."""

import hashlib
import json
import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from digital_clusters.pipeline.kernels.files import is_visible


def file_hash(path: Path) -> str:
    """sha256 of a file's content."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def content(path: Path) -> str | None:
    """Hash of a file; ``None`` where there is none, for a page may look for a file in vain."""
    try:
        return file_hash(path) if path.is_file() else None
    except OSError:
        return None


def folder_hashes(folder: Path, left_out: Collection[str] = ()) -> dict[str, str]:
    """Path below a folder → hash of every file in it, but for files whose name is left out."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in left_out)
    return {path.relative_to(folder).as_posix(): file_hash(path) for path in files}


def tree_hash(folder: Path) -> str:
    """sha256 over the names and contents of all files of a folder."""
    return digest_of(folder_hashes(folder))


def digest_of(record: Any) -> str:
    """sha256 over plain values, whatever the order of their names."""
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def disk_state(path: Path) -> tuple[int, ...]:
    """What changes when a file is saved, also if its content and its time are put back after."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_size


def visible_files(folder: Path) -> Iterator[Path]:
    """Files below ``folder``, through links to folders too, but for hidden and generated ones."""
    visited = set()
    for place, folders, names in os.walk(folder, followlinks=True):
        here = os.path.realpath(place)
        if here in visited:
            folders.clear()
            continue
        visited.add(here)
        folders[:] = [name for name in folders if is_visible(name)]
        yield from (file for name in names if is_visible(name) and (file := Path(place, name)).is_file())


def read_entry_file(path: Path) -> dict[str, Any]:
    """A JSON file of names and values; empty where it cannot be read as one, whatever stands there."""
    # a pipe of that name would be waited for
    if not path.is_file():
        return {}
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}

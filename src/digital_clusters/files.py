"""Files and folders that appear whole or not at all."""

import os
import shutil
import tempfile
from pathlib import Path

from digital_clusters.errors import FileError


def write_text(path: Path, text: str) -> None:
    """Write under a temporary name in the same folder, then rename.

    Raises
    ------
    FileError
        If the folder or the file cannot be written.
    """
    try:
        _write_text(path, text)
    except OSError as error:
        raise FileError(f"{path} cannot be written: {error.strerror}") from None


def _write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        os.chmod(draft, 0o644)
        os.replace(draft, path)
    finally:
        Path(draft).unlink(missing_ok=True)


def copy(source: Path, target: Path) -> None:
    """Copy a file under a temporary name, then rename."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}-{os.getpid()}")
    try:
        shutil.copyfile(source, draft)
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)


def replace_folder(draft: Path, place: Path) -> None:
    """Put ``draft`` in the place of ``place``; if that fails, ``place`` is as it was."""
    old = place.with_name(f".{place.name}-old-{os.getpid()}")
    place.parent.mkdir(parents=True, exist_ok=True)
    had = place.exists()
    if had:
        os.rename(place, old)
    try:
        os.rename(draft, place)
    except OSError:
        if had:
            os.rename(old, place)
        raise
    shutil.rmtree(old, ignore_errors=True)

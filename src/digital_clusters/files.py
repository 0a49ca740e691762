"""Files and folders that appear whole or not at all.

Everything is made under a draft's name, ``.draft-<process>-<machine>-…``, and renamed. A draft whose
process is dead belongs to nobody: :func:`sweep_drafts` removes it.
"""

import os
import platform
import re
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from digital_clusters.errors import FileError

DRAFT = re.compile(r"\.draft-(\d+)-([0-9a-f]{8})-")
MACHINE = f"{zlib.crc32(platform.node().encode()):08x}"
"""Process numbers mean something on one machine only, and folders are shared between machines."""


def draft_prefix(owner: int | None = None) -> str:
    """How the names of the drafts of a process begin; by default of this one."""
    return f".draft-{owner or os.getpid()}-{MACHINE}-"


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
    _make_folder(path.parent)
    handle, draft = tempfile.mkstemp(prefix=draft_prefix(), dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        os.chmod(draft, 0o644)
        os.replace(draft, path)
    finally:
        Path(draft).unlink(missing_ok=True)


def copy(source: Path, target: Path) -> None:
    """Copy a file under a temporary name, then rename."""
    _make_folder(target.parent)
    draft = target.with_name(f"{draft_prefix()}{target.name}")
    try:
        shutil.copyfile(source, draft)
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)


def replace_folder(draft: Path, place: Path) -> None:
    """Put ``draft`` in the place of ``place``; if that fails, ``place`` is as it was."""
    old = place.with_name(f"{draft_prefix()}{place.name}-old")
    place.parent.mkdir(parents=True, exist_ok=True)
    had = os.path.lexists(place)
    if had:
        os.rename(place, old)
    try:
        os.rename(draft, place)
    except OSError:
        if had:
            os.rename(old, place)
        raise
    remove(old)


def replace_link(place: Path, target: str) -> None:
    """Make ``place`` a symbolic link to ``target``, in one step where ``place`` is a link or a file."""
    draft = place.with_name(f"{draft_prefix()}{place.name}")
    draft.unlink(missing_ok=True)
    os.symlink(target, draft)
    if place.is_dir() and not place.is_symlink():
        replace_folder(draft, place)
    else:
        os.replace(draft, place)


def remove(path: Path) -> None:
    """Remove a file, a link or a whole folder; what is not there, or not ours to remove, is left."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def sweep_drafts(folder: Path) -> None:
    """Remove the drafts below ``folder`` whose process on this machine is dead."""
    for draft in stale_drafts(folder):
        remove(draft)


def stale_drafts(folder: Path) -> Iterator[Path]:
    """The drafts below ``folder`` whose process on this machine is dead."""
    for draft in _drafts(folder):
        process, machine = DRAFT.match(draft.name).groups()
        if machine == MACHINE and not is_alive(int(process)):
            yield draft


def is_alive(process: int) -> bool:
    """Whether a process of that number runs on this machine."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _make_folder(folder: Path) -> None:
    """A link that leads nowhere is no folder, and would not let one be made."""
    if folder.is_symlink() and not folder.exists():
        folder.unlink()
    folder.mkdir(parents=True, exist_ok=True)


def _drafts(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        found = [name for name in (*folders, *names) if DRAFT.match(name)]
        folders[:] = [name for name in folders if name not in found]
        yield from (Path(place, name) for name in found)

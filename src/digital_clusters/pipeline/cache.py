"""Executed pages kept by a key over everything that can change them.

The key covers the notebook's text, the project modules it can import, the parameters, the lock file, the
installed packages, Python and the machine. Beside the key an entry holds what the page found in the project
while it ran: the content of the files that it read, the names in the folders that it listed, and whether
files were there that it looked for. A page is used again only if its key agrees, all of this is as it was,
and no file of the entry was touched since.

What was executed is what the key says: a page is not kept if anything of the key was saved while it ran,
also where the edit was undone.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from digital_clusters.errors import FileError, NotebookError
from digital_clusters.files import draft_prefix, remove, sweep_drafts, write_text
from digital_clusters.pipeline import dependencies
from digital_clusters.pipeline.hashing.files import (
    digest_of,
    disk_state,
    file_hash,
    folder_hashes,
    read_entry_file,
    visible_files,
)
from digital_clusters.pipeline.hashing.reads import all_listings, hashes_of_reads, still_read
from digital_clusters.pipeline.hashing.sources import SourceTree
from digital_clusters.pipeline.kernels import environment
from digital_clusters.pipeline.notebooks import Page
from digital_clusters.sources import FOLDER_PREFIX

PAGE = "page.ipynb"
RESULTS = "results"
INDEX = "entry.json"
PINNED = ".pinned"
"""Folder of a store: which entries of a page are kept whatever else is run."""

TEXT_SUFFIXES = {".bib", ".csv", ".json", ".md", ".txt", ".tsv", ".yaml", ".yml"}
"""Data in other files may be opened by a library that Python does not see."""

TYPES_ONLY = {".pyi", ".typed"}
"""Files among the modules that nothing reads while it runs."""

EXECUTOR = (
    "execute.py",
    "environment.py",
    "files.py",
    "process.py",
    "cells.py",
    "forked.py",
    "server.py",
)
"""Modules of ``kernels`` that say how a page is run."""


class Key(str):
    """sha256 over all that can change a page, and what it was taken of.

    Attributes
    ----------
    root : pathlib.Path
        The project.
    seen : mapping
        File relative to the project → its state on the disk just before it was read.
    taken : int
        When the key was taken, in nanoseconds since 1970.
    """

    root: Path
    seen: Mapping[str, tuple[int, ...]]
    taken: int

    def __new__(cls, digest: str, root: Path, seen: Mapping[str, tuple[int, ...]], taken: int) -> "Key":
        made = super().__new__(cls, digest)
        made.root, made.seen, made.taken = root, seen, taken
        return made

    def __getnewargs__(self) -> tuple:
        return str(self), self.root, self.seen, self.taken

    def saved_since(self, read: Collection[str]) -> list[str]:
        """Files of the key, and of those that the page read, that were saved since the key was taken."""
        elsewhere = {name for name in read if name not in self.seen}
        code = {name for name in self.seen if not name.startswith("data/")}
        changed = [
            name for name in code.union(read) - elsewhere if disk_state(self.root / name) != self.seen[name]
        ]
        later = [name for name in elsewhere if _changed_at(self.root / name) > self.taken]
        return sorted(changed + later)


@dataclass(frozen=True)
class CacheEntry:
    """One executed page in a store: the notebook, and the results it saved."""

    folder: Path

    @property
    def page(self) -> Path:
        """The executed notebook."""
        return self.folder / PAGE

    @property
    def read(self) -> dict[str, str | None]:
        """What the page read and found out about files of the project, as ``hashing.reads`` writes it."""
        return dict(_index(self.folder).get("read", {}))

    @property
    def results(self) -> list[Path]:
        """The files of estimates that the run wrote."""
        return sorted((self.folder / RESULTS).glob("*.json"))


@dataclass(frozen=True)
class Store:
    """A folder of entries, one a key.

    ``keep`` is the number of entries kept for each page, the latest first; ``None`` keeps all.
    ``owner`` marks the drafts of one process, so that it can clear them away when it is interrupted.
    """

    folder: Path
    keep: int | None = None
    owner: int = field(default_factory=os.getpid)

    def get(self, page: str, key: str) -> CacheEntry | None:
        """The entry of that key, or ``None`` if there is none that is whole and still holds."""
        entry = CacheEntry(self._place(page, key))
        index = _index(entry.folder)
        try:
            whole = index.get("key") == key and index.get("files") == folder_hashes(entry.folder, {INDEX})
        except OSError:
            return None
        return entry if whole and _still_reads(index.get("read", {}), key) else None

    @contextmanager
    def new(self, page: str, key: str) -> Iterator[CacheEntry]:
        """A folder to fill; it becomes the entry of ``key`` when the block ends without an error.

        Raises
        ------
        FileError
            If the folder cannot be written.
        NotebookError
            If a file that the page depends on was saved while the block ran.
        """
        place = self._place(page, key)
        try:
            _make_folder(place.parent)
            draft = Path(tempfile.mkdtemp(prefix=draft_prefix(self.owner), dir=place.parent))
        except OSError as error:
            raise FileError(f"cannot write to {place.parent}: {error.strerror}") from None
        try:
            (draft / RESULTS).mkdir()
            yield CacheEntry(draft)
            _finish(draft, page, key)
            remove(place)
            os.replace(draft, place)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        self._prune(place.parent)

    def pin(self, page: str, name: str, key: str) -> None:
        """Keep the entry of ``key``, whatever else is run, until another one is pinned under ``name``."""
        place = self._place(page, key)
        _make_folder(self.folder / PINNED)
        write_text(self.folder / PINNED / f"{place.parent.name}.{name}", place.name)

    def pinned(self, page: str) -> list[CacheEntry]:
        """The entries of a page that are pinned, under whatever name."""
        folder = self.folder / page.replace("/", ".")
        names = {_text(path) for path in (self.folder / PINNED).glob(f"{folder.name}.*")}
        return [CacheEntry(folder / name) for name in sorted(name for name in names if name)]

    def clear_drafts(self) -> None:
        """Remove what interrupted runs left behind: this process's, and those of dead ones."""
        for draft in self.folder.glob(f"*/{draft_prefix(self.owner)}*"):
            remove(draft)
        sweep_drafts(self.folder)

    def _place(self, page: str, key: str) -> Path:
        return self.folder / page.replace("/", ".") / key[:20]

    def _prune(self, folder: Path) -> None:
        if not self.keep:
            return
        pinned = {_text(path) for path in (self.folder / PINNED).glob(f"{folder.name}.*")}
        entries = [path for path in folder.iterdir() if (path / INDEX).is_file() and path.name not in pinned]
        entries.sort(key=lambda path: (path / INDEX).stat().st_mtime, reverse=True)
        for path in entries[self.keep :]:
            shutil.rmtree(path, ignore_errors=True)


def page_key(page: Page, values: Mapping[str, Any], root: Path, sources: SourceTree | None = None) -> Key:
    """sha256 over all that can change the executed page, but for the data it will read.

    Parameters
    ----------
    page : Page
        A notebook.
    values : mapping
        Its parameters as it will run, defaults included.
    root : pathlib.Path
        The project.
    sources : SourceTree, optional
        The project's files, where the keys of several pages are made at once.
    """
    tree = sources or SourceTree(root)
    own = _own_files(values.get("data"))
    seen = tree.seen | {file: disk_state(file) for file in (page.file, *own)}
    code = [cell.source for cell in page.notebook.cells if cell.cell_type == "code"]
    reached = dependencies.closure(code, tree.source, tree.modules)
    files = reached | tree.hiding | set(tree.settings)
    files |= {file for file in tree.code if file.suffix not in {".py", *TYPES_ONLY}}
    files |= {file for file in tree.data if file.suffix not in TEXT_SUFFIXES}
    tree.forget_racy(files)
    record = {
        "page": page.entry,
        "cells": code,
        "text": file_hash(page.file),
        "parameters": dict(values),
        "installed": environment.installed(),
        "executor": [file_hash(Path(__file__).with_name("kernels") / name) for name in EXECUTOR],
        "files": {_name(file, root): tree.meaning(file) for file in sorted(files)},
    }
    if own:
        record["own"] = {_name(file, root): file_hash(file) for file in own}
    kept = {page.file, *files, *tree.data, *own}
    states = {_name(file, root): state for file, state in seen.items() if file in kept}
    return Key(digest_of(record), root, states, tree.taken)


def _finish(draft: Path, page: str, key: str) -> None:
    """Write the index of a draft, unless what the page depends on moved under it."""
    noted = draft / environment.KERNEL_FOLDER
    read, said = environment.opened_files(noted), environment.said_files(noted)
    facts: dict[str, str | None] = {**environment.facts_of_files(noted)}
    remove(noted)
    index: dict[str, Any] = {"key": key, "files": folder_hashes(draft, {INDEX})}
    if isinstance(key, Key):
        if read is None:
            read = {_name(file, key.root) for file in visible_files(key.root / "data")}
            facts |= all_listings(key.root / "data", key.root)
        index["read"] = facts | hashes_of_reads(read, said, key.root)
        if saved := key.saved_since(read):
            raise NotebookError(
                f"{page}: {', '.join(saved)} was saved while the page ran, so it cannot be told which text "
                f"ran; nothing was kept, run it again"
            )
    (draft / INDEX).write_text(json.dumps(index, indent=1), encoding="utf-8")


def _index(folder: Path) -> dict[str, Any]:
    """What an entry says of itself; empty where that cannot be read, whatever stands there."""
    return read_entry_file(folder / INDEX)


def _still_reads(read: object, key: str) -> bool:
    """Whether the files that a page read are there and say what they said."""
    if not isinstance(read, dict):
        return False
    if not read:
        return True
    return isinstance(key, Key) and still_read(read, key.root)


def _changed_at(path: Path) -> int:
    try:
        return path.stat().st_ctime_ns
    except OSError:
        return 0


def _make_folder(folder: Path) -> None:
    """Make a folder of the cache, also where something else stands under its name."""
    if folder.parent.is_dir() and os.path.lexists(folder) and not folder.is_dir():
        folder.unlink()
    folder.mkdir(parents=True, exist_ok=True)


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _name(file: Path, root: Path) -> str:
    """Path below the project; the whole path of a file that stands elsewhere, as a reader's own do."""
    return (file.relative_to(root) if file.is_relative_to(root) else file).as_posix()


def _own_files(data: object) -> list[Path]:
    """Files of the folder that ``folder:PATH`` names: what a page on own data is made of."""
    if not isinstance(data, str) or not data.startswith(FOLDER_PREFIX):
        return []
    return sorted(visible_files(Path(data.removeprefix(FOLDER_PREFIX))))

"""Executed pages kept by a key over everything that can change them.

The key covers the notebook's text, the project modules it can import, every file of ``data/`` (which
holds the checksums of the public files), the parameters, the lock file and the Python version. A page
is used again only if its key agrees and no file of it was touched since.
"""

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from digital_clusters.errors import FileError
from digital_clusters.pipeline import dependencies
from digital_clusters.pipeline.notebooks import Page

PAGE = "page.ipynb"
RESULTS = "results"
INDEX = "entry.json"


@dataclass(frozen=True)
class Entry:
    """One executed page in a store: the notebook, and the results it saved."""

    folder: Path

    @property
    def page(self) -> Path:
        """The executed notebook."""
        return self.folder / PAGE

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

    def get(self, page: str, key: str) -> Entry | None:
        """The entry of that key, or ``None`` if there is none or any of its files was changed."""
        entry = Entry(self._place(page, key))
        try:
            index = json.loads((entry.folder / INDEX).read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        if index.get("key") != key or index.get("files") != _hashes(entry.folder):
            return None
        return entry

    @contextmanager
    def new(self, page: str, key: str) -> Iterator[Entry]:
        """A folder to fill; it becomes the entry of ``key`` when the block ends without an error."""
        place = self._place(page, key)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            draft = Path(tempfile.mkdtemp(prefix=f".draft-{self.owner}-", dir=place.parent))
        except OSError as error:
            raise FileError(f"cannot write to {place.parent}: {error.strerror}") from None
        try:
            (draft / RESULTS).mkdir()
            yield Entry(draft)
            index = {"key": key, "files": _hashes(draft)}
            (draft / INDEX).write_text(json.dumps(index, indent=1), encoding="utf-8")
            shutil.rmtree(place, ignore_errors=True)
            os.replace(draft, place)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        self._prune(place.parent)

    def clear_drafts(self) -> None:
        """Remove what an interrupted run of this process left behind."""
        for draft in self.folder.glob(f"*/.draft-{self.owner}-*"):
            shutil.rmtree(draft, ignore_errors=True)

    def _place(self, page: str, key: str) -> Path:
        return self.folder / page.replace("/", ".") / key[:20]

    def _prune(self, folder: Path) -> None:
        entries = [path for path in folder.iterdir() if (path / INDEX).is_file()]
        entries.sort(key=lambda path: (path / INDEX).stat().st_mtime, reverse=True)
        for path in entries[self.keep :] if self.keep else ():
            shutil.rmtree(path, ignore_errors=True)


def page_key(page: Page, values: Mapping[str, Any], root: Path) -> str:
    """sha256 over all that can change the executed page.

    Parameters
    ----------
    page : Page
        A notebook.
    values : mapping
        Its parameters as it will run, defaults included.
    root : pathlib.Path
        The project.
    """
    code = [cell.source for cell in page.notebook.cells if cell.cell_type == "code"]
    files = dependencies.closure(code, root / "src") | set(_other_files(root))
    record = {
        "page": page.entry,
        "text": file_hash(page.path),
        "parameters": dict(values),
        "python": sys.version_info[:2],
        "executor": file_hash(Path(__file__).with_name("execute.py")),
        "files": {file.relative_to(root).as_posix(): file_hash(file) for file in sorted(files)},
    }
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def file_hash(path: Path) -> str:
    """sha256 of a file's content."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def tree_hash(folder: Path) -> str:
    """sha256 over the names and contents of all files of a folder."""
    return hashlib.sha256(json.dumps(_hashes(folder), sort_keys=True).encode()).hexdigest()


def _hashes(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != INDEX)
    return {path.relative_to(folder).as_posix(): file_hash(path) for path in files}


def _other_files(root: Path) -> Iterator[Path]:
    """Data, the lock file, and whatever is not Python in ``src/``."""
    for folder in (root / "data", root / "src"):
        for path in folder.rglob("*"):
            relative = path.relative_to(root)
            hidden = any(part.startswith(".") or part == "__pycache__" for part in relative.parts)
            packaging = any(part.endswith(".egg-info") for part in relative.parts)
            module = relative.parts[0] == "src" and path.suffix == ".py"
            if path.is_file() and not (hidden or packaging or module):
                yield path
    if (root / "requirements.lock").is_file():
        yield root / "requirements.lock"

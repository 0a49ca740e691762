"""Published books: pages, results and HTML of one build, put in place together by one switch.

An edition is a folder below ``_build/editions``. ``_build/current`` is a link to the one that counts, and
``_build/html``, ``_build/pages`` and ``_build/results`` are links through it: renaming a new link over
``_build/current`` changes all three at once. Whenever a build ends, what is published is one edition, whole.

An edition says what it was made of. Where all of that is as it was, and every published file is there, a
build would make the same book, and :func:`standing` says so within a second.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from digital_clusters.files import draft_prefix, remove, replace_link, sweep_drafts, write_text
from digital_clusters.pipeline.hashing.files import content, folder_hashes, read_entry_file
from digital_clusters.pipeline.hashing.project import snapshot
from digital_clusters.pipeline.hashing.reads import still_read
from digital_clusters.pipeline.lock import held

EDITIONS = "editions"
CURRENT = "current"
PARTS = ("html", "pages", "results")
MANIFEST = "edition.json"


@dataclass(frozen=True)
class MadeOf:
    """What a book was made of.

    Attributes
    ----------
    sources : str
        Hash of a :func:`~digital_clusters.pipeline.hashing.project.snapshot`; empty where a file was saved
        while the book was built, so that nobody can tell.
    read : mapping of str to str or None
        File of the project that an executed page read → its hash.
    """

    sources: str
    read: Mapping[str, str | None]

    def still_holds(self, root: Path, data: str) -> bool:
        """Whether the project, what its pages read and what is installed are as they were."""
        return (
            bool(self.sources) and snapshot(root, data).digest == self.sources and still_read(self.read, root)
        )


@dataclass(frozen=True)
class Edition:
    """One build's pages, results and HTML."""

    folder: Path

    def part(self, name: str) -> Path:
        """The folder ``html``, ``pages`` or ``results``."""
        return self.folder / name

    def fingerprint(self) -> str | None:
        """What it was built of; ``None`` where its manifest cannot be read."""
        told = self._manifest().get("fingerprint")
        return told if isinstance(told, str) else None

    def made_of(self) -> MadeOf | None:
        """What its sources were; ``None`` where its manifest does not say."""
        told = self._manifest()
        sources, read = told.get("sources"), told.get("read")
        return MadeOf(sources, read) if isinstance(sources, str) and isinstance(read, dict) else None

    def is_whole(self, *parts: str) -> bool:
        """Whether every file that was published in these parts is there, unchanged."""
        files = self._manifest().get("files")
        if not isinstance(files, dict):
            return False
        wanted = {name: told for name, told in files.items() if name.partition("/")[0] in parts}
        return bool(wanted) and all(content(self.folder / name) == told for name, told in wanted.items())

    def _manifest(self) -> dict:
        return read_entry_file(self.folder / MANIFEST)


def standing(root: Path, data: str) -> Edition | None:
    """The published edition, if a build on the source ``data`` could only make it again.

    What interrupted builds left is removed on the way.

    Raises
    ------
    BuildError
        If another build runs.
    """
    if current(root) is None:
        return None
    with held(root / "_build"):
        sweep(root)
        published = current(root)
        made_of = published.made_of() if published else None
        if published is None or made_of is None or not made_of.still_holds(root, data):
            return None
        if not published.is_whole(*PARTS):
            return None
        link_parts(root)
        return published


def current(root: Path) -> Edition | None:
    """The published edition of a project, if there is one."""
    link = root / "_build" / CURRENT
    return Edition(link.resolve()) if link.is_symlink() and link.is_dir() else None


@contextmanager
def draft(root: Path) -> Iterator[Edition]:
    """An empty edition to fill; what is not published when the block ends is removed."""
    place = root / "_build" / EDITIONS
    place.mkdir(parents=True, exist_ok=True)
    made = Edition(Path(tempfile.mkdtemp(prefix=draft_prefix(), dir=place)))
    made.folder.chmod(0o755)
    try:
        for name in ("pages", "results"):
            made.part(name).mkdir()
        yield made
    finally:
        shutil.rmtree(made.folder, ignore_errors=True)


def publish(root: Path, made: Edition, fingerprint: str, made_of: MadeOf | None = None) -> None:
    """Put a draft in the place of the published edition, by one switch, and remove the old one."""
    told = {"fingerprint": fingerprint, "files": folder_hashes(made.folder)} | _origin(made_of)
    write_text(made.folder / MANIFEST, json.dumps(told, indent=0))
    name = made.folder.name.removeprefix(draft_prefix())
    os.rename(made.folder, made.folder.with_name(name))
    _link_parts(root, [part for part in PARTS if not (root / "_build" / part).is_dir()])
    replace_link(root / "_build" / CURRENT, f"{EDITIONS}/{name}")
    link_parts(root)
    sweep(root)


def now_made_of(published: Edition, made_of: MadeOf) -> None:
    """Note that other sources, such as a changed comment, would make the same edition."""
    told = read_entry_file(published.folder / MANIFEST) | _origin(made_of)
    write_text(published.folder / MANIFEST, json.dumps(told, indent=0))


def _origin(made_of: MadeOf | None) -> dict[str, object]:
    return {} if made_of is None else {"sources": made_of.sources, "read": dict(made_of.read)}


def link_parts(root: Path) -> None:
    """Make ``_build/html`` and its like links to the parts of the published edition."""
    _link_parts(root, PARTS)


def _link_parts(root: Path, parts: Iterable[str]) -> None:
    for name in parts:
        place, target = root / "_build" / name, f"{CURRENT}/{name}"
        if not place.is_symlink() or os.readlink(place) != target:
            replace_link(place, target)


def sweep(root: Path) -> None:
    """Remove old editions and the drafts of dead processes; for the holder of the lock."""
    published = current(root)
    for folder in (root / "_build" / EDITIONS).glob("*"):
        if published is None or folder.name != published.folder.name:
            remove(folder)
    sweep_drafts(root / "_build")

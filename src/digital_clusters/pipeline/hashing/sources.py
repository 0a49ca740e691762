"""The files that the keys of pages are made of: listed once and hashed once for all pages of a build."""

import os
import sys
import time
from collections.abc import Iterable
from functools import cached_property
from importlib.util import cache_from_source
from pathlib import Path

from digital_clusters.pipeline import dependencies
from digital_clusters.pipeline.hashing import modules
from digital_clusters.pipeline.hashing.files import digest_of, disk_state, file_hash, visible_files
from digital_clusters.pipeline.hashing.kept import Kept
from digital_clusters.pipeline.hashing.modules import KnownModules, code_hash_of, known_modules
from digital_clusters.pipeline.kernels import environment

SETTINGS = ("requirements.lock", "matplotlibrc")
"""Files beside ``src/`` and ``data/`` that change what a page shows."""

RACY_SECONDS = 2
"""A compiled module counts as up to date if its source has the second and the size that it was made of."""


CODE = tuple(file_hash(Path(str(room.__file__))) for room in (dependencies, modules))
"""Hashes of the code that works out what modules import and say, as it was when it was loaded."""


class SourceTree:
    """Files below ``src/`` and ``data/`` and the settings of a project, as they were when this was made.

    What is said of a file's content is read later, and kept: a file that is saved in between has another
    state on the disk than :attr:`seen` has, so the page that is made then is not kept.

    Parameters
    ----------
    root : pathlib.Path
        The project.
    kept : Kept, optional
        What earlier builds worked out of the same modules; :meth:`keep` adds to it.

    Attributes
    ----------
    root : pathlib.Path
        The project.
    taken : int
        When the files were listed, in nanoseconds since 1970.
    data, code, settings : list of pathlib.Path
    seen : dict
        File → its state on the disk before anything of it was read.
    """

    def __init__(self, root: Path, kept: Kept | None = None):
        self.root, self.taken, self.kept = root, time.time_ns(), kept or Kept()
        self.data, self.code = (sorted(visible_files(root / name)) for name in ("data", "src"))
        self.settings = [file for name in SETTINGS if (file := root / name).is_file()]
        self.seen = {file: disk_state(file) for file in (*self.data, *self.code, *self.settings)}
        self._meanings: dict[Path, str] = {}
        self._checked: set[Path] = set()

    @property
    def source(self) -> Path:
        """The folder of modules."""
        return self.root / "src"

    @cached_property
    def modules(self) -> KnownModules:
        """Every module below :attr:`source`."""
        found = known_modules(dependencies.modules(self.source))
        told = self.kept.get(self._key) or {"imports": {}, "meanings": {}}
        found.imports |= {name: None if to is None else set(to) for name, to in told["imports"].items()}
        self._meanings |= {self.root / name: meaning for name, meaning in told["meanings"].items()}
        return found

    @cached_property
    def _key(self) -> str:
        """Hash of the texts of all modules, and of the code that works out what they say."""
        texts = {self._name(file): file_hash(file) for file in self._texts()}
        return digest_of([texts, CODE, sys.version])

    def _texts(self) -> list[Path]:
        return [file for file in self.code if file.suffix == ".py"]

    def _name(self, file: Path) -> str:
        return file.relative_to(self.root).as_posix()

    def keep(self) -> None:
        """Keep what was worked out of the modules, unless one of them was saved in between."""
        if any(disk_state(file) != self.seen[file] for file in self._texts()):
            return
        imports = {name: None if to is None else sorted(to) for name, to in self.modules.imports.items()}
        meanings = {self._name(file): told for file, told in self._meanings.items() if file.suffix == ".py"}
        told = {"imports": imports, "meanings": meanings}
        if self.kept.get(self._key) != told:
            self.kept.put(self._key, told)
        self.kept.prune()

    @cached_property
    def hiding(self) -> set[Path]:
        """Modules that stand before one of Python or of a package: any library may import them."""
        hidden = environment.shadowing(self.source)
        return {file for name, file in self.modules.items() if name.partition(".")[0] in hidden}

    def meaning(self, path: Path) -> str:
        """Hash of what a file says to a page: a comment in a module says nothing."""
        if path not in self._meanings:
            of_code = code_hash_of(path) if path.suffix == ".py" else None
            self._meanings[path] = of_code or file_hash(path)
        return self._meanings[path]

    def forget_racy(self, sources: Iterable[Path]) -> None:
        """Remove compiled modules that Python would take for those of a source that was saved just after.

        Python compares the second and the size of the source only: an edit undone within a second leaves the
        compiled edit in use.
        """
        for source in {file for file in sources if file.suffix == ".py"} - self._checked:
            self._checked.add(source)
            compiled = Path(cache_from_source(source))
            try:
                age = compiled.stat().st_mtime - source.stat().st_mtime
                if age < RACY_SECONDS and os.access(compiled.parent, os.W_OK):
                    compiled.unlink()
            except FileNotFoundError:
                continue

"""The files that the keys of pages are made of: listed once and hashed once for all pages of a build."""

import os
import time
from collections.abc import Iterable
from functools import cached_property
from importlib.util import cache_from_source
from pathlib import Path

from digital_clusters.pipeline import dependencies
from digital_clusters.pipeline.hashing.files import disk_state, file_hash, visible_files
from digital_clusters.pipeline.hashing.modules import KnownModules, code_hash_of, known_modules
from digital_clusters.pipeline.kernels import environment

SETTINGS = ("requirements.lock", "matplotlibrc")
"""Files beside ``src/`` and ``data/`` that change what a page shows."""

RACY_SECONDS = 2
"""A compiled module counts as up to date if its source has the second and the size that it was made of."""


class SourceTree:
    """Files below ``src/`` and ``data/`` and the settings of a project, as they were when this was made.

    What is said of a file's content is read later, and kept: a file that is saved in between has another
    state on the disk than :attr:`seen` has, so the page that is made then is not kept.

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

    def __init__(self, root: Path):
        self.root, self.taken = root, time.time_ns()
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
        return known_modules(dependencies.modules(self.source))

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

"""What takes long to work out, kept for the next build under the hash of all it was worked out of."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from digital_clusters.files import remove, write_text
from digital_clusters.pipeline.hashing.files import digest_of, read_entry_file

KEPT = "kept"
"""Folder below ``_build``."""

KEPT_USES = 4
"""How many builds' worth of values are kept: both sources of data, and a change back of each."""


class Kept:
    """Plain values under hashes, in a folder; a value that was damaged, or is not plain, is not there.

    Parameters
    ----------
    folder : pathlib.Path or None
        ``None`` keeps nothing.
    fresh : bool
        Use nothing that was kept before.
    """

    def __init__(self, folder: Path | None = None, *, fresh: bool = False):
        self.folder, self.fresh = folder, fresh
        self._used: set[str] = set()

    @classmethod
    def of(cls, root: Path, kind: str, *, fresh: bool = False) -> "Kept":
        """What the builds of the project at ``root`` keep of one kind, such as ``pages``."""
        return cls(root / "_build" / KEPT / kind, fresh=fresh)

    def get(self, key: str) -> dict[str, Any] | None:
        """The value under a key, or ``None``."""
        if self.folder is None or (self.fresh and key not in self._used):
            return None
        file = self.folder / f"{key}.json"
        told = read_entry_file(file)
        value = told.get("value")
        if not isinstance(value, dict) or told.get("sha256") != digest_of([key, value]):
            return None
        self._used.add(key)
        os.utime(file)
        return value

    def put(self, key: str, value: dict[str, Any]) -> None:
        """Keep a value of texts, numbers, lists and mappings."""
        if self.folder is None:
            return
        file = self.folder / f"{key}.json"
        if file.is_dir():
            remove(file)
        write_text(file, json.dumps({"sha256": digest_of([key, value]), "value": value}))
        self._used.add(key)

    def prune(self) -> None:
        """Remove the values that were not used for longest, beyond :data:`KEPT_USES` times those used now."""
        if self.folder is None or not self.folder.is_dir():
            return
        for file in _latest_first(self.folder.glob("*.json"))[KEPT_USES * len(self._used) :]:
            remove(file)


def _latest_first(files: Iterable[Path]) -> list[Path]:
    return sorted(files, key=lambda file: file.lstat().st_mtime, reverse=True)

"""The files that a page read while it ran: their content then, and whether it is the same now.

Of YAML that was read for its values the values count; of all else each byte does.
"""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from digital_clusters.pipeline.hashing.files import content
from digital_clusters.yaml_files import said_hash

READ, SAID = "read", "said"
"""Keys of an entry's index: files whose bytes count, and files whose values do."""


def index_of_reads(read: Collection[str], said: Collection[str], root: Path) -> dict[str, Any]:
    """What the index of an entry says of files, names relative to ``root``, of which ``said`` gave values."""
    return {READ: _contents(set(read).difference(said), root), SAID: _values(said, root)}


def still_reads(index: Mapping[str, Any], root: Path | None) -> bool:
    """Whether all files of an index are as they were; without a project, whether there are none."""
    read, said = index.get(READ, {}), index.get(SAID, {})
    if not (isinstance(read, dict) and isinstance(said, dict)):
        return False
    if not (read or said):
        return True
    return root is not None and _contents(read, root) == read and _values(said, root) == said


def reads_beside(several: Iterable[Mapping[str, Any]], folders: Collection[str]) -> dict[str, Any]:
    """What several indices say of files that are in none of some folders of the project, as one index."""
    found: dict[str, Any] = {READ: {}, SAID: {}}
    for reads in several:
        for kind, kept in found.items():
            named = reads.get(kind, {}).items()
            kept |= {name: told for name, told in named if name.partition("/")[0] not in folders}
    return found


def _contents(names: Iterable[str], root: Path) -> dict[str, str | None]:
    return {name: content(root / name) for name in sorted(names)}


def _values(names: Iterable[str], root: Path) -> dict[str, str | None]:
    return {name: _said(root / name) for name in sorted(names)}


def _said(path: Path) -> str | None:
    """Hash of the values of YAML; of its bytes where it is none."""
    try:
        return said_hash(path.read_text(encoding="utf-8")) or content(path)
    except (OSError, UnicodeDecodeError):
        return content(path)

"""The files that a page read while it ran: what they said then, and whether they still do.

Of YAML that was read for its values the values count; of all else each byte does.
"""

from collections.abc import Collection, Mapping
from pathlib import Path

from digital_clusters.pipeline.hashing.files import content
from digital_clusters.yaml_files import said_hash

VALUES = "values "
"""How the hash of a file begins that was read for its values."""


def hashes_of_reads(read: Collection[str], said: Collection[str], root: Path) -> dict[str, str | None]:
    """Name relative to ``root`` → hash, for files that were read; of ``said`` only values were."""
    return {name: _values(root / name) if name in said else content(root / name) for name in sorted(read)}


def still_read(hashes: Mapping[str, str | None], root: Path) -> bool:
    """Whether all files would give what they gave when :func:`hashes_of_reads` was taken."""
    return all(_now(root / name, told) == told for name, told in hashes.items())


def _now(path: Path, told: str | None) -> str | None:
    return _values(path) if isinstance(told, str) and told.startswith(VALUES) else content(path)


def _values(path: Path) -> str | None:
    """Hash of the values of YAML; of its bytes where it is none."""
    try:
        said = said_hash(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        said = None
    return f"{VALUES}{said}" if said else content(path)

"""What a page read, listed and looked for while it ran: what it found then, and whether it still would.

Of YAML that was read for its values the values count; of all else each byte does. Of a folder that was listed
the names in it count, and of a file that was only looked for, that it is there.
"""

from collections.abc import Collection, Mapping
from pathlib import Path

from digital_clusters.pipeline.hashing.files import content, visible_files
from digital_clusters.pipeline.kernels.files import NAMES, THERE, listing_hash, what_is_there
from digital_clusters.yaml_files import said_hash

VALUES = "values "
"""How the hash of a file begins that was read for its values."""


def hashes_of_reads(read: Collection[str], said: Collection[str], root: Path) -> dict[str, str | None]:
    """Name relative to ``root`` → hash, for files that were read; of ``said`` only values were."""
    return {name: _values(root / name) if name in said else content(root / name) for name in sorted(read)}


def all_listings(folder: Path, root: Path) -> dict[str, str | None]:
    """The facts of a page that may have listed every folder below ``folder``, itself included."""
    listed = {folder, *(path for path in folder.rglob("*") if path.is_dir())}
    listed |= {file.parent for file in visible_files(folder)}
    return {f"{place.relative_to(root).as_posix()}/": f"{NAMES} {listing_hash(place)}" for place in listed}


def still_read(hashes: Mapping[str, str | None], root: Path) -> bool:
    """Whether all files and folders would give what they gave when the hashes and facts were taken."""
    return all(_now(root / name, told) == told for name, told in hashes.items())


def _now(path: Path, told: str | None) -> str | None:
    told = told or ""
    if told.startswith(NAMES):
        return f"{NAMES} {listing_hash(path)}"
    if told.startswith(THERE):
        return f"{THERE} {what_is_there(path)}"
    return _values(path) if told.startswith(VALUES) else content(path)


def _values(path: Path) -> str | None:
    """Hash of the values of YAML; of its bytes where it is none."""
    try:
        said = said_hash(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        said = None
    return f"{VALUES}{said}" if said else content(path)

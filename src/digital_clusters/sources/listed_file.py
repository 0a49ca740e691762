"""A public file as ``data/upstream.yml`` lists it, and the checksum that it is told by."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

HOST = "https://raw.githubusercontent.com"


@dataclass(frozen=True)
class UpstreamFile:
    """One entry of ``data/upstream.yml``: where a public file is, its checksum and what it holds.

    ``bytes`` and ``sha256`` are ``None`` where nobody has pinned them; ``values_sha256`` is then the checksum
    of the numbers, for its reader to check. A file that is ``optional`` may be absent: its columns are then
    missing. One that is not ``hosted`` is an extract that only a mirror folder can have.
    """

    key: str
    repository: str
    commit: str
    path: str
    bytes: int | None
    sha256: str | None
    licence: str
    measures: str
    coverage: str
    citation: str
    tables: list[str] = field(default_factory=list)
    studies: list[str] = field(default_factory=list)
    values_sha256: str | None = None
    optional: bool = False
    hosted: bool = True

    def __post_init__(self):
        # a checksum means the same in capitals
        object.__setattr__(self, "sha256", self.sha256 and self.sha256.strip().lower())

    @property
    def url(self) -> str:
        """Address of the file at the pinned commit."""
        return f"{HOST}/{self.repository}/{self.commit}/{quote(self.path)}"

    @property
    def local_name(self) -> str:
        """Path below a mirror folder or the cache: ``<owner>__<repository>/<path>``."""
        return f"{self.repository.replace('/', '__')}/{self.path}"


def sha256(path: Path) -> str:
    """Checksum of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

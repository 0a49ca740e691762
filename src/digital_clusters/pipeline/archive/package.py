"""The archive: files under version control, the README and checksums, the same bytes each time."""

import hashlib
import os
import subprocess
import tempfile
import zipfile
from pathlib import Path

import yaml

from digital_clusters.errors import FileError
from digital_clusters.files import draft_prefix
from digital_clusters.pipeline.archive.exhibits import exhibits
from digital_clusters.pipeline.archive.measured import measured_pages, package_version, this_machine
from digital_clusters.pipeline.archive.readme import NAME, Package, replication_readme
from digital_clusters.pipeline.notebooks import contents
from digital_clusters.pipeline.runs import git_commit
from digital_clusters.sources.upstream import upstream_files

CHECKSUMS = "SHA256SUMS"
PLACE = Path("_build") / "archive"

ANY_TIME = (1980, 1, 1, 0, 0, 0)
"""Of every file in the archive: the first that the format can say."""

PLAIN, EXECUTABLE = 0o100644, 0o100755


def write_archive(root: Path, target: Path | None = None) -> Path:
    """Write the replication package as a zip file.

    Parameters
    ----------
    root : pathlib.Path
        The project, under version control.
    target : pathlib.Path, optional
        By default ``_build/archive/digital-clusters-<version>.zip``.

    Raises
    ------
    FileError
        If Git cannot list the files, one of them cannot be read, is a public file of others, or the archive
        cannot be written.
    BuildError
        If a page cannot be read.
    """
    version = package_version()
    folder = f"digital-clusters-{version}"
    target = target or root / PLACE / f"{folder}.zip"
    files = {name: (_content(root / name), _mode(root / name)) for name in _tracked(root)}
    _refuse_public(files)
    files[NAME] = (_readme(root, version).encode(), PLAIN)
    sums = "".join(f"{hashlib.sha256(files[name][0]).hexdigest()}  {name}\n" for name in sorted(files))
    files[CHECKSUMS] = (sums.encode(), PLAIN)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _write_zip(target, folder, files)
    except OSError as error:
        raise FileError(f"{target} cannot be written: {error.strerror}") from None
    return target


def _readme(root: Path, version: str) -> str:
    pages = contents(root)
    settings = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    return replication_readme(
        Package(
            title=settings["title"],
            version=version,
            commit=git_commit(root),
            exhibits=exhibits(root, pages),
            sources=list(upstream_files().values()),
            measured=measured_pages(root, pages),
            machine=this_machine(),
        )
    )


def _tracked(root: Path) -> list[str]:
    """Files under version control that are there, sorted."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--", "."]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError:
        raise FileError("Git is not installed, and only Git knows which files are the project's") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise FileError(f"Git does not know the project in {root}: {said}")
    names = [os.fsdecode(name) for name in done.stdout.split(b"\0") if name]
    return sorted(name for name in names if (root / name).is_file())


def _refuse_public(files: dict[str, tuple[bytes, int]]) -> None:
    """No file that another owns may travel in the package, under whatever name."""
    known = {file.sha256: file.path for file in upstream_files().values() if file.sha256}
    for name, (content, _) in files.items():
        path = known.get(hashlib.sha256(content).hexdigest())
        if path is not None:
            raise FileError(f"{name} is the public file {path}, which may not be redistributed: remove it")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}") from None


def _mode(path: Path) -> int:
    return EXECUTABLE if os.access(path, os.X_OK) else PLAIN


def _write_zip(target: Path, folder: str, files: dict[str, tuple[bytes, int]]) -> None:
    """Under a draft's name, then renamed; entries sorted, with one time and two kinds of permission."""
    handle, draft = tempfile.mkstemp(prefix=draft_prefix(), dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as stream, zipfile.ZipFile(stream, "w") as archive:
            for name in sorted(files):
                entry = zipfile.ZipInfo(f"{folder}/{name}", date_time=ANY_TIME)
                entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
                entry.external_attr = files[name][1] << 16
                archive.writestr(entry, files[name][0])
        os.chmod(draft, 0o644)
        os.replace(draft, target)
    finally:
        Path(draft).unlink(missing_ok=True)

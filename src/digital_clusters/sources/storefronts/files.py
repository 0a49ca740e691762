"""Files of storefront records, and the file that their counts are written to."""

import glob
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from digital_clusters.errors import FileError
from digital_clusters.files import copy

SUFFIXES = (".parquet", ".csv", ".csv.gz")
TARGETS = (".parquet", ".csv")


def record_files(files: str | Path | Sequence[str | Path]) -> list[str]:
    """The files that paths, patterns and folders stand for, each once, sorted.

    Raises
    ------
    FileError
        If one of them stands for no file, or names a file of another kind.
    """
    found: set[str] = set()
    for named in [files] if isinstance(files, str | Path) else files:
        path = Path(named)
        if path.is_dir():
            part = [file for file in path.rglob("*") if file.name.lower().endswith(SUFFIXES)]
            if not part:
                raise FileError(f"folder {path} holds no storefront records ({', '.join(SUFFIXES)})")
        else:
            part = (
                [path] if path.is_file() else [Path(file) for file in glob.glob(str(named), recursive=True)]
            )
            if not part:
                raise FileError(f"{named} is missing: no file has that name or fits that pattern")
        other = [file for file in part if not file.name.lower().endswith(SUFFIXES)]
        if other:
            raise FileError(f"{other[0]}: storefront records are read from {', '.join(SUFFIXES)} files")
        found |= {str(file.resolve()) for file in part}
    if not found:
        raise FileError("no file of storefront records is named")
    return sorted(found)


def check_target(path: Path) -> None:
    """Raise a :class:`FileError` unless counts can be written in the format that ``path`` names."""
    if path.suffix not in TARGETS:
        raise FileError(f"{path}: counts are written as {' or '.join(TARGETS)}")


def write_counts(counts: pd.DataFrame, path: Path) -> None:
    """Write ``counts`` as Parquet or CSV, whole or not at all.

    Raises
    ------
    FileError
        For another suffix, or if the file cannot be written.
    """
    check_target(path)
    with tempfile.TemporaryDirectory(prefix="storefronts-") as folder:
        draft = Path(folder) / path.name
        if path.suffix == ".csv":
            counts.to_csv(draft, index=False)
        else:
            counts.to_parquet(draft, index=False)
        try:
            copy(draft, path)
        except OSError as error:
            raise FileError(f"{path} cannot be written: {error.strerror}") from None

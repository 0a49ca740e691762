"""One source's raw tables by its name."""

from pathlib import Path
from typing import Literal

from digital_clusters.errors import ParameterError, check_option
from digital_clusters.sources.tables import RawTables

SourceName = Literal["twin", "public", "folder"]

FOLDER_PREFIX = "folder:"
"""How the name of a source begins that is a folder of a reader's own files."""


def own_folder(word: str) -> Path | None:
    """The folder that ``folder:PATH``, or the path of a folder that is there, names; else ``None``.

    Raises
    ------
    ParameterError
        For ``folder:`` without a path.
    """
    named = word.removeprefix(FOLDER_PREFIX).strip()
    if word.startswith(FOLDER_PREFIX):
        if not named:
            raise ParameterError(f"{word!r} names no folder: write {FOLDER_PREFIX}PATH")
        return Path(named).expanduser()
    # an empty path would be the folder that one is in
    path = Path(named).expanduser() if named else None
    return path if path is not None and path.is_dir() else None


def open_source(
    name: SourceName | str,
    *,
    mirror: Path | None = None,
    folder: Path | None = None,
    seed: int | None = None,
    twin: str | None = None,
) -> RawTables:
    """The raw tables of one source.

    Parameters
    ----------
    name : str
        ``twin`` (synthetic), ``public``, ``folder`` (the user's own files) or ``folder:PATH``.
    mirror : Path, optional
        Mirror folder of the public files.
    folder : Path, optional
        Folder with a ``columns.yml``; needed for ``folder``.
    seed : int, optional
        Seed of the twin; by default the one of ``data/twin.yml``.
    twin : str, optional
        Name of another truth of the twin, a file of ``data/twins`` such as ``public_noise``.

    Raises
    ------
    ParameterError
        For an unknown source or twin, or ``folder`` without a folder.
    FileError, DataError
        If a file cannot be read or a table breaks its schema.

    Examples
    --------
    >>> len(open_source("twin").table("cities"))
    290
    """
    if name.startswith(FOLDER_PREFIX):
        name, folder = "folder", folder or own_folder(name)
    check_option("source", name, SourceName)
    if name == "twin":
        from digital_clusters.sources.twin import open_twin

        return open_twin(seed=seed, twin=twin)
    if name == "public":
        from digital_clusters.sources.public import open_public

        return open_public(mirror)
    from digital_clusters.sources.folder import open_folder

    if folder is None:
        raise ParameterError("source 'folder' needs a folder: name the one that holds columns.yml")
    return open_folder(folder)

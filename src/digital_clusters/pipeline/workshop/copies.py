"""Copies of pages for a reader to change, and the way back to the page as it was."""

import re
import subprocess
from pathlib import Path

from digital_clusters.errors import FileError, ParameterError
from digital_clusters.files import write_text
from digital_clusters.pipeline.notebooks import OWN, find, notebooks
from digital_clusters.wording import shortened, suggestion

NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
KEPT = Path("_build") / "replaced"
"""Folder below the project for texts that were replaced."""


def new_copy(root: Path, name: str, source: str) -> Path:
    """Copy a page to ``notebooks/mine/NAME.py``, where it is no page of the book and runs as ``mine/NAME``.

    Parameters
    ----------
    root : pathlib.Path
        The project.
    name : str
        Small letters, digits and ``_``.
    source : str
        The page, ``study/section``.

    Raises
    ------
    ParameterError
        If the name cannot be one, is taken, or there is no such page.
    """
    if not NAME.fullmatch(name):
        raise ParameterError(
            f"'{shortened(name)}' cannot be a name: small letters, digits and _, a letter first"
        )
    page = find(root, source)
    target = root / OWN / f"{name}{page.file.suffix}"
    if any((root / OWN).glob(f"{name}.*")):
        raise ParameterError(f"{target.relative_to(root)} is there already: choose another name or delete it")
    write_text(target, page.file.read_text(encoding="utf-8"))
    return target


def reset(root: Path, name: str) -> Path | None:
    """Put a page of the book back to the committed text; the changed text is kept below ``_build/replaced``.

    Returns
    -------
    pathlib.Path or None
        Where the changed text is now; ``None`` if nothing had changed.

    Raises
    ------
    ParameterError
        If there is no such page in the book.
    FileError
        If Git cannot say what the page was.
    """
    pages = {page.name: page for page in notebooks(root)}
    if name not in pages:
        hint = suggestion(name, pages)
        raise ParameterError(f"no page of the book is called '{shortened(name)}'{hint}; `list` shows them")
    file = pages[name].file
    committed, changed = _committed(root, file), file.read_text(encoding="utf-8")
    if committed == changed:
        return None
    place = root / KEPT / name.replace("/", ".")
    number = 1 + len(list(place.parent.glob(f"{place.name}.*")))
    kept = place.with_name(f"{place.name}.{number}{file.suffix}")
    write_text(kept, changed)
    write_text(file, committed)
    return kept


def _committed(root: Path, file: Path) -> str:
    relative = file.relative_to(root).as_posix()
    try:
        command = ["git", "-C", str(root), "show", f"HEAD:./{relative}"]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    except OSError:
        raise FileError("Git is not installed, and only Git knows what the page was") from None
    if done.returncode:
        raise FileError(f"Git does not know {relative}: {done.stderr.strip()}")
    return done.stdout

"""What the pages of a book need to know of each other: order, parts, titles, where they come from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import yaml
from pybtex.database import parse_file

from digital_clusters.errors import BuildError
from digital_clusters.report.citations import citation_label


@dataclass(frozen=True)
class BookPlan:
    """The book around a page.

    Attributes
    ----------
    title : str
        Of the book.
    entries : tuple of str
        All pages in reading order, as the table of contents writes them.
    parts : mapping of str to str
        Entry → the part of the book that it stands in; pages before the first part have none.
    repository : str
        Address of the project's repository; empty where it has none yet.
    ran : mapping of str to str
        Entry → the day on which the page was executed.
    version : str
        Of the package.
    address : str
        Where the book is published; empty where it is not yet.
    citations : mapping of str to str
        Key of the bibliography → what the text says, such as "Yu and Zhang, n.d.".
    """

    title: str
    entries: tuple[str, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict)
    repository: str = ""
    ran: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    address: str = ""
    citations: Mapping[str, str] = field(default_factory=dict)

    def part(self, entry: str) -> str:
        """The part that a page stands in; empty for a page of none."""
        return self.parts.get(entry, "")


def read_plan(stage: Path, ran: Mapping[str, str] | None = None) -> BookPlan:
    """The plan of a staged book, from its ``_config.yml`` and ``_toc.yml``.

    Raises
    ------
    BuildError
        If one of the two files is not a mapping.
    """
    settings, contents = _mapping(stage / "_config.yml"), _mapping(stage / "_toc.yml")
    parts = {entry: part.get("caption", "") for part in contents.get("parts", ()) for entry in _files(part)}
    repository = (settings.get("repository") or {}).get("url") or ""
    return BookPlan(
        title=str(settings.get("title", "")),
        entries=tuple(_files(contents)),
        parts=parts,
        repository=repository.rstrip("/"),
        ran=dict(ran or {}),
        version=metadata.version("digital-clusters"),
        citations=_citations(stage, settings),
        address=(settings.get("html") or {}).get("baseurl") or "",
    )


def _citations(stage: Path, settings: Mapping[str, Any]) -> dict[str, str]:
    files = [stage / name for name in settings.get("bibtex_bibfiles", ())]
    entries = {
        key: entry for file in files if file.is_file() for key, entry in parse_file(file).entries.items()
    }
    return {key: " ".join(citation_label(entry).split()) for key, entry in entries.items()}


def _files(node: Any) -> list[str]:
    """Entries of a part of the table of contents, whatever its levels are called."""
    if isinstance(node, list):
        return [entry for item in node for entry in _files(item)]
    if not isinstance(node, dict):
        return []
    own = [str(node[key]) for key in ("root", "file") if key in node]
    return own + [entry for value in node.values() for entry in _files(value)]


def _mapping(file: Path) -> dict[str, Any]:
    told = yaml.safe_load(file.read_text(encoding="utf-8"))
    if not isinstance(told, dict):
        raise BuildError(f"{file.name} is empty or not a mapping of names and values")
    return told

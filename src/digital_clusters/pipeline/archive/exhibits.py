"""Which table or figure comes from which program and line: read off the notebooks' captions and labels."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from digital_clusters.errors import BuildError
from digital_clusters.pipeline.notebooks import Page

TABLE = re.compile(r"Code of the table: (.+)")
LONGEST_CAPTION = 100
"""Characters of a caption that the map repeats."""


@dataclass(frozen=True)
class Exhibit:
    """One table or figure of the book.

    Attributes
    ----------
    kind : str
        ``table`` or ``figure``.
    what : str
        Label of the table's folded cell, or the first sentence of the figure's caption.
    page : str
        ``study/section``.
    program : str
        File that makes it, relative to the project.
    line : int
        First line of the code in that file, counted from one.
    """

    kind: str
    what: str
    page: str
    program: str
    line: int


def exhibits(root: Path, pages: Iterable[Page]) -> list[Exhibit]:
    """Every labelled table and captioned figure of the pages that are executed, in reading order.

    Raises
    ------
    BuildError
        If the code of a cell is not found in the text of its notebook.
    """
    return [one for page in pages if page.is_notebook for one in _of_page(root, page)]


def _of_page(root: Path, page: Page) -> Iterator[Exhibit]:
    text, cursor = page.file.read_text(encoding="utf-8"), 0
    for cell in page.notebook.cells:
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        place = text.find(cell.source, cursor)
        if place < 0:
            raise BuildError(f"{page.file}: a cell that begins '{cell.source[:40]}' is not found in the text")
        cursor = place + len(cell.source)
        line = text.count("\n", 0, place) + 1
        for kind, what in _labels(cell.metadata):
            yield Exhibit(kind, what, page.name, page.file.relative_to(root).as_posix(), line)


def _labels(metadata: Any) -> Iterator[tuple[str, str]]:
    told = metadata.get("mystnb", {})
    if caption := told.get("figure", {}).get("caption"):
        yield "figure", _first_sentence(caption)
    elif table := TABLE.fullmatch(told.get("code_prompt_show", "")):
        yield "table", table[1]


def _first_sentence(caption: str) -> str:
    sentence = re.split(r"(?<=[a-z\d)])\. ", " ".join(caption.split()), maxsplit=1)[0].rstrip(".")
    return sentence if len(sentence) <= LONGEST_CAPTION else f"{sentence[: LONGEST_CAPTION - 1].rstrip()}…"

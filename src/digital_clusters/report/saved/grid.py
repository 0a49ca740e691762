"""A table of the book as rows of cells, for formats that are not HTML."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bs4 import Tag
    from great_tables import GT

BREAK = "\n"
"""Text of a piece that starts a new line."""


@dataclass(frozen=True)
class Piece:
    """Text of a cell that is set alike; ``is_raised`` for the mark of a footnote."""

    text: str
    is_raised: bool = False


@dataclass(frozen=True)
class Cell:
    """Pieces of text over ``span`` columns, on one ``side``: left, center or right."""

    pieces: tuple[Piece, ...] = ()
    span: int = 1
    side: str = "left"

    @property
    def lengths(self) -> tuple[int, int]:
        """Characters of its longest word and of its longest line."""
        text = "".join(piece.text for piece in self.pieces)
        words, lines = text.split() or [""], text.split(BREAK)
        return max(map(len, words)), max(map(len, lines))


Row = tuple[Cell, ...]


@dataclass(frozen=True)
class Grid:
    """Titles above a table, its rows of headings, the rows below them, and the notes under it."""

    titles: Row
    headings: tuple[Row, ...]
    body: tuple[Row, ...]
    notes: Row

    @property
    def width(self) -> int:
        """Number of columns."""
        return max(sum(cell.span for cell in row) for row in (*self.headings, *self.body))

    @property
    def lengths(self) -> list[tuple[int, int]]:
        """Characters of the longest word and line of each column, cells over several columns aside."""
        found = [(1, 1)] * self.width
        for row in (*self.headings, *self.body):
            place = 0
            for cell in row:
                if cell.span == 1:
                    word, line = cell.lengths
                    found[place] = max(found[place][0], word), max(found[place][1], line)
                place += cell.span
        return found

    @property
    def sides(self) -> list[str]:
        """Side of each column, that of its heading."""
        return [cell.side for cell in self.headings[-1]] if self.headings else ["left"] * self.width


def grid_of(table: "GT") -> Grid:
    """What a table shows: text, spans, sides, line breaks and marks of footnotes."""
    from bs4 import BeautifulSoup

    found = BeautifulSoup(table.as_raw_html(), "html.parser")
    head = [row for row in found.select("thead tr") if not row.select_one("td.gt_heading")]
    return Grid(
        titles=tuple(map(_cell, found.select("td.gt_heading"))),
        headings=tuple(_headings(head)),
        body=tuple(tuple(map(_cell, row.select("th, td"))) for row in found.select("tbody tr")),
        notes=tuple(map(_cell, found.select("tfoot td"))),
    )


def _headings(rows: list["Tag"]) -> Iterator[Row]:
    """Rows of headings; one that is as high as several rows stands in the last of them."""
    above: dict[int, Cell] = {}
    for number, row in enumerate(rows):
        told, cells, place = row.select("th, td"), [], 0
        here, above = above, {}
        while told or place in here:
            tag = None if place in here else told.pop(0)
            cell = here[place] if tag is None else _cell(tag)
            if tag is not None and _height(tag) > 1 and number + 1 < len(rows):
                above[place] = cell
                cell = replace(cell, pieces=())
            cells.append(cell)
            place += cell.span
        yield tuple(cells)


def _height(tag: "Tag") -> int:
    return int(str(tag.get("rowspan", "1")))


def _cell(tag: "Tag") -> Cell:
    classes = tag.get("class") or []
    side = "right" if "gt_right" in classes else "center" if "gt_center" in classes else "left"
    return Cell(tuple(_pieces(tag, False)), int(str(tag.get("colspan", "1"))), side)


def _pieces(tag: "Tag", is_raised: bool) -> Iterator[Piece]:
    for child in tag.children:
        name = getattr(child, "name", None)
        if name is None:
            words = " ".join(str(child).split())
            if words:
                # a blank at an end parts it from what stands beside it
                before, after = (" " * edge.isspace() for edge in (str(child)[0], str(child)[-1]))
                yield Piece(before + words + after, is_raised)
        elif name == "br":
            yield Piece(BREAK)
        else:
            marks = "gt_footnote_marks" in (child.get("class") or [])
            yield from _pieces(child, is_raised or marks)

"""A table of the book as a file: Word, LaTeX or HTML."""

import os
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from digital_clusters.errors import FileError, ParameterError
from digital_clusters.files import draft_prefix, write_text
from digital_clusters.report.saved.grid import BREAK, Cell, Grid, Piece, Row, grid_of
from digital_clusters.report.saved.latex import latex_of
from digital_clusters.wording import suggestion

if TYPE_CHECKING:
    from great_tables import GT

FORMATS = (".docx", ".tex", ".html")

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN_PART = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"

TYPES = (
    f'<?xml version="1.0" encoding="UTF-8"?><Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{MAIN_PART}"/></Types>'
)
RELATIONS = (
    f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>'
)
ANY_TIME = (1980, 1, 1, 0, 0, 0)
"""Of the parts of a document, so that a table is the same bytes each time."""

RULE = '<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="auto"/>'
THICK, THIN = 8, 4
"""Lines above and below a table, and below its headings, in eighths of a point."""

CHARACTER, PADDING, PAGE = 108, 3, 9000
"""Width of a letter, letters that a cell keeps free, and width of a page's text, in twentieths of a point."""

SIZE, NOTE_SIZE = (f'<w:sz w:val="{size}"/>' for size in (18, 16))
"""Of the table, and of the notes below it, in half points."""


def save_table(table: "GT", path: str | Path) -> Path:
    """Write a table of :func:`~digital_clusters.report.models.table` as ``.docx``, ``.tex`` or ``.html``.

    Parameters
    ----------
    table : great_tables.GT
    path : str or pathlib.Path
        The ending says the format. Word opens a ``.docx`` with title, rows, notes and footnotes; a ``.tex``
        needs the packages that its first line names.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    ParameterError
        For another ending.
    FileError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import digital_clusters as dc
    >>> panel = dc.city_panel("twin").complete("growth_gap", "internet", "income")
    >>> models = dc.table([dc.two_way(panel, "growth_gap", "internet")])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     dc.save_table(models, f"{folder}/models.docx").name
    'models.docx'
    """
    target = Path(path)
    ending = target.suffix.lower()
    if ending == ".docx":
        _write_parts(target, _document(grid_of(table)))
    elif ending == ".tex":
        write_text(target, latex_of(grid_of(table)))
    elif ending == ".html":
        write_text(target, table.as_raw_html(make_page=True))
    else:
        raise ParameterError(
            f"{target.name}: a table is written as {', '.join(FORMATS)}{suggestion(ending, FORMATS)}"
        )
    return target


def _document(grid: Grid) -> str:
    titles = [_paragraph(cell, f"<w:b/>{SIZE}") for cell in grid.titles]
    borders = "".join(RULE.format(side=side, size=THICK) for side in ("top", "bottom"))
    heads = [_row(row, is_heading=True, is_last=row is grid.headings[-1]) for row in grid.headings]
    columns = f"<w:tblGrid>{''.join(_columns(grid.lengths))}</w:tblGrid>"
    rows = "".join([*heads, *map(_row, grid.body)])
    frame = f"<w:tbl><w:tblPr><w:tblBorders>{borders}</w:tblBorders></w:tblPr>{columns}{rows}</w:tbl>"
    notes = [_paragraph(cell, NOTE_SIZE) for cell in grid.notes]
    parts = f"<w:body>{''.join([*titles, frame, *notes])}</w:body>"
    return f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{WORD}">{parts}</w:document>'


def _columns(lengths: list[tuple[int, int]]) -> Iterator[str]:
    """Columns as wide as their lines, or as the page leaves room for beside all words."""
    least = [CHARACTER * (word + PADDING) for word, _ in lengths]
    more = [CHARACTER * (line - word) for word, line in lengths]
    share = min(1, max(0, PAGE - sum(least)) / max(1, sum(more)))
    widths = (round(word + share * beyond) for word, beyond in zip(least, more, strict=True))
    return (f'<w:gridCol w:w="{width}"/>' for width in widths)


def _row(row: Row, is_heading: bool = False, is_last: bool = False) -> str:
    """A row; headings come again on each page, and a rule is below the last of them or a spanned one."""
    again = "<w:trPr><w:tblHeader/></w:trPr>" if is_heading else ""
    cells = (_cell(cell, is_heading, is_last or (is_heading and cell.span > 1)) for cell in row)
    return f"<w:tr>{again}{''.join(cells)}</w:tr>"


def _cell(cell: Cell, is_heading: bool, is_ruled: bool) -> str:
    wide = f'<w:gridSpan w:val="{cell.span}"/>' if cell.span > 1 else ""
    rule = f"<w:tcBorders>{RULE.format(side='bottom', size=THIN)}</w:tcBorders>" if is_ruled else ""
    text = _paragraph(cell, f"{'<w:b/>' * is_heading}{SIZE}")
    return f"<w:tc><w:tcPr>{wide}{rule}</w:tcPr>{text}</w:tc>"


def _paragraph(cell: Cell, style: str) -> str:
    runs = "".join(_run(piece, style) for piece in cell.pieces)
    return f'<w:p><w:pPr><w:jc w:val="{cell.side}"/></w:pPr>{runs}</w:p>'


def _run(piece: Piece, style: str) -> str:
    """Text set alike: breaks stay, marks of footnotes are raised."""
    if piece.text == BREAK:
        return "<w:r><w:br/></w:r>"
    style += '<w:vertAlign w:val="superscript"/>' if piece.is_raised else ""
    return f'<w:r><w:rPr>{style}</w:rPr><w:t xml:space="preserve">{escape(piece.text)}</w:t></w:r>'


def _write_parts(target: Path, document: str) -> None:
    """A document of three parts, under a draft's name and then renamed."""
    parts = {"[Content_Types].xml": TYPES, "_rels/.rels": RELATIONS, "word/document.xml": document}
    draft = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(prefix=draft_prefix(), dir=target.parent)
        with os.fdopen(handle, "wb") as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in parts.items():
                archive.writestr(zipfile.ZipInfo(name, date_time=ANY_TIME), text)
        os.chmod(draft, 0o644)
        os.replace(draft, target)
    except OSError as error:
        raise FileError(f"{target} cannot be written: {error.strerror}") from None
    finally:
        if draft is not None:
            Path(draft).unlink(missing_ok=True)

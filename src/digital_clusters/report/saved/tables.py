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
from digital_clusters.wording import suggestion

if TYPE_CHECKING:
    from bs4 import Tag
    from great_tables import GT

GREEK = {"α": "alpha", "β": "beta", "δ": "delta", "θ": "theta", "λ": "lambda", "ρ": "rho", "σ": "sigma"}

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
LATEX_HEAD = r"% \usepackage{booktabs, caption}"
LATEX_SIGNS = str.maketrans(
    {
        "−": "$-$",
        "≥": r"$\ge$",
        "≤": r"$\le$",
        "≈": r"$\approx$",
        "→": r"$\to$",
        "×": r"$\times$",
        "·": r"$\cdot$",
        "²": "$^2$",
        "Δ": r"$\Delta$",
        **{letter: rf"$\{name}$" for letter, name in GREEK.items()},
    }
)
"""Signs of terms and numbers → LaTeX."""

ANY_TIME = (1980, 1, 1, 0, 0, 0)
"""Of the parts of a document, so that a table is the same bytes each time."""

RULE = '<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="auto"/>'
SIDES = {"top": 8, "bottom": 8, "insideH": 2}
"""Lines of a table: above, below and between rows, in eighths of a point."""


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
        _write_parts(target, _document(table))
    elif ending == ".tex":
        write_text(target, _latex(table))
    elif ending == ".html":
        write_text(target, table.as_raw_html(make_page=True))
    else:
        raise ParameterError(
            f"{target.name}: a table is written as {', '.join(FORMATS)}{suggestion(ending, FORMATS)}"
        )
    return target


def _latex(table: "GT") -> str:
    """LaTeX that pdfTeX takes too: signs that it does not know as commands."""
    return f"{LATEX_HEAD}\n{table.as_latex().translate(LATEX_SIGNS)}"


def _document(table: "GT") -> str:
    from bs4 import BeautifulSoup

    found = BeautifulSoup(table.as_raw_html(), "html.parser")
    titles = [_paragraph(cell, bold=True) for cell in found.select("td.gt_heading")]
    rows = [row for row in found.select("thead tr, tbody tr") if not row.select_one("td.gt_heading")]
    borders = "".join(RULE.format(side=side, size=size) for side, size in SIDES.items())
    body = "".join(f"<w:tr>{''.join(_cell(cell) for cell in row.select('th, td'))}</w:tr>" for row in rows)
    notes = [_paragraph(cell) for cell in found.select("tfoot td")]
    width = max(sum(_span(cell) for cell in row.select("th, td")) for row in rows)
    grid = f"<w:tblGrid>{'<w:gridCol/>' * width}</w:tblGrid>"
    frame = f"<w:tbl><w:tblPr><w:tblBorders>{borders}</w:tblBorders></w:tblPr>{grid}{body}</w:tbl>"
    parts = f"<w:body>{''.join([*titles, frame, *notes])}</w:body>"
    return f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{WORD}">{parts}</w:document>'


def _cell(cell: "Tag") -> str:
    span = _span(cell)
    wide = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    classes = cell.get("class") or []
    side = "right" if "gt_right" in classes else "center" if "gt_center" in classes else "left"
    return f"<w:tc><w:tcPr>{wide}</w:tcPr>{_paragraph(cell, bold=cell.name == 'th', side=side)}</w:tc>"


def _span(cell: "Tag") -> int:
    return int(str(cell.get("colspan", "1")))


def _paragraph(cell: "Tag", bold: bool = False, side: str = "left") -> str:
    runs = "".join(_runs(cell, "<w:b/>" if bold else ""))
    return f'<w:p><w:pPr><w:jc w:val="{side}"/></w:pPr>{runs}</w:p>'


def _runs(tag: "Tag", style: str) -> Iterator[str]:
    """Text of a cell, piece by piece: breaks stay, marks of footnotes are raised."""
    for piece in tag.children:
        name = getattr(piece, "name", None)
        if name is None:
            words = " ".join(str(piece).split(" "))
            if words.strip():
                yield f'<w:r><w:rPr>{style}</w:rPr><w:t xml:space="preserve">{escape(words)}</w:t></w:r>'
        elif name == "br":
            yield "<w:r><w:br/></w:r>"
        else:
            marks = "gt_footnote_marks" in (piece.get("class") or [])
            yield from _runs(piece, f'{style}<w:vertAlign w:val="superscript"/>' if marks else style)


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

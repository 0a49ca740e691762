"""Tables in a user's own files, as cells: which row holds the headings, and what is wrong with a file."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from digital_clusters.errors import DataError, FileError
from digital_clusters.sources.cells import heading, plain_text
from digital_clusters.sources.folder.column_map import MAP_NAME, YEAR_MARK
from digital_clusters.sources.folder.file_kinds import check_kind, reading

USUAL_ENCODINGS = ("utf-8", "gb18030", "latin-1")
HEADING_ROWS = 30
"""Rows from the top among which headings are looked for."""

JOINER = "/"
"""Between the two parts of a heading that spreads over two rows."""

LISTED = 40
"""Headings that an error lists."""

NOTE = re.compile(r"(?:数据来源|资料来源|来源|注|说明|备注|Source|Note)", re.IGNORECASE)
"""How a line of text under a table begins."""

DELIMITERS = (",", "\t", ";")


@dataclass(frozen=True)
class Sheet:
    """A file, or one sheet of it, cell by cell.

    Attributes
    ----------
    cells : pandas.DataFrame
        One row a row of the file, columns 0, 1, …; the index is the row number in the file from 1.
    headings : list of str or None
        Of files that know their headings (Stata, Parquet); else they are among the cells.
    labels : dict
        Column number → its cells under Stata's value labels, where it has such.
    titles : dict
        Column number → its label in a Stata file, where it has one: often the heading of the yearbook.
    """

    cells: pd.DataFrame
    headings: list[str] | None = None
    labels: dict[int, pd.Series] | None = None
    titles: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """Headings and the rows below them.

    Attributes
    ----------
    headings : list of str
        As :func:`digital_clusters.sources.cells.heading` gives them, one a column of ``rows``.
    rows : pandas.DataFrame
        Columns 0, 1, …; the index is the row number in the file.
    labels, titles : dict
        As in :class:`Sheet`.
    """

    headings: list[str]
    rows: pd.DataFrame
    labels: dict[int, pd.Series]
    titles: dict[int, str] = field(default_factory=dict)

    def places(self, name: str) -> dict[str, int]:
        """Columns whose heading is ``name``: year ('' without :data:`YEAR_MARK` in it) → column.

        Raises
        ------
        DataError
            If two columns have the heading.
        """
        found: dict[str, int] = {}
        fits = heading_pattern(name)
        for place, text in enumerate(self.headings):
            if match := fits.fullmatch(text):
                year = match.groupdict().get("year") or ""
                if year in found:
                    raise DataError(
                        f"heading '{text[:60]}' is there twice, in columns {found[year] + 1} and "
                        f"{place + 1}: rename one of them"
                    )
                found[year] = place
        return found


def heading_pattern(name: str) -> re.Pattern[str]:
    """What a heading must look like to be the one that a column map names."""
    parts = [re.escape(part) for part in heading(name).split(YEAR_MARK)]
    return re.compile(r"(?P<year>(?:19|20)\d\d)".join(parts[:2]) + "".join(parts[2:]))


def read_table(path: Path, names: list[str], *, sheet: str | None = None, encoding: str = "utf-8") -> Table:
    """Headings and rows of a file.

    The heading row is the first that holds all of ``names``; where none does, two rows are read as one
    (``above/below``, a cell above standing for the blank ones to its right).

    Parameters
    ----------
    path : pathlib.Path
        .csv, .xlsx, .xls, .dta or .parquet.
    names : list of str
        Headings that are needed.
    sheet, encoding : str
        Of a workbook, of a text file.

    Raises
    ------
    FileError
        If the file cannot be read: wrong kind, protected, truncated, wrong encoding, ragged.
    DataError
        If there is no such sheet.
    """
    return with_headings(read_sheet(path, names, sheet=sheet, encoding=encoding), names)


def read_sheet(path: Path, names: list[str], *, sheet: str | None = None, encoding: str = "utf-8") -> Sheet:
    """The cells of a file; ``names`` help to tell the delimiter of a text file."""
    readers: dict[str, Callable[[], Sheet]] = {
        ".csv": lambda: _read_text(path, names, encoding),
        ".xlsx": lambda: _read_workbook(path, sheet),
        ".xls": lambda: _read_workbook(path, sheet),
        ".dta": lambda: _read_stata(path),
        ".parquet": lambda: _read_parquet(path),
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise FileError(f"{path.name}: files of kind '{path.suffix}' are not read; use {', '.join(readers)}")
    check_kind(path)
    return reader()


def sheet_names(path: Path) -> list[str]:
    """Names of the sheets of a workbook.

    Raises
    ------
    FileError
        If it cannot be read.
    """
    from python_calamine import CalamineWorkbook

    check_kind(path)
    with reading(path):
        return CalamineWorkbook.from_path(str(path)).sheet_names


def with_headings(sheet: Sheet, names: list[str]) -> Table:
    """The table under the row of ``sheet`` that holds ``names``, or most of them."""
    labels = sheet.labels or {}
    if sheet.headings is not None:
        return Table([heading(name) for name in sheet.headings], sheet.cells, labels)
    patterns = [heading_pattern(name) for name in names]
    best: tuple[int, int, list[str]] = (-1, 0, [])
    for last, headings in heading_candidates(sheet.cells):
        held = sum(any(fits.fullmatch(text) for text in headings) for fits in patterns)
        if held > best[0]:
            best = (held, last, headings)
        if held == len(patterns):
            break
    return Table(best[2], sheet.cells.iloc[best[1] + 1 :], labels)


def heading_candidates(cells: pd.DataFrame) -> Iterator[tuple[int, list[str]]]:
    """Position of the last heading row and the headings: single rows from the top, then pairs."""
    top = [[heading(cell) for cell in row] for row in cells.head(HEADING_ROWS).itertuples(index=False)]
    for place, row in enumerate(top):
        if any(row):
            yield place, row
    for place in range(len(top) - 1):
        if any(top[place]) and any(top[place + 1]):
            yield place + 1, _joined(top[place], top[place + 1])


def _joined(above: list[str], below: list[str]) -> list[str]:
    out, standing = [], ""
    for upper, lower in zip(above, below, strict=True):
        standing = upper or standing
        out.append(f"{standing}{JOINER}{lower}" if standing and lower else lower or upper)
    return out


def lacking(table: Table, path: Path, name: str, what: str) -> str:
    """The sentence about a heading that a file does not have."""
    there = ", ".join(text[:40] for text in table.headings[:LISTED] if text) or "none"
    more = f" and {len(table.headings) - LISTED} more" if len(table.headings) > LISTED else ""
    return (
        f"{path.name}: {what} needs column '{name[:60]}', which is not in the file. Columns there: "
        f"{there}{more}. Correct {MAP_NAME}.{_garbled(table.headings)}"
    )


def _garbled(headings: list[str]) -> str:
    text = "".join(headings)
    if text.isascii():
        return ""
    try:
        text.encode("latin-1").decode("gb18030")
    except UnicodeError:
        return "" if "\ufffd" not in text else " The headings look garbled: name the right 'encoding'."
    return " The headings look like Chinese text in another encoding: try `encoding: gb18030`."


def _read_workbook(path: Path, sheet: str | None) -> Sheet:
    from python_calamine import CalamineWorkbook

    with reading(path):
        book = CalamineWorkbook.from_path(str(path))
        names = book.sheet_names
    with book:
        wanted = names[0] if sheet is None else sheet
        if wanted not in names:
            raise DataError(f"{path.name} has no sheet '{wanted[:60]}'; its sheets are: {', '.join(names)}")
        with reading(path):
            rows = book.get_sheet_by_name(wanted).to_python(skip_empty_area=False)
    return Sheet(_frame(rows))


def _read_stata(path: Path) -> Sheet:
    with reading(path):
        frame = pd.read_stata(path, convert_categoricals=False)
        with pd.io.stata.StataReader(path) as reader:
            labelled, told = bool(reader.value_labels()), reader.variable_labels()
    labels = {}
    if labelled:
        for place, column in enumerate(frame.columns):
            labels |= _stata_labels(path, place, column)
    titles = {place: told[name] for place, name in enumerate(frame.columns) if told.get(name)}
    return replace(_of_frame(frame, labels), titles=titles)


def _stata_labels(path: Path, place: int, column: str) -> dict[int, pd.Series]:
    how = {"columns": [column], "convert_categoricals": True, "order_categoricals": False}
    with reading(path):
        named = pd.read_stata(path, **how)[column]
    if not isinstance(named.dtype, pd.CategoricalDtype):
        return {}
    return {place: named.astype("object")}


def _read_parquet(path: Path) -> Sheet:
    import pyarrow.parquet as pq

    with reading(path):
        table = pq.ParquetFile(path).read()
        names = table.column_names
        numbered = table.rename_columns([str(place) for place in range(len(names))])
        frame = numbered.to_pandas(ignore_metadata=True)
    return _of_frame(frame.set_axis(names, axis=1), {})


def _of_frame(frame: pd.DataFrame, labels: dict[int, pd.Series]) -> Sheet:
    rows = np.arange(len(frame)) + 2
    cells = frame.set_axis(range(frame.shape[1]), axis=1).set_axis(rows, axis=0)
    labels = {place: named.set_axis(rows) for place, named in labels.items()}
    return Sheet(cells, [str(name) for name in frame.columns], labels)


def _read_text(path: Path, names: list[str], encoding: str) -> Sheet:
    with reading(path):
        data = path.read_bytes()
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        raise FileError(f"{path.name} is empty: export it again")
    text = _decoded(path, data, encoding)
    patterns = [heading_pattern(name) for name in names]
    sheets = [_split(path, text, delimiter) for delimiter in DELIMITERS]
    rows = max(sheets, key=lambda rows: _headings_held(rows, patterns)[:2])
    return Sheet(_frame(_even(path, rows, -_headings_held(rows, patterns)[2])))


def _headings_held(rows: list[list[str]], patterns: list[re.Pattern[str]]) -> tuple[int, int, int]:
    """Of the row that holds most headings: how many, its filled cells if none, minus its place."""
    best = (0, 0, 0)
    for place, row in enumerate(rows[:HEADING_ROWS]):
        cells = [text for text in map(heading, row) if text]
        held = sum(any(fits.fullmatch(text) for text in cells) for fits in patterns)
        best = max(best, (held, 0 if held else len(cells), -place))
    return best


def _decoded(path: Path, data: bytes, encoding: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
        encoding = "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        tried = "utf-8" if encoding == "utf-8-sig" else encoding
        raise FileError(
            f"{path.name} is not in encoding '{tried}' (byte {error.start:,}). Put the right one under "
            f"'encoding' in {MAP_NAME}, for example {', '.join(_usual(data, tried))}."
        ) from None
    except LookupError:
        raise FileError(f"{path.name}: there is no encoding '{encoding[:40]}'") from None


def _usual(data: bytes, tried: str) -> list[str]:
    """Other encodings, those that the bytes fit first."""

    def fits(encoding: str) -> bool:
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            return False
        return True

    return sorted((e for e in USUAL_ENCODINGS if e != tried), key=lambda e: not fits(e))


def _split(path: Path, text: str, delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        if delimiter != DELIMITERS[0]:
            return []
        raise FileError(
            f"{path.name} is not a table of text ({error}): a quote is not closed, or the file is truncated. "
            "Export it again."
        ) from None


def _even(path: Path, rows: list[list[str]], top: int) -> list[list[str]]:
    """Rows as long as the heading row ``top``: fields beyond it are refused unless they are blank."""
    width = len(rows[top])
    for place, row in enumerate(rows):
        filled = max((i + 1 for i, cell in enumerate(row) if cell.strip()), default=0)
        if filled > width:
            raise FileError(
                f"{path.name}: row {place + 1} has {filled} fields, the headings in row {top + 1} are "
                f"{width}: a comma inside a number or a text is not in quotes. Export it again, without "
                "thousands separators."
            )
        if place > top and 1 < len(row) < width and filled > 1 and not NOTE.match(row[0].strip()):
            raise FileError(
                f"{path.name}: row {place + 1} has {len(row)} fields, the headings in row {top + 1} are "
                f"{width}: the row is truncated, or the file. Export it again."
            )
    return [row[:width] for row in rows]


def _frame(rows: list[list]) -> pd.DataFrame:
    width = max((len(row) for row in rows), default=0)
    padded = [list(row) + [None] * (width - len(row)) for row in rows]
    cells = pd.DataFrame(padded, columns=range(width), index=np.arange(len(rows)) + 1, dtype="object")
    return cells.mask(cells.map(lambda cell: isinstance(cell, str) and not plain_text(cell)), np.nan)

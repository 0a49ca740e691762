"""A first column map for a folder of files: what is recognised, and what could not be placed and why."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from digital_clusters.errors import DataError, DigitalClustersError, FileError
from digital_clusters.files import write_text
from digital_clusters.sources.cells import blanks, numbers, plain_text, years
from digital_clusters.sources.city_names import read_cities
from digital_clusters.sources.folder import headings, read_entry
from digital_clusters.sources.folder.column_map import MAP_NAME, YEAR_MARK, parse_map
from digital_clusters.sources.folder.own_files import (
    JOINER,
    Sheet,
    Table,
    heading_candidates,
    read_sheet,
    sheet_names,
)
from digital_clusters.sources.schema import codebook
from digital_clusters.sources.tables import empty_log
from digital_clusters.yaml_files import parse_yaml

SUFFIXES = (".csv", ".xlsx", ".xls", ".dta", ".parquet")
TABLE = headings.TABLE

MOST_LEFT_OUT = 0.2
"""Share of rows without a known city above which a file is taken for one that is not about cities."""

MOST_MARKS = 12
"""Different texts in a column of numbers that are taken for marks of missing values."""

MOST_TEXT = 0.1
"""Share of cells with text above which a column is not one of numbers."""

WORD, TITLE = 0.01, 0.025
"""Score of a cell that looks like a heading and is not known; of a row that is a title and not headings."""

LOOK = 50
"""Cells that tell whether a column can be one of years."""

FEWEST_YEARS = 3
"""Headings that differ only in the year and make a wide table."""

YEAR_IN_HEADING = re.compile(r"(?<![\d.])(?:19|20)\d\d(?![\d.])")
PLAUSIBLE_YEARS = (1949, 2035)


@dataclass(frozen=True)
class Placed:
    """A column of a file that is one of ours."""

    column: str
    heading: str
    factor: float
    values: int
    note: str = ""


@dataclass(frozen=True)
class Part:
    """A sheet or file and what was made of it.

    Attributes
    ----------
    file, sheet, encoding : str
        As the column map names them.
    city, year : str
        Headings; ``year`` is empty where years are columns.
    placed : tuple of Placed
    missing : tuple of str
        Text that stands for missing values.
    leave_out : dict
        Cell of the city column → why it means no city.
    out_of_range : bool
        Whether values lie outside the range of the codebook.
    unplaced : tuple of (str, str)
        Heading and why it was not placed.
    warnings : tuple of str
        Columns that name other cities than the one taken.
    """

    file: str
    sheet: str | None = None
    encoding: str = "utf-8"
    city: str = ""
    year: str = ""
    placed: tuple[Placed, ...] = ()
    missing: tuple[str, ...] = ()
    leave_out: dict[str, str] = field(default_factory=dict)
    out_of_range: bool = False
    unplaced: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """File and sheet, for people."""
        return self.file if self.sheet is None else f"{self.file}, sheet {self.sheet}"


@dataclass(frozen=True)
class Proposal:
    """A column map and what was left out of it.

    Attributes
    ----------
    text : str
        Of ``columns.yml``.
    parts : tuple of Part
        What the map names, in its order.
    refused : tuple of (str, str)
        File (and sheet), and why nothing of it is named.
    """

    text: str
    parts: tuple[Part, ...]
    refused: tuple[tuple[str, str], ...]


def propose(folder: Path) -> Proposal:
    """A column map for the files of ``folder`` (and the folders below it).

    City columns are recognised by their values, years by values and heading, variables by their headings
    (``data/headings.yml``), which also give the unit. A heading without a unit is taken only where its median
    fits the unit of the codebook. Every part is read once as the map names it; what does not open is refused.

    Raises
    ------
    FileError
        If the folder is missing or holds no file of a known kind.
    """
    files = _files(folder)
    parts, refused = [], []
    for path in files:
        for part in _parts(path, folder):
            checked, why = _checked(part, folder) if isinstance(part, Part) else (None, part[1])
            if checked is None:
                refused.append((part.name if isinstance(part, Part) else part[0], why))
            else:
                parts.append(checked)
    chosen = _once(parts)
    refused += [
        (part.name, _nothing_new(part)) for part in parts if part.name not in {p.name for p in chosen}
    ]
    proposal = Proposal(_map_text(chosen, refused), tuple(chosen), tuple(refused))
    if chosen:
        parse_map(parse_yaml(proposal.text, folder / MAP_NAME))
    return proposal


def write_proposal(folder: Path, *, force: bool = False) -> Proposal:
    """Propose a map and write it to ``folder/columns.yml``.

    Raises
    ------
    FileError
        If there is a map already and not ``force``, if nothing could be placed, or on a failure to write.
    """
    target = folder / MAP_NAME
    if target.exists() and not force:
        raise FileError(f"{target} is there already: move it away, or say --force to overwrite it")
    proposal = propose(folder)
    if not proposal.parts:
        reasons = "\n".join(f"  {name}: {why}" for name, why in proposal.refused)
        raise FileError(f"no table of cities and years was found in {folder}:\n{reasons}")
    write_text(target, proposal.text)
    return proposal


def proposal_summary(folder: Path, proposal: Proposal) -> str:
    """What a proposal names and refuses, as lines of text."""
    lines = [
        f"{folder / MAP_NAME} is written; check its units, then `digital-clusters data describe {folder}`"
    ]
    for part in proposal.parts:
        lines.append(f"{part.name}: {', '.join(column.column for column in part.placed)}")
        lines += [f"  check: {warning}" for warning in part.warnings]
        lines += [f"  not placed: {text} ({why})" for text, why in part.unplaced]
        lines += [f"  left out: {cell} ({why})" for cell, why in part.leave_out.items()]
    lines += [f"not used: {name}: {why}" for name, why in proposal.refused]
    return "\n".join(lines)


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise FileError(f"{folder} is not a folder")
    found = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix.lower() in SUFFIXES]
    found = [
        path for path in found if not any(p.startswith((".", "~")) for p in path.relative_to(folder).parts)
    ]
    if not found:
        raise FileError(f"{folder} holds no file of a known kind ({', '.join(SUFFIXES)})")
    return found


def _parts(path: Path, folder: Path) -> Iterator[Part | tuple[str, str]]:
    """One part a sheet, or its name and why it is none."""
    name = path.relative_to(folder).as_posix()
    try:
        sheets = sheet_names(path) if path.suffix.lower() in (".xlsx", ".xls") else [None]
    except DigitalClustersError as error:
        yield name, str(error)
        return
    for sheet in sheets:
        bare = Part(name, sheet if len(sheets) > 1 else None, _encoding(path))
        try:
            yield _recognised(bare, read_sheet(path, [], sheet=sheet, encoding=bare.encoding))
        except DigitalClustersError as error:
            yield bare.name, str(error)


def _encoding(path: Path) -> str:
    if path.suffix.lower() != ".csv":
        return "utf-8"
    try:
        path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _recognised(bare: Part, sheet: Sheet) -> Part:
    table = _table(sheet)
    if table is None or table.rows.dropna(how="all").empty:
        raise DataError("it holds no table")
    city = _city_column(table)
    if city is None:
        raise DataError("no column holds codes or names of cities")
    year = _year_column(table, city)
    wide = _wide_columns(table) if year is None else {}
    if year is None and not wide:
        raise DataError("no column holds years, and no headings do")
    part = replace(bare, city=table.headings[city], year="" if year is None else table.headings[year])
    table = _without_notes(table, city, year)
    part = replace(part, leave_out=_left_out(table, city), warnings=_disagreements(table, city))
    return _with_variables(part, table, _variables(table, {city, year}, wide, bare))


def _table(sheet: Sheet) -> Table | None:
    """Under the row (or two rows) with the most headings that are known."""
    if sheet.headings is not None:
        return Table(
            [plain_text(h).replace(" ", "") for h in sheet.headings],
            sheet.cells,
            sheet.labels or {},
            sheet.titles,
        )
    best, found, width = 0.0, None, sheet.cells.shape[1]
    for last, texts in heading_candidates(sheet.cells):
        # Two rows are read as one only where that makes a heading known.
        doubled = any(JOINER in text for text in texts)
        score = sum(map(_known, texts)) + _year_headings(texts) - (0.5 + 0.02 * width if doubled else 0)
        # A row of data has words too: a later row is taken only where it has another known heading.
        if score > best + (0.5 if best > TITLE else 0):
            best, found = score, Table(texts, sheet.cells.iloc[last + 1 :], {})
    return found


def _year_headings(texts: list[str]) -> int:
    found = [YEAR_IN_HEADING.findall(text) for text in texts]
    single = [years_[0] for years_ in found if len(years_) == 1]
    return len(single) if len(set(single)) >= FEWEST_YEARS else 0


def _known(text: str) -> float:
    """How much a text looks like a heading: a known one counts fully, any word that is no number a little."""
    if not text:
        return 0.0
    known = headings.meaning(_without_year(text)).column or headings.is_word("city", text)
    if known or headings.is_word("year", text):
        return 1.0
    return WORD if not re.fullmatch(r"[\d.,%+-]+", text) and len(text) < 40 else 0.0


def _without_year(text: str) -> str:
    return YEAR_IN_HEADING.sub("", text).strip("年_-/")


def _cells(table: Table, place: int) -> pd.Series:
    labels = table.labels.get(place)
    return table.rows[place] if labels is None else labels


def _city_column(table: Table) -> int | None:
    """The column most of whose values are cities; codes before names, current ones before old ones."""
    best: tuple[float, ...] = ()
    found = None
    for place, text in enumerate(table.headings):
        cells = _cells(table, place)
        distinct = pd.Series(cells[~blanks(cells)].unique(), dtype="object")
        if distinct.empty or not text or table.headings.count(text) > 1:
            continue
        read = read_cities(distinct)
        share = read.code.notna().mean()
        named = headings.is_word("city", text)
        if share < (0.5 if named else 1 - MOST_LEFT_OUT):
            continue
        coded = distinct.map(lambda cell: plain_text(cell).isdigit()).mean()
        rank = (read.code.nunique(), coded > 0.5, -read.superseded.mean(), named, -place)
        if rank > best:
            best, found = rank, place
    return found


def _year_column(table: Table, city: int) -> int | None:
    """The column of years that repeats the fewest cities; a heading that says 'year' goes first."""
    codes = read_cities(_cells(table, city)).code
    best: tuple[float, ...] = ()
    found = None
    for place, text in enumerate(table.headings):
        if place == city or not text or table.headings.count(text) > 1:
            continue
        # A look at some cells spares the reading of all where they cannot be years.
        year = _year_values(table.rows[place].dropna().head(LOOK))
        year = None if year is None else _year_values(table.rows[place])
        if year is None:
            continue
        there = codes.notna() & year.notna()
        twice = pd.DataFrame({"city": codes[there], "year": year[there]}).duplicated().mean()
        rank = (-round(twice, 2), headings.is_word("year", text), there.mean(), -place)
        if not best or rank > best:
            best, found = rank, place
    return found


def _year_values(cells: pd.Series) -> pd.Series | None:
    read = pd.to_numeric(numbers(years(cells)), errors="coerce") if not _dates_inside(cells) else None
    if read is None or read.notna().sum() == 0:
        return None
    low, high = PLAUSIBLE_YEARS
    fits = read.between(low, high) & (read % 1 == 0)
    filled = (~blanks(cells)).sum()
    return read.where(fits) if fits.sum() >= (1 - MOST_TEXT) * filled else None


def _dates_inside(cells: pd.Series) -> bool:
    read = years(cells)
    return bool(read.map(lambda cell: isinstance(cell, pd.Timestamp) or hasattr(cell, "isoformat")).any())


def _wide_columns(table: Table) -> dict[str, list[int]]:
    """Heading with :data:`YEAR_MARK` in place of the year → its columns."""
    found: dict[str, list[int]] = {}
    for place, text in enumerate(table.headings):
        if YEAR_IN_HEADING.search(text):
            found.setdefault(YEAR_IN_HEADING.sub(YEAR_MARK, text, count=1), []).append(place)
    return {text: places for text, places in found.items() if len(places) >= FEWEST_YEARS}


def _without_notes(table: Table, city: int, year: int | None) -> Table:
    """Without rows that name neither a city nor a year: the reader drops them too."""
    named = read_cities(_cells(table, city)).code.notna()
    if year is not None:
        dated = pd.to_numeric(numbers(years(table.rows[year])), errors="coerce").notna()
    else:
        dated = table.rows.apply(
            lambda row: pd.to_numeric(row.drop(city), errors="coerce").notna().any(), axis=1
        )
    kept = named | dated
    labels = {place: cells[kept] for place, cells in table.labels.items()}
    return replace(table, rows=table.rows[kept], labels=labels)


def _disagreements(table: Table, city: int) -> tuple[str, ...]:
    """Where another column of codes or names means another city in the same row, as in shifted rows."""
    taken = read_cities(_cells(table, city)).code
    found = []
    for place, text in enumerate(table.headings):
        if place == city or not headings.is_word("city", text):
            continue
        other = read_cities(_cells(table, place)).code
        unlike = table.rows.index[
            ((taken != other) & taken.notna() & other.notna()).fillna(False).to_numpy(bool)
        ]
        if len(unlike):
            row = unlike[0]
            found.append(
                f"'{text}' and '{table.headings[city]}' name different cities in {len(unlike)} row(s), the "
                f"first is row {row}: {taken[row]} and {other[row]}"
            )
    return tuple(found)


def _left_out(table: Table, city: int) -> dict[str, str]:
    cells = _cells(table, city)
    cells = cells[~blanks(cells)]
    read = read_cities(cells)
    keyed = pd.DataFrame({"cell": cells.map(plain_text), "why": read.why_not})[read.why_not != ""]
    return dict(keyed.drop_duplicates("cell").itertuples(index=False, name=None))


def _variables(
    table: Table, keys: set[int | None], wide: dict[str, list[int]], bare: Part
) -> Iterator[tuple[str, str, pd.Series]]:
    """Heading for the map, text that says what it is, and its cells."""
    if not wide:
        for place, text in enumerate(table.headings):
            if place not in keys and text:
                # the label of a Stata column gives the unit that its short name does not
                title = plain_text(table.titles.get(place, ""))
                yield text, title if headings.meaning(title).column else text, table.rows[place]
        return
    for text, places in wide.items():
        said = _without_year(text.replace(YEAR_MARK, "")).strip("年_-/")
        elsewhere = [bare.sheet or "", Path(bare.file).stem]
        said = said or next((word for word in elsewhere if headings.meaning(word).column), elsewhere[-1])
        yield text, said, pd.concat([table.rows[place] for place in places])


def _with_variables(part: Part, table: Table, found: Iterator[tuple[str, str, pd.Series]]) -> Part:
    placed: dict[str, Placed] = {}
    unplaced, missing, out = [], [], False
    unit = _common_unit(table)
    for text, said, cells in found:
        column, why, marks, outside = _place(text, said, cells, unit, table)
        if column is not None and column.column in placed:
            column, why = None, f"'{placed[column.column].heading}' is taken for it already"
        if column is None:
            unplaced.append((text, why))
            continue
        placed[column.column] = column
        missing += [mark for mark in marks if mark not in missing]
        out = out or outside
    return replace(
        part,
        placed=tuple(placed.values()),
        unplaced=tuple(unplaced),
        missing=tuple(missing),
        out_of_range=out,
    )


def _common_unit(table: Table) -> str | None:
    """The unit that a column of units gives for the whole table."""
    for place, text in enumerate(table.headings):
        if headings.is_word("unit", text):
            named = {plain_text(cell) for cell in table.rows[place].dropna().unique()}
            if len(named) == 1 and headings.is_unit(next(iter(named))):
                return named.pop()
    return None


def _place(
    text: str, said: str, cells: pd.Series, common: str | None, table: Table
) -> tuple[Placed | None, str, list[str], bool]:
    """The column of ours, or why it is none; marks of missing values; whether values are out of range."""
    known = headings.meaning(said)
    if known.column is None:
        return None, "not known", [], False
    if known.why_not:
        return None, f"{known.column}? {known.why_not}", [], False
    if table.headings.count(text) > 1:
        return None, f"{known.column}? the heading is there twice", [], False
    read = numbers(cells)
    number = pd.to_numeric(read, errors="coerce")
    texts = read[number.isna() & read.notna()]
    marks = list(dict.fromkeys(map(plain_text, texts)))
    if number.notna().sum() == 0 or len(texts) > MOST_TEXT * len(read) or len(marks) > MOST_MARKS:
        return None, f"{known.column}? {len(texts)} cells of text", [], False
    factor, note = _factor(known.column, known.unit or common, number)
    if factor is None:
        return None, f"{known.column}? {note}", [], False
    scaled, facts = number * factor, codebook()[TABLE]["columns"][known.column]
    outside = (scaled < facts.get("minimum", -float("inf"))) | (scaled > facts.get("maximum", float("inf")))
    if outside.any():
        note = "; ".join(filter(None, [note, f"{outside.sum()} value(s) out of range"]))
    placed = Placed(known.column, text, factor, int(number.notna().sum()), note)
    return placed, "", marks, bool(outside.any())


def _factor(column: str, unit: str | None, number: pd.Series) -> tuple[float | None, str]:
    """The factor to our unit and a remark; ``None`` where the unit is of another kind or cannot be told."""
    ours = codebook()[TABLE]["columns"][column]["unit"]
    low, high = headings.typical(column)
    if unit is not None and headings.needs_unit(column):
        factor = headings.factor_to_ours(column, unit)
        if factor is None:
            return None, f"it is in {unit}, the codebook in {ours}"
        median = float(number.median()) * factor
        odd = "" if low <= median <= high else f"its median is {median:,.4g} {ours}: check the unit"
        return factor, odd
    median = float(number.median())
    if low <= median <= high:
        return 1.0, f"no unit given: {ours}, to go by its median of {median:,.4g}" if _asks(column) else ""
    return None, f"no unit given, and a median of {median:,.4g} does not fit {ours}"


def _asks(column: str) -> bool:
    return headings.needs_unit(column)


def _checked(part: Part, folder: Path) -> tuple[Part | None, str]:
    """The part, if it opens as the map would name it; else why not."""
    if not part.placed:
        known = [f"{text} ({why})" for text, why in part.unplaced if why != "not known"]
        listed = "; ".join(known) or ", ".join(text for text, _ in part.unplaced[:8])
        return None, f"none of its columns could be placed: {listed}"
    text = _map_text([part], [])
    declared = parse_map(parse_yaml(text, folder / MAP_NAME))
    entry = declared.tables[TABLE][0]
    try:
        read_entry(folder / entry.file, TABLE, entry, None, empty_log())
    except DigitalClustersError as error:
        return None, str(error)
    return part, ""


def _once(parts: list[Part]) -> list[Part]:
    """Every column from the part that has most values of it; parts with nothing left go."""
    best: dict[str, tuple[int, int]] = {}
    for number, part in enumerate(parts):
        for column in part.placed:
            if column.column not in best or column.values > best[column.column][0]:
                best[column.column] = (column.values, number)
    chosen = []
    for number, part in enumerate(parts):
        kept = tuple(c for c in part.placed if best[c.column][1] == number)
        gone = tuple(
            (c.heading, f"{c.column}: {parts[best[c.column][1]].name} has more of it")
            for c in part.placed
            if best[c.column][1] != number
        )
        if kept:
            chosen.append(replace(part, placed=kept, unplaced=part.unplaced + gone))
    return chosen


def _nothing_new(part: Part) -> str:
    return f"other files have more values of {', '.join(column.column for column in part.placed)}"


def _map_text(parts: list[Part], refused: list[tuple[str, str]]) -> str:
    lines = [
        "# Proposed by `digital-clusters data propose`. Check units and what is left out before you use it.",
        f"{TABLE}:",
        *[line for part in parts for line in _entry_lines(part)],
    ]
    if refused:
        lines += ["", "# Not used:"]
        lines += [f"#   {_comment(name)}: {_comment(why)}" for name, why in refused]
    return "\n".join(lines) + "\n"


def _entry_lines(part: Part) -> list[str]:
    lines = [f"  - file: {_quoted(part.file)}"]
    lines += [f"    sheet: {_quoted(part.sheet)}"] if part.sheet is not None else []
    lines += [f"    encoding: {part.encoding}"] if part.encoding != "utf-8" else []
    lines += ["    columns:", f"      city: {_quoted(part.city)}"]
    lines += [f"      year: {_quoted(part.year)}"] if part.year else []
    lines += [_column_line(column) for column in part.placed]
    if part.missing:
        lines.append(f"    missing: [{', '.join(map(_quoted, part.missing))}]")
    if part.leave_out:
        lines.append("    leave_out:")
        lines += [f"      - {_quoted(cell)}   # {_comment(why)}" for cell, why in part.leave_out.items()]
    if part.out_of_range:
        lines.append("    out_of_range: missing")
    lines += [f"    # check: {_comment(warning)}" for warning in part.warnings]
    lines += [f"    # not placed: {_comment(text)} ({_comment(why)})" for text, why in part.unplaced]
    return lines


def _column_line(column: Placed) -> str:
    unit = codebook()[TABLE]["columns"][column.column]["unit"]
    note = _comment("; ".join(filter(None, [unit, column.note])))
    named = _quoted(column.heading)
    if column.factor != 1:
        named = f"{{column: {named}, factor: {column.factor:.12g}}}"
    return f"      {column.column}: {named}   # {note}"


def _quoted(text: str) -> str:
    """A YAML scalar in double quotes (JSON strings are such)."""
    return json.dumps(text, ensure_ascii=False)


def _comment(text: str) -> str:
    """Text on one line, without what YAML cannot hold, cut."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    return plain if len(plain) <= 300 else f"{plain[:300]}…"

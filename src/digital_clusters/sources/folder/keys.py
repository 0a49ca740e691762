"""Where the table of a sheet begins, and which of its columns are cities and years."""

import re
from dataclasses import replace

import pandas as pd

from digital_clusters.sources.cells import blanks, numbers, plain_text, years
from digital_clusters.sources.city_names import read_cities
from digital_clusters.sources.folder import headings
from digital_clusters.sources.folder.column_map import YEAR_MARK
from digital_clusters.sources.folder.own_files import JOINER, Sheet, Table, heading_candidates

MOST_LEFT_OUT = 0.2
"""Share of rows without a known city above which a file is taken for one that is not about cities."""

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


def rows_under_headings(sheet: Sheet) -> Table | None:
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
    known = headings.meaning(text_without_year(text)).column or headings.is_word("city", text)
    if known or headings.is_word("year", text):
        return 1.0
    return WORD if not re.fullmatch(r"[\d.,%+-]+", text) and len(text) < 40 else 0.0


def text_without_year(text: str) -> str:
    return YEAR_IN_HEADING.sub("", text).strip("年_-/")


def _cells(table: Table, place: int) -> pd.Series:
    labels = table.labels.get(place)
    return table.rows[place] if labels is None else labels


def find_cities(table: Table) -> int | None:
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


def find_years(table: Table, city: int) -> int | None:
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


def columns_of_years(table: Table) -> dict[str, list[int]]:
    """Heading with :data:`YEAR_MARK` in place of the year → its columns."""
    found: dict[str, list[int]] = {}
    for place, text in enumerate(table.headings):
        if YEAR_IN_HEADING.search(text):
            found.setdefault(YEAR_IN_HEADING.sub(YEAR_MARK, text, count=1), []).append(place)
    return {text: places for text, places in found.items() if len(places) >= FEWEST_YEARS}


def rows_with_keys(table: Table, city: int, year: int | None) -> Table:
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


def other_cities_named(table: Table, city: int) -> tuple[str, ...]:
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


def cells_without_city(table: Table, city: int) -> dict[str, str]:
    cells = _cells(table, city)
    cells = cells[~blanks(cells)]
    read = read_cities(cells)
    keyed = pd.DataFrame({"cell": cells.map(plain_text), "why": read.why_not})[read.why_not != ""]
    return dict(keyed.drop_duplicates("cell").itertuples(index=False, name=None))

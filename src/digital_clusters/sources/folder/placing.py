"""Which of our columns a column of a file is, and in which unit."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd

from digital_clusters.sources.cells import numbers, plain_text
from digital_clusters.sources.folder import headings
from digital_clusters.sources.folder.column_map import YEAR_MARK
from digital_clusters.sources.folder.keys import MOST_TEXT, text_without_year
from digital_clusters.sources.folder.own_files import Table
from digital_clusters.sources.folder.part import Part, Placed
from digital_clusters.sources.schema import codebook

TABLE = headings.TABLE

MOST_MARKS = 12
"""Different texts in a column of numbers that are taken for marks of missing values."""


def columns_to_place(
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
        said = text_without_year(text.replace(YEAR_MARK, "")).strip("年_-/")
        elsewhere = [bare.sheet or "", Path(bare.file).stem]
        said = said or next((word for word in elsewhere if headings.meaning(word).column), elsewhere[-1])
        yield text, said, pd.concat([table.rows[place] for place in places])


def with_placed(part: Part, table: Table, found: Iterator[tuple[str, str, pd.Series]]) -> Part:
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

"""A first column map for a folder of files: what is recognised, and what could not be placed and why."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from digital_clusters.errors import DataError, DigitalClustersError, FileError
from digital_clusters.files import write_text
from digital_clusters.sources.folder import read_entry
from digital_clusters.sources.folder.column_map import MAP_NAME, parse_map
from digital_clusters.sources.folder.keys import (
    cells_without_city,
    columns_of_years,
    find_cities,
    find_years,
    other_cities_named,
    rows_under_headings,
    rows_with_keys,
)
from digital_clusters.sources.folder.map_text import map_text
from digital_clusters.sources.folder.own_files import Sheet, read_sheet, sheet_names
from digital_clusters.sources.folder.part import Part
from digital_clusters.sources.folder.placing import TABLE, columns_to_place, with_placed
from digital_clusters.sources.tables import empty_log
from digital_clusters.yaml_files import parse_yaml

SUFFIXES = (".csv", ".xlsx", ".xls", ".dta", ".parquet")


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
    proposal = Proposal(map_text(chosen, refused), tuple(chosen), tuple(refused))
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
    table = rows_under_headings(sheet)
    if table is None or table.rows.dropna(how="all").empty:
        raise DataError("it holds no table")
    city = find_cities(table)
    if city is None:
        raise DataError("no column holds codes or names of cities")
    year = find_years(table, city)
    wide = columns_of_years(table) if year is None else {}
    if year is None and not wide:
        raise DataError("no column holds years, and no headings do")
    part = replace(bare, city=table.headings[city], year="" if year is None else table.headings[year])
    table = rows_with_keys(table, city, year)
    part = replace(part, leave_out=cells_without_city(table, city), warnings=other_cities_named(table, city))
    return with_placed(part, table, columns_to_place(table, {city, year}, wide, bare))


def _checked(part: Part, folder: Path) -> tuple[Part | None, str]:
    """The part, if it opens as the map would name it; else why not."""
    if not part.placed:
        known = [f"{text} ({why})" for text, why in part.unplaced if why != "not known"]
        listed = "; ".join(known) or ", ".join(text for text, _ in part.unplaced[:8])
        return None, f"none of its columns could be placed: {listed}"
    text = map_text([part], [])
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

"""A proposed column map as the text of ``columns.yml``."""

import json

from digital_clusters.sources.folder.part import Part, Placed
from digital_clusters.sources.folder.placing import TABLE
from digital_clusters.sources.schema import codebook


def map_text(parts: list[Part], refused: list[tuple[str, str]]) -> str:
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

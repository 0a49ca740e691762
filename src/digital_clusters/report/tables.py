"""House style of the book's tables (great-tables), readable in the light and the dark theme."""

import hashlib
import html
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from digital_clusters.errors import ParameterError
from digital_clusters.report.words import MISSING

if TYPE_CHECKING:
    from great_tables import GT

# The book's dark theme puts a light box under HTML output; tables take the page's own colours instead.
_CSS = """
html[data-theme=dark] .bd-content
  div.cell_output .text_html:not(:has(table.dataframe)):has(table.gt_table) {
  background-color: transparent; color: inherit; padding: 0; }
.gt_table { background-color: transparent !important; color: inherit !important;
  font-family: inherit !important; font-size: 0.85em !important; width: auto !important;
  margin-left: 0 !important; margin-right: 0 !important; }
.gt_table :is(td, th, tr, thead, tbody, tfoot), .gt_table .gt_column_spanner {
  background-color: transparent !important; color: inherit !important;
  border-color: color-mix(in srgb, currentColor 35%, transparent) !important; }
.gt_table td.gt_row { vertical-align: top !important; padding: 4px 8px !important; }
.gt_table th.gt_col_heading { font-weight: 600 !important; padding: 4px 8px !important; white-space: normal; }
.gt_table td.gt_title { text-align: left !important; font-weight: 600 !important; font-size: 1em !important;
  padding-left: 8px !important; }
.gt_table :is(.gt_sourcenote, .gt_footnote) { font-size: 0.9em !important; text-align: left;
  white-space: normal; }
.gt_table .dc-small { font-size: 0.88em; opacity: 0.8; }
.gt_table .dc-words { font-size: 0.88em; font-style: italic; }
"""


def styled(
    frame: pd.DataFrame,
    title: str = "",
    note: str = "",
    label: str = "",
    *,
    decimals: int | Mapping[str, int] = 3,
    spanners: Mapping[str, Sequence[str]] | None = None,
    headings: Mapping[str, str] | None = None,
    markup: Sequence[str] = (),
    footnotes: Sequence[tuple[int, str, str]] = (),
) -> "GT":
    """A frame as a table of the book.

    Parameters
    ----------
    frame : pandas.DataFrame
        Column names are the headings; the index is not shown. Floats get ``decimals``, integers
        grouped thousands, truth values yes and no, missing values an en dash.
    title, note : str
        Above and below the table.
    label : str
        Which data: closes the source note of every table, and must not be empty.
    decimals : int or mapping of str to int
        For all floats, or by column.
    spanners : mapping of str to sequence of str, optional
        Heading above several columns.
    headings : mapping of str to str, optional
        Column → what is shown above it, where that is not its name.
    markup : sequence of str
        Columns that hold HTML already (see :func:`lines`); all others are escaped.
    footnotes : sequence of (row, column, text)
        Row counted from zero.

    Returns
    -------
    great_tables.GT

    Raises
    ------
    ParameterError
        If ``label`` is empty.
    """
    from great_tables import GT, loc
    from great_tables import html as raw_html

    if not label:
        raise ParameterError("a table needs the label of its data, such as 'synthetic twin'")
    name = "t" + hashlib.sha256(f"{title}{label}{frame.to_csv()}".encode()).hexdigest()[:12]
    table = GT(_readable(frame), id=name).opt_css(_CSS)
    table = table.tab_header(title) if title else table
    table = _formatted(table, frame, decimals, markup)
    for heading, columns in (spanners or {}).items():
        table = table.tab_spanner(heading, columns=list(columns))
    if headings:
        table = table.cols_label(**headings)
    for row, column, text in footnotes:
        table = table.tab_footnote(text, locations=loc.body(columns=column, rows=[row]), placement="right")
    numeric = [name for name in frame if _kind(frame[name]) in "if"]
    table = table.cols_align("left", [name for name in frame if name not in numeric])
    table = table.cols_align("right", numeric) if numeric else table
    return table.tab_source_note(raw_html(html.escape(f"{note} Data: {label}.".strip())))


def _kind(column: pd.Series) -> str:
    return next(
        (
            letter
            for letter, test in (
                ("b", pd.api.types.is_bool_dtype),
                ("i", pd.api.types.is_integer_dtype),
                ("f", pd.api.types.is_float_dtype),
            )
            if test(column.dtype)
        ),
        "s",
    )


def _readable(frame: pd.DataFrame) -> pd.DataFrame:
    words = {name: frame[name].map({True: "yes", False: "no"}) for name in frame if _kind(frame[name]) == "b"}
    return frame.assign(**words).reset_index(drop=True)


def _formatted(
    table: "GT", frame: pd.DataFrame, decimals: int | Mapping[str, int], markup: Sequence[str]
) -> "GT":
    for name in frame:
        kind = _kind(frame[name])
        if name in markup:
            table = table.fmt_passthrough(name, escape=False)
        elif kind == "i" and name.lower() != "year":
            table = table.fmt_integer(name)
        elif kind == "f":
            places = decimals if isinstance(decimals, int) else decimals.get(name, 3)
            table = table.fmt_number(name, decimals=places)
    return table.sub_missing(missing_text=MISSING)

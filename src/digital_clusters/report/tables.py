"""House style of the book's tables (great-tables), readable in the light and the dark theme."""

import hashlib
import html
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from digital_clusters.errors import ParameterError
from digital_clusters.studies.published import PrintedMoments

if TYPE_CHECKING:
    from great_tables import GT

MISSING = "–"
"""A value that is not there, by nature (a reason belongs in a footnote)."""

MOMENTS = {"mean": "Mean", "sd": "S.d.", "min": "Minimum", "max": "Maximum"}

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


def number(value: float, decimals: int = 3) -> str:
    """A number with a fixed count of decimals, grouped thousands and a proper minus sign."""
    if value is None or not np.isfinite(value):
        return MISSING
    return f"{value:,.{decimals}f}".replace("-", "−")


def lines(first: str, small: Sequence[str] = (), emphasised: Sequence[str] = ()) -> str:
    """HTML of a cell with several lines; every text is escaped."""
    parts = [html.escape(first)]
    parts += [f'<span class="dc-small">{html.escape(text)}</span>' for text in small]
    parts += [f'<span class="dc-words">{html.escape(text)}</span>' for text in emphasised]
    return "<br>".join(parts)


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


def descriptive_table(
    published: Sequence[PrintedMoments],
    computed: pd.DataFrame,
    label: str,
    *,
    missing: Mapping[str, str] | None = None,
    title: str = "",
    note: str = "",
) -> "GT":
    """Printed and computed moments side by side, with the deviation in per cent of the printed one.

    Parameters
    ----------
    published : sequence of PrintedMoments
        The paper's Table 1.
    computed : pandas.DataFrame
        From :func:`digital_clusters.measures.descriptive.describe`.
    label : str
        Of the panel.
    missing : mapping of str to str, optional
        Column → why the panel does not have it; becomes a footnote.
    """
    missing = missing or {}
    by_column = computed.set_index("column")
    rows, footnotes = [], []
    for position, printed in enumerate(published):
        found = by_column.loc[printed.variable]
        there = int(found["n"]) > 0
        count = f"N = {int(found['n']):,} (paper {printed.n:,})" if there else "not available"
        cells = {"Variable": lines(str(found["variable"]), small=[str(found["meaning"]), count])}
        for moment in MOMENTS:
            text = getattr(printed, moment)
            cells[f"{moment}_published"] = html.escape(text.replace("-", "−"))
            cells[f"{moment}_computed"] = _moment(found[moment], text) if there else MISSING
        if not there:
            reason = missing.get(printed.variable, "the panel does not have it")
            footnotes.append((position, "Variable", f"not available: {reason}"))
        rows.append(cells)
    frame = pd.DataFrame(rows)
    kinds = {f"{moment}_{kind}": word for moment in MOMENTS for kind, word in _KINDS.items()}
    spanners = {word: [f"{moment}_{kind}" for kind in _KINDS] for moment, word in MOMENTS.items()}
    text = f"Below each computed moment: its deviation from the printed one in per cent. {note}".strip()
    return styled(
        frame,
        title,
        text,
        label,
        spanners=spanners,
        headings=kinds,
        markup=list(frame.columns),
        footnotes=footnotes,
    )


_KINDS = {"published": "paper", "computed": "here"}


def _moment(value: float, printed: str) -> str:
    places = len(printed.partition(".")[2])
    reference = float(printed)
    small = [] if reference == 0 else [_deviation(100 * (value / reference - 1))]
    return lines(number(value, places), small=small)


def _deviation(percent: float) -> str:
    """A deviation with its sign, which a rounded zero does not have."""
    rounded = round(percent, 1)
    # a no-break space keeps the sign of per cent on the line of its number
    return f"{rounded:+.1f}\xa0%".replace("-", "−") if rounded else "0.0\xa0%"

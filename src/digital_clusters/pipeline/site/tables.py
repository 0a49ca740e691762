"""Tables of a built page: one style sheet, a caption with a number, headings that say what they head."""

import re
from itertools import chain, count

from bs4 import BeautifulSoup, NavigableString, Tag

from digital_clusters.pipeline.site.markup import class_names
from digital_clusters.report.words import number, p_value, power_of_ten

NUMBERED = "Tab."
"""Not the word that the papers number their tables by: *Table 2* stays theirs."""

LABEL = re.compile(r"^(?:Show )?code of the (?:tables?|figures?)(?:[^:]*):\s*(.+)$", re.IGNORECASE)
"""Label of a folded cell: what follows the colon names the table."""

NOISE = ("headers", "data-quarto-disable-processing", "data-quarto-bootstrap", "border", "style", "valign")
"""Attributes that repeat what classes and scopes say, or are obsolete."""

SCROLLERS = "pst-scrollable-table-container"
HEADINGS = ("h1", "h2", "h3", "h4")

NAMES_OF_RESULTS = {
    "coefficient": "Coefficient",
    "column": "Column",
    "detectable": "Detectable",
    "effect": "Effect",
    "high": "High",
    "holm": "Holm",
    "kind": "Kind",
    "label": "Term",
    "log_likelihood": "Log-likelihood",
    "low": "Low",
    "lower": "Low",
    "median_error": "Median standard error",
    "missing": "Missing",
    "n_specs": "Specifications",
    "p_value": "p",
    "posterior_share": "Posterior share",
    "romano_wolf": "Romano–Wolf",
    "share_against": "p < 0.05, other sign",
    "share_clear": "p < 0.05, claimed sign",
    "share_sign": "Claimed sign",
    "standard_error": "Standard error",
    "term": "Term",
    "unit": "Unit",
    "upper": "High",
    "words": "In words",
}
"""What code calls a column of results → what a reader calls it. Names of data stay, as in the code book."""

NUMBER = re.compile(r"-?\d+(?:\.\d*)?(?:e[+-]\d+)?")
P_VALUES = ("p_value", "p")
SMALLEST_P = 0.001
SMALLEST_SHOWN, LARGEST_WITH_DECIMALS, DECIMALS = 1e-4, 1e5, 6
"""Sizes between which a number that code writes in E notation is written out, and with which decimals."""

CLAIM = "claim"
"""Heading of rows or columns that are keys of claims, which are words joined by underscores."""

ROOM = ((160, "paragraph-cell"), (40, "sentence-cell"), (20, "phrase-cell"))
"""Characters of a line, or half of a cell, beyond which its column needs room on a phone: its class."""

BREAKS = {"br", "div", "details", "p", "summary"}
"""Elements that end a line within a cell."""

INDEX = "table.indextable"
"""Columns of an index, which Sphinx places by a table: it has no rows that mean anything."""

LONG = 60
"""Rows of a result from which a table scrolls under its headings instead of pushing the text away."""

MOST_HEADINGS = 3
"""Headings that tell a table from another one of the same title."""


def dress_tables(page: BeautifulSoup, first: int) -> int:
    """Give every table of a page its number, title, scopes and a frame that scrolls by keyboard too.

    Parameters
    ----------
    page : BeautifulSoup
        Changed in place.
    first : int
        Number of the page's first table.

    Returns
    -------
    int
        Number of the first table of the next page.
    """
    article = page.find("article")
    if not isinstance(article, Tag):
        return first
    taken: set[str] = set()
    for table in article.select(INDEX):
        _no_table(table)
    for table in article.find_all("table"):
        title = _take_title(table) or _told_beside(table)
        _plain(table)
        if "dataframe" in class_names(table):
            _one_row_of_headings(table)
            _write_numbers(table)
            _in_words(table)
        title = _told_apart(title, table, taken)
        taken.add(title)
        _scopes(table)
        _room(page, table)
        _caption(page, table, first, title)
        _frame(page, table, title)
        first += 1
    return first


def _take_title(table: Tag) -> str:
    """The title that the table has, taken out of it; Sphinx's own number of it is none of the book's."""
    for number_of_sphinx in table.select("caption > .caption-number, caption > .headerlink"):
        number_of_sphinx.decompose()
    rows = table.select("tr.gt_heading")
    words = " ".join(" ".join(row.get_text(" ").split()) for row in rows)
    caption = table.find("caption")
    for tag in (*rows, *([caption] if isinstance(caption, Tag) else [])):
        words = words or " ".join(tag.get_text(" ").replace("#", "").split())
        tag.decompose()
    return words


def _told_beside(table: Tag) -> str:
    """What stands beside the table: the label of its folded cell, or else the heading above it."""
    cell = table.find_parent("div", class_="cell")
    summary = cell.find("summary") if isinstance(cell, Tag) else None
    if isinstance(summary, Tag):
        shown = summary.find("p") or summary
        if found := LABEL.match(" ".join(shown.get_text(" ").split())):
            return found[1][0].upper() + found[1][1:]
    heading = table.find_previous(HEADINGS)
    return " ".join(heading.get_text().rstrip("#").split()) if isinstance(heading, Tag) else "Table"


def _told_apart(title: str, table: Tag, taken: set[str]) -> str:
    """The title; where the page has it already, with the table's first headings, or else with a number."""
    if title not in taken:
        return title
    headings = [_within_a_line(cell.get_text(" ", strip=True)) for cell in table.select("thead th")]
    if named := [text for text in dict.fromkeys(headings) if text][:MOST_HEADINGS]:
        title += f": {', '.join(named)}"
    numbered = (title if number == 1 else f"{title} ({number})" for number in count(1))
    return next(one for one in numbered if one not in taken)


def _within_a_line(heading: str) -> str:
    """A heading as it is written where it begins no line; a letter by itself is a symbol and stays."""
    return heading[:1].lower() + heading[1:] if heading[1:2].islower() else heading


def _no_table(table: Tag) -> None:
    """Turn a table that only places words into blocks that a style sheet places."""
    for row in table.select("tbody, tr"):
        row.unwrap()
    for tag in (table, *table.select("td")):
        tag.name, tag.attrs = "div", {}
    table["class"] = "index-columns"


def _plain(table: Tag) -> None:
    """Leave out style that the book's own sheet has once."""
    place = table.parent
    if isinstance(place, Tag):
        for style in place.find_all("style"):
            style.decompose()
    for tag in chain([table], table.find_all(True)):
        for name in NOISE:
            tag.attrs.pop(name, None)
        for name in ("rowspan", "colspan"):
            if tag.get(name) == "1":
                del tag[name]
    for tag in table.select("th[id], td[id]"):
        del tag["id"]
    table.attrs.pop("aria-labelledby", None)


def _one_row_of_headings(table: Tag) -> None:
    """Put the names of the index, which pandas writes below the headings, before them."""
    rows = table.select("thead tr")
    if len(rows) != 2:
        return
    above, names = (row.find_all(["th", "td"], recursive=False) for row in rows)
    said = [cell.get_text(strip=True) for cell in names]
    levels = next((place for place, text in enumerate(said) if not text), len(said))
    if len(above) == len(names) and not any(
        [*said[levels:], *(c.get_text(strip=True) for c in above[:levels])]
    ):
        for cell, text in zip(above, said[:levels], strict=False):
            cell.string = text
        rows[1].decompose()


def _in_words(table: Tag) -> None:
    """Head columns of results by words, and rows whose name is no word; the tooltip has the name for code."""
    of_claims = table.select_one("thead th")
    claims = of_claims is not None and of_claims.get_text(strip=True) == CLAIM
    for cell in table.find_all("th"):
        name = cell.get_text(strip=True)
        if name in NAMES_OF_RESULTS and ("_" in name or cell.find_parent("thead")):
            cell.string, cell["title"] = NAMES_OF_RESULTS[name], name
        elif claims and "_" in name:
            cell.string, cell["title"] = name.replace("_", " "), name


def _write_numbers(table: Tag) -> None:
    """Numbers of results as the book writes them: minus signs, small p values in words, no E notation."""
    headings = [cell.get_text(strip=True) for cell in table.select("thead tr:last-child > *")]
    for row in table.select("tbody tr"):
        cells = row.find_all(["th", "td"], recursive=False)
        # a row of an index with levels has fewer cells: it is read from its end
        for heading, cell in zip(reversed(headings), reversed(cells), strict=False):
            text = cell.get_text(strip=True)
            if cell.name == "td" and NUMBER.fullmatch(text):
                cell.string = number_in_words(text, of_p=heading in P_VALUES)


def number_in_words(text: str, *, of_p: bool = False) -> str:
    """A number as code writes it, as the book writes it.

    Examples
    --------
    >>> number_in_words("-0.125"), number_in_words("2.3e-06", of_p=True), number_in_words("0.51", of_p=True)
    ('−0.125', '<\\xa00.001', '0.51')
    >>> number_in_words("5.079980e-01"), number_in_words("1.058257e-05"), number_in_words("2.313042e+08")
    ('0.507998', '1.06 × 10⁻⁵', '231,304,200')
    """
    value = float(text)
    if of_p and value < SMALLEST_P:
        return p_value(value)
    if "e" not in text:
        return text.replace("-", "−")
    if abs(value) < SMALLEST_SHOWN:
        return power_of_ten(value, 3) if value else "0"
    return number(value, 0 if abs(value) >= LARGEST_WITH_DECIMALS else DECIMALS)


def _room(page: BeautifulSoup, table: Tag) -> None:
    """Mark the cells that hold sentences, and wrap notes so that they can be as wide as the frame."""
    for cell in table.select("tbody :is(td, th)"):
        lines = [len(line) for line in _lines(cell)]
        longest = max(*lines, sum(lines) // 2)
        if room := next((name for most, name in ROOM if longest > most), ""):
            cell["class"] = " ".join([*class_names(cell), room])
    for cell in table.select("tfoot td"):
        note = page.new_tag("div", attrs={"class": "table-note"})
        for part in list(cell.contents):
            note.append(part.extract())
        cell.append(note)


def _lines(cell: Tag) -> list[str]:
    """The text of a cell as its elements break it: what stands in a line is one, what is folded is none."""
    text = ""
    for part in cell.descendants:
        if isinstance(part, NavigableString):
            folded = part.find_parent("details") and not part.find_parent("summary")
            text += "" if folded else " ".join(part.split("\n"))
        elif isinstance(part, Tag) and part.name in BREAKS:
            text += "\n"
    return text.split("\n")


def _scopes(table: Tag) -> None:
    """Say of each heading what it heads; a heading without a word is none."""
    for cell in table.select("thead th"):
        if not cell.get_text(strip=True):
            cell.name = "td"
            cell.attrs.pop("scope", None)
        else:
            cell["scope"] = "colgroup" if "colspan" in cell.attrs else "col"
    for row in table.select("tbody tr"):
        cells = row.find_all(["th", "td"], recursive=False)
        for cell in cells:
            if cell.name == "th":
                cell["scope"] = "row"
        first = cells[0] if cells else None
        if first is None or first.name == "th" or len(cells) < 2 or not first.get_text(strip=True):
            continue
        if "gt_left" in class_names(first):
            first.name, first["scope"] = "th", "row"


def _caption(page: BeautifulSoup, table: Tag, number: int, title: str) -> None:
    caption = page.new_tag("caption", id=f"tab-{number}")
    for kind, text in (("caption-number", f"{NUMBERED} {number} "), ("caption-text", title)):
        part = page.new_tag("span", attrs={"class": kind})
        part.string = text
        caption.append(part)
    table.insert(0, caption)


def _frame(page: BeautifulSoup, table: Tag, title: str) -> None:
    """Let a wide table scroll in a frame that the keyboard reaches and that has a name."""
    place = table.parent
    if isinstance(place, Tag) and ("gt_table" in class_names(table) or SCROLLERS in class_names(place)):
        frame = place
        frame.attrs.pop("style", None)
        frame.attrs.pop("id", None)
    else:
        frame = table.wrap(page.new_tag("div"))
    long = table.find_parent("div", class_="cell_output") and len(table.select("tbody tr")) > LONG
    names = [name for name in class_names(frame) if name != SCROLLERS]
    frame["class"] = " ".join([*names, "table-frame", *(["long-table"] if long else [])])
    frame.attrs |= {"tabindex": "0", "role": "region", "aria-label": title}

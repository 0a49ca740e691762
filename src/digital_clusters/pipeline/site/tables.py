"""Tables of a built page: one style sheet, a caption with a number, headings that say what they head."""

import re
from itertools import chain

from bs4 import BeautifulSoup, Tag

from digital_clusters.pipeline.site.markup import class_names

NUMBERED = "Tab."
"""Not the word that the papers number their tables by: *Table 2* stays theirs."""

LABEL = re.compile(r"^(?:Show )?code of the (?:tables?|figures?)(?:[^:]*):\s*(.+)$", re.IGNORECASE)
"""Label of a folded cell: what follows the colon names the table."""

NOISE = ("headers", "data-quarto-disable-processing", "data-quarto-bootstrap", "border", "style")
"""Attributes that repeat what classes and scopes say."""

SCROLLERS = "pst-scrollable-table-container"
HEADINGS = ("h1", "h2", "h3", "h4")


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
    taken: dict[str, int] = {}
    for table in article.find_all("table"):
        title = _take_title(table) or _told_beside(table)
        taken[title] = taken.get(title, 0) + 1
        title += f" ({taken[title]})" if taken[title] > 1 else ""
        _plain(table)
        _scopes(table)
        _caption(page, table, first, title)
        _frame(page, table, title)
        first += 1
    return first


def _take_title(table: Tag) -> str:
    """The title that the table has, taken out of it."""
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
    frame["class"] = " ".join([*(name for name in class_names(frame) if name != SCROLLERS), "table-frame"])
    frame.attrs |= {"tabindex": "0", "role": "region", "aria-label": title}

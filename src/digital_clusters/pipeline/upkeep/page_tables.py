"""The record of built pages as Markdown for the status page: the book in sums, and a row for each page."""

from collections.abc import Callable, Iterable
from typing import Any

from digital_clusters.pipeline.upkeep.page_record import JudgedBook, JudgedPage, PageRecord

INTRODUCTION = """\
## What the pages weigh, and what is against them

By `benchmarks/page_weights.py`, on the built book at commit `{commit}`, {date}. A page has its pictures,
styles and scripts in the light theme; formulas' own scripts and fonts are left out of the weight. {axe} opens
each page in the light and the dark theme and at the width of a phone, and counts elements that break a
rule of accessibility; the Nu HTML checker{checker} counts errors of the page as it is written.
"""

BEFORE = """\
In a cell of two numbers the first is of the first edition (commit `{commit}`, {date}).
"""

UNKNOWN = "not asked"
EARLIER = "{} → {}"


def pages_section(record: PageRecord) -> str:
    """Markdown of the section: what was asked, the sums, and every page."""
    now, first = record.now, record.first
    axe = f"axe {now.axe}" if now.axe else "axe"
    checker = f" {now.checker}" if now.checker else ""
    said = INTRODUCTION.format(commit=now.commit, date=now.date, axe=axe, checker=checker)
    if first:
        said = f"{said.rstrip()} {BEFORE.format(commit=first.commit, date=first.date)}"
    return f"{said}\n{_rows(_sums(now, first))}\n\n### Every page\n\n{_rows(_every_page(record))}"


def _sums(now: JudgedBook, first: JudgedBook | None) -> Iterable[list[str]]:
    head = ["Measure", "Now"] + (["First edition"] if first else [])
    books = [now] + ([first] if first else [])
    told: dict[str, Callable[[JudgedBook], str]] = {
        "Pages": lambda book: f"{len(book.pages):,}",
        "Largest page, MB": lambda book: _megabytes(max(book.each("size"))),
        "Median page, MB": lambda book: _megabytes(book.middle("size")),
        "Requests of a page, most": lambda book: f"{max(book.each('requests')):,}",
        "Requests of a page, median": lambda book: f"{book.middle('requests'):,.0f}",
        "Broken rules of accessibility, light": lambda book: _count(book.total("light")),
        "Broken rules of accessibility, dark": lambda book: _count(book.total("dark")),
        "Broken rules of accessibility, phone": lambda book: _count(book.total("phone")),
        "Errors of HTML": lambda book: _count(book.total("html")),
        "Tags that do not nest": lambda book: _count(book.total("wrong_tags")),
        "Names given twice in a page": lambda book: _count(book.total("same_names")),
        "Links within the book": lambda book: _count(book.total("links")),
        "Links that lead nowhere": lambda book: _count(book.total("broken_links")),
    }
    return [head, *([name, *map(say, books)] for name, say in told.items())]


def _every_page(record: PageRecord) -> Iterable[list[str]]:
    earlier = {page.weight.page: page for page in record.first.pages} if record.first else {}
    told: dict[str, Callable[[JudgedPage], Any]] = {
        "MB": lambda page: _megabytes(page.weight.size),
        "Requests": lambda page: page.weight.requests,
        "Axe, light": lambda page: page.light,
        "Axe, dark": lambda page: page.dark,
        "Axe, phone": lambda page: page.phone,
        "HTML": lambda page: page.html,
        "Broken links": lambda page: page.weight.broken_links,
    }
    yield ["Page", *told]
    for page in record.now.pages:
        before = earlier.get(page.weight.page)
        cells = [
            EARLIER.format(_cell(say(before)), _cell(say(page))) if before else _cell(say(page))
            for say in told.values()
        ]
        yield [_in_words(page.weight.page), *cells]


def _in_words(page: str) -> str:
    """The place of a page in words that a line can end with; a place in code is as wide as a phone."""
    return page.removeprefix("notebooks/").replace("/", ": ").replace("_", " ")


def _cell(value: Any) -> str:
    return "–" if value is None else str(value)


def _count(total: int | None) -> str:
    return UNKNOWN if total is None else f"{total:,}"


def _megabytes(size: float) -> str:
    return f"{size / 1e6:.2f}"


def _rows(rows: Iterable[list[str]]) -> str:
    head, *others = rows
    lines = [head, ["---"] * len(head), *others]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)

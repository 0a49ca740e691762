"""The record of all built pages, ``data/page_weights.yml``: of the book as it is, and of its first edition.

Written by ``benchmarks/page_weights.py`` and shown on the status page.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from digital_clusters.pipeline.upkeep.page_judges import VIEWS, Objection
from digital_clusters.pipeline.upkeep.page_weights import PageWeight
from digital_clusters.pipeline.upkeep.records import read_upkeep, write_upkeep

RECORD = "data/page_weights.yml"

HEAD = """\
# Written by benchmarks/page_weights.py: what every built page weighs and what is against it, in the book as
# it is and in its first edition. Counts of a judge that was not asked are null.
"""


@dataclass(frozen=True)
class JudgedPage:
    """A page's weight, and how many of its elements each judge objects to (``None``: was not asked)."""

    weight: PageWeight
    html: int | None
    light: int | None
    dark: int | None
    phone: int | None


@dataclass(frozen=True)
class JudgedBook:
    """All pages of one built book.

    Attributes
    ----------
    date, commit : str
        When it was built, and at which commit of the code.
    axe, checker : str or None
        Versions of the judges; ``None`` for one that was not asked.
    pages : tuple of JudgedPage
    """

    date: str
    commit: str
    axe: str | None
    checker: str | None
    pages: tuple[JudgedPage, ...]

    def total(self, count: str) -> int | None:
        """Sum over pages of a count of a page or its weight; ``None`` where one is unknown."""
        found = self.each(count)
        return None if None in found else sum(found)

    def middle(self, count: str) -> float:
        """Median over pages of a count that is known for all."""
        return median(self.each(count))

    def each(self, count: str) -> list[Any]:
        """A count of every page, in their order."""
        return [getattr(page if hasattr(page, count) else page.weight, count) for page in self.pages]


@dataclass(frozen=True)
class PageRecord:
    """The book as it is, and its first edition where that is known."""

    now: JudgedBook
    first: JudgedBook | None = None


def judged_pages(
    weights: Iterable[PageWeight], axe: Sequence[Objection] | None, checked: Sequence[Objection] | None
) -> tuple[JudgedPage, ...]:
    """Join weights and objections page by page; ``None`` for a judge that was not asked."""
    counts: Counter[tuple[str, str]] = Counter()
    for one in (*(axe or ()), *(checked or ())):
        counts[one.page, one.view] += one.count

    def said(weight: PageWeight, view: str, judge: Sequence[Objection] | None) -> int | None:
        return None if judge is None else counts[weight.page, view]

    return tuple(
        JudgedPage(one, said(one, "html", checked), **{view: said(one, view, axe) for view in VIEWS})
        for one in weights
    )


def read_page_record(root: Path) -> PageRecord | None:
    """The record; ``None`` where the project has none.

    Raises
    ------
    FileError
        If the file is not such a record.
    """
    return read_upkeep(root / RECORD, _read, "the pages")


def write_page_record(root: Path, record: PageRecord) -> None:
    """Write the record."""
    first = None if record.first is None else _plain(record.first)
    content = {"now": _plain(record.now), "first": first}
    write_upkeep(root / RECORD, HEAD, content, width=1000, leaves_in_line=True)


def _plain(book: JudgedBook) -> dict[str, Any]:
    rows = [
        {**asdict(page.weight), **{k: v for k, v in asdict(page).items() if k != "weight"}}
        for page in book.pages
    ]
    return {**asdict(book), "pages": rows}


def _read(said: Any) -> PageRecord:
    return PageRecord(_book(said["now"]), said["first"] and _book(said["first"]))


def _book(said: dict[str, Any]) -> JudgedBook:
    return JudgedBook(**{**said, "pages": tuple(map(_page, said["pages"]))})


def _page(row: dict[str, Any]) -> JudgedPage:
    judged = {name: row[name] for name in ("html", *VIEWS)}
    return JudgedPage(PageWeight(**{name: row[name] for name in row if name not in judged}), **judged)

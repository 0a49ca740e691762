"""What the built pages weigh and whether they hold together, ``data/page_weights.yml``.

The record is written by ``benchmarks/page_weights.py`` from a built book, and is shown on the status page.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup

from digital_clusters.errors import BuildError
from digital_clusters.pipeline.site.markup import attribute
from digital_clusters.pipeline.upkeep.records import read_upkeep, write_upkeep

RECORD = "data/page_weights.yml"

HEAD = "# Written by benchmarks/page_weights.py: what the built pages weigh and whether they hold together.\n"

LIBRARIES = {"_static", "_sources", "_images", "mathjax", "explorer", "live", "slides"}
"""Folders of the built book that hold no page of it."""

LOADED = "script[src], link[rel=stylesheet], link[rel=icon], img:not(.only-dark)"
"""What a browser reads for a page that is scrolled through, in the light theme."""

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
"""Elements of HTML that have no end tag."""

MAY_STAY_OPEN = {
    "p",
    "li",
    "dt",
    "dd",
    "tr",
    "td",
    "th",
    "thead",
    "tbody",
    "tfoot",
    "colgroup",
    "caption",
    "option",
}
"""Elements whose end tag HTML lets one leave out."""


@dataclass(frozen=True)
class PageWeights:
    """A built book in a few numbers.

    Attributes
    ----------
    pages : int
    largest_page : str
        The page that weighs most.
    largest, median : int
        Bytes of a page with its pictures, styles and scripts, in the light theme; MathJax is left out.
    most_requests, median_requests : int
        Files that a browser asks for, the page among them.
    wrong_tags, same_names, broken_links : int
        Tags that do not nest, names given twice in a page, and links within the book that lead nowhere.
    links : int
        Links within the book.
    date, commit : str
        When, and at which commit of the code.
    """

    pages: int
    largest_page: str
    largest: int
    median: int
    most_requests: int
    median_requests: int
    wrong_tags: int
    same_names: int
    links: int
    broken_links: int
    date: str
    commit: str


@dataclass(frozen=True, eq=False)
class _Page:
    name: str
    soup: BeautifulSoup
    text: str
    names: list[str]


def weigh_pages(html: Path, *, date: str, commit: str) -> PageWeights:
    """Measure every page of a built book.

    Raises
    ------
    BuildError
        If there is no page.
    """
    pages = {page.name: page for page in _pages(html)}
    if not pages:
        raise BuildError(f"there is no built page in {html}; run make book")
    files = {name: _loaded(html, page) for name, page in pages.items()}
    sizes = {name: _bytes(html, name, files[name]) for name in pages}
    requests = sorted(1 + len(found) for found in files.values())
    led = [(page, address) for page in pages.values() for address in _links(page)]
    heaviest = max(sizes, key=lambda name: sizes[name])
    return PageWeights(
        pages=len(pages),
        largest_page=heaviest.removesuffix(".html"),
        largest=sizes[heaviest],
        median=sorted(sizes.values())[len(sizes) // 2],
        most_requests=requests[-1],
        median_requests=requests[len(requests) // 2],
        wrong_tags=sum(_wrong_tags(page.text) for page in pages.values()),
        same_names=sum(len(page.names) - len(set(page.names)) for page in pages.values()),
        links=len(led),
        broken_links=sum(not _leads_somewhere(html, pages, page, address) for page, address in led),
        date=date,
        commit=commit,
    )


def _pages(html: Path) -> Iterator[_Page]:
    for file in sorted(html.rglob("*.html")):
        place = file.relative_to(html)
        if place.parts[0] in LIBRARIES or place.as_posix() == "index.html":
            continue
        text = file.read_text(encoding="utf-8")
        soup = BeautifulSoup(text, "html.parser")
        yield _Page(place.as_posix(), soup, text, [attribute(tag, "id") for tag in soup.select("[id]")])


def _loaded(html: Path, page: _Page) -> set[Path]:
    found = set()
    for tag in page.soup.select(LOADED):
        address = urlsplit(attribute(tag, "src") or attribute(tag, "href"))
        if address.path and address.scheme != "data":
            found.add((html / page.name).parent.joinpath(unquote(address.path)).resolve())
    return found


def _bytes(html: Path, name: str, files: set[Path]) -> int:
    counted = [file for file in files if "mathjax" not in file.parts and file.is_file()]
    return (html / name).stat().st_size + sum(file.stat().st_size for file in counted)


def _links(page: _Page) -> Iterator[str]:
    for tag in page.soup.select("a[href]"):
        address = urlsplit(attribute(tag, "href"))
        if not address.scheme and not address.netloc and (address.path or address.fragment):
            yield attribute(tag, "href")


def _leads_somewhere(html: Path, pages: dict[str, _Page], page: _Page, address: str) -> bool:
    """Whether there is the file that a link names and, in a page, the place."""
    parts = urlsplit(address)
    target = (html / page.name).parent.joinpath(unquote(parts.path)) if parts.path else html / page.name
    target = target.resolve()
    if not target.exists():
        return False
    name = target.relative_to(html.resolve()).as_posix() if target.is_relative_to(html.resolve()) else ""
    if not parts.fragment or name not in pages:
        return True
    return unquote(parts.fragment) in pages[name].names


class _Nesting(HTMLParser):
    """Counts end tags without a start, and elements that another one's end closes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element of a drawing or formula, which ends where it starts."""

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.open:
            self.wrong += tag not in VOID
            return
        while (last := self.open.pop()) != tag:
            self.wrong += last not in MAY_STAY_OPEN


def _wrong_tags(text: str) -> int:
    parser = _Nesting()
    parser.feed(text)
    parser.close()
    return parser.wrong + sum(tag not in MAY_STAY_OPEN for tag in parser.open)


def read_page_weights(root: Path) -> PageWeights | None:
    """The record; ``None`` where the project has none.

    Raises
    ------
    FileError
        If the file is not such a record.
    """
    return read_upkeep(root / RECORD, lambda said: PageWeights(**said), "the pages")


def write_page_weights(root: Path, record: PageWeights) -> None:
    """Write the record."""
    write_upkeep(root / RECORD, HEAD, asdict(record))

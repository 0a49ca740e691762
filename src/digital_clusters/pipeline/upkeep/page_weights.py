"""What each built page weighs, how much a browser asks for, and whether its tags and links hold."""

from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup

from digital_clusters.errors import BuildError
from digital_clusters.pipeline.site.markup import attribute

LIBRARIES = {"_static", "_sources", "_images", "mathjax", "explorer", "live"}
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
class PageWeight:
    """One built page in a few numbers.

    Attributes
    ----------
    page : str
        Its place in the book, without the ending.
    size : int
        Bytes of the page with its pictures, styles and scripts, in the light theme; MathJax is left out.
    requests : int
        Files that a browser asks for, the page among them.
    links, broken_links : int
        Links within the book, and those of them that lead nowhere.
    wrong_tags, same_names : int
        Tags that do not nest, and names given twice in the page.
    """

    page: str
    size: int
    requests: int
    links: int
    broken_links: int
    wrong_tags: int
    same_names: int


@dataclass(frozen=True, eq=False)
class _Page:
    name: str
    soup: BeautifulSoup
    text: str
    names: list[str]


def weigh_pages(html: Path) -> tuple[PageWeight, ...]:
    """Measure every page of a built book, in the order of their names.

    Raises
    ------
    BuildError
        If there is no page.
    """
    pages = {page.name: page for page in _pages(html)}
    if not pages:
        raise BuildError(f"there is no built page in {html}; run make book")
    return tuple(_weigh(html, page, pages) for page in pages.values())


def _weigh(html: Path, page: _Page, pages: dict[str, _Page]) -> PageWeight:
    files, links = _loaded(html, page), list(_links(page))
    return PageWeight(
        page=page.name.removesuffix(".html"),
        size=_bytes(html, page.name, files),
        requests=1 + len(files),
        links=len(links),
        broken_links=sum(not _leads_somewhere(html, pages, page, address) for address in links),
        wrong_tags=_wrong_tags(page.text),
        same_names=len(page.names) - len(set(page.names)),
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

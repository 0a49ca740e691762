"""The whole book as one PDF with bookmarks: its pages as one document, printed by a browser."""

import posixpath
import shutil
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag

from digital_clusters.errors import BuildError
from digital_clusters.files import draft_prefix, write_text
from digital_clusters.pipeline.site.browsers import find_browser
from digital_clusters.pipeline.site.markup import attribute
from digital_clusters.pipeline.site.plan import BookPlan

SHEET = "print.html"
SECONDS = 600
"""Given to the browser; a book of thirty pages takes it one or two minutes."""

SCRIPT_MILLISECONDS = 120_000
"""Time that scripts believe to have: all formulas are set before the page is printed."""

LEFT_OUT = (
    "details.above-input, script, .headerlink, .only-dark, .only-narrow, .onlyprint, .about-page, "
    ".live-figure, button"
)
"""Bars of folded code, and what only a screen has."""

STYLE = """\
@page { size: A4; margin: 18mm 16mm; }
html, body { background: white; color: black; font-size: 10pt; }
article { break-before: page; max-width: none; }
article:first-of-type { break-before: auto; }
h1, h2, h3 { break-after: avoid; }
figure, tr, .admonition, .sd-card, pre, .cell_input { break-inside: avoid; }
caption, thead { break-after: avoid; }
tr:has(details) { break-inside: auto; }
article div, pre { overflow-x: clip !important; overflow-y: visible !important; max-height: none !important; }
table.dataframe :is(th, td) { overflow-wrap: anywhere; }
.figure-frame img { min-width: 0 !important; width: auto !important; max-width: 150mm; max-height: 205mm; }
pre { white-space: pre-wrap !important; }
thead { display: table-header-group; }
tfoot { display: table-row-group; }
"""
"""A figure is never as high as a page, so that the heading above it stays with it; the note of a table stands
once, at its end."""


def print_book(html: Path, plan: BookPlan, target: Path) -> Path:
    """Print the built pages, in reading order, into one PDF.

    Folded code is left out; solutions of exercises are printed open.

    Parameters
    ----------
    html : pathlib.Path
        The built pages.
    plan : BookPlan
    target : pathlib.Path
        The PDF; replaced only if the printing succeeds.

    Raises
    ------
    BuildError
        If there is no Chromium or Chrome, or it fails.
    """
    browser = find_browser()
    if browser is None:
        raise BuildError("neither Chromium nor Chrome was found; one of them prints the book: install it")
    with tempfile.TemporaryDirectory(prefix=draft_prefix(), dir=target.parent) as folder:
        place = Path(folder)
        shutil.copytree(html, place / "html", symlinks=False)
        write_text(place / "html" / SHEET, one_document(place / "html", plan))
        made = place / "book.pdf"
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"]
        command += [
            "--disable-background-networking",
            "--allow-file-access-from-files",
            "--no-pdf-header-footer",
        ]
        command += ["--generate-pdf-document-outline", f"--virtual-time-budget={SCRIPT_MILLISECONDS}"]
        command += [f"--user-data-dir={place / 'profile'}", f"--print-to-pdf={made}"]
        try:
            subprocess.run(
                [*command, (place / "html" / SHEET).as_uri()],
                capture_output=True,
                timeout=SECONDS,
                check=True,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise BuildError(f"{browser} did not print the book: {error}") from None
        if not made.is_file():
            raise BuildError(f"{browser} ended without a PDF")
        made.replace(target)
    return target


def one_document(html: Path, plan: BookPlan) -> str:
    """HTML of all pages one after another; links between pages lead within it."""
    pages = {
        entry: BeautifulSoup((html / f"{entry}.html").read_text(encoding="utf-8"), "html.parser")
        for entry in plan.entries
        if (html / f"{entry}.html").is_file()
    }
    whole = BeautifulSoup(
        '<!DOCTYPE html><html lang="en" data-theme="light"><head><meta charset="utf-8"></head>'
        '<body class="bd-content"></body></html>',
        "html.parser",
    )
    head, body = whole.head, whole.body
    if not isinstance(head, Tag) or not isinstance(body, Tag):
        raise BuildError("the frame of the printed book cannot be parsed")
    title, style = whole.new_tag("title"), whole.new_tag("style")
    title.string, style.string = plan.title, STYLE
    head.append(title)
    if settings := _settings_of_formulas(pages):
        head.append(settings)
    for address in dict.fromkeys(_heads(pages)):
        kind = {"rel": "stylesheet", "href": address} if address.endswith(".css") else {"src": address}
        head.append(whole.new_tag("link" if "href" in kind else "script", attrs=kind))
    head.append(style)
    for entry, page in pages.items():
        article = page.select_one("article")
        if isinstance(article, Tag):
            _print_open(article)
            _within(article, entry, set(pages))
            article["id"] = _anchor(entry)
            body.append(article.extract())
    return str(whole)


def _heads(pages: dict[str, BeautifulSoup]) -> list[str]:
    """Style sheets of the pages, and what sets formulas, as addresses from the folder of the book."""
    found = []
    for entry, page in pages.items():
        here = posixpath.dirname(entry)
        for tag in page.select("head link[rel=stylesheet], script[src*=mathjax]"):
            address = urlsplit(attribute(tag, "href") or attribute(tag, "src")).path
            found.append(posixpath.normpath(posixpath.join(here, address)))
    return found


def _settings_of_formulas(pages: dict[str, BeautifulSoup]) -> Tag | None:
    """The script by which a page says which of its parts hold formulas; all pages have the same."""
    for page in pages.values():
        for script in page.find_all("script", src=False):
            if "window.MathJax" in (script.string or ""):
                return script.extract()
    return None


def _print_open(article: Tag) -> None:
    for tag in article.select(LEFT_OUT):
        tag.decompose()
    for folded in article.select("details"):
        folded["open"] = ""
    for picture in article.select("img"):
        picture.attrs.pop("loading", None)


def _within(article: Tag, entry: str, entries: set[str]) -> None:
    """Addresses and names as they are in the one document: each page's names begin with the page's."""
    here, anchor = posixpath.dirname(entry), _anchor(entry)
    for tag in article.select("[id]"):
        tag["id"] = f"{anchor}.{tag['id']}"
    for tag in article.select("img[src]"):
        tag["src"] = posixpath.normpath(posixpath.join(here, attribute(tag, "src")))
    for link in article.select("a[href]"):
        address = urlsplit(attribute(link, "href"))
        if address.scheme or address.netloc:
            continue
        page = (
            posixpath.normpath(posixpath.join(here, address.path)).removesuffix(".html")
            if address.path
            else entry
        )
        if page in entries:
            link["href"] = f"#{_anchor(page)}" + (f".{address.fragment}" if address.fragment else "")


def _anchor(entry: str) -> str:
    return entry.replace("/", "-")

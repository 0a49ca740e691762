"""The built book as a reader without a network sees it: every page, opened in headless Chromium.

Needs ``_build/html`` (and looks at ``_build/html-public`` where it is). With ``CI`` set, a missing book or
browser is a failure; elsewhere the tests are skipped with the reason.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import threading
from dataclasses import dataclass
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
import yaml
from bs4 import BeautifulSoup

from digital_clusters.analysis.fit import fit
from digital_clusters.studies.industrial_upgrading.replication import load_panel
from digital_clusters.studies.industrial_upgrading.specs import BASELINE

ROOT = Path(__file__).parents[2]
EDITIONS = {"html": "synthetic twin", "html-public": "public data"}
"""Folder below ``_build`` and what everything made from its data carries."""

SECTIONS = ("theory", "measurement", "baseline", "robustness", "heterogeneity", "mechanism")
STUDIES = ("industrial_upgrading", "virtual_agglomeration", "collaborative_agglomeration")
CHAPTERS = (
    "notebooks/virtual_clusters/theory",
    *(f"notebooks/{study}/{section}" for study in STUDIES for section in SECTIONS),
    "notebooks/industrial_upgrading/public_data",
    "notebooks/collaborative_agglomeration/accession",
)
THEORY_LABELS = ("the printed paper", "the printed abstract", "model, illustrative parameters")
"""What a chapter of theory shows, in place of data."""

VIRTUAL_MILLISECONDS = 20_000
"""Time that scripts of a page believe to have; MathJax needs well under half of it."""

TIMEOUT_SECONDS = 120
"""Wall time for one page; a page takes two to five seconds on a busy machine."""

HASH = re.compile(r"[0-9a-f]{16,}")
BAD_OUTPUT = re.compile(r"Traceback \(most recent|\w+Warning\b|<Figure size")
EMPTY_VALUES = {"nan", "<na>", "nat", "inf", "-inf"}

pytestmark = pytest.mark.slow


class _Server(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Requests are not news."""


@dataclass(frozen=True)
class Seen:
    """One page after its scripts ran: the document, and hosts it asked that are not the server."""

    dom: BeautifulSoup
    other_hosts: frozenset[str]

    @property
    def article(self):
        return self.dom.select_one("article.bd-article")

    @property
    def outputs(self):
        return self.dom.select("div.cell_output")


def _not_here(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"{reason}; with CI set this is a failure")
    pytest.skip(reason)


@cache
def _pages() -> tuple[str, ...]:
    """Entries of the table of contents, whatever parts and chapters they stand in."""

    def entries(node):
        if isinstance(node, list):
            for item in node:
                yield from entries(item)
        elif isinstance(node, dict):
            yield from (node[key] for key in ("root", "file") if key in node)
            for value in node.values():
                yield from entries(value)

    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    return tuple(re.sub(r"\.(md|py)$", "", entry) for entry in entries(toc))


@pytest.fixture(scope="module", params=EDITIONS)
def edition(request) -> str:
    folder = ROOT / "_build" / request.param
    if not (folder / "index.html").is_file():
        if request.param != "html":
            pytest.skip("the book was not built from public data")
        _not_here("there is no book in _build/html: run make book")
    return request.param


@pytest.fixture(scope="module")
def server(edition):
    handler = partial(_Server, directory=str(ROOT / "_build" / edition))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()


@pytest.fixture(scope="module")
def look(browser, server, tmp_path_factory):
    """A function from a page's entry to :class:`Seen`; each page is opened once."""
    folder = tmp_path_factory.mktemp("browser")

    @cache
    def look(entry: str) -> Seen:
        return _open(browser, f"{server}/{entry}.html", folder, server)

    return look


def _open(browser: str, address: str, folder: Path, server: str) -> Seen:
    folder.mkdir(exist_ok=True)
    log = folder / "net.json"
    command = [
        browser,
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage"),
        *("--no-first-run", "--disable-background-networking", "--disable-component-update"),
        *("--disable-sync", "--disable-extensions", "--mute-audio"),
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        f"--user-data-dir={folder / 'profile'}",
        f"--log-net-log={log}",
        f"--virtual-time-budget={VIRTUAL_MILLISECONDS}",
        "--dump-dom",
        address,
    ]
    done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_SECONDS, check=True)
    dom = BeautifulSoup(done.stdout.decode("utf-8"), "html.parser")
    return Seen(dom, frozenset(_other_hosts(log, server)))


def _other_hosts(log: Path, server: str) -> set[str]:
    """Hosts asked on behalf of the page (the browser's own requests have no initiator)."""
    events = json.loads(log.read_text(encoding="utf-8"))["events"]
    parameters = [event.get("params", {}) for event in events]
    urls = [p["url"] for p in parameters if "url" in p and p.get("initiator") == server]
    return {
        urlsplit(url).netloc
        for url in urls
        if url.startswith(("http", "ws")) and f"//{urlsplit(url).netloc}" not in server
    }


@cache
def _built(edition: str, page: str) -> BeautifulSoup:
    """A page as it was written, before its scripts run."""
    text = (ROOT / "_build" / edition / page).read_text(encoding="utf-8")
    return BeautifulSoup(text, "html.parser")


def _without_code(seen: Seen) -> str:
    article = BeautifulSoup(str(seen.article), "html.parser")
    for tag in article.select("pre, code, script, style, mjx-container"):
        tag.decompose()
    return article.get_text(" ")


each_page = pytest.mark.parametrize("page", _pages())
each_chapter = pytest.mark.parametrize("chapter", CHAPTERS)


@each_page
def test_page_has_one_heading_of_its_own(look, page):
    headings = [h.get_text().strip(" #\n") for h in look(page).article.select("h1")]
    assert len(headings) == 1 and headings[0]


@each_page
def test_no_output_is_an_error_or_a_warning(look, page):
    seen = look(page)
    bad = [m[0] for output in seen.outputs if (m := BAD_OUTPUT.search(output.get_text()))]
    assert not bad
    assert not seen.dom.select("div.output.stderr, div.output.traceback")


@each_page
def test_no_cell_of_a_table_is_not_a_number(look, page):
    cells = [cell.get_text().strip() for cell in look(page).article.select("td")]
    assert not [text for text in cells if text.lower() in EMPTY_VALUES]


@each_page
def test_every_formula_is_typeset(look, edition, page):
    formulas = _built(edition, f"{page}.html").select("article.bd-article .math")
    seen = look(page)
    assert len(seen.dom.select("mjx-container")) >= len(formulas)
    assert not seen.dom.select("mjx-merror, [data-mjx-error]")
    assert "$$" not in _without_code(seen) and "\\(" not in _without_code(seen)


@each_page
def test_every_picture_says_what_it_shows(look, page):
    for image in look(page).article.select("img"):
        text = (image.get("alt") or "").strip()
        assert len(text.split()) >= 2, f"{image.get('src')}: alt text {text!r}"
        assert not HASH.search(text), f"{image.get('src')}: alt text {text!r} is a file name"


@each_page
def test_every_internal_link_leads_somewhere(look, edition, page):
    root = ROOT / "_build" / edition
    broken = []
    for tag in look(page).dom.select("a[href], img[src], script[src], link[href]"):
        target = tag.get("href") or tag.get("src")
        address = urlsplit(urljoin(f"http://book/{page}.html", target))
        if address.netloc != "book" or address.scheme != "http":
            continue
        name = unquote(address.path).lstrip("/") or "index.html"
        if not (root / name).is_file():
            broken.append(target)
        elif tag.name == "a" and address.fragment and name.endswith(".html"):
            anchor = unquote(address.fragment)
            if not _built(edition, name).find(attrs={"id": anchor}):
                broken.append(target)
    assert not broken


@each_page
def test_page_asks_no_other_host(look, server, page):
    seen = look(page)
    assert not seen.other_hosts
    loaded = seen.dom.select(
        "script[src], img[src], iframe[src], link[rel=stylesheet][href], link[rel=preload]"
    )
    addresses = [tag.get("src") or tag.get("href") for tag in loaded]
    assert not [
        address for address in addresses if urlsplit(address).netloc not in ("", urlsplit(server).netloc)
    ]


@each_chapter
def test_chapter_shows_a_table_and_says_where_it_comes_from(look, edition, chapter):
    seen = look(chapter)
    assert [table for output in seen.outputs for table in output.select("table")]
    labels = THEORY_LABELS if chapter.endswith("theory") else (EDITIONS[edition],)
    labels = (EDITIONS["html-public"],) if chapter.endswith("public_data") else labels
    text = seen.article.get_text(" ").lower()
    assert any(label in text for label in labels), f"none of {labels} is on the page"


@each_chapter
def test_chapter_shows_figures_with_number_and_caption(look, chapter):
    pictures = look(chapter).article.select("div.cell_output img")
    assert pictures
    for picture in pictures:
        figure = picture.find_parent("figure")
        numbered = figure and figure.select_one("figcaption .caption-number")
        assert numbered, f"{picture.get('src')} has no caption with a number"


def test_every_chapter_is_in_the_book():
    assert set(CHAPTERS) == {page for page in _pages() if page.startswith("notebooks/")}


def test_a_request_to_another_host_would_be_seen(browser, tmp_path):
    """The check above can fail: a page with a foreign script is caught."""
    (tmp_path / "index.html").write_text("<h1>x</h1><script src='http://example.invalid/a.js'></script>")
    handler = partial(_Server, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{httpd.server_port}"
        seen = _open(browser, f"{address}/index.html", tmp_path / "browser", address)
        httpd.shutdown()
    assert seen.other_hosts == {"example.invalid"}


def test_from_the_front_page_to_a_number_of_ones_own(look, edition):
    """Front page → one coefficient → its verdict → its code → the command → another learner's number."""
    if edition != "html":
        pytest.skip("one edition is enough: the path is the same")
    front = look("book/index").article
    assert front.select_one('a[href^="scorecard.html"]'), "the front page leads to no verdicts"
    rows = look("book/scorecard").article.select("tr")
    (row,) = [row for row in rows if row.get_text(" ", strip=True).find("Table 2 (2) Benchmark") >= 0]
    verdict, told = row.find(("td", "th")).get_text(strip=True), row.get_text(" ").replace("−", "-")
    defined = {cell.get_text(strip=True) for other in rows for cell in other.find_all(("td", "th"))[1:2]}
    assert verdict in defined, f"the word {verdict} has no row that says what it means"
    assert re.search(r"Best design -?\d\.\d{3} \(\d\.\d{3}\)", told)
    address = urljoin("book/scorecard.html", row.select_one("a")["href"])
    chapter = look(address.removesuffix(".html")).article
    code = "\n".join(cell.get_text() for cell in chapter.select("div.cell_input"))
    assert "dc.fit(spec, panel)" in code
    printed = next(word for word in chapter.select("code") if "-p learner=" in word.get_text()).get_text()
    program, *command = shlex.split(printed.replace("--html", ""))
    assert program == "digital-clusters" and command[-1].startswith("learner=")
    command[-1] = "learner=linear"
    done = subprocess.run(
        [sys.executable, "-m", "digital_clusters.cli", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=10 * TIMEOUT_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    saved = json.loads(Path(done.stdout.split()[-1]).read_text(encoding="utf-8"))
    (own,) = [one["twin"]["estimate"] for one in saved if one["column"] == "Table 2 (2)"]
    expected = fit(BASELINE.change(learner="linear"), load_panel("twin")).term("uil").value
    # both are sums of the same products, in a kernel and here
    assert own["learner"] == "linear" and own["coefficients"] == pytest.approx([expected], rel=1e-9)
    shown = next(
        row for row in chapter.select("tr") if row.get_text(" ", strip=True).startswith("Table 2 (2)")
    )
    assert f"{expected:.3f}" not in shown.get_text().replace("−", "-"), "another learner, another number"

"""Two judges of built pages that the project does not bring along: axe-core, and the Nu HTML checker.

axe (https://github.com/dequelabs/axe-core) opens each page in a browser, in both themes and at the width of a
phone. The checker (https://github.com/validator/validator) reads it as it was written, and needs Java.
"""

import json
import re
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from digital_clusters.errors import BuildError

VIEWS = {"light": 1200, "dark": 1200, "phone": 390}
"""What axe looks at, and how wide it is in pixels; the phone has the light theme."""

SECONDS_A_PAGE = 30
"""Time for the three views of one page; they take two to six seconds."""

VERSION_OF_AXE = re.compile(r"axe v([0-9.]+)")

JUDGE = """<body><script>
(async () => {
  const found = [];
  for (const name of PAGES) for (const [view, width] of Object.entries(VIEWS)) {
    const mode = view === "dark" ? "dark" : "light";
    localStorage.setItem("mode", mode); localStorage.setItem("theme", mode);
    const frame = document.createElement("iframe");
    frame.style.width = width + "px"; frame.style.height = "900px";
    document.body.append(frame);
    await new Promise(done => { frame.onload = done; frame.src = "/" + name + ".html"; });
    await new Promise(done => setTimeout(done, 500));
    const page = frame.contentDocument, script = page.createElement("script");
    script.src = "/axe.min.js";
    await new Promise(done => { script.onload = done; page.head.append(script); });
    const judged = await frame.contentWindow.axe.run(page, {resultTypes: ["violations"]});
    for (const one of judged.violations)
      found.push([name, view, one.id, one.nodes.length, one.nodes[0].html.slice(0, 200)]);
    if (page.documentElement.scrollWidth > width + 2)
      found.push([name, view, "wider than the screen", 1, ""]);
    frame.remove();
  }
  await fetch("/found", {method: "POST", body: JSON.stringify(found)});
})();
</script></body>"""


@dataclass(frozen=True)
class Objection:
    """What one judge says against a page.

    Attributes
    ----------
    page : str
        Its place in the book, without the ending.
    view : str
        One of :data:`VIEWS`, or ``"html"``.
    rule : str
        The rule that is broken, in the judge's words.
    count : int
        Elements of the page that break it.
    example : str
        The first of them.
    """

    page: str
    view: str
    rule: str
    count: int
    example: str


class _Court(SimpleHTTPRequestHandler):
    """Serves the book, the script that opens its pages, and axe; takes what was found."""

    def __init__(
        self, *words: Any, served: dict[str, bytes], found: list, done: threading.Event, **more: Any
    ):
        self.served, self.found, self.done = served, found, done
        super().__init__(*words, **more)

    def log_message(self, *_: Any) -> None:
        """Requests are not news."""

    def do_GET(self) -> None:
        body = self.served.get(self.path)
        if body is None:
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if self.path.endswith(".js") else "text/html")
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.found.extend(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()
        self.done.set()


def judge_by_axe(html: Path, pages: Sequence[str], axe: Path, browser: str) -> list[Objection]:
    """What axe has against pages of a built book, in both themes and at the width of a phone.

    Parameters
    ----------
    html : pathlib.Path
        Folder of the built book.
    pages : sequence of str
        Places in the book, without the ending.
    axe : pathlib.Path
        A copy of ``axe.min.js``.
    browser : str
        A Chromium or Chrome.

    Raises
    ------
    BuildError
        If the browser does not come to an end.
    """
    text = JUDGE.replace("PAGES", json.dumps(list(pages))).replace("VIEWS", json.dumps(VIEWS))
    served = {"/judge": text.encode(), "/axe.min.js": axe.read_bytes()}
    found: list[list[Any]] = []
    done = threading.Event()
    court = partial(_Court, directory=str(html), served=served, found=found, done=done)
    with ThreadingHTTPServer(("127.0.0.1", 0), court) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        _open(browser, f"http://127.0.0.1:{server.server_port}/judge", done, SECONDS_A_PAGE * len(pages))
        server.shutdown()
    if not done.is_set():
        raise BuildError(f"{browser} did not judge {len(pages)} pages of {html} in time; try again, or fewer")
    return [Objection(*one) for one in found]


def _open(browser: str, address: str, done: threading.Event, seconds: int) -> None:
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"]
    command += ["--disable-background-networking", "--window-size=1300,1000", "--remote-debugging-port=0"]
    # what the browser still writes when it is told to end is no reason to fail
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command += [f"--user-data-dir={profile}", address]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
            done.wait(timeout=seconds)
            running.terminate()


def version_of_axe(axe: Path) -> str:
    """The version that the first line of ``axe.min.js`` names; empty where it names none."""
    said = VERSION_OF_AXE.search(axe.read_text(encoding="utf-8")[:200])
    return said[1] if said else ""


def judge_html(html: Path, pages: Sequence[str], checker: Path) -> tuple[list[Objection], str]:
    """What the Nu HTML checker calls errors in pages of a built book, and the checker's version.

    Parameters
    ----------
    html : pathlib.Path
        Folder of the built book.
    pages : sequence of str
        Places in the book, without the ending.
    checker : pathlib.Path
        ``vnu.jar``.

    Raises
    ------
    BuildError
        If there is no Java, or the checker gives no answer.
    """
    folder = html.resolve()
    command = ["java", "-jar", str(checker), "--format", "json", "--errors-only", "--exit-zero-always"]
    files = [str(folder / f"{page}.html") for page in pages]
    try:
        done = subprocess.run(command + files, capture_output=True, text=True, check=False)
        told = json.loads(done.stderr)
    except FileNotFoundError:
        raise BuildError(
            f"{checker} is a Java program and there is no java; install a Java runtime"
        ) from None
    except ValueError:
        raise BuildError(f"{checker} gave no answer that can be read: {done.stderr[:200]}") from None
    return [_objection(one, folder) for one in told["messages"]], told.get("version", "").partition(" ")[0]


def _objection(message: dict[str, Any], folder: Path) -> Objection:
    page = message["url"].partition(f"{folder.as_posix()}/")[2].removesuffix(".html")
    return Objection(page, "html", message["message"], 1, message.get("extract", "").strip()[:200])

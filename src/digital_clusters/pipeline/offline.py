"""What a built page would load from another host. The answer should be: nothing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

LOADING_RELATIONS = {
    "stylesheet",
    "preload",
    "modulepreload",
    "prefetch",
    "preconnect",
    "dns-prefetch",
    "icon",
    "shortcut",
    "apple-touch-icon",
    "mask-icon",
    "manifest",
}
"""Values of ``rel`` for which a browser fetches, or at least contacts, the host."""

LOADING_ATTRIBUTES = {"src", "srcset", "poster", "data", "background", "xlink:href"}
REMOTE = re.compile(r"^\s*(?:https?:|wss?:)?//", re.IGNORECASE)
CSS_ADDRESS = re.compile(r"""url\(\s*["']?([^"')]+)["']?\s*\)|@import\s+["']([^"']+)["']""", re.IGNORECASE)
CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
SCRIPT_IMPORT = re.compile(r"""(?:\bimport|\bfrom)\s*\(?\s*["']((?:https?:)?//[^"']+)["']""")


@dataclass(frozen=True)
class Resource:
    """An address on another host, and where it is asked for."""

    file: str
    line: int
    tag: str
    address: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: <{self.tag}> loads {self.address}"


def external_resources(folder: Path) -> list[Resource]:
    """All addresses that the pages and style sheets below ``folder`` load from another host.

    Plain links (``<a href>``, ``<link rel="canonical">``) load nothing and are not counted.
    """
    found: list[Resource] = []
    for file in sorted(folder.rglob("*.html")):
        parser = _Page(file.relative_to(folder).as_posix())
        parser.feed(file.read_text(encoding="utf-8"))
        found += parser.found
    for file in sorted(folder.rglob("*.css")):
        name = file.relative_to(folder).as_posix()
        for line, address in _css_addresses(file.read_text(encoding="utf-8")):
            found.append(Resource(name, line, "css", address))
    return found


class _Page(HTMLParser):
    def __init__(self, name: str):
        super().__init__()
        self.name, self._inside = name, ""
        self.found: list[Resource] = []

    def handle_starttag(self, tag, attrs):
        values = {name: value or "" for name, value in attrs}
        self._inside = tag if tag in ("style", "script") else ""
        relations = set(values.get("rel", "").lower().split())
        names = LOADING_ATTRIBUTES | ({"href"} if tag in ("image", "use") else set())
        if tag == "link" and relations & LOADING_RELATIONS:
            names = names | {"href"}
        for name in sorted(names & values.keys()):
            for address in _candidates(name, values[name]):
                self._note(tag, address, 0)
        for line, address in _css_addresses(values.get("style", "")):
            self._note(tag, address, line - 1)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self._inside = ""

    def handle_endtag(self, tag):
        self._inside = ""

    def handle_data(self, data):
        if self._inside == "style":
            for line, address in _css_addresses(data):
                self._note("style", address, line - 1)
        elif self._inside == "script":
            for match in SCRIPT_IMPORT.finditer(data):
                self._note("script", match[1], data.count("\n", 0, match.start()))

    def _note(self, tag: str, address: str, offset: int) -> None:
        if REMOTE.match(address):
            self.found.append(Resource(self.name, self.getpos()[0] + offset, tag, address.strip()))


def _candidates(name: str, value: str) -> list[str]:
    if name != "srcset":
        return [value]
    return [part.split()[0] for part in value.split(",") if part.strip()]


def _css_addresses(text: str) -> Iterator[tuple[int, str]]:
    """Line and address of every remote ``url()`` and ``@import``."""
    bare = CSS_COMMENT.sub(lambda match: "\n" * match[0].count("\n"), text)
    for match in CSS_ADDRESS.finditer(bare):
        address = match[1] or match[2]
        if REMOTE.match(address):
            yield bare.count("\n", 0, match.start()) + 1, address

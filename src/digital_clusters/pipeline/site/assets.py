"""Style sheets and scripts of the pages: none that is not used, and one file where there were many."""

import hashlib
import posixpath
import re
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag

from digital_clusters.errors import BuildError
from digital_clusters.files import write_text
from digital_clusters.pipeline.site.markup import attribute

WANTED_BY = {
    "mathjax": ".math",
    "design-tabs": ".sd-tab-set",
    "togglebutton": ".toggle, .admonition.dropdown",
    "clipboard.min": "div.highlight pre",
    "copybutton": "div.highlight pre",
}
"""Part of a script's address → what a page has that needs it."""

NEVER = ("fontawesome", "thebe")
"""Scripts of icons that the style sheet draws too, and of kernels that no page starts."""

INLINE = {
    "THEBE_JS_URL": None,
    "kernelName": None,
    "window.MathJax": ".math",
    "toggleHint": ".toggle, .admonition.dropdown",
    "toggleOpenOnPrint": ".toggle, .admonition.dropdown",
    "togglebuttonSelector": ".toggle, .admonition.dropdown",
}
"""A word of a script within the page → what needs it; ``None`` for nothing."""

UNUSED_STYLES = ("sphinx-thebe",)
FIRST_FONT = "fa-solid"
"""The one font of icons that pages show."""

IMPORT = re.compile(r"""@import\s+(?:url\()?["']?([^"')]+)["']?\)?\s*;""")
ADDRESS = re.compile(r"""url\(\s*(["']?)(?!data:|#|https?:|//)([^"')]+)\1\s*\)""")
CHARSET = re.compile(r"@charset[^;]*;\s*", re.IGNORECASE)
SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$|/\*# sourceMappingURL=.*?\*/", re.MULTILINE)
FOLDER = "_static"
OF_SEARCH = ("searchtools", "language_data")
"""Scripts of one page."""


def drop_unused(page: BeautifulSoup) -> None:
    """Take out what the page loads and does not use."""
    is_there = cache(lambda selector: page.select_one(selector) is not None)
    for script in page.find_all("script", src=True):
        address = attribute(script, "src")
        needs = [selector for part, selector in WANTED_BY.items() if part in address]
        if any(part in address for part in NEVER) or any(not is_there(one) for one in needs):
            script.decompose()
    for script in page.find_all("script", type="text/x-thebe-config"):
        script.decompose()
    for script in page.find_all("script", src=False):
        for word, selector in INLINE.items():
            if word in (script.string or "") and not (selector and is_there(selector)):
                script.decompose()
                break
    for link in page.find_all("link", href=True):
        relation, address = attribute(link, "rel").split(), attribute(link, "href")
        early = "preload" in relation and FIRST_FONT not in address
        if early or ("stylesheet" in relation and any(part in address for part in UNUSED_STYLES)):
            link.decompose()


class Bundles:
    """Joins the files that a page loads one after another, once for all pages that load the same.

    Parameters
    ----------
    folder : pathlib.Path
        The built pages.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self._made: dict[tuple[str, ...], str] = {}

    def join(self, page: BeautifulSoup, entry: str) -> list[list]:
        """Let the page at ``entry`` (path below the folder) load joined files.

        Returns
        -------
        list of list
            Kind, file that was made, and names of those that are joined in it.

        Raises
        ------
        BuildError
            If the page names a file that is not there.
        """
        styles = [tag for tag in page.find_all("link", rel="stylesheet", href=True) if _is_in_head(tag)]
        made = [self._replace(page, entry, styles, "href", "css")]
        made += [self._replace(page, entry, group, "src", "js") for group in _runs_of_scripts(page)]
        return [one for one in made if one]

    def _replace(self, page: BeautifulSoup, entry: str, tags: list[Tag], name_of: str, kind: str) -> list:
        here = posixpath.dirname(entry)
        names = dict.fromkeys(
            posixpath.normpath(posixpath.join(here, urlsplit(str(tag[name_of])).path)) for tag in tags
        )
        if len(names) < 2:
            return []
        made = self.join_files(tuple(names), kind, entry)
        new = page.new_tag("link", rel="stylesheet") if kind == "css" else page.new_tag("script")
        new[name_of] = posixpath.relpath(made, here or ".")
        tags[0].replace_with(new)
        for tag in tags[1:]:
            tag.decompose()
        return [kind, made, list(names)]

    def join_files(self, names: tuple[str, ...], kind: str, entry: str) -> str:
        """Name of the file that joins others, all below the folder; it is written once.

        Raises
        ------
        BuildError
            If one of them, which the page at ``entry`` loads, is not there.
        """
        if names not in self._made:
            parts = [self._text(name, kind, entry) for name in names]
            # a script that ends without a semicolon would swallow the next one
            joined = "\n".join(parts) if kind == "css" else ";" + "\n;\n".join(parts)
            joined = '@charset "utf-8";\n' + joined if kind == "css" else joined
            name = f"{FOLDER}/book-{hashlib.sha256(joined.encode()).hexdigest()[:12]}.{kind}"
            write_text(self.folder / name, joined)
            self._made[names] = name
        return self._made[names]

    def _text(self, name: str, kind: str, entry: str) -> str:
        file = self.folder / name
        if not file.is_file():
            raise BuildError(f"{entry} loads {name}, which is not among the built files")
        text = SOURCE_MAP.sub("", file.read_text(encoding="utf-8"))
        return self._style(text, name, entry) if kind == "css" else text

    def _style(self, text: str, name: str, entry: str) -> str:
        """A style sheet as it reads in another folder, with the sheets that it imports in place."""
        here = posixpath.dirname(name)

        def imported(match: re.Match) -> str:
            return self._text(posixpath.normpath(posixpath.join(here, match[1])), "css", entry)

        def moved(match: re.Match) -> str:
            address = posixpath.relpath(posixpath.normpath(posixpath.join(here, match[2])), FOLDER)
            return f'url("{address}")'

        own = ADDRESS.sub(moved, CHARSET.sub("", IMPORT.sub(_KEPT, text)))
        for match in IMPORT.finditer(text):
            own = own.replace(_KEPT, imported(match), 1)
        return own


_KEPT = "/* imported */"


def _runs_of_scripts(page: BeautifulSoup) -> list[list[Tag]]:
    """Scripts from files in one place of the page that are executed one after another, with none between."""
    runs: list[list[Tag]] = [[]]
    for script in page.find_all("script"):
        plain = "src" in script.attrs and set(script.attrs) <= {"src"}
        if runs[-1] and runs[-1][-1].parent is not script.parent:
            runs.append([])
        if plain and not any(name in attribute(script, "src") for name in OF_SEARCH):
            runs[-1].append(script)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if len(run) > 1]


def _is_in_head(tag: Tag) -> bool:
    return tag.find_parent("head") is not None

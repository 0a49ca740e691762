"""Scripts of live figures: staged with the book, and loaded by the pages that have such figures."""

import posixpath
from pathlib import Path

from bs4 import BeautifulSoup

from digital_clusters.errors import BuildError
from digital_clusters.files import copy
from digital_clusters.pipeline.site.markup import attribute

SOURCE = "book/live"
FOLDER = "_explorer/live"
"""Below the staged project; its parent is an ``html_extra_path``."""

SERVED = "live"
HELPER = "live"
"""Script that the others need before them."""


def stage_live(root: Path, stage: Path) -> None:
    """Copy the scripts of live figures where the built book serves them."""
    for script in sorted((root / SOURCE).glob("*.js")):
        copy(script, stage / FOLDER / script.name)


def load_live(page: BeautifulSoup, entry: str, folder: Path) -> None:
    """Let a page load the scripts of its live figures, after them and once.

    Parameters
    ----------
    page : BeautifulSoup
        Changed in place.
    entry : str
        Its path below the folder, without suffix.
    folder : pathlib.Path
        The built pages.

    Raises
    ------
    BuildError
        If a figure is of a kind that has no script.
    """
    figures = page.select("article .live-figure[data-live]")
    kinds = dict.fromkeys(attribute(figure, "data-live") for figure in figures)
    article = page.select_one("article")
    if article is None or not kinds:
        return
    for name in (HELPER, *kinds):
        file = f"{SERVED}/{name}.js"
        if not (folder / file).is_file():
            raise BuildError(
                f"{entry} has a live figure of kind '{name}', for which there is no {SOURCE}/{name}.js"
            )
        source = posixpath.relpath(file, posixpath.dirname(entry) or ".")
        article.append(page.new_tag("script", src=source))

"""Slides of the classes: the figures of a class with their captions, as one page that needs no script."""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

from bs4 import BeautifulSoup, SoupStrainer

from digital_clusters.errors import BuildError
from digital_clusters.files import write_text
from digital_clusters.pipeline.site.markup import attribute
from digital_clusters.pipeline.site.plan import BookPlan

TEACHING = "book/teaching"
LINKS = "a.slides[data-figures]"
"""On the teaching page: where the slides of a class are to be, and which figures they hold."""

DECK = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="Slides of a class: figures of {book} with their captions.">
<title>{title} — {book}</title>
<style>
:root {{ color-scheme: light dark; }}
html {{ scroll-snap-type: y proximity; }}
body {{ margin: 0; font-family: system-ui, sans-serif; line-height: 1.4;
  background: Canvas; color: CanvasText; }}
section {{ box-sizing: border-box; min-height: 100vh; padding: 3vh 5vw; display: flex; flex-direction: column;
  justify-content: center; scroll-snap-align: start; }}
h1, h2 {{ margin: 0 0 1rem; }}
img {{ max-width: 100%; width: auto; height: 68vh; object-fit: contain; object-position: left; }}
p {{ max-width: 60rem; }}
a {{ color: LinkText; }}
@media (max-width: 40rem) {{ img {{ height: auto; width: 100%; }} }}
@media print {{ @page {{ size: A4 landscape; margin: 10mm; }}
  section {{ break-after: page; min-height: 0; }} }}
</style>
</head>
<body>
<main>
<section><h1>{title}</h1><p><a href="{back}">Plan of the classes</a></p></section>
{slides}
</main>
</body>
</html>
"""

SLIDE = """\
<section>
<h2>{title}</h2>
<picture><source media="(prefers-color-scheme: dark)" srcset="{dark}">
<img src="{light}" alt="{alt}" loading="lazy"></picture>
<p>{caption} <a href="{page}">From the page</a></p>
</section>"""


def write_slides(folder: Path, plan: BookPlan, figures: Sequence[Mapping[str, str]] | None = None) -> None:
    """Write the slides of every class that the teaching page links to.

    Parameters
    ----------
    folder : pathlib.Path
        The built pages, with figures in both palettes.
    plan : BookPlan
    figures : sequence of mapping, optional
        What :func:`figures_of` finds in the pages, in reading order; by default they are read.

    Raises
    ------
    BuildError
        If a class names a figure that no page has.
    """
    teaching = folder / f"{TEACHING}.html"
    if not teaching.is_file():
        return
    links = BeautifulSoup(teaching.read_text(encoding="utf-8"), "html.parser").select(LINKS)
    named = {one["name"]: one for one in (_figures(folder, plan) if figures is None else figures)}
    for link in links:
        address = posixpath.normpath(posixpath.join(posixpath.dirname(TEACHING), attribute(link, "href")))
        title = attribute(link, "data-title")
        wanted = attribute(link, "data-figures").split()
        if missing := [name for name in wanted if name not in named]:
            raise BuildError(f"the slides of '{title}' want the figure {missing[0]}, which no page has")
        here = posixpath.dirname(address)
        slides = "\n".join(_slide(named[name], here) for name in wanted)
        back = posixpath.relpath(f"{TEACHING}.html", here)
        text = DECK.format(title=escape(title), book=escape(plan.title), back=back, slides=slides)
        write_text(folder / address, text)


def figures_of(page: BeautifulSoup, entry: str) -> list[dict[str, str]]:
    """Figures of a page in both palettes, as slides show them.

    Each has ``name``, ``entry`` and ``title`` of its page, addresses ``light`` and ``dark`` below the built
    pages, ``alt`` and ``caption``.
    """
    heading = page.select_one("article h1")
    title = heading.get_text().strip(" #\n") if heading else entry
    found = []
    for figure in page.select("article figure[id]"):
        light, dark = (figure.select_one(f"img.only-{name}") for name in ("light", "dark"))
        if light is None or dark is None:
            continue
        caption = figure.select_one("figcaption .caption-text")
        places = {
            "light": _below(entry, attribute(light, "src")),
            "dark": _below(entry, attribute(dark, "src")),
        }
        words = " ".join(caption.get_text().split()) if caption else ""
        told = {"name": attribute(figure, "id"), "alt": attribute(light, "alt"), "caption": words}
        found.append({**told, **places, "entry": entry, "title": title})
    return found


def _figures(folder: Path, plan: BookPlan) -> Iterator[dict[str, str]]:
    for entry in plan.entries:
        file = folder / f"{entry}.html"
        if file.is_file():
            text = file.read_text(encoding="utf-8")
            yield from figures_of(
                BeautifulSoup(text, "html.parser", parse_only=SoupStrainer("article")), entry
            )


def _below(entry: str, address: str) -> str:
    """An address that is relative to a page, from the folder of all pages."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(entry), address))


def _slide(figure: Mapping[str, str], here: str) -> str:
    """One figure; addresses become relative to the slides."""
    return SLIDE.format(
        title=escape(figure["title"]),
        alt=escape(figure["alt"], quote=True),
        caption=escape(figure["caption"]),
        page=posixpath.relpath(f"{figure['entry']}.html", here) + f"#{figure['name']}",
        **{name: posixpath.relpath(figure[name], here) for name in ("light", "dark")},
    )

"""Slides of the classes: the figures of a class with their captions, as one page that needs no script."""

import posixpath
from html import escape
from pathlib import Path

from bs4 import BeautifulSoup, SoupStrainer, Tag

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


def write_slides(folder: Path, plan: BookPlan) -> None:
    """Write the slides of every class that the teaching page links to.

    Parameters
    ----------
    folder : pathlib.Path
        The built pages, with figures in both palettes.
    plan : BookPlan

    Raises
    ------
    BuildError
        If a class names a figure that no page has.
    """
    teaching = folder / f"{TEACHING}.html"
    if not teaching.is_file():
        return
    links = BeautifulSoup(teaching.read_text(encoding="utf-8"), "html.parser").select(LINKS)
    figures = _figures(folder, plan)
    for link in links:
        address = posixpath.normpath(posixpath.join(posixpath.dirname(TEACHING), attribute(link, "href")))
        title = attribute(link, "data-title")
        wanted = attribute(link, "data-figures").split()
        if missing := [name for name in wanted if name not in figures]:
            raise BuildError(f"the slides of '{title}' want the figure {missing[0]}, which no page has")
        here = posixpath.dirname(address)
        slides = "\n".join(_slide(*figures[name], here=here) for name in wanted)
        back = posixpath.relpath(f"{TEACHING}.html", here)
        text = DECK.format(title=escape(title), book=escape(plan.title), back=back, slides=slides)
        write_text(folder / address, text)


def _figures(folder: Path, plan: BookPlan) -> dict[str, tuple[str, str, Tag]]:
    """Name of a figure → entry and title of its page, and the figure."""
    found = {}
    for entry in plan.entries:
        file = folder / f"{entry}.html"
        if not file.is_file():
            continue
        text = file.read_text(encoding="utf-8")
        page = BeautifulSoup(text, "html.parser", parse_only=SoupStrainer("article"))
        heading = page.select_one("article h1")
        title = heading.get_text().strip(" #\n") if heading else entry
        for figure in page.select("article figure[id]"):
            if figure.select_one("img.only-light") and figure.select_one("img.only-dark"):
                found[attribute(figure, "id")] = (entry, title, figure)
    return found


def _slide(entry: str, title: str, figure: Tag, *, here: str) -> str:
    """One figure; addresses are relative to its page and become relative to the slides."""
    pictures = {name: figure.select_one(f"img.only-{name}") for name in ("light", "dark")}
    sources = {
        name: posixpath.relpath(
            posixpath.normpath(posixpath.join(posixpath.dirname(entry), attribute(picture, "src"))), here
        )
        for name, picture in pictures.items()
        if picture is not None
    }
    light, caption = pictures["light"], figure.select_one("figcaption .caption-text")
    return SLIDE.format(
        title=escape(title),
        alt=escape(attribute(light, "alt") if light is not None else "", quote=True),
        caption=escape(" ".join(caption.get_text().split())) if caption else "",
        page=f"{posixpath.relpath(f'{entry}.html', here)}#{attribute(figure, 'id')}",
        **sources,
    )

"""All that is done to the built pages, in one pass over them."""

from pathlib import Path

from bs4 import BeautifulSoup

from digital_clusters.files import write_text
from digital_clusters.pipeline.site import head, missing
from digital_clusters.pipeline.site.alone.download import Shown, equations_of, write_downloads
from digital_clusters.pipeline.site.assets import Bundles, drop_unused
from digital_clusters.pipeline.site.landmarks import mend_landmarks, tell_sentences_from_numbers
from digital_clusters.pipeline.site.live import load_live
from digital_clusters.pipeline.site.pictures import dress_pictures
from digital_clusters.pipeline.site.plan import BookPlan
from digital_clusters.pipeline.site.search import mend_search
from digital_clusters.pipeline.site.tables import dress_tables
from digital_clusters.pipeline.site.teaching.slides import write_slides

LIBRARIES = ("_static", "mathjax", "_images", "_sources")
"""Folders below the pages that hold no page."""


def finish(folder: Path, plan: BookPlan) -> None:
    """Make the built pages below ``folder`` ready to be read.

    Parameters
    ----------
    folder : pathlib.Path
        HTML as Jupyter Book wrote it; changed in place.
    plan : BookPlan

    Raises
    ------
    BuildError
        If a page loads a file that is not there, or Sphinx's search is not the one known here.
    """
    bundles, number = Bundles(folder), 1
    titles: dict[str, str] = {}
    equations: dict[str, str] = {}
    for entry in _in_reading_order(folder, plan):
        file = folder / f"{entry}.html"
        page = BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")
        if (address := missing.forwards_to(page)) is not None:
            write_text(file, missing.forwarding_page(plan, address))
            continue
        number = dress_tables(page, number)
        dress_pictures(page, entry, folder)
        load_live(page, entry, folder)
        mend_landmarks(page)
        tell_sentences_from_numbers(page)
        head.head_of_page(page, entry, plan)
        equations |= equations_of(page)
        titles[entry] = head.title_of(page)
        head.styles_to_head(page)
        head.name_of_study(page, entry, plan)
        head.foot_of_page(page, entry, plan)
        drop_unused(page)
        bundles.join(page, entry)
        write_text(file, str(page))
    write_downloads(folder, plan, Shown(titles, equations))
    write_slides(folder, plan)
    mend_search(folder, plan)
    write_text(folder / missing.FILE, missing.page_not_found(plan))


def _in_reading_order(folder: Path, plan: BookPlan) -> list[str]:
    there = [
        path.relative_to(folder).with_suffix("").as_posix()
        for path in sorted(folder.rglob("*.html"))
        if path.relative_to(folder).parts[0] not in LIBRARIES
    ]
    first = [entry for entry in plan.entries if entry in there]
    return first + [entry for entry in there if entry not in first]

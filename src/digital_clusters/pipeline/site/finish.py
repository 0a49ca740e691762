"""All that is done to the built pages, in one pass over them."""

from pathlib import Path

from digital_clusters.files import write_text
from digital_clusters.pipeline.hashing.kept import Kept
from digital_clusters.pipeline.site import missing
from digital_clusters.pipeline.site.alone.download import Shown, write_downloads
from digital_clusters.pipeline.site.page import Finisher
from digital_clusters.pipeline.site.plan import BookPlan
from digital_clusters.pipeline.site.search import mend_search
from digital_clusters.pipeline.site.teaching.slides import write_slides

LIBRARIES = ("_static", "mathjax", "_images", "_sources")
"""Folders below the pages that hold no page."""


def finish(folder: Path, plan: BookPlan, kept: Kept | None = None) -> None:
    """Make the built pages below ``folder`` ready to be read.

    Parameters
    ----------
    folder : pathlib.Path
        HTML as Jupyter Book wrote it; changed in place.
    plan : BookPlan
    kept : Kept, optional
        Pages of earlier builds: one that would be made of the same text and pictures is taken from there.

    Raises
    ------
    BuildError
        If a page loads a file that is not there, or Sphinx's search is not the one known here.
    """
    kept = kept or Kept()
    finisher, number = Finisher(folder, plan, kept), 1
    titles: dict[str, str] = {}
    equations: dict[str, str] = {}
    figures: list[dict[str, str]] = []
    for entry in _in_reading_order(folder, plan):
        file = folder / f"{entry}.html"
        page = finisher.finish(entry, file.read_text(encoding="utf-8"), number)
        write_text(file, page.html)
        number += page.tables
        if page.title is not None:
            titles[entry] = page.title
        equations |= page.equations
        figures += page.figures if entry in plan.entries else []
    write_downloads(folder, plan, Shown(titles, equations))
    write_slides(folder, plan, figures)
    mend_search(folder, plan)
    write_text(folder / missing.FILE, missing.page_not_found(plan))
    kept.prune()


def _in_reading_order(folder: Path, plan: BookPlan) -> list[str]:
    there = [
        path.relative_to(folder).with_suffix("").as_posix()
        for path in sorted(folder.rglob("*.html"))
        if path.relative_to(folder).parts[0] not in LIBRARIES
    ]
    first = [entry for entry in plan.entries if entry in there]
    return first + [entry for entry in there if entry not in first]

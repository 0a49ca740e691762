"""What each page of the book depends on: of the studies only its own, and nothing of the build."""

from pathlib import Path

import pytest

from digital_clusters.pipeline.dependencies import closure, modules
from digital_clusters.pipeline.notebooks import Page, notebooks

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
PAGES = notebooks(ROOT)

STUDIES_OF_PAGES = {
    "book/data": {"industrial_upgrading"},
    "book/index": {"virtual_clusters"},
    "book/twin": {"industrial_upgrading"},
    "book/method": {"trials"},
    "book/spatial": {"trials"},
    "book/intervals": {"trials"},
    "book/inference": {"trials"},
    "book/benchmarks": {"trials"},
    "book/explorer": {"trials"},
    "book/audit": {"trials", "industrial_upgrading"},
    "book/scorecard": {"industrial_upgrading", "virtual_agglomeration"},
}
"""Of the pages outside the studies' folders; a page inside one reaches that study."""


def _reached(page: Page) -> set[str]:
    files = closure([cell.source for cell in page.notebook.cells if cell.cell_type == "code"], SOURCE)
    return {name for name, file in modules(SOURCE).items() if file in files}


def _studies(reached: set[str]) -> set[str]:
    named = (name.split(".") for name in reached if name.startswith("digital_clusters.studies."))
    return {parts[2] for parts in named}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_depends_on_its_own_study_and_not_on_the_build(page):
    reached = _reached(page)
    rooms = {(name.split(".") + [""])[1] for name in reached}
    assert "digital_clusters" in reached, "the page imports nothing: is it still a notebook?"
    assert not rooms & {"cli", "pipeline"}
    allowed = STUDIES_OF_PAGES.get(page.name, {page.name.split("/")[0]})
    assert _studies(reached) <= allowed, "a change in another study would run this page again"


def test_every_chapter_is_looked_at():
    studies = {path.name for path in (ROOT / "notebooks").iterdir() if path.is_dir()}
    assert studies <= {page.name.split("/")[0] for page in PAGES}
    assert set(STUDIES_OF_PAGES) <= {page.name for page in PAGES}

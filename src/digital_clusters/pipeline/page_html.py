"""One executed page as HTML, in the book's own style but without the book around it."""

import shutil
import tempfile
from pathlib import Path

from digital_clusters.files import copy, draft_prefix, replace_folder, write_text
from digital_clusters.pipeline.book import jupyter_book, stage_assets, stage_mathjax
from digital_clusters.pipeline.notebooks import Page
from digital_clusters.pipeline.points.explorer import stage_explorer
from digital_clusters.pipeline.site.finish import finish
from digital_clusters.pipeline.site.live import stage_live
from digital_clusters.pipeline.site.plan import read_plan

TABLE_OF_CONTENTS = "format: jb-book\nroot: {entry}\n"
REFERENCES = "book/references"
"""Page that the citations of every page link to."""


def render(root: Path, page: Page, executed: Path, target: Path) -> Path:
    """Build one page into the folder ``target`` and return the page's HTML file.

    Links to other pages of the book lead nowhere here and are left as text.

    Parameters
    ----------
    root : pathlib.Path
        The project.
    page : Page
    executed : pathlib.Path
        The executed notebook.
    target : pathlib.Path
        Replaced as a whole, and only if the build succeeds.

    Raises
    ------
    BuildError
        If Jupyter Book fails.
    """
    with tempfile.TemporaryDirectory(prefix=draft_prefix(), dir=root / "_build") as folder:
        stage = Path(folder)
        copy(root / "_config.yml", stage / "_config.yml")
        contents = TABLE_OF_CONTENTS.format(entry=page.entry)
        references = root / f"{REFERENCES}.md"
        if references.is_file():
            copy(references, stage / f"{REFERENCES}.md")
            contents += f"chapters:\n  - file: {REFERENCES}\n"
        write_text(stage / "_toc.yml", contents)
        stage_assets(root, stage, set(root.glob("book/*.md")))
        stage_mathjax(stage)
        stage_explorer(root, stage)
        stage_live(root, stage)
        copy(executed, stage / f"{page.entry}.ipynb")
        html = jupyter_book(root, stage, strict=False)
        try:
            finish(html, read_plan(stage))
            replace_folder(html, target)
        finally:
            shutil.rmtree(html.parents[1], ignore_errors=True)
    return target / f"{page.entry}.html"

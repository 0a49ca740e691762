"""The search of the book: it shows prose, and its titles name the study."""

import json
from pathlib import Path

from digital_clusters.errors import BuildError
from digital_clusters.files import write_text
from digital_clusters.pipeline.site.plan import BookPlan

TOOLS = "_static/searchtools.js"
INDEX = "searchindex.js"
BEFORE, AFTER = "Search.setIndex(", ")"

LEFT_OUT = '[".headerlink", "script", "style"]'
"""What Sphinx leaves out of the lines that a search shows."""

CODE = '[".headerlink", "script", "style", ".cell_input", "details.hide", ".onlyprint", ".about-page"]'
"""The same, with code and what is only printed: a reader searches for prose."""


def mend_search(folder: Path, plan: BookPlan) -> None:
    """Keep what a search shows to prose, and name the study in the titles of its results.

    Raises
    ------
    BuildError
        If the files are not those that Sphinx is known to write.
    """
    tools, index = folder / TOOLS, folder / INDEX
    if tools.is_file():
        text = tools.read_text(encoding="utf-8")
        if LEFT_OUT not in text:
            raise BuildError(f"{TOOLS} is not the one known: what a search shows cannot be kept to prose")
        write_text(tools, text.replace(LEFT_OUT, CODE))
    if index.is_file():
        write_text(index, _with_studies(index.read_text(encoding="utf-8"), plan))


def _with_studies(text: str, plan: BookPlan) -> str:
    inner = text.strip().removeprefix(BEFORE).removesuffix(AFTER)
    try:
        told = json.loads(inner)
        names, titles = told["docnames"], told["titles"]
    except (ValueError, KeyError):
        raise BuildError(f"{INDEX} is not the one known: its titles cannot name the study") from None
    told["titles"] = [
        f"{title} — {part}" if (part := plan.part(name)) else title
        for name, title in zip(names, titles, strict=True)
    ]
    return f"{BEFORE}{json.dumps(told, ensure_ascii=False, separators=(',', ':'))}{AFTER}"

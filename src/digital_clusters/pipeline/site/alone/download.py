"""The notebook that a reader downloads: it stands alone, where the page's source needs the book around it."""

import json
import posixpath
import re
from ast import literal_eval
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup

from digital_clusters.files import write_text
from digital_clusters.pipeline.site.plan import BookPlan

FOLDER = "_sources"
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
GLUED = "application/papermill.record/text/plain"

ROLE = re.compile(r"\{([a-z:]+)\}`([^`]+)`")
NAMED = re.compile(r"^(.*?)\s*<([^<>]+)>$")
EQUATION_LABEL = re.compile(r"^\$\$ *\(([\w-]+)\)$", re.MULTILINE)
ADMONITION = re.compile(r"^:::+ *\{[\w-]+\} *(.*)$")
FENCE = re.compile(r"^:::+ *$")
OPTION = re.compile(r"^:[\w-]+:")

INTRODUCTION = """\
*{title}*: a page of {book} {version} as it was executed. The first cell finds the project or fetches it;
what the cells save goes to a folder `results` beside this notebook."""

SET_UP = """\
# run once: finds a copy of the project ({where}) and uses its code and data
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

place = Path(os.environ.get("DIGITAL_CLUSTERS_ROOT", "digital-clusters")).resolve()
if not place.is_dir():
    {fetch}
os.environ["DIGITAL_CLUSTERS_ROOT"] = str(place)
os.environ.setdefault("DIGITAL_CLUSTERS_RESULTS", str(Path("results").resolve()))
sys.path.insert(0, str(place / "src"))
if importlib.util.find_spec("great_tables") is None:
    locked = ["-r", str(place / "requirements.lock")]
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *locked], check=True)"""

CLONE = 'subprocess.run(["git", "clone", "--depth", "1", {address!r}, str(place)], check=True)'
REFUSE = 'raise FileNotFoundError(f"put a copy of the project at {place}, or set DIGITAL_CLUSTERS_ROOT")'


@dataclass(frozen=True)
class Shown:
    """What the built pages show where their sources have names.

    Attributes
    ----------
    titles : mapping of str to str
        Entry → title of its page, for what was a link.
    equations : mapping of str to str
        Label → number, such as ``(5)``.
    """

    titles: Mapping[str, str] = field(default_factory=dict)
    equations: Mapping[str, str] = field(default_factory=dict)


def equations_of(page: BeautifulSoup) -> dict[str, str]:
    """Label → number of the equations of a built page."""
    found = {}
    for number in page.select("span.eqno"):
        link = number.find("a", href=True)
        if link is not None:
            label = str(link["href"]).removeprefix("#equation-")
            found[label] = "".join(number.find_all(string=True, recursive=False)).strip()
    return found


def write_downloads(folder: Path, plan: BookPlan, shown: Shown) -> None:
    """Replace the notebooks that the pages offer by ones that stand alone.

    Parameters
    ----------
    folder : pathlib.Path
        The built pages; notebooks are below ``_sources``.
    plan : BookPlan
    shown : Shown
    """
    for file in sorted((folder / FOLDER).rglob("*.ipynb")):
        entry = file.relative_to(folder / FOLDER).with_suffix("").as_posix()
        notebook = json.loads(file.read_text(encoding="utf-8"))
        alone = stand_alone(notebook, entry, plan, shown)
        write_text(file, json.dumps(alone, indent=1, ensure_ascii=False, sort_keys=True) + "\n")


def stand_alone(notebook: Mapping[str, Any], entry: str, plan: BookPlan, shown: Shown) -> dict[str, Any]:
    """A copy of an executed notebook that needs no book: quotes, links, citations, numbers are text in it.

    Parameters
    ----------
    notebook : mapping
        As nbformat 4 has it, executed.
    entry : str
        Its page.
    plan : BookPlan
    shown : Shown
    """
    words = _Words(entry, _quoted(notebook["cells"]), plan.citations, shown)
    fetch = CLONE.format(address=plan.repository) if plan.repository else REFUSE
    where = plan.repository or "a folder digital-clusters here, or DIGITAL_CLUSTERS_ROOT"
    title = shown.titles.get(entry, entry)
    first = [
        _cell("markdown", INTRODUCTION.format(title=title, book=plan.title, version=plan.version)),
        _cell("code", SET_UP.format(where=where, fetch=fetch)),
    ]
    cells = [_plain_cell(cell, words) for cell in notebook["cells"]]
    numbered = [cell | {"id": f"cell-{number}"} for number, cell in enumerate([*first, *cells])]
    return {"cells": numbered, "metadata": {"kernelspec": KERNEL}, "nbformat": 4, "nbformat_minor": 5}


def _quoted(cells: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Numbers that the page's cells stored for its sentences."""
    found = {}
    for cell in cells:
        for output in cell.get("outputs", ()):
            name = output.get("metadata", {}).get("scrapbook", {}).get("name")
            if name and GLUED in output.get("data", {}):
                found[name] = str(literal_eval(_joined(output["data"][GLUED])))
    return found


class _Words:
    """Turns MyST into plain Markdown, with what the book would have put in its place."""

    def __init__(self, entry: str, quoted: Mapping[str, str], cited: Mapping[str, str], shown: Shown):
        self.entry, self.quoted, self.cited, self.shown = entry, quoted, cited, shown

    def plain(self, text: str) -> str:
        text = EQUATION_LABEL.sub(self._end_of_equation, ROLE.sub(self._role, text))
        return "\n".join(line for line in map(self._line, text.split("\n")) if line is not None)

    def _line(self, line: str) -> str | None:
        if opened := ADMONITION.match(line):
            return f"**{opened[1]}**\n" if opened[1] else ""
        return None if FENCE.match(line) or OPTION.match(line) else line

    def _end_of_equation(self, match: re.Match) -> str:
        number = self.shown.equations.get(match[1], "")
        return f"\\tag{{{number.strip('()')}}}\n$$" if number else "$$"

    def _role(self, match: re.Match) -> str:
        role, target = match[1], match[2]
        if role == "glue:text":
            return self.quoted.get(target, target)
        if role.startswith("cite"):
            labels = [self.cited.get(key.strip(), key.strip()) for key in target.split(",")]
            return "; ".join(labels) if role == "cite:t" else f"({'; '.join(labels)})"
        if role == "eq":
            return self.shown.equations.get(target, "(of the book)")
        said = NAMED.match(target)
        if role == "doc":
            address = said[2] if said else target
            page = posixpath.normpath(posixpath.join("/", posixpath.dirname(self.entry), address)).lstrip("/")
            return f"*{said[1] if said else self.shown.titles.get(page, address)}*"
        return f"*{said[1] if said else target}*"


def _plain_cell(cell: Mapping[str, Any], words: _Words) -> dict[str, Any]:
    source = _joined(cell["source"])
    if cell["cell_type"] != "code":
        return _cell(cell["cell_type"], words.plain(source))
    kept = [output for output in cell.get("outputs", ()) if GLUED not in output.get("data", {})]
    figure = cell["metadata"].get("mystnb", {}).get("figure", {})
    made = _cell("code", source) | {"outputs": kept, "execution_count": cell.get("execution_count")}
    if tags := cell["metadata"].get("tags"):
        made["metadata"] = {"tags": tags}
    if caption := figure.get("caption"):
        made["metadata"] = made["metadata"] | {"caption": escape(words.plain(caption), quote=False)}
    return made


def _cell(kind: str, source: str) -> dict[str, Any]:
    empty: dict[str, Any] = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": source, **empty}


def _joined(text: str | Sequence[str]) -> str:
    return text if isinstance(text, str) else "".join(text)

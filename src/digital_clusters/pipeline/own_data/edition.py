"""A book on a reader's own files: chapters that can run, executed, and a page with the reason for others."""

import hashlib
import re
import shutil
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from digital_clusters.analysis.own_data.chapters import MEASUREMENT, OwnStudy, own_studies, refusals
from digital_clusters.errors import DigitalClustersError, ParameterError
from digital_clusters.files import copy, replace_folder, write_text
from digital_clusters.measures.panel import Panel
from digital_clusters.pipeline import runs
from digital_clusters.pipeline.book import jupyter_book, stage_assets, stage_mathjax, store
from digital_clusters.pipeline.hashing.sources import SourceTree
from digital_clusters.pipeline.lock import held
from digital_clusters.pipeline.own_data.pages import FOLDER, own_page, own_word
from digital_clusters.pipeline.points.explorer import stage_explorer
from digital_clusters.pipeline.runs import Run
from digital_clusters.pipeline.site.alone.shipped import shareable
from digital_clusters.pipeline.site.finish import finish
from digital_clusters.pipeline.site.plan import read_plan
from digital_clusters.sources import FOLDER_PREFIX
from digital_clusters.studies.catalogue import STUDIES
from digital_clusters.wording import shortened

LONGEST_REASON = 200
"""Characters of a reason in a line on the command line; the book has all of it."""

RULE = "| --- | --- | --- | --- |"
INDEX = "book/index"
REFERENCES = "book/references"

INTRODUCTION = """\
# {title}: your own data

The chapters of the studies that estimate, run on the files of the folder `{folder}` as its `columns.yml`
reads them. What the papers print and claim stands in the book itself.

Chapters that ran: {ran} of {all}.

## What each chapter can do with the files

"""

REFUSED = """\
# {heading} on your own data

This chapter did not run on the files of `{folder}`:

{reasons}
"""


@dataclass(frozen=True)
class Readiness:
    """Whether a chapter can run on a reader's files.

    Attributes
    ----------
    study, section : str
    runs : bool
        Whether one regression of it can be served; of the measurement, whether the panel can be made.
    served, asked : int
        Regressions that the files can serve, and all of the chapter.
    reasons : tuple of str
        Why others, or all, cannot: each sentence once.
    """

    study: str
    section: str
    runs: bool
    served: int
    asked: int
    reasons: tuple[str, ...] = ()

    @property
    def entry(self) -> str:
        """Its page, as a table of contents writes it."""
        return f"notebooks/{self.study}/{self.section}"


def readiness(data: str) -> list[Readiness]:
    """What every chapter can do with the files of ``folder:PATH``; nothing is estimated.

    Raises
    ------
    ParameterError
        If the folder is not there.
    FileError, DataError
        If its column map, or a file that it names, cannot be read.
    """
    word = own_word(data)
    if word is None:
        raise ParameterError(f"data = {data!r} names no folder of your own files: write {FOLDER_PREFIX}PATH")
    return [one for key, told in own_studies().items() for one in _of_study(key, told, word)]


def _of_study(key: str, told: OwnStudy, word: str) -> list[Readiness]:
    try:
        panel = STUDIES[key].panel(word)
        if panel.frame.empty:
            raise ParameterError("no city-year has both outcome and treatment of the study")
    except DigitalClustersError as error:
        counts = {MEASUREMENT: 0} | {section: len(names) for section, names in told.chapters.items()}
        return [Readiness(key, section, False, 0, n, (str(error),)) for section, n in counts.items()]
    return [Readiness(key, MEASUREMENT, True, 0, 0), *(_of_chapter(key, s, panel) for s in told.chapters)]


def _of_chapter(key: str, section: str, panel: Panel) -> Readiness:
    found = [reason for _, reason in refusals(STUDIES[key], section, panel)]
    served = sum(not reason for reason in found)
    reasons = tuple(dict.fromkeys(reason for reason in found if reason))
    return Readiness(key, section, served > 0, served, len(found), reasons)


def readiness_text(chapters: Sequence[Readiness]) -> str:
    """One line a chapter: how many of its regressions the files can serve, and what stands in the way."""
    lines = ["what each chapter can do with it:"]
    for chapter in chapters:
        name = f"{chapter.study}/{chapter.section}"
        share = f"{chapter.served} of {chapter.asked} regressions" if chapter.asked else "tables"
        first = f"  ({shortened(chapter.reasons[0], LONGEST_REASON)})" if chapter.reasons else ""
        lines.append(f"  {name:<42} {share if chapter.runs else 'nothing'}{first}")
    return "\n".join(lines)


def build_own(
    root: Path,
    data: str,
    *,
    jobs: int | None = None,
    force: bool = False,
    tell: Callable[[Run], None] = lambda run: None,
    expect: Callable[[int], None] = lambda pages: None,
) -> Path:
    """Execute the chapters that a reader's files can serve and build a book of them; the main one stays.

    A chapter that cannot run, or fails, has a page that says why.

    Parameters
    ----------
    root : pathlib.Path
        The project.
    data : str
        ``folder:PATH``.
    jobs, force, tell
        As :func:`digital_clusters.pipeline.book.build` takes them.
    expect : callable
        Called with the number of chapters that will run.

    Returns
    -------
    pathlib.Path
        The first page, below ``_build/own_data``.

    Raises
    ------
    ParameterError, FileError, DataError
        As :func:`readiness`.
    BuildError
        If Jupyter Book refuses a page.
    """
    chapters = readiness(data)
    sources = SourceTree(root)
    wanted = [
        runs.request(own_page(root, chapter.study, chapter.section), {"data": data}, root, sources=sources)
        for chapter in chapters
        if chapter.runs
    ]
    expect(len(wanted))
    place = root / FOLDER / folder_key(data) / "html"
    with held(root / "_build"):
        made = runs.run_all(wanted, root, store(root), jobs=jobs, force=force, tell=tell)
        with _stage_own(root, data, chapters, made) as stage:
            html = jupyter_book(root, stage)
            try:
                finish(html, read_plan(stage, {run.request.page.entry: run.day for run in made if run.entry}))
                replace_folder(html, place)
            finally:
                shutil.rmtree(html.parents[1], ignore_errors=True)
    return place / "index.html"


def folder_key(data: str) -> str:
    """Name of the edition of a folder: its own name, and a hash of its path for folders of one name."""
    path = Path((own_word(data) or data).removeprefix(FOLDER_PREFIX))
    name = re.sub(r"\W+", "_", path.name) or "data"
    return f"{name}-{hashlib.sha256(str(path).encode()).hexdigest()[:6]}"


@contextmanager
def _stage_own(root: Path, data: str, chapters: Sequence[Readiness], made: Sequence[Run]):
    """The folder that Jupyter Book reads."""
    stage = root / "_build" / "stage-own"
    shutil.rmtree(stage, ignore_errors=True)
    settings = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    title = settings["title"]
    settings["title"] = f"{title}: own data"
    # forms and launchers of the repository are about the book's own numbers
    settings["repository"] = {"url": ""}
    write_text(stage / "_config.yml", yaml.safe_dump(settings, allow_unicode=True))
    write_text(stage / "_toc.yml", yaml.safe_dump(_contents(root, chapters), allow_unicode=True))
    stage_assets(root, stage, set(root.glob("book/*.md")))
    stage_mathjax(stage)
    stage_explorer(root, stage)
    if (root / f"{REFERENCES}.md").is_file():
        copy(root / f"{REFERENCES}.md", stage / f"{REFERENCES}.md")
    ran = {run.request.page.entry: run for run in made}
    folder = Path((own_word(data) or data).removeprefix(FOLDER_PREFIX)).name
    for chapter in chapters:
        run = ran.get(chapter.entry)
        if run is not None and run.entry is not None:
            write_text(stage / f"{chapter.entry}.ipynb", shareable(run.made.page, root))
        else:
            reasons = chapter.reasons if run is None else (run.error or "it failed",)
            write_text(stage / f"{chapter.entry}.md", _refused_page(chapter, reasons, folder))
    write_text(stage / f"{INDEX}.md", _front_page(chapters, ran, title, folder))
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _contents(root: Path, chapters: Sequence[Readiness]) -> dict[str, Any]:
    parts = [
        {"caption": told.title, "chapters": [{"file": one.entry} for one in chapters if one.study == key]}
        for key, told in own_studies().items()
    ]
    if (root / f"{REFERENCES}.md").is_file():
        parts.append({"caption": "Back matter", "chapters": [{"file": REFERENCES}]})
    return {"format": "jb-book", "root": INDEX, "parts": parts}


def _front_page(chapters: Sequence[Readiness], ran: dict[str, Run], title: str, folder: str) -> str:
    rows = [
        "| Chapter | Ran | Regressions that the files can serve | What is missing |",
        "| --- | --- | --- | --- |",
    ]
    count = 0
    for chapter in chapters:
        run = ran.get(chapter.entry)
        good = run is not None and run.entry is not None
        count += good
        failed = (_first_line(run.error),) if run is not None and run.error else ()
        cells = [
            f"[{own_studies()[chapter.study].title}: {chapter.section}](/{chapter.entry})",
            "yes" if good else "no",
            f"{chapter.served} of {chapter.asked}" if chapter.asked else "–",
            "; ".join(_plain(reason) for reason in (*failed, *chapter.reasons)) or "–",
        ]
        rows.append(f"| {' | '.join(cells)} |")
    head = INTRODUCTION.format(title=title, folder=folder, ran=count, all=len(chapters))
    return head + "\n".join(rows) + "\n"


def _refused_page(chapter: Readiness, reasons: Sequence[str], folder: str) -> str:
    heading = f"{own_studies()[chapter.study].title}: {chapter.section}"
    listed = "\n".join(f"* {_plain(reason)}" for reason in reasons)
    return REFUSED.format(heading=heading, folder=folder, reasons=listed)


def _first_line(text: str | None) -> str:
    return (text or "").strip().split("\n", 1)[0]


def _plain(reason: str) -> str:
    """A sentence as Markdown shows it as it is, on one line."""
    return re.sub(r"([\\`*_{}\[\]<>$|#])", r"\\\1", " ".join(reason.split()))

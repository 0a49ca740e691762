"""The book: pages executed, staged, built by Jupyter Book, and put in place only if all went well."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

import yaml

from digital_clusters.errors import BuildError, NotebookError
from digital_clusters.files import copy, draft_prefix, write_text
from digital_clusters.pipeline import editions, generated, runs
from digital_clusters.pipeline.cache import Store
from digital_clusters.pipeline.editions import MadeOf
from digital_clusters.pipeline.hashing.files import digest_of, file_hash, tree_hash
from digital_clusters.pipeline.hashing.kept import KEPT, Kept
from digital_clusters.pipeline.hashing.project import SOURCES, snapshot
from digital_clusters.pipeline.hashing.sources import SourceTree
from digital_clusters.pipeline.kernels.environment import installed
from digital_clusters.pipeline.kernels.forked import LIBRARIES
from digital_clusters.pipeline.lock import held
from digital_clusters.pipeline.notebooks import Page, contents
from digital_clusters.pipeline.offline import external_resources
from digital_clusters.pipeline.points.explorer import stage_explorer
from digital_clusters.pipeline.runs import Run
from digital_clusters.pipeline.site.alone.shipped import shareable
from digital_clusters.pipeline.site.finish import finish
from digital_clusters.pipeline.site.live import stage_live
from digital_clusters.pipeline.site.plan import read_plan
from digital_clusters.pipeline.site.print import print_book
from digital_clusters.pipeline.site.teaching.classes import PLAN, read_classes, teaching_page
from digital_clusters.pipeline.site.teaching.slides import TEACHING
from digital_clusters.pipeline.site.words import GLOSSARY, codebook_page, glossary_page
from digital_clusters.pipeline.upkeep.campaign import read_campaign
from digital_clusters.pipeline.upkeep.page_record import read_page_record
from digital_clusters.pipeline.upkeep.processors import read_processors

KEPT_VERSIONS = 6
"""Executed versions of a page that the cache keeps: both sources of data and a few changes back."""

ATTEMPTS = 3
"""How often pages that are saved while they run are run again."""

FEWEST_FORKED = 5
"""Pages to run from which on one process loads packages for all of them: for fewer it costs what it saves."""

SHOWN_WARNINGS = 12
MATHJAX_PACKAGE = "sphinx-mathjax-offline"
MATHJAX_PARTS = ("tex-mml-chtml.js", "output/chtml/fonts/woff-v2", "input/tex/extensions")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
SITE = Path(__file__).with_name("site")
"""Code that changes the pages after Jupyter Book."""

CODE = tuple(file_hash(file) for file in (Path(__file__), *sorted(SITE.rglob("*.py"))))
"""Hashes of what makes HTML of the staged pages, as it was when it was loaded: it is the one that runs."""

JUPYTER_BOOK = "from jupyter_book.cli.main import main; main()"


class PagesMoved(NotebookError):
    """Pages failed whose files were saved while they ran: what they are now may well run."""


def build(
    root: Path,
    data: str = "twin",
    *,
    jobs: int | None = None,
    force: bool = False,
    tell: Callable[[Run], None] = lambda run: None,
) -> Path:
    """Execute the notebooks and build the book.

    Parameters
    ----------
    root : pathlib.Path
        The project.
    data : str
        Value of the parameter ``data`` in every notebook that declares it.
    jobs : int, optional
        Worker processes.
    force : bool
        Execute every notebook, whatever the cache has.
    tell : callable
        Called with each run as it ends.

    Returns
    -------
    pathlib.Path
        The first page of the book.

    Raises
    ------
    ParameterError
        Before anything runs, for a parameter cell that is not valid.
    NotebookError
        If any notebook fails: all failures in one text. The published book stays as it was.
    BuildError
        If Jupyter Book warns, a page would load something from another host, or another build runs.
    """
    _check_yaml(_required(root / "_config.yml"))
    contents(root)
    with held(root / "_build"):
        editions.sweep(root)
        before = snapshot(root, data)
        pages, executed = _execute_until_settled(root, data, jobs=jobs, force=force, tell=tell)
        with _stage(root, pages, executed) as (stage, fingerprint):
            settled = before.is_of_loaded_code and snapshot(root, data) == before
            read = [found for run in executed for found in run.made.read.items()]
            beside = {name: told for name, told in read if name.partition("/")[0] not in SOURCES}
            made_of = MadeOf(before.digest if settled else "", beside)
            _publish(root, executed, stage, fingerprint, made_of, force=force)
    return root / "_build" / "html" / "index.html"


def print_pdf(root: Path) -> Path:
    """The published book as ``_build/book.pdf``; see :func:`print_book` for errors."""
    return print_book(root / "_build" / "html", read_plan(root), root / "_build" / "book.pdf")


def _execute_until_settled(root: Path, data: str, **options: Any) -> tuple[list[Page], list[Run]]:
    """Execute the pages; where one was saved while it ran, what it is now is run as well."""
    for _ in range(ATTEMPTS - 1):
        pages = contents(root)
        try:
            return pages, execute_pages(root, pages, data, **options)
        except PagesMoved:
            options["force"] = False
    pages = contents(root)
    return pages, execute_pages(root, pages, data, **options)


def _publish(
    root: Path, executed: Sequence[Run], stage: Path, fingerprint: str, made_of: MadeOf, *, force: bool
) -> None:
    """Put the staged pages in place as HTML, unless they are there."""
    published = editions.current(root)
    same = None if force or published is None or published.fingerprint() != fingerprint else published
    if same and same.is_whole(*editions.PARTS):
        editions.link_parts(root)
        if same.made_of() != made_of:
            editions.now_made_of(same, made_of)
        return
    with editions.draft(root) as draft:
        for run in executed:
            # as it was staged
            copy(stage / (name := f"{run.request.page.entry}.ipynb"), draft.part("pages") / name)
            for file in run.made.results:
                copy(file, draft.part("results") / file.name)
        if same and same.is_whole("html"):
            shutil.copytree(same.part("html"), draft.part("html"))
        else:
            _build_html(root, stage, draft.part("html"), executed, Kept.of(root, "pages", fresh=force))
        editions.publish(root, draft, fingerprint, made_of)


def _build_html(root: Path, stage: Path, target: Path, executed: Sequence[Run], kept: Kept) -> None:
    built = jupyter_book(root, stage)
    try:
        finish(built, read_plan(stage, {run.request.page.entry: run.day for run in executed}), kept)
        _check_offline(built)
        os.rename(built, target)
    finally:
        shutil.rmtree(built.parents[1], ignore_errors=True)


def store(root: Path) -> Store:
    """Where the book's executed pages are kept."""
    return Store(root / "_build" / "cache", keep=KEPT_VERSIONS)


def learnt(root: Path) -> Path:
    """Where its pages share what learners predict."""
    return root / "_build" / KEPT / "learnt"


def execute_pages(
    root: Path, pages: Sequence[Page], data: str, *, jobs: int | None, force: bool, tell: Callable
) -> list[Run]:
    """Run the notebooks among ``pages``; see :func:`build` for parameters and errors."""
    requests, kept, sources = [], store(root), SourceTree(root, Kept.of(root, "sources", fresh=force))
    for page in pages:
        if page.is_notebook:
            overrides = {"data": data} if "data" in page.defaults else {}
            requests.append(runs.request(page, overrides, root, sources=sources))
    sources.keep()
    for wanted in requests:
        kept.pin(wanted.page.name, data, wanted.key)
    options: dict[str, Any] = {"jobs": jobs, "force": force, "tell": tell, "fewest": FEWEST_FORKED}
    options["learnt"] = learnt(root)
    # what stands before the first study finds what that study's pages have learnt
    rooms = [wanted.page.name.split("/")[0] for wanted in requests]
    first = next((room for room in rooms if room != "book"), "book")
    in_turn = sorted(requests, key=lambda wanted: wanted.page.name.split("/")[0] != first)
    ended = runs.run_all(in_turn, root, kept, imports=lambda page: LIBRARIES, **options)
    by_page = {run.request.page.name: run for run in ended}
    executed = [by_page[wanted.page.name] for wanted in requests]
    failures = [run.error for run in executed if run.error]
    if any(run.error and run.request.key.saved_since(()) for run in executed):
        raise PagesMoved("\n\n".join(failures))
    if failures:
        text = "\n\n".join(failures)
        raise NotebookError(
            f"{text}\n\n{len(failures)} of {len(executed)} pages failed; the published book was not touched"
        )
    return executed


@contextmanager
def _stage(root: Path, pages: Sequence[Page], executed: Sequence[Run]) -> Iterator[tuple[Path, str]]:
    """The folder that Jupyter Book reads, and the hash of all that matters in it."""
    stage = root / "_build" / "stage"
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(parents=True)
    for name in ("_config.yml", "_toc.yml"):
        copy(_required(root / name), stage / name)
    stage_assets(root, stage, {page.path for page in pages})
    for page in pages:
        if not page.is_notebook and page.path:
            copy(page.path, stage / page.path.relative_to(root))
    for run in executed:
        write_text(stage / f"{run.request.page.entry}.ipynb", shareable(run.made.page, root))
    stage_mathjax(stage)
    stage_explorer(root, stage)
    stage_live(root, stage)
    notebooks = [page for page in pages if page.is_notebook]
    entries = {page.entry: page.path for page in pages}
    if "book/parameters" in entries:
        introduction = _read(entries["book/parameters"])
        columns = "book/codebook" not in entries
        write_text(stage / "book/parameters.md", generated.parameters_page(introduction, notebooks, columns))
    _stage_words(root, stage, entries)
    if "book/status" not in entries:
        yield stage, _fingerprint(stage)
        return
    introduction, campaign = _read(entries["book/status"]), read_campaign(root)
    status = partial(
        generated.status_page,
        introduction,
        executed,
        campaign=campaign,
        processors=read_processors(root),
        built=read_page_record(root),
    )
    write_text(stage / "book/status.md", status(with_origin=False))
    fingerprint = _fingerprint(stage)
    write_text(stage / "book/status.md", status())
    yield stage, fingerprint


def _stage_words(root: Path, stage: Path, entries: Mapping[str, Path | None]) -> None:
    """Glossary, code book and plan of classes, where the table of contents has them."""
    if "book/glossary" in entries:
        page = glossary_page(root / GLOSSARY, entries, _read(entries["book/glossary"]))
        write_text(stage / "book/glossary.md", page)
    if "book/codebook" in entries:
        write_text(stage / "book/codebook.md", codebook_page(_read(entries["book/codebook"])))
    if TEACHING in entries:
        page = teaching_page(read_classes(root / PLAN), entries, _read(entries[TEACHING]))
        write_text(stage / f"{TEACHING}.md", page)


def _fingerprint(stage: Path) -> str:
    """Hash of the staged pages and of what makes HTML of them."""
    return digest_of([tree_hash(stage), *CODE, *installed()])


def stage_assets(root: Path, stage: Path, pages: set[Path | None]) -> None:
    """Everything in ``book/`` that is not a page: pictures, bibliography, ``_static``."""
    for path in sorted((root / "book").rglob("*")):
        relative = path.relative_to(root / "book")
        if not path.is_file() or path in pages or any(part.startswith(".") for part in relative.parts):
            continue
        place = stage if relative.parts[0] == "_static" else stage / "book"
        copy(path, place / relative)


def stage_mathjax(stage: Path) -> None:
    """MathJax for ``html_extra_path``; in ``_static`` every script of it would load on every page."""
    try:
        source = Path(str(metadata.distribution(MATHJAX_PACKAGE).locate_file(MATHJAX_PACKAGE)))
    except metadata.PackageNotFoundError:
        raise BuildError(f"the package {MATHJAX_PACKAGE} is not installed; run `make environment`") from None
    source = source / "static" / "mathjax"
    for part in MATHJAX_PARTS:
        target = stage / "_mathjax" / "mathjax" / part
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (source / part).is_dir() else shutil.copyfile)(source / part, target)


def jupyter_book(root: Path, stage: Path, *, strict: bool = True) -> Path:
    """Run Jupyter Book into a new folder: a second run into an old one forgets the first one's warnings.

    Parameters
    ----------
    strict : bool
        Treat warnings as failures.

    Returns
    -------
    pathlib.Path
        The built pages, two levels below a temporary folder that the caller removes.
    """
    output = Path(tempfile.mkdtemp(prefix=draft_prefix(), dir=root / "_build"))
    command = [sys.executable, "-c", JUPYTER_BOOK, "build", str(stage), "--path-output", str(output)]
    command += ["--builder", "html", *(["-W", "-n", "--keep-going"] if strict else [])]
    try:
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            env=_environment(),
        )
        text = COLOURS.sub("", done.stdout)
        log = root / "_build" / "logs" / "book.log"
        write_text(log, text)
        html = output / "_build" / "html"
        if done.returncode or not (html / "index.html").is_file():
            raise BuildError(_complaints(text, stage, root, log))
    except BaseException:
        shutil.rmtree(output, ignore_errors=True)
        raise
    return html


def _environment() -> dict[str, str]:
    return {**os.environ, "NO_COLOR": "1", "PYTHONUTF8": "1"}


def _complaints(log: str, stage: Path, root: Path, file: Path) -> str:
    lines = [line for line in log.splitlines() if "WARNING:" in line or "ERROR:" in line]
    lines = lines or log.strip().splitlines()[-SHOWN_WARNINGS:]
    shown = "\n".join(f"  {line.replace(f'{stage}/', '')}" for line in lines[:SHOWN_WARNINGS])
    more = f"\n  … {len(lines) - SHOWN_WARNINGS} more" if len(lines) > SHOWN_WARNINGS else ""
    return (
        f"Jupyter Book refused the pages (a warning is a failure):\n{shown}{more}\n"
        f"the published book was not touched; the whole log is {file.relative_to(root)}"
    )


def _check_offline(html: Path) -> None:
    remote = external_resources(html)
    if remote:
        shown = "\n".join(f"  {resource}" for resource in remote[:SHOWN_WARNINGS])
        raise BuildError(
            f"{len(remote)} places of the book load something from another host, so it would not read "
            f"offline:\n{shown}\nship the file with the book; the published book was not touched"
        )


def _check_yaml(file: Path) -> None:
    try:
        told = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise BuildError(f"{file.name} is not valid YAML: {error}") from None
    if not isinstance(told, dict):
        raise BuildError(f"{file.name} is empty or not a mapping of names and values")


def _required(path: Path) -> Path:
    if not path.is_file():
        raise BuildError(f"{path.name} is missing in {path.parent}")
    return path


def _read(path: Path | None) -> str | None:
    return path.read_text(encoding="utf-8") if path and path.is_file() else None

"""One notebook run with parameters of the reader's choice."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from digital_clusters.errors import NotebookError
from digital_clusters.files import copy
from digital_clusters.pipeline import notebooks, parameters, runs
from digital_clusters.pipeline.book import learnt, store
from digital_clusters.pipeline.page_html import render
from digital_clusters.pipeline.points.names import point_id
from digital_clusters.pipeline.runs import Run


@dataclass(frozen=True)
class Result:
    """The executed notebook, the files of estimates it saved and, if asked for, the page as HTML."""

    page: Path
    results: list[Path]
    html: Path | None = None


def run_page(
    root: Path,
    name: str,
    options: Iterable[str],
    *,
    html: bool = False,
    force: bool = False,
    tell: Callable[[Run], None] = lambda run: None,
) -> Result:
    """Run the notebook ``name`` with ``options`` of the form ``name=value``.

    With the notebook's own parameters the estimates go to ``_build/results``, where the book's are; with
    others they stay beside the executed notebook in ``_build/runs``, so that the book's are not replaced.

    Parameters
    ----------
    html : bool
        Build the page as HTML too, beside the executed notebook.

    Raises
    ------
    ParameterError
        Before anything runs.
    NotebookError
        If a cell fails.
    BuildError
        If the page cannot be built.
    """
    page = notebooks.find(root, name)
    wanted = runs.request(page, parameters.parse_options(options), root)
    (ended,) = runs.run_all([wanted], root, store(root), jobs=1, force=force, learnt=learnt(root), tell=tell)
    if ended.error:
        raise NotebookError(ended.error)
    place = root / "_build" / "runs" / page.name / _variant(wanted)
    estimates = place.parent / place.name if wanted.overrides else root / "_build" / "results"
    target = place.with_name(f"{place.name}.ipynb")
    copy(ended.made.page, target)
    saved = [estimates / file.name for file in ended.made.results]
    for source, file in zip(ended.made.results, saved, strict=True):
        copy(source, file)
    rendered = render(root, page, target, place.with_name(f"{place.name}.html")) if html else None
    return Result(target, saved, rendered)


def parameter_list(root: Path, name: str | None) -> str:
    """Parameters of one notebook, or of all of them, with type, range, default and meaning."""
    pages = [notebooks.find(root, name)] if name else notebooks.notebooks(root)
    return "\n\n".join(_section(page) for page in pages)


def _section(page: notebooks.Page) -> str:
    # a cell with a bad default is refused here too, not only when it runs
    defaults = parameters.validate_parameters(page.name, page.defaults, {}, page.limits)
    rows = [
        parameters.describe_parameter(name, default, page.limits.get(name))
        for name, default in defaults.items()
    ]
    lines = []
    for row in rows:
        allowed = ", ".join(part for part in (row.type, row.range) if part)
        lines.append(f"  {row.name} = {row.default}\n      {row.description}; {allowed}")
    return "\n".join([page.name, *(lines or ["  no parameters"])])


def _variant(wanted: runs.Request) -> str:
    return point_id(json.loads(json.dumps(wanted.overrides)))

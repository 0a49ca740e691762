"""The two pages whose tables are written from the build itself: options and status."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime

from digital_clusters.paths import data_folder
from digital_clusters.pipeline import parameters
from digital_clusters.pipeline.notebooks import Page
from digital_clusters.pipeline.runs import Run
from digital_clusters.pipeline.upkeep.campaign import Tried
from digital_clusters.pipeline.upkeep.page_record import PageRecord
from digital_clusters.pipeline.upkeep.page_tables import pages_section
from digital_clusters.pipeline.upkeep.processors import Processors
from digital_clusters.sources.columns import describe_panel_columns
from digital_clusters.sources.tables import LABELS

STATUS_INTRODUCTION = """\
# Status of the pages

When each executed page last ran, for how long, on which data, with which parameters and at which commit
of the code. A page runs again when its text, the code it can import, the data it read, its parameters, the
lock or an installed package change, and only then. A `+` after a commit: files differed from it.
"""

PARAMETERS_INTRODUCTION = """\
# Parameters

Every parameter that a notebook of this book can declare. `digital-clusters run study/section -p name=value`
runs a notebook with another value; sweep files use the same names. An unknown name, a wrong type or a value
outside the range is refused before anything runs.
"""

COLUMNS_INTRODUCTION = """\
## Columns of the panels

What `outcome`, `treatment`, `moderator`, `instrument`, `mediators` and `controls` can name. A panel has
some of them, and a source may lack others; an error then says why.
"""


CAMPAIGN_INTRODUCTION = """\
## What was done to the project, and what was lost

Faults made on purpose, with small books, by `make campaign`: how often each kind was tried in its last
run, and how often a page was stale afterwards, published files were mixed or gone, or a command ended in
a stack trace. Where a file is edited that a page does not read, it is how often the page ran again all the
same.
"""

PROCESSORS_INTRODUCTION = """\
## Numbers that depend on the type of processor

The book of the synthetic twin, built by the linear algebra of two types of processor ({usual} and {other},
at commit `{commit}`, {date}): of {compared:,} saved numbers {differing:,} differ in their first {digits}
significant digits{largest}. Where two splits of a boosted tree are nearly as good, rounding decides.
"""

MOST_PLACES = 20
"""Rows of the table of numbers that depend on the processor; the record has all."""


def status_page(
    introduction: str | None,
    runs: Sequence[Run],
    with_origin: bool = True,
    campaign: Sequence[Tried] = (),
    processors: Processors | None = None,
    built: PageRecord | None = None,
) -> str:
    """Markdown of the status page.

    Parameters
    ----------
    introduction : str or None
        What stands above the table; ``None`` for the built-in text.
    runs : sequence of Run
        All of them successful.
    with_origin : bool
        Whether to say which pages ran in this build and which come from the cache. The comparison of two
        builds leaves it out: everything else is a fact about the page.
    campaign : sequence of Tried
        What is told of faults; without any the section is left out.
    processors : Processors or None
        What is told of numbers that depend on the processor; without it the section is left out.
    built : PageRecord or None
        What is told of the weight of pages and of what is against them; without it the section is left out.
    """
    head = ["Page", "Ran (UTC)", "Seconds", "Data", "Commit"]
    head += ["In this build"] if with_origin else []
    ran = _table(head, [_status_row(run, with_origin) for run in runs])
    used = _table(["Page", "Parameters"], [_parameters_row(run) for run in runs])
    text = f"{ran}\n\n## Parameters of each page\n\n{used}"
    if campaign:
        text += f"\n\n{CAMPAIGN_INTRODUCTION}\n{_campaign_table(campaign)}"
    if processors:
        text += f"\n\n{_processors(processors)}"
    if built:
        text += f"\n\n{pages_section(built)}"
    return _page(introduction or STATUS_INTRODUCTION, text)


def _campaign_table(campaign: Sequence[Tried]) -> str:
    rows = [[one.kind, f"{one.tried:,}", f"{one.lost:,}", one.date, f"`{one.commit}`"] for one in campaign]
    return _table(["Fault", "Tried", "Lost", "Date", "Commit"], rows)


def _processors(record: Processors) -> str:
    ordered = sorted(record.differing.items(), key=lambda item: -item[1])
    slopes = [apart for place, apart in ordered if " / coefficients / " in place]
    largest = (
        f", {len(slopes)} coefficients among them by at most {slopes[0]:.1%} of their size" if slopes else ""
    )
    told = {**asdict(record), "differing": len(ordered), "largest": largest}
    introduction = PROCESSORS_INTRODUCTION.format(**told)
    if not ordered:
        return introduction
    rows = [[f"`{place}`", f"{apart:.1g}"] for place, apart in ordered[:MOST_PLACES]]
    return f"{introduction}\n{_table(['Number (file, row, entry)', 'Relative difference'], rows)}"


def parameters_page(introduction: str | None, pages: Iterable[Page], with_columns: bool = True) -> str:
    """Markdown of the options table (what is allowed, default, meaning), and who declares what.

    The columns of the panels follow where the project has a code book, unless ``with_columns`` is false:
    then a page of their own has them.
    """
    rows = []
    for name in parameters.vocabulary():
        row = parameters.describe_parameter(name)
        allowed = ", ".join(part for part in (row.type, row.range) if part)
        rows.append([f"`{name}`", allowed, f"`{row.default}`", row.description])
    options = _table(["Name", "Allowed", "Default", "Meaning"], rows)
    names = [[_link(page), ", ".join(_declared(page)) or "–"] for page in pages]
    declared = _table(["Page", "Parameters"], names)
    text = f"{options}\n\n## Declared by\n\n{declared}"
    if not with_columns:
        text += "\n\nWhat columns these can name, in English and Chinese: {doc}`codebook`."
    elif (data_folder() / "codebook.yml").is_file():
        text += f"\n\n{COLUMNS_INTRODUCTION}\n{_panel_columns()}"
    return _page(introduction or PARAMETERS_INTRODUCTION, text)


def _declared(page: Page) -> Iterator[str]:
    """Names of a page's parameters, with what it allows less of than the project does."""
    for name, default in page.defaults.items():
        limit = page.limits.get(name)
        row = parameters.describe_parameter(name, default, limit)
        allowed = row.type if isinstance(limit, list) else row.range
        yield f"`{name}` ({allowed})" if limit else f"`{name}`"


def _panel_columns() -> str:
    found = describe_panel_columns()
    rows = [[f"`{row.column}`", row.unit, row.meaning, row.zh] for row in found.itertuples()]
    return _table(["Column", "Unit", "Meaning", "In Chinese"], rows)


def _status_row(run: Run, with_origin: bool) -> list[str]:
    made = run.metadata()
    started = datetime.fromisoformat(made["start_time"])
    data = LABELS.get(made["data"], "–") if made["data"] else "–"
    row = [_link(run.request.page), f"{started:%Y-%m-%d %H:%M}", f"{made['duration']:.1f}", data]
    row += [f"`{made['commit']}`"]
    return row + (["from the cache" if run.cached else "executed"] if with_origin else [])


def _parameters_row(run: Run) -> list[str]:
    values = [f"`{name}={value!r}`" for name, value in run.metadata()["parameters"].items()]
    return [_link(run.request.page), " ".join(values) or "–"]


def _link(page: Page) -> str:
    return f"[{page.name}](/{page.entry})"


def _page(introduction: str, table: str) -> str:
    return f"{introduction.rstrip()}\n\n{table}\n"


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
